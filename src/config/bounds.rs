//! Bounds on the size of a spec, and with it on the work of reading and checking it.

use std::borrow::Cow;

use toml_parser::lexer::TokenKind;

use super::fault::{Faults, dotted};
use super::names::clip;
use super::tree::{Node, Place, TableEntry, Value, item_names, one_line};
use crate::escape;

/// Highest size of a file in bytes: a hundred times that of the longest published spec.
pub const MAX_BYTES: u64 = 1_000_000;

/// Highest number of keys in a file.
const MAX_KEYS: usize = 20_000;

/// Highest length of a key in bytes.
const MAX_KEY_LEN: usize = 200;

/// Highest number of tables and lists around a value, and of parts of a dotted key.
const MAX_DEPTH: usize = 16;

/// Highest number of items in a list.
const MAX_ITEMS: usize = 10_000;

/// Highest number of characters in a text.
const MAX_TEXT: usize = 1000;

/// Highest number of entries in lists of tables. Inversions are compared two by two.
const MAX_ENTRIES: [(&str, usize); 5] = [
    ("invert", 200),
    ("figure", 200),
    ("limit", 200),
    ("pair", 1000),
    ("claim", 1000),
];

/// Finds a dotted key of too many parts, before anything is nested that deep, and returns
/// its offset and the error.
pub fn long_key(text: &str) -> Option<(usize, String)> {
    let mut dots = 0;
    for token in toml_parser::Source::new(text).lex() {
        match token.kind() {
            TokenKind::Dot => dots += 1,
            TokenKind::Atom
            | TokenKind::BasicString
            | TokenKind::LiteralString
            | TokenKind::Whitespace => {}
            _ => dots = 0,
        }
        if dots >= MAX_DEPTH {
            let message = format!("a dotted key of more than {MAX_DEPTH} parts");
            return Some((token.span().start(), message));
        }
    }
    None
}

/// Returns the error of a dotted key with too many parts, or one that is too long.
pub fn fault_of_keys(keys: &[&str]) -> Option<String> {
    if keys.len() > MAX_DEPTH {
        return Some(format!("a dotted key of more than {MAX_DEPTH} parts"));
    }
    keys.iter().find_map(|key| fault_of_key(key))
}

fn fault_of_key(key: &str) -> Option<String> {
    let message = || {
        let (key, length) = (clip(key), key.len());
        format!("the key `{key}` has {length} bytes; at most {MAX_KEY_LEN} are allowed")
    };
    (key.len() > MAX_KEY_LEN).then(message)
}

/// Checks sizes, and that every text is one line that can be printed. False if the spec
/// is too large to be read any further.
pub fn check(tree: &Node, faults: &Faults) -> bool {
    let mut check = SizeCheck {
        faults,
        keys: 0,
        fits: true,
    };
    check.node(tree, "", 0);
    check.fits
}

struct SizeCheck<'a> {
    faults: &'a Faults,
    /// The number of keys so far.
    keys: usize,
    fits: bool,
}

impl SizeCheck<'_> {
    fn too_large(&mut self, place: Place, message: String) {
        self.faults.add(place, message);
        self.fits = false;
    }

    fn node(&mut self, node: &Node, path: &str, depth: usize) {
        match &node.value {
            Value::String(text) => self.text(text, node.place, path),
            Value::Integer(_) | Value::Float(_) | Value::Bool(_) | Value::Other(_) => {}
            Value::Array(_) | Value::Table(_) if depth == MAX_DEPTH => {
                let message = format!("`{path}` is nested more than {MAX_DEPTH} levels deep");
                self.too_large(node.place, message);
            }
            Value::Array(items) => self.list(items, node.place, path, depth),
            Value::Table(entries) => {
                for entry in entries {
                    self.entry(entry, path, depth);
                }
            }
        }
    }

    fn entry(&mut self, entry: &TableEntry, path: &str, depth: usize) {
        self.keys += 1;
        if let Some(message) = fault_of_key(&entry.key) {
            self.too_large(entry.place, message);
            return;
        }
        if self.keys == MAX_KEYS + 1 {
            let message = format!("the spec has more than {MAX_KEYS} keys");
            self.too_large(entry.place, message);
        }
        if self.keys <= MAX_KEYS {
            self.node(&entry.node, &dotted(path, &entry.key), depth + 1);
        }
    }

    fn list(&mut self, items: &[Node], place: Place, path: &str, depth: usize) {
        let own = MAX_ENTRIES.iter().find(|(list, _)| *list == path);
        let most = own.map_or(MAX_ITEMS, |(_, most)| *most);
        if items.len() > most {
            let message = format!(
                "`{path}` has {} entries; at most {most} are allowed",
                items.len()
            );
            self.too_large(place, message);
            return;
        }
        for (item, name) in items.iter().zip(item_names(items)) {
            self.node(item, &dotted(path, &name), depth + 1);
        }
    }

    fn text(&mut self, text: &str, place: Place, path: &str) {
        let is_sentence = path
            .rsplit('.')
            .next()
            .is_some_and(|key| SENTENCES.contains(&key));
        let text = if is_sentence {
            Cow::Owned(one_line(text))
        } else {
            Cow::Borrowed(text)
        };
        if let Some((index, c)) = text.chars().enumerate().find(|(_, c)| !escape::is_text(*c)) {
            let (c, index) = (c.escape_default(), index + 1);
            let message =
                format!("`{path}` must be one line of text, and its character {index} is `{c}`");
            self.faults.add(place, message);
        }
        let length = text.chars().count();
        if length > MAX_TEXT {
            let message =
                format!("`{path}` has {length} characters; at most {MAX_TEXT} are allowed");
            self.faults.add(place, message);
        }
    }
}

