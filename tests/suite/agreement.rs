//! Agreement of the devices of this build with flex.

use std::path::Path;

use backquery::config::{Descent, Method, Setting, Spec, StudySpec};
use backquery::data::{Dataset, Loader};
use backquery::invert::{Inverter, Search};
use backquery::metrics::judge::{self, Judges, Readings};
use backquery::model::{Device, DeviceKind, Network, open};
use backquery::pace::Pace;
use backquery::train::{Setup, Trained, Training};

/// The MLP of Lai 2021 on so few rows that ten epochs are fifty steps.
const MLP: &str = r#"
title = "MLP"
[data]
source = "strokes"
classes = [0, 1, 2, 3, 4]
per_class = 32
range = [-1.0, 1.0]
[model]
hidden = [30, 30]
activation = "leaky_relu"
output = "softmax"
[train]
loss = "cross_entropy"
optimizer = "adam"
epsilon = 1e-7
learning_rate = 0.001
batch_size = 32
epochs = 10
"#;

fn spec() -> Spec {
    let study = StudySpec::parse("mlp", MLP, &[]).unwrap();
    study.members[0].spec.clone()
}

/// The test rows are as many as the training rows: a thousand are too slow in software.
fn dataset(spec: &Spec) -> Dataset {
    let all = Loader::new(None).load(&spec.data, Path::new(""), &|_| {});
    let all = all.unwrap();
    let test = all.test.unwrap().first(all.train.len());
    Dataset {
        test: Some(test),
        ..all
    }
}

/// All devices of this build but flex, which the others are held against.
fn others() -> Vec<(&'static str, Device)> {
    let built_in = [
        (DeviceKind::Ndarray, cfg!(feature = "ndarray")),
        (DeviceKind::Wgpu, cfg!(feature = "wgpu")),
    ];
    let built_in = built_in.into_iter().filter(|(_, is)| *is);
    built_in
        .map(|(kind, _)| (kind.name(), open(kind).unwrap()))
        .collect()
}

fn flex() -> Device {
    open(DeviceKind::Flex).unwrap()
}

fn trained(spec: &Spec, dataset: &Dataset, device: &Device) -> Trained {
    let setup = Setup {
        model: &spec.model,
        train: &spec.train,
        dataset,
        times: None,
        seed: 0,
        device,
    };
    let mut training = Training::start(setup);
    while training.epoch().unwrap().is_some() {}
    training.finish().unwrap()
}

/// The largest of the differences of numbers in pairs.
fn apart(pairs: impl IntoIterator<Item = (f64, f64)>) -> f64 {
    let differences = pairs.into_iter().map(|(a, b)| (a - b).abs());
    differences.fold(0.0, f64::max)
}

#[test]
fn fifty_steps_of_the_mlp_are_the_same_on_all_devices() {
    let spec = spec();
    let dataset = dataset(&spec);
    let expected = trained(&spec, &dataset, &flex());
    for (name, device) in others() {
        let found = trained(&spec, &dataset, &device);
        let rows = expected.history.iter().zip(&found.history);
        let losses = rows.clone().flat_map(|(a, b)| {
            [
                (a.running_loss.unwrap(), b.running_loss.unwrap()),
                (a.train_loss, b.train_loss),
                (a.test_loss.unwrap(), b.test_loss.unwrap()),
            ]
        });
        let losses = apart(losses.map(|(a, b)| (1.0, b / a)));
        let accuracies = apart(rows.map(|(a, b)| (a.train_accuracy, b.train_accuracy)));
        let layers = expected.parameters.iter().zip(&found.parameters);
        let weights = layers.flat_map(|(a, b)| {
            let biases = a.bias.iter().flatten().zip(b.bias.iter().flatten());
            a.weight.iter().zip(&b.weight).chain(biases)
        });
        let weights = apart(weights.map(|(a, b)| (f64::from(*a), f64::from(*b))));
        eprintln!(
            "{name}: losses {losses:.1e}, accuracies {accuracies:.1e}, weights {weights:.1e}"
        );
        assert_eq!(expected.history.len(), found.history.len());
        assert!(losses <= 1e-4, "{name}: losses {losses}");
        assert!(weights <= 1e-3, "{name}: weights {weights}");
        // One of 160 rows may lie at a border.
        assert!(accuracies <= 0.01, "{name}: accuracies {accuracies}");
    }
}

