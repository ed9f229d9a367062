//! Replicate: one seed of an experiment, from its samples to its figures.

use std::sync::Arc;

use faer::Mat;

use super::context::Context;
use super::error::RunError;
use super::event::{Emit, Event};
use super::experiment::Experiment;
use super::graph::Graph;
use super::publish::network::{NetworkRow, network_rows};
use super::runner::Runner;
use super::samples::LazyDataset;
use super::source::Source;
use super::stage::Stage;
use super::stages::data::{DataWork, SummarizedData};
use super::stages::figure::DrawWork;
use super::stages::figure::draw::{self, Drawer};
use super::stages::invert::{InversionContext, InvertWork, inverted_layers};
use super::stages::judge::{JudgeFiles, JudgeWork};
use super::stages::measure::{MeasureContext, MeasureWork};
use super::stages::prior::PriorWork;
use super::stages::randomise::RandomiseWork;
use super::stages::train::{TrainWork, TrainedFiles};
use crate::config::{Facts, ReplicateFigure};
use crate::data::{Dataset, Description};
use crate::figures::Drawing;
use crate::invert::{InvertError, Inverted, Solution};
use crate::metrics::MeasuredSetting;
use crate::metrics::judge::{poor_judges, poor_judges_note};
use crate::model::{Device, Network, open};
use crate::store::Record;

/// Results of one replicate.
#[derive(Debug)]
pub struct Replicate {
    pub seed: u64,
    pub data: Description,
    pub trained: TrainedFiles,
    /// Numbers of the network beside its accuracy log.
    pub network: [NetworkRow; 4],
    /// Judges of the inverses, if a metric needed them.
    pub judge: Option<JudgeFiles>,
    /// Inverses in the order of the spec's inversions.
    pub inverses: Vec<Inverse>,
    /// Figures with their names.
    pub drawings: Vec<(String, Drawing)>,
    /// Record of each stage.
    pub records: Vec<(Stage, Record)>,
    /// Number of stages that were not in the store.
    pub computed: usize,
}

/// Results of one inversion.
#[derive(Debug)]
pub struct Inverse {
    pub name: String,
    /// Images of each setting: classes x inputs.
    pub images: Vec<Mat<f64>>,
    /// Searches of each setting; empty for methods that do not search.
    pub solutions: Vec<Vec<Solution>>,
    /// Measurements of each setting.
    pub measures: Vec<MeasuredSetting>,
}

/// Walk of one replicate through its graph.
pub struct ReplicateWalk<'a> {
    experiment: &'a Experiment,
    context: &'a Context,
    seed: u64,
    emit: Emit<'a>,
    dataset: LazyDataset<'a>,
    pub graph: Graph,
}

impl<'a> ReplicateWalk<'a> {
    pub fn new(
        experiment: &'a Experiment,
        context: &'a Context,
        source: &'a Source,
        seed: u64,
        emit: Emit<'a>,
    ) -> Self {
        let device = context.device_of(experiment);
        Self {
            experiment,
            context,
            seed,
            emit,
            dataset: LazyDataset::new(experiment, context, source, emit),
            graph: Graph::new(experiment, seed, source, device),
        }
    }

