//! Stage `randomise`: shuffles the parameters of the last layers of the trained network, for
//! everything that is done with it then. Its accuracy log stays that of the training.

use serde_json::json;

use super::train::{TrainWork, TrainedFiles};
use crate::config::Spec;
use crate::model::randomise_last;
use crate::pipeline::error::RunError;
use crate::pipeline::runner::{Computation, Work};
use crate::pipeline::stage::{Libraries, Stage, StageDeclaration, StageKind};
use crate::store::Outputs;
use crate::train::Trained;

pub static DECLARATION: StageDeclaration = StageDeclaration {
    name: "randomise",
    version: 1,
    libraries: Libraries::new(&["burn", "rand_chacha"]),
    uses_device: true,
};

/// Returns the stage for this seed; none if the network stays as it was trained.
pub fn stage(spec: &Spec, seed: u64, data: &Stage, train: &Stage) -> Option<Stage> {
    let last = spec.model.randomise_last;
    let part = json!({ "randomise_last": last, "seed": seed });
    let stage = || Stage::new(StageKind::Randomise, "", &part, &[data, train]);
    (last > 0).then(stage)
}

/// Work of the stage.
pub struct RandomiseWork<'a> {
    pub train: TrainWork<'a>,
    pub trained: &'a TrainedFiles,
}

impl Work<TrainedFiles> for RandomiseWork<'_> {
    fn compute(&self, _: &Computation<'_>) -> Result<Outputs, RunError> {
        let TrainWork { data, seed, .. } = self.train;
        let experiment = data.dataset.experiment;
        let model = &experiment.spec.model;
        let described = experiment.describe(&data.summary.description);
        self.train.files(model, &described, |_| {
            let mut parameters = self.trained.trained.parameters.clone();
            randomise_last(&mut parameters, model.randomise_last, seed);
            Ok(Trained {
                parameters,
                history: self.trained.trained.history.clone(),
            })
        })
    }

    fn decode(&self, outputs: &Outputs) -> Option<TrainedFiles> {
        self.train.decode(outputs)
    }
}
