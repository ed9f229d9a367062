//! Stage `figure`: draws one figure, of a replicate or a study.

pub mod draw;
mod history;
pub mod rows;
mod samples;

use serde_json::{Value, json};

use crate::config::{Inversion, ReplicateFigure, ReplicateFigureKind, Spec};
use crate::figures::{Drawing, FigurePage, page_names};
use crate::pipeline::error::RunError;
use crate::pipeline::experiment::Experiment;
use crate::pipeline::runner::{Computation, Work};
use crate::pipeline::stage::{Libraries, Stage, StageDeclaration, StageKind, nameless};
use crate::store::Outputs;

pub static DECLARATION: StageDeclaration = StageDeclaration {
    name: "figure",
    version: 8,
    libraries: Libraries::new(&[
        "resvg",
        "png",
        "base64",
        "ttf-noto-sans",
        "pdf-writer",
        "subsetter",
        "flate2",
    ]),
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
        "names": experiment.spec.data.names,
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
        Ok(Outputs::from_iter((self.0)()?.files(PAGE)))
    }

    fn decode(&self, outputs: &Outputs) -> Option<Drawing> {
        // Each page has a file per format.
        let pages = page_names(PAGE, outputs.len() / 3).into_iter();
        let page = |stem: String| {
            let file = |ending| outputs.get(&format!("{stem}.{ending}")).cloned();
            Some(FigurePage {
                png: file("png")?,
                svg: file("svg")?,
                pdf: file("pdf")?,
            })
        };
        let pages: Vec<FigurePage> = pages.map(page).collect::<Option<_>>()?;
        (!pages.is_empty()).then_some(Drawing { pages })
    }
}

/// Name of the pages in the store.
const PAGE: &str = "figure";
