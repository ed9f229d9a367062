//! Trainings that end, stop and go on.

use super::*;

/// And not of the one that has gone on meanwhile: as if training had ended there.
#[test]
fn a_row_is_of_the_network_after_its_epoch() {
    let (dataset, model) = (dataset(), perceptron(Output::Softmax));
    let train = train_spec(Loss::CrossEntropy, Optimizer::Adam { epsilon: 1e-8 });
    let whole = run(&model, &train, &dataset, 1).history;
    for epochs in 1..train.epochs {
        let shorter = Train {
            epochs,
            ..train.clone()
        };
        let history = run(&model, &shorter, &dataset, 1).history;
        assert_eq!(history, whole[..epochs]);
    }
}

#[test]
fn a_training_stopped_after_any_epoch_ends_in_the_same_bits() {
    let dataset = dataset();
    let device = open(DeviceKind::Flex).unwrap();
    let model = Model {
        hidden: vec![8],
        activation: Activation::LeakyRelu { slope: 0.01 },
        ..perceptron(Output::Softmax)
    };
    for optimizer in [
        Optimizer::Adam { epsilon: 1e-8 },
        Optimizer::Sgd { momentum: 0.0 },
        Optimizer::Sgd { momentum: 0.9 },
    ] {
        let train = &train_spec(Loss::CrossEntropy, optimizer);
        let whole = run(&model, train, &dataset, 1);
        let setup = Setup {
            model: &model,
            train,
            dataset: &dataset,
            times: None,
            seed: 1,
            device: &device,
        };
        for stop in 1..=train.epochs {
            let mut training = Training::start(setup);
            for _ in 0..stop {
                training.epoch().unwrap();
            }
            let bytes = training.checkpoint().unwrap().to_bytes().unwrap();
            let checkpoint = Checkpoint::from_bytes(&bytes).unwrap();
            let mut training = Training::resume(setup, &checkpoint).unwrap();
            // The epoch that was ahead, if there was one, is measured then.
            let measured = train.epochs.min(stop + 1);
            assert_eq!(training.history().len(), measured);
            while training.epoch().unwrap().is_some() {}
            assert_eq!(training.finish().unwrap(), whole, "{optimizer:?} {stop}");
        }
    }
}

#[test]
fn a_checkpoint_of_another_setup_is_not_taken() {
    let dataset = dataset();
    let device = open(DeviceKind::Flex).unwrap();
    let model = perceptron(Output::Softmax);
    let train = train_spec(Loss::CrossEntropy, Optimizer::Adam { epsilon: 1e-8 });
    let setup = Setup {
        model: &model,
        train: &train,
        dataset: &dataset,
        times: None,
        seed: 1,
        device: &device,
    };
    let mut training = Training::start(setup);
    training.epoch().unwrap();
    training.epoch().unwrap();
    let checkpoint = training.checkpoint().unwrap();
    let deeper = Model {
        hidden: vec![2],
        ..model.clone()
    };
    let shorter = Train {
        epochs: 1,
        ..train.clone()
    };
    let momentum = Train {
        optimizer: Optimizer::Sgd { momentum: 0.9 },
        ..train.clone()
    };
    for other in [
        Setup {
            model: &deeper,
            ..setup
        },
        Setup {
            train: &shorter,
            ..setup
        },
        Setup {
            train: &momentum,
            ..setup
        },
    ] {
        assert!(Training::resume(other, &checkpoint).is_none());
    }
    assert!(Checkpoint::from_bytes(b"something else").is_err());
}
