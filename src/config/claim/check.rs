//! Checks that an experiment has the numbers that a claim is about.

use super::NumberKind;
use super::operand::Operand;
use crate::claims::{About, Statement};
use crate::config::checks::unknown_labels;
use crate::config::metric::Metric;
use crate::config::names::{one_of_names, suggestion};
use crate::config::reader::Reader;
use crate::config::scale::{NumberColumn, OF_EPOCHS};
use crate::config::study::Member;
use crate::config::{Inversion, Spec, fit};
use crate::model::Output;
use crate::report::Classes;
use crate::train::LayerMetric;

/// Reports whatever an experiment does not have of an operand. Without known metrics, checks
/// its inversion only.
pub fn operand(
    table: &Reader<'_>,
    metrics: Option<&[String]>,
    operand: &Operand,
    classes: &Classes,
    members: &[Member],
) {
    let Some(member) = members.get(operand.experiment) else {
        return;
    };
    let spec = &member.spec;
    let metrics = metrics.unwrap_or_default();
    check_metrics(table, metrics, operand, spec);
    if let Classes::Of(labels) = classes
        && let Some(message) = unknown_labels(labels, &spec.data.classes)
    {
        table.fault("classes", &message);
    }
    if !operand.inversion.is_empty() {
        check_inversion(table, operand, &spec.inversions);
    }
    check_layer(table, metrics, operand, spec);
    if let Some(epoch) = operand.epoch {
        check_epoch(table, metrics, operand.key_of("epoch"), epoch, spec);
    }
}

/// Reports a statement about a method that is not one on a mean: a share and a published
/// number are about single trainings.
pub fn method_has_mean(table: &Reader<'_>, statement: Option<Statement>) {
    match statement {
        Some(Statement::Share { .. } | Statement::Published(_)) => {
            table.fault("about", "has no meaning unless the claim is about a mean");
        }
        Some(Statement::Mean(_)) | None => {}
    }
}

/// Reports a claim about a method by trainings that all have the same rows, which say
/// nothing about others.
pub fn generality(table: &Reader<'_>, about: About, operand: &Operand, members: &[Member]) {
    let Some(member) = members.get(operand.experiment) else {
        return;
    };
    if about == About::Method && !member.spec.data.draws_rows() {
        table.fault(
            "about",
            "is \"method\", but all trainings have the same rows: `data.resample` draws others",
        );
    }
}

impl Operand {
    /// Key that reports a fault in this key of the operand.
    fn key_of(&self, key: &'static str) -> &'static str {
        if self.key == "of" { key } else { self.key }
    }
}

/// Checks that the metrics are measured and defined, and that the keys of the operand suit
/// them. All metrics are of one kind.
fn check_metrics(table: &Reader<'_>, metrics: &[String], operand: &Operand, spec: &Spec) {
    for name in metrics {
        if Metric::named(name).is_some_and(|metric| !spec.metrics.contains(&metric)) {
            let message = format!("names {name:?}, which is not measured: see `metrics`");
            table.fault("metric", &message);
        }
    }
    for name in metrics {
        if let Some(reason) = undefined(name, operand, spec) {
            table.fault("metric", &fit::names(name, &reason));
        }
    }
    let Some(name) = metrics.first() else {
        return;
    };
    let (is_of_inverses, is_of_pairs) = match NumberKind::of(name) {
        NumberKind::Network | NumberKind::Layer => (false, false),
        NumberKind::Inverse => (true, false),
        NumberKind::Pair => (true, true),
    };
    let check = |key: &str, value: &str, is_needed: bool| {
        if is_needed && value.is_empty() {
            table.fault(key, &format!("is missing: `{name}` is one of inverses"));
        } else if !is_needed && !value.is_empty() {
            table.fault(key, &format!("has no meaning for `{name}`"));
        }
    };
    check("of", &operand.inversion, is_of_inverses);
    check("with", &operand.with, is_of_pairs);
    if !is_of_inverses && table.has("classes") {
        table.fault("classes", &format!("has no meaning for `{name}`"));
    }
    if is_of_pairs {
        check_pair(table, operand, &spec.inversions);
    }
}

/// Returns why an experiment has no value of a metric, to follow "undefined"; none if it can
/// have one.
fn undefined(name: &str, operand: &Operand, spec: &Spec) -> Option<String> {
    if let Some(metric) = Metric::named(name) {
        let mut inversions = spec.inversions.iter();
        let inversion = inversions.find(|one| one.name == operand.inversion)?;
        return spec.undefined(metric, inversion, spec.data.source.size());
    }
    let is_of_hidden = LayerMetric::named(name).is_some_and(LayerMetric::is_of_hidden_layers);
    let is_of_last = operand.layer == Some(spec.model.hidden.len());
    let reason = if NumberColumn::any(&OF_EPOCHS, name) {
        undefined_column(name, spec)?
    } else if is_of_hidden && is_of_last {
        "for the last layer, which has no activation"
    } else if name == "largest_bias" && spec.model.bias_init.is_none() {
        "without biases"
    } else if name == "first_perfect_epoch" && spec.train.epochs == 0 {
        "without training"
    } else {
        return None;
    };
    Some(reason.to_owned())
}

/// Returns why an experiment has no values in a column of the accuracy log.
fn undefined_column(column: &str, spec: &Spec) -> Option<&'static str> {
    if column.contains("subset") && spec.model.output != Output::Logistic {
        Some("unless outputs are logistic")
    } else if column.starts_with("test_") && spec.data.has_tests() == Some(false) {
        Some("without test rows: `data.test_file` names some")
    } else if column.starts_with("running_") && spec.train.epochs == 0 {
        Some("without training")
    } else {
        None
    }
}

