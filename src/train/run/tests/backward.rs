//! Rules by which errors go back: the gradient, and that of the book.
use crate::data::Label;

use super::*;
use crate::model::numbers;
use burn::tensor::{Tensor, TensorData};
use proptest::prelude::*;

const RULES: [Backward; 2] = [Backward::Gradient, Backward::Weights];

fn book(backward: Backward) -> Train {
    Train {
        l2: 0.0,
        learning_rate: 0.1,
        targets: OnOff {
            on: 0.99,
            off: 0.01,
        },
        backward,
        ..train_spec(
            Loss::SquaredError { scale: 0.5 },
            Optimizer::Sgd { momentum: 0.0 },
        )
    }
}

fn sigmoids(hidden: &[usize]) -> Model {
    Model {
        hidden: hidden.to_vec(),
        activation: Activation::Sigmoid,
        ..perceptron(Output::Logistic)
    }
}

fn sigmoid(z: f64) -> f64 {
    1.0 / (1.0 + (-z).exp())
}

/// The network in plain f64: of each layer its weights row by row, then its biases.
struct PlainSigmoids(Vec<(usize, Vec<f64>)>);

impl PlainSigmoids {
    fn of(parameters: &[Parameters]) -> Self {
        let layer = |p: &Parameters| {
            let values = p.weight.iter().chain(p.bias.as_ref().unwrap());
            (p.outputs, values.map(|&v| f64::from(v)).collect())
        };
        Self(parameters.iter().map(layer).collect())
    }

    /// `h = sigmoid(x W)` of every layer, the bias being the weight of a last input 1.
    fn forward(&self, x: &[f64]) -> Vec<Vec<f64>> {
        let mut all = vec![x.to_vec()];
        for (outputs, theta) in &self.0 {
            let mut input = all.last().unwrap().clone();
            input.push(1.0);
            let z = |k: usize| -> f64 {
                let inputs = input.iter().enumerate();
                inputs.map(|(i, a)| a * theta[i * outputs + k]).sum()
            };
            all.push((0..*outputs).map(|k| sigmoid(z(k))).collect());
        }
        all
    }

    /// The lines of the book, `W += rate * e * o * (1 - o) @ h.T` with the errors `e`
    /// of a layer, and `e = W.T @ e` for the one before; or of the gradient,
    /// `e = W.T @ (e * o * (1 - o))`.
    fn step(&mut self, train: &Train, rows: &[(Vec<f64>, usize)]) {
        let mut changes: Vec<Vec<f64>> = self.0.iter().map(|l| vec![0.0; l.1.len()]).collect();
        for (x, class) in rows {
            let a = self.forward(x);
            let target = |k| {
                if k == *class {
                    train.targets.on
                } else {
                    train.targets.off
                }
            };
            let outputs = a.last().unwrap().iter().enumerate();
            let mut e: Vec<f64> = outputs.map(|(k, o)| target(k) - o).collect();
            for (l, (outputs, theta)) in self.0.iter().enumerate().rev() {
                let scaled: Vec<f64> = e
                    .iter()
                    .zip(&a[l + 1])
                    .map(|(e, o)| e * o * (1.0 - o))
                    .collect();
                for i in 0..=a[l].len() {
                    for k in 0..*outputs {
                        let input = a[l].get(i).copied().unwrap_or(1.0);
                        changes[l][i * outputs + k] += scaled[k] * input;
                    }
                }
                let back = if train.backward == Backward::Weights {
                    &e
                } else {
                    &scaled
                };
                let share = |i: usize| {
                    (0..*outputs)
                        .map(|k| theta[i * outputs + k] * back[k])
                        .sum()
                };
                e = (0..a[l].len()).map(share).collect();
            }
        }
        for ((_, theta), changes) in self.0.iter_mut().zip(changes) {
            for (w, change) in theta.iter_mut().zip(changes) {
                *w += train.learning_rate * change / rows.len() as f64;
            }
        }
    }
}

