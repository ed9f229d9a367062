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
use crate::metrics::judge::{Judges, PictureReading, Readings, ViewedReadings};
use crate::metrics::{Inverses, Measured, MeasuredSetting, Measures, Reference};
use crate::model::{DeviceKind, Network};
use crate::pace::Pace;
use crate::pipeline::error::RunError;
use crate::pipeline::runner::{Computation, Work};
use crate::pipeline::stage::{Libraries, Stage, StageDeclaration, StageKind};
use crate::store::{METRICS, Outputs, READINGS};
use crate::table::{from_csv, to_csv};

pub static DECLARATION: StageDeclaration = StageDeclaration {
    name: "measure",
    version: 5,
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
    judges: OnceCell<Option<Judges>>,
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
            judges: OnceCell::new(),
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

    /// Returns the evaluators, if a metric needs them, made at the first call.
    fn judges(&self) -> Result<Option<&Judges>, RunError> {
        if let Some(known) = self.judges.get() {
            return Ok(known.as_ref());
        }
        let judges = match self.judge {
            Some(judge) => {
                let file = self.inversion.data.dataset.load_file()?;
                let judges = Judges::new(&judge.parameters, &file, self.inversion.device);
                Some(judges.ok_or_else(|| RunError::Unreadable("judge".to_owned()))?)
            }
            None => None,
        };
        Ok(self.judges.get_or_init(|| judges).as_ref())
    }
}

/// Work of the stage.
pub struct MeasureWork<'a> {
    pub context: &'a MeasureContext<'a>,
    pub inversion: &'a Inversion,
    /// Inverses of each setting: classes x inputs.
    pub images: &'a [Mat<f64>],
}

impl Work<Vec<MeasuredSetting>> for MeasureWork<'_> {
    fn compute(&self, computation: &Computation<'_>) -> Result<Outputs, RunError> {
        let asked = self.asked()?;
        encode(&computation.paced(|pace| self.measured(&asked, pace))?)
    }

    fn decode(&self, outputs: &Outputs) -> Option<Vec<MeasuredSetting>> {
        let empty = || MeasuredSetting {
            values: Vec::new(),
            readings: Vec::new(),
        };
        let settings = self.inversion.settings.iter();
        let mut settings: Vec<MeasuredSetting> = settings.map(|_| empty()).collect();
        let rows: Vec<MeasuredRow> = from_csv(outputs.get(METRICS)?).ok()?;
        for row in rows {
            settings.get_mut(row.setting)?.values.push(Measured {
                class: row.class,
                metric: Metric::named(&row.metric)?,
                value: row.value,
                by: from_words(&row.by)?,
            });
        }
        let Some(readings) = outputs.get(READINGS) else {
            return Some(settings);
        };
        let rows: Vec<StoredReading> = from_csv(readings).ok()?;
        for row in rows {
            let readings = &mut settings.get_mut(row.setting)?.readings;
            // Inverses that are missing have no rows.
            while row.class < MAX_CLASSES && row.class >= readings.len() {
                readings.push(ViewedReadings::default());
            }
            row.put(readings.get_mut(row.class)?)?;
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
    ) -> Result<Vec<MeasuredSetting>, RunError> {
        let context = self.context.inversion;
        let spec = context.spec;
        let reference = self.context.reference().map_err(|e| self.failed(e))?;
        let judges = self.context.judges()?;
        let dataset = match judges {
            Some(_) => Some(context.data.samples()?),
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
            judges: judges.zip(dataset.as_deref()),
            companions: &self.context.companions,
            pace,
        };
        measures.of(&inverses).map_err(RunError::Judge)
    }
}

/// Maximum number of classes: labels are bytes.
const MAX_CLASSES: usize = 256;

/// Row of the stored table of metrics.
#[derive(Serialize, Deserialize)]
struct MeasuredRow {
    setting: usize,
    class: usize,
    metric: String,
    value: Option<f64>,
    /// Values by evaluator, with spaces between them.
    by: String,
}

/// Row of the stored table of readings.
#[derive(Serialize, Deserialize)]
struct StoredReading {
    setting: usize,
    class: usize,
    is_drawn: bool,
    nearest: f64,
    another: f64,
    none: f64,
    /// Probability of each class, with spaces between them.
    classes: String,
}

impl StoredReading {
    /// Adds it to the readings of its picture, whose evaluators come in their order.
    fn put(&self, readings: &mut ViewedReadings) -> Option<()> {
        let Readings(all) = if self.is_drawn {
            &mut readings.drawn
        } else {
            &mut readings.clipped
        };
        all.push(PictureReading {
            classes: from_words(&self.classes)?,
            another: self.another,
            none: self.none,
        });
        readings.nearest = self.nearest;
        Some(())
    }
}

fn to_words(values: &[f64]) -> String {
    let words: Vec<String> = values.iter().map(f64::to_string).collect();
    words.join(" ")
}

fn from_words(text: &str) -> Option<Vec<f64>> {
    text.split_whitespace()
        .map(|word| word.parse().ok())
        .collect()
}

fn encode(settings: &[MeasuredSetting]) -> Result<Outputs, RunError> {
    let (mut rows, mut read) = (Vec::new(), Vec::new());
    for (setting, measured) in settings.iter().enumerate() {
        rows.extend(measured.values.iter().map(|measured| MeasuredRow {
            setting,
            class: measured.class,
            metric: measured.metric.name().to_owned(),
            value: measured.value,
            by: to_words(&measured.by),
        }));
        for (class, readings) in measured.readings.iter().enumerate() {
            for (is_drawn, Readings(all)) in [(false, &readings.clipped), (true, &readings.drawn)] {
                read.extend(all.iter().map(|reading| StoredReading {
                    setting,
                    class,
                    is_drawn,
                    nearest: readings.nearest,
                    another: reading.another,
                    none: reading.none,
                    classes: to_words(&reading.classes),
                }));
            }
        }
    }
    let mut files = outputs([(METRICS, to_csv(&rows)?)]);
    if !read.is_empty() {
        files.insert(READINGS.to_owned(), to_csv(&read)?);
    }
    Ok(files)
}
