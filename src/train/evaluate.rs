//! How good a network is on a data set, while nothing is learnt.

use std::panic::resume_unwind;
use std::thread;

use super::batch::{Batch, Batches};
use super::history::{Scores, Tally};
use super::run::{Setup, TrainError};
use crate::model::{Mlp, is_host};
use crate::spec::Output;

/// Rows at a time; bounds memory.
pub const EVALUATION_ROWS: usize = 1024;
/// Threads that take pieces of these in turn where the processor computes: a training
/// uses one, and often there is another.
const THREADS: usize = 2;

/// Loss without the penalty and accuracies on all rows: the same bits by any number of
/// threads, as pieces are added up in their order.
///
/// # Errors
/// If there is no row, or the device fails.
pub fn evaluate(setup: &Setup<'_>, mlp: &Mlp, batches: &Batches<'_>) -> Result<Scores, TrainError> {
    let threads = if is_host(setup.device) { THREADS } else { 1 };
    scores(counted(setup, mlp, batches, threads)?, setup.model.output)
}

/// By so many threads, or fewer if there are fewer pieces.
fn counted(
    setup: &Setup<'_>,
    mlp: &Mlp,
    batches: &Batches<'_>,
    threads: usize,
) -> Result<Tally, TrainError> {
    let pieces = batches.pieces(EVALUATION_ROWS);
    let threads = threads.min(pieces).max(1);
    let share = |first: usize| -> Vec<Result<Tally, TrainError>> {
        let own = (first..pieces).step_by(threads);
        own.map(|number| piece(setup, mlp, batches.piece(number, EVALUATION_ROWS)))
            .collect()
    };
    let mut shares: Vec<_> = thread::scope(|scope| {
        let others: Vec<_> = (1..threads)
            .map(|first| scope.spawn(move || share(first)))
            .collect();
        let own = share(0);
        let others = others
            .into_iter()
            .map(|thread| thread.join().unwrap_or_else(|panic| resume_unwind(panic)));
        let all = [own].into_iter().chain(others);
        all.map(Vec::into_iter).collect()
    });
    let mut tally = Tally::default();
    for number in 0..pieces {
        if let Some(piece) = shares[number % threads].next() {
            tally.append(piece?);
        }
    }
    Ok(tally)
}

fn piece(setup: &Setup<'_>, mlp: &Mlp, Batch { x, t }: Batch) -> Result<Tally, TrainError> {
    let Setup { model, train, .. } = setup;
    let z = mlp.forward(x);
    let mean = train.loss.mean(model.output, z.clone(), t.clone());
    Tally::of(model.output, z, t, mean).map_err(TrainError::Device)
}

/// Means of what was counted.
///
/// # Errors
/// If that is no row, or the device fails.
pub fn scores(tally: Tally, output: Output) -> Result<Scores, TrainError> {
    let scores = tally.scores(output).map_err(TrainError::Device)?;
    scores.ok_or(TrainError::Empty)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::{Dataset, ImageSize, Samples};
    use crate::model::draw;
    use crate::rng::stream;
    use crate::spec::{
        Activation, Backward, Init, Labels, Loss, Model, OnOff, Optimizer, PixelRange, Train,
    };
    use burn::tensor::Device;

    const ROWS: usize = 4 * EVALUATION_ROWS + 100;

    fn dataset() -> Dataset {
        let mut draws = stream(0, "rows");
        let mut level = |_| (draws.uniform() * 256.0) as u8;
        let train = Samples {
            features: 4,
            pixels: (0..4 * ROWS).map(&mut level).collect(),
            labels: (0..ROWS).map(|row| (row % 3) as u8).collect(),
        };
        Dataset {
            name: "test",
            stand_in_for: None,
            classes: vec![0, 1, 2],
            range: PixelRange {
                low: -1.0,
                high: 1.0,
            },
            size: ImageSize {
                width: 4,
                height: 1,
            },
            train,
            test: None,
        }
    }

    #[test]
    fn any_number_of_threads_gives_the_same_bits() {
        let (dataset, device) = (dataset(), Device::flex());
        let model = Model {
            hidden: vec![5],
            activation: Activation::Tanh,
            output: Output::Logistic,
            init: Init::GlorotUniform,
            bias_init: Some(Init::Zeros),
        };
        let train = Train {
            loss: Loss::BinaryCrossEntropy,
            optimizer: Optimizer::Sgd { momentum: 0.0 },
            learning_rate: 0.1,
            l2: 0.0,
            batch_size: 10,
            epochs: 1,
            labels: Labels::True,
            targets: OnOff::ONE_HOT,
            backward: Backward::Gradient,
        };
        let setup = Setup {
            model: &model,
            train: &train,
            dataset: &dataset,
            seed: 0,
            device: &device,
        };
        let mlp = Mlp::new(draw(&model, 4, 3, 0), model.activation, &device);
        let batches = Batches::new(&dataset, &dataset.train, train.targets, &device);
        let by = |threads: usize| {
            let tally = counted(&setup, &mlp, &batches, threads).unwrap();
            scores(tally, model.output).unwrap()
        };
        let one = by(1);
        assert!(one.loss.is_finite() && one.subset_accuracy.is_some());
        for threads in [2, 3, 50] {
            assert_eq!(by(threads), one, "{threads} threads");
        }
    }
}
