//! Evidence of the numbers of trainings for and against a statement.
//!
//! Every test is one-sided at 2.5 %: `for` is the p value of "the claim is false", `against`
//! that of "it is true". A band is confirmed by two one-sided tests, of which the larger p
//! counts, and refuted by the side that the mean is on.

use super::form::{About, AcceptedRange, Printed, Statement};
use super::numbers::{ExperimentNumbers, NOT_REACHED, is_paired, observed_mean, of_seeds};
use super::verdict::{PointEstimate, UndecidedReason, Verdict};
use crate::config::Bounds;
use crate::metrics::statistics::{
    Estimate, MIN_REPLICATES, MeanDistribution, NoMean, ONE_SIDED, ObservedMean, Share,
};

/// One-sided p values of a statement.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PValues {
    /// Of the hypothesis that the statement is false.
    pub supporting: f64,
    /// Of the hypothesis that it is true.
    pub opposing: f64,
}

impl PValues {
    /// Returns the smaller one, which decides.
    #[must_use]
    pub fn smaller(self) -> f64 {
        self.supporting.min(self.opposing)
    }

    /// Returns those of metrics that have to agree.
    #[must_use]
    pub fn of_both(self, other: Self) -> Self {
        Self {
            supporting: self.supporting.max(other.supporting),
            opposing: self.opposing.max(other.opposing),
        }
    }

    /// Returns them with the smaller one raised to its corrected value.
    #[must_use]
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
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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

impl IntervalOf {
    /// Name in tables.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Mean => "mean",
            Self::Training => "training",
            Self::Share => "share",
            Self::Range => "range",
        }
    }
}

