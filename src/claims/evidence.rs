//! Evidence of the numbers of trainings for and against a statement.
//!
//! Every test is one-sided at 2.5 %. A small p of "the claim is false" supports it, a small p
//! of "it is true" opposes it. A band is confirmed by the larger p of two one-sided tests,
//! and refuted by that of the side that the mean is on.

mod published;
mod share;

use serde::Serialize;

use super::form::{About, AcceptedRange, Statement};
use super::numbers::{ExperimentNumbers, is_paired, observed_mean, of_seeds};
use super::verdict::{PointEstimate, UndecidedReason, Verdict};
use crate::config::NumberScale;
use crate::metrics::statistics::{
    Estimate, MIN_REPLICATES, MeanDistribution, NoMean, ONE_SIDED, ObservedMean, TrainingNumber,
};

/// One-sided p values of a statement.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PValues {
    /// P value of the hypothesis that the statement is false.
    pub supporting: f64,
    /// P value of the hypothesis that it is true.
    pub opposing: f64,
}

impl PValues {
    /// Returns the smaller one, which decides.
    pub fn smaller(self) -> f64 {
        self.supporting.min(self.opposing)
    }

    /// Returns those of metrics that have to agree.
    pub fn of_both(self, other: Self) -> Self {
        Self {
            supporting: self.supporting.max(other.supporting),
            opposing: self.opposing.max(other.opposing),
        }
    }

    /// Returns them with the smaller one raised to its corrected value.
    pub fn raised_to(self, corrected: f64) -> Self {
        let factor = corrected / self.smaller();
        Self {
            supporting: (self.supporting * factor).min(1.0),
            opposing: (self.opposing * factor).min(1.0),
        }
    }

    fn exact(is_true: bool) -> Self {
        let (supporting, opposing) = if is_true {
            (f64::MIN_POSITIVE, 1.0)
        } else {
            (1.0, f64::MIN_POSITIVE)
        };
        Self {
            supporting,
            opposing,
        }
    }
}

/// Quantity that an interval is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum IntervalOf {
    /// Mean over trainings on these rows.
    Mean,
    /// One further training.
    Training,
    /// Share of trainings.
    Share,
    /// Lowest and highest of the trainings.
    Range,
}

/// Test of a statement by the numbers of trainings.
#[derive(Debug, Clone, PartialEq)]
pub struct Evidence {
    /// Observed number with its interval.
    pub observed: Estimate,
    /// Quantity of the interval.
    pub interval: IntervalOf,
    /// Number of trainings, of the experiment with the fewest.
    pub trainings: usize,
    /// Result of the test.
    pub tested: Tested,
}

/// Result of a test.
#[derive(Debug, Clone, PartialEq)]
pub enum Tested {
    /// Too few trainings for a test, and the side that they are on; none for a published
    /// number, which a single training meets by accident alone.
    Point(Option<PointEstimate>),
    /// Mean against a range.
    Mean(MeanTest),
    /// Share of trainings, with its text.
    Share {
        /// P values of the share.
        p: PValues,
        /// Number of trainings that satisfy the condition, with the lower end.
        text: String,
    },
    /// Published number.
    Published {
        /// P values of a further training.
        p: PValues,
        /// Reason why nothing can be said; none if something can.
        cannot_tell: Option<String>,
    },
}

/// Test of a mean against a range.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MeanTest {
    /// Distribution of the mean over trainings.
    distribution: MeanDistribution,
    n: usize,
    about: About,
    range: AcceptedRange,
    /// True if all trainings have the same number.
    agrees: bool,
}

impl MeanTest {
    /// Returns the p values after `more` further trainings that vary as these do.
    ///
    /// # Errors
    /// If the numbers overflow.
    pub fn p(&self, more: usize) -> Result<PValues, NoMean> {
        let AcceptedRange { low, high, .. } = self.range;
        let known = self.distribution(more);
        if self.agrees && (known.mean == low || known.mean == high) {
            return Ok(PValues::exact(self.range.contains(known.mean)));
        }
        Ok(PValues {
            supporting: known.p_above(low)?.max(known.p_below(high)?),
            opposing: known.p_below(low)?.min(known.p_above(high)?),
        })
    }

    /// Returns the distribution that the claim is about, after `more` further trainings.
    fn distribution(&self, more: usize) -> MeanDistribution {
        let later = self.distribution.with_more(self.n, more);
        match self.about {
            About::Rows => later,
            About::Method => later.of_one_more(self.n + more),
        }
    }
}

