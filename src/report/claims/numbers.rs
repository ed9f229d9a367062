//! The numbers that a claim is about: from the readings of replicates to a mean
//! with its interval.

use std::collections::BTreeMap;

use super::{Doubt, Member};
use crate::config::{Bounds, Claim, Classes, Column, OF_PAIRS, Scale, Term};
use crate::metrics::statistics::{self, Estimate, rounding};
use crate::report::load::Replicate;
use crate::report::per_replicate::{Class, OfReplicate, estimate as mean_of, numbers};

/// What a replicate has of a metric: by class, or without one what is told of the
/// network; missing where there is none.
type OfClasses = Vec<(Class, Option<f64>)>;

/// What a claim says of one experiment: the terms about it, taken together class
/// by class.
pub struct Side {
    /// Whether it is subtracted from the other one.
    subtracted: bool,
    /// One number per replicate, by seed.
    numbers: Vec<(u64, f64)>,
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
            of_replicate(replicate, metric, (&terms, subtracted), &claim.classes)
        };
        let replicates: Result<Vec<OfReplicate>, Doubt> =
            results.replicates.iter().map(one).collect();
        Ok(Side {
            subtracted,
            numbers: reduced(&replicates?, &claim.classes)?,
        })
    };
    experiments.into_iter().map(side).collect()
}

/// The terms about one replicate added up, class by class; every class that counts must
/// have a number.
fn of_replicate(
    replicate: &Replicate,
    metric: &str,
    (terms, turned): (&[&Term], bool),
    classes: &Classes,
) -> Result<OfReplicate, Doubt> {
    // With the size of what was added up, as what is left of equal numbers is rounding.
    let mut sums: BTreeMap<Class, (f64, f64)> = BTreeMap::new();
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
    let exact = |(sum, size): (f64, f64)| if sum.abs() > rounding(size) { sum } else { 0.0 };
    let sums = sums.into_iter();
    Ok(OfReplicate {
        seed: replicate.seed,
        values: sums.map(|(class, sum)| (class, exact(sum))).collect(),
    })
}

/// One number per replicate, by seed. A claim is about all classes that it names, or all
/// there are: none may be left out.
fn reduced(replicates: &[OfReplicate], classes: &Classes) -> Result<Vec<(u64, f64)>, Doubt> {
    let found = numbers([replicates], classes).map_err(|_| Doubt::NoValue)?;
    let some_lack = match classes {
        Classes::Of(labels) => labels.len() > found.classes.len(),
        Classes::Mean | Classes::Lowest | Classes::Highest => !found.left_out.is_empty(),
    };
    let [mut numbers] = found.sides;
    numbers.sort_by_key(|(seed, _)| *seed);
    if some_lack {
        Err(Doubt::NoValue)
    } else {
        Ok(numbers)
    }
}

/// What a replicate has of a term, by class.
fn values(replicate: &Replicate, metric: &str, term: &Term) -> Result<OfClasses, Doubt> {
    if Column::any(&OF_PAIRS, metric) {
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

/// Bounds of what a claim is about: of all terms, added up and subtracted. None of an
/// index, which has no mean.
pub fn bounds(claim: &Claim, metric: &str) -> Option<Bounds> {
    let own = Scale::of(metric).bounds()?;
    let zero = Bounds::new(0.0, 0.0);
    let terms = claim.terms.iter();
    Some(terms.fold(zero, |sum, term| {
        if term.subtracted {
            sum.minus(own)
        } else {
            sum.plus(own)
        }
    }))
}

/// Of one side, or of the difference between two: paired if they have the same
/// seeds.
pub fn estimate(sides: &[Side], bounds: Bounds) -> Result<Estimate, Doubt> {
    let (one, other) = match sides {
        [only] => return mean_of(&only.numbers, bounds).map_err(|_| Doubt::NoValue),
        [one, other] if other.subtracted => (one, other),
        // No spec has more than two experiments in one claim.
        _ => return Err(Doubt::NoValue),
    };
    let found = statistics::difference(&other.numbers, &one.numbers);
    let found = found.map_err(|_| Doubt::NoValue)?.within(bounds);
    let equal = found.p == Some(1.0) && found.low == found.high;
    let of = |value: f64| if equal { 0.0 } else { value };
    Ok(Estimate {
        mean: of(found.mean),
        low: found.low.map(of),
        high: found.high.map(of),
        n: if have_same_seeds(sides) {
            one.numbers.len()
        } else {
            one.numbers.len() + other.numbers.len()
        },
    })
}

fn have_same_seeds(sides: &[Side]) -> bool {
    let seeds = |side: &Side| {
        side.numbers
            .iter()
            .map(|(seed, _)| *seed)
            .collect::<Vec<_>>()
    };
    sides
        .windows(2)
        .all(|pair| seeds(&pair[0]) == seeds(&pair[1]))
}

/// The number of replicates on the side that has fewest.
pub fn fewest(sides: &[Side]) -> usize {
    let all = sides.iter().map(|side| side.numbers.len());
    all.min().unwrap_or_default()
}

/// Seeds with the number of each, if all sides have the same seeds.
pub fn replicates(sides: &[Side]) -> Vec<(u64, f64)> {
    let Some((first, others)) = sides.split_first().filter(|_| have_same_seeds(sides)) else {
        return Vec::new();
    };
    let mut sums = first.numbers.clone();
    for side in others {
        for ((_, sum), (_, number)) in sums.iter_mut().zip(&side.numbers) {
            *sum += if side.subtracted { -number } else { *number };
        }
    }
    sums
}
