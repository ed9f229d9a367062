use super::*;
use crate::model::{Ink, Parameters};
use burn::module::Param;
use burn::tensor::Device;
use proptest::prelude::*;

const PIXELS: usize = 6;
const ROWS: usize = 3;

fn layer(parameters: Parameters, device: &Device) -> Linear {
    let Parameters {
        inputs,
        outputs,
        weight,
        bias,
    } = parameters;
    Linear {
        weight: Param::from_data(TensorData::new(weight, [inputs, outputs]), device),
        bias: bias.map(|bias| Param::from_data(TensorData::new(bias, [outputs]), device)),
    }
}

fn values<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    crate::model::numbers(tensor).unwrap()
}

type Run = fn(Input, &Linear, Activation) -> Tensor<2>;

/// f(x W + b), and the gradients of the sum of its products with `weights` in W, b
/// and, of all numbers, x.
fn both_ways(
    run: Run,
    input: &dyn Fn(&Device) -> (Input, Option<Tensor<2>>),
    parameters: &Parameters,
    (f, weights): (Activation, &[f32]),
) -> [Vec<f32>; 4] {
    let device = Device::flex().autodiff();
    let layer = layer(parameters.clone(), &device);
    let (x, leaf) = input(&device);
    let a = run(x, &layer, f);
    let [rows, units] = a.dims();
    let weights = TensorData::new(weights[..rows * units].to_vec(), [rows, units]);
    let sum = (a.clone() * Tensor::from_data(weights, &device)).sum();
    let gradients = sum.backward();
    let of_bias = layer.bias.map(|bias| bias.val().grad(&gradients).unwrap());
    let of_input = leaf.map(|x| x.grad(&gradients).unwrap());
    [
        values(a.inner()),
        values(layer.weight.val().grad(&gradients).unwrap()),
        of_bias.map(values).unwrap_or_default(),
        of_input.map(values).unwrap_or_default(),
    ]
}

fn ink(pixels: &[u8]) -> Arc<InkRows> {
    let ink = Arc::new(Ink::of(pixels, PIXELS, 1.0).unwrap());
    let values = std::array::from_fn(|level| level as f32 / 128.0);
    Arc::new(InkRows::new(&ink, &[2, 0, 1], -1.0, &Arc::new(values)))
}

#[test]
fn one_unit_by_hand() {
    let parameters = Parameters {
        inputs: 2,
        outputs: 1,
        weight: vec![2.0, -1.0],
        bias: Some(vec![0.5]),
    };
    let f = Activation::LeakyRelu { slope: 0.5 };
    let x = |device: &Device| {
        let x = Tensor::<2>::from_data([[1.0, 1.0], [0.0, 2.5f32]], device).require_grad();
        (Input::Dense(x.clone()), Some(x))
    };
    // z is 1.5 and -2.
    let [a, w, b, x] = both_ways(forward, &x, &parameters, (f, &[1.0, 10.0]));
    assert_eq!(a, [1.5, -1.0]);
    assert_eq!((w, b), (vec![1.0, 13.5], vec![6.0]));
    assert_eq!(x, [2.0, -1.0, 10.0, -5.0]);
}

proptest! {
    /// One node gives what the tensors give, forwards and backwards, of all numbers and of
    /// what is not black.
    #[test]
    fn the_node_is_the_tensors(
        units in 1usize..12,
        biased in any::<bool>(),
        numbers in proptest::collection::vec(-1.0..1.0f32, 12 * PIXELS + 12 + 12 * ROWS),
        pixels in proptest::collection::vec(prop_oneof![Just(0u8), 0..=255u8], PIXELS * ROWS),
    ) {
        let (w, rest) = numbers.split_at(units * PIXELS);
        let (b, rest) = rest.split_at(units);
        let parameters = Parameters {
            inputs: PIXELS,
            outputs: units,
            weight: w.to_vec(),
            bias: biased.then(|| b.to_vec()),
        };
        let x = ink(&pixels);
        let dense = |device: &Device| {
            let data = TensorData::new(x.numbers(), [ROWS, PIXELS]);
            let x = Tensor::<2>::from_data(data, device).require_grad();
            (Input::Dense(x.clone()), Some(x))
        };
        let inked = |_: &Device| (Input::Ink(Arc::clone(&x)), None);
        for f in Activation::ALL {
            let expected = both_ways(general, &dense, &parameters, (f, rest));
            let all = both_ways(forward, &dense, &parameters, (f, rest));
            let lit = both_ways(forward, &inked, &parameters, (f, rest));
            let pairs = all.iter().zip(&expected).chain(lit.iter().zip(&expected[..3]));
            for (got, expected) in pairs {
                prop_assert_eq!(got.len(), expected.len());
                for (g, e) in got.iter().zip(expected) {
                    // Sums of at most seven terms of at most 1, through slopes of at most 1.
                    prop_assert!((g - e).abs() <= 4e-6, "{:?} {} {}", f, g, e);
                }
            }
        }
    }
}
