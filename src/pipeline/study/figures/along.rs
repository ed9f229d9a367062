//! Axis of a sweep, and the places of experiments on it.

use crate::pipeline::experiment::Experiment;

/// A swept key with its values.
pub struct Along<'a> {
    /// Dotted key.
    pub key: &'a str,
    /// Values of experiments, in their order; empty if all are numbers, or if an inversion
    /// is swept.
    values: Vec<&'a str>,
}

impl<'a> Along<'a> {
    /// Returns the axis of a key for the experiments of a study.
    pub fn of(members: &'a [Experiment], key: &'a str) -> Self {
        let mut values: Vec<&str> = Vec::new();
        for value in members.iter().filter_map(|member| value(member, key)) {
            if !values.contains(&value) {
                values.push(value);
            }
        }
        if values.iter().all(|value| value.parse::<f64>().is_ok()) {
            values.clear();
        }
        Self { key, values }
    }

    /// Names the axis in words.
    pub fn title(&self) -> String {
        let words = words(self.key);
        match words.as_str() {
            "hidden" => "hidden layers × units".to_owned(),
            "percentile" => "percentile (%)".to_owned(),
            _ => words,
        }
    }

    /// Names the places 0, 1, 2, ...; empty if places are the values themselves.
    pub fn names(&self) -> Vec<String> {
        self.values.iter().map(|value| name(value)).collect()
    }

    /// Returns the place of an experiment; none if it is not swept over the key.
    pub fn place(&self, member: &Experiment) -> Option<f64> {
        let own = value(member, self.key)?;
        let nth = self.values.iter().position(|value| *value == own);
        nth.map_or_else(|| own.parse().ok(), |nth| Some(nth as f64))
    }
}

fn value<'a>(member: &'a Experiment, key: &str) -> Option<&'a str> {
    let mut at = member.at.iter();
    at.find(|(own, _)| own == key).map(|(_, value)| &**value)
}

/// Writes the last part of a dotted key as words.
fn words(key: &str) -> String {
    let last = key.rsplit('.').next().unwrap_or(key);
    last.replace('_', " ")
}

/// Returns the values that distinguish an experiment; a number follows its key, since it
/// says nothing alone.
pub fn short(member: &Experiment) -> String {
    let value = |(key, value): &(String, String)| match value.parse::<f64>() {
        Ok(_) => format!("{} {value}", words(key)),
        Err(_) => name(value),
    };
    member.at.iter().map(value).collect::<Vec<_>>().join(", ")
}

/// Abbreviates hidden layers of one size: `2 × 30` for `[30,30]`.
fn name(value: &str) -> String {
    let Some(list) = value.strip_prefix('[').and_then(|v| v.strip_suffix(']')) else {
        return value.replace('_', " ");
    };
    let items: Vec<&str> = list.split(',').map(str::trim).collect();
    match items[..] {
        [""] => "none".to_owned(),
        [first, ..] if items.iter().all(|item| *item == first) => {
            format!("{} × {first}", items.len())
        }
        _ => value.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_of_equal_values_are_abbreviated() {
        for (value, expected) in [
            ("[]", "none"),
            ("[30]", "1 × 30"),
            ("[30,30]", "2 × 30"),
            ("[30, 20]", "[30, 20]"),
            ("softmax", "softmax"),
            ("0.5", "0.5"),
        ] {
            assert_eq!(name(value), expected);
        }
    }
}
