//! Errors of a spec, all of them at once, each with its place.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::fmt::{self, Write};

use super::describe::{ITEM, KeyDeclaration};
use super::names::{clip, names_in_row, nearest, one_of_names, suggestion};
use super::tree::Place;
use crate::escape;

/// A file that a spec is read from.
#[derive(Debug, Clone)]
pub struct File {
    /// Name in messages.
    pub name: String,
    /// Content.
    pub text: String,
    /// True if messages may quote its lines: never of a file that is not a spec.
    pub is_quoted: bool,
}

/// One error.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Fault {
    place: Place,
    what: What,
}

/// The message of a fault, or what it is made of.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum What {
    Message(String),
    /// The dotted key of the table, empty for the file itself, the key, and the keys
    /// that the table may have.
    UnknownKey {
        table: String,
        key: String,
        allowed: Vec<&'static str>,
    },
}

/// Highest number of errors that are shown.
pub const MAX_SHOWN: usize = 50;

/// Highest number of characters of a line that are shown.
const MAX_LINE: usize = 160;

/// Highest number of characters of an override that are shown.
const MAX_SET: usize = 200;

/// Highest number of other tables that are suggested for an unknown key.
const MAX_PLACES: usize = 3;

/// The keys of every table that was read, by its dotted key.
type Known = BTreeMap<String, BTreeSet<&'static str>>;

/// Collects the faults of one spec while it is read.
#[derive(Debug, Default)]
pub struct Faults {
    found: RefCell<Vec<Fault>>,
    /// A table that two checks look at, or that several experiments share, is
    /// reported once.
    seen: RefCell<HashSet<Fault>>,
    known: RefCell<Known>,
    /// Declarations of keys, if they are asked for.
    declarations: RefCell<Option<Vec<KeyDeclaration>>>,
}

impl Faults {
    /// No faults yet, and every key that is read will be described.
    pub fn with_declarations() -> Self {
        Self {
            declarations: RefCell::new(Some(Vec::new())),
            ..Self::default()
        }
    }

    /// Notes the declaration of a key, if they are asked for.
    pub fn declare(&self, declaration: impl FnOnce() -> KeyDeclaration) {
        if let Some(declarations) = self.declarations.borrow_mut().as_mut() {
            declarations.push(declaration());
        }
    }

    /// Reads another spec, without the declarations of its keys.
    pub fn without_declarations<T>(&self, read: impl FnOnce() -> T) -> T {
        let own = self.declarations.take();
        let value = read();
        self.declarations.replace(own);
        value
    }

    /// The declarations of all keys that were read, in order, with [`ITEM`] for names of
    /// items.
    pub fn into_declarations(self) -> Vec<KeyDeclaration> {
        let declarations = self.declarations.into_inner().unwrap_or_default();
        let generic = |declaration: KeyDeclaration| KeyDeclaration {
            table: generic(&declaration.table),
            ..declaration
        };
        declarations.into_iter().map(generic).collect()
    }

    /// Dotted keys that the tables that were read may have.
    #[cfg(test)]
    pub fn known_paths(&self) -> BTreeSet<String> {
        let known = self.known.borrow();
        let tables = known
            .iter()
            .flat_map(|(table, keys)| keys.iter().map(|key| dotted(&generic(table), key)));
        tables.collect()
    }

    /// Notes a fault.
    pub fn add(&self, place: Place, message: impl Into<String>) {
        let what = What::Message(message.into());
        self.note(Fault { place, what });
    }

