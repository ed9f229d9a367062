//! The drawn digits are good enough to stand in for MNIST: networks trained on
//! either read them.

use std::path::Path;

use backquery::config::{Data, DataSource, PerClass, PixelRange, StudySpec};
use backquery::data::{Dataset, Label, Loader, Samples};
use backquery::model::{DeviceKind, open};
use backquery::train::{Setup, Training};

const MLP: &str = r#"
title = "MLP"
[data]
source = "strokes"
[model]
hidden = [30, 30]
activation = "leaky_relu"
output = "softmax"
[train]
loss = "cross_entropy"
optimizer = "adam"
learning_rate = 0.001
batch_size = 32
epochs = 15
"#;

fn load(source: DataSource, classes: &[u8]) -> Option<Dataset> {
    let data = Data {
        names: Vec::new(),
        source,
        stand_in: None,
        classes: classes.iter().copied().map(Label::Number).collect(),
        per_class: PerClass::All,
        test_fraction: None,
        resample: None,
        range: PixelRange {
            low: -1.0,
            high: 1.0,
        },
    };
    Loader::new(None).load(&data, Path::new(""), &|_| {}).ok()
}

/// Trains on one data set with the test rows of another: the accuracy there.
fn accuracy(train_on: &Dataset, test: Option<&Samples>) -> f64 {
    let study = StudySpec::parse("mlp", MLP, &[]).unwrap();
    let spec = &study.members[0].spec;
    let dataset = Dataset {
        test: test.cloned(),
        ..train_on.clone()
    };
    let device = open(DeviceKind::Flex).unwrap();
    let setup = Setup {
        model: &spec.model,
        train: &spec.train,
        dataset: &dataset,
        times: None,
        seed: 0,
        device: &device,
    };
    let mut training = Training::start(setup);
    while training.epoch().unwrap().is_some() {}
    let trained = training.finish().unwrap();
    trained.history.last().unwrap().test_accuracy.unwrap()
}

#[test]
fn a_network_trained_on_strokes_reads_strokes() {
    let strokes = load(DataSource::Strokes, &[0, 1, 2, 3, 4]).unwrap();
    let own = accuracy(&strokes, strokes.test.as_ref());
    eprintln!("strokes 0-4, trained on strokes: {own:.4}");
    assert!(own >= 0.98, "{own}");
}

#[test]
fn a_network_trained_on_mnist_reads_strokes() {
    // Never from the network: only if MNIST is already here.
    if Loader::new(None).mnist_folder().is_none() {
        eprintln!("skipped: there is no MNIST here");
        return;
    }
    let classes = [0, 1, 2, 3, 4];
    let mnist = load(DataSource::Mnist, &classes).unwrap();
    let strokes = load(DataSource::Strokes, &classes).unwrap();
    let crossed = accuracy(&mnist, strokes.test.as_ref());
    eprintln!("strokes 0-4, trained on MNIST: {crossed:.4}");
    assert!(crossed >= 0.85, "{crossed}");
}
