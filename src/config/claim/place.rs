//! Which number of which experiment a claim is about.

use super::{Classes, Term, is_of_network};
use crate::config::fit;
use crate::config::layer::LayerMetric;
use crate::config::metric::Metric;
use crate::config::names::{one_of_names, suggestion};
use crate::config::reader::Reader;
use crate::config::scale::{Column, OF_EPOCHS, OF_PAIRS};
use crate::config::study::Member;
use crate::config::tree::{Node, Value};
use crate::config::{Inversion, Output, Spec, unknown_labels};

/// What stands in the spec; empty text where nothing does.
#[derive(Debug, Clone, PartialEq)]
pub struct Place {
    /// The key that it stands at, where its faults are told.
    key: &'static str,
    /// Position in the study.
    pub experiment: usize,
    inversion: String,
    setting: String,
    with: String,
    epoch: Option<usize>,
    layer: Option<usize>,
}

impl Place {
    /// That of the claim itself.
    pub fn of_claim(table: &Reader<'_>, members: &[Member]) -> Option<Self> {
        let nothing = Self {
            key: "of",
            experiment: 0,
            inversion: String::new(),
            setting: String::new(),
            with: String::new(),
            epoch: None,
            layer: None,
        };
        if members.len() > 1 && !table.has("in") {
            let labels = members.iter().map(Member::label).collect::<Vec<_>>();
            let labels = one_of_names(labels.iter().map(String::as_str));
            table.fault("in", &format!("is missing; it must be {labels}"));
            return None;
        }
        nothing.overridden(table, members)
    }

    /// With whatever the table says instead.
    fn overridden(&self, table: &Reader<'_>, members: &[Member]) -> Option<Self> {
        let name = |key| table.get(key, "the name of an inversion", text);
        let (inversion, with) = (name("of"), name("with"));
        let setting = table.get("setting", "a swept value", setting);
        let epoch = table.get("epoch", "the number of an epoch", |v| {
            usize::try_from(v.count()?).ok()
        });
        let layer = table.get("layer", "the number of a layer, from 0", |v| {
            usize::try_from(v.count()?).ok()
        });
        let experiment = if table.has("in") {
            experiment(table, members)?
        } else {
            self.experiment
        };
        table.known("in");
        Some(Self {
            key: self.key,
            experiment,
            // A setting is one of its inversion's.
            setting: match (&inversion, setting) {
                (_, Some(setting)) => setting,
                (Some(_), None) => String::new(),
                (None, None) => self.setting.clone(),
            },
            inversion: inversion.unwrap_or_else(|| self.inversion.clone()),
            with: with.unwrap_or_else(|| self.with.clone()),
            epoch: epoch.or(self.epoch),
            layer: layer.or(self.layer),
        })
    }

    /// This place where the claim is about the other place instead of its own:
    /// in its experiment.
    pub fn within(&self, own: &Self, other: &Self) -> Self {
        let moved = if self.experiment == own.experiment {
            other.experiment
        } else {
            self.experiment
        };
        Self {
            experiment: moved,
            ..self.clone()
        }
    }

    pub fn term(&self, subtracted: bool) -> Term {
        let Self {
            experiment,
            inversion,
            setting,
            with,
            epoch,
            layer,
            ..
        } = self.clone();
        // Both tell which of several numbers it is, and none has both.
        let setting = layer.map_or(setting, |layer| layer.to_string());
        Term {
            subtracted,
            experiment,
            inversion,
            setting,
            with,
            epoch,
        }
    }
}

