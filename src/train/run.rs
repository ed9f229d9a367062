//! The training loop.

use burn::module::Module;
use burn::optim::momentum::MomentumConfig;
use burn::optim::{AdamConfig, GradientsParams, ModuleOptimizer, SgdConfig};
use burn::tensor::{Device, Tensor};

use super::batch::{Batch, Batches};
use super::history::{EpochRow, Scores, Tally};
use crate::data::{Dataset, Samples};
use crate::model::{Mlp, Parameters, draw};
use crate::rng::stream;
use crate::spec::{Model, Optimizer, Train};

/// All that decides what training gives.
#[derive(Debug, Clone, Copy)]
pub struct Setup<'a> {
    /// What is trained.
    pub model: &'a Model,
    /// How.
    pub train: &'a Train,
    /// On what.
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
    /// One row an epoch.
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
    /// The device would not give its numbers back.
    #[error("the device failed: {0}")]
    Device(String),
    /// A data set without rows.
    #[error("there is nothing to train on")]
    Empty,
}

/// Rows at a time when nothing is learnt; bounds memory.
const EVALUATION_ROWS: usize = 1024;

/// Trains a network and tells of every epoch as it ends.
///
/// Shuffles come from the streams `shuffle/1`, `shuffle/2`, ..., one an epoch.
///
/// # Errors
/// If the loss stops being finite, there is no row, or the device fails.
pub fn train(
    setup: &Setup<'_>,
    on_epoch: &mut dyn FnMut(&EpochRow),
) -> Result<Trained, TrainError> {
    let dataset = setup.dataset;
    let classes = dataset.classes.len();
    let device = setup.device.clone().autodiff();
    let parameters = draw(setup.model, dataset.train.features, classes, setup.seed);
    let mut mlp = Mlp::new(parameters, setup.model.activation, &device);
    let mut optimizer = setup.train.optimizer.init();
    let batches = Batches::new(dataset, &dataset.train, &device);
    let mut history = Vec::new();
    for epoch in 1..=setup.train.epochs {
        let running;
        (mlp, running) = run_epoch(setup, epoch, mlp, &mut optimizer, &batches)?;
        let plain = mlp.valid();
        let after = evaluate(setup, &plain, &dataset.train)?;
        let test = dataset.test.as_ref();
        let test = test.map(|test| evaluate(setup, &plain, test)).transpose()?;
        let row = epoch_row(epoch, running, after, test);
        if !(row.running_loss.is_finite() && row.train_loss.is_finite()) {
            return Err(TrainError::Diverged(epoch));
        }
        on_epoch(&row);
        history.push(row);
    }
    let parameters = mlp.valid().parameters().map_err(TrainError::Device)?;
    Ok(Trained {
        parameters,
        history,
    })
}

/// One pass over the data in a new order; the last batch may be short.
fn run_epoch(
    setup: &Setup<'_>,
    epoch: usize,
    mut mlp: Mlp,
    optimizer: &mut ModuleOptimizer,
    batches: &Batches<'_>,
) -> Result<(Mlp, Scores), TrainError> {
    let mut order: Vec<usize> = (0..setup.dataset.train.len()).collect();
    stream(setup.seed, &format!("shuffle/{epoch}")).shuffle(&mut order);
    let mut tally = Tally::new(setup.model.output);
    for rows in order.chunks(setup.train.batch_size) {
        let batch = batches.gather(rows);
        let z = mlp.forward(batch.x);
        let loss = penalised_loss(setup, &mlp, z.clone(), batch.t.clone());
        tally.add(z.inner(), batch.t.inner(), loss.clone().inner());
        let gradients = GradientsParams::from_grads(loss.backward(), &mlp);
        mlp = optimizer.step(setup.train.learning_rate, mlp, gradients);
    }
    Ok((mlp, finish(tally)?))
}

fn penalised_loss(setup: &Setup<'_>, mlp: &Mlp, z: Tensor<2>, t: Tensor<2>) -> Tensor<1> {
    let rows = z.dims()[0] as f64;
    let loss = setup.train.loss.mean(setup.model.output, z, t);
    match mlp.squared_weights() {
        Some(squares) if setup.train.l2 > 0.0 => loss + squares * (setup.train.l2 / (2.0 * rows)),
        _ => loss,
    }
}

fn evaluate(setup: &Setup<'_>, mlp: &Mlp, samples: &Samples) -> Result<Scores, TrainError> {
    let batches = Batches::new(setup.dataset, samples, setup.device);
    let mut tally = Tally::new(setup.model.output);
    for Batch { x, t } in batches.pieces(EVALUATION_ROWS) {
        let z = mlp.forward(x);
        let loss = setup
            .train
            .loss
            .mean(setup.model.output, z.clone(), t.clone());
        tally.add(z, t, loss);
    }
    finish(tally)
}

fn finish(tally: Tally) -> Result<Scores, TrainError> {
    let scores = tally.scores().map_err(TrainError::Device)?;
    scores.ok_or(TrainError::Empty)
}

fn epoch_row(epoch: usize, running: Scores, train: Scores, test: Option<Scores>) -> EpochRow {
    EpochRow {
        epoch,
        running_loss: running.loss,
        running_accuracy: running.accuracy,
        running_subset_accuracy: running.subset_accuracy,
        train_loss: train.loss,
        train_accuracy: train.accuracy,
        train_subset_accuracy: train.subset_accuracy,
        test_loss: test.map(|test| test.loss),
        test_accuracy: test.map(|test| test.accuracy),
        test_subset_accuracy: test.and_then(|test| test.subset_accuracy),
    }
}

impl Optimizer {
    fn init(self) -> ModuleOptimizer {
        match self {
            Self::Adam { epsilon } => AdamConfig::new().with_epsilon(epsilon as f32).init(),
            Self::Sgd { momentum } => {
                // burn dampens the gradient by a tenth unless told not to.
                let momentum = (momentum > 0.0).then(|| {
                    MomentumConfig::new()
                        .with_momentum(momentum)
                        .with_dampening(0.0)
                });
                SgdConfig::new().with_momentum(momentum).init()
            }
        }
    }
}

#[cfg(test)]
mod tests;
