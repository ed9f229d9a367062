//! What two experiments measured differently.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use serde::{Serialize, Serializer};

use super::load::{Reading, Replicate, Results};
use super::spec::{SpecDifference, spec_differences};
use crate::metrics::statistics::{
    Difference, Estimate, NoMean, SIGNIFICANT, difference, mean_interval,
};

/// Two experiments, A and B, side by side.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Comparison {
    /// The experiment compared with.
    pub a: Side,
    /// The experiment compared.
    pub b: Side,
    /// What their specs say differently.
    pub spec_differences: Vec<SpecDifference>,
    /// What else makes them different, if anything does.
    pub data_difference: Option<String>,
    /// That they were computed on different kinds of devices, if they were.
    pub device_difference: Option<String>,
    /// Everything that both measured: the accuracy log first.
    pub rows: Vec<Row>,
    /// Everything else that either measured.
    pub left_out: Vec<LeftOut>,
}

/// One of the two.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Side {
    /// What the user calls it.
    pub name: String,
    /// Of its replicates, rising.
    pub seeds: Vec<u64>,
}

/// One number that both measured. A replicate's value is the mean over the
/// classes, or that of the last epoch.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Row {
    /// Empty for a column of the accuracy log.
    pub inversion: String,
    /// The metric, or the column of the accuracy log.
    pub metric: String,
    /// What the numbers count; empty for a loss.
    pub unit: String,
    /// The classes that went into the means: those with a value in every
    /// replicate of both. Empty for a column of the accuracy log.
    pub classes: Vec<u8>,
    /// The classes that only some replicates have a value of.
    pub classes_left_out: Vec<u8>,
    /// Over the replicates of A.
    pub a: Estimate,
    /// Over the replicates of B.
    pub b: Estimate,
    /// B - A.
    pub difference: Difference,
    /// What can be said of B.
    pub verdict: Verdict,
}

/// A number that cannot be compared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LeftOut {
    /// Empty for a column of the accuracy log.
    pub inversion: String,
    /// The metric, or the column of the accuracy log.
    pub metric: String,
    /// What the numbers count; empty for a loss.
    pub unit: String,
    /// Why.
    pub reason: Reason,
}

/// What a test says of B, measured against A.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// p < 0.05.
    Higher,
    /// p < 0.05.
    Lower,
    /// p >= 0.05: there may still be a difference.
    NoneSeen,
    /// A or B has a single replicate, so there is no test.
    OneReplicate,
    /// They differ, but neither varies, so there is no p.
    NoSpread,
}

/// Why a number cannot be compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    /// B has no value of it.
    OnlyInA,
    /// A has no value of it.
    OnlyInB,
    /// No class, or for the accuracy log not the column, has a value in every
    /// replicate of both.
    NothingInCommon,
    /// A value is infinite or not a number.
    NotFinite,
}

impl Verdict {
    fn of(difference: &Difference) -> Self {
        match (difference.test, difference.p) {
            (None, _) => Self::OneReplicate,
            (Some(_), None) => Self::NoSpread,
            (Some(_), Some(p)) if p >= SIGNIFICANT => Self::NoneSeen,
            _ if difference.mean > 0.0 => Self::Higher,
            _ => Self::Lower,
        }
    }

    /// In words.
    #[must_use]
    pub fn text(self) -> &'static str {
        match self {
            Self::Higher => "higher",
            Self::Lower => "lower",
            Self::NoneSeen => "no difference seen",
            Self::OneReplicate => "undecided: one replicate",
            Self::NoSpread => "undecided: no spread",
        }
    }
}

impl Reason {
    /// In words.
    #[must_use]
    pub fn text(self) -> &'static str {
        match self {
            Self::OnlyInA => "only in A",
            Self::OnlyInB => "only in B",
            Self::NothingInCommon => {
                "not compared: some replicate has no value, or not of the same classes"
            }
            Self::NotFinite => "not compared: a value is not finite",
        }
    }
}

impl Serialize for Verdict {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.text())
    }
}

impl Serialize for Reason {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.text())
    }
}

/// Compares everything that was measured in both.
#[must_use]
pub fn compare(a: &Results, b: &Results) -> Comparison {
    let (mut rows, mut left_out) = (Vec::new(), Vec::new());
    for quantity in quantities(a, b) {
        match row(&quantity, a, b) {
            Ok(row) => rows.push(row),
            Err(reason) => left_out.push(quantity.left_out(reason)),
        }
    }
    let spec_differences = spec_differences(&a.spec, &b.spec);
    Comparison {
        a: side(a),
        b: side(b),
        data_difference: data_difference(a, b, &spec_differences),
        device_difference: device_difference(a, b),
        spec_differences,
        rows,
        left_out,
    }
}

fn side(results: &Results) -> Side {
    Side {
        name: results.name.clone(),
        seeds: results.seeds().collect(),
    }
}

/// Another kind of device rounds otherwise. Nothing that a spec tells.
fn device_difference(a: &Results, b: &Results) -> Option<String> {
    let (device_a, device_b) = (&a.device, &b.device);
    let told = format!("A was computed on the device {device_a}, B on {device_b}.");
    (device_a != device_b).then_some(told)
}

