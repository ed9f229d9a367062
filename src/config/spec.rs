//! One experiment, as a spec describes it.

use serde::Serialize;

use super::checks::Sections;
use super::claim;
use super::data::{self, Data, FindLabels};
use super::device;
use super::fault::Faults;
use super::figure::{self, Figure, ReplicateFigure};
use super::form::{ValueForm, list, sentence, whole};
use super::invert::{self, Inversion, Setting};
use super::limit::{self, Limit};
use super::metric;
use super::model;
use super::reader::Reader;
use super::schema::Schema;
use super::size::ImageSize;
use super::sweep::SweepAxis;
use super::target;
use super::task::{self, Task};
use super::train;
use super::tree::Node;
use super::verify::{self, Tolerance, Tolerances, default_tolerance};
use crate::invert::Method;
use crate::metrics::{Measurable, Metric};
use crate::model::{DeviceKind, Model, Target};
use crate::train::Train;

/// One experiment, checked.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Spec {
    /// Experiment in one line.
    pub title: String,
    /// Difference from the others of its sweep; empty without one.
    #[serde(skip)]
    pub label: String,
    /// Text that it reproduces, and where in it.
    pub source: Option<String>,
    /// Seeds, one per replicate.
    pub seeds: Vec<u64>,
    /// Device, unless the command line sets another. Manifests record it elsewhere: it
    /// changes nothing but the rounding.
    #[serde(skip)]
    pub device: Option<DeviceKind>,
    /// `[data]`
    pub data: Data,
    /// `[model]`
    pub model: Model,
    /// `[train]`
    pub train: Train,
    /// Inputs to find.
    #[serde(skip_serializing_if = "Task::is_target")]
    pub task: Task,
    /// Outputs to ask for; present with inversions, unless the task is to reconstruct.
    pub target: Option<Target>,
    /// Metrics of inverses; the usual ones, unless the spec names others.
    #[serde(skip_serializing_if = "is_usual")]
    pub metrics: Vec<Metric>,
    /// `[[invert]]`, in the order of the file.
    #[serde(rename = "invert")]
    pub inversions: Vec<Inversion>,
    /// `[[figure]]`, in the order of the file.
    #[serde(rename = "figure")]
    pub figures: Vec<Figure>,
    /// `[[limit]]`, in the order of the file.
    #[serde(rename = "limit", skip_serializing_if = "Vec::is_empty")]
    pub limits: Vec<Limit>,
    /// `[verify]`: tolerances other than the usual ones.
    #[serde(rename = "verify")]
    pub tolerances: Tolerances,
}

/// True for the metrics that a spec has that does not name any.
pub fn is_usual(metrics: &[Metric]) -> bool {
    let tasks = [Task::Target, Task::Reconstruct { layers: 1 }];
    tasks.iter().any(|&task| metrics == Metric::usual(task))
}

impl Spec {
    /// Describes what makes the network a control; none if it is as it was trained on the
    /// truth.
    pub fn control(&self) -> Option<String> {
        let all = [self.train.control(), self.model.control()];
        let all: Vec<String> = all.into_iter().flatten().collect();
        (!all.is_empty()).then(|| all.join(", "))
    }

    /// Figures of each replicate, in the order of the file.
    pub fn replicate_figures(&self) -> impl Iterator<Item = &ReplicateFigure> {
        self.figures.iter().filter_map(Figure::of_replicate)
    }

    /// Tolerance of the numbers of this name between two machines.
    pub fn tolerance(&self, name: &str) -> Tolerance {
        let set = self.tolerances.get(name).copied();
        set.unwrap_or_else(|| default_tolerance(name))
    }

    /// Returns why no inverse by an inversion has a value of a metric, to follow
    /// "undefined", with images of this size; none if its inverses can have one.
    pub(super) fn undefined(
        &self,
        metric: Metric,
        inversion: &Inversion,
        size: Option<ImageSize>,
    ) -> Option<String> {
        let measurable = Measurable {
            output: self.model.output,
            has_hidden: !self.model.hidden.is_empty(),
            reconstructs: self.task.reconstructs(),
            size,
        };
        let is_layered = |setting: &Setting| matches!(setting.method, Method::Layered(_));
        let lacks_layers =
            metric.needs_backward_pass() && !inversion.settings.iter().any(is_layered);
        metric
            .undefined(&measurable)
            .or_else(|| lacks_layers.then(|| "for methods other than `layered`".to_owned()))
    }
}

/// Highest number of replicates.
const MAX_SEEDS: usize = 1000;

