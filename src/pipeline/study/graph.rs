//! Stages of study figures, which depend on stages of the replicates that they show.

use serde_json::json;

use crate::config::{StudyFigure, StudyFigureKind};
use crate::pipeline::experiment::{Experiment, Study};
use crate::pipeline::graph::Graph;
use crate::pipeline::stage::{Stage, StageKind, nameless};
use crate::pipeline::stages::figure::settings;
use crate::store::{LeftOut, Manifest, StageKey};

/// Names of the data and of the network of a replicate: companions have others.
const OWN: &[&str] = &[""];

/// Replicate that a study figure shows.
pub struct ShownReplicate<'a> {
    /// Position of its experiment in the study.
    pub member: usize,
    pub seed: u64,
    /// Stages in the order in which they are computed.
    stages: Vec<ShownStage<'a>>,
}

/// Stage that a study figure may depend on.
struct ShownStage<'a> {
    /// Name of its kind.
    kind: &'a str,
    name: &'a str,
    key: &'a StageKey,
}

impl<'a> ShownReplicate<'a> {
    /// Returns a replicate with these stages.
    pub fn planned(member: usize, seed: u64, graph: &'a Graph) -> Self {
        let stages = graph.stages().map(|stage| ShownStage {
            kind: stage.kind.name(),
            name: &stage.name,
            key: &stage.key,
        });
        Self {
            member,
            seed,
            stages: stages.collect(),
        }
    }

    /// Returns a replicate with this manifest.
    pub fn published(member: usize, manifest: &'a Manifest) -> Self {
        let stages = manifest.stages.iter().map(|entry| ShownStage {
            kind: &entry.stage,
            name: &entry.name,
            key: &entry.key,
        });
        Self {
            member,
            seed: manifest.seed,
            stages: stages.collect(),
        }
    }

    /// Returns the key of its network: as it was trained, or with its last layers shuffled.
    fn network(&self) -> Option<StageKey> {
        let mut shuffled = self.keys(StageKind::Randomise, OWN);
        let trained = || self.keys(StageKind::Train, OWN).next();
        shuffled.next().or_else(trained)
    }

    /// Iterates over the keys of the stages of a kind with these names.
    fn keys(&self, kind: StageKind, names: &[&str]) -> impl Iterator<Item = StageKey> {
        self.stages
            .iter()
            .filter(move |stage| stage.kind == kind.name() && names.contains(&stage.name))
            .map(|stage| stage.key.clone())
    }
}

/// Returns the stage of a figure of these replicates of a study, with a note about those
/// left out.
pub fn figure_stage(
    study: &Study,
    figure: &StudyFigure,
    shown: &[ShownReplicate<'_>],
    left_out: &[LeftOut],
) -> Stage {
    let names = figure.kind.inversions();
    let member = |member: &Experiment| {
        json!({
            "experiment": member.name,
            "at": member.at,
            "overrides": member.overrides,
            "names": member.spec.data.names,
            "settings": settings(&member.spec, &names),
        })
    };
    let replicates = shown.iter().map(|one| (one.member, one.seed));
    let mut part = json!({
        "title": study.title,
        "study": study.name,
        "members": study.members.iter().map(member).collect::<Vec<_>>(),
        "replicates": replicates.collect::<Vec<_>>(),
        "figure": nameless(figure),
    });
    if !left_out.is_empty() {
        part["left_out"] = json!(left_out);
    }
    let mut inputs = Vec::new();
    for one in shown {
        inputs.extend(one.keys(StageKind::Data, OWN));
        match &figure.kind {
            StudyFigureKind::Beside { .. } => {
                inputs.extend(one.keys(StageKind::Invert, &names));
                inputs.extend(one.keys(StageKind::Measure, &names));
            }
            StudyFigureKind::Grid { grid, .. } => {
                inputs.extend(one.keys(StageKind::Invert, &names));
                if !grid.under.is_empty() {
                    inputs.extend(one.keys(StageKind::Measure, &names));
                }
            }
            StudyFigureKind::Bars { .. }
            | StudyFigureKind::Strip { .. }
            | StudyFigureKind::Sweep { .. } => {
                inputs.extend(one.keys(StageKind::Measure, &names));
            }
            StudyFigureKind::Layers { .. } => inputs.extend(one.network()),
        }
    }
    Stage::with_keys(StageKind::Figure, &figure.name, &part, inputs)
}
