//! A spec as it was written: TOML values that know where they stand, with the
//! overrides of the command line laid over them.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// Where a key or value was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// Which of the files that make up the spec, and the byte offset in it.
    File(usize, usize),
    /// Index of the `--set` option that wrote it.
    Set(usize),
}

/// What [`Node::above_0`] takes: networks are trained in single precision.
pub const ABOVE_0: &str = "a number above 0, from 1e-37 to 1e38";

/// What [`Node::zero_or_above`] takes.
pub const ZERO_OR_ABOVE: &str = "0 or a number above 0, from 1e-37 to 1e38";

/// A value and the place where it starts.
#[derive(Debug, Clone)]
pub struct Node {
    pub value: Value,
    pub place: Place,
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
    Table(Vec<Entry>),
}

/// A key with its value, in the order of the file.
#[derive(Debug, Clone)]
pub struct Entry {
    pub key: String,
    pub place: Place,
    pub node: Node,
}

/// What is wrong with the text itself: a message and the place.
pub type SyntaxFault = (Place, String);

/// Parses the text of this file; as many syntax faults as the parser can find.
pub fn parse(text: &str, file: usize) -> Result<Node, Vec<SyntaxFault>> {
    let (table, errors) = DeTable::parse_recoverable(text);
    let place = |offset| Place::File(file, offset);
    if errors.is_empty() {
        return Ok(table_node(table.get_ref(), place(0), &place));
    }
    let fault = |error: &toml::de::Error| {
        let offset = error.span().map_or(0, |span| span.start);
        (place(offset), error.message().to_owned())
    };
    Err(errors.iter().map(fault).collect())
}

/// The dotted key of a `--set` option.
pub fn key_of(option: &str) -> &str {
    option.split('=').next().unwrap_or_default().trim()
}

/// Lays `key=value` over the tree. The value is TOML, or else a plain word
/// taken as a string; without a value the key is removed. A key walks tables by
/// name and lists of tables by `name` or position: `train.epochs`,
/// `invert.empirical.pixels`, `invert.0.pixels`.
pub fn set(root: &mut Node, option: &str, index: usize) -> Result<(), String> {
    let place = Place::Set(index);
    let (path, text) = option
        .split_once('=')
        .ok_or("must look like `key=value`, such as `train.epochs=5`")?;
    let keys: Vec<&str> = path.split('.').map(str::trim).collect();
    if keys.iter().any(|key| key.is_empty()) {
        return Err(format!(
            "`{path}` is not a dotted key such as `train.epochs`"
        ));
    }
    if text.trim().is_empty() {
        return remove(root, &keys, place);
    }
    let value = match DeValue::parse(text.trim()) {
        Ok(value) => node(&value, &|_| place),
        Err(_) if is_word(text.trim()) => Node {
            value: Value::String(text.trim().to_owned()),
            place,
        },
        Err(error) => return Err(format!("the value is not TOML: {}", error.message())),
    };
    *walk(root, &keys, place)? = value;
    Ok(())
}

/// Puts a value at a dotted key, as [`set`] does.
pub fn put(root: &mut Node, keys: &[&str], value: Node) -> Result<(), String> {
    let place = value.place;
    *walk(root, keys, place)? = value;
    Ok(())
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

/// Takes a key out of its table, which has to hold it.
fn remove(root: &mut Node, keys: &[&str], place: Place) -> Result<(), String> {
    let Some((last, above)) = keys.split_last() else {
        return Ok(());
    };
    let absent = || format!("there is no `{}` to take away", keys.join("."));
    let Value::Table(entries) = &mut walk(root, above, place)?.value else {
        return Err(absent());
    };
    let at = entries.iter().position(|entry| entry.key == *last);
    entries.remove(at.ok_or_else(absent)?);
    Ok(())
}

/// The node at a dotted key, made if it is not there.
fn walk<'a>(root: &'a mut Node, keys: &[&str], place: Place) -> Result<&'a mut Node, String> {
    let mut node = root;
    for (depth, key) in keys.iter().enumerate() {
        let so_far = || keys[..depth].join(".");
        node = match &mut node.value {
            Value::Table(entries) => {
                let found = entries.iter().position(|entry| entry.key == *key);
                let at = found.unwrap_or_else(|| {
                    entries.push(Entry {
                        key: (*key).to_owned(),
                        place,
                        node: Node {
                            value: Value::Table(Vec::new()),
                            place,
                        },
                    });
                    entries.len() - 1
                });
                &mut entries[at].node
            }
            Value::Array(items) => {
                let named = items.iter().position(|item| item.name() == Some(key));
                let at = named.or_else(|| key.parse().ok());
                at.and_then(|at| items.get_mut(at))
                    .ok_or_else(|| format!("`{}` has no item `{key}`", so_far()))?
            }
            other => return Err(format!("`{}` is {}, not a table", so_far(), other.show())),
        };
    }
    Ok(node)
}

/// Text that nobody can have meant as TOML: words and paths.
fn is_word(text: &str) -> bool {
    let plain = |c: char| c.is_alphanumeric() || "_-./\\: ".contains(c);
    let starts = |c: char| c.is_alphabetic() || c == '/' || c == '.';
    text.starts_with(starts) && text.chars().all(plain)
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
    Node { value, place: here }
}

fn table_node(table: &DeTable<'_>, here: Place, place: &dyn Fn(usize) -> Place) -> Node {
    let entry = |(key, value): (&Spanned<std::borrow::Cow<'_, str>>, &_)| Entry {
        key: key.get_ref().to_string(),
        place: place(key.span().start),
        node: node(value, place),
    };
    Node {
        value: Value::Table(table.iter().map(entry).collect()),
        place: here,
    }
}

impl Node {
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

    /// The text of a string.
    pub fn text(&self) -> Option<&str> {
        match &self.value {
            Value::String(text) => Some(text),
            _ => None,
        }
    }

    /// True or false.
    pub fn flag(&self) -> Option<bool> {
        match self.value {
            Value::Bool(flag) => Some(flag),
            _ => None,
        }
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

    /// A number above 0 that single precision holds without loss of digits;
    /// see [`ABOVE_0`].
    pub fn above_0(&self) -> Option<f64> {
        self.number_where(|x| x > 0.0 && (x as f32).is_normal())
    }

    /// 0 or such a number; see [`ZERO_OR_ABOVE`].
    pub fn zero_or_above(&self) -> Option<f64> {
        let zero = self.number_where(|x| x == 0.0);
        zero.or_else(|| self.above_0())
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
                let entry = |entry: &Entry| format!("{}={}", entry.key, entry.node.value.label());
                format!("{{{}}}", list(entries.iter().map(entry).collect()))
            }
            other => other.show(),
        }
    }

    /// The value as a message shows it: strings quoted, long ones cut.
    pub fn show(&self) -> String {
        match self {
            Self::String(text) => clip(format!("{text:?}")),
            Self::Integer(number) => number.to_string(),
            Self::Float(number) => format!("{number:?}").replace("NaN", "nan"),
            Self::Bool(value) => value.to_string(),
            Self::Other(text) => clip(text.clone()),
            Self::Table(_) => "a table".to_owned(),
            Self::Array(items) => {
                let shown: Vec<String> = items.iter().map(|item| item.value.show()).collect();
                clip(format!("[{}]", shown.join(", ")))
            }
        }
    }
}

fn clip(text: String) -> String {
    const LONGEST: usize = 60;
    if text.chars().count() <= LONGEST {
        return text;
    }
    text.chars().take(LONGEST).chain("...".chars()).collect()
}

#[cfg(test)]
mod tests;