/// Reads one experiment. `axes` are the sweeps of its inversions, `swept` the keys that its
/// study sweeps.
pub fn read(
    tree: &Node,
    axes: &[SweepAxis],
    swept: &[String],
    labels: FindLabels<'_>,
    faults: &Faults,
) -> Option<Spec> {
    let root = Reader::new(tree, "", faults)?;
    let title = read_title(&root);
    let source = read_source(&root);
    let seeds = read_seeds(&root);
    let device = device::read(&root);
    declare_keys_of_studies(&root);
    let sections = read_sections(&root, axes, labels);
    let metrics = metric::measured(&root, sections.task.unwrap_or(Task::Target));
    let context = figure::FigureContext {
        inversions: &sections.inversions,
        metrics: &metrics,
        swept,
        layers: sections.model.as_ref().map(|model| model.hidden.len() + 1),
    };
    let figures = figure::read(&root, &context);
    let limits = limit::read(&root, &sections.inversions, &metrics);
    let tolerances = root.section(
        "verify",
        "Tolerances of a rerun on another machine, for \
         metrics, columns of `accuracy.csv`, metrics of networks, layers and pairs, numbers of \
         `judges.csv`, `reliability.csv` and `agreement.csv`, `steps`, `objective`, and \
         `figures` (the mean difference of grey levels)",
    );
    let tolerances = tolerances.map(verify::read).unwrap_or_default();
    sections.check(&root);
    root.finish();
    Some(Spec {
        title: title?,
        label: String::new(),
        source,
        seeds: seeds.unwrap_or_else(|| vec![0]),
        device,
        data: sections.data?,
        model: sections.model?,
        train: sections.train?,
        task: sections.task?,
        target: sections.target,
        metrics,
        inversions: sections.inversions,
        figures,
        limits,
        tolerances,
    })
}

/// Reads the sections that decide numbers.
fn read_sections(root: &Reader<'_>, axes: &[SweepAxis], labels: FindLabels<'_>) -> Sections {
    let data = root.required_section("data", "Samples to train and test on");
    let data = data.and_then(|table| data::read(table, labels));
    let model = root
        .required_section("model", "Network")
        .and_then(model::read);
    let train = root
        .required_section("train", "Training")
        .and_then(train::read);
    let task = task::read(root, model.as_ref());
    let target = root
        .section(
            "target",
            "Outputs to ask for, of the class and of the others: logits, or \
             outputs; required with `[[invert]]`",
        )
        .and_then(target::read);
    let mut inversions = invert::read(root, axes);
    if let Some(size) = data.as_ref().and_then(|data| data.source.size()) {
        for inversion in &mut inversions {
            inversion.light_for(size.pixels());
        }
    }
    task::check(root, task, &inversions);
    Sections {
        data,
        model,
        train,
        task,
        target,
        inversions,
    }
}

/// Reads `title`.
pub fn read_title(root: &Reader<'_>) -> Option<String> {
    root.key(
        "title",
        sentence(),
        "Study in one line, of at most 1000 characters like every \
         text of a spec",
    )
    .required()
}

/// Reads `source`.
pub fn read_source(root: &Reader<'_>) -> Option<String> {
    root.key(
        "source",
        sentence(),
        "Text that is reproduced, and where in it",
    )
    .optional()
}

/// Reads `seeds`.
pub fn read_seeds(root: &Reader<'_>) -> Option<Vec<u64>> {
    let about = "Seeds, or their number: one replicate for each [default: [0]]";
    root.key("seeds", seeds(), about).optional()
}

/// Declares keys that the study reads itself.
pub fn declare_keys_of_studies(root: &Reader<'_>) {
    root.declare(
        "base",
        Schema::Reference,
        "Path of the spec that this one is laid over: \
         tables key by key, lists as a whole. A spec with its own `[[invert]]` inherits no \
         figures and limits; a sweep and claims are never inherited. A comparison can be laid \
         over another one; with its own `experiments` it inherits no figures and pairs. Specs \
         name only each other: plain files below the last folder called `experiments`, \
         otherwise below the folder of the spec. At most 8 bases deep",
    );
    root.declare(
        "sweep",
        Schema::Table,
        "Values of dotted keys, a list or `{ from = 0, to = 50, step = 0.5 }`: one experiment \
             or setting for each. At most 10,000 experiments, 1,000 settings per inversion and \
             5,000 settings in all",
    );
    root.declare("claim", Schema::Tables, claim::CLAIMS);
}

/// Seeds, or their number.
pub fn seeds() -> ValueForm<Vec<u64>> {
    let number = whole("", 1..=MAX_SEEDS).map(|n| (0..n as u64).collect());
    let seeds = list("", 1..=MAX_SEEDS, whole("", 0..).map(|seed| seed as u64)).distinct();
    number.or_else(seeds).text(format!("a number of replicates (1 to {MAX_SEEDS}) or a list of different seeds, at most {MAX_SEEDS}"))
}
