//! Stage `prior`: fits the distribution of the training images, without their labels.

use serde_json::json;

use super::data::SummarizedData;
use super::files::{array, matrices, outputs};
use crate::arrays::{from_safetensors, to_safetensors};
use crate::config::{Inversion, PriorOf, Spec};
use crate::invert::{Mixture, Prior, SampleMoments};
use crate::pipeline::error::RunError;
use crate::pipeline::runner::{Computation, Work};
use crate::pipeline::stage::{Libraries, Stage, StageDeclaration, StageKind};
use crate::store::Outputs;

pub static DECLARATION: StageDeclaration = StageDeclaration {
    name: "prior",
    version: 1,
    libraries: Libraries::new(&["faer", "rand_chacha"]),
    uses_device: false,
};

/// Returns one stage per prior that an inversion needs.
pub fn stages(spec: &Spec, data: &Stage) -> Vec<(PriorOf, Stage)> {
    let mut stages: Vec<(PriorOf, Stage)> = Vec::new();
    for of in spec.inversions.iter().flat_map(Inversion::priors) {
        if stages.iter().all(|(known, _)| *known != of) {
            let stage = Stage::new(StageKind::Prior, &of.describe(), &json!(of), &[data]);
            stages.push((of, stage));
        }
    }
    stages
}

/// Work of the stage.
pub struct PriorWork<'a> {
    pub data: &'a SummarizedData<'a>,
    pub of: PriorOf,
}

impl Work<Prior> for PriorWork<'_> {
    fn compute(&self, computation: &Computation<'_>) -> Result<Outputs, RunError> {
        let dataset = self.data.samples()?;
        let prior =
            computation.paced(|pace| Prior::of(&dataset.train, dataset.range, self.of, pace))?;
        let arrays = match prior {
            Prior::Gaussian(SampleMoments { mean, covariance }) => {
                vec![array("mean", &[&mean]), array("covariance", &[&covariance])]
            }
            Prior::Mixture(mixture) => vec![
                array("weights", &[&mixture.weights]),
                array("means", &[&mixture.means]),
                array("basis", &[&mixture.basis]),
                array("within", &mixture.within.iter().collect::<Vec<_>>()),
                array("beside", &[&mixture.beside]),
            ],
        };
        Ok(outputs([(PRIOR, to_safetensors(&arrays, &json!({}))?)]))
    }

    fn decode(&self, outputs: &Outputs) -> Option<Prior> {
        let (arrays, _) = from_safetensors(outputs.get(PRIOR)?).ok()?;
        let several = |name: &str| matrices(arrays.iter().find(|array| array.name == name)?);
        let single = |name: &str| several(name)?.into_iter().next();
        if let Some(mean) = single("mean") {
            return Some(Prior::Gaussian(SampleMoments {
                mean,
                covariance: single("covariance")?,
            }));
        }
        Some(Prior::Mixture(Mixture {
            weights: single("weights")?,
            means: single("means")?,
            basis: single("basis")?,
            within: several("within")?,
            beside: single("beside")?,
        }))
    }
}

const PRIOR: &str = "prior.safetensors";
