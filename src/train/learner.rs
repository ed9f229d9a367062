//! A network that learns, a pass over the data at a time.

use burn::tensor::Tensor;

use super::batch::{Batch, Batches};
use super::evaluate::scores;
use super::history::{Scores, Tally};
use super::optimizer::OptimizerState;
use super::run::{Setup, TrainError};
use crate::model::{Backward, Input, Mlp, Output};
use crate::rng::stream;

/// A network and the optimiser of its parameters.
pub struct Learner {
    /// With differentiation.
    pub mlp: Mlp,
    pub optimizer: OptimizerState,
}

/// An epoch whose steps are done.
pub struct Passed {
    /// From 1; 0 before any.
    pub epoch: usize,
    /// Means while training, if there was any.
    pub running: Option<Scores>,
    /// The network after it, without differentiation.
    pub mlp: Mlp,
}

impl Learner {
    /// Takes the steps of an epoch, of which there are none before the first.
    ///
    /// # Errors
    /// If there is no row, or the device fails.
    pub fn epoch(
        &mut self,
        setup: &Setup<'_>,
        batches: &Batches<'_>,
        epoch: usize,
    ) -> Result<Passed, TrainError> {
        let running = (epoch > 0).then(|| self.pass(setup, batches, epoch));
        Ok(Passed {
            epoch,
            running: running.transpose()?,
            mlp: self.mlp.valid(),
        })
    }

    /// The steps of an epoch: one pass over the data in a new order, whose last batch may
    /// be short. Means over its rows, each as it was just before its step.
    ///
    /// # Errors
    /// If there is no row, or the device fails.
    pub fn pass(
        &mut self,
        setup: &Setup<'_>,
        batches: &Batches<'_>,
        epoch: usize,
    ) -> Result<Scores, TrainError> {
        let mut order: Vec<usize> = (0..setup.dataset.train.len()).collect();
        stream(setup.seed, &format!("shuffle/{epoch}")).shuffle(&mut order);
        let mut tally = Tally::default();
        for rows in order.chunks(setup.train.batch_size) {
            let Batch { x, t, labels } = batches.gather(rows);
            let (z, loss) = self.logits_and_loss(setup, x, t.clone());
            let (z, mean) = (z.inner(), loss.clone().inner());
            let added = Tally::of(setup.model.output, z, (t, &labels), mean);
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
