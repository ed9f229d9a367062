//! Steps by single rows: by hand, and beside those by batches of one.

use std::sync::Arc;

use super::super::run::tests::{dataset, perceptron, train_spec};
use super::*;
use crate::config::PixelRange;
use crate::data::{Dataset, ImageSize, Label, Samples};
use crate::model::{Activation, Device, Init, Model, OnOff, draw};
use crate::train::Loss;
use proptest::prelude::*;

const PIXELS: usize = 24;
const SQUARES: Loss = Loss::SquaredError { scale: 0.5 };

/// Plain descent by single rows.
fn single(loss: Loss) -> Train {
    Train {
        l2: 0.0,
        batch_size: 1,
        ..train_spec(loss, Optimizer::Sgd { momentum: 0.0 })
    }
}

/// Rows of 24 pixels of which up to 7 are nonzero, in three classes.
fn sparse(range: PixelRange, levels: &[u8]) -> Dataset {
    let mut train = Samples::empty(PIXELS);
    for (row, levels) in levels.chunks(7).enumerate() {
        let mut pixels = [0; PIXELS];
        for (index, level) in levels.iter().enumerate() {
            pixels[(row * 5 + index * 3) % PIXELS] = *level;
        }
        train.push(&pixels, (row % 3) as u8);
    }
    Dataset {
        range,
        size: ImageSize {
            width: 6,
            height: 4,
        },
        test: None,
        train,
        ..dataset()
    }
}

/// Returns parameters and scores after steps on rows in this order, by the kernel or by
/// batches; none if the kernel does not take the steps.
fn after(
    model: &Model,
    train: &Train,
    dataset: &Dataset,
    order: &[usize],
    by_kernel: bool,
) -> Option<(Vec<f32>, Scores)> {
    let device = Device::flex();
    let setup = Setup {
        model,
        train,
        dataset,
        times: None,
        seed: 0,
        device: &device,
    };
    let parameters = draw(model, dataset.train.features, dataset.classes.len(), 0);
    let mut trainer = Trainer {
        mlp: Mlp::new(parameters, model.activation, &device.clone().autodiff()),
        optimizer: OptimizerState::new(train.optimizer, &device),
    };
    let batches = Batches::new(dataset, &dataset.train, train.targets, &device);
    let sums = if by_kernel {
        trainer.by_single_rows(&setup, &batches, order).unwrap()?
    } else {
        trainer.by_batches(&setup, &batches, order).unwrap()
    };
    let layers = trainer.mlp.valid().parameters().unwrap().into_iter();
    let numbers = layers.flat_map(|layer| [layer.weight, layer.bias.unwrap_or_default()]);
    let scores = scores(sums, model.output).unwrap();
    Some((numbers.flatten().collect(), scores))
}

/// One pixel of four is nonzero: x = (1/2, 1/2, 1/2, 1), and all weights are 0. The first
/// step is 1/8 x, as y = 1/2 and the derivative is 1/4.
#[test]
fn two_steps_by_hand() {
    let range = PixelRange {
        low: 0.5,
        high: 1.0,
    };
    let samples = Samples {
        features: 4,
        pixels: Arc::new(vec![0, 0, 0, 255]),
        labels: vec![0],
    };
    let dataset = Dataset {
        classes: vec![Label::Number(0)],
        range,
        test: None,
        train: samples,
        ..dataset()
    };
    let model = Model {
        init: Init::Zeros,
        bias_init: Some(Init::Zeros),
        ..perceptron(Output::Logistic)
    };
    let train = Train {
        learning_rate: 1.0,
        ..single(SQUARES)
    };
    let (numbers, scores) = after(&model, &train, &dataset, &[0, 0], true).unwrap();
    // z = x W + b of the second step.
    let z = 3.0 * 0.5 / 16.0 + 1.0 / 8.0 + 1.0 / 8.0;
    let y = 1.0 / (1.0 + f64::exp(-z));
    let step = 1.0 / 8.0 + (1.0 - y) * y * (1.0 - y);
    let expected = [0.5, 0.5, 0.5, 1.0, 1.0].map(|x| x * step);
    for (number, expected) in numbers.iter().zip(expected) {
        assert!((f64::from(*number) - expected).abs() < 1e-7, "{numbers:?}");
    }
    let loss = 0.5 * (0.25 + (1.0 - y).powi(2)) / 2.0;
    assert!((scores.loss - loss).abs() < 1e-7, "{scores:?}");
}

