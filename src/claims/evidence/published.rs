//! Statements about a number that the author's own training gave.

use super::{Evidence, IntervalOf, PValues, Tested, interval};
use crate::claims::form::Printed;
use crate::claims::numbers::NOT_REACHED;
use crate::claims::verdict::UndecidedReason;
use crate::config::{Bounds, NumberScale};
use crate::metrics::statistics::{Estimate, MIN_REPLICATES, NoMean, ObservedMean, TrainingNumber};

/// Tests whether a further training could have given a printed number.
///
/// # Errors
/// If the numbers have no mean.
pub fn test(
    printed: Printed,
    numbers: &[TrainingNumber],
    scale: NumberScale,
) -> Result<Evidence, NoMean> {
    let Printed { value, half_digit } = printed;
    let observed = ObservedMean::of(numbers, scale)?;
    let (mean, n) = (observed.mean, numbers.len());
    let Some(known) = observed.distribution else {
        let (low, high) = (None, None);
        return Ok(Evidence {
            observed: Estimate { mean, low, high, n },
            interval: IntervalOf::Training,
            trainings: n,
            tested: Tested::Point(None),
        });
    };
    let known = known.of_one_more(n);
    let (low, high) = interval(known, scale)?;
    let nearest = mean.clamp(value - half_digit, value + half_digit);
    let opposing = known.p_above(nearest)?.min(known.p_below(nearest)?);
    let Bounds {
        low: least,
        high: most,
    } = scale.bounds;
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

/// Tests a printed epoch by the order of the trainings' epochs; one that is not reached is
/// the latest. Beyond n others, a further one is with probability 1 / (n + 1).
pub fn test_epoch(
    printed: Printed,
    numbers: &[TrainingNumber],
) -> Result<Evidence, UndecidedReason> {
    let Printed { value, half_digit } = printed;
    let mut sorted: Vec<f64> = numbers.iter().map(|one| one.value).collect();
    sorted.sort_by(f64::total_cmp);
    let n = sorted.len();
    let up_to = sorted.iter().filter(|x| **x <= value + half_digit).count();
    let from = sorted.iter().filter(|x| **x >= value - half_digit).count();
    let reached = |x: f64| (x < NOT_REACHED).then_some(x);
    let middle = [sorted[(n - 1) / 2], sorted[n / 2]];
    if middle.contains(&NOT_REACHED) {
        let why = "half of the trainings or more do not reach it";
        return Err(UndecidedReason::CannotTell(why.to_owned()));
    }
    let p = (up_to.min(from) as f64 + 1.0) / (n as f64 + 1.0);
    let is_outside = up_to == 0 || from == 0;
    let tested = if n < MIN_REPLICATES {
        Tested::Point(None)
    } else {
        Tested::Published {
            p: PValues {
                supporting: 1.0,
                opposing: p.min(1.0),
            },
            cannot_tell: (is_outside && n < MIN_RANGE).then(|| {
                format!("outside the range of {n} trainings; {MIN_RANGE} are needed to be sure")
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
