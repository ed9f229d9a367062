//! Forms of values: how a key reads its value, and what it takes, in words and as data.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::ops::{Bound, RangeBounds};
use std::path::PathBuf;

use super::names::{one_of_names, suggestion};
use super::schema::{Order, Schema};
use super::set::spelling;
use super::tree::{Node, Value, is_name};
use crate::data::{Label, MAX_LABELS};

/// Reads a value, if the key takes it.
type Read<T> = Box<dyn Fn(&Node) -> Option<T>>;

/// Values that a key takes.
pub struct ValueForm<T> {
    schema: Schema,
    /// Words to follow "must be".
    text: String,
    /// Words among which the key chooses, for suggestions; empty if it takes others.
    words: Vec<Cow<'static, str>>,
    /// Hint at values of another type.
    hint: String,
    read: Read<T>,
}

impl<T: 'static> ValueForm<T> {
    /// Values that pass `read`, in words to follow "must be", and as data.
    pub fn new(
        text: impl Into<String>,
        schema: Schema,
        read: impl Fn(&Node) -> Option<T> + 'static,
    ) -> Self {
        Self {
            schema,
            text: text.into(),
            words: Vec::new(),
            hint: String::new(),
            read: Box::new(read),
        }
    }

    /// Replaces the words that follow "must be".
    pub fn text(mut self, text: impl Into<String>) -> Self {
        self.text = text.into();
        self
    }

    /// Replaces each value by another one.
    pub fn map<U>(self, map: impl Fn(T) -> U + 'static) -> ValueForm<U> {
        ValueForm {
            schema: self.schema,
            text: self.text,
            words: self.words,
            hint: self.hint,
            read: Box::new(move |node| (self.read)(node).map(&map)),
        }
    }

    /// Narrows the values by a bound that depends on other keys: `text` shows it, the
    /// schema does not.
    pub fn where_known(
        mut self,
        text: impl Into<String>,
        test: impl Fn(&T) -> bool + 'static,
    ) -> Self {
        let read = self.read;
        self.read = Box::new(move |node| read(node).filter(&test));
        self.text(text)
    }

    /// Takes the values of another form as well.
    pub fn or_else(mut self, other: Self) -> Self {
        self.schema = Schema::Any(vec![self.schema, other.schema]);
        let read = self.read;
        self.read = Box::new(move |node| read(node).or_else(|| (other.read)(node)));
        self
    }

    /// Allows values of another type as well, which are read elsewhere.
    pub fn or(mut self, schema: Schema) -> Self {
        self.schema = Schema::Any(vec![self.schema, schema]);
        self
    }

    /// Adds a hint to what messages say about words.
    pub fn hint(mut self, hint: &str) -> Self {
        self.hint = format!(" ({hint})");
        self
    }

    /// Values as data.
    pub fn schema(&self) -> &Schema {
        &self.schema
    }

    /// Words to follow "must be".
    pub fn must_be(&self) -> String {
        if self.text.is_empty() {
            one_of_names(self.words.iter().map(Cow::as_ref))
        } else {
            self.text.clone()
        }
    }

    /// Reads the value at a dotted key, or returns what is wrong with it, to follow the key.
    pub fn read(&self, key: &str, node: &Node) -> Result<T, String> {
        (self.read)(node).ok_or_else(|| {
            let words = self.words.iter().map(Cow::as_ref);
            let hint = match node.text().filter(|_| !self.words.is_empty()) {
                Some(text) => suggestion(text, words),
                None => {
                    spelling(key, node, &|node| (self.read)(node).is_some()).unwrap_or_default()
                }
            };
            let (must_be, shown) = (self.must_be(), node.value.show());
            format!("must be {must_be}, got {shown}{hint}{}", self.hint)
        })
    }
}

impl<T: 'static> ValueForm<Vec<T>> {
    /// Requires items that differ from each other.
    pub fn distinct(self) -> Self
    where
        T: Ord,
    {
        self.ordered(Order::Distinct, |items| all_different(items))
    }

    /// Requires rising items.
    pub fn rising(self, is_below: impl Fn(&T, &T) -> bool + 'static) -> Self {
        self.ordered(Order::Rising, move |items| {
            items.windows(2).all(|pair| is_below(&pair[0], &pair[1]))
        })
    }

    fn ordered(mut self, order: Order, test: impl Fn(&[T]) -> bool + 'static) -> Self {
        if let Schema::List(list) = &mut self.schema {
            list.order = order;
        }
        let read = self.read;
        self.read = Box::new(move |node| read(node).filter(|items| test(items)));
        self
    }
}

/// True or false.
pub fn flag() -> ValueForm<bool> {
    ValueForm::new("true or false", Schema::Flag, |node| match node.value {
        Value::Bool(flag) => Some(flag),
        _ => None,
    })
}

/// A sentence, which may be typed over several lines.
pub fn sentence() -> ValueForm<String> {
    ValueForm::new("a line of text", Schema::Text, Node::sentence)
}

/// Any text.
pub fn text(text: &str) -> ValueForm<String> {
    ValueForm::new(text, Schema::Text, |node| node.text().map(str::to_owned))
}

/// The name of something else in the spec.
pub fn reference(text: &str) -> ValueForm<String> {
    ValueForm::new(text, Schema::Reference, |node| {
        node.text().map(str::to_owned)
    })
}