/// Keys of sentences, which may be typed over several lines.
const SENTENCES: [&str; 5] = ["title", "source", "caption", "says", "is"];

#[cfg(test)]
mod tests {
    use super::super::fault::File;
    use super::super::tree::parse;
    use super::*;

    /// What is wrong with a text, and whether it can be read on.
    fn told(text: &str) -> (String, bool) {
        let faults = Faults::default();
        let tree = match parse(text, 0) {
            Ok(tree) => tree,
            Err(found) => return (found[0].1.clone(), false),
        };
        let fits = check(&tree, &faults);
        let file = File {
            name: "s".to_owned(),
            text: String::new(),
            is_quoted: false,
        };
        (faults.into_error(&[file], &[]).to_string(), fits)
    }

    #[test]
    fn what_is_too_large_is_not_read() {
        let deep =
            |open: &str, close: &str, n| format!("a = {}1{}", open.repeat(n), close.repeat(n));
        let cases = [
            (
                format!("{} = 1", "k".repeat(900_000)),
                "has 900000 bytes; at most 200",
            ),
            (
                format!("{}a = 1", "a.".repeat(400_000)),
                "more than 16 parts",
            ),
            (
                format!("[{}a]", "a . ".repeat(200_000)),
                "more than 16 parts",
            ),
            (
                format!("a = {{{}a = 1}}", "\"b\".".repeat(200_000)),
                "more than 16 parts",
            ),
            (deep("[", "]", 17), "nested more than 16 levels deep"),
            (deep("{a=", "}", 17), "nested more than 16 levels deep"),
            (deep("[", "]", 100_000), "cannot recurse further"),
            (deep("{a=", "}", 100_000), "cannot recurse further"),
            (
                "[[claim]]\n".repeat(1001),
                "`claim` has 1001 entries; at most 1000",
            ),
            (
                "[[invert]]\n".repeat(201),
                "`invert` has 201 entries; at most 200",
            ),
            (
                format!("seeds = [{}]", "1,".repeat(10_001)),
                "`seeds` has 10001 entries",
            ),
            (
                (0..20_001)
                    .map(|i| format!("k{i} = 1"))
                    .collect::<Vec<_>>()
                    .join("\n"),
                "more than 20000 keys",
            ),
        ];
        for (text, expected) in cases {
            let (shown, fits) = told(&text);
            assert!(
                shown.contains(expected) && !fits,
                "{expected}: {shown:.500}"
            );
            assert!(shown.len() < 10_000, "{expected}: {}", shown.len());
        }
    }

    #[test]
    fn a_spec_of_the_largest_size_is_read() {
        let text = format!(
            "{}{} = 1\nb = {}1{}\nc = '{}'\n{}",
            "a.".repeat(15),
            "k".repeat(200),
            "[".repeat(15),
            "]".repeat(15),
            "é".repeat(1000),
            "[[claim]]\n".repeat(1000) + &"[[invert]]\n".repeat(200),
        );
        let (shown, fits) = told(&text);
        assert!(fits && shown.contains("has 0 faults"), "{shown}");
    }

    #[test]
    fn a_text_is_one_line_of_what_can_be_seen() {
        let cases = [
            (
                r#"name = "a\nb""#,
                "`name` must be one line of text, and its character 2 is `\\n`",
            ),
            ("t = '''\na\nb'''", "character 2 is `\\n`"),
            (r#"t = "\u001b[31m""#, "character 1 is `\\u{1b}`"),
            (r#"t = "\u202Eabc""#, "character 1 is `\\u{202e}`"),
            ("[[claim]]", "has 0 faults"),
            (
                "[[claim]]\nsays = \"\\t\"",
                "`claim.0.says` must be one line",
            ),
            (
                "[[pair]]\na = {is = \"\\u2028\"}",
                "`pair.0.a.is` must be one line",
            ),
            (
                "[[figure]]\nname = \"f\"\ncaption = \"\\r\"",
                "`figure.f.caption` must be",
            ),
            ("title = \"\"\"\none\n\ttwo\r\n\"\"\"", "has 0 faults"),
        ];
        for (text, expected) in cases {
            let (shown, fits) = told(text);
            assert!(shown.contains(expected) && fits, "{expected}: {shown}");
        }
        let (shown, _) = told(&format!("t = '{}'", "é".repeat(1001)));
        assert!(shown.contains("`t` has 1001 characters; at most 1000 are allowed"));
    }
}