/// Another place than the claim's own: the name of an inversion, or a table of
/// what is different there.
pub fn other(
    table: &Reader<'_>,
    key: &'static str,
    own: &Place,
    members: &[Member],
) -> Option<Place> {
    let node = table.node(key)?;
    let own = &Place { key, ..own.clone() };
    let place = match &node.value {
        Value::String(name) => Place {
            inversion: name.clone(),
            setting: String::new(),
            ..own.clone()
        },
        Value::Table(_) => {
            let inner = table.table(key)?;
            inner.known("by");
            if key == "minus" && inner.has("by") {
                inner.fault("by", "has no meaning here");
            }
            let place = own.overridden(&inner, members);
            inner.finish();
            place?
        }
        other => {
            let message = format!(
                "must be the name of an inversion, or what differs, such as \
                 `{{ in = \"mlp\" }}`, got {} (numbers go to `at_least` and `at_most`)",
                other.show()
            );
            table.fault(key, &message);
            return None;
        }
    };
    let turned = Place {
        inversion: place.with.clone(),
        with: place.inversion.clone(),
        ..place.clone()
    };
    if place == *own || (!place.with.is_empty() && turned == *own) {
        table.fault(key, "names the same number that the claim is about");
        return None;
    }
    Some(place)
}

fn text(node: &Node) -> Option<String> {
    node.text().map(str::to_owned)
}

/// As tables show it.
fn setting(node: &Node) -> Option<String> {
    match &node.value {
        Value::Table(_) | Value::Array(_) => None,
        value => Some(value.label()),
    }
}

fn experiment(table: &Reader<'_>, members: &[Member]) -> Option<usize> {
    if members.len() == 1 {
        table.fault(
            "in",
            "has no meaning: the spec is of one experiment; `[compare]` sets several side by side",
        );
        return None;
    }
    let labels: Vec<String> = members.iter().map(Member::label).collect();
    let named: Vec<(&str, usize)> = labels.iter().map(String::as_str).zip(0..).collect();
    table.choice("in", &named)
}

/// Holds that the experiment has what stands at a place and the classes that count;
/// of metrics that are not known only its inversion.
pub fn check(
    table: &Reader<'_>,
    metrics: Option<&[String]>,
    (place, classes): (&Place, &Classes),
    members: &[Member],
) {
    let Some(member) = members.get(place.experiment) else {
        return;
    };
    if let Some(metrics) = metrics {
        check_metrics(table, metrics, place, member);
    }
    if let Classes::Of(labels) = classes
        && let Some(message) = unknown_labels(labels, &member.spec.data.classes)
    {
        table.fault("classes", &message);
    }
    if !place.inversion.is_empty() {
        check_inversion(table, place, &member.spec.inversions);
    }
    check_layer(table, metrics.unwrap_or_default(), place, member);
    if let Some(epoch) = place.epoch {
        check_epoch(
            table,
            metrics.unwrap_or_default(),
            (place.key, epoch),
            member,
        );
    }
}

