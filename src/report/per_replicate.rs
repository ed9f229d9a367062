//! One number per replicate. The training is the unit of every interval and every test:
//! classes of one network share its weights, so they are reduced to one number first.

use std::collections::{BTreeMap, BTreeSet};

use crate::config::NumberScale;
use crate::data::Label;
use crate::metrics::statistics::{self, Estimate, MeanDifference, NoMean, TrainingNumber};
use crate::norms::mean;

/// Label of a class; none for a number of the whole network.
pub type Class = Option<Label>;

/// Reduction of the classes of a replicate to one number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Classes {
    /// Mean of all classes.
    Mean,
    /// Mean of the classes with these labels.
    Of(Vec<Label>),
    /// Lowest class: a lower bound that holds for it holds for all.
    Lowest,
    /// Highest class.
    Highest,
}

impl Classes {
    /// Text for tables.
    pub fn text(&self) -> String {
        match self {
            Self::Mean => "mean".to_owned(),
            Self::Of(labels) => {
                let labels: Vec<String> = labels.iter().map(Label::to_string).collect();
                format!("mean of {}", labels.join(", "))
            }
            Self::Lowest => "lowest".to_owned(),
            Self::Highest => "highest".to_owned(),
        }
    }

    /// Returns true if a class counts.
    pub fn include(&self, class: Class) -> bool {
        match self {
            Self::Of(labels) => class.is_some_and(|class| labels.contains(&class)),
            Self::Mean | Self::Lowest | Self::Highest => true,
        }
    }
}

/// Value of one class.
#[derive(Debug, Clone, PartialEq)]
pub struct EvaluatedValue {
    /// Value.
    pub value: f64,
    /// Readings by evaluators drawn at random, by name, times the weight of their mean in
    /// the value. Empty for a value without evaluators.
    pub readings: BTreeMap<String, f64>,
}

impl From<f64> for EvaluatedValue {
    /// Value that no evaluators read.
    fn from(value: f64) -> Self {
        let readings = BTreeMap::new();
        Self { value, readings }
    }
}

/// Values of one quantity in one replicate.
#[derive(Debug, Clone, PartialEq)]
pub struct OfReplicate {
    /// Seed of the replicate.
    pub seed: u64,
    /// Values by class, without undefined ones.
    pub values: BTreeMap<Class, EvaluatedValue>,
}

/// One finite number per replicate, for each of N quantities.
#[derive(Debug, Clone, PartialEq)]
pub struct Numbers<const N: usize> {
    /// Classes that went into the numbers: those with a value in every replicate of all
    /// quantities.
    pub classes: BTreeSet<Class>,
    /// Classes with a value in some replicates only.
    pub left_out: BTreeSet<Class>,
    /// Numbers by seed.
    pub sides: [Vec<TrainingNumber>; N],
}

/// Reason why replicates have no numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoNumber {
    /// No class has a value in every replicate.
    NothingInCommon,
    /// A value is infinite or not a number.
    NotFinite,
}

/// Reduces the classes of every replicate to one number.
///
/// # Errors
/// If no class has a value in every replicate, or a number is not finite.
pub fn numbers<const N: usize>(
    sides: [&[OfReplicate]; N],
    by: &Classes,
) -> Result<Numbers<N>, NoNumber> {
    let all = || sides.iter().copied().flatten();
    let everywhere = |class: &Class| all().all(|one| one.values.contains_key(class));
    let known: BTreeSet<Class> = all()
        .flat_map(|one| one.values.keys().copied())
        .filter(|class| by.include(*class))
        .collect();
    let (classes, left_out): (BTreeSet<Class>, _) = known.into_iter().partition(everywhere);
    if classes.is_empty() {
        return Err(NoNumber::NothingInCommon);
    }
    let number = |one: &OfReplicate| {
        let values = classes.iter().filter_map(|class| one.values.get(class));
        let EvaluatedValue { value, readings } = reduce(by, &values.collect::<Vec<_>>())?;
        let seed = one.seed;
        Some(TrainingNumber {
            seed,
            value,
            readings,
        })
    };
    let found = sides.map(|side| side.iter().map(number).collect::<Option<Vec<_>>>());
    if found.iter().any(Option::is_none) {
        return Err(NoNumber::NotFinite);
    }
    let sides = found.map(Option::unwrap_or_default);
    Ok(Numbers {
        classes,
        left_out,
        sides,
    })
}

/// One number for the values of the classes; none unless all are finite. The lowest class,
/// and the highest, are those of the value, whatever single evaluators read.
fn reduce(by: &Classes, values: &[&EvaluatedValue]) -> Option<EvaluatedValue> {
    let all = values.iter().map(|one| one.value);
    if !all.clone().all(f64::is_finite) {
        return None;
    }
    let extreme = match by {
        Classes::Mean | Classes::Of(_) => None,
        Classes::Lowest => all.clone().reduce(f64::min),
        Classes::Highest => all.clone().reduce(f64::max),
    };
    let Some(value) = extreme else {
        let value = mean(&all.collect::<Vec<_>>());
        let readings = mean_readings(values);
        return Some(EvaluatedValue { value, readings });
    };
    let of_class = values.iter().find(|one| one.value == value)?;
    let readings = of_class.readings.clone();
    Some(EvaluatedValue { value, readings })
}

/// Mean reading of each evaluator that read all values.
fn mean_readings(values: &[&EvaluatedValue]) -> BTreeMap<String, f64> {
    let names = values.first().map(|first| first.readings.keys());
    let mean_of = |name: &String| {
        let all = values.iter().map(|one| one.readings.get(name).copied());
        let all: Option<Vec<f64>> = all.collect();
        Some((name.clone(), mean(&all?)))
    };
    names.into_iter().flatten().filter_map(mean_of).collect()
}

/// Returns the mean over replicates, with the interval that verdicts have as well: it ends
/// at the bounds of the quantity, and is no narrower than its resolution.
///
/// # Errors
/// If there are no numbers, or they overflow.
pub fn estimate(numbers: &[TrainingNumber], scale: NumberScale) -> Result<Estimate, NoMean> {
    statistics::mean_interval(numbers, scale)
}

/// Returns the mean of b minus that of a. The interval ends where differences of two such
/// quantities do.
///
/// # Errors
/// If there are no numbers, or they overflow.
pub fn difference(
    a: &[TrainingNumber],
    b: &[TrainingNumber],
    scale: NumberScale,
) -> Result<MeanDifference, NoMean> {
    statistics::difference(a, b, scale.of_differences())
}

/// Reports how many replicates agree on an index: `9 in 3 of 4 seeds`, the most frequent
/// one, or of equally frequent ones the lowest.
pub fn agreement(numbers: &[TrainingNumber]) -> String {
    let count = |index: f64| numbers.iter().filter(|one| one.value == index).count();
    let all = numbers.iter().map(|one| (count(one.value), one.value));
    let mut counts: Vec<(usize, f64)> = all.collect();
    counts.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.total_cmp(&b.1)));
    match counts.first() {
        Some((count, index)) => format!("{index} in {count} of {} seeds", numbers.len()),
        None => "no seeds".to_owned(),
    }
}

#[cfg(test)]
mod tests;
