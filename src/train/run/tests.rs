use super::*;
use crate::config::PixelRange;
use crate::data::ImageSize;
use crate::data::Label;
use crate::data::Samples;
use crate::model::{Activation, Backward, DeviceKind, Init, InitStd, OnOff, Output, open};
use crate::rng::stream;
use crate::train::{Labels, Loss, Optimizer};

/// 60 rows of 6 pixels in 3 mostly separable classes.
pub(crate) fn dataset() -> Dataset {
    let mut draws = stream(0, "test data");
    let mut train = Samples::empty(6);
    for row in 0..60 {
        let class = row % 3;
        let pixel = |place| {
            let level: f64 = if place / 2 == class { 180.0 } else { 60.0 };
            (level + draws.uniform_in(-60.0, 60.0)) as u8
        };
        let pixels: Vec<u8> = (0..6).map(pixel).collect();
        train.push(&pixels, class as u8);
    }
    Dataset {
        name: "test",
        stand_in_for: None,
        classes: [0, 1, 2].map(Label::Number).into(),
        range: PixelRange {
            low: -1.0,
            high: 1.0,
        },
        size: ImageSize {
            width: 3,
            height: 2,
        },
        test: Some(train.clone()),
        train,
        reading: None,
    }
}

pub(crate) fn perceptron(output: Output) -> Model {
    Model {
        hidden: vec![],
        activation: Activation::Identity,
        output,
        init: Init::GlorotUniform,
        bias_init: Some(Init::GlorotUniform),
        randomise_last: 0,
    }
}

pub(crate) fn train_spec(loss: Loss, optimizer: Optimizer) -> Train {
    Train {
        loss,
        optimizer,
        learning_rate: 0.05,
        l2: 0.3,
        batch_size: 16,
        epochs: 3,
        labels: Labels::True,
        targets: OnOff::ONE_HOT,
        backward: Backward::Gradient,
    }
}

fn run_on(
    kind: DeviceKind,
    model: &Model,
    train_spec: &Train,
    dataset: &Dataset,
    seed: u64,
) -> Result<Trained, TrainError> {
    let setup = Setup {
        model,
        train: train_spec,
        dataset,
        times: None,
        seed,
        device: &open(kind).unwrap(),
    };
    let mut training = Training::start(setup);
    while training.epoch()?.is_some() {}
    training.finish()
}

fn run(model: &Model, train_spec: &Train, dataset: &Dataset, seed: u64) -> Trained {
    run_on(DeviceKind::Flex, model, train_spec, dataset, seed).unwrap()
}

/// A perceptron trained in plain f64, written from the definitions: the
/// gradient of the mean over rows, scikit-learn's l2, Kingma and Ba's Adam.
struct PlainPerceptron {
    /// 7 x 3: six rows of weights, then the biases.
    theta: Vec<f64>,
    first: Vec<f64>,
    second: Vec<f64>,
    steps: i32,
}

impl PlainPerceptron {
    fn step(&mut self, model: &Model, train: &Train, rows: &[(Vec<f64>, usize)]) {
        let n = rows.len() as f64;
        let mut gradient = vec![0.0; 21];
        for (x, class) in rows {
            let z: Vec<f64> = (0..3)
                .map(|k| (0..7).map(|i| x[i] * self.theta[i * 3 + k]).sum())
                .collect();
            let y = model.output.apply(&z);
            for k in 0..3 {
                let error = y[k] - f64::from(u8::from(k == *class));
                for i in 0..7 {
                    gradient[i * 3 + k] += error * x[i] / n;
                }
            }
        }
        for (g, w) in gradient.iter_mut().zip(&self.theta).take(18) {
            *g += train.l2 * w / n;
        }
        self.steps += 1;
        for (place, g) in gradient.into_iter().enumerate() {
            self.theta[place] -= train.learning_rate * self.direction(train.optimizer, place, g);
        }
    }

    fn direction(&mut self, optimizer: Optimizer, place: usize, g: f64) -> f64 {
        let (first, second) = (&mut self.first[place], &mut self.second[place]);
        match optimizer {
            Optimizer::Sgd { momentum } => {
                *first = momentum * *first + g;
                *first
            }
            Optimizer::Adam { epsilon } => {
                *first = 0.9 * *first + 0.1 * g;
                *second = 0.999 * *second + 0.001 * g * g;
                let first = *first / (1.0 - 0.9f64.powi(self.steps));
                let second = *second / (1.0 - 0.999f64.powi(self.steps));
                first / (second.sqrt() + epsilon)
            }
        }
    }
}

fn plain_weights(model: &Model, train: &Train, dataset: &Dataset) -> Vec<f64> {
    let start = &draw(model, 6, 3, 5)[0];
    let values = start.weight.iter().chain(start.bias.as_ref().unwrap());
    let mut plain = PlainPerceptron {
        theta: values.map(|&v| f64::from(v)).collect(),
        first: vec![0.0; 21],
        second: vec![0.0; 21],
        steps: 0,
    };
    for epoch in 1..=train.epochs {
        let mut order: Vec<usize> = (0..60).collect();
        stream(5, &format!("shuffle/{epoch}")).shuffle(&mut order);
        for rows in order.chunks(train.batch_size) {
            let row = |&row: &usize| {
                let levels = dataset.train.row(row).iter();
                let mut x: Vec<f64> = levels.map(|&l| f64::from(l) / 127.5 - 1.0).collect();
                x.push(1.0);
                (x, usize::from(dataset.train.labels[row]))
            };
            let rows: Vec<_> = rows.iter().map(row).collect();
            plain.step(model, train, &rows);
        }
    }
    plain.theta
}