/// Checks that the inversion exists, and that there is a setting exactly if it is swept.
fn check_inversion(table: &Reader<'_>, operand: &Operand, inversions: &[Inversion]) {
    let Operand {
        key,
        inversion: name,
        setting,
        ..
    } = operand;
    let Some(inversion) = named(table, key, name, inversions) else {
        return;
    };
    let values = || inversion.settings.iter().map(|one| one.value.as_str());
    match (inversion.sweep.is_empty(), setting.is_empty()) {
        (true, true) => {}
        (true, false) => table.fault("setting", &format!("has no meaning: `{name}` is not swept")),
        (false, true) => {
            if !values().any(str::is_empty) {
                let message = format!("is {name:?}, which is swept: `setting` is missing");
                table.fault(key, &message);
            }
        }
        (false, false) => {
            if !values().any(|value| value == setting) {
                let (all, hint) = (one_of_names(values()), suggestion(setting, values()));
                let message = format!("is {setting:?}, but `{name}` has {all}{hint}");
                table.fault("setting", &message);
            }
        }
    }
}

/// Checks that a pair is of two different inversions without a sweep.
fn check_pair(table: &Reader<'_>, operand: &Operand, inversions: &[Inversion]) {
    let Operand {
        key,
        inversion,
        with,
        ..
    } = operand;
    let own = inversions.iter().find(|one| one.name == *inversion);
    let other = (!with.is_empty()).then(|| named(table, "with", with, inversions));
    for (key, one) in [(*key, own), ("with", other.flatten())] {
        if let Some(one) = one.filter(|one| !one.sweep.is_empty()) {
            let message = format!(
                "is {:?}, which is swept: there are no pairs of it",
                one.name
            );
            table.fault(key, &message);
        }
    }
    if inversion == with && !with.is_empty() {
        table.fault("with", &format!("is {with:?}, as `of` is"));
    }
}

/// Returns the inversion of this name; reports a missing one with the nearest name.
fn named<'a>(
    table: &Reader<'_>,
    key: &str,
    name: &str,
    inversions: &'a [Inversion],
) -> Option<&'a Inversion> {
    let found = inversions.iter().find(|one| one.name == name);
    if found.is_none() {
        let known = || inversions.iter().map(|one| one.name.as_str());
        let (all, hint) = (one_of_names(known()), suggestion(name, known()));
        let message = format!("names {name:?}, but the inversions there are {all}{hint}");
        table.fault(key, &message);
    }
    found
}

/// Checks that there is a layer exactly if the metrics have a value per layer, and that the
/// network has it.
fn check_layer(table: &Reader<'_>, metrics: &[String], operand: &Operand, spec: &Spec) {
    let Some(name) = metrics.first() else {
        return;
    };
    let key = operand.key_of("layer");
    let layers = spec.model.hidden.len() + 1;
    match (operand.layer, LayerMetric::named(name)) {
        (None, None) => {}
        (None, Some(_)) => {
            table.fault(key, &format!("is missing: `{name}` has a value per layer"));
        }
        (Some(_), None) => table.fault(key, &format!("has no meaning for `{name}`")),
        (Some(layer), Some(_)) => {
            if layer >= layers {
                let message = format!("is layer {layer}, but there are {layers}, counted from 0");
                table.fault(key, &message);
            }
        }
    }
}

/// Checks that epochs are counted from 1 and that all metrics have a value per epoch. An
/// epoch beyond the last one, which `--set` can change, leaves the claim undecided.
fn check_epoch(table: &Reader<'_>, metrics: &[String], key: &str, epoch: usize, spec: &Spec) {
    let mut others = metrics
        .iter()
        .filter(|name| !NumberColumn::any(&OF_EPOCHS, name));
    if let Some(name) = others.next() {
        let message = format!("has no meaning for `{name}`: it is no column of `accuracy.csv`");
        table.fault(key, &message);
    }
    if epoch == 0 && spec.train.epochs > 0 {
        table.fault(key, "is epoch 0, but epochs are counted from 1");
    }
}