    /// Returns a runner for the stages of the graph.
    pub fn runner(&self) -> Runner<'a> {
        Runner::new(self.context, &self.experiment.folder, self.emit)
    }

    /// Gets all stages in their order, each from the store or by computing it.
    ///
    /// # Errors
    /// If a stage fails, or with [`RunError::Fallback`] if only the fallback data set is
    /// available, with which all stages have other keys.
    pub fn replicate(&self, runner: Runner<'_>) -> Result<Replicate, RunError> {
        let (graph, seed, spec) = (&self.graph, self.seed, &self.experiment.spec);
        let device = &open(self.context.device_of(self.experiment))?;
        let mut runner = runner.on(device);
        let data = &self.data(&mut runner)?;
        let trained = self.trained(&mut runner, TrainWork { data, seed, device })?;
        report_drawn(&trained, self.emit);
        let parameters = &trained.trained.parameters;
        let network = self.network(&trained);
        let companions = self.companions(&mut runner, data, device)?;
        let judge = self.judge(&mut runner, device)?;
        let mut priors = Vec::new();
        for (of, stage) in &graph.priors {
            let prior = runner.get(stage, &PriorWork { data, of: *of })?;
            priors.push((*of, Arc::new(prior)));
        }
        let layers = inverted_layers(&network, spec.task);
        let inversion = InversionContext::new(data, seed, device, &network, &layers, priors);
        let measuring = MeasureContext::new(&inversion, judge.as_ref(), companions);
        let inverses = self.inverses(&mut runner, &inversion, &measuring)?;
        let poor = judge
            .as_ref()
            .and_then(|judge| poor_judges(&judge.controls));
        let poor = poor_judges_note(poor.as_deref());
        let drawer = Drawer {
            experiment: self.experiment,
            seed,
            data: &data.summary.description,
            parameters,
            history: &trained.trained.history,
            inverses: &inverses,
            samples: None,
            poor_judges: poor.as_deref(),
        };
        let mut drawings = Vec::new();
        for (figure, stage) in spec.replicate_figures().zip(&graph.figures) {
            let draw = DrawWork(|| self.draw(figure, drawer, data));
            drawings.push((figure.name.clone(), runner.get(stage, &draw)?));
        }
        let (records, computed) = runner.finish();
        Ok(Replicate {
            seed,
            data: data.summary.description.clone(),
            network: network_rows(&trained.trained),
            trained,
            judge,
            inverses,
            drawings,
            records,
            computed,
        })
    }

    /// Gets the network that is inverted: as it was trained, or with its last layers shuffled.
    fn trained(
        &self,
        runner: &mut Runner<'_>,
        train: TrainWork<'_>,
    ) -> Result<TrainedFiles, RunError> {
        let trained = runner.get(&self.graph.train, &train)?;
        let Some(stage) = &self.graph.randomise else {
            return Ok(trained);
        };
        let trained = &trained;
        runner.get(stage, &RandomiseWork { train, trained })
    }

    fn data(&self, runner: &mut Runner<'_>) -> Result<SummarizedData<'_>, RunError> {
        let dataset = &self.dataset;
        let mut summary = runner.get(&self.graph.data, &DataWork { dataset })?;
        summary.description.files = dataset.files();
        report_data(self.experiment, &summary.description, self.emit);
        self.check(&summary.description)?;
        Ok(SummarizedData { summary, dataset })
    }

    /// Checks the spec against its data, which is unknown before.
    fn check(&self, data: &Description) -> Result<(), RunError> {
        let misfits = self.experiment.spec.misfits(&Facts {
            size: Some(data.size),
            training_rows: Some(data.training_rows),
            has_tests: Some(data.test_rows.is_some()),
        });
        if !misfits.is_empty() {
            return Err(RunError::Misfits(misfits));
        }
        match data.class_without_test_row() {
            Some(label) if self.experiment.spec.task.reconstructs() => {
                Err(RunError::Original(InvertError::NoTestImage(label)))
            }
            Some(_) | None => Ok(()),
        }
    }

    fn network(&self, trained: &TrainedFiles) -> Network {
        let model = &self.experiment.spec.model;
        Network::new(&trained.trained.parameters, model.activation, model.output)
    }

    /// Gets the judges, if a metric needs them.
    fn judge(
        &self,
        runner: &mut Runner<'_>,
        device: &Device,
    ) -> Result<Option<JudgeFiles>, RunError> {
        let Some(stage) = &self.graph.judge else {
            return Ok(None);
        };
        let dataset = &self.dataset;
        Ok(Some(runner.get(stage, &JudgeWork { dataset, device })?))
    }

    /// Gets the companions, if a metric needs them.
    fn companions(
        &self,
        runner: &mut Runner<'_>,
        data: &SummarizedData<'_>,
        device: &Device,
    ) -> Result<Vec<Network>, RunError> {
        let companions = self.graph.companions.iter();
        companions
            .map(|&(seed, ref stage)| {
                let work = TrainWork { data, seed, device };
                Ok(self.network(&runner.get(stage, &work)?))
            })
            .collect()
    }

    /// Gets every inversion with its measurements.
    fn inverses(
        &self,
        runner: &mut Runner<'_>,
        context: &InversionContext<'_>,
        measuring: &MeasureContext<'_>,
    ) -> Result<Vec<Inverse>, RunError> {
        let stages = self.graph.inverses.iter().zip(&self.graph.measures);
        let inversions = self.experiment.spec.inversions.iter();
        inversions
            .zip(stages)
            .map(|(inversion, (invert, measure))| {
                let inverted = runner.get(invert, &InvertWork { context, inversion })?;
                let (images, solutions): (Vec<_>, Vec<_>) = inverted
                    .into_iter()
                    .map(|Inverted { images, solutions }| (images, solutions))
                    .unzip();
                report_convergence(&inversion.name, &solutions, self.emit);
                let work = MeasureWork {
                    context: measuring,
                    inversion,
                    images: &images,
                };
                let measures = runner.get(measure, &work)?;
                Ok(Inverse {
                    name: inversion.name.clone(),
                    images,
                    solutions,
                    measures,
                })
            })
            .collect()
    }

    fn draw(
        &self,
        figure: &ReplicateFigure,
        drawer: Drawer<'_>,
        data: &SummarizedData<'_>,
    ) -> Result<Drawing, RunError> {
        let shows_rows = !figure.kind.training_rows().is_empty();
        let samples: Option<Arc<Dataset>> = shows_rows.then(|| data.samples()).transpose()?;
        let samples = samples.as_deref();
        let name = &figure.name;
        let on_blank = |reason: &str| (self.emit)(Event::BlankFigure { name, reason });
        draw::draw(&Drawer { samples, ..drawer }, figure, on_blank)
            .map_err(|source| RunError::Figure(figure.name.clone(), source))
    }
}

/// Reports searches that did not converge.
pub fn report_convergence(name: &str, solutions: &[Vec<Solution>], emit: Emit<'_>) {
    let all = solutions.iter().flatten();
    let (of, count) = (all.clone().count(), all.filter(|s| !s.converged).count());
    if count > 0 {
        emit(Event::NotConverged { name, count, of });
    }
}

/// Reports the number of rows that a replicate trains on, if it draws its own.
pub fn report_drawn(trained: &TrainedFiles, emit: Emit<'_>) {
    if let Some(drawn) = &trained.drawn {
        emit(Event::Data(&drawn.counts.describe()));
    }
}

/// Reports the samples, how they were read, and what may be unintended.
pub fn report_data(experiment: &Experiment, data: &Description, emit: Emit<'_>) {
    emit(Event::Data(&experiment.describe(data)));
    for line in data.provenance() {
        emit(Event::Data(&line));
    }
    for warning in data.warnings() {
        emit(Event::DataWarning(&warning));
    }
}
