//! Files without a known structure, letter by letter.

use super::{Versions, both, quoted};

/// Compares the bytes; fails with the first place that differs.
pub fn compare(versions: Versions<'_>) -> Result<(), String> {
    if versions.are_same_bytes() {
        return Ok(());
    }
    let published: Vec<char> = String::from_utf8_lossy(versions.published)
        .chars()
        .collect();
    let rerun: Vec<char> = String::from_utf8_lossy(versions.rerun).chars().collect();
    let pairs = published.iter().zip(&rerun);
    let same = pairs.take_while(|(ours, theirs)| ours == theirs).count();
    let before = published[..same].iter().rev();
    let column = before.take_while(|letter| **letter != '\n').count() + 1;
    let line = published[..same].iter().filter(|l| **l == '\n').count() + 1;
    let rest = |text: &[char]| quoted(&text[same..].iter().collect::<String>());
    let (ours, theirs) = (rest(&published), rest(&rerun));
    if ours == theirs {
        return Err("the bytes differ, although no letter does".to_owned());
    }
    Err(format!(
        "line {line}, column {column}: {}",
        both(ours, theirs)
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exact(published: &str, rerun: &str) -> String {
        let versions = Versions::new(published.as_bytes(), rerun.as_bytes());
        compare(versions).err().unwrap_or_default()
    }

    #[test]
    fn the_first_letter_that_differs_is_named_with_both_texts() {
        assert_eq!(exact("same", "same"), "");
        insta::assert_snapshot!(exact("<svg>\n<a/>\n", "<svg>\n<b/>\n"), @r"line 2, column 2: published `a/>\n`, rerun `b/>\n`");
        insta::assert_snapshot!(exact("<svg>\n", "<svg>\n</svg>"), @"line 2, column 1: published nothing, rerun `</svg>`");
        let versions = Versions::new(b"\xfe", b"\xff");
        insta::assert_snapshot!(compare(versions).unwrap_err(), @"the bytes differ, although no letter does");
    }
}
