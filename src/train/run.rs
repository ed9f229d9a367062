//! The training loop.

use std::panic::resume_unwind;
use std::thread;

use burn::tensor::Device;

use super::batch::Batches;
use super::checkpoint::Checkpoint;
use super::evaluate::evaluate;
use super::history::{EpochRow, Scores};
use super::learner::{Learner, Passed};
use super::optimizer::OptimizerState;
use crate::data::Dataset;
use crate::model::{Mlp, Model, Parameters, draw, is_host};
use crate::train::Train;

/// All that decides what training gives.
#[derive(Debug, Clone, Copy)]
pub struct Setup<'a> {
    /// What is trained.
    pub model: &'a Model,
    /// How.
    pub train: &'a Train,
    /// On what, with the labels that it is told: see [`relabelled`](super::relabelled).
    pub dataset: &'a Dataset,
    /// Of all random streams.
    pub seed: u64,
    /// Without automatic differentiation.
    pub device: &'a Device,
}

/// What training gives.
#[derive(Debug, Clone, PartialEq)]
pub struct Trained {
    /// Weights and biases of each layer.
    pub parameters: Vec<Parameters>,
    /// One row an epoch, or one of the untrained network.
    pub history: Vec<EpochRow>,
}

/// Training that came to nothing.
#[derive(Debug, thiserror::Error)]
pub enum TrainError {
    /// The loss is no number any more.
    #[error(
        "training diverged in epoch {0}: the loss is not finite; \
         a smaller `train.learning_rate` may help"
    )]
    Diverged(usize),
    /// The loss of the untrained network is no number.
    #[error(
        "the loss of the untrained network is not finite; \
         smaller weights of `model.init` may help"
    )]
    Drawn,
    /// The device would not give its numbers back.
    #[error("the device failed: {0}")]
    Device(String),
    /// A data set without rows.
    #[error("there is nothing to train on")]
    Empty,
    /// A data set whose pixels are none of its rows'.
    #[error("{rows} rows of {features} pixels each have {pixels} pixels")]
    Pixels {
        /// That there are.
        rows: usize,
        /// That each should have.
        features: usize,
        /// That all of them have.
        pixels: usize,
    },
    /// A label that is none of the classes'.
    #[error("row {row} has the label number {label}, counted from 0, of {classes} classes")]
    Label {
        /// Which, from 0.
        row: usize,
        /// What it has.
        label: u8,
        /// How many there are.
        classes: usize,
    },
    /// A layer that the device has no room for.
    #[error(
        "the largest layer takes {bytes} bytes, the device allows {room}; \
         a smaller `model.hidden` or `--device flex` works"
    )]
    TooLarge {
        /// Of its weights, or of its values of a batch.
        bytes: u64,
        /// Of one tensor.
        room: u64,
    },
}

/// A training between two epochs.
///
/// Shuffles come from the streams `shuffle/1`, `shuffle/2`, ..., one an epoch.
///
/// Where the processor computes, it is an epoch ahead: while the network of one is
/// measured, the steps of the next are taken beside it.
pub struct Training<'a> {
    setup: Setup<'a>,
    learner: Learner,
    batches: Batches<'a>,
    test: Option<Batches<'a>>,
    history: Vec<EpochRow>,
    /// Rows of the history that [`Training::epoch`] gave.
    told: usize,
    /// The epoch after those of the history, if its steps are done.
    ahead: Option<Passed>,
}

impl<'a> Training<'a> {
    /// Before the first epoch, of a setup that [`check`](super::check) accepts.
    #[must_use]
    pub fn start(setup: Setup<'a>) -> Self {
        let Dataset { train, classes, .. } = setup.dataset;
        let parameters = draw(setup.model, train.features, classes.len(), setup.seed);
        let mlp = mlp(&setup, parameters);
        let optimizer = OptimizerState::new(setup.train.optimizer, setup.device);
        Self::with(setup, mlp, optimizer, vec![])
    }

    /// Where a training of the same setup stopped. Nothing if the checkpoint does
    /// not fit the setup; that it is not that of another one of the same shape
    /// is for the caller to know.
    #[must_use]
    pub fn resume(setup: Setup<'a>, checkpoint: &Checkpoint) -> Option<Self> {
        let Dataset { train, classes, .. } = setup.dataset;
        let sizes = |parameters: &[Parameters]| {
            let sizes = parameters.iter().flat_map(Parameters::sizes);
            sizes.collect::<Vec<usize>>()
        };
        let drawn = draw(setup.model, train.features, classes.len(), setup.seed);
        let epochs = checkpoint.history.len();
        if sizes(&checkpoint.parameters) != sizes(&drawn) || epochs > setup.train.epochs {
            return None;
        }
        let mlp = mlp(&setup, checkpoint.parameters.clone());
        let optimizer = OptimizerState::restore(
            setup.train.optimizer,
            &mlp.sizes(),
            epochs * train.len().div_ceil(setup.train.batch_size),
            &checkpoint.optimizer,
            setup.device,
        )?;
        Some(Self::with(
            setup,
            mlp,
            optimizer,
            checkpoint.history.clone(),
        ))
    }

    fn with(setup: Setup<'a>, mlp: Mlp, optimizer: OptimizerState, history: Vec<EpochRow>) -> Self {
        let Setup { dataset, train, .. } = setup;
        let batches =
            |samples| Batches::new(dataset, samples, train.targets, setup.device).cached();
        Self {
            setup,
            learner: Learner { mlp, optimizer },
            batches: batches(&dataset.train),
            test: dataset.test.as_ref().map(batches),
            told: history.len(),
            history,
            ahead: None,
        }
    }

