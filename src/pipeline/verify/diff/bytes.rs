//! Files of no kind that is known better: which byte differs first.

use super::Pair;

/// What differs, byte for byte.
pub fn exact(pair: Pair<'_>) -> Vec<String> {
    let place = first_difference(pair);
    place
        .map(|place| format!("the files differ {place}"))
        .into_iter()
        .collect()
}

/// Where two files begin to differ, if they do: `from byte 12 (line 1) on`,
/// counted from 0 and 1, and how long they are if not equally long.
pub fn first_difference(pair: Pair<'_>) -> Option<String> {
    if pair.has_same_bytes() {
        return None;
    }
    let together = pair.published.iter().zip(pair.again);
    let same = together.take_while(|(a, b)| a == b).count();
    let before = pair.published.iter().take(same);
    let line = before.filter(|byte| **byte == b'\n').count() + 1;
    let (published, again) = (pair.published.len(), pair.again.len());
    let lengths = if published == again {
        String::new()
    } else {
        format!("; published {published} bytes, rerun {again}")
    };
    Some(format!("from byte {same} (line {line}) on{lengths}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(published: &str, again: &str) -> String {
        let pair = Pair {
            published: published.as_bytes(),
            again: again.as_bytes(),
        };
        exact(pair).concat()
    }

    #[test]
    fn the_first_byte_that_differs_is_told() {
        assert_eq!(told("same", "same"), "");
        insta::assert_snapshot!(told("<svg>\n<a/>\n", "<svg>\n<b/>\n"), @"the files differ from byte 7 (line 2) on");
        insta::assert_snapshot!(told("<svg>\n", "<svg>\n</svg>"), @"the files differ from byte 6 (line 2) on; published 6 bytes, rerun 12");
        insta::assert_snapshot!(told("a", ""), @"the files differ from byte 0 (line 1) on; published 1 bytes, rerun 0");
    }
}