/// The path of a file or folder.
pub fn path(text: &str) -> ValueForm<PathBuf> {
    ValueForm::new(text, Schema::Reference, |node| {
        let text = node.text().filter(|text| !text.is_empty());
        text.map(PathBuf::from)
    })
}

/// A name that becomes part of file names and names arrays.
pub fn name() -> ValueForm<String> {
    const NAME: &str =
        "a name of up to 80 letters, digits, `-` and `_` that starts with a letter or digit";
    ValueForm::new(NAME, Schema::Reference, |node| {
        node.text().filter(|text| is_name(text)).map(str::to_owned)
    })
}

/// One of these words.
pub fn one_of<T: Clone + 'static>(
    options: impl IntoIterator<Item = (&'static str, T)>,
) -> ValueForm<T> {
    let (words, values): (Vec<&str>, Vec<T>) = options.into_iter().unzip();
    let mut form = one_of_these(words.iter().map(|&word| Cow::Borrowed(word)).zip(values));
    form.schema = Schema::Word(words);
    form
}

/// One of these names, which other keys of the spec decide.
pub fn one_of_named<T: Clone + 'static>(
    options: impl IntoIterator<Item = (String, T)>,
) -> ValueForm<T> {
    let options = options.into_iter();
    one_of_these(options.map(|(name, value)| (Cow::Owned(name), value)))
}

fn one_of_these<T: Clone + 'static>(
    options: impl Iterator<Item = (Cow<'static, str>, T)>,
) -> ValueForm<T> {
    let options: Vec<(Cow<'static, str>, T)> = options.collect();
    let words = options.iter().map(|(word, _)| word.clone()).collect();
    let form = ValueForm::new("", Schema::Reference, move |node| {
        let word = match node.value {
            Value::Bool(true) => "true",
            Value::Bool(false) => "false",
            _ => node.text()?,
        };
        let found = options.iter().find(|(option, _)| option == word);
        found.map(|(_, value)| value.clone())
    });
    ValueForm { words, ..form }
}

/// A whole number within a range: "a number of pixels from 1 to 255".
pub fn whole(what: &str, range: impl RangeBounds<usize>) -> ValueForm<usize> {
    let (min, max) = ends(&range);
    let until = max.map_or_else(String::new, |max| format!(" to {max}"));
    let text = format!("{what} from {min}{until}");
    ValueForm::new(text, Schema::Whole(min, max), move |node| {
        let number = usize::try_from(node.count()?).ok()?;
        (number >= min && max.is_none_or(|max| number <= max)).then_some(number)
    })
}

/// The number of a class, below this number of labels.
pub fn number_label(labels: usize) -> ValueForm<Label> {
    whole("a label", 0..labels.min(MAX_LABELS)).map(|label| Label::Number(label as u8))
}

/// Different labels of classes, all numbers or all words.
pub fn labels(
    text: impl Into<String>,
    len: impl RangeBounds<usize> + Clone + 'static,
) -> ValueForm<Vec<Label>> {
    let word = ValueForm::new("", Schema::Text, |node| {
        let label = Label::parse(node.text()?).ok()?;
        label.is_word().then_some(label)
    });
    let numbers = list("", len.clone(), number_label(MAX_LABELS)).distinct();
    numbers.or_else(list("", len, word).distinct()).text(text)
}

/// A finite number within a range.
pub fn number(text: impl Into<String>, range: impl RangeBounds<f64> + 'static) -> ValueForm<f64> {
    let schema = Schema::Number(range.start_bound().cloned(), range.end_bound().cloned());
    ValueForm::new(text, schema, move |node| {
        node.number_where(|number| range.contains(&number))
    })
}

/// A number above 0, without loss of digits in single precision, in which networks are
/// trained.
pub fn above_0() -> ValueForm<f64> {
    number("a number above 0, from 1e-37 to 1e38", 1e-37..=1e38)
}

/// 0, or such a number.
pub fn zero_or_above() -> ValueForm<f64> {
    let zero = number("0 or a number above 0, from 1e-37 to 1e38", 0.0..=0.0);
    zero.or_else(above_0())
}

/// A list of values of one form.
pub fn list<T: 'static>(
    text: impl Into<String>,
    len: impl RangeBounds<usize> + 'static,
    item: ValueForm<T>,
) -> ValueForm<Vec<T>> {
    let (min, max) = ends(&len);
    let schema = Schema::list(item.schema, min, max);
    ValueForm::new(text, schema, move |node| {
        let items = node.list(|node| (item.read)(node))?;
        len.contains(&items.len()).then_some(items)
    })
}

/// Lowest and highest number of a range.
fn ends(range: &impl RangeBounds<usize>) -> (usize, Option<usize>) {
    let min = match range.start_bound() {
        Bound::Included(&min) => min,
        Bound::Excluded(&below) => below + 1,
        Bound::Unbounded => 0,
    };
    let max = match range.end_bound() {
        Bound::Included(&max) => Some(max),
        Bound::Excluded(&above) => above.checked_sub(1),
        Bound::Unbounded => None,
    };
    (min, max)
}

/// True if there is at least one item and no two are equal.
pub fn all_different<T: Ord>(items: &[T]) -> bool {
    let distinct: BTreeSet<&T> = items.iter().collect();
    !items.is_empty() && distinct.len() == items.len()
}
