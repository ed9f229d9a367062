//! Reads a table key by key. The call that reads a key is its declaration: what it takes,
//! whether it must be there, and one line about it. Any other key is a fault. After a
//! fault reading goes on, so that all faults of a spec come out together.

use std::cell::RefCell;

use serde::Serialize;

use super::describe::{KeyDeclaration, Presence};
use super::fault::{Faults, dotted};
use super::form::ValueForm;
use super::schema::Schema;
use super::set::spelling;
use super::tree::{Node, Place, TableEntry, Value, item_names};

/// A table of the spec while it is read.
pub struct Reader<'a> {
    entries: &'a [TableEntry],
    place: Place,
    /// The dotted key of the table, empty for the file itself.
    path: String,
    faults: &'a Faults,
    known: RefCell<Vec<&'static str>>,
}

/// A key that is declared and not read yet.
#[must_use = "a key is read when it is known whether it must be there"]
pub struct KeyReader<'r, 'a, T> {
    table: &'r Reader<'a>,
    name: &'static str,
    form: ValueForm<T>,
    about: &'static str,
}

impl<T: 'static> KeyReader<'_, '_, T> {
    /// Reads a key that must be there.
    pub fn required(self) -> Option<T> {
        self.declare(|| Presence::Required);
        if !self.table.has(self.name) {
            let (dotted, must_be) = (self.table.dotted(self.name), self.form.must_be());
            let message = format!("`{dotted}` is missing; it must be {must_be}");
            self.table.faults.add(self.table.place, message);
        }
        self.read()
    }

    /// Reads a key that may be missing.
    pub fn optional(self) -> Option<T> {
        self.declare(|| Presence::Optional);
        self.read()
    }

    /// Reads a key that has this value if it is missing.
    pub fn or(self, default: T) -> T
    where
        T: Serialize,
    {
        self.declare(|| Presence::of_default(&default));
        self.read().unwrap_or(default)
    }

    fn declare(&self, presence: impl FnOnce() -> Presence) {
        let values = || (self.form.schema().clone(), presence());
        self.table.note(self.name, values, self.about);
    }

    fn read(&self) -> Option<T> {
        let node = self.table.node(self.name)?;
        let value = self.form.read(&self.table.dotted(self.name), node);
        value
            .map_err(|message| self.table.fault(self.name, &message))
            .ok()
    }
}

impl<'a> Reader<'a> {
    /// Reads `node` as a table; a fault if it is something else.
    pub fn new(node: &'a Node, path: &str, faults: &'a Faults) -> Option<Self> {
        let Value::Table(entries) = &node.value else {
            let is_table = |node: &Node| matches!(node.value, Value::Table(_));
            let got = got(path, node, &is_table);
            faults.add(node.place, format!("`{path}` must be a table, {got}"));
            return None;
        };
        Some(Self {
            entries,
            place: node.place,
            path: path.to_owned(),
            faults,
            known: RefCell::default(),
        })
    }

    /// Declares a key: the values it takes, and one line about it.
    pub fn key<T>(
        &self,
        name: &'static str,
        form: ValueForm<T>,
        about: &'static str,
    ) -> KeyReader<'_, 'a, T> {
        KeyReader {
            table: self,
            name,
            form,
            about,
        }
    }

