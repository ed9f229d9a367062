//! One replicate: through all stages, to the content of every file.

use std::cell::OnceCell;
use std::sync::Arc;

use super::context::Context;
use super::error::RunError;
use super::event::Event;
use super::experiment::Experiment;
use super::make::{self, JudgeFiles, Known, TrainedFiles};
use super::publish::files::{Inverse, Replicate};
use super::publish::network::network_rows;
use super::source::Source;
use super::stage::{Stage, Stages};
use super::stages::figure::{self, Drawer};
use super::subject::Subject;
use super::workbench::Workbench;
use crate::config::{Facts, Inversion, ReplicateFigure, Setting};
use crate::data::{Dataset, Description, Received};
use crate::figures::Drawing;
use crate::invert::{InvertError, Inverted, Inverter, PreimageTarget, Search, Solution, originals};
use crate::metrics::judge::Judges;
use crate::metrics::{Inverses, Measured, Measures};
use crate::model::{Device, Network, open};
use crate::pace::{Pace, Reporter};
use crate::train::{Setup, told};

/// Takes the replicate of one seed through stages.
pub struct Run<'a> {
    pub experiment: &'a Experiment,
    pub context: &'a Context,
    pub source: &'a Source,
    pub seed: u64,
    /// Stages of this seed on this source.
    pub stages: Stages,
    /// The samples, once a stage has needed them: none after it loads them again.
    pub dataset: OnceCell<Arc<Dataset>>,
    /// True if a stage that is not in the store is an error.
    pub only_looks: bool,
    pub tell: &'a dyn Fn(Event<'_>),
}

