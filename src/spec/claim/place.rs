//! Which number of which experiment a claim is about.

use super::Term;
use crate::spec::Inversion;
use crate::spec::fault::{one_of_names, suggestion};
use crate::spec::metric::{Metric, OF_PAIRS, OF_TRAINING};
use crate::spec::reader::Reader;
use crate::spec::study::Member;
use crate::spec::tree::{Node, Value};

/// What stands in the spec; empty text where nothing does.
#[derive(Debug, Clone, PartialEq)]
pub struct Place {
    experiment: usize,
    inversion: String,
    setting: String,
    with: String,
}

impl Place {
    /// That of the claim itself.
    pub fn of_claim(table: &Reader<'_>, members: &[Member]) -> Option<Self> {
        let nothing = Self {
            experiment: 0,
            inversion: String::new(),
            setting: String::new(),
            with: String::new(),
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
        let experiment = if table.has("in") {
            experiment(table, members)?
        } else {
            self.experiment
        };
        table.known("in");
        Some(Self {
            experiment,
            // A setting is one of its inversion's.
            setting: match (&inversion, setting) {
                (_, Some(setting)) => setting,
                (Some(_), None) => String::new(),
                (None, None) => self.setting.clone(),
            },
            inversion: inversion.unwrap_or_else(|| self.inversion.clone()),
            with: with.unwrap_or_else(|| self.with.clone()),
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
        } = self.clone();
        Term {
            subtracted,
            experiment,
            inversion,
            setting,
            with,
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
                 `{{ in = \"mlp\" }}`, got {}",
                other.show()
            );
            table.fault(key, &message);
            return None;
        }
    };
    if place == *own {
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

/// Holds that the experiment has what a term names.
pub fn check(table: &Reader<'_>, metrics: &[String], term: &Term, members: &[Member]) {
    let Some(member) = members.get(term.experiment) else {
        return;
    };
    for name in metrics {
        if Metric::named(name).is_some_and(|metric| !member.spec.metrics.contains(&metric)) {
            let message = format!("names {name:?}, which is not measured: see `metrics`");
            table.fault("metric", &message);
        }
        let training = OF_TRAINING.contains(&name.as_str());
        let pairs = OF_PAIRS.contains(&name.as_str());
        let needs = |key: &str, value: &str, needed: bool| match (value.is_empty(), needed) {
            (true, true) => table.fault(key, &format!("is missing: `{name}` is one of inverses")),
            (false, false) => table.fault(key, &format!("has no meaning for `{name}`")),
            _ => {}
        };
        needs("of", &term.inversion, !training);
        needs("with", &term.with, pairs);
    }
    for (key, name, setting) in [
        ("of", &term.inversion, Some(&term.setting)),
        ("with", &term.with, None),
    ] {
        if !name.is_empty() {
            check_inversion(table, (key, name, setting), &member.spec.inversions);
        }
    }
}

fn check_inversion(
    table: &Reader<'_>,
    (key, name, setting): (&str, &String, Option<&String>),
    inversions: &[Inversion],
) {
    let Some(inversion) = inversions.iter().find(|one| one.name == *name) else {
        let known = || inversions.iter().map(|one| one.name.as_str());
        let (all, hint) = (one_of_names(known()), suggestion(name, known()));
        let message = format!("names {name:?}, but the inversions there are {all}{hint}");
        return table.fault(key, &message);
    };
    let values = || inversion.settings.iter().map(|one| one.value.as_str());
    let setting = setting.map_or("", String::as_str);
    match (inversion.sweep.is_empty(), setting.is_empty()) {
        (true, true) => {}
        (true, false) => table.fault("setting", &format!("has no meaning: `{name}` is not swept")),
        (false, _) if values().any(|value| value == setting) => {}
        (false, true) => {
            table.fault(
                key,
                &format!("is {name:?}, which is swept: `setting` is missing"),
            );
        }
        (false, false) => {
            let (all, hint) = (one_of_names(values()), suggestion(setting, values()));
            let message = format!("is {setting:?}, but `{name}` has {all}{hint}");
            table.fault("setting", &message);
        }
    }
}
