//! Stage `judge`: trains the judges of inverses, and tests them on controls.

use serde_json::json;

use super::files::outputs;
use crate::arrays::{Array, from_safetensors, to_safetensors};
use crate::config::Spec;
use crate::data::drawn_digits;
use crate::metrics::judge::{self, ControlRow, Judges};
use crate::model::{Device, DeviceKind};
use crate::pipeline::error::RunError;
use crate::pipeline::event::Event;
use crate::pipeline::runner::{Computation, Work};
use crate::pipeline::samples::LazyDataset;
use crate::pipeline::source::Source;
use crate::pipeline::stage::{Libraries, Stage, StageDeclaration, StageKind};
use crate::store::{JUDGES, Outputs, RELIABILITY};
use crate::table::{from_csv, to_csv};

pub static DECLARATION: StageDeclaration = StageDeclaration {
    name: "judge",
    version: 2,
    libraries: Libraries::new(&["burn", "rand_chacha", "faer"]),
    uses_device: true,
};

/// Returns the stage if any metric of the spec needs judges.
pub fn needed(spec: &Spec, device: DeviceKind, source: &Source) -> Option<Stage> {
    let needs_judges = spec.metrics.iter().any(|metric| metric.needs_judges());
    (needs_judges && !spec.inversions.is_empty()).then(|| stage(spec, device, source))
}

/// Returns the stage, which all seeds share, and all specs on the same data file.
pub fn stage(spec: &Spec, device: DeviceKind, source: &Source) -> Stage {
    let mut part = json!({ "device": device.name(), "source": source.identity });
    if source.is_drawn(spec) {
        part["digits"] = json!(drawn_digits(&spec.data));
    }
    Stage::new(StageKind::Judge, "", &part, &[])
}

/// Judges of the inverses of networks that were trained on rows of the same data file.
#[derive(Debug, Clone)]
pub struct JudgeFiles {
    /// Parameters of the judges that are trained.
    pub parameters: Vec<Array>,
    /// Predictions of the judges for pictures of a known class, or of none.
    pub controls: Vec<ControlRow>,
    /// Tables of the controls and of their reliability.
    pub tables: Outputs,
}

/// Work of the stage.
pub struct JudgeWork<'a> {
    pub dataset: &'a LazyDataset<'a>,
    pub device: &'a Device,
}

impl Work<JudgeFiles> for JudgeWork<'_> {
    fn compute(&self, computation: &Computation<'_>) -> Result<Outputs, RunError> {
        let file = self.dataset.load_file()?;
        let of = judge::EVALUATORS;
        let on_trained = |trained| (computation.emit)(Event::JudgeTrained { trained, of });
        computation.paced(|pace| {
            let parameters =
                judge::train(&file, self.device, &on_trained).map_err(RunError::Judge)?;
            let judges = Judges::new(&parameters, &file, self.device)
                .ok_or_else(|| RunError::Unreadable("judge".to_owned()))?;
            let (controls, reliability) =
                judge::controls(&judges, &file, pace).map_err(RunError::Judge)?;
            let about = json!({
                "classes": file.classes,
                "data": file.description().describe(),
            });
            Ok(outputs([
                (PARAMETERS, to_safetensors(&parameters, &about)?),
                (JUDGES, to_csv(&controls)?),
                (RELIABILITY, to_csv(&reliability)?),
            ]))
        })
    }

    fn decode(&self, outputs: &Outputs) -> Option<JudgeFiles> {
        let mut tables = outputs.clone();
        let parameters = tables.remove(PARAMETERS)?;
        tables.get(RELIABILITY)?;
        Some(JudgeFiles {
            parameters: from_safetensors(&parameters).ok()?.0,
            controls: from_csv(tables.get(JUDGES)?).ok()?,
            tables,
        })
    }
}

const PARAMETERS: &str = "judge.safetensors";
