//! The steps of an epoch.

use burn::tensor::{Tensor, TensorData};

use super::batch::{Batch, Batches};
use super::evaluate::scores;
use super::history::{Accumulator, Scores};
use super::optimizer::{Optimizer, OptimizerState};
use super::run::{Setup, TrainError};
use super::settings::Train;
use crate::kernels::{Input, RowSteps, StepResults};
use crate::model::{Backward, Mlp, Output, read};
use crate::rng::stream;

/// Rows that the kernel of single rows takes at a time: few enough for the cache beside the
/// weights, and enough for the copy of the weights to cost little. Another number changes the
/// last digits of weights.
const ROWS_AT_ONCE: usize = 1024;

/// A network with the state of its optimiser.
pub struct Trainer {
    /// The network, with differentiation.
    pub mlp: Mlp,
    pub optimizer: OptimizerState,
}

/// A network after the steps of an epoch.
pub struct EpochResult {
    /// Number of the epoch, from 1; 0 for the untrained network.
    pub epoch: usize,
    /// Means while training, except for the untrained network.
    pub running: Option<Scores>,
    /// The network after the epoch, without differentiation.
    pub mlp: Mlp,
}

impl Trainer {
    /// Takes the steps of an epoch; epoch 0 has none.
    ///
    /// # Errors
    /// If there is no row, or the device fails.
    pub fn epoch(
        &mut self,
        setup: &Setup<'_>,
        batches: &Batches<'_>,
        epoch: usize,
    ) -> Result<EpochResult, TrainError> {
        let running = (epoch > 0).then(|| self.steps(setup, batches, epoch));
        Ok(EpochResult {
            epoch,
            running: running.transpose()?,
            mlp: self.mlp.valid(),
        })
    }

    /// Takes the steps of an epoch: one pass over the data in a new order, whose last batch
    /// may be short. Returns means over its rows, each measured just before its step.
    ///
    /// # Errors
    /// If there is no row, or the device fails.
    pub fn steps(
        &mut self,
        setup: &Setup<'_>,
        batches: &Batches<'_>,
        epoch: usize,
    ) -> Result<Scores, TrainError> {
        let mut order = setup.in_order();
        stream(setup.seed, &format!("shuffle/{epoch}")).shuffle(&mut order);
        let sums = match self.by_single_rows(setup, batches, &order)? {
            Some(sums) => sums,
            None => self.by_batches(setup, batches, &order)?,
        };
        scores(sums, setup.model.output)
    }

    /// Takes a step per batch.
    fn by_batches(
        &mut self,
        setup: &Setup<'_>,
        batches: &Batches<'_>,
        order: &[usize],
    ) -> Result<Accumulator, TrainError> {
        let mut sums = Accumulator::default();
        for rows in order.chunks(setup.train.batch_size) {
            let Batch { x, t, labels } = batches.gather(rows);
            let (z, loss) = self.logits_and_loss(setup, x, t.clone());
            let (z, mean) = (z.inner(), loss.clone().inner());
            let batch = Accumulator::of_batch(setup.model.output, z, t, &labels, mean);
            sums.append(batch.map_err(TrainError::Device)?);
            let (optimizer, learning_rate) = (&mut self.optimizer, setup.train.learning_rate);
            let step = self.mlp.step(&loss, &mut |number, value, gradient| {
                optimizer.step(learning_rate, number, value, gradient)
            });
            step.map_err(TrainError::Device)?;
        }
        Ok(sums)
    }

    /// Takes a step per row by a kernel; none if the training is of another kind than
    /// [`single_row_steps`] describes, or its rows are not sparse.
    fn by_single_rows(
        &mut self,
        setup: &Setup<'_>,
        batches: &Batches<'_>,
        order: &[usize],
    ) -> Result<Option<Accumulator>, TrainError> {
        let (Mlp::Fused(mlp), Some(steps)) = (&mut self.mlp, single_row_steps(setup)) else {
            return Ok(None);
        };
        let mut sums = Accumulator::default();
        for rows in order.chunks(ROWS_AT_ONCE) {
            let Batch { x, t, labels } = batches.gather(rows);
            let Input::Sparse(x) = x else {
                return Ok(None);
            };
            let results = read(t.clone(), |t| mlp.descend(&x, t, steps)).flatten();
            let StepResults { logits, loss } = results.map_err(TrainError::Device)?;
            let z = TensorData::new(logits, t.dims());
            let mean = TensorData::new(vec![(loss / rows.len() as f64) as f32], [1]);
            let z = Tensor::from_data(z, setup.device);
            let mean = Tensor::from_data(mean, setup.device);
            let batch = Accumulator::of_batch(setup.model.output, z, t, &labels, mean);
            sums.append(batch.map_err(TrainError::Device)?);
        }
        Ok(Some(sums))
    }

    /// Returns the logits of a batch, and its loss with the penalty, differentiable by the
    /// rule of [`Train::backward`](super::Train::backward).
    fn logits_and_loss(&self, setup: &Setup<'_>, x: Input, t: Tensor<2>) -> (Tensor<2>, Tensor<1>) {
        let Setup { model, train, .. } = setup;
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
}

/// Returns the steps of a plain descent by single rows, if the training is one.
fn single_row_steps(setup: &Setup<'_>) -> Option<RowSteps> {
    let Train {
        loss,
        optimizer,
        learning_rate,
        l2,
        batch_size,
        backward,
        ..
    } = *setup.train;
    let is_plain = optimizer == Optimizer::Sgd { momentum: 0.0 } && l2 == 0.0;
    if !is_plain || batch_size != 1 {
        return None;
    }
    Some(RowSteps {
        loss: loss.of_single_rows(setup.model.output)?,
        rule: backward.into(),
        learning_rate: learning_rate as f32,
    })
}

#[cfg(test)]
mod tests;
