//! Figures of studies: which stages of which replicates decide them.

use serde_json::json;

use super::{Stage, StageKind, Stages, nameless, settings};
use crate::config::{StudyFigure, StudyFigureKind};
use crate::pipeline::experiment::{Experiment, Study};
use crate::store::{Key, LeftOut, Manifest};

/// Stages of a replicate that a study figure shows.
pub struct Shown<'a> {
    /// Position of its experiment in the study.
    pub member: usize,
    pub seed: u64,
    /// Kind, name and key of each stage, in the order in which they are made.
    pub stages: Vec<(&'a str, &'a str, &'a Key)>,
}

impl<'a> Shown<'a> {
    /// A replicate with these stages.
    pub fn of(member: usize, seed: u64, stages: &'a Stages) -> Self {
        let stages = stages.all();
        Self {
            member,
            seed,
            stages: stages
                .map(|stage| (stage.kind.name(), stage.name.as_str(), &stage.key))
                .collect(),
        }
    }

    /// A replicate with this manifest.
    pub fn published(member: usize, manifest: &'a Manifest) -> Self {
        let stages = manifest.stages.iter();
        Self {
            member,
            seed: manifest.seed,
            stages: stages
                .map(|entry| (entry.stage.as_str(), entry.name.as_str(), &entry.key))
                .collect(),
        }
    }

    /// Keys of the stages of a kind, or of those with these names.
    fn keys(&self, kind: StageKind, names: Option<&[&str]>) -> impl Iterator<Item = Key> {
        let is_shown = move |name: &str| names.is_none_or(|names| names.contains(&name));
        let stages = self.stages.iter();
        let shown = stages.filter(move |(of, name, _)| *of == kind.name() && is_shown(name));
        shown.map(|(_, _, key)| (*key).clone())
    }
}

/// Figure of these replicates of a study, with a note about those left out.
pub fn study_figure(
    study: &Study,
    figure: &StudyFigure,
    shown: &[Shown<'_>],
    left_out: &[LeftOut],
) -> Stage {
    let names = figure.kind.inversions();
    let member = |member: &Experiment| {
        json!({
            "experiment": member.name,
            "at": member.at,
            "overrides": member.overrides,
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
        inputs.extend(one.keys(StageKind::Data, None));
        match &figure.kind {
            StudyFigureKind::Grid { grid, .. } => {
                inputs.extend(one.keys(StageKind::Invert, Some(&names)));
                if !grid.under.is_empty() {
                    inputs.extend(one.keys(StageKind::Measure, Some(&names)));
                }
            }
            StudyFigureKind::Bars { .. }
            | StudyFigureKind::Strip { .. }
            | StudyFigureKind::Sweep { .. } => {
                inputs.extend(one.keys(StageKind::Measure, Some(&names)));
            }
            StudyFigureKind::Layers { .. } => inputs.extend(one.keys(StageKind::Train, None)),
        }
    }
    Stage::of_keys(StageKind::Figure, &figure.name, &part, inputs)
}
