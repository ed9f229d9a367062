use super::*;
use crate::config::PixelRange;
use crate::data::{Dataset, ImageSize, Label, Samples};
use crate::model::{Backward, DeviceKind, Init, Layer, Model, OnOff, Output, open};
use crate::rng::stream;
use crate::train::{Labels, Loss, Optimizer, Train, Training};
use proptest::prelude::*;

fn parameters(inputs: usize, weight: &[f32], bias: Option<&[f32]>) -> Parameters {
    Parameters {
        inputs,
        outputs: weight.len() / inputs,
        weight: weight.to_vec(),
        bias: bias.map(<[f32]>::to_vec),
    }
}

/// 40 rows of 4 pixels, of two classes.
fn dataset() -> Dataset {
    let mut draws = stream(0, "layers");
    let mut train = Samples::empty(4);
    for row in 0..40 {
        let class = row % 2;
        let pixel = |place| {
            let level = if place / 2 == class { 180.0 } else { 60.0 };
            (level + draws.uniform_in(-60.0, 60.0)) as u8
        };
        let pixels: Vec<u8> = (0..4).map(pixel).collect();
        train.push(&pixels, class as u8);
    }
    Dataset {
        name: "test",
        stand_in_for: None,
        classes: [0, 1].map(Label::Number).into(),
        range: PixelRange {
            low: -1.0,
            high: 1.0,
        },
        size: ImageSize {
            width: 2,
            height: 2,
        },
        test: None,
        train,
        reading: None,
    }
}

fn model(activation: Activation, init: Init) -> Model {
    Model {
        hidden: vec![5, 3],
        activation,
        output: Output::Softmax,
        init,
        bias_init: Some(Init::Zeros),
        randomise_last: 0,
    }
}

const TRAIN: Train = Train {
    loss: Loss::CrossEntropy,
    optimizer: Optimizer::Sgd { momentum: 0.0 },
    learning_rate: 0.1,
    l2: 0.0,
    batch_size: 8,
    epochs: 5,
    labels: Labels::True,
    targets: OnOff::ONE_HOT,
    backward: Backward::Gradient,
};

/// Returns the values of a metric for a network trained from weights of this kind.
fn measured(activation: Activation, init: Init, metric: LayerMetric) -> Vec<Option<f64>> {
    let (dataset, model) = (dataset(), model(activation, init));
    let device = open(DeviceKind::Flex).unwrap();
    let setup = Setup {
        model: &model,
        train: &TRAIN,
        dataset: &dataset,
        times: None,
        seed: 0,
        device: &device,
    };
    let mut training = Training::start(setup);
    while training.epoch().unwrap().is_some() {}
    let trained = training.finish().unwrap();
    let rows = layer_rows(&setup, &trained.parameters).unwrap();
    assert_eq!(rows.len(), 3 * LayerMetric::ALL.len());
    let own = rows.into_iter().filter(|row| row.metric == metric.name());
    own.map(|row| row.value).collect()
}

#[test]
fn numbers_by_hand() {
    assert_eq!(negative(&[-1.0, 0.0, 2.0, -3.0]), 0.5);
    assert_eq!(rms(&[3.0, -4.0, 0.0, 0.0]), 2.5);
    assert_eq!(ratio(1.0, Some(&4.0)), Some(0.25));
    assert_eq!((ratio(1.0, Some(&0.0)), ratio(1.0, None)), (None, None));

    let dead = dead(Activation::Relu, &faer::mat![[-1.0, 2.0], [-3.0, -1.0]]);
    assert_eq!(dead, [true, false]);
    let gradient = parameters(2, &[0.5, -9.0, -0.75, 8.0], Some(&[0.25, 7.0]));
    assert_eq!(largest_of(&gradient, &dead), Some(0.75));
    assert_eq!(largest_of(&gradient, &[false, false]), None);

    // The third unit is the first one but for rounding, the fourth for its bias.
    let units = parameters(2, &[1.0, 2.0, 1.00001, 1.0, 3.0, 4.0, 3.0, 3.0], None);
    assert_eq!(distinct(&units), 2);
    let bias = Some(vec![0.0, 0.0, 0.0, 1.0]);
    assert_eq!(distinct(&Parameters { bias, ..units }), 3);
    assert_eq!(distinct(&parameters(1, &[0.0, 0.0], None)), 1);
}

#[test]
fn bends_by_hand() {
    let layer = || Layer {
        weight: faer::mat![[1.0]],
        bias: None,
    };
    let network = Network {
        layers: vec![layer(), layer()],
        activation: Activation::Relu,
        output: Output::Linear,
    };
    // Values of -1 and 3 become 0 and 3, their midpoint 1, which deviates from 1.5 by 0.5.
    // A pair of equal rows does not count.
    let rows = faer::mat![[-1.0], [3.0], [2.0], [2.0]];
    assert_eq!(
        bends(&network, &rows, &network.values(&rows)),
        [Some(0.0), Some(0.5 / 3.0)]
    );
    let equal = faer::mat![[2.0], [2.0]];
    let bends = bends(&network, &equal, &network.values(&equal));
    assert_eq!(bends, [None, None]);
}

