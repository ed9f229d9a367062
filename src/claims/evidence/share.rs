//! Statements about a share of trainings.

use super::{Evidence, IntervalOf, PValues, Tested, point};
use crate::claims::form::AcceptedRange;
use crate::metrics::statistics::{Estimate, MIN_REPLICATES, NoMean, Share, TrainingNumber};

/// Tests whether at least this share of trainings has a number in a range. Evaluators count
/// by their mean alone: the binomial interval has no place for theirs.
///
/// # Errors
/// Without any training.
pub fn test(
    range: AcceptedRange,
    least: f64,
    numbers: &[TrainingNumber],
) -> Result<Evidence, NoMean> {
    let n = numbers.len();
    let in_range = numbers.iter().filter(|one| range.contains(one.value));
    let satisfied = in_range.count();
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
