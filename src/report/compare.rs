//! What two experiments measured differently.

use std::borrow::Cow;
use std::collections::HashSet;

use serde::{Serialize, Serializer};

use super::load::{Reading, Replicate, Results};
use super::per_replicate::{
    Classes, NoNumber, Numbers, OfReplicate, agreement, difference, estimate, numbers,
};
use super::spec::{SpecDifference, spec_differences};
use crate::config::{Bounds, Scale};
use crate::metrics::statistics::{Difference, Estimate, MIN_REPLICATES, NoMean, SIGNIFICANT};

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
    /// A or B has only this many replicates, too few for a test.
    TooFew(usize),
    /// They differ, but neither varies, so there is no p.
    NoSpread,
}

/// Why a number cannot be compared.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
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
    /// It is an index, without mean or difference.
    Index {
        /// How many replicates of A agree on which one.
        a: String,
        /// The same of B.
        b: String,
    },
}

impl Verdict {
    /// `fewest`: the lower number of replicates of the two.
    fn of(difference: &Difference, fewest: usize) -> Self {
        match (difference.test, difference.p) {
            (None, _) => Self::TooFew(fewest),
            (Some(_), None) => Self::NoSpread,
            (Some(_), Some(p)) if p >= SIGNIFICANT => Self::NoneSeen,
            _ if difference.mean > 0.0 => Self::Higher,
            _ => Self::Lower,
        }
    }

    /// In words.
    #[must_use]
    pub fn text(self) -> Cow<'static, str> {
        Cow::Borrowed(match self {
            Self::Higher => "higher",
            Self::Lower => "lower",
            Self::NoneSeen => "no difference seen",
            Self::TooFew(_) => return format!("undecided: {}", self.short()).into(),
            Self::NoSpread => "undecided: no spread",
        })
    }

    /// In few words, for a narrow column.
    #[must_use]
    pub fn short(self) -> Cow<'static, str> {
        Cow::Borrowed(match self {
            Self::Higher => "higher",
            Self::Lower => "lower",
            Self::NoneSeen => "none seen",
            Self::TooFew(1) => return format!("1 replicate ({MIN_REPLICATES} needed)").into(),
            Self::TooFew(n) => return format!("{n} replicates ({MIN_REPLICATES} needed)").into(),
            Self::NoSpread => "no spread",
        })
    }
}

impl Reason {
    /// In words.
    #[must_use]
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

impl Serialize for Verdict {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text())
    }
}

impl Serialize for Reason {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text())
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

    /// Its values in every replicate.
    fn of_replicates(&self, results: &Results) -> Vec<OfReplicate> {
        let one = |replicate: &Replicate| {
            let readings = replicate.values.iter();
            let of_it = readings.filter(|reading| Quantity::of(reading) == *self);
            OfReplicate {
                seed: replicate.seed,
                values: of_it.filter_map(|r| Some((r.class, r.value?))).collect(),
            }
        };
        results.replicates.iter().map(one).collect()
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

fn row(quantity: &Quantity<'_>, a: &Results, b: &Results) -> Result<Row, Reason> {
    let [a, b] = [a, b].map(|results| quantity.of_replicates(results));
    let has_none = |side: &[OfReplicate]| side.iter().all(|one| one.values.is_empty());
    if has_none(&b) {
        return Err(Reason::OnlyInA);
    }
    if has_none(&a) {
        return Err(Reason::OnlyInB);
    }
    let numbers = numbers([&a, &b], &Classes::Mean).map_err(|none| match none {
        NoNumber::NothingInCommon => Reason::NothingInCommon,
        NoNumber::NotFinite => Reason::NotFinite,
    })?;
    match Scale::of(quantity.metric) {
        Scale::Quantity(bounds) => {
            compared(quantity, numbers, bounds).map_err(|_| Reason::NotFinite)
        }
        Scale::Index => {
            let [a, b] = numbers.sides.map(|side| agreement(&side));
            Err(Reason::Index { a, b })
        }
    }
}

fn compared(quantity: &Quantity<'_>, numbers: Numbers<2>, bounds: Bounds) -> Result<Row, NoMean> {
    let [a, b] = &numbers.sides;
    let difference = difference(a, b, bounds)?;
    Ok(Row {
        inversion: quantity.inversion(),
        metric: quantity.metric.to_owned(),
        unit: quantity.unit.to_owned(),
        a: estimate(a, bounds)?,
        b: estimate(b, bounds)?,
        verdict: Verdict::of(&difference, a.len().min(b.len())),
        difference,
        classes: numbers.classes.into_iter().flatten().collect(),
        classes_left_out: numbers.left_out.into_iter().flatten().collect(),
    })
}

#[cfg(test)]
mod tests;
