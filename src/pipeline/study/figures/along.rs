//! The key of a sweep that a figure goes along, and where on it experiments stand.

use crate::pipeline::experiment::Experiment;

/// A swept key with its values.
pub struct Along<'a> {
    /// Dotted.
    pub key: &'a str,
    /// Those of experiments, in their order; none if all are numbers, or if it is an
    /// inversion that is swept.
    values: Vec<&'a str>,
}

impl<'a> Along<'a> {
    /// Of the experiments of a study.
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

    /// What 0, 1, 2, ... are called; nothing if places are numbers of their own.
    pub fn names(&self) -> Vec<String> {
        self.values.iter().map(|value| name(value)).collect()
    }

    /// Where an experiment stands; none if it is not swept over the key.
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

/// What sets an experiment apart, by values alone.
pub fn short(member: &Experiment) -> String {
    let values = member.at.iter().map(|(_, value)| name(value));
    values.collect::<Vec<_>>().join(", ")
}

/// Hidden layers of one size are told shorter: `2 × 30` for `[30,30]`.
fn name(value: &str) -> String {
    let Some(list) = value.strip_prefix('[').and_then(|v| v.strip_suffix(']')) else {
        return value.to_owned();
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
    fn lists_are_told_by_how_many_there_are_of_what() {
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
