//! The training loop.

use burn::tensor::{Device, Tensor};

use super::batch::Batches;
use super::checkpoint::Checkpoint;
use super::evaluate::{evaluate, scores};
use super::history::{EpochRow, Scores, Tally};
use super::optimizer::Optimizer;
use crate::data::Dataset;
use crate::model::{Input, Mlp, Parameters, draw};
use crate::rng::stream;
use crate::spec::{Backward, Model, Output, Train};

/// All that decides what training gives.
#[derive(Debug, Clone, Copy)]
pub struct Setup<'a> {
    /// What is trained.
    pub model: &'a Model,
    /// How.
    pub train: &'a Train,
    /// On what, with the labels that it is told: see [`told`](super::told).
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
pub struct Training<'a> {
    setup: Setup<'a>,
    mlp: Mlp,
    optimizer: Optimizer,
    batches: Batches<'a>,
    test: Option<Batches<'a>>,
    history: Vec<EpochRow>,
}

impl<'a> Training<'a> {
    /// Before the first epoch, of a setup that [`check`](super::check) accepts.
    #[must_use]
    pub fn start(setup: Setup<'a>) -> Self {
        let Dataset { train, classes, .. } = setup.dataset;
        let parameters = draw(setup.model, train.features, classes.len(), setup.seed);
        let mlp = mlp(&setup, parameters);
        let optimizer = Optimizer::new(setup.train.optimizer, setup.device);
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
        let optimizer = Optimizer::restore(
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

    fn with(setup: Setup<'a>, mlp: Mlp, optimizer: Optimizer, history: Vec<EpochRow>) -> Self {
        let Setup { dataset, train, .. } = setup;
        let batches = |samples| Batches::new(dataset, samples, train.targets, setup.device).kept();
        Self {
            setup,
            mlp,
            optimizer,
            batches: batches(&dataset.train),
            test: dataset.test.as_ref().map(batches),
            history,
        }
    }

    /// The rows of the epochs so far.
    #[must_use]
    pub fn history(&self) -> &[EpochRow] {
        &self.history
    }

    /// Trains one epoch and measures the network after it; nothing if all
    /// epochs are over. Where there are none the network is measured as it was drawn.
    ///
    /// # Errors
    /// If the loss stops being finite, there is no row, or the device fails.
    pub fn epoch(&mut self) -> Result<Option<&EpochRow>, TrainError> {
        let epochs = self.setup.train.epochs;
        if self.history.len() == epochs.max(1) {
            return Ok(None);
        }
        let epoch = epochs.min(self.history.len() + 1);
        let running = (epoch > 0).then(|| self.pass(epoch)).transpose()?;
        let plain = self.mlp.valid();
        let after = evaluate(&self.setup, &plain, &self.batches)?;
        let test = self.test.as_ref();
        let test = test.map(|test| evaluate(&self.setup, &plain, test));
        let row = epoch_row(epoch, running, after, test.transpose()?);
        if !(row.running_loss.is_none_or(f64::is_finite) && row.train_loss.is_finite()) {
            return Err(match epoch {
                0 => TrainError::Drawn,
                _ => TrainError::Diverged(epoch),
            });
        }
        self.history.push(row);
        Ok(self.history.last())
    }

    /// The steps of an epoch without the measuring after it, which leaves no row in the
    /// history: one pass over the data in a new order, whose last batch may be short.
    /// Means over its rows, each as it was just before its step.
    ///
    /// # Errors
    /// If there is no row, or the device fails.
    pub fn pass(&mut self, epoch: usize) -> Result<Scores, TrainError> {
        let setup = self.setup;
        let mut order: Vec<usize> = (0..setup.dataset.train.len()).collect();
        stream(setup.seed, &format!("shuffle/{epoch}")).shuffle(&mut order);
        let mut tally = Tally::default();
        for rows in order.chunks(setup.train.batch_size) {
            let batch = self.batches.gather(rows);
            let (z, loss) = self.logits_and_loss(batch.x, batch.t.clone());
            let added = Tally::of(setup.model.output, z.inner(), batch.t, loss.clone().inner());
            tally.append(added.map_err(TrainError::Device)?);
            let (optimizer, rate) = (&mut self.optimizer, setup.train.learning_rate);
            let step = self.mlp.step(&loss, &mut |number, value, gradient| {
                optimizer.step(rate, number, value, gradient)
            });
            step.map_err(TrainError::Device)?;
        }
        scores(tally, setup.model.output)
    }

    /// Logits of a batch, and its loss with the penalty, from which errors go back as
    /// the spec has it.
    fn logits_and_loss(&self, x: Input, t: Tensor<2>) -> (Tensor<2>, Tensor<1>) {
        let Setup { model, train, .. } = self.setup;
        let rows = x.rows() as f64;
        let (z, loss) = match train.backward {
            Backward::Gradient => {
                let z = self.mlp.forward(x);
                (z.clone(), train.loss.mean(model.output, z, t))
            }
            Backward::Weights => {
                let (z, y) = self.mlp.forward_by_weights(x, model.output);
                (z, train.loss.mean(Output::Linear, y, t))
            }
        };
        if train.l2 > 0.0 {
            let penalty = self.mlp.squared_weights() * (train.l2 / (2.0 * rows));
            (z, loss + penalty)
        } else {
            (z, loss)
        }
    }

    /// What it takes to go on from here in another process. There must have
    /// been an epoch.
    ///
    /// # Errors
    /// If the device fails.
    pub fn checkpoint(&self) -> Result<Checkpoint, TrainError> {
        let parameters = self.mlp.valid().parameters();
        Ok(Checkpoint {
            parameters: parameters.map_err(TrainError::Device)?,
            optimizer: self.optimizer.to_arrays().map_err(TrainError::Device)?,
            history: self.history.clone(),
        })
    }

    /// Weights and biases of each layer, and the accuracy log.
    ///
    /// # Errors
    /// If the device fails.
    pub fn finish(self) -> Result<Trained, TrainError> {
        let parameters = self.mlp.valid().parameters();
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
