//! Rows that an epoch passes over several times.

use super::*;
use crate::train::layer_rows;

fn finished(mut training: Training<'_>) -> Trained {
    while training.epoch().unwrap().is_some() {}
    training.finish().unwrap()
}

/// Training on repeats is training on copies. Rows are measured as if there were no repeats:
/// the test rows here are the training rows, each once.
#[test]
fn repeats_are_trained_on_like_copies_and_measured_once() {
    let (once, device) = (dataset(), open(DeviceKind::Flex).unwrap());
    let times: Vec<usize> = (0..60).map(|row| 1 + row % 4).collect();
    let mut copies = Dataset {
        train: Samples::empty(6),
        ..once.clone()
    };
    for (row, times) in times.iter().enumerate() {
        for _ in 0..*times {
            copies
                .train
                .push(once.train.row(row), once.train.labels[row]);
        }
    }
    let model = perceptron(Output::Softmax);
    for optimizer in [Optimizer::ADAM, Optimizer::Sgd { momentum: 0.9 }] {
        let train = &train_spec(Loss::CrossEntropy, optimizer);
        let setup = Setup {
            model: &model,
            train,
            dataset: &once,
            times: Some(&times),
            seed: 1,
            device: &device,
        };
        assert_eq!(setup.epoch_rows(), copies.train.len());
        let (own, of_copies) = (
            finished(Training::start(setup)),
            run(&model, train, &copies, 1),
        );
        assert_eq!(own.parameters, of_copies.parameters);
        for (row, copy) in own.history.iter().zip(&of_copies.history) {
            assert_eq!(row.running_loss, copy.running_loss);
            assert_eq!(Some(row.train_loss), copy.test_loss);
            assert_eq!(Some(row.train_accuracy), copy.test_accuracy);
            assert_ne!(row.train_loss, copy.train_loss);
        }
        // Resumed after an epoch, with the steps of one with repeats.
        let mut training = Training::start(setup);
        training.epoch().unwrap();
        let checkpoint = training.checkpoint().unwrap();
        let resumed = Training::resume(setup, &checkpoint).unwrap();
        assert_eq!(finished(resumed), own, "{optimizer:?}");
        let without = Setup {
            times: None,
            ..setup
        };
        let layers = |setup| layer_rows(&setup, &own.parameters).unwrap();
        assert_eq!(layers(setup), layers(without));
    }
}
