//! Comparisons of two experiments.

mod correct;
mod quantity;

use std::borrow::Cow;

use serde::{Serialize, Serializer};

use super::load::Results;
use super::per_replicate::{
    Classes, NoNumber, Numbers, OfReplicate, agreement, difference, estimate, numbers,
};
use super::spec::{SpecDifference, spec_differences};
use crate::config::NumberScale;
use crate::data::Label;
use crate::metrics::statistics::{Estimate, MIN_REPLICATES, MeanDifference, NoMean, SIGNIFICANT};
use quantity::{Quantity, quantities};

pub use quantity::{NotMeasured, Selection};

/// Comparison of two experiments, A and B.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ExperimentComparison {
    /// Experiment compared with.
    pub a: Side,
    /// Compared experiment.
    pub b: Side,
    /// Differences between their specs.
    pub spec_differences: Vec<SpecDifference>,
    /// Difference between their data that the specs do not show, if there is one.
    pub data_difference: Option<String>,
    /// Difference between their devices, if there is one.
    pub device_difference: Option<String>,
    /// Number of tests for which p is corrected; none if verdicts go by raw p.
    pub tests: Option<usize>,
    /// Metrics of both: the accuracy log first, or if p is corrected, what is decided.
    pub rows: Vec<ComparisonRow>,
    /// Metrics that cannot be compared.
    pub left_out: Vec<NotCompared>,
}

/// One of the two experiments.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Side {
    /// Name given by the user.
    pub name: String,
    /// Seeds of its replicates, ascending.
    pub seeds: Vec<u64>,
    /// Description of the evaluators that read its inverses, if they are poor.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub poor_judges: Option<String>,
}

/// One metric of both. The value of a replicate is the mean over the classes, or that of the
/// last epoch.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ComparisonRow {
    /// Empty for a column of the accuracy log.
    pub inversion: String,
    /// The metric, or the column of the accuracy log.
    pub metric: String,
    /// Unit of the metric; empty for a loss.
    pub unit: String,
    /// Averaged classes: those with a value in every replicate of both. Empty for a column
    /// of the accuracy log.
    pub classes: Vec<Label>,
    /// Classes with a value in some replicates only.
    pub classes_left_out: Vec<Label>,
    /// Mean over the replicates of A.
    pub a: Estimate,
    /// Mean over the replicates of B.
    pub b: Estimate,
    /// Mean of B minus that of A.
    pub difference: MeanDifference,
    /// Outcome of the test: by corrected p, if there is one.
    pub verdict: Finding,
    /// P value corrected for the number of tests by Holm's method; none without a test, and
    /// none if no p is corrected.
    pub p_holm: Option<f64>,
}

/// Metric that cannot be compared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NotCompared {
    /// Empty for a column of the accuracy log.
    pub inversion: String,
    /// The metric, or the column of the accuracy log.
    pub metric: String,
    /// Unit of the metric; empty for a loss.
    pub unit: String,
    /// Reason why it cannot be compared.
    pub reason: NotComparedReason,
}

/// Outcome of a test of B against A.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Finding {
    /// B is higher: p < 0.05.
    Higher,
    /// B is lower: p < 0.05.
    Lower,
    /// No difference seen: p >= 0.05. There may still be one.
    NoneSeen,
    /// Too few replicates for a test: A or B has only this many.
    TooFew(usize),
    /// No p: they differ, but neither varies.
    NoSpread,
}

/// Reason why a metric cannot be compared.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum NotComparedReason {
    /// B has no value of it.
    OnlyInA,
    /// A has no value of it.
    OnlyInB,
    /// No class, or not the column of the accuracy log, has a value in every replicate of
    /// both.
    NothingInCommon,
    /// A value is infinite or not a number.
    NotFinite,
    /// It is an index, without mean or difference.
    Index {
        /// Most frequent value of A and its frequency.
        a: String,
        /// Most frequent value of B and its frequency.
        b: String,
    },
}

impl Finding {
    /// Decides by p, raw or corrected; `fewest` is the lower number of replicates of the two.
    fn of(difference: &MeanDifference, p: Option<f64>, fewest: usize) -> Self {
        match (difference.test, p) {
            (None, _) => Self::TooFew(fewest),
            (Some(_), None) => Self::NoSpread,
            (Some(_), Some(p)) if p >= SIGNIFICANT => Self::NoneSeen,
            _ if difference.mean > 0.0 => Self::Higher,
            _ => Self::Lower,
        }
    }

    /// Text for tables.
    pub fn text(self) -> Cow<'static, str> {
        Cow::Borrowed(match self {
            Self::Higher => "higher",
            Self::Lower => "lower",
            Self::NoneSeen => "no difference seen",
            Self::TooFew(1) => {
                return format!("undecided: 1 replicate ({MIN_REPLICATES} needed)").into();
            }
            Self::TooFew(n) => {
                return format!("undecided: {n} replicates ({MIN_REPLICATES} needed)").into();
            }
            Self::NoSpread => "undecided: no spread",
        })
    }
}