impl Evidence {
    /// Tests a statement by the numbers of trainings.
    ///
    /// # Errors
    /// With the reason if they have no mean, or are not what the statement is about.
    pub fn new(
        statement: Statement,
        about: About,
        experiments: &[ExperimentNumbers],
        scale: NumberScale,
    ) -> Result<Self, UndecidedReason> {
        let no_value = |_| UndecidedReason::NoValue;
        match statement {
            Statement::Mean(criterion) => mean(criterion.accepted(), about, experiments, scale),
            Statement::Share { criterion, least } => {
                let numbers = paired(experiments)?;
                share::test(criterion.accepted(), least, &numbers).map_err(no_value)
            }
            Statement::Published(printed) if scale.is_epoch => {
                published::test_epoch(printed, &paired(experiments)?)
            }
            Statement::Published(printed) => {
                let numbers = paired(experiments)?;
                published::test(printed, &numbers, scale).map_err(no_value)
            }
        }
    }

    /// Returns the p values, none without a test, after `more` further trainings.
    pub fn p(&self, more: usize) -> Option<PValues> {
        match &self.tested {
            Tested::Point(_) => None,
            Tested::Mean(test) => test.p(more).ok(),
            Tested::Share { p, .. } | Tested::Published { p, .. } => Some(*p),
        }
    }

    /// Returns the verdict by these p values, raw or corrected.
    pub fn verdict(&self, p: Option<PValues>) -> Verdict {
        let Some(p) = p else {
            return self.without_test();
        };
        let is_supported = p.supporting <= ONE_SIDED;
        let is_opposed = p.opposing <= ONE_SIDED;
        match &self.tested {
            Tested::Point(_) => self.without_test(),
            Tested::Mean(_) if is_supported => Verdict::Confirmed,
            Tested::Mean(_) | Tested::Share { .. } if is_opposed => Verdict::Refuted,
            Tested::Mean(_) => Verdict::Undecided(UndecidedReason::Open {
                trainings: self.trainings,
                more: None,
            }),
            Tested::Share { text, .. } => Verdict::NotRefuted {
                share: text.clone(),
            },
            Tested::Published { .. } if is_opposed => Verdict::Inconsistent,
            Tested::Published {
                p: raw,
                cannot_tell,
            } => match cannot_tell {
                Some(why) => Verdict::Undecided(UndecidedReason::CannotTell(why.clone())),
                None if raw.opposing <= ONE_SIDED => Verdict::Undecided(UndecidedReason::Corrected),
                None => Verdict::Consistent,
            },
        }
    }

    fn without_test(&self) -> Verdict {
        let trainings = self.trainings;
        match self.tested {
            Tested::Point(Some(point)) => Verdict::Point { point, trainings },
            Tested::Point(None) => {
                let why = format!("a range of trainings needs {MIN_REPLICATES}");
                Verdict::Undecided(UndecidedReason::CannotTell(why))
            }
            Tested::Mean(_) | Tested::Share { .. } | Tested::Published { .. } => {
                Verdict::Undecided(UndecidedReason::NoValue)
            }
        }
    }
}

fn point(is_satisfied: bool) -> Tested {
    Tested::Point(Some(if is_satisfied {
        PointEstimate::AsClaimed
    } else {
        PointEstimate::Contrary
    }))
}

fn mean(
    range: AcceptedRange,
    about: About,
    experiments: &[ExperimentNumbers],
    scale: NumberScale,
) -> Result<Evidence, UndecidedReason> {
    let no_value = |_| UndecidedReason::NoValue;
    if about == About::Method && !is_paired(experiments) {
        return Err(UndecidedReason::Unpaired);
    }
    let ObservedMean {
        mean,
        n,
        distribution,
        agrees,
        ..
    } = observed_mean(experiments, scale).map_err(no_value)?;
    let trainings = experiments.iter().map(|one| one.numbers.len()).min();
    let trainings = trainings.unwrap_or_default();
    let Some(distribution) = distribution else {
        let (low, high) = (None, None);
        return Ok(Evidence {
            observed: Estimate { mean, low, high, n },
            interval: IntervalOf::Mean,
            trainings,
            tested: point(range.contains(mean)),
        });
    };
    let test = MeanTest {
        distribution,
        n: trainings,
        about,
        range,
        agrees,
    };
    let (low, high) = interval(test.distribution(0), scale).map_err(no_value)?;
    test.p(0).map_err(no_value)?;
    Ok(Evidence {
        observed: Estimate {
            mean,
            low: Some(low),
            high: Some(high),
            n,
        },
        interval: match about {
            About::Rows => IntervalOf::Mean,
            About::Method => IntervalOf::Training,
        },
        trainings,
        tested: Tested::Mean(test),
    })
}

/// Returns the interval of a distribution, ended at the bounds of the scale.
fn interval(known: MeanDistribution, scale: NumberScale) -> Result<(f64, f64), NoMean> {
    let (low, high) = known.interval()?;
    Ok(scale.bounds.clip(known.mean, low, high))
}

/// Returns the number of each training; experiments must have the same seeds.
fn paired(experiments: &[ExperimentNumbers]) -> Result<Vec<TrainingNumber>, UndecidedReason> {
    let numbers = of_seeds(experiments);
    if numbers.is_empty() {
        return Err(UndecidedReason::Unpaired);
    }
    Ok(numbers)
}
