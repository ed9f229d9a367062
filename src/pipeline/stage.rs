//! Stages: what is made, in which order, and what decides each.
//!
//! A key is known before anything is made: it is the hash of the part of the
//! spec that can change the output, of the keys of the inputs, and of the
//! version of the code. Names, captions and comments are in no key but those of
//! the figures that show them.

mod study;

use std::sync::OnceLock;

use serde::Serialize;
use serde_json::{Value, json};

use super::experiment::Experiment;
use super::machine::libraries;
use super::source::Source;
use crate::config::{DeviceKind, Inversion, PriorOf, ReplicateFigure, ReplicateFigureKind, Spec};
use crate::data::ImageSize;
use crate::store::Key;
pub use study::{Shown, study_figure};

/// What a stage does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StageKind {
    /// Loads or draws samples and describes them.
    Data,
    /// Trains a network.
    Train,
    /// Trains who judges inverses, and tries the judges.
    Judge,
    /// Finds how likely inputs are, as the samples have it without their labels.
    Prior,
    /// Finds one inverse a class.
    Invert,
    /// Measures the inverses of one inversion.
    Measure,
    /// Draws one figure.
    Figure,
}

impl StageKind {
    /// Its name in the store, in plans and in logs.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Data => "data",
            Self::Train => "train",
            Self::Judge => "judge",
            Self::Prior => "prior",
            Self::Invert => "invert",
            Self::Measure => "measure",
            Self::Figure => "figure",
        }
    }

    /// True if it computes on a device; the others, and all linear algebra, are done by
    /// the processor in double precision.
    #[must_use]
    pub fn uses_device(self) -> bool {
        matches!(
            self,
            Self::Train | Self::Judge | Self::Invert | Self::Measure
        )
    }

    /// The version of the code: to be raised by whoever changes what it gives.
    fn version(self) -> u32 {
        match self {
            Self::Data => 2,
            Self::Train => 5,
            Self::Judge => 1,
            Self::Prior => 1,
            Self::Invert => 5,
            Self::Measure => 4,
            Self::Figure => 7,
        }
    }

    /// Looked up once: the lock file is long.
    fn libraries_digest(self) -> &'static str {
        static DIGESTS: [OnceLock<String>; 7] = [const { OnceLock::new() }; 7];
        DIGESTS[self as usize].get_or_init(|| libraries(self.libraries()))
    }

    /// The libraries whose next version, or whose libraries' next version, may
    /// give other bytes.
    fn libraries(self) -> &'static [&'static str] {
        match self {
            Self::Data => &[],
            Self::Train => &["burn", "rand_chacha"],
            Self::Judge => &["burn", "rand_chacha", "faer"],
            Self::Prior => &["faer", "rand_chacha"],
            Self::Invert => &["burn", "rand_chacha", "faer"],
            Self::Measure => &["burn", "faer"],
            Self::Figure => &["plotters", "resvg", "png", "base64", "ttf-noto-sans"],
        }
    }
}

/// One stage of one replicate.
#[derive(Debug, Clone, PartialEq)]
pub struct Stage {
    /// What it does.
    pub kind: StageKind,
    /// Of which inversion or figure; empty for data, training and judges.
    pub name: String,
    /// All that decides what it gives.
    pub material: Value,
    /// The hash of the material.
    pub key: Key,
    /// The stages it needs.
    pub inputs: Vec<Key>,
}

impl Stage {
    /// `part` is what only this kind of stage depends on.
    fn new(kind: StageKind, name: &str, part: &Value, inputs: &[&Self]) -> Self {
        let inputs = inputs.iter().map(|stage| stage.key.clone()).collect();
        Self::of_keys(kind, name, part, inputs)
    }

    fn of_keys(kind: StageKind, name: &str, part: &Value, inputs: Vec<Key>) -> Self {
        let material = json!({
            "stage": kind.name(),
            "version": kind.version(),
            "libraries": kind.libraries_digest(),
            "inputs": inputs,
            "spec": part,
        });
        Self {
            kind,
            name: name.to_owned(),
            key: Key::of(&material),
            material,
            inputs,
        }
    }

    /// What plans and logs call it: `train`, `figure methods`.
    #[must_use]
    pub fn label(&self) -> String {
        format!("{} {}", self.kind.name(), self.name)
            .trim_end()
            .to_owned()
    }
}

/// All stages of one replicate. Inverses and measures are in the order of the
/// spec's inversions, figures in that of its figures.
#[derive(Debug, Clone, PartialEq)]
pub struct Stages {
    /// The samples.
    pub data: Stage,
    /// The network.
    pub train: Stage,
    /// Who judges the inverses, if anything measured needs that.
    pub judge: Option<Stage>,
    /// What is known of the samples without their labels, as inversions need it.
    pub priors: Vec<(PriorOf, Stage)>,
    /// One an inversion.
    pub inverses: Vec<Stage>,
    /// One an inversion.
    pub measures: Vec<Stage>,
    /// One a figure of a single replicate.
    pub figures: Vec<Stage>,
}

