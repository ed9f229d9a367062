//! Values of a key as data, from which references and JSON schemas are written.

use std::ops::Bound;

use serde_json::{Value as Json, json};

use super::names::one_of_names;

/// Values that a key takes.
#[derive(Debug, Clone, PartialEq)]
pub enum Schema {
    /// True or false.
    Flag,
    /// A line of text.
    Text,
    /// The name of a file, or of something else in the spec, which has to exist.
    Reference,
    /// One of these words, which may decide which other keys there are.
    Word(Vec<&'static str>),
    /// One of these names.
    Name(Vec<&'static str>),
    /// A whole number, at least the first, and at most the second if there is one.
    Whole(usize, Option<usize>),
    /// A finite number within these bounds.
    Number(Bound<f64>, Bound<f64>),
    /// A list.
    List(Box<List>),
    /// A table; its own keys are declared where it is read.
    Table,
    /// A list of tables.
    Tables,
    /// One of several.
    Any(Vec<Schema>),
}

/// Values that make up a list.
#[derive(Debug, Clone, PartialEq)]
pub struct List {
    /// Values of each item.
    pub items: Schema,
    /// Lowest number of items.
    pub min: usize,
    /// Highest number of items, if there is one.
    pub max: Option<usize>,
    /// Constraint on the items among each other.
    pub order: Order,
}

/// Constraint on the items of a list among each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// No constraint.
    Any,
    /// No two items are equal.
    Distinct,
    /// Every item is above the one before, which a JSON schema cannot say.
    Rising,
}

impl Schema {
    /// A list of `min` to `max` items.
    pub fn list(items: Self, min: usize, max: Option<usize>) -> Self {
        let order = Order::Any;
        Self::List(Box::new(List {
            items,
            min,
            max,
            order,
        }))
    }

    /// The alternatives: itself, unless it is one of several.
    pub fn alternatives(&self) -> &[Self] {
        match self {
            Self::Any(schemas) => schemas,
            one => std::slice::from_ref(one),
        }
    }

    /// The words among the alternatives; none if it takes no words.
    pub fn words(&self) -> &[&'static str] {
        let alternatives = self.alternatives().iter();
        let mut words = alternatives.filter_map(|schema| match schema {
            Self::Word(words) => Some(&words[..]),
            _ => None,
        });
        words.next_back().unwrap_or_default()
    }

    /// JSON schema of the values, given that of the table, if it is among them.
    pub fn json(&self, table: &Json) -> Json {
        match self {
            Self::Flag => json!({ "type": "boolean" }),
            Self::Text | Self::Reference => json!({ "type": "string" }),
            Self::Word(words) | Self::Name(words) => {
                // A spec may have the word as a value of TOML.
                let flag = words.contains(&"true").then(|| json!(true));
                let words = words.iter().map(|&word| word.into());
                json!({ "enum": words.chain(flag).collect::<Vec<Json>>() })
            }
            // Whole numbers of TOML have 64 bits.
            Self::Whole(min, None) => {
                json!({ "type": "integer", "minimum": min, "maximum": i64::MAX })
            }
            Self::Whole(min, Some(max)) => {
                json!({ "type": "integer", "minimum": min, "maximum": max })
            }
            Self::Number(low, high) => number(*low, *high),
            Self::List(list) => list.json(),
            Self::Table => table.clone(),
            Self::Tables => json!({ "type": "array", "items": table }),
            Self::Any(schemas) => {
                let schemas: Vec<Json> = schemas.iter().map(|one| one.json(table)).collect();
                json!({ "anyOf": schemas })
            }
        }
    }

    /// Values in words.
    pub fn text(&self) -> String {
        match self {
            Self::Flag => "true or false".to_owned(),
            Self::Text => "a text".to_owned(),
            Self::Reference => "a name or a path".to_owned(),
            Self::Word(words) | Self::Name(words) => one_of_names(words.iter().copied()),
            Self::Whole(min, None) => format!("a whole number from {min}"),
            Self::Whole(min, Some(max)) => format!("a whole number from {min} to {max}"),
            Self::Number(low, high) => number_in_words(*low, *high),
            Self::List(list) => list.text(),
            Self::Table => "a table".to_owned(),
            Self::Tables => "tables, each with a heading in double brackets".to_owned(),
            Self::Any(schemas) => {
                let texts: Vec<String> = schemas.iter().map(Self::text).collect();
                texts.join(", or ")
            }
        }
    }

    /// A value, as TOML.
    pub fn sample(&self) -> String {
        match self {
            Self::Flag => "true".to_owned(),
            Self::Text | Self::Reference => "\"NAME\"".to_owned(),
            Self::Word(words) | Self::Name(words) => format!("{:?}", words.first().unwrap_or(&"")),
            Self::Whole(min, _) => min.to_string(),
            Self::Number(Bound::Included(low), _) => format!("{low:?}"),
            Self::Number(Bound::Excluded(low), _) => format!("{:?}", low + 1.0),
            Self::Number(Bound::Unbounded, _) => "0.0".to_owned(),
            Self::List(list) => list.sample(),
            Self::Table => "{}".to_owned(),
            Self::Tables => "[{}]".to_owned(),
            Self::Any(schemas) => schemas.first().map_or_else(String::new, Self::sample),
        }
    }
}

impl List {
    fn json(&self) -> Json {
        let mut json =
            json!({ "type": "array", "items": self.items.json(&Json::Null), "minItems": self.min });
        if let Some(max) = self.max {
            json["maxItems"] = max.into();
        }
        if self.order != Order::Any {
            json["uniqueItems"] = true.into();
        }
        json
    }

    fn text(&self) -> String {
        let count = match self.max {
            Some(max) if max == self.min => format!("{max}"),
            Some(max) => format!("{} to {max}", self.min),
            None => format!("{} or more", self.min),
        };
        let order = match self.order {
            Order::Any => "",
            Order::Distinct => ", all different",
            Order::Rising => ", rising",
        };
        let items = self.items.text();
        format!("a list of {count} items{order}, each {items}")
    }

    fn sample(&self) -> String {
        let item = |index: usize| match (&self.items, self.order) {
            (_, Order::Any) => self.items.sample(),
            (Schema::Whole(min, _), _) => (min + index).to_string(),
            (Schema::Number(..), _) => format!("{index}.0"),
            (_, _) => format!("\"NAME{index}\""),
        };
        let items: Vec<String> = (0..self.min).map(item).collect();
        format!("[{}]", items.join(", "))
    }
}

fn number_in_words(low: Bound<f64>, high: Bound<f64>) -> String {
    let low = match low {
        Bound::Included(low) => format!(" from {low:?}"),
        Bound::Excluded(low) => format!(" above {low:?}"),
        Bound::Unbounded => String::new(),
    };
    let high = match high {
        Bound::Included(high) => format!(" to {high:?}"),
        Bound::Excluded(high) => format!(" below {high:?}"),
        Bound::Unbounded => String::new(),
    };
    format!("a number{low}{high}")
}

fn number(low: Bound<f64>, high: Bound<f64>) -> Json {
    let mut json = json!({ "type": "number" });
    match low {
        Bound::Included(low) => json["minimum"] = low.into(),
        Bound::Excluded(low) => json["exclusiveMinimum"] = low.into(),
        Bound::Unbounded => {}
    }
    match high {
        Bound::Included(high) => json["maximum"] = high.into(),
        Bound::Excluded(high) => json["exclusiveMaximum"] = high.into(),
        Bound::Unbounded => {}
    }
    json
}