    /// Notes a key that its table may not have.
    pub fn unknown_key(&self, place: Place, table: &str, key: &str, allowed: &[&'static str]) {
        let what = What::UnknownKey {
            table: table.to_owned(),
            key: key.to_owned(),
            allowed: allowed.to_vec(),
        };
        self.note(Fault { place, what });
    }

    fn note(&self, fault: Fault) {
        if self.seen.borrow_mut().insert(fault.clone()) {
            self.found.borrow_mut().push(fault);
        }
    }

    /// Notes the keys that a table may have.
    pub fn known_keys(&self, table: &str, keys: &[&'static str]) {
        let mut known = self.known.borrow_mut();
        if !known.contains_key(table) {
            known.insert(table.to_owned(), keys.iter().copied().collect());
        }
    }

    /// True if nothing is wrong so far.
    pub fn is_empty(&self) -> bool {
        self.found.borrow().is_empty()
    }

    /// True if there are more faults than are shown.
    pub fn are_many(&self) -> bool {
        self.found.borrow().len() > MAX_SHOWN
    }

    /// The error that reports them all: file by file, by place, those of `--set` last.
    pub fn into_error(self, files: &[File], sets: &[String]) -> SpecError {
        let mut faults = self.found.into_inner();
        let known = self.known.into_inner();
        faults.sort_by_key(|fault| fault.place);
        let mut shown = String::new();
        for fault in faults.iter().take(MAX_SHOWN) {
            let message = fault.what.message(&known);
            let message = escape::line(&message);
            // Writing to a string cannot fail.
            let _ = match fault.place {
                Place::File(file, offset) => {
                    show_in_file(&mut shown, &files[file], offset, &message)
                }
                Place::Set(index) => {
                    let set: String = sets[index].chars().take(MAX_SET).collect();
                    writeln!(shown, "--set {}: {message}", escape::line(&set))
                }
            };
        }
        if faults.len() > MAX_SHOWN {
            let _ = writeln!(shown, "and {} more", faults.len() - MAX_SHOWN);
        }
        SpecError {
            file: escape::line(&files[0].name).into_owned(),
            count: faults.len(),
            shown: shown.trim_end().to_owned(),
        }
    }
}

impl What {
    fn message(&self, known: &Known) -> String {
        match self {
            Self::Message(message) => message.clone(),
            Self::UnknownKey {
                table,
                key,
                allowed,
            } => {
                let mut hint = suggestion(key, allowed.iter().copied());
                if hint.is_empty() {
                    hint = elsewhere(table, key, known);
                }
                let dotted = dotted(table, &clip(key));
                let allowed = names_in_row(allowed.iter().copied());
                format!("unknown key `{dotted}`{hint} (allowed here: {allowed})")
            }
        }
    }
}

/// Dotted key of a table with [`ITEM`] for the first item of lists.
fn generic(table: &str) -> String {
    let parts = table
        .split('.')
        .map(|part| if part == "0" { ITEM } else { part });
    parts.collect::<Vec<_>>().join(".")
}

/// The dotted key of a key in a table.
pub fn dotted(table: &str, key: &str) -> String {
    if table.is_empty() {
        key.to_owned()
    } else {
        format!("{table}.{key}")
    }
}

/// A suggestion of the tables that do have this key, or one like it.
fn elsewhere(table: &str, key: &str, known: &Known) -> String {
    let all = || known.values().flatten().copied();
    let Some(meant) = nearest(key, all()) else {
        return String::new();
    };
    let having = known.iter().filter(|(_, keys)| keys.contains(meant));
    let mut places: Vec<String> = having.map(|(table, _)| dotted(table, meant)).collect();
    // Another kind of spec may have the key at this place.
    let own = dotted(table, key);
    places.retain(|place| *place != own);
    if places.is_empty() {
        return String::new();
    }
    places.sort_by_key(|place| place.matches('.').count());
    let places = places.iter().take(MAX_PLACES).map(String::as_str);
    format!("; did you mean {}?", one_of_names(places))
}

/// `file:line:column: message`, then the line with a mark under the place.
fn show_in_file(out: &mut String, file: &File, offset: usize, message: &str) -> fmt::Result {
    let text = &file.text;
    let before = &text[..text.floor_char_boundary(offset.min(text.len()))];
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or("").chars().count() + 1;
    let name = escape::line(&file.name);
    writeln!(out, "{name}:{line}:{column}: {message}")?;
    if !file.is_quoted {
        return Ok(());
    }
    let source = text.lines().nth(line - 1).unwrap_or("");
    let quoted: String = source.chars().take(MAX_LINE).map(quoted).collect();
    let before = source.chars().take(MAX_LINE.min(column - 1));
    let indent: String = before.map(blank).collect();
    let number = line.to_string();
    let margin = " ".repeat(number.len());
    writeln!(out, "  {number} | {quoted}")?;
    writeln!(out, "  {margin} | {indent}^")
}

/// A character of a line. Tabs stay, so that the mark is below its place whatever their
/// width.
fn quoted(c: char) -> String {
    match c {
        '\t' => c.to_string(),
        c => escape::line(c.encode_utf8(&mut [0; 4])).into_owned(),
    }
}

/// Blank of the width of a character.
fn blank(c: char) -> String {
    match c {
        '\t' => c.to_string(),
        c => " ".repeat(quoted(c).chars().count()),
    }
}

/// A spec that cannot be run, with every fault it has.
#[derive(Debug, thiserror::Error)]
#[error("{file} has {count} {}\n{shown}", if *count == 1 { "fault" } else { "faults" })]
pub struct SpecError {
    file: String,
    count: usize,
    shown: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(text: &str) -> File {
        File {
            name: "s.toml".to_owned(),
            text: text.to_owned(),
            is_quoted: true,
        }
    }

    fn lines(faults: Faults, file: File) -> Vec<String> {
        let error = faults.into_error(&[file], &["x=1".to_owned()]);
        error.to_string().lines().map(str::to_owned).collect()
    }

    #[test]
    fn a_place_is_shown_with_its_line_and_a_mark() {
        let faults = Faults::default();
        faults.add(Place::Set(0), "no");
        faults.add(Place::File(0, 8), "must be even");
        faults.add(Place::File(0, 8), "must be even");
        let lines = lines(faults, file("a = 1\n\tb = 3\n"));
        assert_eq!(lines[0], "s.toml has 2 faults");
        assert_eq!(lines[1], "s.toml:2:3: must be even");
        assert_eq!(lines[2], "  2 | \tb = 3");
        assert_eq!(lines[3], "    | \t ^");
        assert_eq!(lines[4], "--set x=1: no");
    }

    #[test]
    fn what_a_terminal_obeys_is_escaped_and_the_mark_stays_below_its_place() {
        let faults = Faults::default();
        faults.add(Place::File(0, 5), "got \u{1b}]0;x\u{7}");
        let lines = lines(faults, file("# \u{1b}[A = 1"));
        assert_eq!(lines[1], "s.toml:1:6: got \\u{1b}]0;x\\u{7}");
        assert_eq!(lines[2], "  1 | # \\u{1b}[A = 1");
        assert_eq!(lines[3], "    |           ^");
    }

    #[test]
    fn lines_of_what_is_no_spec_are_not_quoted() {
        let faults = Faults::default();
        faults.add(Place::File(0, 5), "not TOML");
        let secret = File {
            is_quoted: false,
            ..file("user: me")
        };
        assert_eq!(lines(faults, secret)[1..], ["s.toml:1:6: not TOML"]);
    }

    #[test]
    fn an_unknown_key_is_looked_for_in_other_tables() {
        let hint = |key: &str| {
            let faults = Faults::default();
            faults.known_keys("model", &["hidden", "slope"]);
            faults.known_keys("invert.a", &["name", "slope"]);
            faults.known_keys("", &["title"]);
            faults.unknown_key(Place::File(0, 0), "", key, &["title"]);
            lines(faults, file(""))[1].clone()
        };
        let rest = "(allowed here: `title`)";
        let start = "s.toml:1:1: unknown key";
        let expected = format!("{start} `hiden`; did you mean `model.hidden`? {rest}");
        assert_eq!(hint("hiden"), expected);
        let both = "`model.slope` or `invert.a.slope`";
        assert_eq!(
            hint("slope"),
            format!("{start} `slope`; did you mean {both}? {rest}")
        );
        assert_eq!(
            hint("titel"),
            format!("{start} `titel`; did you mean `title`? {rest}")
        );
        assert_eq!(hint("colour"), format!("{start} `colour` {rest}"));
    }
}
