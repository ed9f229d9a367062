//! The gradients that networks are trained by are those of Tashfeen 2020, equations
//! (1) to (6) of section 5.1, written out here in double precision.

use burn::tensor::{Device, Tensor, TensorData};
use proptest::prelude::*;

use crate::model::{Activation, Mlp, Output, Parameters};
use crate::rng::stream;
use crate::train::Loss;

/// A layer of sigmoids: `weight` has a row for each unit.
#[derive(Clone)]
struct SigmoidLayer {
    weight: Vec<Vec<f64>>,
    bias: Vec<f64>,
}

/// All derivatives of a layer, by its weights and biases.
type Derivatives = SigmoidLayer;

fn sigmoid(z: f64) -> f64 {
    1.0 / (1.0 + (-z).exp())
}

/// a^(1) to a^(L): the input, and what each layer makes of it.
fn activations(layers: &[SigmoidLayer], x: &[f64]) -> Vec<Vec<f64>> {
    let mut all = vec![x.to_vec()];
    for SigmoidLayer { weight, bias } in layers {
        let a = &all[all.len() - 1];
        let z = |w: &Vec<f64>, b: &f64| w.iter().zip(a).map(|(w, a)| w * a).sum::<f64>() + b;
        let next = weight.iter().zip(bias).map(|(w, b)| sigmoid(z(w, b)));
        all.push(next.collect());
    }
    all
}

/// E = (y - a^(L))^2, summed over the outputs.
fn error(layers: &[SigmoidLayer], x: &[f64], y: &[f64]) -> f64 {
    let a = activations(layers, x).pop().unwrap();
    y.iter().zip(a).map(|(y, a)| (y - a).powi(2)).sum()
}

/// The derivatives of E by every weight and bias. The derivative of a sigmoid is
/// a (1 - a).
fn backward(layers: &[SigmoidLayer], x: &[f64], y: &[f64]) -> Vec<Derivatives> {
    let a = activations(layers, x);
    let slopes = |l: usize| a[l].iter().map(|a| a * (1.0 - a));
    let errors = y.iter().zip(&a[layers.len()]);
    // (2)
    let mut delta: Vec<f64> = errors
        .zip(slopes(layers.len()))
        .map(|((y, a), slope)| -2.0 * (y - a) * slope)
        .collect();
    let mut all = Vec::new();
    for l in (0..layers.len()).rev() {
        all.push(SigmoidLayer {
            // (1) and (4)
            weight: delta
                .iter()
                .map(|d| a[l].iter().map(|a| a * d).collect())
                .collect(),
            // (3) and (6)
            bias: delta.clone(),
        });
        // (5)
        let back = |input: usize| -> f64 {
            let column = layers[l].weight.iter().map(|row| row[input]);
            column.zip(&delta).map(|(w, d)| w * d).sum()
        };
        delta = slopes(l)
            .enumerate()
            .map(|(input, slope)| back(input) * slope)
            .collect();
    }
    all.reverse();
    all
}

/// One number after the other: weights by inputs and then units, as
/// [`Parameters`] have them, then biases, layer by layer.
fn flat(layers: &[SigmoidLayer]) -> Vec<f64> {
    let of_layer = |layer: &SigmoidLayer| {
        let inputs = 0..layer.weight[0].len();
        let column = |input: usize| layer.weight.iter().map(move |row| row[input]);
        let weights = inputs.flat_map(column).collect::<Vec<_>>();
        [weights, layer.bias.clone()].concat()
    };
    layers.iter().flat_map(of_layer).collect()
}

/// The same numbers as layers of these sizes.
fn layers(sizes: &[usize], numbers: &[f64]) -> Vec<SigmoidLayer> {
    let mut numbers = numbers.iter().copied();
    let mut next = |count: usize| numbers.by_ref().take(count).collect::<Vec<f64>>();
    let layer = |pair: &[usize]| {
        let (inputs, units) = (pair[0], pair[1]);
        let weights = next(inputs * units);
        let row = |unit: usize| weights.iter().copied().skip(unit).step_by(units).collect();
        SigmoidLayer {
            weight: (0..units).map(row).collect(),
            bias: next(units),
        }
    };
    sizes.windows(2).map(layer).collect()
}

/// A network, rows and one-hot labels, drawn for these sizes; all numbers are ones that
/// single precision has.
struct Case {
    layers: Vec<SigmoidLayer>,
    x: Vec<Vec<f64>>,
    y: Vec<Vec<f64>>,
}

