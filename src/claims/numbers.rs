//! Numbers of a claim: from the measurements of replicates to a mean with its interval.

use std::collections::BTreeMap;

use super::form::{Claim, Statement, Term};
use super::judge::ExperimentResults;
use super::verdict::UndecidedReason;
use crate::config::{Bounds, NumberColumn, NumberScale, OF_PAIRS, Scale};
use crate::metrics::statistics::{NoMean, ObservedMean, TrainingNumber, rounding};
use crate::report::per_replicate::{Class, EvaluatedValue, OfReplicate, numbers};
use crate::report::{Classes, PairReading, ReplicateNumbers};

/// Values of a metric in a replicate, by class; without one for numbers of the network.
type ClassValues = Vec<(Class, Option<EvaluatedValue>)>;

/// Terms of a claim about one experiment, taken together class by class.
pub struct ExperimentNumbers {
    /// Subtracts the experiment from the other one.
    subtracted: bool,
    /// One number per replicate, by seed.
    pub numbers: Vec<TrainingNumber>,
}

/// Epoch of an event that a training does not reach: later than all others.
pub const NOT_REACHED: f64 = f64::MAX;

/// Returns the numbers of every experiment that a claim is about, its own first.
///
/// # Errors
/// If an experiment has no results, or a replicate has no number.
pub fn of_experiments(
    claim: &Claim,
    metric: &str,
    experiments: &[ExperimentResults<'_>],
) -> Result<Vec<ExperimentNumbers>, UndecidedReason> {
    let missing = claim.missing(metric);
    let mut positions: Vec<usize> = Vec::new();
    for term in &claim.terms {
        if !positions.contains(&term.experiment) {
            positions.push(term.experiment);
        }
    }
    let of_experiment = |position: usize| {
        let terms: Vec<&Term> = claim
            .terms
            .iter()
            .filter(|term| term.experiment == position)
            .collect();
        let results = match experiments.get(position).map(|one| &one.results) {
            Some(Ok(results)) => *results,
            Some(Err(why)) => return Err(UndecidedReason::NoResults(why.clone())),
            None => return Err(UndecidedReason::NoResults("not run".to_owned())),
        };
        let replicates = results.replicates.iter();
        let sums = replicates.map(|one| sum_of_terms(one, metric, &terms, &claim.classes, missing));
        Ok(ExperimentNumbers {
            subtracted: terms.first().is_some_and(|term| term.subtracted),
            numbers: reduced(&sums.collect::<Result<Vec<_>, _>>()?, &claim.classes)?,
        })
    };
    positions.into_iter().map(of_experiment).collect()
}

impl Claim {
    /// Returns the number of a training without one: of an epoch that is not reached, the
    /// latest, unless it would enter a mean or a difference.
    fn missing(&self, metric: &str) -> Option<f64> {
        let is_epoch = Scale::of(metric) == Scale::Epoch;
        let is_alone = self.terms.len() == 1;
        let is_of_each = !matches!(self.statement, Statement::Mean(_));
        (is_epoch && is_alone && is_of_each).then_some(NOT_REACHED)
    }
}

/// Adds up the terms about one replicate, class by class, with the sign of the first term
/// turned to plus. Every class that counts must have a number.
fn sum_of_terms(
    replicate: &ReplicateNumbers,
    metric: &str,
    terms: &[&Term],
    classes: &Classes,
    missing: Option<f64>,
) -> Result<OfReplicate, UndecidedReason> {
    let is_turned = terms.first().is_some_and(|term| term.subtracted);
    let mut sums: BTreeMap<Class, ClassSum> = BTreeMap::new();
    for term in terms {
        let values = values(replicate, metric, term)?;
        if values.is_empty() {
            return Err(UndecidedReason::NotMeasured(metric.to_owned()));
        }
        let sign = if term.subtracted == is_turned {
            1.0
        } else {
            -1.0
        };
        let counted = values.into_iter();
        for (class, value) in counted.filter(|(class, _)| classes.include(*class)) {
            let value = value
                .filter(|value| value.value.is_finite())
                .or_else(|| missing.map(EvaluatedValue::from))
                .ok_or(UndecidedReason::NoValue)?;
            sums.entry(class).or_default().add(sign, value);
        }
    }
    let sums = sums.into_iter();
    Ok(OfReplicate {
        seed: replicate.seed,
        values: sums.map(|(class, sum)| (class, sum.total())).collect(),
    })
}

/// Sum of the terms about one class.
#[derive(Default)]
struct ClassSum {
    sum: f64,
    /// Largest summand, which bounds the rounding error.
    largest: f64,
    /// Sums by each evaluator of all terms; none before the first term.
    readings: Option<BTreeMap<String, f64>>,
}

impl ClassSum {
    fn add(&mut self, sign: f64, term: EvaluatedValue) {
        self.sum += sign * term.value;
        self.largest = self.largest.max(term.value.abs());
        let own = term.readings.into_iter();
        let own = own.map(|(name, reading)| (name, sign * reading));
        self.readings = Some(match self.readings.take() {
            None => own.collect(),
            Some(sums) => own
                .filter_map(|(name, reading)| {
                    let sum = sums.get(&name)? + reading;
                    Some((name, sum))
                })
                .collect(),
        });
    }

    fn total(self) -> EvaluatedValue {
        EvaluatedValue {
            value: if self.sum.abs() > rounding(self.largest) {
                self.sum
            } else {
                0.0
            },
            readings: self.readings.unwrap_or_default(),
        }
    }
}

/// Reduces the classes to one number per replicate, by seed. A claim is about all classes
/// that it names, or all that exist: none may be left out.
fn reduced(
    replicates: &[OfReplicate],
    classes: &Classes,
) -> Result<Vec<TrainingNumber>, UndecidedReason> {
    let found = numbers([replicates], classes).map_err(|_| UndecidedReason::NoValue)?;
    let is_incomplete = match classes {
        Classes::Of(labels) => labels.len() > found.classes.len(),
        Classes::Mean | Classes::Lowest | Classes::Highest => !found.left_out.is_empty(),
    };
    if is_incomplete {
        return Err(UndecidedReason::NoValue);
    }
    let [mut numbers] = found.sides;
    numbers.sort_by_key(|one| one.seed);
    Ok(numbers)
}

/// Returns the values of a term in a replicate, by class.
fn values(
    replicate: &ReplicateNumbers,
    metric: &str,
    term: &Term,
) -> Result<ClassValues, UndecidedReason> {
    if NumberColumn::any(&OF_PAIRS, metric) {
        let pairs = replicate.pairs.iter();
        let of_pair = pairs.filter(|pair| pair.is_of(&term.inversion, &term.with));
        let value = |pair: &PairReading| pair.value(metric).map(EvaluatedValue::from);
        let values = of_pair.map(|pair| (Some(pair.class), value(pair)));
        return Ok(values.collect());
    }
    let measurements = match term.epoch {
        None => &replicate.values,
        Some(wanted) => {
            let mut epochs = replicate.epochs.iter();
            let found = epochs.find(|(epoch, _)| *epoch == wanted);
            &found.ok_or(UndecidedReason::NoEpoch(wanted))?.1
        }
    };
    let of_term = measurements.iter().filter(|measurement| {
        measurement.metric == metric
            && measurement.inversion == term.inversion
            && measurement.setting == term.setting
    });
    let values = of_term.map(|measurement| (measurement.class, measurement.evaluated()));
    Ok(values.collect())
}

/// Returns the bounds of the sum of all terms. An index has none.
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

/// Returns the mean of one experiment, or the difference between two: paired if they have
/// the same seeds, by Welch's test otherwise.
///
/// # Errors
/// If the numbers have no mean.
pub fn observed_mean(
    experiments: &[ExperimentNumbers],
    scale: NumberScale,
) -> Result<ObservedMean, NoMean> {
    match experiments {
        [only] => ObservedMean::of(&only.numbers, scale),
        [one, other] if other.subtracted => {
            Ok(ObservedMean::of_difference(&other.numbers, &one.numbers, scale)?.0)
        }
        // A spec with more than two experiments in one claim is a fault.
        _ => Err(NoMean::Empty),
    }
}

/// Returns true if all experiments have the same seeds.
pub fn is_paired(experiments: &[ExperimentNumbers]) -> bool {
    let is_same = |pair: &[ExperimentNumbers]| {
        let [one, other] = [&pair[0], &pair[1]].map(|of| of.numbers.iter().map(|one| one.seed));
        one.eq(other)
    };
    experiments.windows(2).all(is_same)
}

/// Returns the number of each seed, if all experiments have the same seeds.
pub fn of_seeds(experiments: &[ExperimentNumbers]) -> Vec<TrainingNumber> {
    let Some((first, others)) = experiments.split_first() else {
        return Vec::new();
    };
    if !is_paired(experiments) {
        return Vec::new();
    }
    let mut sums = first.numbers.clone();
    for other in others {
        for (sum, number) in sums.iter_mut().zip(&other.numbers) {
            *sum = if other.subtracted {
                sum.minus(number)
            } else {
                sum.plus(number)
            };
        }
    }
    sums
}
