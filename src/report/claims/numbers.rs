//! The numbers that a claim is about: from the readings of replicates to a mean
//! with its interval.

use std::collections::BTreeMap;

use super::{Doubt, Member};
use crate::metrics::statistics::{Estimate, difference, mean_interval, rounding};
use crate::report::load::Replicate;
use crate::spec::{Claim, Classes, OF_PAIRS, Term};

/// The number of each seed.
type OfSeeds = BTreeMap<u64, f64>;

/// What a replicate has of a metric: by class, or without one what is told of the
/// network; missing where there is none.
type OfClasses = Vec<(Option<u8>, Option<f64>)>;

/// What a claim says of one experiment: the terms about it, taken together class
/// by class.
pub struct Side {
    /// Whether it is subtracted from the other one.
    subtracted: bool,
    numbers: OfSeeds,
}

/// One side, or two where a claim is about two experiments.
pub fn sides(claim: &Claim, metric: &str, members: &[Member<'_>]) -> Result<Vec<Side>, Doubt> {
    // The claim's own experiment first.
    let mut experiments: Vec<usize> = Vec::new();
    for term in &claim.terms {
        if !experiments.contains(&term.experiment) {
            experiments.push(term.experiment);
        }
    }
    let side = |experiment: usize| {
        let terms = claim
            .terms
            .iter()
            .filter(|term| term.experiment == experiment);
        let terms: Vec<&Term> = terms.collect();
        let results = match members.get(experiment).map(|member| &member.results) {
            Some(Ok(results)) => *results,
            Some(Err(why)) => return Err(Doubt::NoResults(why.clone())),
            None => return Err(Doubt::NoResults("not run".to_owned())),
        };
        // Subtracted as a whole if its first term is.
        let subtracted = terms.first().is_some_and(|term| term.subtracted);
        let one = |replicate: &Replicate| {
            let number = number(replicate, metric, (&terms, subtracted), &claim.classes)?;
            Ok((replicate.seed, number))
        };
        let numbers: Result<OfSeeds, Doubt> = results.replicates.iter().map(one).collect();
        Ok(Side {
            subtracted,
            numbers: numbers?,
        })
    };
    experiments.into_iter().map(side).collect()
}

/// The number of one replicate; every class that counts must have one.
fn number(
    replicate: &Replicate,
    metric: &str,
    (terms, turned): (&[&Term], bool),
    classes: &Classes,
) -> Result<f64, Doubt> {
    // With the size of what was added up, as what is left of equal numbers is rounding.
    let mut sums: BTreeMap<Option<u8>, (f64, f64)> = BTreeMap::new();
    for term in terms {
        let values = values(replicate, metric, term)?;
        if values.is_empty() {
            return Err(Doubt::NotMeasured(metric.to_owned()));
        }
        let sign = if term.subtracted == turned { 1.0 } else { -1.0 };
        for (class, value) in values
            .into_iter()
            .filter(|(class, _)| classes.include(*class))
        {
            let value = value.filter(|value| value.is_finite());
            let value = value.ok_or(Doubt::NoValue)?;
            let (sum, size) = sums.entry(class).or_default();
            *sum += sign * value;
            *size = size.max(value.abs());
        }
    }
    let exact = |&(sum, size): &(f64, f64)| if sum.abs() > rounding(size) { sum } else { 0.0 };
    let values = || sums.values().map(exact);
    let number = match classes {
        Classes::Of(labels) if labels.len() > sums.len() => None,
        Classes::Mean | Classes::Of(_) => Some(values().sum::<f64>() / sums.len() as f64),
        Classes::Lowest => values().reduce(f64::min),
        Classes::Highest => values().reduce(f64::max),
    };
    number.ok_or(Doubt::NoValue)
}

/// What a replicate has of a term, by class.
fn values(replicate: &Replicate, metric: &str, term: &Term) -> Result<OfClasses, Doubt> {
    if OF_PAIRS.contains(&metric) {
        let pairs = replicate.pairs.iter();
        let of_pair = pairs.filter(|pair| pair.is_of(&term.inversion, &term.with));
        let values = of_pair.map(|pair| (Some(pair.class), pair.value(metric)));
        return Ok(values.collect());
    }
    let readings = match term.epoch {
        None => &replicate.values,
        Some(asked) => {
            let mut epochs = replicate.epochs.iter();
            let found = epochs.find(|(epoch, _)| *epoch == asked);
            &found.ok_or(Doubt::NoEpoch(asked))?.1
        }
    };
    let readings = readings.iter();
    let of_it = readings.filter(|reading| {
        reading.metric == metric
            && reading.inversion == term.inversion
            && reading.setting == term.setting
    });
    let values = of_it.map(|reading| (reading.class, reading.value));
    Ok(values.collect())
}

/// Of one side, or of the difference between two: paired if they have the same
/// seeds.
pub fn estimate(sides: &[Side]) -> Result<Estimate, Doubt> {
    let (one, other) = match sides {
        [only] => {
            let values: Vec<f64> = only.numbers.values().copied().collect();
            return mean_interval(&values).map_err(|_| Doubt::NoValue);
        }
        [one, other] if other.subtracted => (one, other),
        // No spec has more than two experiments in one claim.
        _ => return Err(Doubt::NoValue),
    };
    let numbers = |side: &Side| -> Vec<(u64, f64)> {
        let numbers = side.numbers.iter();
        numbers.map(|(seed, number)| (*seed, *number)).collect()
    };
    let (added, subtracted) = (numbers(one), numbers(other));
    let seeds = |of: &[(u64, f64)]| of.iter().map(|(seed, _)| *seed).collect::<Vec<_>>();
    let are_paired = seeds(&subtracted) == seeds(&added);
    let found = difference(&subtracted, &added).map_err(|_| Doubt::NoValue)?;
    let equal = found.p == Some(1.0) && found.low == found.high;
    let of = |value: f64| if equal { 0.0 } else { value };
    Ok(Estimate {
        mean: of(found.mean),
        low: found.low.map(of),
        high: found.high.map(of),
        n: if are_paired { added.len() } else { found.n },
    })
}

/// Seeds with the number of each, if all sides have the same seeds.
pub fn replicates(sides: &[Side]) -> Vec<(u64, f64)> {
    let Some(first) = sides.first() else {
        return Vec::new();
    };
    let mut sums = first.numbers.clone();
    for side in &sides[1..] {
        if !side.numbers.keys().eq(sums.keys()) {
            return Vec::new();
        }
        for (sum, number) in sums.values_mut().zip(side.numbers.values()) {
            *sum += if side.subtracted { -number } else { *number };
        }
    }
    sums.into_iter().collect()
}
