//! Verdicts on claims, and the reasons for them.

use serde::{Serialize, Serializer};

/// Verdict of results on a claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// That it is false is ruled out.
    Confirmed,
    /// That it is true is ruled out.
    Refuted,
    /// A published number could have come from a training like ours.
    Consistent,
    /// It could not.
    Inconsistent,
    /// A claim about every training, or most. No number of trainings proves it.
    NotRefuted {
        /// Number of trainings that satisfy it, with the lower end of the share.
        share: String,
    },
    /// Fewer than three trainings, which decide nothing.
    Point {
        /// Side of the criterion that they are on.
        point: PointEstimate,
        /// Number of trainings.
        trainings: usize,
    },
    /// The results do not decide the claim.
    Undecided(UndecidedReason),
}

/// Reason why results do not decide a claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UndecidedReason {
    /// Neither that it is true nor that it is false is ruled out.
    Open {
        /// Number of trainings so far.
        trainings: usize,
        /// Number of further ones that would decide it if they vary as these do; none if
        /// it is more than 20.
        more: Option<usize>,
    },
    /// A published number is outside the interval, but not after correction for the number
    /// of claims.
    Corrected,
    /// The interval of a further training covers more than half of all possible numbers, or
    /// there are too few trainings to be outside their range.
    CannotTell(String),
    /// The metric is an index, which has no mean. Holds the agreement of the replicates.
    Index(String),
    /// The metrics of the claim have different verdicts.
    Disagree,
    /// The results are of a fallback data set, of this name.
    StandIn(String),
    /// A replicate has no number, or one that is not finite.
    NoValue,
    /// Experiments of one claim have different seeds.
    Unpaired,
    /// Training had no epoch of this number.
    NoEpoch(usize),
    /// The results do not have this metric.
    NotMeasured(String),
    /// There are no results, for this reason.
    NoResults(String),
}

/// Number of further trainings beyond which a claim is called too close.
pub const MAX_MORE: usize = 20;

/// Position of trainings that are too few for an interval.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PointEstimate {
    /// Satisfies the criterion.
    AsClaimed,
    /// Does not satisfy it.
    Contrary,
    /// Differs between the metrics of the claim.
    Mixed,
}

/// Word of a verdict, in the order of counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct VerdictName {
    place: usize,
    /// Verdict in a word or two.
    pub word: &'static str,
}

impl UndecidedReason {
    fn text(&self) -> String {
        match self {
            Self::Open { trainings, more } => match more {
                Some(1) => {
                    format!("open after {trainings} trainings; about 1 more would decide it")
                }
                Some(more) => {
                    format!("open after {trainings} trainings; about {more} more would decide it")
                }
                None => format!(
                    "too close: open after {trainings} trainings, and more than {MAX_MORE} \
                     further ones would be needed"
                ),
            },
            Self::Corrected => {
                "outside the interval, but not after correction for the number of claims".to_owned()
            }
            Self::CannotTell(why) => format!("cannot tell: {why}"),
            Self::Index(agreement) => format!("an index has no mean; {agreement}"),
            Self::Disagree => "the measures do not agree".to_owned(),
            Self::StandIn(source) => format!("{source} stood in"),
            Self::NoValue => "a value is missing or not finite".to_owned(),
            Self::Unpaired => "its experiments have different seeds".to_owned(),
            Self::NoEpoch(epoch) => format!("training had no epoch {epoch}"),
            Self::NotMeasured(metric) => {
                format!("the results have no {metric} of all of them: run again")
            }
            Self::NoResults(why) => why.clone(),
        }
    }
}

impl Verdict {
    /// Verdict in a word or two.
    pub fn word(&self) -> &'static str {
        self.name().word
    }

    /// Returns the word with its place in counts.
    pub fn name(&self) -> VerdictName {
        let (place, word) = match self {
            Self::Confirmed => (0, "confirmed"),
            Self::Refuted => (1, "refuted"),
            Self::Consistent => (2, "consistent"),
            Self::Inconsistent => (3, "inconsistent"),
            Self::NotRefuted { .. } => (4, "not refuted"),
            Self::Undecided(_) => (5, "undecided"),
            Self::Point { point, .. } => match point {
                PointEstimate::AsClaimed => (6, "as claimed"),
                PointEstimate::Contrary => (7, "contrary"),
                PointEstimate::Mixed => (8, "mixed"),
            },
        };
        VerdictName { place, word }
    }

    /// Text beside the verdict: the reason why results do not decide, or the share; empty
    /// without any.
    pub fn why(&self) -> String {
        match self {
            Self::Confirmed | Self::Refuted | Self::Consistent | Self::Inconsistent => {
                String::new()
            }
            Self::NotRefuted { share } => share.clone(),
            Self::Point { trainings: 1, .. } => "1 training".to_owned(),
            Self::Point { trainings, .. } => format!("{trainings} trainings"),
            Self::Undecided(reason) => reason.text(),
        }
    }

    /// Returns true if more trainings are not needed for it.
    pub fn is_decided(&self) -> bool {
        match self {
            Self::Confirmed
            | Self::Refuted
            | Self::Consistent
            | Self::Inconsistent
            | Self::NotRefuted { .. } => true,
            Self::Point { .. } | Self::Undecided(_) => false,
        }
    }

    /// Returns true if results speak against the claim.
    pub fn is_against(&self) -> bool {
        match self {
            Self::Refuted | Self::Inconsistent => true,
            Self::Confirmed
            | Self::Consistent
            | Self::NotRefuted { .. }
            | Self::Point { .. }
            | Self::Undecided(_) => false,
        }
    }
}

impl Serialize for Verdict {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.word())
    }
}
