//! Margins: how far above the others the logit of a class has to be.

use serde::Serialize;

use super::invert::Method;
use super::reader::Reader;
use super::tree::Node;

/// How far a logit has to be above every other one; of logistic outputs, above 0 by
/// half of it and the others below.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Margin {
    /// So far.
    Logits(f64),
    /// So many times the network's own median on its training data: the highest
    /// logit minus the second highest, which needs no labels.
    Medians(f64),
}

/// As much as the covariance of some 20,000 images needs.
const SHRINKAGE: f64 = 0.05;

/// Reads the keys of the method `gaussian`.
pub fn read_gaussian(table: &Reader<'_>) -> Method {
    let positive = |v: &Node| v.number_where(|x| x > 0.0 && x <= 1e6);
    let margin = if table.node("margin").is_some_and(|node| node.has("medians")) {
        let own = table.table("margin");
        let medians = own.and_then(|own| {
            let medians = own.require("medians", "a number above 0, up to 1e6", positive);
            own.finish();
            medians
        });
        medians.map(Margin::Medians)
    } else {
        let must_be = "a number above 0, up to 1e6, or `{ medians = 2.0 }`";
        let number = |v: &Node| positive(v).map(Margin::Logits);
        table.require("margin", must_be, number)
    };
    let shrinkage = table.get("shrinkage", "a share from 0 to 1", |v| {
        v.number_where(|x| (0.0..=1.0).contains(&x))
    });
    Method::Gaussian {
        margin: margin.unwrap_or(Margin::Medians(1.0)),
        shrinkage: shrinkage.unwrap_or(SHRINKAGE),
    }
}

#[cfg(test)]
mod tests {
    use crate::spec::{Margin, Method, Study};

    const SPEC: &str = include_str!("../../tests/suite/small.toml");

    fn method(lines: &str) -> Result<Method, String> {
        let text = format!("{SPEC}\n[[invert]]\nname = \"g\"\nmethod = \"gaussian\"\n{lines}\n");
        let study = Study::parse("small.toml", &text, &[]).map_err(|error| error.to_string())?;
        Ok(study.members[0].spec.inversions[2].settings[0].method)
    }

    #[test]
    fn margins_are_numbers_or_multiples_of_the_median() {
        for (lines, margin, shrinkage) in [
            ("margin = 20", Margin::Logits(20.0), 0.05),
            (
                "margin = { medians = 2 }\nshrinkage = 0",
                Margin::Medians(2.0),
                0.0,
            ),
        ] {
            assert_eq!(method(lines), Ok(Method::Gaussian { margin, shrinkage }));
        }
        for (lines, expected) in [
            ("", "`invert.2.margin` is missing"),
            (
                "margin = -1",
                "must be a number above 0, up to 1e6, or `{ medians = 2.0 }`",
            ),
            (
                "margin = { medians = 0 }",
                "`invert.2.margin.medians` must be",
            ),
            (
                "margin = { medians = 1, x = 1 }",
                "unknown key `invert.2.margin.x`",
            ),
            ("margin = 1\nshrinkage = 2", "must be a share from 0 to 1"),
            ("margin = 1\nshrinkag = 1", "did you mean `shrinkage`?"),
        ] {
            let shown = method(lines).unwrap_err();
            assert!(shown.contains(expected), "{expected}\n{shown}");
        }
    }
}