#[test]
fn burn_takes_the_steps_of_either_rule() {
    let dataset = dataset();
    for rule in RULES {
        for hidden in [&[][..], &[5], &[5, 4, 4]] {
            let (model, train) = (sigmoids(hidden), book(rule));
            let mut plain = PlainSigmoids::of(&draw(&model, 6, 3, 5));
            for epoch in 1..=train.epochs {
                let mut order: Vec<usize> = (0..60).collect();
                stream(5, &format!("shuffle/{epoch}")).shuffle(&mut order);
                for rows in order.chunks(train.batch_size) {
                    let row = |&row: &usize| {
                        let levels = dataset.train.row(row).iter();
                        let x = levels.map(|&l| f64::from(l) / 127.5 - 1.0).collect();
                        (x, usize::from(dataset.train.labels[row]))
                    };
                    plain.step(&train, &rows.iter().map(row).collect::<Vec<_>>());
                }
            }
            let trained = run(&model, &train, &dataset, 5);
            for ((_, b), (_, p)) in PlainSigmoids::of(&trained.parameters)
                .0
                .iter()
                .zip(&plain.0)
            {
                for (b, p) in b.iter().zip(p) {
                    assert!((b - p).abs() < 2e-6, "{rule:?} {hidden:?}: {b} {p}");
                }
            }
        }
    }
}

/// One weight a layer, 0 and ln 3, on an input of 1: h = 1/2, o = sqrt 3 / (1 + sqrt 3).
#[test]
fn one_step_by_hand() {
    let mut dataset = dataset();
    dataset.classes = vec![Label::Number(0)];
    dataset.train = Samples::empty(1);
    dataset.train.push(&[255], 0);
    dataset.test = None;
    let device = open(DeviceKind::Flex).unwrap();
    let o = 3f64.sqrt() / (1.0 + 3f64.sqrt());
    let (error, slope) = (0.99 - o, o * (1.0 - o));
    for (rule, share) in [(Backward::Gradient, slope), (Backward::Weights, 1.0)] {
        let setup = Setup {
            model: &sigmoids(&[1]),
            train: &book(rule),
            dataset: &dataset,
            times: None,
            seed: 0,
            device: &device,
        };
        let layer = |weight: f64| Parameters {
            inputs: 1,
            outputs: 1,
            weight: vec![weight as f32],
            bias: None,
        };
        let parameters = vec![layer(0.0), layer(3f64.ln())];
        let optimizer = crate::train::OptimizerState::new(setup.train.optimizer, &device);
        let mut training = Training::with(setup, mlp(&setup, parameters), optimizer, vec![]);
        training.pass(1).unwrap();
        let trained = training.finish().unwrap().parameters;
        let weights = [trained[0].weight[0], trained[1].weight[0]].map(f64::from);
        let first = 0.1 * 3f64.ln() * error * share * 0.25;
        let second = 3f64.ln() + 0.1 * error * slope * 0.5;
        let off = [weights[0] - first, weights[1] - second];
        assert!(
            off.iter().all(|off| off.abs() < 1e-6),
            "{rule:?} {weights:?}"
        );
    }
}

proptest! {
    /// Only the way back differs.
    #[test]
    fn by_either_rule_outputs_are_the_same(seed in 0u64..20, x in prop::collection::vec(-3.0..3.0f32, 12)) {
        let device = Device::flex().autodiff();
        for output in [Output::Logistic, Output::Softmax, Output::Linear] {
            let model = Model { output, ..sigmoids(&[5, 4]) };
            let mlp = Mlp::new(draw(&model, 6, 3, seed), model.activation, &device);
            let x = Tensor::<2>::from_data(TensorData::new(x.clone(), [2, 6]), &device);
            let (z, y) = mlp.forward_by_weights(x.clone(), output);
            let expected = mlp.forward(x);
            prop_assert_eq!(numbers(z).unwrap(), numbers(expected.clone()).unwrap());
            prop_assert_eq!(numbers(y).unwrap(), numbers(output.forward(expected)).unwrap());
        }
    }
}