/// Nguyen-Tran, section 1.4: weights that are all alike stay so.
#[test]
fn units_that_are_drawn_alike_are_trained_alike() {
    let distinct = |init| measured(Activation::Sigmoid, init, LayerMetric::DistinctUnits);
    let [zeros, drawn] = [Init::Zeros, Init::GlorotUniform].map(distinct);
    assert_eq!(
        zeros,
        [Some(1.0), Some(1.0), Some(2.0)],
        "outputs have targets of their own"
    );
    assert_eq!(drawn, [Some(5.0), Some(3.0), Some(2.0)]);
}

/// Section 1.6: `delta * x * relu_derivative(x)`.
#[test]
fn dead_units_have_a_gradient_of_exactly_zero() {
    let (dataset, model) = (dataset(), model(Activation::Relu, Init::GlorotUniform));
    let device = open(DeviceKind::Flex).unwrap();
    let setup = Setup {
        model: &model,
        train: &TRAIN,
        dataset: &dataset,
        times: None,
        seed: 0,
        device: &device,
    };
    let mut drawn = draw(&model, 4, 2, 0);
    drawn[0].bias = Some(vec![-1e3, 1.0, 1.0, -1e3, 1.0]);
    let rows = layer_rows(&setup, &drawn).unwrap();
    let first = |metric: LayerMetric| {
        let mut rows = rows.iter();
        let found = rows.find(|row| row.layer == 0 && row.metric == metric.name());
        found.unwrap().value
    };
    assert_eq!(first(LayerMetric::DeadUnits), Some(0.4));
    assert_eq!(first(LayerMetric::DeadGradient), Some(0.0));
    let all = gradients(&setup, &drawn).unwrap();
    assert!(largest_of(&all[0], &[false, true, false, false, false]).unwrap() > 0.0);
}

#[test]
fn of_the_last_layer_the_gradient_is_the_unit_and_no_unit_is_dead() {
    let init = Init::Normal {
        std: crate::model::InitStd::Fixed(1.0),
    };
    let sigmoid = measured(Activation::Sigmoid, init, LayerMetric::GradientDrawn);
    assert_eq!(sigmoid[2], Some(1.0));
    assert!(sigmoid[0] > Some(0.0));
    let dead = measured(Activation::Relu, init, LayerMetric::DeadUnits);
    assert_eq!(dead[2], None);
}

proptest! {
    /// Section 1.2: without activations there is nothing but an affine map, however
    /// many layers there are; with them there is not.
    #[test]
    fn only_activations_bend(seed in 0u64..50) {
        let bend = |activation| {
            let model = Model {
                hidden: vec![6, 6, 6],
                ..model(activation, Init::GlorotUniform)
            };
            let network = Network::new(&draw(&model, 4, 2, seed), activation, model.output);
            let mut draws = stream(seed, "rows");
            let rows = Mat::from_fn(20, 4, |_, _| draws.normal());
            bends(&network, &rows, &network.values(&rows))
        };
        let straight = bend(Activation::Identity);
        prop_assert!(straight.iter().all(|bend| bend.unwrap() < 1e-12), "{straight:?}");
        let bent = bend(Activation::LeakyRelu { slope: 0.01 });
        prop_assert!(bent[0].unwrap() < 1e-12);
        prop_assert!(bent[1..].iter().all(|bend| bend.unwrap() > 1e-3), "{bent:?}");
        let product = Network::new(
            &draw(&model(Activation::Identity, Init::GlorotUniform), 4, 2, seed),
            Activation::Identity,
            Output::Linear,
        );
        let x = Mat::from_fn(3, 4, |i, j| (i * 4 + j) as f64);
        let weights = product.layers.iter().map(|layer| layer.weight.clone());
        let one = weights.reduce(|a, b| a * b).unwrap();
        prop_assert!((product.logits(x.as_ref()) - &x * one).norm_max() < 1e-5 * 12.0);
    }

    #[test]
    fn fractions_add_up(weight in prop::collection::vec(-2.0..2.0f32, 12)) {
        let turned: Vec<f32> = weight.iter().map(|w| -w).collect();
        let zeros = weight.iter().filter(|w| **w == 0.0).count() as f64 / 12.0;
        prop_assert!((negative(&weight) + negative(&turned) + zeros - 1.0).abs() < 1e-12);
        let layer = parameters(3, &weight, None);
        prop_assert!((1..=4).contains(&distinct(&layer)));
    }
}