/// Down the slope to the same images.
#[test]
fn gradient_inversion_is_the_same_on_all_devices() {
    let spec = spec();
    let dataset = dataset(&spec);
    let trained = trained(&spec, &dataset, &flex());
    let network = Network::new(
        &trained.parameters,
        spec.model.activation,
        spec.model.output,
    );
    let targets: Vec<Vec<f64>> = (0..5)
        .map(|n| (0..5).map(|k| if k == n { 10.0 } else { -10.0 }).collect())
        .collect();
    let setting = Setting {
        value: String::new(),
        target: None,
        method: Method::Gradient(Descent {
            steps: 50,
            learning_rate: 0.05,
            total_variation: 1.0,
            l2: 0.1,
            restarts: 2,
        }),
        filter: None,
    };
    let inverted = |device: &Device| {
        let search = Search {
            width: 28,
            seed: 0,
            device,
        };
        let inverter = Inverter::new(&network, spec.data.range, search);
        inverter.invert(&setting, &targets, Pace::SILENT).unwrap()
    };
    let expected = inverted(&flex());
    for (name, device) in others() {
        let found = inverted(&device);
        let solutions = expected.solutions.iter().zip(&found.solutions);
        let objectives = apart(solutions.map(|(a, b)| (1.0, b.objective / a.objective)));
        let rows = 0..expected.images.nrows();
        let places = rows.flat_map(|n| (0..784).map(move |i| (n, i)));
        let pixels = apart(places.map(|at| (expected.images[at], found.images[at])));
        eprintln!("{name}: objectives {objectives:.1e}, pixels {pixels:.1e}");
        assert!(objectives <= 1e-3, "{name}: objectives {objectives}");
        assert!(pixels <= 0.02, "{name}: pixels {pixels}");
    }
}

/// On so few rows that each judge takes forty steps.
#[test]
fn judges_learn_the_same_on_all_devices() {
    let all = dataset(&spec());
    let dataset = Dataset {
        train: all.train.first(40),
        ..all
    };
    let opinions = |device: &Device| {
        let parameters = judge::train(&dataset, device, &|_| ()).unwrap();
        let judges = Judges::new(&parameters, &dataset, device).unwrap();
        let test = dataset.test.as_ref().unwrap();
        let rows: Vec<&[u8]> = (0..test.len()).map(|row| test.row(row)).collect();
        let readings = judges.read(&rows, &dataset.classes, Pace::SILENT);
        readings
            .unwrap()
            .iter()
            .map(Readings::combined)
            .collect::<Vec<_>>()
    };
    let expected = opinions(&flex());
    for (name, device) in others() {
        let found = opinions(&device);
        let pairs = expected.iter().zip(&found);
        let pairs =
            pairs.flat_map(|(a, b)| a.classes.iter().copied().zip(b.classes.iter().copied()));
        let probabilities = apart(pairs);
        eprintln!("{name}: probabilities {probabilities:.1e}");
        assert!(
            probabilities <= 1e-3,
            "{name}: probabilities {probabilities}"
        );
    }
}

/// An adapter lost by a driver reset: everything after that is an error.
#[cfg(feature = "wgpu")]
#[test]
fn a_lost_adapter_is_an_error() {
    use backquery::train::TrainError;
    let kind = burn::tensor::DeviceKind::Cpu;
    let options = Device::wgpu_options().device_kind(kind);
    let Ok((device, setup)) = options.init_with_setup() else {
        eprintln!("skipped: no adapter here is software, which can be taken away");
        return;
    };
    let (spec, dataset) = (spec(), dataset(&spec()));
    let mut training = Training::start(Setup {
        model: &spec.model,
        train: &spec.train,
        dataset: &dataset,
        times: None,
        seed: 0,
        device: &device,
    });
    training.epoch().unwrap();
    backquery::model::listen();
    setup.device.destroy();
    let lost = backquery::model::guarded(&device, || training.epoch().map(|_| ()));
    let message = match lost {
        Ok(Err(TrainError::Device(message))) | Err(message) => message,
        other => panic!("{other:?}"),
    };
    // The driver's words, not those of whoever waited for it.
    assert!(
        message.contains("wgpu error") || message.contains("Destroyed"),
        "{message}"
    );
}
