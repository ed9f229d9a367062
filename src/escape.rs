//! Escaping of untrusted text for terminals, logs, drawings and pages: titles, claims,
//! names, paths, cells and addresses may hold anything.

mod address;
mod latex;
mod markdown;

use std::borrow::Cow;
use std::fmt::Write;
use std::path::Path;

pub use address::{address, argument};
pub use latex::latex;
pub use markdown::{link, markdown};

/// Returns one line of text for a terminal, a log or a drawing: line breaks, control
/// characters and marks that change the direction of text are shown as `\n` or `\u{1b}`.
pub fn line(text: &str) -> Cow<'_, str> {
    replace(text, is_unsafe, |c, out| match c {
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\t' => out.push_str("\\t"),
        _ => push_escape(c, out),
    })
}

/// Returns text of this program for a terminal or a log: like [`line()`], but with line
/// breaks and tabs. Untrusted parts of it must be escaped by [`line()`] already.
pub fn lines(text: &str) -> Cow<'_, str> {
    let is_unsafe = |c| is_unsafe(c) && !matches!(c, '\n' | '\t');
    replace(text, is_unsafe, push_escape)
}

/// Returns a text cut after this number of characters, with `...` for the rest.
pub fn clip(text: &str, most: usize) -> Cow<'_, str> {
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}...", &text[..end]).into(),
        None => text.into(),
    }
}

/// Returns a path as [`line()`] shows it. An address that was given for a path loses its
/// password.
pub fn path(path: &Path) -> String {
    line(&argument(&path.to_string_lossy())).into_owned()
}

/// Returns an equivalent JSON document that is safe to print: characters that JSON keeps,
/// but a terminal would obey, become escapes such as `\u202e`.
pub fn json(document: &str) -> Cow<'_, str> {
    // Outside strings, line breaks are the only such characters.
    let is_unsafe = |c| is_unsafe(c) && !matches!(c, '\n' | '\t');
    replace(document, is_unsafe, |c, out| {
        for unit in c.encode_utf16(&mut [0; 2]) {
            // Writing to a string cannot fail.
            let _ = write!(out, "\\u{unit:04x}");
        }
    })
}

/// True for characters that do not belong into a line of text: control characters, line and
/// paragraph separators, marks of text direction, noncharacters, and invisible characters
/// except the joiners of scripts and emoji.
pub fn is_unsafe(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{ad}'
                | '\u{61c}'
                | '\u{180e}'
                | '\u{200b}'
                | '\u{200e}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{feff}'
                | '\u{fff9}'..='\u{fffb}'
                | '\u{fffe}'
                | '\u{ffff}'
                | '\u{e0000}'..='\u{e007f}'
        )
}

/// True for characters of a line of text, including the marks that join or separate
/// letters of some scripts.
pub fn is_text(c: char) -> bool {
    !is_unsafe(c) || matches!(c, '\u{200c}' | '\u{200d}')
}

fn push_escape(c: char, out: &mut String) {
    // Writing to a string cannot fail.
    let _ = write!(out, "{}", c.escape_unicode());
}

/// Replaces every character that `is_unsafe`; most texts have none.
fn replace(
    text: &str,
    is_unsafe: impl Fn(char) -> bool,
    replace: impl Fn(char, &mut String),
) -> Cow<'_, str> {
    if !text.contains(&is_unsafe) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if is_unsafe(c) {
            replace(c, &mut out);
        } else {
            out.push(c);
        }
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_has_no_control_characters_and_no_marks_of_direction() {
        let text = "a\u{1b}[2J\nb\r\t\u{7}\u{7f}\u{9b}31m\u{202e}\u{2067}\u{200b}\u{2028}\u{feff}";
        assert_eq!(
            line(text),
            "a\\u{1b}[2J\\nb\\r\\t\\u{7}\\u{7f}\\u{9b}31m\\u{202e}\\u{2067}\\u{200b}\\u{2028}\\u{feff}"
        );
    }

    #[test]
    fn ordinary_text_is_shown_as_it_is() {
        for text in [
            "",
            "it learns",
            "é ß Ж 漢 א 🙂 ± − · ≥ \\ ` <b>",
            "e\u{301}",
            "👩\u{200d}🔬",
        ] {
            assert!(matches!(line(text), Cow::Borrowed(same) if same == text));
        }
    }

    #[test]
    fn lines_keep_breaks_and_tabs_alone() {
        assert_eq!(lines("a\n\tb\r\u{1b}\u{85}"), "a\n\tb\\u{d}\\u{1b}\\u{85}");
    }

    #[test]
    fn letters_of_all_scripts_are_text() {
        assert!(
            "Légende, 100\u{a0}% – e\u{301}, 数字 (שלום) 👩\u{200d}🔬"
                .chars()
                .all(is_text)
        );
        assert!(!"\n\t\u{1b}\u{7f}\u{85}\u{2028}\u{202e}\u{2066}".contains(is_text));
    }

    #[test]
    fn escaping_twice_changes_nothing() {
        let once = line("\u{1b}\n\\").into_owned();
        assert_eq!(lines(&line(&once)), once);
    }

    #[test]
    fn a_json_document_keeps_its_content() {
        let value = serde_json::json!({ "a\u{202e}": "\u{7f}\u{9b}\u{e0001}\u{1b}\n" });
        let document = format!("{value:#}");
        let shown = json(&document);
        assert!(!shown.contains(|c| is_unsafe(c) && c != '\n'), "{shown}");
        let back: serde_json::Value = serde_json::from_str(&shown).unwrap();
        assert_eq!(back, value);
    }

    #[test]
    fn a_path_is_one_line() {
        assert_eq!(path(Path::new("a\nb/\u{1b}c")), "a\\nb/\\u{1b}c");
    }
}
