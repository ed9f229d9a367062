//! The training loop.

use std::iter::repeat_n;
use std::panic::resume_unwind;
use std::thread;

use burn::tensor::Device;

use super::Train;
use super::batch::Batches;
use super::checkpoint::Checkpoint;
use super::evaluate::evaluate;
use super::history::{EpochRow, Scores};
use super::optimizer::OptimizerState;
use super::trainer::{EpochResult, Trainer};
use crate::data::Dataset;
use crate::model::{Mlp, Model, Parameters, draw, is_host};

/// Everything that determines the result of training.
#[derive(Debug, Clone, Copy)]
pub struct Setup<'a> {
    /// Network to train.
    pub model: &'a Model,
    /// Training settings.
    pub train: &'a Train,
    /// Data with the training labels: see [`relabelled`](super::relabelled).
    pub dataset: &'a Dataset,
    /// Number of times that an epoch passes over each training row; once if none. Metrics
    /// count every row once.
    pub times: Option<&'a [usize]>,
    /// Seed of all random streams.
    pub seed: u64,
    /// Device, without automatic differentiation.
    pub device: &'a Device,
}

impl Setup<'_> {
    /// Returns the number of rows that an epoch passes over, with repeats.
    pub fn epoch_rows(&self) -> usize {
        let rows = self.dataset.train.len();
        self.times
            .map_or(rows, |times| times.iter().take(rows).sum())
    }

    /// Returns the training rows of an epoch, in the order of the data set, with repeats.
    pub(super) fn in_order(&self) -> Vec<usize> {
        let rows = 0..self.dataset.train.len();
        match self.times {
            None => rows.collect(),
            Some(times) => rows
                .zip(times)
                .flat_map(|(row, &times)| repeat_n(row, times))
                .collect(),
        }
    }
}

/// Result of training.
#[derive(Debug, Clone, PartialEq)]
pub struct Trained {
    /// Weights and biases of each layer.
    pub parameters: Vec<Parameters>,
    /// One row per epoch, or one of the untrained network.
    pub history: Vec<EpochRow>,
}

/// Failure of training.
#[derive(Debug, thiserror::Error)]
pub enum TrainError {
    /// The loss is not finite any more.
    #[error(
        "training diverged in epoch {0}: the loss is not finite; \
         try a smaller `train.learning_rate`"
    )]
    Diverged(usize),
    /// The loss of the untrained network is not finite.
    #[error(
        "the loss of the untrained network is not finite; \
         try smaller weights in `model.init`"
    )]
    Drawn,
    /// The device did not return its data.
    #[error("the device failed: {0}")]
    Device(String),
    /// A data set without rows.
    #[error("there is nothing to train on: the data set has no rows")]
    Empty,
    /// A data set with another number of pixels than its rows should have.
    #[error("expected {rows} x {features} pixel values, got {pixels}")]
    Pixels {
        /// Number of rows.
        rows: usize,
        /// Number of pixels per row.
        features: usize,
        /// Number of pixels of all rows.
        pixels: usize,
    },
    /// A label that is not the number of a class.
    #[error("row {row}: label {label} is out of range; expected 0 to {}", classes - 1)]
    Label {
        /// Number of the row, from 0.
        row: usize,
        /// Label of the row.
        label: u8,
        /// Number of classes.
        classes: usize,
    },
    /// A layer larger than the largest tensor of the device.
    #[error(
        "the largest layer takes {bytes} bytes, the device allows {max_bytes}; \
         try a smaller `model.hidden` or `--device flex`"
    )]
    TooLarge {
        /// Size of its weights, or of its values of a batch.
        bytes: u64,
        /// Maximum size of one tensor.
        max_bytes: u64,
    },
}

/// A training between two epochs.
///
/// Shuffles come from the streams `shuffle/1`, `shuffle/2`, ..., one per epoch.
///
/// On the CPU it runs an epoch ahead: while the network of one epoch is measured, the steps
/// of the next one are taken in another thread.
pub struct Training<'a> {
    setup: Setup<'a>,
    trainer: Trainer,
    batches: Batches<'a>,
    test: Option<Batches<'a>>,
    history: Vec<EpochRow>,
    /// Number of rows of the history that [`Training::epoch`] has returned.
    returned: usize,
    /// The epoch after those of the history, if its steps are done.
    ahead: Option<EpochResult>,
}

impl<'a> Training<'a> {
    /// Starts before the first epoch, with a setup that [`check`](super::check) accepts.
    pub fn start(setup: Setup<'a>) -> Self {
        let Dataset { train, classes, .. } = setup.dataset;
        let parameters = draw(setup.model, train.features, classes.len(), setup.seed);
        let mlp = mlp(&setup, parameters);
        let optimizer = OptimizerState::new(setup.train.optimizer, setup.device);
        Self::with(setup, mlp, optimizer, vec![])
    }

    /// Resumes a training of the same setup. None if the checkpoint does not fit the setup;
    /// the caller has to know that it is not one of another setup with the same shapes.
    pub fn resume(setup: Setup<'a>, checkpoint: &Checkpoint) -> Option<Self> {
        let Dataset { train, classes, .. } = setup.dataset;
        let sizes = |parameters: &[Parameters]| -> Vec<usize> {
            parameters.iter().flat_map(Parameters::sizes).collect()
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
            epochs * setup.epoch_rows().div_ceil(setup.train.batch_size),
            &checkpoint.optimizer,
            setup.device,
        )?;
        let history = checkpoint.history.clone();
        Some(Self::with(setup, mlp, optimizer, history))
    }

