//! Lists of seeds on the command line: `3`, `0,1,4`, `0-9`, `0..10`, `0..=9`.

use std::collections::BTreeSet;
use std::str::FromStr;

use crate::escape;

/// Maximum number of seeds in a list, so that a slip such as `0-99999999` is refused.
const MAX_SEEDS: u64 = 10_000;

/// Largest seed that a spec can hold.
const MAX_SEED: u64 = i64::MAX as u64;

/// Seeds of one list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seeds(pub BTreeSet<u64>);

/// Fault of a list of seeds.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum SeedsError {
    /// Text that is neither a number nor a range.
    #[error(
        "expected seeds from 0 to {}, such as `3`, `0,1,4`, `0-9` or `0..10`, got `{}`",
        MAX_SEED,
        escape::line(.0)
    )]
    NotSeeds(String),
    /// Range from a higher to a lower seed.
    #[error("the range `{0}` is reversed; expected the lower seed first, such as `{1}`")]
    Reversed(String, String),
    /// Range without a seed.
    #[error("the range `{0}` is empty, as `..` excludes its end; expected `{1}`")]
    Empty(String, String),
    /// List of too many seeds.
    #[error("expected at most {most} seeds, got {0}", most = MAX_SEEDS)]
    TooMany(u64),
}

impl Seeds {
    /// Seeds of several lists, in ascending order.
    pub fn union(lists: &[Self]) -> Vec<u64> {
        let all: BTreeSet<u64> = lists.iter().flat_map(|list| &list.0).copied().collect();
        all.into_iter().collect()
    }
}

impl FromStr for Seeds {
    type Err = SeedsError;

    fn from_str(text: &str) -> Result<Self, SeedsError> {
        let mut seeds = BTreeSet::new();
        for part in text.split(',') {
            let (first, last) = range(part.trim())?;
            let count = (last - first).saturating_add(1);
            let all = count.saturating_add(seeds.len() as u64);
            if count > MAX_SEEDS || all > MAX_SEEDS {
                return Err(SeedsError::TooMany(all));
            }
            seeds.extend(first..=last);
        }
        Ok(Self(seeds))
    }
}

/// Formats ascending seeds as a list of ranges: `0-4,7`.
pub fn ranges(seeds: &[u64]) -> String {
    let parts = seeds.chunk_by(|one, next| one + 1 == *next);
    let part = |part: &[u64]| match part {
        [first, .., last] => format!("{first}-{last}"),
        _ => part.iter().map(u64::to_string).collect(),
    };
    parts.map(part).collect::<Vec<_>>().join(",")
}

/// First and last seed of a part of a list.
fn range(part: &str) -> Result<(u64, u64), SeedsError> {
    let seed = |text: &str| {
        let seed = text.trim().parse().ok().filter(|seed| *seed <= MAX_SEED);
        seed.ok_or_else(|| SeedsError::NotSeeds(part.to_owned()))
    };
    let (separator, first, end) = if let Some((first, last)) = part.split_once("..=") {
        ("..=", seed(first)?, seed(last)?)
    } else if let Some((first, end)) = part.split_once("..") {
        ("..", seed(first)?, seed(end)?)
    } else if let Some((first, last)) = part.split_once('-') {
        ("-", seed(first)?, seed(last)?)
    } else {
        let only = seed(part)?;
        return Ok((only, only));
    };
    if first > end {
        let turned = format!("{end}{separator}{first}");
        return Err(SeedsError::Reversed(part.to_owned(), turned));
    }
    match (separator, end.checked_sub(1)) {
        ("..", _) if first == end => Err(SeedsError::Empty(
            part.to_owned(),
            format!("{first}..={end}"),
        )),
        ("..", Some(last)) => Ok((first, last)),
        _ => Ok((first, end)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seeds(text: &str) -> Result<Vec<u64>, String> {
        let seeds = text.parse::<Seeds>().map_err(|error| error.to_string())?;
        Ok(Seeds::union(&[seeds]))
    }

    #[test]
    fn lists_and_ranges_are_read() {
        assert_eq!(seeds("3"), Ok(vec![3]));
        assert_eq!(seeds("0-3"), Ok(vec![0, 1, 2, 3]));
        assert_eq!(seeds("0..3"), Ok(vec![0, 1, 2]), "half open, as in Rust");
        assert_eq!(seeds("0..=3"), Ok(vec![0, 1, 2, 3]));
        assert_eq!(seeds("4, 1,3-5,1"), Ok(vec![1, 3, 4, 5]), "each once");
        assert_eq!(seeds("5-5"), Ok(vec![5]));
        assert_eq!(seeds("0-9999").map(|seeds| seeds.len()), Ok(10_000));
        let highest = MAX_SEED.to_string();
        assert_eq!(seeds(&highest), Ok(vec![MAX_SEED]));
    }

    #[test]
    fn seeds_are_formatted_as_they_are_read() {
        assert_eq!(ranges(&[]), "");
        assert_eq!(ranges(&[3]), "3");
        assert_eq!(ranges(&[0, 1, 2, 7, 9, 10]), "0-2,7,9-10");
    }

    proptest::proptest! {
        #[test]
        fn formatted_seeds_are_read_back(all in proptest::collection::btree_set(0..50_u64, 1..30)) {
            let all: Vec<u64> = all.into_iter().collect();
            proptest::prop_assert_eq!(seeds(&ranges(&all)), Ok(all));
        }
    }

    #[test]
    fn other_lists_are_refused_with_the_reason() {
        for (text, reason) in [
            (
                "9-0",
                "the range `9-0` is reversed; expected the lower seed first, such as `0-9`",
            ),
            ("1,9..0", "the range `9..0` is reversed"),
            (
                "3..3",
                "the range `3..3` is empty, as `..` excludes its end; expected `3..=3`",
            ),
            ("0-10000", "expected at most 10000 seeds, got 10001"),
            (
                "0-5000,10000-15000",
                "expected at most 10000 seeds, got 10002",
            ),
            ("0-9223372036854775807", "expected at most 10000 seeds"),
            ("9223372036854775808", "got `9223372036854775808`"),
            ("", "got ``"),
            ("1,,2", "got ``"),
            ("-1", "got `-1`"),
            ("0-", "got `0-`"),
            ("0..", "got `0..`"),
            ("0-1-2", "got `0-1-2`"),
            ("0...5", "got `0...5`"),
            ("1.5", "got `1.5`"),
            ("all", "such as `3`, `0,1,4`, `0-9` or `0..10`, got `all`"),
        ] {
            let error = seeds(text).unwrap_err();
            assert!(error.contains(reason), "{text}: {error}");
        }
    }
}
