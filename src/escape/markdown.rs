//! Escaping for GitHub's Markdown.

use std::fmt::Write;

use super::{is_unsafe, push_escape};

/// Escapes text for one line of a Markdown page, so that it has no HTML, links, images,
/// tables or emphasis. Harmless characters are kept, so that the source stays readable.
pub fn markdown(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let (mut before, mut rest) = (None, text.trim().chars());
    while let Some(c) = rest.next() {
        let next = rest.clone().next();
        match c {
            c if c.is_whitespace() => out.push(' '),
            c if is_unsafe(c) => push_escape(c, &mut out),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' if starts_entity(next) => out.push_str("&amp;"),
            c if is_markup(c, before, next) => out.extend(['\\', c]),
            c => out.push(c),
        }
        before = Some(c);
    }
    out
}

/// True if `&` and this character could start an entity such as `&lt;` or `&#60;`.
fn starts_entity(next: Option<char>) -> bool {
    next.is_some_and(|next| next == '#' || next.is_ascii_alphabetic())
}

/// True if this character, between two others, needs a backslash.
fn is_markup(c: char, before: Option<char>, next: Option<char>) -> bool {
    let is_open = |c: Option<char>| c.is_some_and(char::is_whitespace);
    let is_letter = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    match c {
        '\\' | '`' | '|' | '[' | ']' | '$' | '~' => true,
        // The target of a link.
        '(' => before == Some(']'),
        // Between spaces it emphasises nothing.
        '*' => !(is_open(before) && is_open(next)),
        // Nor does it within a word, such as `test_accuracy`.
        '_' => !(is_letter(before) && is_letter(next)),
        // Headings, lists and rules begin a line.
        '#' | '+' | '-' | '=' => before.is_none(),
        // An image begins before its brackets.
        '!' => next == Some('['),
        _ => false,
    }
}

/// Escapes the target of a link to a file beside the page, so that it neither ends the
/// link nor leads elsewhere.
pub fn link(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/,=+".contains(&byte) {
            out.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(out, "%{byte:02X}");
        }
    }
    // Two slashes in front would name a host.
    match out.strip_prefix("//") {
        Some(rest) => format!("/{}", rest.trim_start_matches('/')),
        None => out,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_sentences_are_kept() {
        for text in [
            "the error is 5 % of 0.71, and e-3 (at most)",
            "test_accuracy of train.epochs=50",
            "delta * x * 0 = 0",
            "Nguyen-Tran, section 1.2: \"is 0 for negative terms\"",
            "R & D; it's 3 - 2 = 1! C# é 漢",
        ] {
            assert_eq!(markdown(text), text);
        }
    }

    #[test]
    fn markup_is_shown_not_obeyed() {
        for (text, shown) in [
            (
                "<script>alert(1)</script>",
                "&lt;script&gt;alert(1)&lt;/script&gt;",
            ),
            (
                "[click](javascript:alert(1))",
                "\\[click\\]\\(javascript:alert(1))",
            ),
            ("![x](http://a)", "\\!\\[x\\]\\(http://a)"),
            ("a\n\n# forged\r\n| b |", "a  # forged  \\| b \\|"),
            ("# a", "\\# a"),
            ("- a", "\\- a"),
            (
                "**b** _c_ `d` ~~e~~ $f$",
                "\\*\\*b\\*\\* \\_c\\_ \\`d\\` \\~\\~e\\~\\~ \\$f\\$",
            ),
            ("&lt;b&gt; &#60;", "&amp;lt;b&amp;gt; &amp;#60;"),
            ("\\<b>", "\\\\&lt;b&gt;"),
            ("a\u{1b}[2J\u{202e}", "a\\u{1b}\\[2J\\u{202e}"),
        ] {
            assert_eq!(markdown(text), shown);
        }
    }

    #[test]
    fn a_link_leads_to_a_file_beside_the_page() {
        assert_eq!(
            link("cmp/summary/figures/a_b-1.png"),
            "cmp/summary/figures/a_b-1.png"
        );
        assert_eq!(link("a b)(<é.png"), "a%20b%29%28%3C%C3%A9.png");
        assert_eq!(link("javascript:alert(1)"), "javascript%3Aalert%281%29");
        assert_eq!(link("//host/x"), "/host/x");
    }
}
