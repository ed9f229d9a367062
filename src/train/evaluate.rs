//! How good a network is on a data set, while nothing is learnt.

use std::panic::resume_unwind;
use std::thread;

use super::batch::{Batch, Batches};
use super::history::{Scores, Tally};
use super::run::{Setup, TrainError};
use crate::model::{Mlp, Output, is_host};

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
    let tally = counted(setup, mlp, batches, (EVALUATION_ROWS, threads))?;
    scores(tally, setup.model.output)
}

/// In pieces of so many rows, by so many threads or fewer if there are fewer pieces.
fn counted(
    setup: &Setup<'_>,
    mlp: &Mlp,
    batches: &Batches<'_>,
    (rows, threads): (usize, usize),
) -> Result<Tally, TrainError> {
    let pieces = batches.pieces(rows);
    let threads = threads.min(pieces).max(1);
    let share = |first: usize| -> Vec<Result<Tally, TrainError>> {
        let own = (first..pieces).step_by(threads);
        own.map(|number| piece(setup, mlp, batches.piece(number, rows)))
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

fn piece(setup: &Setup<'_>, mlp: &Mlp, batch: Batch) -> Result<Tally, TrainError> {
    let (Setup { model, train, .. }, Batch { x, t, labels }) = (setup, batch);
    let z = mlp.forward(x);
    let mean = train.loss.mean(model.output, z.clone(), t.clone());
    Tally::of(model.output, z, (t, &labels), mean).map_err(TrainError::Device)
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
    use super::super::run::tests::{dataset, perceptron, train_spec};
    use super::*;
    use crate::model::draw;
    use crate::train::{Loss, Optimizer};
    use burn::tensor::Device;

    #[test]
    fn any_number_of_threads_gives_the_same_bits() {
        let (dataset, device) = (dataset(), Device::flex());
        let model = perceptron(Output::Logistic);
        let adam = Optimizer::Adam { epsilon: 1e-8 };
        let train = train_spec(Loss::BinaryCrossEntropy, adam);
        let setup = Setup {
            model: &model,
            train: &train,
            dataset: &dataset,
            seed: 0,
            device: &device,
        };
        let mlp = Mlp::new(draw(&model, 6, 3, 0), model.activation, &device);
        let batches = Batches::new(&dataset, &dataset.train, train.targets, &device);
        // 60 rows by 7: nine pieces, the last of 4.
        let by = |threads: usize| {
            let tally = counted(&setup, &mlp, &batches, (7, threads)).unwrap();
            scores(tally, model.output).unwrap()
        };
        let one = by(1);
        assert!(one.loss.is_finite() && one.subset_accuracy.is_some());
        for threads in [2, 3, 50] {
            assert_eq!(by(threads), one, "{threads} threads");
        }
    }
}