    /// The rows of the epochs that are measured.
    #[must_use]
    pub fn history(&self) -> &[EpochRow] {
        &self.history
    }

    /// The row of the next epoch; nothing if all are over. Where there are no epochs the
    /// network is measured as it was drawn.
    ///
    /// # Errors
    /// If the loss stops being finite, there is no row, or the device fails.
    pub fn epoch(&mut self) -> Result<Option<&EpochRow>, TrainError> {
        if self.told == self.history.len() {
            let Some(passed) = self.passed()? else {
                return Ok(None);
            };
            self.measure(&passed)?;
        }
        self.told += 1;
        Ok(self.history.get(self.told - 1))
    }

    /// The first epoch that is not measured, after its steps; nothing if there is none.
    fn passed(&mut self) -> Result<Option<Passed>, TrainError> {
        if let Some(ahead) = self.ahead.take() {
            return Ok(Some(ahead));
        }
        let (setup, batches, epochs) = (&self.setup, &self.batches, self.setup.train.epochs);
        let measured = self.history.len();
        let steps = || self.learner.epoch(setup, batches, epochs.min(measured + 1));
        (measured < epochs.max(1)).then(steps).transpose()
    }

    /// Adds the row of an epoch to the history, and takes the steps of the next one
    /// meanwhile.
    fn measure(&mut self, passed: &Passed) -> Result<(), TrainError> {
        let (setup, batches, test) = (&self.setup, &self.batches, self.test.as_ref());
        let (learner, next) = (&mut self.learner, passed.epoch + 1);
        let row = || row(setup, passed, batches, test);
        let (row, ahead) = if is_host(setup.device) && next <= setup.train.epochs {
            thread::scope(|scope| {
                let row = scope.spawn(row);
                let ahead = learner.epoch(setup, batches, next).map(Some);
                let row = row.join().unwrap_or_else(|panic| resume_unwind(panic));
                (row, ahead)
            })
        } else {
            (row(), Ok(None))
        };
        self.history.push(row?);
        self.ahead = ahead?;
        Ok(())
    }

    /// Measures the epoch that is ahead, so that the history goes as far as the network.
    fn catch_up(&mut self) -> Result<(), TrainError> {
        if let Some(passed) = self.ahead.take() {
            let row = row(&self.setup, &passed, &self.batches, self.test.as_ref())?;
            self.history.push(row);
        }
        Ok(())
    }

    /// The steps of an epoch without the measuring after it, which leaves no row in the
    /// history. Means over its rows, each as it was just before its step.
    ///
    /// # Errors
    /// If there is no row, or the device fails.
    pub fn pass(&mut self, epoch: usize) -> Result<Scores, TrainError> {
        self.learner.pass(&self.setup, &self.batches, epoch)
    }

    /// What it takes to go on from here in another process. There must have
    /// been an epoch. One that is ahead is measured first.
    ///
    /// # Errors
    /// If the loss of that is not finite, or the device fails.
    pub fn checkpoint(&mut self) -> Result<Checkpoint, TrainError> {
        self.catch_up()?;
        let Learner { mlp, optimizer } = &self.learner;
        let parameters = mlp.valid().parameters();
        Ok(Checkpoint {
            parameters: parameters.map_err(TrainError::Device)?,
            optimizer: optimizer.to_arrays().map_err(TrainError::Device)?,
            history: self.history.clone(),
        })
    }

    /// Weights and biases of each layer, and the accuracy log. An epoch that is ahead is
    /// measured first.
    ///
    /// # Errors
    /// If the loss of that is not finite, or the device fails.
    pub fn finish(mut self) -> Result<Trained, TrainError> {
        self.catch_up()?;
        let parameters = self.learner.mlp.valid().parameters();
        Ok(Trained {
            parameters: parameters.map_err(TrainError::Device)?,
            history: self.history,
        })
    }
}

/// The network that learns.
fn mlp(setup: &Setup<'_>, parameters: Vec<Parameters>) -> Mlp {
    let device = setup.device.clone().autodiff();
    Mlp::new(parameters, setup.model.activation, &device)
}

/// What there is to say of an epoch.
fn row(
    setup: &Setup<'_>,
    passed: &Passed,
    batches: &Batches<'_>,
    test: Option<&Batches<'_>>,
) -> Result<EpochRow, TrainError> {
    let train = evaluate(setup, &passed.mlp, batches)?;
    let test = test.map(|test| evaluate(setup, &passed.mlp, test));
    let row = epoch_row(passed.epoch, passed.running, train, test.transpose()?);
    if row.running_loss.is_none_or(f64::is_finite) && row.train_loss.is_finite() {
        return Ok(row);
    }
    Err(match passed.epoch {
        0 => TrainError::Drawn,
        epoch => TrainError::Diverged(epoch),
    })
}

fn epoch_row(
    epoch: usize,
    running: Option<Scores>,
    train: Scores,
    test: Option<Scores>,
) -> EpochRow {
    EpochRow {
        epoch,
        running_loss: running.map(|running| running.loss),
        running_accuracy: running.map(|running| running.accuracy),
        running_subset_accuracy: running.and_then(|running| running.subset_accuracy),
        train_loss: train.loss,
        train_accuracy: train.accuracy,
        train_subset_accuracy: train.subset_accuracy,
        test_loss: test.map(|test| test.loss),
        test_accuracy: test.map(|test| test.accuracy),
        test_subset_accuracy: test.and_then(|test| test.subset_accuracy),
    }
}

#[cfg(test)]
pub(super) mod tests;