impl NotComparedReason {
    /// Text for tables.
    pub fn text(&self) -> Cow<'static, str> {
        Cow::Borrowed(match self {
            Self::OnlyInA => "only in A",
            Self::OnlyInB => "only in B",
            Self::NothingInCommon => {
                "not compared: some replicate has no value, or not of the same classes"
            }
            Self::NotFinite => "not compared: a value is not finite",
            Self::Index { a, b } => {
                let text = format!("not compared: an index has no mean (A: {a}; B: {b})");
                return text.into();
            }
        })
    }
}

impl Serialize for Finding {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text())
    }
}

impl Serialize for NotComparedReason {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text())
    }
}

/// Compares every metric of both.
pub fn compare(a: &Results, b: &Results) -> ExperimentComparison {
    compare_quantities(a, b, &quantities(a, b))
}

/// Compares the selected metrics of both.
///
/// # Errors
/// If a name of the selection selects nothing.
pub fn compare_selected(
    a: &Results,
    b: &Results,
    selection: &Selection,
) -> Result<ExperimentComparison, NotMeasured> {
    let selected = selection.of(quantities(a, b))?;
    Ok(compare_quantities(a, b, &selected))
}

fn compare_quantities(
    a: &Results,
    b: &Results,
    quantities: &[Quantity<'_>],
) -> ExperimentComparison {
    let (mut rows, mut left_out) = (Vec::new(), Vec::new());
    for quantity in quantities {
        match row(quantity, a, b) {
            Ok(row) => rows.push(row),
            Err(reason) => left_out.push(quantity.left_out(reason)),
        }
    }
    let spec_differences = spec_differences(&a.spec, &b.spec);
    ExperimentComparison {
        a: side(a),
        b: side(b),
        data_difference: data_difference(a, b, &spec_differences),
        device_difference: device_difference(a, b),
        spec_differences,
        tests: None,
        rows,
        left_out,
    }
}

fn side(results: &Results) -> Side {
    Side {
        name: results.name.clone(),
        seeds: results.seeds().collect(),
        poor_judges: results.poor_judges(),
    }
}

/// Describes different devices, which round differently.
fn device_difference(a: &Results, b: &Results) -> Option<String> {
    let (device_a, device_b) = (&a.device, &b.device);
    let message = format!("A was computed on the device {device_a}, B on {device_b}.");
    (device_a != device_b).then_some(message)
}

/// Describes data that differ although the specs agree: a fallback data set, or a changed
/// file.
fn data_difference(a: &Results, b: &Results, specs: &[SpecDifference]) -> Option<String> {
    let (data_a, data_b) = (a.data.as_ref()?, b.data.as_ref()?);
    let is_in_specs = |prefix: &str| specs.iter().any(|d| d.key.starts_with(prefix));
    if data_a.source != data_b.source && !is_in_specs("data.source") {
        let (a, b) = (&data_a.source, &data_b.source);
        return Some(format!(
            "A was trained on {a}, B on {b}, whatever their specs ask for."
        ));
    }
    let changed = data_a.sha256 != data_b.sha256 && !is_in_specs("data.");
    changed.then(|| "A and B were trained on different pixels of the same data source.".to_owned())
}

fn row(
    quantity: &Quantity<'_>,
    a: &Results,
    b: &Results,
) -> Result<ComparisonRow, NotComparedReason> {
    let [a, b] = [a, b].map(|results| quantity.of_replicates(results));
    let has_none = |side: &[OfReplicate]| side.iter().all(|one| one.values.is_empty());
    if has_none(&b) {
        return Err(NotComparedReason::OnlyInA);
    }
    if has_none(&a) {
        return Err(NotComparedReason::OnlyInB);
    }
    let numbers = numbers([&a, &b], &Classes::Mean).map_err(|none| match none {
        NoNumber::NothingInCommon => NotComparedReason::NothingInCommon,
        NoNumber::NotFinite => NotComparedReason::NotFinite,
    })?;
    if let Some(scale) = NumberScale::of(quantity.metric) {
        compared(quantity, numbers, scale).map_err(|_| NotComparedReason::NotFinite)
    } else {
        let [a, b] = numbers.sides.map(|side| agreement(&side));
        Err(NotComparedReason::Index { a, b })
    }
}

fn compared(
    quantity: &Quantity<'_>,
    numbers: Numbers<2>,
    scale: NumberScale,
) -> Result<ComparisonRow, NoMean> {
    let [a, b] = &numbers.sides;
    let difference = difference(a, b, scale)?;
    Ok(ComparisonRow {
        inversion: quantity.inversion(),
        metric: quantity.metric.to_owned(),
        unit: quantity.unit.to_owned(),
        a: estimate(a, scale)?,
        b: estimate(b, scale)?,
        verdict: Finding::of(&difference, difference.p, a.len().min(b.len())),
        difference,
        p_holm: None,
        classes: numbers.classes.into_iter().flatten().collect(),
        classes_left_out: numbers.left_out.into_iter().flatten().collect(),
    })
}

#[cfg(test)]
mod tests;