/// Holds that epochs are counted from 1, and that all metrics are told of each. One that
/// training does not reach, which `--set` can make shorter, leaves the claim undecided.
fn check_epoch(
    table: &Reader<'_>,
    metrics: &[String],
    (key, epoch): (&'static str, usize),
    member: &Member,
) {
    let key = if key == "of" { "epoch" } else { key };
    let of_epochs = |name: &&String| Column::any(&OF_EPOCHS, name);
    if let Some(name) = metrics.iter().find(|name| !of_epochs(name)) {
        let message = format!("has no meaning for `{name}`: it is no column of `accuracy.csv`");
        table.fault(key, &message);
    }
    if epoch == 0 && member.spec.train.epochs > 0 {
        table.fault(key, "is epoch 0, but epochs are counted from 1");
    }
}

/// Holds that there is a layer where the metrics are told of each, all or none of them,
/// and that the network has it.
fn check_layer(table: &Reader<'_>, metrics: &[String], place: &Place, member: &Member) {
    let Some(name) = metrics.first() else {
        return;
    };
    let key = if place.key == "of" {
        "layer"
    } else {
        place.key
    };
    let of_layers = LayerMetric::named(name).is_some();
    let layers = member.spec.model.hidden.len() + 1;
    match place.layer {
        None if of_layers => {
            table.fault(key, &format!("is missing: `{name}` is told of each layer"));
        }
        Some(_) if !of_layers => table.fault(key, &format!("has no meaning for `{name}`")),
        Some(layer) if layer >= layers => {
            let message = format!("is layer {layer}, but there are {layers}, counted from 0");
            table.fault(key, &message);
        }
        _ => {}
    }
}

/// Holds that the metrics, all of one kind, are measured of what stands there.
fn check_metrics(table: &Reader<'_>, metrics: &[String], place: &Place, member: &Member) {
    for name in metrics {
        if Metric::named(name).is_some_and(|metric| !member.spec.metrics.contains(&metric)) {
            let message = format!("names {name:?}, which is not measured: see `metrics`");
            table.fault("metric", &message);
        }
    }
    for name in metrics {
        if let Some(reason) = undefined(name, place, &member.spec) {
            table.fault("metric", &fit::names(name, &reason));
        }
    }
    let Some(name) = metrics.first() else {
        return;
    };
    let (training, pairs) = (is_of_network(name), Column::any(&OF_PAIRS, name));
    let needs = |key: &str, value: &str, needed: bool| match (value.is_empty(), needed) {
        (true, true) => table.fault(key, &format!("is missing: `{name}` is one of inverses")),
        (false, false) => table.fault(key, &format!("has no meaning for `{name}`")),
        _ => {}
    };
    needs("of", &place.inversion, !training);
    needs("with", &place.with, pairs);
    if training && table.has("classes") {
        table.fault("classes", &format!("has no meaning for `{name}`"));
    }
    if pairs {
        check_pair(table, place, &member.spec.inversions);
    }
}

/// Returns why an experiment has no value of what is named at a place, to follow
/// "undefined"; none if it can have one.
fn undefined(name: &str, place: &Place, spec: &Spec) -> Option<String> {
    let size = spec.data.source.size();
    if let Some(metric) = Metric::named(name) {
        let mut inversions = spec.inversions.iter();
        let inversion = inversions.find(|one| one.name == place.inversion)?;
        return spec.undefined(metric, inversion, size);
    }
    let of_hidden = LayerMetric::named(name).is_some_and(LayerMetric::is_of_hidden_layers);
    let reason = if Column::any(&OF_EPOCHS, name) {
        return of_epochs(name, spec);
    } else if of_hidden && place.layer == Some(spec.model.hidden.len()) {
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

/// The same of a column of the accuracy log.
fn of_epochs(column: &str, spec: &Spec) -> Option<String> {
    let reason = if column.contains("subset") && spec.model.output != Output::Logistic {
        "unless outputs are logistic"
    } else if column.starts_with("test_") && spec.data.source.has_tests() == Some(false) {
        "without test rows: `data.test_file` names some"
    } else if column.starts_with("running_") && spec.train.epochs == 0 {
        "without training"
    } else {
        return None;
    };
    Some(reason.to_owned())
}

/// The inversion of this name; a fault with the nearest one if there is none.
fn named<'a>(
    table: &Reader<'_>,
    (key, name): (&str, &str),
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

fn check_inversion(table: &Reader<'_>, place: &Place, inversions: &[Inversion]) {
    let Place {
        key,
        inversion: name,
        setting,
        ..
    } = place;
    let Some(inversion) = named(table, (key, name), inversions) else {
        return;
    };
    let values = || inversion.settings.iter().map(|one| one.value.as_str());
    match (inversion.sweep.is_empty(), setting.is_empty()) {
        (true, true) => {}
        (true, false) => table.fault("setting", &format!("has no meaning: `{name}` is not swept")),
        (false, _) if values().any(|value| value == setting) => {}
        (false, true) => {
            let message = format!("is {name:?}, which is swept: `setting` is missing");
            table.fault(key, &message);
        }
        (false, false) => {
            let (all, hint) = (one_of_names(values()), suggestion(setting, values()));
            let message = format!("is {setting:?}, but `{name}` has {all}{hint}");
            table.fault("setting", &message);
        }
    }
}

/// Pairs are told of different inversions without a sweep.
fn check_pair(table: &Reader<'_>, place: &Place, inversions: &[Inversion]) {
    let Place {
        inversion, with, ..
    } = place;
    let other = (!with.is_empty()).then(|| named(table, ("with", with), inversions));
    let own = inversions.iter().find(|one| one.name == *inversion);
    for (key, one) in [(place.key, own), ("with", other.flatten())] {
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
