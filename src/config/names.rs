//! Names in messages: the nearest one to a mistyped name, and lists of names.

use crate::escape;

/// Names longer than this are not compared: the time grows with the square.
const MAX_COMPARED_LEN: usize = 64;

/// The number of candidates that a name is compared with.
const MAX_CANDIDATES: usize = 1000;

/// The length up to which a list of names is shown, in bytes.
const MAX_LIST_LEN: usize = 1200;

/// The number of characters up to which a name or value is shown.
const MAX_SHOWN: usize = 60;

/// Returns the candidate most like `name`, if any is like it: at most a third of the
/// letters differ (swapped neighbours count once).
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    if name.len() > MAX_COMPARED_LEN {
        return None;
    }
    let distance = |candidate: &&str| strsim::damerau_levenshtein(name, candidate);
    let candidates = candidates.into_iter().take(MAX_CANDIDATES);
    let best = candidates
        .filter(|candidate| candidate.len() <= MAX_COMPARED_LEN)
        .min_by_key(distance)?;
    let longest = name.chars().count().max(best.chars().count());
    (distance(&best) * 3 <= longest).then_some(best)
}

/// Returns `; did you mean ...?`, or nothing if no candidate is like the name.
pub fn suggestion<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> String {
    nearest(name, candidates).map_or_else(String::new, |best| format!("; did you mean `{best}`?"))
}

/// Lists names to choose from, with the nearest to a mistyped one: `a` or `b`; did you mean
/// `a`?
pub fn choices<'a>(name: &str, known: impl IntoIterator<Item = &'a str> + Clone) -> String {
    format!("{}{}", one_of_names(known.clone()), suggestion(name, known))
}

/// Returns the text cut to the length at which messages show a name or value.
pub fn clip(text: &str) -> String {
    escape::clip(text, MAX_SHOWN).into_owned()
}

/// Lists names: `a`, `b`, `c`.
pub fn names_in_row<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    match listed(names) {
        (shown, 0) => shown.join(", "),
        (shown, left) => format!("{} and {left} more", shown.join(", ")),
    }
}

/// Lists names to choose from: `a`, `b` or `c`.
pub fn one_of_names<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    let (shown, left) = listed(names);
    if left > 0 {
        return format!("{} or one of {left} more", shown.join(", "));
    }
    match shown.split_last() {
        None => "nothing".to_owned(),
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} or {last}", rest.join(", ")),
    }
}

/// The first names in backticks, and how many are left out.
fn listed<'a>(names: impl IntoIterator<Item = &'a str>) -> (Vec<String>, usize) {
    let mut names = names.into_iter();
    let mut shown = Vec::new();
    let mut length = 0;
    while length < MAX_LIST_LEN {
        let Some(name) = names.next() else {
            return (shown, 0);
        };
        let name = format!("`{}`", clip(name));
        length += name.len();
        shown.push(name);
    }
    (shown, names.count())
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
    fn long_names_are_not_compared_and_long_lists_are_cut() {
        let long = "k".repeat(1_000_000);
        assert_eq!(nearest(&long, [long.as_str()]), None);
        assert_eq!(nearest("k", [long.as_str(), "kk"]), None);
        assert_eq!(names_in_row(["a", "b"]), "`a`, `b`");
        assert_eq!(one_of_names(["a", "b", "c"]), "`a`, `b` or `c`");
        let many = vec!["abcdefgh"; 1000];
        assert!(names_in_row(many.iter().copied()).ends_with("`abcdefgh` and 880 more"));
        assert!(one_of_names(many.iter().copied()).ends_with("`abcdefgh` or one of 880 more"));
        assert_eq!(clip(&long), format!("{}...", "k".repeat(60)));
    }
}
