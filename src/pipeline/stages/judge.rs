//! Stage `judge`: trains the judges of inverses, and tests them on controls.

use serde_json::json;

use super::data::SummarizedData;
use super::files::outputs;
use crate::arrays::{Array, from_safetensors, to_safetensors};
use crate::config::Spec;
use crate::metrics::judge::{self, ControlRow, Judges};
use crate::model::{Device, DeviceKind};
use crate::pipeline::error::RunError;
use crate::pipeline::event::Event;
use crate::pipeline::runner::{Computation, Work};
use crate::pipeline::stage::{Libraries, Stage, StageDeclaration, StageKind};
use crate::store::Outputs;
use crate::table::{from_csv, to_csv};

pub static DECLARATION: StageDeclaration = StageDeclaration {
    name: "judge",
    version: 1,
    libraries: Libraries::new(&["burn", "rand_chacha", "faer"]),
    uses_device: true,
};

/// Returns the stage if any metric of the spec needs judges. All seeds share it.
pub fn stage(spec: &Spec, device: DeviceKind, data: &Stage) -> Option<Stage> {
    let needs_judges = spec.metrics.iter().any(|metric| metric.needs_judges());
    (needs_judges && !spec.inversions.is_empty()).then(|| {
        let part = json!({ "device": device.name() });
        Stage::new(StageKind::Judge, "", &part, &[data])
    })
}

/// Judges of the inverses of networks that were trained on the same samples.
#[derive(Debug, Clone)]
pub struct JudgeFiles {
    /// Parameters of the judges that are trained.
    pub parameters: Vec<Array>,
    /// Predictions of the judges for pictures of a known class, or of none.
    pub controls: Vec<ControlRow>,
    /// The controls as a table.
    pub table: Vec<u8>,
}

/// Work of the stage.
pub struct JudgeWork<'a> {
    pub data: &'a SummarizedData<'a>,
    pub device: &'a Device,
}

impl Work<JudgeFiles> for JudgeWork<'_> {
    fn compute(&self, computation: &Computation<'_>) -> Result<Outputs, RunError> {
        let dataset = self.data.samples()?;
        let on_epoch = |epoch, of| (computation.emit)(Event::JudgeEpoch { epoch, of });
        computation.paced(|pace| {
            let parameters =
                judge::train(&dataset, self.device, &on_epoch).map_err(RunError::Judge)?;
            let judges = Judges::new(&parameters, &dataset, self.device)
                .ok_or_else(|| RunError::Unreadable("judge".to_owned()))?;
            let controls = judge::controls(&judges.at(pace), &dataset).map_err(RunError::Judge)?;
            let about = json!({
                "classes": dataset.classes,
                "data": dataset.description().describe(),
            });
            Ok(outputs([
                (PARAMETERS, to_safetensors(&parameters, &about)?),
                (CONTROLS, to_csv(&controls)?),
            ]))
        })
    }

    fn decode(&self, outputs: &Outputs) -> Option<JudgeFiles> {
        let table = outputs.get(CONTROLS)?.clone();
        Some(JudgeFiles {
            parameters: from_safetensors(outputs.get(PARAMETERS)?).ok()?.0,
            controls: from_csv(&table).ok()?,
            table,
        })
    }
}

const PARAMETERS: &str = "judge.safetensors";
const CONTROLS: &str = "judges.csv";
