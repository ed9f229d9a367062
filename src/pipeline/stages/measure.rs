//! Stage `measure`: measures the inverses of one inversion.

use std::cell::OnceCell;

use faer::Mat;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::files::outputs;
use super::invert::{InversionContext, add_task};
use super::judge::JudgeFiles;
use crate::config::{Inversion, Metric, Spec};
use crate::data::ImageSize;
use crate::invert::{InvertError, PreimageTarget};
use crate::metrics::judge::Judges;
use crate::metrics::{Inverses, Measured, Measures, Reference};
use crate::model::{DeviceKind, Network};
use crate::pace::Pace;
use crate::pipeline::error::RunError;
use crate::pipeline::runner::{Computation, Work};
use crate::pipeline::stage::{Libraries, Stage, StageDeclaration, StageKind};
use crate::store::Outputs;
use crate::table::{from_csv, to_csv};

pub static DECLARATION: StageDeclaration = StageDeclaration {
    name: "measure",
    version: 4,
    libraries: Libraries::new(&["burn", "faer"]),
    uses_device: true,
};

/// Stages that inverses are measured with, beside their own.
#[derive(Clone, Copy)]
pub struct MeasureInputs<'a> {
    pub data: &'a Stage,
    pub network: &'a Stage,
    pub judge: Option<&'a Stage>,
    pub companions: &'a [(u64, Stage)],
}

/// Returns the stage of each inversion, in their order.
pub fn stages(
    spec: &Spec,
    device: DeviceKind,
    with: MeasureInputs<'_>,
    inverses: &[Stage],
) -> Vec<Stage> {
    let mut part = json!({ "metrics": spec.metrics, "device": device.name() });
    add_task(&mut part, spec);
    if spec.data.source.size() != Some(ImageSize::DIGITS) {
        // Versions without this compared as many pixels in images of any size.
        part["compared"] = json!("a third of the pixels");
    }
    let stage = |inverse: &Stage| {
        let companions = with.companions.iter().map(|(_, companion)| companion);
        let inputs: Vec<&Stage> = [with.data, with.network, inverse]
            .into_iter()
            .chain(with.judge)
            .chain(companions)
            .collect();
        Stage::new(StageKind::Measure, &inverse.name, &part, &inputs)
    };
    inverses.iter().map(stage).collect()
}

/// References, judges and companions that all inversions of a network are measured with.
pub struct MeasureContext<'a> {
    inversion: &'a InversionContext<'a>,
    judge: Option<&'a JudgeFiles>,
    companions: Vec<Network>,
    reference: OnceCell<Reference>,
}

impl<'a> MeasureContext<'a> {
    pub fn new(
        inversion: &'a InversionContext<'a>,
        judge: Option<&'a JudgeFiles>,
        companions: Vec<Network>,
    ) -> Self {
        Self {
            inversion,
            judge,
            companions,
            reference: OnceCell::new(),
        }
    }

    /// Returns the references of the metrics, computed at the first call.
    fn reference(&self) -> Result<&Reference, InvertError> {
        if let Some(known) = self.reference.get() {
            return Ok(known);
        }
        let InversionContext {
            data,
            spec,
            network,
            ..
        } = self.inversion;
        let summary = &data.summary;
        let width = summary.description.size.width;
        let reference = Reference::new(network, &summary.means, spec.data.range, width)?;
        Ok(self.reference.get_or_init(|| reference))
    }
}

/// Work of the stage.
pub struct MeasureWork<'a> {
    pub context: &'a MeasureContext<'a>,
    pub inversion: &'a Inversion,
    /// Inverses of each setting: classes x inputs.
    pub images: &'a [Mat<f64>],
}