/// Numbers of trainings, held against a statement.
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
    /// Too few trainings for a test.
    Point(PointEstimate),
    /// Mean against a range.
    Mean(MeanTest),
    /// Share of trainings, with its text.
    Share {
        /// Of the share.
        p: PValues,
        /// Number of trainings that satisfy the condition, with the lower end.
        text: String,
    },
    /// Published number.
    Published {
        /// Of a further training.
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
        // Nothing is below minus infinity, or above infinity.
        let above_low = or_certain(low, || known.p_above(low))?;
        let below_high = or_certain(high, || known.p_below(high))?;
        let below_low = or_impossible(low, || known.p_below(low))?;
        let above_high = or_impossible(high, || known.p_above(high))?;
        Ok(PValues {
            supporting: above_low.max(below_high),
            opposing: below_low.min(above_high),
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

fn or_certain(end: f64, p: impl FnOnce() -> Result<f64, NoMean>) -> Result<f64, NoMean> {
    if end.is_finite() {
        p()
    } else {
        Ok(f64::MIN_POSITIVE)
    }
}

fn or_impossible(end: f64, p: impl FnOnce() -> Result<f64, NoMean>) -> Result<f64, NoMean> {
    if end.is_finite() { p() } else { Ok(1.0) }
}

/// Scale of the numbers that a statement is about.
#[derive(Debug, Clone, Copy)]
pub struct Quantity {
    /// Bounds of the number of one training.
    pub bounds: Bounds,
    /// Smallest difference that counts as one.
    pub resolution: f64,
    /// True for epochs of an event, which some trainings do not reach.
    pub is_epoch: bool,
}

impl Evidence {
    /// Holds the numbers of trainings against a statement.
    ///
    /// # Errors
    /// With the reason if they have no mean, or are not what the statement is about.
    pub fn new(
        statement: Statement,
        about: About,
        experiments: &[ExperimentNumbers],
        quantity: Quantity,
    ) -> Result<Self, UndecidedReason> {
        let no_value = |_| UndecidedReason::NoValue;
        match statement {
            Statement::Mean(criterion) => mean(criterion.accepted(), about, experiments, quantity),
            Statement::Share { criterion, least } => {
                let numbers = paired(experiments)?;
                share(criterion.accepted(), least, &numbers).map_err(no_value)
            }
            Statement::Published(printed) if quantity.is_epoch => {
                published_epoch(printed, &paired(experiments)?)
            }
            Statement::Published(printed) => {
                let numbers = paired(experiments)?;
                published(printed, &numbers, quantity).map_err(no_value)
            }
        }
    }

    /// Returns the p values, none without a test, after `more` further trainings.
    #[must_use]
    pub fn p(&self, more: usize) -> Option<PValues> {
        match &self.tested {
            Tested::Point(_) => None,
            Tested::Mean(test) => test.p(more).ok(),
            Tested::Share { p, .. } | Tested::Published { p, .. } => Some(*p),
        }
    }

    /// Returns the verdict by these p values, raw or corrected.
    #[must_use]
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
            Tested::Point(point) => Verdict::Point { point, trainings },
            Tested::Mean(_) | Tested::Share { .. } | Tested::Published { .. } => {
                Verdict::Undecided(UndecidedReason::NoValue)
            }
        }
    }
}

fn point(is_satisfied: bool) -> Tested {
    Tested::Point(if is_satisfied {
        PointEstimate::AsClaimed
    } else {
        PointEstimate::Contrary
    })
}

fn mean(
    range: AcceptedRange,
    about: About,
    experiments: &[ExperimentNumbers],
    quantity: Quantity,
) -> Result<Evidence, UndecidedReason> {
    let no_value = |_| UndecidedReason::NoValue;
    if about == About::Method && !is_paired(experiments) {
        return Err(UndecidedReason::Unpaired);
    }
    let ObservedMean {
        mean,
        n,
        distribution,
    } = observed_mean(experiments, quantity.bounds).map_err(no_value)?;
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
    let agrees = distribution.error == 0.0;
    let test = MeanTest {
        distribution: resolved(distribution, trainings, quantity),
        n: trainings,
        about,
        range,
        agrees,
    };
    let (low, high) = test.distribution(0).interval().map_err(no_value)?;
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

/// Gives numbers that agree the standard deviation of the quantity's resolution: that none
/// differs does not say that none ever will.
fn resolved(known: MeanDistribution, n: usize, quantity: Quantity) -> MeanDistribution {
    if known.error > 0.0 {
        return known;
    }
    known.no_finer_than(quantity.resolution / (n as f64).sqrt())
}

/// Returns the number of each training; experiments must have the same seeds.
fn paired(experiments: &[ExperimentNumbers]) -> Result<Vec<f64>, UndecidedReason> {
    let numbers: Vec<f64> = of_seeds(experiments).into_iter().map(|(_, x)| x).collect();
    if numbers.is_empty() {
        return Err(UndecidedReason::Unpaired);
    }
    Ok(numbers)
}

fn share(range: AcceptedRange, least: f64, numbers: &[f64]) -> Result<Evidence, NoMean> {
    let (n, satisfied) = (
        numbers.len(),
        numbers.iter().filter(|x| range.contains(**x)).count(),
    );
    let share = Share { satisfied, of: n };
    let mean = satisfied as f64 / n as f64;
    let (low, high) = share.interval()?;
    let tested = if n < MIN_REPLICATES {
        point(mean >= least)
    } else {
        Tested::Share {
            p: PValues {
                supporting: 1.0,
                opposing: share.p_below(least)?,
            },
            text: format!("{satisfied} of {n} trainings (at least {low:.2})"),
        }
    };
    let is_tested = n >= MIN_REPLICATES;
    Ok(Evidence {
        observed: Estimate {
            mean,
            low: is_tested.then_some(low),
            high: is_tested.then_some(high),
            n,
        },
        interval: IntervalOf::Share,
        trainings: n,
        tested,
    })
}

/// Tests whether a further training could have given a printed number.
fn published(printed: Printed, numbers: &[f64], quantity: Quantity) -> Result<Evidence, NoMean> {
    let Printed { value, half_digit } = printed;
    let observed = ObservedMean::of(numbers, quantity.bounds)?;
    let (mean, n) = (observed.mean, numbers.len());
    let Some(known) = observed.distribution else {
        let (low, high) = (None, None);
        return Ok(Evidence {
            observed: Estimate { mean, low, high, n },
            interval: IntervalOf::Training,
            trainings: n,
            tested: point((mean - value).abs() <= half_digit),
        });
    };
    let known = resolved(known, n, quantity).of_one_more(n);
    let (low, high) = known.interval()?;
    let nearest = mean.clamp(value - half_digit, value + half_digit);
    let opposing = known.p_above(nearest)?.min(known.p_below(nearest)?);
    let Bounds {
        low: least,
        high: most,
    } = quantity.bounds;
    let is_wide = high - low > (most - least) / 2.0;
    Ok(Evidence {
        observed: Estimate {
            mean,
            low: Some(low),
            high: Some(high),
            n,
        },
        interval: IntervalOf::Training,
        trainings: n,
        tested: Tested::Published {
            p: PValues {
                supporting: 1.0,
                opposing,
            },
            cannot_tell: is_wide.then(|| {
                "a further training could have more than half of all possible numbers".to_owned()
            }),
        },
    })
}

/// Number of trainings that a number outside their range needs to be inconsistent.
const MIN_RANGE: usize = 39;

/// Tests a printed epoch by the order of the trainings' epochs, of which one that is not
/// reached is the latest: beyond n others, a further one is with probability 1 / (n + 1).
fn published_epoch(printed: Printed, epochs: &[f64]) -> Result<Evidence, UndecidedReason> {
    let Printed { value, half_digit } = printed;
    let n = epochs.len();
    let up_to = epochs.iter().filter(|x| **x <= value + half_digit).count();
    let from = epochs.iter().filter(|x| **x >= value - half_digit).count();
    let mut sorted = epochs.to_vec();
    sorted.sort_by(f64::total_cmp);
    let reached = |x: f64| (x < NOT_REACHED).then_some(x);
    let middle = [sorted[(n - 1) / 2], sorted[n / 2]];
    if middle.contains(&NOT_REACHED) {
        let why = "half of the trainings or more do not reach it";
        return Err(UndecidedReason::CannotTell(why.to_owned()));
    }
    let p = (up_to.min(from) as f64 + 1.0) / (n as f64 + 1.0);
    let is_outside = up_to == 0 || from == 0;
    let tested = if n < MIN_REPLICATES {
        point(!is_outside)
    } else {
        Tested::Published {
            p: PValues {
                supporting: 1.0,
                opposing: p.min(1.0),
            },
            cannot_tell: (is_outside && n < MIN_RANGE).then(|| {
                format!("outside the range of {n} trainings, of which {MIN_RANGE} are needed")
            }),
        }
    };
    Ok(Evidence {
        observed: Estimate {
            mean: f64::midpoint(middle[0], middle[1]),
            low: sorted.first().copied().and_then(reached),
            high: sorted.last().copied().and_then(reached),
            n,
        },
        interval: IntervalOf::Range,
        trainings: n,
        tested,
    })
}
