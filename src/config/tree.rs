//! A spec as it was written: TOML values with their places.

use std::collections::BTreeMap;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::bounds;
use super::names::clip;

/// Place of a key or value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Place {
    /// Number of the file among those of the spec, and byte offset in it.
    File(usize, usize),
    /// Index of the `--set` option that wrote it.
    Set(usize),
}

/// A value and the place where it starts.
#[derive(Debug, Clone)]
pub struct Node {
    pub value: Value,
    pub place: Place,
    /// The value as it was typed on the command line, which keys that take text take
    /// as it is, whatever else it could be read as.
    pub typed: Option<String>,
}

/// Any TOML value.
#[derive(Debug, Clone)]
pub enum Value {
    String(String),
    Integer(i64),
    Float(f64),
    Bool(bool),
    /// Dates, and integers beyond 64 bits, as written: no key takes them.
    Other(String),
    Array(Vec<Node>),
    Table(Vec<TableEntry>),
}

/// A key with its value, in the order of the file.
#[derive(Debug, Clone)]
pub struct TableEntry {
    pub key: String,
    pub place: Place,
    pub node: Node,
}

/// Syntax error: its place and a message.
pub type SyntaxFault = (Place, String);

/// Parses the text of this file; as many syntax faults as the parser can find.
pub fn parse(text: &str, file: usize) -> Result<Node, Vec<SyntaxFault>> {
    let place = |offset| Place::File(file, offset);
    if let Some((offset, message)) = bounds::long_key(text) {
        return Err(vec![(place(offset), message)]);
    }
    let (table, errors) = DeTable::parse_recoverable(text);
    if errors.is_empty() {
        return Ok(table_node(table.get_ref(), place(0), &place));
    }
    let fault = |error: &toml::de::Error| {
        let offset = error.span().map_or(0, |span| span.start);
        (place(offset), error.message().to_owned())
    };
    Err(errors.iter().map(fault).collect())
}

/// Parses one value, all of it at this place.
pub fn parse_value(text: &str, place: Place) -> Result<Node, String> {
    if let Some((_, message)) = bounds::long_key(text) {
        return Err(message);
    }
    let value = DeValue::parse(text).map_err(|error| error.message().to_owned())?;
    Ok(node(&value, &|_| place))
}

/// The names of the items of a list, by which dotted keys call them: the `name` of a
/// table that has one of its own, else the position.
pub fn item_names(items: &[Node]) -> Vec<String> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for name in items.iter().filter_map(Node::name) {
        *counts.entry(name).or_default() += 1;
    }
    let name = |(index, item): (usize, &Node)| {
        let own = item
            .name()
            .filter(|name| is_name(name) && counts[name] == 1);
        own.map_or_else(|| index.to_string(), str::to_owned)
    };
    items.iter().enumerate().map(name).collect()
}

/// True for a name: it becomes part of file names and names arrays.
pub fn is_name(text: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    let starts = text.starts_with(|c: char| c.is_ascii_alphanumeric());
    starts && text.len() <= 80 && text.chars().all(plain)
}

/// Lays one tree over another: tables key by key, everything else as a whole.
pub fn overlay(base: &mut Node, own: Node) {
    let place = own.place;
    match (&mut base.value, own.value) {
        (Value::Table(base), Value::Table(own)) => {
            for entry in own {
                match base.iter_mut().find(|other| other.key == entry.key) {
                    Some(other) => {
                        other.place = entry.place;
                        overlay(&mut other.node, entry.node);
                    }
                    None => base.push(entry),
                }
            }
        }
        (base, own) => *base = own,
    }
    base.place = place;
}

fn node(value: &Spanned<DeValue<'_>>, place: &dyn Fn(usize) -> Place) -> Node {
    let here = place(value.span().start);
    let value = match value.get_ref() {
        DeValue::String(text) => Value::String(text.to_string()),
        DeValue::Integer(digits) => i64::from_str_radix(digits.as_str(), digits.radix())
            .map_or_else(|_| Value::Other(digits.to_string()), Value::Integer),
        DeValue::Float(digits) => digits
            .as_str()
            .parse()
            .map_or_else(|_| Value::Other(digits.to_string()), Value::Float),
        DeValue::Boolean(value) => Value::Bool(*value),
        DeValue::Datetime(date) => Value::Other(date.to_string()),
        DeValue::Array(items) => Value::Array(items.iter().map(|i| node(i, place)).collect()),
        DeValue::Table(table) => return table_node(table, here, place),
    };
    Node::new(value, here)
}

fn table_node(table: &DeTable<'_>, here: Place, place: &dyn Fn(usize) -> Place) -> Node {
    let entry = |(key, value): (&Spanned<std::borrow::Cow<'_, str>>, &_)| TableEntry {
        key: key.get_ref().to_string(),
        place: place(key.span().start),
        node: node(value, place),
    };
    Node::new(Value::Table(table.iter().map(entry).collect()), here)
}