    fn with(setup: Setup<'a>, mlp: Mlp, optimizer: OptimizerState, history: Vec<EpochRow>) -> Self {
        let Setup { dataset, train, .. } = setup;
        let batches =
            |samples| Batches::new(dataset, samples, train.targets, setup.device).cached();
        Self {
            setup,
            trainer: Trainer { mlp, optimizer },
            batches: batches(&dataset.train),
            test: dataset.test.as_ref().map(batches),
            returned: history.len(),
            history,
            ahead: None,
        }
    }

    /// Returns the rows of all epochs that are measured.
    pub fn history(&self) -> &[EpochRow] {
        &self.history
    }

    /// Returns the row of the next epoch, or none after the last one. With 0 epochs the
    /// untrained network is measured.
    ///
    /// # Errors
    /// If the loss is not finite any more, there is no row, or the device fails.
    pub fn epoch(&mut self) -> Result<Option<&EpochRow>, TrainError> {
        if self.returned == self.history.len() {
            let Some(result) = self.next_result()? else {
                return Ok(None);
            };
            self.measure(&result)?;
        }
        self.returned += 1;
        Ok(self.history.get(self.returned - 1))
    }

    /// Returns the first epoch that is not measured, after its steps; none after the last.
    fn next_result(&mut self) -> Result<Option<EpochResult>, TrainError> {
        if let Some(ahead) = self.ahead.take() {
            return Ok(Some(ahead));
        }
        let (setup, batches, epochs) = (&self.setup, &self.batches, self.setup.train.epochs);
        let measured = self.history.len();
        let steps = || self.trainer.epoch(setup, batches, epochs.min(measured + 1));
        (measured < epochs.max(1)).then(steps).transpose()
    }

    /// Adds the row of an epoch to the history, and takes the steps of the next epoch
    /// meanwhile.
    fn measure(&mut self, result: &EpochResult) -> Result<(), TrainError> {
        let (setup, batches, test) = (&self.setup, &self.batches, self.test.as_ref());
        let (trainer, next) = (&mut self.trainer, result.epoch + 1);
        let row = || row(setup, result, batches, test);
        let (row, ahead) = if is_host(setup.device) && next <= setup.train.epochs {
            thread::scope(|scope| {
                let row = scope.spawn(row);
                let ahead = trainer.epoch(setup, batches, next).map(Some);
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

    /// Measures the epoch that is ahead, so that the history ends at the current network.
    fn catch_up(&mut self) -> Result<(), TrainError> {
        if let Some(result) = self.ahead.take() {
            let row = row(&self.setup, &result, &self.batches, self.test.as_ref())?;
            self.history.push(row);
        }
        Ok(())
    }

    /// Takes the steps of an epoch without a row in the history. Returns means over its
    /// rows, each measured just before its step.
    ///
    /// # Errors
    /// If there is no row, or the device fails.
    pub fn pass(&mut self, epoch: usize) -> Result<Scores, TrainError> {
        self.trainer.steps(&self.setup, &self.batches, epoch)
    }

    /// Returns what another process needs to resume, after at least one epoch. An epoch
    /// that is ahead is measured first.
    ///
    /// # Errors
    /// If its loss is not finite, or the device fails.
    pub fn checkpoint(&mut self) -> Result<Checkpoint, TrainError> {
        self.catch_up()?;
        let Trainer { mlp, optimizer } = &self.trainer;
        let parameters = mlp.valid().parameters();
        Ok(Checkpoint {
            parameters: parameters.map_err(TrainError::Device)?,
            optimizer: optimizer.to_arrays().map_err(TrainError::Device)?,
            history: self.history.clone(),
        })
    }

    /// Returns the weights and biases of each layer, and the accuracy log. An epoch that is
    /// ahead is measured first.
    ///
    /// # Errors
    /// If its loss is not finite, or the device fails.
    pub fn finish(mut self) -> Result<Trained, TrainError> {
        self.catch_up()?;
        let parameters = self.trainer.mlp.valid().parameters();
        Ok(Trained {
            parameters: parameters.map_err(TrainError::Device)?,
            history: self.history,
        })
    }
}

/// Puts a network with differentiation onto the device.
fn mlp(setup: &Setup<'_>, parameters: Vec<Parameters>) -> Mlp {
    let device = setup.device.clone().autodiff();
    Mlp::new(parameters, setup.model.activation, &device)
}

/// Measures an epoch.
fn row(
    setup: &Setup<'_>,
    result: &EpochResult,
    batches: &Batches<'_>,
    test: Option<&Batches<'_>>,
) -> Result<EpochRow, TrainError> {
    let EpochResult {
        epoch,
        running,
        mlp,
    } = result;
    let train = evaluate(setup, mlp, batches)?;
    let test = test.map(|test| evaluate(setup, mlp, test)).transpose()?;
    let row = epoch_row(*epoch, *running, train, test);
    if row.running_loss.is_none_or(f64::is_finite) && row.train_loss.is_finite() {
        return Ok(row);
    }
    Err(match *epoch {
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
