//! Stage `figure`: draws one figure, of a replicate or a study.

pub mod draw;
mod history;
mod samples;

use serde_json::{Value, json};

use super::files::outputs;
use crate::config::{Inversion, ReplicateFigure, ReplicateFigureKind, Spec};
use crate::figures::Drawing;
use crate::pipeline::error::RunError;
use crate::pipeline::experiment::Experiment;
use crate::pipeline::runner::{Computation, Work};
use crate::pipeline::stage::{Libraries, Stage, StageDeclaration, StageKind, nameless};
use crate::store::Outputs;

pub static DECLARATION: StageDeclaration = StageDeclaration {
    name: "figure",
    version: 7,
    libraries: Libraries::new(&["plotters", "resvg", "png", "base64", "ttf-noto-sans"]),
    uses_device: false,
};

/// Stages that the figures of a replicate show.
pub struct ShownStages<'a> {
    pub data: &'a Stage,
    pub network: &'a Stage,
    pub inverses: &'a [Stage],
    pub measures: &'a [Stage],
}

/// Returns the stage of a figure of the replicate with this seed.
pub fn stage(
    experiment: &Experiment,
    seed: u64,
    figure: &ReplicateFigure,
    shown: &ShownStages<'_>,
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
    let mut inputs = vec![shown.data];
    match &figure.kind {
        ReplicateFigureKind::Grid(grid) => {
            let index = |name: &&str| shown.inverses.iter().position(|one| one.name == **name);
            let indices: Vec<usize> = names.iter().filter_map(index).collect();
            inputs.extend(indices.iter().map(|&index| &shown.inverses[index]));
            if !grid.under.is_empty() {
                inputs.extend(indices.iter().map(|&index| &shown.measures[index]));
            }
        }
        ReplicateFigureKind::Samples { .. } | ReplicateFigureKind::Components { .. } => {}
        ReplicateFigureKind::Curves { .. } | ReplicateFigureKind::Weights { .. } => {
            inputs.push(shown.network);
        }
    }
    Stage::new(StageKind::Figure, &figure.name, &part, &inputs)
}

/// Lists the settings of these inversions, as figures name them.
pub fn settings(spec: &Spec, names: &[&str]) -> Vec<Value> {
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

/// Work of the stage: a drawing, whatever it shows.
pub struct DrawWork<F>(pub F);

impl<F: Fn() -> Result<Drawing, RunError>> Work<Drawing> for DrawWork<F> {
    fn compute(&self, _: &Computation<'_>) -> Result<Outputs, RunError> {
        let drawing = (self.0)()?;
        Ok(outputs([(PNG, drawing.png), (SVG, drawing.svg)]))
    }

    fn decode(&self, outputs: &Outputs) -> Option<Drawing> {
        Some(Drawing {
            png: outputs.get(PNG)?.clone(),
            svg: outputs.get(SVG)?.clone(),
        })
    }
}

const PNG: &str = "figure.png";
const SVG: &str = "figure.svg";