impl Node {
    /// A value of a file, or one that was made.
    pub fn new(value: Value, place: Place) -> Self {
        Self {
            value,
            place,
            typed: None,
        }
    }

    /// Takes the value of a key out of a table.
    pub fn take(&mut self, key: &str) -> Option<Node> {
        let Value::Table(entries) = &mut self.value else {
            return None;
        };
        let at = entries.iter().position(|entry| entry.key == key)?;
        Some(entries.remove(at).node)
    }

    /// The value of a key of a table.
    pub fn get(&self, key: &str) -> Option<&Node> {
        let Value::Table(entries) = &self.value else {
            return None;
        };
        let entry = entries.iter().find(|entry| entry.key == key)?;
        Some(&entry.node)
    }

    /// The value of a key of a table, to be changed.
    pub fn get_mut(&mut self, key: &str) -> Option<&mut Node> {
        let Value::Table(entries) = &mut self.value else {
            return None;
        };
        let entry = entries.iter_mut().find(|entry| entry.key == key)?;
        Some(&mut entry.node)
    }

    /// True if it is a table with this key.
    pub fn has(&self, key: &str) -> bool {
        self.get(key).is_some()
    }

    /// The `name` of a table that has one.
    pub fn name(&self) -> Option<&str> {
        self.get("name")?.text()
    }

    /// The text of a string, or of whatever was typed on the command line.
    pub fn text(&self) -> Option<&str> {
        match &self.value {
            Value::String(text) => Some(text),
            _ => self.typed.as_deref(),
        }
    }

    /// The text of a sentence, which may be typed over several lines, as one line.
    pub fn sentence(&self) -> Option<String> {
        self.text().map(one_line)
    }

    /// The value of a number; integers count.
    pub fn number(&self) -> Option<f64> {
        match self.value {
            Value::Float(number) => Some(number),
            Value::Integer(number) => Some(number as f64),
            _ => None,
        }
    }

    /// A finite number that passes a test.
    pub fn number_where(&self, test: impl Fn(f64) -> bool) -> Option<f64> {
        self.number().filter(|&x| x.is_finite() && test(x))
    }

    /// An integer of at least 0.
    pub fn count(&self) -> Option<u64> {
        match self.value {
            Value::Integer(number) => u64::try_from(number).ok(),
            _ => None,
        }
    }

    /// An integer of at least 1.
    pub fn positive(&self) -> Option<usize> {
        let count = usize::try_from(self.count()?).ok()?;
        (count > 0).then_some(count)
    }

    /// The items of a list.
    pub fn items(&self) -> Option<&[Node]> {
        match &self.value {
            Value::Array(items) => Some(items),
            _ => None,
        }
    }

    /// The items of a list, to be changed; none of anything else.
    pub fn items_mut(&mut self) -> &mut [Node] {
        match &mut self.value {
            Value::Array(items) => items,
            _ => &mut [],
        }
    }

    /// A list whose every item can be read.
    pub fn list<T>(&self, read: impl Fn(&Node) -> Option<T>) -> Option<Vec<T>> {
        self.items()?.iter().map(read).collect()
    }
}

impl Value {
    /// The value as a short name, for tables and folders: strings bare, spaces left out.
    pub fn label(&self) -> String {
        let list = |items: Vec<String>| items.join(",");
        match self {
            Self::String(text) => text.clone(),
            // Very large and very small ones would be long rows of zeros.
            Self::Float(number) if *number != 0.0 && !(1e-4..1e7).contains(&number.abs()) => {
                format!("{number:e}")
            }
            Self::Float(number) => number.to_string(),
            Self::Array(items) => {
                let items = items.iter().map(|item| item.value.label());
                format!("[{}]", list(items.collect()))
            }
            Self::Table(entries) => {
                let entry =
                    |entry: &TableEntry| format!("{}={}", entry.key, entry.node.value.label());
                format!("{{{}}}", list(entries.iter().map(entry).collect()))
            }
            other => other.show(),
        }
    }

    /// The value as a message shows it: strings quoted, long ones cut.
    pub fn show(&self) -> String {
        match self {
            Self::String(text) => clip(&format!("{text:?}")),
            Self::Integer(number) => number.to_string(),
            Self::Float(number) => format!("{number:?}").replace("NaN", "nan"),
            Self::Bool(value) => value.to_string(),
            Self::Other(text) => clip(text),
            Self::Table(_) => "a table".to_owned(),
            Self::Array(items) => {
                let shown: Vec<String> = items.iter().map(|item| item.value.show()).collect();
                clip(&format!("[{}]", shown.join(", ")))
            }
        }
    }
}

/// Joins the lines of a text by spaces, without indentation and empty lines.
pub fn one_line(text: &str) -> String {
    if !text.contains('\n') {
        return text.to_owned();
    }
    let lines = text.lines().map(str::trim);
    let lines: Vec<&str> = lines.filter(|line| !line.is_empty()).collect();
    lines.join(" ")
}

#[cfg(test)]
mod tests;
