//! A claim as its spec states it.

use crate::report::Classes;

/// One entry of `[[claim]]`.
#[derive(Debug, Clone, PartialEq)]
pub struct Claim {
    /// Sentence of the source.
    pub says: String,
    /// Source and place in it.
    pub source: Option<String>,
    /// Names of metrics, of columns of the accuracy log, or of numbers of the network, of
    /// its layers or of pairs of inverses. All of them have to agree.
    pub metrics: Vec<String>,
    /// Numbers to add and to subtract; the first is added.
    pub terms: Vec<Term>,
    /// Reduction from classes to one number per replicate. Differences between inversions
    /// of one experiment are computed per class first.
    pub classes: Classes,
    /// Condition on the mean over the replicates.
    pub criterion: Criterion,
}

/// One number of every replicate of an experiment.
#[derive(Debug, Clone, PartialEq)]
pub struct Term {
    /// Subtracts the number instead of adding it.
    pub subtracted: bool,
    /// Position of the experiment in the study.
    pub experiment: usize,
    /// Name of the inversion; empty for numbers of the network.
    pub inversion: String,
    /// Setting of a swept inversion, or the layer for numbers of layers.
    pub setting: String,
    /// Other inversion of a pair; empty for numbers of one inversion.
    pub with: String,
    /// Epoch of a column of the accuracy log; the last one without it.
    pub epoch: Option<usize>,
}

/// Condition that a number satisfies or not.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Criterion {
    /// At most `within` away from `value`.
    Near {
        /// Number that the source gives.
        value: f64,
        /// Largest accepted deviation.
        within: Within,
    },
    /// Greater than or equal to a bound.
    AtLeast(f64),
    /// Less than or equal to a bound.
    AtMost(f64),
    /// Greater than a bound.
    Above(f64),
    /// Less than a bound.
    Below(f64),
}

/// Largest accepted deviation from a number.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Within {
    /// Absolute difference, at least 0.
    Distance(f64),
    /// Ratio in either direction, at least 1.
    Factor(f64),
}

impl Criterion {
    /// Text for tables.
    #[must_use]
    pub fn text(self) -> String {
        match self {
            Self::Near { value, within } => match within {
                Within::Distance(distance) => format!("{value} ± {distance}"),
                Within::Factor(factor) => format!("{value} × or ÷ {factor}"),
            },
            Self::AtLeast(bound) => format!("at least {bound}"),
            Self::AtMost(bound) => format!("at most {bound}"),
            Self::Above(bound) => format!("above {bound}"),
            Self::Below(bound) => format!("below {bound}"),
        }
    }
}