impl Run<'_> {
    /// Gets all stages in their order, from the store or by making them.
    ///
    /// # Errors
    /// If a stage fails, or with [`RunError::StandsIn`] if the data cannot be
    /// had and others stand in for it, so that all stages are other ones.
    pub fn replicate(&self) -> Result<Replicate, RunError> {
        let (experiment, seed, stages) = (self.experiment, self.seed, &self.stages);
        let device = &open(self.context.device_of(experiment))?;
        let mut bench = Workbench::new(self.context, &experiment.folder, self.tell).on(device);
        if self.only_looks {
            bench = bench.only_looking();
        }
        let known = self.data(&mut bench, &stages.data)?;
        tell_data(self.experiment, &known.description, self.tell);
        self.check(&known.description)?;
        let trained = self.train(&mut bench, &stages.train, (&known, device))?;
        let model = &experiment.spec.model;
        let network = Network::new(&trained.trained.parameters, model.activation, model.output);
        let judge = match &stages.judge {
            Some(stage) => Some(self.judge(&mut bench, stage, (&known, device))?),
            None => None,
        };
        let mut priors = Vec::new();
        for (of, stage) in &stages.priors {
            let make = |_: &_| {
                let samples = self.samples(&known)?;
                self.reported(stage, |pace| make::prior(&samples, *of, pace))
            };
            priors.push((*of, Arc::new(bench.get(stage, make::read_prior, make)?)));
        }
        let spec = &experiment.spec;
        let subject = Subject::new((spec, seed), &network, &known, judge.as_ref(), &priors);
        let inverted = self.inverses(&mut bench, stages, (&subject, device))?;
        let drawer = Drawer {
            experiment,
            seed,
            data: &known.description,
            parameters: &trained.trained.parameters,
            history: &trained.trained.history,
            inverses: &inverted,
            samples: None,
        };
        let mut drawings = Vec::new();
        for (figure, stage) in experiment.spec.replicate_figures().zip(&stages.figures) {
            let drawing = self.draw(&mut bench, stage, figure, (drawer, &known))?;
            drawings.push((figure.name.clone(), drawing));
        }
        let (records, made) = bench.finish();
        Ok(Replicate {
            seed,
            data: known.description,
            network: network_rows(&trained.trained),
            trained,
            judge,
            inverses: inverted,
            drawings,
            records,
            made,
        })
    }

    /// Checks what no spec can know before its data is there.
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

    /// Every inversion with what was measured on it.
    fn inverses(
        &self,
        bench: &mut Workbench<'_>,
        stages: &Stages,
        (subject, device): (&Subject<'_>, &Device),
    ) -> Result<Vec<Inverse>, RunError> {
        let spec = &self.experiment.spec;
        let search = Search {
            width: subject.known.description.size.width,
            seed: self.seed,
            device,
        };
        let inverter = Inverter::new(&subject.inverted, spec.data.range, search);
        let samples = || self.samples(subject.known);
        let mut inverses = Vec::new();
        let pairs = stages.inverses.iter().zip(&stages.measures);
        for (inversion, (invert, measure)) in spec.inversions.iter().zip(pairs) {
            let failed = |error| RunError::Invert(inversion.name.clone(), error);
            let inverted = bench.get(invert, make::read_inverse, |_| {
                let mut settings = inversion.settings.iter();
                if settings.any(|setting| setting.method.needs_samples()) {
                    let knowledge = || Ok::<_, RunError>(subject.knowledge(samples()?));
                    inverter.know(knowledge)?;
                }
                let originals = subject.originals(samples)?;
                let inverted: Result<Vec<Inverted>, InvertError> = self.reported(invert, |pace| {
                    let invert = |setting: &Setting| {
                        inverter.invert(setting, &subject.targets(setting, originals), pace)
                    };
                    inversion.settings.iter().map(invert).collect()
                });
                make::inverse(&inverted.map_err(failed)?)
            })?;
            let (images, solutions): (Vec<_>, Vec<_>) = inverted
                .into_iter()
                .map(|Inverted { images, solutions }| (images, solutions))
                .unzip();
            tell_unsettled(&inversion.name, &solutions, self.tell);
            let measures = bench.get(measure, make::read_measures, |_| {
                let asked = self.asked(&inverter, subject, inversion)?;
                let measured = self.reported(measure, |pace| {
                    self.measure((subject, device), inversion, (&images, &asked), pace)
                });
                make::measures(&measured?)
            })?;
            inverses.push(Inverse {
                name: inversion.name.clone(),
                images,
                solutions,
                measures,
            });
        }
        Ok(inverses)
    }

    /// What a stage gives that reports how far it is.
    fn reported<T>(&self, stage: &Stage, of: impl FnOnce(Pace<'_>) -> T) -> T {
        let report = |reached| (self.tell)(Event::Progress { stage, reached });
        of(Reporter::new(&report).pace())
    }

    /// What every setting asked of the hidden layers, if anything is measured on that.
    fn asked(
        &self,
        inverter: &Inverter<'_>,
        subject: &Subject<'_>,
        inversion: &Inversion,
    ) -> Result<Vec<Vec<PreimageTarget>>, RunError> {
        let mut metrics = self.experiment.spec.metrics.iter();
        if !metrics.any(|metric| metric.needs_backward_pass()) {
            return Ok(vec![Vec::new(); inversion.settings.len()]);
        }
        let samples = || self.samples(subject.known);
        if !inversion.priors().is_empty() {
            inverter.know(|| Ok::<_, RunError>(subject.knowledge(samples()?)))?;
        }
        let originals = subject.originals(samples)?;
        let settings = inversion.settings.iter();
        let asked =
            settings.map(|setting| inverter.asked(setting, &subject.targets(setting, originals)));
        let failed = |error| RunError::Invert(inversion.name.clone(), error);
        asked.collect::<Result<_, _>>().map_err(failed)
    }

    /// What is measured on the images of every setting.
    fn measure(
        &self,
        (subject, device): (&Subject<'_>, &Device),
        inversion: &Inversion,
        (images, asked): (&[faer::Mat<f64>], &[Vec<PreimageTarget>]),
        pace: Pace<'_>,
    ) -> Result<Vec<Vec<Measured>>, RunError> {
        let spec = &self.experiment.spec;
        let failed = |error| RunError::Invert(inversion.name.clone(), error);
        let reference = subject.reference(spec.data.range).map_err(failed)?;
        let dataset = match subject.judge {
            Some(_) => Some(self.samples(subject.known)?),
            None => None,
        };
        let judges = subject.judge.zip(dataset.as_deref());
        let judges = judges.map(|(judge, dataset)| {
            let judges = Judges::new(&judge.parameters, dataset, device);
            let judges = judges.ok_or_else(|| RunError::Unreadable("judge".to_owned()));
            judges.map(|judges| judges.at(pace))
        });
        let judges = judges.transpose()?;
        let originals = subject.originals(|| self.samples(subject.known))?;
        let targets = inversion.settings.iter();
        let targets: Vec<Vec<Vec<f64>>> = targets.map(|s| subject.targets(s, originals)).collect();
        let settings = images.iter().zip(&targets).zip(asked);
        let settings: Vec<Inverses<'_>> = settings
            .map(|((images, targets), asked)| Inverses {
                images,
                targets,
                asked,
            })
            .collect();
        let measures = Measures {
            network: subject.network,
            inverted: &subject.inverted,
            originals,
            reference,
            metrics: &spec.metrics,
            relabelled: &spec.train.labels.permuted(&spec.data.classes),
            judges: judges.as_ref(),
            pace,
        };
        measures.of(&settings).map_err(RunError::Judge)
    }

    fn judge(
        &self,
        bench: &mut Workbench<'_>,
        stage: &Stage,
        (known, device): (&Known, &Device),
    ) -> Result<JudgeFiles, RunError> {
        bench.get(stage, make::read_judge, |_| {
            let samples = self.samples(known)?;
            self.reported(stage, |pace| make::judge(&samples, device, self.tell, pace))
        })
    }

    fn data(&self, bench: &mut Workbench<'_>, stage: &Stage) -> Result<Known, RunError> {
        let mut known = bench.get(stage, make::read_known, |_| {
            let dataset = self.dataset()?;
            // A file that was exchanged between the two looks at it.
            let now = Source::asked(self.experiment, self.context)?;
            if self.source.stand_in.is_none() && now.identity != self.source.identity {
                return Err(RunError::Exchanged);
            }
            make::known(&dataset)
        })?;
        // Files of the same content may have had other names when the stage was made.
        known.description.files = if self.source.absent {
            let Experiment { spec, folder, .. } = self.experiment;
            self.context.loader.files(&spec.data, folder)
        } else {
            self.source.files.clone()
        };
        Ok(known)
    }

    /// The samples, which must be those that the stages were named after.
    ///
    /// # Errors
    /// If they cannot be loaded, or with [`RunError::StandsIn`] if others stand in.
    pub fn dataset(&self) -> Result<Arc<Dataset>, RunError> {
        if let Some(dataset) = self.dataset.get() {
            return Ok(Arc::clone(dataset));
        }
        let Experiment { spec, folder, .. } = self.experiment;
        let name = serde_json::to_string(&(&spec.data, &self.source.identity))?;
        let dataset = self.context.shared.dataset(&name, || {
            let on_bytes = |received: Received<'_>| (self.tell)(Event::Received(received));
            self.context.loader.load(&spec.data, folder, &on_bytes)
        })?;
        match (&dataset.stand_in_for, &self.source.stand_in) {
            (Some(asked), None) => Err(RunError::StandsIn(asked.reason.clone())),
            _ => Ok(Arc::clone(self.dataset.get_or_init(|| dataset))),
        }
    }

    /// The samples, which must be those that are known.
    fn samples(&self, known: &Known) -> Result<Arc<Dataset>, RunError> {
        let dataset = self.dataset()?;
        if dataset.description().is_of_same_samples(&known.description) {
            Ok(dataset)
        } else {
            Err(RunError::Exchanged)
        }
    }

    fn train(
        &self,
        bench: &mut Workbench<'_>,
        stage: &Stage,
        (known, device): (&Known, &Device),
    ) -> Result<TrainedFiles, RunError> {
        let spec = &self.experiment.spec;
        let read = |outputs: &_| make::read_trained(&spec.model, outputs);
        bench.get(stage, read, |making| {
            let samples = self.samples(known)?;
            if spec.task.reconstructs() {
                // Whether every class has one is better found out before training.
                originals(&samples, self.seed).map_err(RunError::Original)?;
            }
            let setup = Setup {
                model: &spec.model,
                train: &spec.train,
                dataset: &told(&samples, spec.train.labels, self.seed),
                seed: self.seed,
                device,
            };
            let data = self.experiment.describe(&known.description);
            make::train(setup, &data, making, self.tell)
        })
    }

    fn draw(
        &self,
        bench: &mut Workbench<'_>,
        stage: &Stage,
        figure: &ReplicateFigure,
        (drawer, known): (Drawer<'_>, &Known),
    ) -> Result<Drawing, RunError> {
        bench.get(stage, make::read_drawing, |_| {
            let shows_rows = !figure.kind.training_rows().is_empty();
            let samples = shows_rows.then(|| self.samples(known)).transpose()?;
            let samples = samples.as_deref();
            let name = &figure.name;
            let on_blank = |reason: &str| (self.tell)(Event::BlankFigure { name, reason });
            let drawing = figure::draw(&Drawer { samples, ..drawer }, figure, on_blank);
            let failed = |source| RunError::Figure(figure.name.clone(), source);
            Ok(make::drawing(drawing.map_err(failed)?))
        })
    }
}

/// Reports searches that did not converge.
pub fn tell_unsettled(name: &str, solutions: &[Vec<Solution>], tell: &dyn Fn(Event<'_>)) {
    let all = solutions.iter().flatten();
    let (of, count) = (all.clone().count(), all.filter(|s| !s.converged).count());
    if count > 0 {
        tell(Event::Unsettled { name, count, of });
    }
}

/// Reports the samples, how they were read, and what may not be meant.
pub fn tell_data(experiment: &Experiment, data: &Description, tell: &dyn Fn(Event<'_>)) {
    tell(Event::Data(&experiment.describe(data)));
    for line in data.provenance() {
        tell(Event::Data(&line));
    }
    for warning in data.warnings() {
        tell(Event::DataWarning(&warning));
    }
}