impl Case {
    fn draw(sizes: &[usize], rows: usize, seed: u64) -> Self {
        let mut stream = stream(seed, "equations");
        let mut uniform = |low: f64| f64::from(stream.uniform_in(low, 1.0) as f32);
        let count: usize = sizes.windows(2).map(|pair| (pair[0] + 1) * pair[1]).sum();
        let weights: Vec<f64> = (0..count).map(|_| uniform(-1.0)).collect();
        let mut row = |length: usize| (0..length).map(|_| uniform(0.0)).collect::<Vec<_>>();
        let (inputs, outputs) = (sizes[0], sizes[sizes.len() - 1]);
        let one_hot = |row: usize| {
            let output = |k: usize| f64::from(u8::from(row % outputs == k));
            (0..outputs).map(output).collect()
        };
        Self {
            layers: layers(sizes, &weights),
            x: (0..rows).map(|_| row(inputs)).collect(),
            y: (0..rows).map(one_hot).collect(),
        }
    }

    /// The mean of the derivatives over the rows, by the equations.
    fn by_equations(&self) -> Vec<f64> {
        let rows = self.x.iter().zip(&self.y);
        let of_rows = rows.map(|(x, y)| flat(&backward(&self.layers, x, y)));
        let sum = of_rows.reduce(|a, b| a.iter().zip(b).map(|(a, b)| a + b).collect());
        let rows = self.x.len() as f64;
        sum.unwrap().into_iter().map(|sum| sum / rows).collect()
    }

    /// The same by burn, in single precision, of the loss that training takes.
    fn by_burn(&self) -> Vec<f64> {
        let device = Device::flex().autodiff();
        let single = |values: Vec<f64>| values.iter().map(|&v| v as f32).collect::<Vec<f32>>();
        let tensor = |rows: &[Vec<f64>]| {
            let shape = [rows.len(), rows[0].len()];
            Tensor::<2>::from_data(TensorData::new(single(rows.concat()), shape), &device)
        };
        let parameters = self.layers.iter().map(|layer| Parameters {
            inputs: layer.weight[0].len(),
            outputs: layer.bias.len(),
            weight: single(flat(&[SigmoidLayer {
                bias: vec![],
                ..layer.clone()
            }])),
            bias: Some(single(layer.bias.clone())),
        });
        let mlp = Mlp::new(parameters.collect(), Activation::Sigmoid, &device);
        let z = mlp.forward(tensor(&self.x));
        let loss = Loss::SquaredError { scale: 1.0 };
        let mean = loss.mean(Output::Logistic, z, tensor(&self.y));
        let layers = mlp.gradients(&mean).unwrap().into_iter();
        let all = layers.flat_map(|layer| [layer.weight, layer.bias.unwrap()].concat());
        all.map(f64::from).collect()
    }

    /// The same by how much the error changes when a number does.
    fn by_differences(&self) -> Vec<f64> {
        const STEP: f64 = 1e-5;
        let sizes: Vec<usize> = [self.x[0].len()]
            .into_iter()
            .chain(self.layers.iter().map(|layer| layer.bias.len()))
            .collect();
        let values = flat(&self.layers);
        let mean = |values: &[f64]| {
            let layers = layers(&sizes, values);
            let rows = self.x.iter().zip(&self.y);
            rows.map(|(x, y)| error(&layers, x, y)).sum::<f64>() / self.x.len() as f64
        };
        let slope = |place: usize| {
            let at = |step: f64| {
                let mut moved = values.clone();
                moved[place] += step;
                mean(&moved)
            };
            (at(STEP) - at(-STEP)) / (2.0 * STEP)
        };
        (0..values.len()).map(slope).collect()
    }
}

/// The largest difference, as a share of the largest entry of the first.
fn apart(exact: &[f64], other: &[f64]) -> f64 {
    assert_eq!(exact.len(), other.len());
    let differences = exact.iter().zip(other).map(|(a, b)| (a - b).abs());
    let largest = exact.iter().map(|a| a.abs()).fold(0.0, f64::max);
    differences.fold(0.0, f64::max) / largest
}

/// x = 1 through w = 0, b = 0 gives a = 1/2, and that through w = 2, b = -1 gives 1/2
/// where y = 1: delta = -2 (1/2) (1/4) = -1/4, and before it 2 (-1/4) (1/4) = -1/8.
#[test]
fn derivatives_by_hand() {
    let network = layers(&[1, 1, 1], &[0.0, 0.0, 2.0, -1.0]);
    let derivatives = flat(&backward(&network, &[1.0], &[1.0]));
    assert_eq!(derivatives, [-0.125, -0.125, -0.125, -0.25]);
}

proptest! {
    #[test]
    fn the_equations_are_what_networks_are_trained_by(
        sizes in prop::collection::vec(1usize..6, 2..5),
        rows in 1usize..6,
        seed: u64,
    ) {
        let case = Case::draw(&sizes, rows, seed);
        let exact = case.by_equations();
        let burn = apart(&exact, &case.by_burn());
        prop_assert!(burn <= 1e-4, "burn: {burn}");
        // The square of the step times the third derivative, and the rounding of an
        // error below 10 over the step: 1e-10, of entries of 1e-3 and more.
        let differences = apart(&exact, &case.by_differences());
        prop_assert!(differences <= 1e-6, "differences: {differences}");
    }
}
