//! What is wrong with a spec, all of it at once, each fault with its place.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::fmt::{self, Write};

use super::tree::Place;
use crate::escape;

/// A file that a spec is read from.
#[derive(Debug, Clone)]
pub struct File {
    /// What faults call it.
    pub name: String,
    /// All of it.
    pub text: String,
}

/// One thing wrong.
#[derive(Debug, Clone)]
struct Fault {
    place: Place,
    message: String,
}

/// More faults than this come of one cause.
const MOST_SHOWN: usize = 50;

/// A line is shown up to here.
const LONGEST_LINE: usize = 160;

/// Collects the faults of one spec while it is read.
#[derive(Debug, Default)]
pub struct Faults(RefCell<Vec<Fault>>);

impl Faults {
    /// Notes a fault.
    pub fn add(&self, place: Place, message: impl Into<String>) {
        let message = message.into();
        self.0.borrow_mut().push(Fault { place, message });
    }

    /// True if nothing is wrong so far.
    pub fn is_empty(&self) -> bool {
        self.0.borrow().is_empty()
    }

    /// The error that tells them all: file by file, by place, those of `--set` last.
    pub fn into_error(self, files: &[File], sets: &[String]) -> SpecError {
        let mut faults = self.0.into_inner();
        faults.sort_by_key(|fault| fault.place);
        // A table that two checks look at, or that several experiments share, is told once.
        let mut told = BTreeSet::new();
        faults.retain(|fault| told.insert((fault.place, fault.message.clone())));
        let mut shown = String::new();
        for fault in faults.iter().take(MOST_SHOWN) {
            // Writing to a string cannot fail.
            let _ = match fault.place {
                Place::File(file, offset) => {
                    show_in_file(&mut shown, &files[file], offset, &fault.message)
                }
                Place::Set(index) => {
                    let (set, message) = (escape::line(&sets[index]), escape::line(&fault.message));
                    writeln!(shown, "--set {set}: {message}")
                }
            };
        }
        if faults.len() > MOST_SHOWN {
            let _ = writeln!(shown, "and {} more", faults.len() - MOST_SHOWN);
        }
        SpecError {
            file: escape::line(&files[0].name).into_owned(),
            count: faults.len(),
            shown: shown.trim_end().to_owned(),
        }
    }
}

/// `file:line:column: message`, then the line with a mark under the place.
fn show_in_file(out: &mut String, file: &File, offset: usize, message: &str) -> fmt::Result {
    let File { name, text } = file;
    let before = &text[..text.floor_char_boundary(offset.min(text.len()))];
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or("").chars().count() + 1;
    let source: String = text
        .lines()
        .nth(line - 1)
        .unwrap_or("")
        .chars()
        .take(LONGEST_LINE)
        .collect();
    let (name, message) = (escape::line(name), escape::line(message));
    writeln!(out, "{name}:{line}:{column}: {message}")?;
    let number = line.to_string();
    let margin = " ".repeat(number.len());
    let indent: String = source
        .chars()
        .take(column - 1)
        .map(|c| if c == '\t' { '\t' } else { ' ' })
        .collect();
    writeln!(out, "  {number} | {source}")?;
    writeln!(out, "  {margin} | {indent}^")
}

/// A spec that cannot be run, with every fault it has.
#[derive(Debug, thiserror::Error)]
#[error("{file} has {count} {}\n{shown}", if *count == 1 { "fault" } else { "faults" })]
pub struct SpecError {
    file: String,
    count: usize,
    shown: String,
}

/// The candidate most like `name`, if any is like it: at most a third of the
/// letters differ (swapped neighbours count once).
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let distance = |candidate: &&str| strsim::damerau_levenshtein(name, candidate);
    let best = candidates.into_iter().min_by_key(distance)?;
    let longest = name.chars().count().max(best.chars().count());
    (distance(&best) * 3 <= longest).then_some(best)
}

/// `; did you mean ...?` or nothing.
pub fn suggestion<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> String {
    nearest(name, candidates).map_or_else(String::new, |best| format!("; did you mean `{best}`?"))
}

/// `a`, `b`, `c`
pub fn names_in_row<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    let quoted: Vec<String> = names.into_iter().map(|name| format!("`{name}`")).collect();
    quoted.join(", ")
}

/// `a`, `b` or `c`
pub fn one_of_names<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    let quoted: Vec<String> = names.into_iter().map(|name| format!("`{name}`")).collect();
    match quoted.split_last() {
        None => "nothing".to_owned(),
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} or {last}", rest.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_is_close_or_not_given() {
        let names = ["train", "data", "learning_rate"];
        assert_eq!(nearest("trian", names), Some("train"));
        assert_eq!(nearest("lerning_rate", names), Some("learning_rate"));
        assert_eq!(nearest("colour", names), None);
        assert_eq!(nearest("x", []), None);
    }

    #[test]
    fn a_place_is_shown_with_its_line_and_a_mark() {
        let faults = Faults::default();
        faults.add(Place::Set(0), "no");
        faults.add(Place::File(0, 8), "must be even");
        faults.add(Place::File(0, 8), "must be even");
        let file = File {
            name: "s.toml".to_owned(),
            text: "a = 1\n\tb = 3\n".to_owned(),
        };
        let error = faults.into_error(&[file], &["x=1".to_owned()]);
        let lines: Vec<String> = error.to_string().lines().map(str::to_owned).collect();
        assert_eq!(lines[0], "s.toml has 2 faults");
        assert_eq!(lines[1], "s.toml:2:3: must be even");
        assert_eq!(lines[2], "  2 | \tb = 3");
        assert_eq!(lines[3], "    | \t ^");
        assert_eq!(lines[4], "--set x=1: no");
    }
}
