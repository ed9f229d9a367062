//! Loss and accuracy of a network on a data set.

use std::panic::resume_unwind;
use std::thread;

use super::batch::{Batch, Batches};
use super::history::{Accumulator, Scores};
use super::run::{Setup, TrainError};
use crate::model::{Mlp, Output, is_host};

/// Maximum rows per forward pass; bounds memory.
pub const EVALUATION_ROWS: usize = 1024;
/// Number of threads on the CPU: training uses one, and another is often idle.
const MAX_THREADS: usize = 2;

/// Returns the loss without the penalty and the accuracies on all rows. Any number of
/// threads gives the same bits, as pieces are summed in their order.
///
/// # Errors
/// If there is no row, or the device fails.
pub fn evaluate(setup: &Setup<'_>, mlp: &Mlp, batches: &Batches<'_>) -> Result<Scores, TrainError> {
    let threads = if is_host(setup.device) {
        MAX_THREADS
    } else {
        1
    };
    let sums = accumulate(setup, mlp, batches, EVALUATION_ROWS, threads)?;
    scores(sums, setup.model.output)
}

/// Sums over all rows in pieces of at most `rows` rows. Thread i of n takes the pieces i,
/// i + n, ...; there are at most as many threads as pieces.
fn accumulate(
    setup: &Setup<'_>,
    mlp: &Mlp,
    batches: &Batches<'_>,
    rows: usize,
    threads: usize,
) -> Result<Accumulator, TrainError> {
    let pieces = batches.pieces(rows);
    let threads = threads.min(pieces).max(1);
    let work = |first: usize| -> Vec<Result<Accumulator, TrainError>> {
        let own = (first..pieces).step_by(threads);
        own.map(|number| piece(setup, mlp, batches.piece(number, rows)))
            .collect()
    };
    let mut by_thread: Vec<_> = thread::scope(|scope| {
        let others: Vec<_> = (1..threads)
            .map(|first| scope.spawn(move || work(first)))
            .collect();
        let own = work(0);
        let others = others
            .into_iter()
            .map(|thread| thread.join().unwrap_or_else(|panic| resume_unwind(panic)));
        let all = [own].into_iter().chain(others);
        all.map(Vec::into_iter).collect()
    });
    let mut sums = Accumulator::default();
    for number in 0..pieces {
        if let Some(piece) = by_thread[number % threads].next() {
            sums.append(piece?);
        }
    }
    Ok(sums)
}

fn piece(setup: &Setup<'_>, mlp: &Mlp, batch: Batch) -> Result<Accumulator, TrainError> {
    let (Setup { model, train, .. }, Batch { x, t, labels }) = (setup, batch);
    let z = mlp.forward(x);
    let mean = train.loss.mean(model.output, z.clone(), t.clone());
    Accumulator::of_batch(model.output, z, t, &labels, mean).map_err(TrainError::Device)
}

/// Returns the means of some sums.
///
/// # Errors
/// If there is no row, or the device fails.
pub fn scores(sums: Accumulator, output: Output) -> Result<Scores, TrainError> {
    let scores = sums.scores(output).map_err(TrainError::Device)?;
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
            times: None,
            seed: 0,
            device: &device,
        };
        let mlp = Mlp::new(draw(&model, 6, 3, 0), model.activation, &device);
        let batches = Batches::new(&dataset, &dataset.train, train.targets, &device);
        // 60 rows by 7: nine pieces, the last of 4.
        let by = |threads: usize| {
            let sums = accumulate(&setup, &mlp, &batches, 7, threads).unwrap();
            scores(sums, model.output).unwrap()
        };
        let one = by(1);
        assert!(one.loss.is_finite() && one.subset_accuracy.is_some());
        for threads in [2, 3, 50] {
            assert_eq!(by(threads), one, "{threads} threads");
        }
    }
}