impl Work<Vec<Vec<Measured>>> for MeasureWork<'_> {
    fn compute(&self, computation: &Computation<'_>) -> Result<Outputs, RunError> {
        let asked = self.asked()?;
        encode(&computation.paced(|pace| self.measured(&asked, pace))?)
    }

    fn decode(&self, outputs: &Outputs) -> Option<Vec<Vec<Measured>>> {
        let rows: Vec<MeasuredRow> = from_csv(outputs.get(METRICS)?).ok()?;
        let mut settings: Vec<Vec<Measured>> = Vec::new();
        for row in rows {
            if row.setting >= settings.len() {
                settings.push(Vec::new());
            }
            settings.get_mut(row.setting)?.push(Measured {
                class: row.class,
                metric: Metric::named(&row.metric)?,
                value: row.value,
            });
        }
        Some(settings)
    }
}

impl MeasureWork<'_> {
    fn failed(&self, error: InvertError) -> RunError {
        RunError::Invert(self.inversion.name.clone(), error)
    }

    /// Returns what every setting asked of the hidden layers, if a metric needs that.
    fn asked(&self) -> Result<Vec<Vec<PreimageTarget>>, RunError> {
        let context = self.context.inversion;
        let settings = &self.inversion.settings;
        let mut metrics = context.spec.metrics.iter();
        if !metrics.any(|metric| metric.needs_backward_pass()) {
            return Ok(vec![Vec::new(); settings.len()]);
        }
        if !self.inversion.priors().is_empty() {
            context.load_knowledge()?;
        }
        let originals = context.originals()?;
        let mut all = Vec::new();
        for setting in settings {
            let targets = context.targets(setting, originals);
            let asked = context.inverter.asked(setting, &targets);
            all.push(asked.map_err(|error| self.failed(error))?);
        }
        Ok(all)
    }

    /// Measures the images of every setting.
    fn measured(
        &self,
        asked: &[Vec<PreimageTarget>],
        pace: Pace<'_>,
    ) -> Result<Vec<Vec<Measured>>, RunError> {
        let context = self.context.inversion;
        let spec = context.spec;
        let reference = self.context.reference().map_err(|e| self.failed(e))?;
        let dataset = match self.context.judge {
            Some(_) => Some(context.data.samples()?),
            None => None,
        };
        let judges = match self.context.judge.zip(dataset.as_deref()) {
            Some((judge, dataset)) => Some(
                Judges::new(&judge.parameters, dataset, context.device)
                    .ok_or_else(|| RunError::Unreadable("judge".to_owned()))?
                    .at(pace),
            ),
            None => None,
        };
        let originals = context.originals()?;
        let settings = self.inversion.settings.iter();
        let targets: Vec<Vec<Vec<f64>>> = settings.map(|s| context.targets(s, originals)).collect();
        let inverses = self.images.iter().zip(&targets).zip(asked);
        let inverses: Vec<Inverses<'_>> = inverses
            .map(|((images, targets), asked)| Inverses {
                images,
                targets,
                asked,
            })
            .collect();
        let measures = Measures {
            network: context.network,
            inverted: context.inverted,
            originals,
            reference,
            metrics: &spec.metrics,
            relabelled: &spec.train.labels.permuted(&spec.data.classes),
            judges: judges.as_ref(),
            companions: &self.context.companions,
            pace,
        };
        measures.of(&inverses).map_err(RunError::Judge)
    }
}

const METRICS: &str = "metrics.csv";

/// Row of the stored table.
#[derive(Serialize, Deserialize)]
struct MeasuredRow {
    setting: usize,
    class: usize,
    metric: String,
    value: Option<f64>,
}

fn encode(settings: &[Vec<Measured>]) -> Result<Outputs, RunError> {
    let mut rows = Vec::new();
    for (setting, measured) in settings.iter().enumerate() {
        rows.extend(measured.iter().map(|measured| MeasuredRow {
            setting,
            class: measured.class,
            metric: measured.metric.name().to_owned(),
            value: measured.value,
        }));
    }
    Ok(outputs([(METRICS, to_csv(&rows)?)]))
}
