//! Escaping for LaTeX.

use super::{is_unsafe, push_escape};

/// Escapes text for a cell of a LaTeX table, so that it is typeset as typed: no command,
/// no mathematics, no comment, no new cell or row, no ligature. It needs no package, and
/// UTF-8 as its encoding.
pub fn latex(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut before = None;
    for c in text.trim().chars() {
        match c {
            c if c.is_whitespace() => out.push(' '),
            c if is_unsafe(c) => {
                let mut shown = String::new();
                push_escape(c, &mut shown);
                out.push_str(&latex(&shown));
            }
            // Two of them would be a dash.
            '-' if before == Some('-') => out.push_str("{}-"),
            c => match command(c) {
                Some(command) => out.push_str(command),
                None => out.push(c),
            },
        }
        before = Some(c);
    }
    out
}

/// Returns the command that typesets a special character.
fn command(c: char) -> Option<&'static str> {
    Some(match c {
        '\\' => "\\textbackslash{}",
        '{' => "\\{",
        '}' => "\\}",
        '$' => "\\$",
        '&' => "\\&",
        '#' => "\\#",
        '_' => "\\_",
        '%' => "\\%",
        '^' => "\\textasciicircum{}",
        '~' => "\\textasciitilde{}",
        // The usual fonts have other characters in their places.
        '<' => "\\textless{}",
        '>' => "\\textgreater{}",
        '|' => "\\textbar{}",
        '"' => "''",
        // After the end of a row they would belong to it; quotation marks are ligatures.
        '[' => "{[}",
        ']' => "{]}",
        '*' => "{*}",
        '`' => "{`}",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn ordinary_text_is_kept() {
        for text in [
            "",
            "after training",
            "é ß Ж 漢",
            "R = 3.5 (at most) + 1/2; a-b!",
        ] {
            assert_eq!(latex(text), text);
        }
    }

    #[test]
    fn special_characters_are_typeset_not_obeyed() {
        for (text, shown) in [
            ("\\", "\\textbackslash{}"),
            ("{", "\\{"),
            ("}", "\\}"),
            ("$", "\\$"),
            ("&", "\\&"),
            ("#", "\\#"),
            ("^", "\\textasciicircum{}"),
            ("_", "\\_"),
            ("~", "\\textasciitilde{}"),
            ("%", "\\%"),
            ("<", "\\textless{}"),
            (">", "\\textgreater{}"),
            ("|", "\\textbar{}"),
            ("test_accuracy", "test\\_accuracy"),
            (
                "\\input{/etc/passwd}",
                "\\textbackslash{}input\\{/etc/passwd\\}",
            ),
            (
                "a\\\\[2cm]*",
                "a\\textbackslash{}\\textbackslash{}{[}2cm{]}{*}",
            ),
            ("a---b ``c\"", "a-{}-{}-b {`}{`}c''"),
            (" a\n\n\tb ", "a   b"),
            ("\u{1b}[2J", "\\textbackslash{}u\\{1b\\}{[}2J"),
        ] {
            assert_eq!(latex(text), shown, "{text:?}");
        }
    }

    /// Text without its escapes.
    fn unescaped(text: &str) -> String {
        let mut rest = text.to_owned();
        for c in [
            "\\", "^", "~", "<", ">", "|", "{", "}", "$", "&", "#", "_", "%",
        ] {
            rest = rest.replace(&latex(c), "");
        }
        ["{[}", "{]}", "{*}", "{`}", "{}-"]
            .iter()
            .fold(rest, |rest, shown| rest.replace(shown, ""))
    }

    proptest! {
        #[test]
        fn nothing_special_is_left_of_any_text(text in "[\\\\{}$&#^_~%<>|\\[\\]*`\" a\\-\\n\u{1b}]{0,40}") {
            let left = unescaped(&latex(&text));
            prop_assert!(
                !left.contains(|c| "\\{}$&#^_~%<>|[]*`\"\n\u{1b}".contains(c)),
                "{text:?}: {left:?}"
            );
        }
    }
}
