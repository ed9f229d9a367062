//! Stage `invert`: finds one inverse per class, for every setting of an inversion.

use std::cell::OnceCell;
use std::sync::Arc;

use faer::Mat;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::data::SummarizedData;
use super::files::{array, only_matrices, outputs};
use crate::arrays::to_safetensors;
use crate::config::{Inversion, PriorOf, Setting, Spec, Task};
use crate::invert::{
    InvertError, Inverted, Inverter, Knowledge, Prior, Search, Solution, originals,
};
use crate::model::{Device, Network};
use crate::pipeline::error::RunError;
use crate::pipeline::runner::{Computation, Work};
use crate::pipeline::stage::{Libraries, Stage, StageDeclaration, StageKind, nameless};
use crate::store::{Outputs, SOLUTIONS};
use crate::table::{from_csv, to_csv};

pub static DECLARATION: StageDeclaration = StageDeclaration {
    name: "invert",
    version: 5,
    libraries: Libraries::new(&["burn", "rand_chacha", "faer"]),
    uses_device: true,
};

/// Returns the stage of an inversion; its inputs are the network and the priors it needs.
pub fn stage(
    spec: &Spec,
    inversion: &Inversion,
    network: &Stage,
    priors: &[(PriorOf, Stage)],
) -> Stage {
    let mut part = json!({ "invert": nameless(inversion), "target": spec.target });
    add_task(&mut part, spec);
    let needed = inversion.priors();
    let needed = priors.iter().filter(|(of, _)| needed.contains(of));
    let inputs: Vec<&Stage> = [network]
        .into_iter()
        .chain(needed.map(|(_, stage)| stage))
        .collect();
    Stage::new(StageKind::Invert, &inversion.name, &part, &inputs)
}

/// Adds the task to a key, unless it is the default one.
pub fn add_task(part: &mut Value, spec: &Spec) {
    if spec.task.reconstructs() {
        part["task"] = json!(spec.task);
    }
}

/// Returns the layers that inversions go back through: all, or the first of them.
pub fn inverted_layers(network: &Network, task: Task) -> Network {
    match task {
        Task::Target => network.clone(),
        Task::Reconstruct { layers } => network.up_to(layers),
    }
}

/// Trained network with everything that its inversions have in common.
pub struct InversionContext<'a> {
    pub data: &'a SummarizedData<'a>,
    pub spec: &'a Spec,
    pub seed: u64,
    pub device: &'a Device,
    pub network: &'a Network,
    /// Layers that inversions go back through, see [`inverted_layers`].
    pub inverted: &'a Network,
    pub inverter: Inverter<'a>,
    priors: Vec<(PriorOf, Arc<Prior>)>,
    originals: OnceCell<Mat<f64>>,
}

impl<'a> InversionContext<'a> {
    pub fn new(
        data: &'a SummarizedData<'a>,
        seed: u64,
        device: &'a Device,
        network: &'a Network,
        inverted: &'a Network,
        priors: Vec<(PriorOf, Arc<Prior>)>,
    ) -> Self {
        let spec = &data.dataset.experiment.spec;
        let search = Search {
            width: data.summary.description.size.width,
            seed,
            device,
        };
        Self {
            data,
            spec,
            seed,
            device,
            network,
            inverted,
            inverter: Inverter::new(inverted, spec.data.range, search),
            priors,
            originals: OnceCell::new(),
        }
    }

    /// Gives the inverter the training data and the priors.
    ///
    /// # Errors
    /// If the samples cannot be loaded.
    pub fn load_knowledge(&self) -> Result<(), RunError> {
        self.inverter
            .know(|| Ok(Knowledge::new(self.data.samples()?, self.priors.clone())))
    }

    /// Returns the images to reconstruct, classes x inputs; none if that is not the task.
    ///
    /// # Errors
    /// If the samples cannot be loaded, or a class has no test image.
    pub fn originals(&self) -> Result<Option<&Mat<f64>>, RunError> {
        if !self.spec.task.reconstructs() {
            return Ok(None);
        }
        if let Some(known) = self.originals.get() {
            return Ok(Some(known));
        }
        let images = originals(&*self.data.samples()?, self.seed).map_err(RunError::Original)?;
        Ok(Some(self.originals.get_or_init(|| images)))
    }

    /// Returns the logits that a setting asks for, one row per class: those of the images
    /// to reconstruct, if there are any.
    pub fn targets(&self, setting: &Setting, originals: Option<&Mat<f64>>) -> Vec<Vec<f64>> {
        if let Some(images) = originals {
            let logits = self.inverted.logits(images.as_ref());
            return logits
                .row_iter()
                .map(|z| z.iter().copied().collect())
                .collect();
        }
        let network = self.network;
        let target = setting.target.or(self.spec.target);
        target
            .map(|target| target.logits(network.output, network.outputs()))
            .unwrap_or_default()
    }
}

/// Work of the stage.
pub struct InvertWork<'a> {
    pub context: &'a InversionContext<'a>,
    pub inversion: &'a Inversion,
}

impl Work<Vec<Inverted>> for InvertWork<'_> {
    fn compute(&self, computation: &Computation<'_>) -> Result<Outputs, RunError> {
        let Self { context, inversion } = *self;
        let mut settings = inversion.settings.iter();
        if settings.any(|setting| setting.method.needs_samples()) {
            context.load_knowledge()?;
        }
        let originals = context.originals()?;
        let inverted: Result<Vec<Inverted>, InvertError> = computation.paced(|pace| {
            let invert = |setting: &Setting| {
                let targets = context.targets(setting, originals);
                context.inverter.invert(setting, &targets, pace)
            };
            inversion.settings.iter().map(invert).collect()
        });
        encode(&inverted.map_err(|error| RunError::Invert(inversion.name.clone(), error))?)
    }

    fn decode(&self, outputs: &Outputs) -> Option<Vec<Inverted>> {
        let images = only_matrices(outputs.get(INVERSE)?)?;
        let rows: Vec<StoredSolution> = match outputs.get(SOLUTIONS) {
            Some(table) => from_csv(table).ok()?,
            None => Vec::new(),
        };
        let without_solutions = |images| Inverted {
            images,
            solutions: Vec::new(),
        };
        let mut settings: Vec<Inverted> = images.into_iter().map(without_solutions).collect();
        for row in rows {
            settings.get_mut(row.setting)?.solutions.push(Solution {
                converged: row.converged,
                steps: row.steps,
                objective: row.objective,
                component: row.component,
            });
        }
        Some(settings)
    }
}

const INVERSE: &str = "inverse.safetensors";

/// Row of the stored table of searches.
#[derive(Serialize, Deserialize)]
struct StoredSolution {
    setting: usize,
    converged: bool,
    steps: usize,
    objective: f64,
    component: Option<usize>,
}

/// Packs the inverses; methods that do not search have no table of solutions.
fn encode(settings: &[Inverted]) -> Result<Outputs, RunError> {
    let images: Vec<&Mat<f64>> = settings.iter().map(|inverted| &inverted.images).collect();
    let bytes = to_safetensors(&[array("inverse", &images)], &json!({}))?;
    let mut rows = Vec::new();
    for (setting, inverted) in settings.iter().enumerate() {
        rows.extend(inverted.solutions.iter().map(|solution| StoredSolution {
            setting,
            converged: solution.converged,
            steps: solution.steps,
            objective: solution.objective,
            component: solution.component,
        }));
    }
    let mut files = outputs([(INVERSE, bytes)]);
    if !rows.is_empty() {
        files.insert(SOLUTIONS.to_owned(), to_csv(&rows)?);
    }
    Ok(files)
}