/// A stand-in, or a file that was changed, makes experiments different without
/// any trace in their specs.
fn data_difference(a: &Results, b: &Results, specs: &[SpecDifference]) -> Option<String> {
    let (data_a, data_b) = (a.data.as_ref()?, b.data.as_ref()?);
    let told = |prefix: &str| specs.iter().any(|d| d.key.starts_with(prefix));
    if data_a.source != data_b.source && !told("data.source") {
        let (a, b) = (&data_a.source, &data_b.source);
        return Some(format!(
            "A was trained on {a}, B on {b}, whatever their specs ask for."
        ));
    }
    let changed = data_a.sha256 != data_b.sha256 && !told("data.");
    changed.then(|| "A and B were trained on different pixels of the same data source.".to_owned())
}

/// What is measured: a metric of an inversion, or a column of the accuracy log.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Quantity<'a> {
    inversion: &'a str,
    parameter: &'a str,
    setting: &'a str,
    metric: &'a str,
    unit: &'a str,
}

impl<'a> Quantity<'a> {
    fn of(reading: &'a Reading) -> Self {
        Self {
            inversion: &reading.inversion,
            parameter: &reading.parameter,
            setting: &reading.setting,
            metric: &reading.metric,
            unit: &reading.unit,
        }
    }

    /// The inversion as a table shows it.
    fn inversion(&self) -> String {
        match self.setting {
            "" => self.inversion.to_owned(),
            setting => format!("{} {}={setting}", self.inversion, self.parameter),
        }
    }

    /// Its classes and values in a replicate. Undefined ones are passed over.
    fn values(&self, replicate: &Replicate) -> BTreeMap<Class, f64> {
        let readings = replicate.values.iter();
        let of_it = readings.filter(|reading| Quantity::of(reading) == *self);
        of_it.filter_map(|r| Some((r.class, r.value?))).collect()
    }

    fn left_out(&self, reason: Reason) -> LeftOut {
        LeftOut {
            inversion: self.inversion(),
            metric: self.metric.to_owned(),
            unit: self.unit.to_owned(),
            reason,
        }
    }
}

/// All that any replicate has a value of, in the order of the files.
fn quantities<'a>(a: &'a Results, b: &'a Results) -> Vec<Quantity<'a>> {
    let replicates = a.replicates.iter().chain(&b.replicates);
    let readings = replicates.flat_map(|replicate| &replicate.values);
    let (mut found, mut known) = (Vec::new(), HashSet::new());
    for reading in readings.filter(|reading| reading.value.is_some()) {
        let quantity = Quantity::of(reading);
        if known.insert(quantity) {
            found.push(quantity);
        }
    }
    // B's columns of the accuracy log stand behind A's inversions so far.
    found.sort_by_key(|quantity| !quantity.inversion.is_empty());
    found
}

/// None for a column of the accuracy log, which has no classes.
type Class = Option<u8>;

/// The seed and the values of one replicate.
type OfReplicate = (u64, BTreeMap<Class, f64>);

fn row(quantity: &Quantity<'_>, a: &Results, b: &Results) -> Result<Row, Reason> {
    let all = |of: &Results| -> Vec<OfReplicate> {
        let one = |replicate: &Replicate| (replicate.seed, quantity.values(replicate));
        of.replicates.iter().map(one).collect()
    };
    let (all_a, all_b) = (all(a), all(b));
    let (in_a, in_b) = (any(&all_a), any(&all_b));
    if in_b.is_empty() {
        return Err(Reason::OnlyInA);
    }
    if in_a.is_empty() {
        return Err(Reason::OnlyInB);
    }
    let everywhere = |class: &Class| {
        let mut replicates = all_a.iter().chain(&all_b);
        replicates.all(|(_, values)| values.contains_key(class))
    };
    let either = in_a.union(&in_b).copied();
    let (common, rest): (BTreeSet<_>, BTreeSet<_>) = either.partition(everywhere);
    if common.is_empty() {
        return Err(Reason::NothingInCommon);
    }
    let (a, b) = (means(&all_a, &common), means(&all_b, &common));
    compared(quantity, &a, &b, [common, rest]).map_err(|_| Reason::NotFinite)
}

fn any(replicates: &[OfReplicate]) -> BTreeSet<Class> {
    let classes = |(_, values): &OfReplicate| values.keys().copied().collect::<Vec<_>>();
    replicates.iter().flat_map(classes).collect()
}

/// The mean over these classes, by seed.
fn means(replicates: &[OfReplicate], classes: &BTreeSet<Class>) -> Vec<(u64, f64)> {
    let mean = |(seed, values): &OfReplicate| {
        let sum: f64 = classes.iter().filter_map(|class| values.get(class)).sum();
        (*seed, sum / classes.len() as f64)
    };
    replicates.iter().map(mean).collect()
}

fn compared(
    quantity: &Quantity<'_>,
    a: &[(u64, f64)],
    b: &[(u64, f64)],
    classes: [BTreeSet<Class>; 2],
) -> Result<Row, NoMean> {
    let estimate = |of: &[(u64, f64)]| {
        let values: Vec<f64> = of.iter().map(|(_, value)| *value).collect();
        mean_interval(&values)
    };
    let difference = difference(a, b)?;
    let [classes, left_out] = classes.map(|set| set.into_iter().flatten().collect());
    Ok(Row {
        inversion: quantity.inversion(),
        metric: quantity.metric.to_owned(),
        unit: quantity.unit.to_owned(),
        classes,
        classes_left_out: left_out,
        a: estimate(a)?,
        b: estimate(b)?,
        verdict: Verdict::of(&difference),
        difference,
    })
}

#[cfg(test)]
mod tests;
