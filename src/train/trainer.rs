//! The steps of an epoch.

use burn::tensor::Tensor;

use super::batch::{Batch, Batches};
use super::evaluate::scores;
use super::history::{Accumulator, Scores};
use super::optimizer::OptimizerState;
use super::run::{Setup, TrainError};
use crate::kernels::Input;
use crate::model::{Backward, Mlp, Output};
use crate::rng::stream;

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
        scores(sums, setup.model.output)
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
