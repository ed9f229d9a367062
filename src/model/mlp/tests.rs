use super::*;
use crate::kernels::{SparsePixels, SparseRows};
use crate::model::Backward;
use burn::tensor::TensorData;
use proptest::prelude::*;
use std::sync::Arc;

const PIXELS: usize = 6;
const ROWS: usize = 3;

fn numbers_of<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    numbers(tensor).unwrap()
}

/// Returns layers of these sizes, whose parameters repeat the numbers.
fn parameters(sizes: &[usize], biased: bool, numbers: &[f32]) -> Vec<Parameters> {
    let mut numbers = numbers.iter().copied().cycle();
    let mut take = |count: usize| numbers.by_ref().take(count).collect::<Vec<f32>>();
    let layer = |pair: &[usize]| Parameters {
        inputs: pair[0],
        outputs: pair[1],
        weight: take(pair[0] * pair[1]),
        bias: biased.then(|| take(pair[1])),
    };
    sizes.windows(2).map(layer).collect()
}

/// Returns the sum of y times the factors.
fn product(y: &Tensor<2>, factors: &[f32]) -> Tensor<1> {
    let [rows, outputs] = y.dims();
    let factors = TensorData::new(factors[..rows * outputs].to_vec(), [rows, outputs]);
    (y.clone() * Tensor::from_data(factors, &y.device())).sum()
}

/// Returns outputs, and the gradient in the parameters of their products with the factors
/// plus half the squares of the weights.
fn trained(mlp: Mlp, x: Input, rule: Backward, factors: &[f32]) -> Vec<f32> {
    let y = match rule {
        Backward::Gradient => mlp.forward(x),
        Backward::Weights => mlp.forward_by_weights(x, Output::Softmax).1,
    };
    let loss = product(&y, factors) + mlp.squared_weights() * 0.5;
    let layers = mlp.gradients(&loss).unwrap().into_iter();
    let gradients = layers.flat_map(|layer| [layer.weight, layer.bias.unwrap_or_default()]);
    let all = [numbers_of(y.inner())].into_iter().chain(gradients);
    all.flatten().collect()
}

/// Returns logits, and the gradient in x of their products with the factors.
fn inverted(mlp: Mlp, x: &[f32], factors: &[f32]) -> Vec<f32> {
    let device = Device::flex().autodiff();
    let x = TensorData::new(x.to_vec(), [ROWS, PIXELS]);
    let x = Tensor::<2>::from_data(x, &device).require_grad();
    let z = mlp.no_grad().forward(x.clone());
    let gradient = x.grad(&product(&z, factors).backward()).unwrap();
    [numbers_of(z.inner()), numbers_of(gradient)].concat()
}

fn sparse(pixels: &[u8]) -> Arc<SparseRows> {
    let pixels = Arc::new(SparsePixels::new(pixels, PIXELS, 1.0).unwrap());
    let increments = std::array::from_fn(|level| level as f32 / 128.0);
    Arc::new(SparseRows::new(
        &pixels,
        &[2, 0, 1],
        -1.0,
        &Arc::new(increments),
    ))
}

#[test]
fn two_layers_by_hand() {
    let layer = |weight: f32, bias: f32| Parameters {
        inputs: 1,
        outputs: 1,
        weight: vec![weight],
        bias: Some(vec![bias]),
    };
    let device = Device::flex().autodiff();
    let f = Activation::LeakyRelu { slope: 0.5 };
    let mlp = Mlp::new(vec![layer(2.0, 1.0), layer(-3.0, 0.5)], f, &device);
    let x = || Tensor::<2>::from_data([[1.0], [-1.5f32]], &device);
    // 1 -> 3 -> 3 -> -8.5 and -1.5 -> -2 -> -1 -> 3.5.
    let z = mlp.forward(x());
    assert_eq!(numbers_of(z.clone()), [-8.5, 3.5]);
    // Errors 1 and 10 of the logits are -3 and -15 before the activation.
    let loss = product(&z, &[1.0, 10.0]);
    let gradients = mlp.clone().gradients(&loss).unwrap();
    assert_eq!(gradients[1].weight, [3.0 - 10.0]);
    assert_eq!(gradients[1].bias, Some(vec![11.0]));
    assert_eq!(gradients[0].weight, [-3.0 + 22.5]);
    assert_eq!(gradients[0].bias, Some(vec![-18.0]));
    assert_eq!(numbers_of(mlp.squared_weights()), [13.0]);
}

#[test]
fn parameters_come_back_as_they_were() {
    let draws: Vec<f32> = (0..50).map(|n| n as f32).collect();
    for biased in [true, false] {
        let parameters = parameters(&[4, 3, 2], biased, &draws);
        let device = Device::flex();
        let mlp = Mlp::new(parameters.clone(), Activation::Tanh, &device);
        assert_eq!(mlp.parameters().unwrap(), parameters);
        assert_eq!(mlp.sizes(), [if biased { 23 } else { 18 }]);
    }
}

proptest! {
    /// Forward and backward passes agree, by both rules, of dense and of sparse rows.
    #[test]
    fn fused_and_plain_networks_agree(
        hidden in proptest::collection::vec(1usize..9, 0..4),
        outputs in 1usize..9,
        biased in any::<bool>(),
        draws in proptest::collection::vec(-1.0..1.0f32, 61),
        factors in proptest::collection::vec(-1.0..1.0f32, 8 * ROWS),
        pixels in proptest::collection::vec(prop_oneof![Just(0u8), 0..=255u8], PIXELS * ROWS),
    ) {
        let sizes: Vec<usize> = [PIXELS].into_iter().chain(hidden).chain([outputs]).collect();
        let parameters = parameters(&sizes, biased, &draws);
        let (device, sparse) = (Device::flex().autodiff(), sparse(&pixels));
        let dense = || {
            let data = TensorData::new(sparse.to_dense(), [ROWS, PIXELS]);
            Input::Dense(Tensor::from_data(data, &device))
        };
        for f in Activation::ALL {
            let fused = || Mlp::new(parameters.clone(), f, &device);
            let plain = || Mlp::Plain(PlainMlp::new(parameters.clone(), f, &device));
            let mut pairs = vec![(
                inverted(fused(), &sparse.to_dense(), &factors),
                inverted(plain(), &sparse.to_dense(), &factors),
            )];
            for rule in [Backward::Gradient, Backward::Weights] {
                let expected = trained(plain(), dense(), rule, &factors);
                let rows = Input::Sparse(Arc::clone(&sparse));
                pairs.push((trained(fused(), rows, rule, &factors), expected.clone()));
                pairs.push((trained(fused(), dense(), rule, &factors), expected));
            }
            for (got, expected) in pairs {
                prop_assert_eq!(got.len(), expected.len());
                // Weights of up to 1 from up to 8 units multiply numbers by up to 8 in each
                // of up to four layers, forwards as well as backwards.
                let most = expected.iter().fold(1f32, |most, e| most.max(e.abs()));
                for (g, e) in got.iter().zip(&expected) {
                    prop_assert!((g - e).abs() <= 4e-6 * most, "{:?} {} {}", f, g, e);
                }
            }
        }
    }
}
