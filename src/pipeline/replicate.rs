//! One replicate: through all stages, to the content of every file.

use std::cell::OnceCell;

use super::context::Context;
use super::drawing::{self, Drawer};
use super::error::RunError;
use super::event::Event;
use super::experiment::Experiment;
use super::make::{self, TrainedFiles};
use super::products::{Inverse, Replicate};
use super::source::Source;
use super::stage::{Stage, Stages};
use super::workbench::Workbench;
use crate::data::{Dataset, Description, Received};
use crate::figures::Drawing;
use crate::invert::invert;
use crate::metrics::{Measured, measure};
use crate::model::Network;
use crate::spec::{Figure, Inversion};
use crate::train::Setup;

/// The samples of an experiment, loaded when somebody needs them.
pub type Samples = OnceCell<Dataset>;

/// Takes the replicate of one seed through its stages.
pub struct Run<'a> {
    pub experiment: &'a Experiment,
    pub context: &'a Context,
    pub source: &'a Source,
    pub seed: u64,
    pub samples: &'a Samples,
    pub tell: &'a dyn Fn(Event<'_>),
}

impl Run<'_> {
    /// Gets all stages in their order, from the store or by making them.
    ///
    /// # Errors
    /// If a stage fails, or with [`RunError::StandsIn`] if the data cannot be
    /// had and others stand in for it, so that all stages are other ones.
    pub fn replicate(&self) -> Result<Replicate, RunError> {
        let Self {
            experiment, seed, ..
        } = *self;
        let stages = Stages::of(experiment, seed, self.source, self.context.device_kind);
        let mut bench = Workbench::new(self.context, &experiment.folder, self.tell);
        let data = self.data(&mut bench, &stages.data)?;
        (self.tell)(Event::Data(&data));
        let trained = self.train(&mut bench, &stages.train, &data)?;
        let model = &experiment.spec.model;
        let network = Network::new(&trained.trained.parameters, model.activation, model.output);
        let (mut inverses, mut measures) = (Vec::new(), Vec::new());
        let pairs = stages.inverses.iter().zip(&stages.measures);
        for (inversion, (invert, measure)) in experiment.spec.inversions.iter().zip(pairs) {
            let inverse = self.invert(&mut bench, invert, inversion, &network)?;
            measures.push(self.measure(&mut bench, measure, &network, &inverse)?);
            inverses.push(inverse);
        }
        let drawer = Drawer {
            experiment,
            seed,
            data: &data,
            history: &trained.trained.history,
            inverses: &inverses,
        };
        let mut drawings = Vec::new();
        for (figure, stage) in experiment.spec.figures.iter().zip(&stages.figures) {
            drawings.push((
                figure.name.clone(),
                draw(&mut bench, stage, figure, &drawer)?,
            ));
        }
        let (records, made) = bench.finish();
        Ok(Replicate {
            seed,
            data,
            trained,
            inverses,
            measures,
            drawings,
            records,
            made,
        })
    }

    fn data(&self, bench: &mut Workbench<'_>, stage: &Stage) -> Result<Description, RunError> {
        bench.get(stage, make::read_description, |_| {
            let dataset = self.dataset()?;
            // A file that was exchanged between the two looks at it.
            let now = Source::asked(self.experiment, self.context)?;
            if self.source.stand_in.is_none() && now.identity != self.source.identity {
                return Err(RunError::Exchanged);
            }
            make::description(&dataset.description())
        })
    }

    /// The samples, which must be those that the stages were named after.
    fn dataset(&self) -> Result<&Dataset, RunError> {
        if self.samples.get().is_none() {
            let Experiment { spec, folder, .. } = self.experiment;
            let on_bytes = |received: Received<'_>| (self.tell)(Event::Received(received));
            let dataset = self.context.loader.load(&spec.data, folder, &on_bytes)?;
            let _ = self.samples.set(dataset);
        }
        let dataset = self.samples.get().ok_or(RunError::Exchanged)?;
        match (&dataset.stand_in_for, &self.source.stand_in) {
            (Some(asked), None) => Err(RunError::StandsIn(asked.reason.clone())),
            _ => Ok(dataset),
        }
    }

    fn train(
        &self,
        bench: &mut Workbench<'_>,
        stage: &Stage,
        data: &Description,
    ) -> Result<TrainedFiles, RunError> {
        let spec = &self.experiment.spec;
        let read = |outputs: &_| make::read_trained(&spec.model, outputs);
        bench.get(stage, read, |making| {
            let dataset = self.dataset()?;
            if dataset.description() != *data {
                return Err(RunError::Exchanged);
            }
            let setup = Setup {
                model: &spec.model,
                train: &spec.train,
                dataset,
                seed: self.seed,
                device: &self.context.device,
            };
            make::train(setup, data, making, self.tell)
        })
    }

    fn invert(
        &self,
        bench: &mut Workbench<'_>,
        stage: &Stage,
        inversion: &Inversion,
        network: &Network,
    ) -> Result<Inverse, RunError> {
        let images = bench.get(stage, make::read_inverse, |_| {
            let (range, targets) = (self.experiment.spec.data.range, self.targets(network));
            let images = invert(network, inversion.method, &targets, range)
                .map_err(|source| RunError::Invert(inversion.name.clone(), source))?;
            Ok(make::inverse(&images)?)
        })?;
        Ok(Inverse {
            name: inversion.name.clone(),
            images,
        })
    }

    fn measure(
        &self,
        bench: &mut Workbench<'_>,
        stage: &Stage,
        network: &Network,
        inverse: &Inverse,
    ) -> Result<Vec<Measured>, RunError> {
        bench.get(stage, make::read_measures, |_| {
            let (range, targets) = (self.experiment.spec.data.range, self.targets(network));
            make::measures(&measure(network, &inverse.images, &targets, range))
        })
    }

    /// The logits asked for, a row for each class.
    fn targets(&self, network: &Network) -> Vec<Vec<f64>> {
        let target = self.experiment.spec.target;
        let targets = target.map(|target| target.logits(network.output, network.outputs()));
        targets.unwrap_or_default()
    }
}

fn draw(
    bench: &mut Workbench<'_>,
    stage: &Stage,
    figure: &Figure,
    drawer: &Drawer<'_>,
) -> Result<Drawing, RunError> {
    bench.get(stage, make::read_drawing, |_| {
        let drawing = drawing::draw(drawer, figure);
        let failed = |source| RunError::Figure(figure.name.clone(), source);
        Ok(make::drawing(drawing.map_err(failed)?))
    })
}
