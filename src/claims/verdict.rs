//! Verdicts: confirmed if the whole interval satisfies the criterion, refuted if none of it
//! does, undecided otherwise.

use serde::{Serialize, Serializer};

use super::form::{Criterion, Within};
use crate::metrics::statistics::{Estimate, MIN_REPLICATES};

/// Verdict of results on a claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// The whole interval satisfies the criterion.
    Confirmed,
    /// No part of the interval satisfies the criterion.
    Refuted,
    /// The results do not decide the claim.
    Undecided(UndecidedReason),
}

/// Reason why results do not decide a claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UndecidedReason {
    /// An experiment has too few replicates for an interval.
    TooFew {
        /// Number of replicates.
        replicates: usize,
        /// Side of the criterion that their mean is on.
        mean: PointEstimate,
    },
    /// The metric is an index, which has no mean. Holds the agreement of the replicates.
    Index(String),
    /// Only a part of the interval satisfies the criterion.
    Straddles,
    /// The metrics of the claim have different verdicts.
    Disagree,
    /// The results are of a fallback data set, of this name.
    StandIn(String),
    /// A replicate has no number, or one that is not finite.
    NoValue,
    /// Training had no epoch of this number.
    NoEpoch(usize),
    /// The results do not have this metric.
    NotMeasured(String),
    /// There are no results, for this reason.
    NoResults(String),
}

/// Position of a mean without an interval, which decides nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PointEstimate {
    /// Satisfies the criterion.
    AsClaimed,
    /// Does not satisfy it.
    Contrary,
    /// Differs between the metrics of the claim.
    Mixed,
}

impl PointEstimate {
    fn text(self) -> &'static str {
        match self {
            Self::AsClaimed => "as claimed",
            Self::Contrary => "contrary",
            Self::Mixed => "as claimed by some measures, contrary by others",
        }
    }
}

impl UndecidedReason {
    fn text(&self) -> String {
        match self {
            Self::TooFew { replicates, mean } => {
                let noun = if *replicates == 1 {
                    "replicate"
                } else {
                    "replicates"
                };
                let mean = mean.text();
                format!("{replicates} {noun} ({MIN_REPLICATES} needed); {mean}")
            }
            Self::Index(agreement) => format!("an index has no mean; {agreement}"),
            Self::Straddles => "the interval straddles".to_owned(),
            Self::Disagree => "the measures do not agree".to_owned(),
            Self::StandIn(source) => format!("{source} stood in"),
            Self::NoValue => "a value is missing or not finite".to_owned(),
            Self::NoEpoch(epoch) => format!("training had no epoch {epoch}"),
            Self::NotMeasured(metric) => {
                format!("the results have no {metric} of all of them: run again")
            }
            Self::NoResults(why) => why.clone(),
        }
    }
}

impl Verdict {
    /// Verdict in one word.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Confirmed => "confirmed",
            Self::Refuted => "refuted",
            Self::Undecided(_) => "undecided",
        }
    }

    /// Reason why results do not decide the claim.
    #[must_use]
    pub fn reason(&self) -> Option<&UndecidedReason> {
        match self {
            Self::Confirmed | Self::Refuted => None,
            Self::Undecided(reason) => Some(reason),
        }
    }

    /// Text of the reason; empty for a decided claim.
    #[must_use]
    pub fn why(&self) -> String {
        self.reason()
            .map_or_else(String::new, UndecidedReason::text)
    }
}

impl Serialize for Verdict {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.word())
    }
}

impl Criterion {
    /// Decides by the mean of a number over this many replicates. Without an interval,
    /// with fewer than [`MIN_REPLICATES`], nothing is decided.
    #[must_use]
    pub fn decide(self, estimate: &Estimate, replicates: usize) -> Verdict {
        if let Some((low, high)) = estimate.low.zip(estimate.high) {
            return self.decide_interval(low, high);
        }
        let mean = match self.decide_interval(estimate.mean, estimate.mean) {
            Verdict::Confirmed => PointEstimate::AsClaimed,
            Verdict::Refuted | Verdict::Undecided(_) => PointEstimate::Contrary,
        };
        Verdict::Undecided(UndecidedReason::TooFew { replicates, mean })
    }

    /// Decides by an interval, whose ends belong to it.
    #[must_use]
    pub fn decide_interval(self, low: f64, high: f64) -> Verdict {
        let region = self.region();
        if region.contains(low) && region.contains(high) {
            Verdict::Confirmed
        } else if region.is_apart_from(low, high) {
            Verdict::Refuted
        } else {
            Verdict::Undecided(UndecidedReason::Straddles)
        }
    }

    /// Values that satisfy the criterion.
    fn region(self) -> AcceptedRange {
        let (low, high, is_open) = match self {
            Self::Near { value, within } => match within {
                Within::Distance(distance) => (value - distance, value + distance, false),
                Within::Factor(factor) => (value / factor, value * factor, false),
            },
            Self::AtLeast(bound) => (bound, f64::INFINITY, false),
            Self::AtMost(bound) => (f64::NEG_INFINITY, bound, false),
            Self::Above(bound) => (bound, f64::INFINITY, true),
            Self::Below(bound) => (f64::NEG_INFINITY, bound, true),
        };
        AcceptedRange { low, high, is_open }
    }
}

/// Interval of the real line.
struct AcceptedRange {
    low: f64,
    high: f64,
    /// Excludes both ends.
    is_open: bool,
}

impl AcceptedRange {
    fn contains(&self, x: f64) -> bool {
        let is_end = x == self.low || x == self.high;
        self.low <= x && x <= self.high && !(self.is_open && is_end)
    }

    /// Returns true if no value from `low` to `high`, both included, is in the region.
    fn is_apart_from(&self, low: f64, high: f64) -> bool {
        if self.is_open {
            high <= self.low || low >= self.high
        } else {
            high < self.low || low > self.high
        }
    }
}