impl Stages {
    /// The stages of the replicate with this seed, on these samples.
    #[must_use]
    pub fn of(experiment: &Experiment, seed: u64, source: &Source, device: DeviceKind) -> Self {
        let spec = &experiment.spec;
        let data = data(experiment, source);
        let part = json!({
            "model": spec.model,
            "train": spec.train,
            "seed": seed,
            "device": device.name(),
        });
        let train = Stage::new(StageKind::Train, "", &part, &[&data]);
        let priors = priors(spec, &data);
        let invert = |inversion: &Inversion| {
            let mut part = json!({ "invert": nameless(inversion), "target": spec.target });
            add_task(&mut part, spec);
            let needed = inversion.priors();
            let needed = priors.iter().filter(|(of, _)| needed.contains(of));
            let needed = needed.map(|(_, stage)| stage);
            let inputs: Vec<&Stage> = [&train].into_iter().chain(needed).collect();
            Stage::new(StageKind::Invert, &inversion.name, &part, &inputs)
        };
        let inverses: Vec<Stage> = spec.inversions.iter().map(invert).collect();
        let needs_judges = spec.metrics.iter().any(|metric| metric.needs_judges());
        let judge = (needs_judges && !inverses.is_empty()).then(|| {
            let part = json!({ "device": device.name() });
            Stage::new(StageKind::Judge, "", &part, &[&data])
        });
        let mut part = json!({ "metrics": spec.metrics, "device": device.name() });
        add_task(&mut part, spec);
        if spec.data.source.size() != Some(ImageSize::DIGITS) {
            // Before, this many were compared of images of any size.
            part["compared"] = json!("a third of the pixels");
        }
        let measure = |inverse: &Stage| {
            let inputs = [&data, &train, inverse].into_iter().chain(&judge);
            let inputs: Vec<&Stage> = inputs.collect();
            Stage::new(StageKind::Measure, &inverse.name, &part, &inputs)
        };
        let measures: Vec<Stage> = inverses.iter().map(measure).collect();
        let inputs = FigureInputs {
            data: &data,
            train: &train,
            inverses: &inverses,
            measures: &measures,
        };
        let figure = |figure| self::figure(experiment, seed, figure, &inputs);
        Self {
            figures: spec.replicate_figures().map(figure).collect(),
            data,
            train,
            judge,
            priors,
            inverses,
            measures,
        }
    }

    /// In the order in which they are made.
    pub fn all(&self) -> impl Iterator<Item = &Stage> {
        let pairs = self.inverses.iter().zip(&self.measures);
        [&self.data, &self.train]
            .into_iter()
            .chain(&self.judge)
            .chain(self.priors.iter().map(|(_, stage)| stage))
            .chain(pairs.flat_map(|(inverse, measure)| [inverse, measure]))
            .chain(&self.figures)
    }
}

/// What is looked for, where it is not a target.
fn add_task(part: &mut Value, spec: &Spec) {
    if spec.task.reconstructs() {
        part["task"] = json!(spec.task);
    }
}

fn data(experiment: &Experiment, source: &Source) -> Stage {
    let data = &experiment.spec.data;
    let part = json!({ "data": {
        "source": source.identity,
        "classes": data.classes,
        "per_class": data.per_class,
        "range": data.range,
    } });
    Stage::new(StageKind::Data, "", &part, &[])
}

/// Each prior once that an inversion needs.
fn priors(spec: &Spec, data: &Stage) -> Vec<(PriorOf, Stage)> {
    let mut priors: Vec<(PriorOf, Stage)> = Vec::new();
    for of in spec.inversions.iter().flat_map(Inversion::priors) {
        if priors.iter().all(|(known, _)| *known != of) {
            let stage = Stage::new(StageKind::Prior, &of.describe(), &json!(of), &[data]);
            priors.push((of, stage));
        }
    }
    priors
}

/// All of an entry but its name, which only files and tables have.
fn nameless(entry: &impl Serialize) -> Value {
    let mut value = json!(entry);
    if let Value::Object(fields) = &mut value {
        fields.remove("name");
    }
    value
}

/// What figures of a replicate are drawn from.
struct FigureInputs<'a> {
    data: &'a Stage,
    train: &'a Stage,
    inverses: &'a [Stage],
    measures: &'a [Stage],
}

fn figure(
    experiment: &Experiment,
    seed: u64,
    figure: &ReplicateFigure,
    of: &FigureInputs<'_>,
) -> Stage {
    let names = figure.kind.inversions();
    let part = json!({
        "title": experiment.spec.title,
        "label": experiment.spec.label,
        "experiment": experiment.name,
        "overrides": experiment.overrides,
        "seed": seed,
        "figure": nameless(figure),
        "settings": settings(&experiment.spec, &names),
    });
    let mut inputs = vec![of.data];
    match &figure.kind {
        ReplicateFigureKind::Grid(grid) => {
            let place = |name: &&str| of.inverses.iter().position(|stage| stage.name == **name);
            let shown: Vec<usize> = names.iter().filter_map(place).collect();
            inputs.extend(shown.iter().map(|&place| &of.inverses[place]));
            if !grid.under.is_empty() {
                inputs.extend(shown.iter().map(|&place| &of.measures[place]));
            }
        }
        ReplicateFigureKind::Samples { .. } | ReplicateFigureKind::Components { .. } => {}
        ReplicateFigureKind::Curves { .. } | ReplicateFigureKind::Weights { .. } => {
            inputs.push(of.train);
        }
    }
    Stage::new(StageKind::Figure, &figure.name, &part, &inputs)
}

/// What the settings of these inversions are called on the page.
fn settings(spec: &Spec, names: &[&str]) -> Vec<Value> {
    let values = |inversion: &Inversion| -> Vec<String> {
        let settings = inversion.settings.iter();
        settings.map(|setting| setting.value.clone()).collect()
    };
    let shown = spec.inversions.iter();
    shown
        .filter(|inversion| names.contains(&inversion.name.as_str()))
        .map(|inversion| json!([inversion.name, inversion.sweep, values(inversion)]))
        .collect()
}

#[cfg(test)]
mod tests;
