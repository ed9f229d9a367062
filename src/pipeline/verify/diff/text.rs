//! Files without a known structure, letter by letter.

use super::{Versions, both, quoted};

/// Compares the bytes; fails with the first place that differs.
pub fn compare(versions: Versions<'_>) -> Result<(), String> {
    if versions.are_same_bytes() {
        return Ok(());
    }
    let [published, rerun] = [versions.published, versions.rerun].map(String::from_utf8_lossy);
    let pairs = published.chars().zip(rerun.chars());
    let same = pairs.take_while(|(ours, theirs)| ours == theirs);
    let end: usize = same.map(|(letter, _)| letter.len_utf8()).sum();
    let before = &published[..end];
    let line = before.matches('\n').count() + 1;
    let column = before.chars().rev().take_while(|c| *c != '\n').count() + 1;
    let (ours, theirs) = (quoted(&published[end..]), quoted(&rerun[end..]));
    if ours == theirs {
        return Err("the bytes differ, although no letter does".to_owned());
    }
    let values = both(ours, theirs);
    Err(format!("line {line}, column {column}: {values}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exact(published: &str, rerun: &str) -> String {
        let [published, rerun] = [published, rerun].map(str::as_bytes);
        let result = compare(Versions { published, rerun });
        result.err().unwrap_or_default()
    }

    #[test]
    fn the_first_letter_that_differs_is_named_with_both_texts() {
        assert_eq!(exact("same", "same"), "");
        insta::assert_snapshot!(exact("<svg>\n<a/>\n", "<svg>\n<b/>\n"), @r"line 2, column 2: published `a/>\n`, rerun `b/>\n`");
        insta::assert_snapshot!(exact("<svg>\n", "<svg>\n</svg>"), @"line 2, column 1: published nothing, rerun `</svg>`");
        let (published, rerun) = (&b"\xfe"[..], &b"\xff"[..]);
        insta::assert_snapshot!(compare(Versions { published, rerun }).unwrap_err(), @"the bytes differ, although no letter does");
    }
}