    /// Declares a table that may be missing.
    pub fn section(&self, name: &'static str, about: &'static str) -> Option<Reader<'a>> {
        self.note(name, || (Schema::Table, Presence::Optional), about);
        self.table(name)
    }

    /// Declares a table that must be there.
    pub fn required_section(&self, name: &'static str, about: &'static str) -> Option<Reader<'a>> {
        self.note(name, || (Schema::Table, Presence::Required), about);
        if !self.has(name) {
            let message = format!("the table `[{}]` is missing", self.dotted(name));
            self.faults.add(self.place, message);
        }
        self.table(name)
    }

    /// Table at a key that takes other values as well; none if it has one of those.
    pub fn own_table(&self, name: &'static str) -> Option<Reader<'a>> {
        let node = self.node(name)?;
        let is_table = matches!(node.value, Value::Table(_));
        is_table.then(|| self.table(name)).flatten()
    }

    /// Declares a list of tables, such as `[[invert]]`.
    pub fn sections(&self, name: &'static str, about: &'static str) -> Vec<Reader<'a>> {
        self.note(name, || (Schema::Tables, Presence::Optional), about);
        self.tables(name)
    }

    /// Declares a key that is read elsewhere.
    pub fn declare(&self, name: &'static str, schema: Schema, about: &'static str) {
        self.note(name, || (schema, Presence::Optional), about);
    }

    /// Notes that the table may have a key, and its declaration if that is asked for.
    fn note(
        &self,
        name: &'static str,
        values: impl FnOnce() -> (Schema, Presence),
        about: &'static str,
    ) {
        self.known(name);
        self.faults.declare(|| {
            let (schema, presence) = values();
            KeyDeclaration {
                table: self.path.clone(),
                key: name,
                schema,
                presence,
                about,
                when: Vec::new(),
            }
        });
    }

    /// Place of the value of a key, or of the table if it does not have the key.
    pub fn place_of(&self, key: &str) -> Place {
        let entry = self.entries.iter().find(|entry| entry.key == key);
        entry.map_or(self.place, |entry| entry.node.place)
    }

    /// The dotted key of `key` in this table.
    pub fn dotted(&self, key: &str) -> String {
        dotted(&self.path, key)
    }

    /// The node of a key, which is from now on known.
    pub fn node(&self, key: &'static str) -> Option<&'a Node> {
        self.known.borrow_mut().push(key);
        let entry = self.entries.iter().find(|entry| entry.key == key)?;
        Some(&entry.node)
    }

    /// Reports an error at `key`, or at the table if the key is not there.
    pub fn fault(&self, key: &str, message: &str) {
        let dotted = self.dotted(key);
        self.faults
            .add(self.place_of(key), format!("`{dotted}` {message}"));
    }

    /// Reports an error of the table as a whole.
    pub fn fault_of_table(&self, message: &str) {
        let path = &self.path;
        self.faults.add(self.place, format!("`{path}` {message}"));
    }

    /// Reports an error at another place than that of a key.
    pub fn fault_at(&self, place: Place, message: &str) {
        self.faults.add(place, message);
    }

    /// Marks a key as known.
    pub fn known(&self, key: &'static str) {
        self.known.borrow_mut().push(key);
    }

    /// Reads a table in this one, or a variant of it.
    pub fn child<'b>(&self, node: &'b Node, path: &str) -> Option<Reader<'b>>
    where
        'a: 'b,
    {
        Reader::new(node, path, self.faults)
    }

    /// True if the table has the key.
    pub fn has(&self, key: &str) -> bool {
        self.entries.iter().any(|entry| entry.key == key)
    }

    /// The table at `key`, if it is there.
    pub fn table(&self, key: &'static str) -> Option<Reader<'a>> {
        let node = self.node(key)?;
        Reader::new(node, &self.dotted(key), self.faults)
    }

    /// The items of a list of tables such as `[[invert]]`, each with its dotted
    /// key; none if the key is missing.
    pub fn items(&self, key: &'static str) -> Vec<(String, &'a Node)> {
        let Some(node) = self.node(key) else {
            return Vec::new();
        };
        let dotted = self.dotted(key);
        let Some(items) = node.items() else {
            let got = got(&dotted, node, &|node| node.items().is_some());
            let message = format!("must be a list of tables, `[[{dotted}]]`, {got}");
            self.fault(key, &message);
            return Vec::new();
        };
        let names = item_names(items).into_iter();
        names
            .zip(items)
            .map(|(name, item)| (format!("{dotted}.{name}"), item))
            .collect()
    }

    /// The tables of such a list.
    pub fn tables(&self, key: &'static str) -> Vec<Reader<'a>> {
        let items = self.items(key).into_iter();
        items
            .filter_map(|(path, item)| Reader::new(item, &path, self.faults))
            .collect()
    }

    /// Reports all keys that were not declared, each with the nearest one.
    pub fn finish(self) {
        let mut known: Vec<&'static str> = Vec::new();
        for key in self.known.borrow().iter() {
            if !known.contains(key) {
                known.push(key);
            }
        }
        self.faults.known_keys(&self.path, &known);
        for entry in self.entries {
            if !known.contains(&entry.key.as_str()) {
                self.faults
                    .unknown_key(entry.place, &self.path, &entry.key, &known);
            }
        }
    }
}

/// `got "x"`, and how to write it on the command line so that it is accepted.
fn got(key: &str, node: &Node, accepts: &dyn Fn(&Node) -> bool) -> String {
    let hint = spelling(key, node, accepts).unwrap_or_default();
    format!("got {}{hint}", node.value.show())
}