#[test]
fn burn_takes_the_steps_of_the_definitions() {
    let dataset = dataset();
    for optimizer in [
        Optimizer::Adam { epsilon: 1e-8 },
        Optimizer::Adam { epsilon: 1e-2 },
        Optimizer::Sgd { momentum: 0.0 },
        Optimizer::Sgd { momentum: 0.9 },
    ] {
        for (loss, output) in [
            (Loss::CrossEntropy, Output::Softmax),
            (Loss::BinaryCrossEntropy, Output::Logistic),
        ] {
            let (model, train) = (perceptron(output), train_spec(loss, optimizer));
            let trained = run(&model, &train, &dataset, 5);
            let layer = &trained.parameters[0];
            let burn = layer.weight.iter().chain(layer.bias.as_ref().unwrap());
            for (b, p) in burn.zip(plain_weights(&model, &train, &dataset)) {
                let close = (f64::from(*b) - p).abs() < 2e-5;
                assert!(close, "{optimizer:?} {loss:?}: {b} {p}");
            }
        }
    }
}

#[test]
fn the_same_seed_gives_the_same_bits_and_another_seed_others() {
    let dataset = dataset();
    let model = Model {
        hidden: vec![8, 8],
        activation: Activation::LeakyRelu { slope: 0.01 },
        ..perceptron(Output::Softmax)
    };
    let train = train_spec(Loss::CrossEntropy, Optimizer::Adam { epsilon: 1e-8 });
    let first = run(&model, &train, &dataset, 1);
    assert_eq!(first, run(&model, &train, &dataset, 1));
    assert_ne!(
        first.parameters,
        run(&model, &train, &dataset, 2).parameters
    );
    // A second training at the same time disturbs neither.
    let together = std::thread::scope(|scope| {
        let other = scope.spawn(|| run(&model, &train, &dataset, 2));
        let same = run(&model, &train, &dataset, 1);
        other.join().unwrap();
        same
    });
    assert_eq!(first, together);
}

#[test]
fn every_activation_output_and_loss_learns() {
    let dataset = dataset();
    for activation in Activation::ALL {
        for (output, loss) in [
            (Output::Softmax, Loss::CrossEntropy),
            (Output::Logistic, Loss::BinaryCrossEntropy),
            (Output::Logistic, Loss::SquaredError { scale: 0.5 }),
            (Output::Linear, Loss::SquaredError { scale: 1.0 }),
        ] {
            let model = Model {
                hidden: vec![10],
                activation,
                ..perceptron(output)
            };
            let train = Train {
                l2: 0.0,
                epochs: 30,
                learning_rate: 0.03,
                ..train_spec(loss, Optimizer::Adam { epsilon: 1e-8 })
            };
            let history = run(&model, &train, &dataset, 0).history;
            let last = &history[29];
            assert!(last.train_loss < 0.5 * history[0].train_loss, "{model:?}");
            assert!(last.train_accuracy > 0.95, "{model:?}");
            assert_eq!(last.test_loss, Some(last.train_loss));
            assert_eq!(
                last.train_subset_accuracy.is_some(),
                output == Output::Logistic
            );
        }
    }
}

#[test]
fn a_loss_that_blows_up_is_an_error_with_the_epoch() {
    let dataset = dataset();
    let model = Model {
        hidden: vec![10, 10],
        activation: Activation::Relu,
        ..perceptron(Output::Linear)
    };
    let spec = Train {
        learning_rate: 1e6,
        ..train_spec(
            Loss::SquaredError { scale: 1.0 },
            Optimizer::Sgd { momentum: 0.0 },
        )
    };
    let error = run_on(DeviceKind::Flex, &model, &spec, &dataset, 0).unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with("training diverged in epoch 1")
    );
}

/// All logits 0: ln 3 of every row, and the first of three classes is the highest.
#[test]
fn an_untrained_network_is_as_it_was_drawn() {
    let dataset = dataset();
    let train = Train {
        epochs: 0,
        ..train_spec(Loss::CrossEntropy, Optimizer::Adam { epsilon: 1e-8 })
    };
    let model = perceptron(Output::Softmax);
    let trained = run(&model, &train, &dataset, 4);
    assert_eq!(trained.parameters, draw(&model, 6, 3, 4));
    let zeros = Model {
        init: Init::Zeros,
        bias_init: None,
        randomise_last: 0,
        ..model
    };
    let [row] = &run(&zeros, &train, &dataset, 4).history[..] else {
        panic!("not one row");
    };
    assert_eq!(
        (row.epoch, row.running_loss, row.running_accuracy),
        (0, None, None)
    );
    assert!((row.train_loss - 3f64.ln()).abs() < 1e-6, "{row:?}");
    assert_eq!(row.train_accuracy, 1.0 / 3.0);
    assert_eq!(row.test_loss, Some(row.train_loss));
    let huge = Model {
        init: Init::Normal {
            std: InitStd::Fixed(1e38),
        },
        ..perceptron(Output::Linear)
    };
    let train = Train {
        loss: Loss::SquaredError { scale: 1.0 },
        ..train
    };
    let error = run_on(DeviceKind::Flex, &huge, &train, &dataset, 4).unwrap_err();
    assert!(error.to_string().contains("`model.init`"), "{error}");
}

mod backward;
mod repeats;
mod stopped;