#[test]
fn other_trainings_go_by_batches() {
    let range = PixelRange {
        low: 0.0,
        high: 1.0,
    };
    let (sparse, plain) = (sparse(range, &[9; 70]), single(SQUARES));
    let is_taken = |output, train: &Train, dataset: &Dataset| {
        after(&perceptron(output), train, dataset, &[0, 1], true).is_some()
    };
    assert!(is_taken(Output::Logistic, &plain, &sparse));
    let others = [
        Train {
            batch_size: 2,
            ..plain.clone()
        },
        Train {
            l2: 0.1,
            ..plain.clone()
        },
        Train {
            optimizer: Optimizer::Sgd { momentum: 0.5 },
            ..plain.clone()
        },
        Train {
            optimizer: Optimizer::ADAM,
            ..plain.clone()
        },
    ];
    for train in others {
        assert!(!is_taken(Output::Logistic, &train, &sparse), "{train:?}");
    }
    assert!(!is_taken(Output::Softmax, &plain, &sparse));
    assert!(!is_taken(Output::Logistic, &plain, &dataset()));
}

/// Weights are padded, read and written several times.
#[test]
fn more_rows_than_the_kernel_takes_at_once() {
    let range = PixelRange {
        low: -1.0,
        high: 1.0,
    };
    let levels: Vec<u8> = (0..420).map(|index| (index * 37 % 256) as u8).collect();
    let dataset = sparse(range, &levels);
    let order: Vec<usize> = (0..2 * ROWS_AT_ONCE + 100)
        .map(|row| row * 7 % 60)
        .collect();
    let model = Model {
        hidden: vec![20],
        activation: Activation::Sigmoid,
        ..perceptron(Output::Softmax)
    };
    let both = [true, false].map(|by_kernel| {
        let train = single(Loss::CrossEntropy);
        after(&model, &train, &dataset, &order, by_kernel).unwrap()
    });
    assert_agree(&both, 1e-4);
}

/// Checks that parameters agree up to this fraction of the largest, and scores up to it.
fn assert_agree(both: &[(Vec<f32>, Scores); 2], tolerance: f32) {
    let [(ours, scores), (expected, exact)] = both;
    let largest = expected
        .iter()
        .fold(1f32, |largest, w| largest.max(w.abs()));
    for (w, e) in ours.iter().zip(expected) {
        assert!((w - e).abs() <= tolerance * largest, "{w} {e} of {largest}");
    }
    let off = (scores.loss - exact.loss).abs();
    assert!(off <= f64::from(tolerance) * (1.0 + exact.loss), "{off}");
    assert_eq!(scores.accuracy, exact.accuracy);
    assert_eq!(scores.subset_accuracy, exact.subset_accuracy);
}

proptest! {
    /// Any network, loss and range: the kernel takes the steps of burn's graph.
    #[test]
    fn kernel_and_batches_agree(
        hidden in prop::collection::vec(1usize..40, 0..3),
        activation in prop::sample::select(Activation::ALL.to_vec()),
        kind in prop::sample::select(vec![
            (Loss::CrossEntropy, Output::Softmax, Backward::Gradient),
            (Loss::BinaryCrossEntropy, Output::Logistic, Backward::Gradient),
            (SQUARES, Output::Logistic, Backward::Gradient),
            (SQUARES, Output::Logistic, Backward::Weights),
            (SQUARES, Output::Linear, Backward::Gradient),
            (SQUARES, Output::Linear, Backward::Weights),
        ]),
        low in prop::sample::select(vec![-1.0, 0.0, 0.01, 0.4]),
        has_bias: bool,
        levels in prop::collection::vec(any::<u8>(), 7..=140),
    ) {
        let (loss, output, backward) = kind;
        let dataset = sparse(PixelRange { low, high: 1.0 }, &levels);
        let model = Model {
            hidden,
            activation,
            bias_init: has_bias.then_some(Init::GlorotUniform),
            ..perceptron(output)
        };
        let targets = if loss == SQUARES {
            OnOff { on: 0.99, off: 0.01 }
        } else {
            OnOff::ONE_HOT
        };
        // Small steps, so that none diverges and magnifies rounding.
        let train = Train { learning_rate: 0.01, backward, targets, ..single(loss) };
        let order: Vec<usize> = (0..40).map(|row| row % dataset.train.len()).collect();
        let both = [true, false].map(|by_kernel| {
            after(&model, &train, &dataset, &order, by_kernel).unwrap()
        });
        assert_agree(&both, 2e-5);
    }
}
