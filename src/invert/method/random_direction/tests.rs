//! By hand on one layer, where a step has a closed form; any network as a property.

use super::*;
use crate::model::{Activation, Init, Layer, Model, Output, draw};
use proptest::prelude::*;

fn network(layers: Vec<Layer>, output: Output) -> Network {
    Network {
        layers,
        activation: Activation::LeakyRelu { slope: 0.1 },
        output,
    }
}

fn inverted(network: &Network, probability: f64, mean: &[f64]) -> Result<Inverted, InvertError> {
    let lines = RandomLines {
        network,
        range: PixelRange::UNIT,
        seed: 3,
        settings: RandomDirection { probability },
        pace: Pace::SILENT,
    };
    lines.invert(mean)
}

fn logit(p: f64) -> f64 {
    (p / (1.0 - p)).ln()
}

/// One pixel and one logistic output, z = 2 x - 1: p is reached at x = (1 + logit(p)) / 2, a
/// step of 0.5 + logit(p) / 2 upwards from 0.25 on less 0.25. Half of the directions go
/// down.
#[test]
fn a_single_pixel_goes_up_to_the_probability() {
    let layer = Layer {
        weight: faer::mat![[2.0]],
        bias: Some(vec![-1.0]),
    };
    let found = inverted(&network(vec![layer], Output::Logistic), 0.9, &[0.25]).unwrap();
    let at = f64::midpoint(1.0, logit(0.9));
    assert!((found.images[(0, 0)] - at).abs() < 1e-9, "{found:?}");
    let solution = found.solutions[0];
    assert!(solution.converged && solution.component.is_none());
    assert!((solution.objective - (at - 0.25)).abs() < 1e-9);
    let mut signs = stream(3, "random_direction/0");
    let up = (1..99).find(|_| signs.normal() > 0.0).unwrap();
    assert_eq!(solution.steps, up, "the first direction upwards");
}

/// Two classes of softmax: the logits differ by 2 (w0 - w1) d along d, so that the step is
/// logit(p) over the product of the difference of the weights and the direction.
#[test]
fn a_step_of_softmax_has_a_closed_form() {
    let layer = Layer {
        weight: faer::mat![[1.0, -1.0], [0.5, 0.25], [-2.0, 0.0]],
        bias: None,
    };
    let apart = [2.0, 0.25, -2.0];
    let found = inverted(&network(vec![layer], Output::Softmax), 0.99, &[0.0; 3]).unwrap();
    for (class, sign) in [(0, 1.0), (1, -1.0)] {
        let step = found.solutions[class].objective;
        let direction = found.images.row(class).iter().map(|x| x / step);
        let slope: f64 = direction.zip(apart).map(|(d, w)| sign * d * w).sum();
        assert!(
            (step - logit(0.99) / slope).abs() < 1e-9 * step,
            "{found:?}"
        );
    }
}

/// The mean itself, where it reaches the probability; nothing, where no image does.
#[test]
fn no_step_and_no_image() {
    let layer = |weight: f64, bias: Vec<f64>| Layer {
        weight: faer::mat![[weight, -weight]],
        bias: Some(bias),
    };
    let sure = network(vec![layer(0.0, vec![9.0, 0.0])], Output::Softmax);
    let found = inverted(&sure, 0.9, &[0.5]).unwrap();
    assert_eq!((found.images[(0, 0)], found.solutions[0].steps), (0.5, 1));
    assert!(!found.is_missing(0) && found.is_missing(1));
    let missing = found.solutions[1];
    assert_eq!((missing.converged, missing.steps), (false, 1000));
    assert_eq!(missing.objective, 1000.0);
    let linear = network(vec![layer(1.0, vec![0.0; 2])], Output::Linear);
    assert_eq!(
        inverted(&linear, 0.9, &[0.5]),
        Err(InvertError::NoProbability)
    );
}

/// Levels 0 and 255 of one pixel, and 51 twice of another.
#[test]
fn the_mean_image_is_in_the_units_of_the_range() {
    let mut samples = Samples::empty(2);
    samples.push(&[0, 51], 0);
    samples.push(&[255, 51], 1);
    let mean = mean_image(&samples, PixelRange::SYMMETRIC);
    assert!(
        mean[0].abs() < 1e-12 && (mean[1] + 0.6).abs() < 1e-12,
        "{mean:?}"
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    /// The image reaches the probability, a slightly shorter step does not.
    #[test]
    fn the_step_is_the_shortest(seed in 0..1000u64, probability in 0.5..0.995f64, deep: bool) {
        let model = Model {
            hidden: if deep { vec![6] } else { Vec::new() },
            activation: Activation::LeakyRelu { slope: 0.1 },
            output: Output::Softmax,
            init: Init::GlorotUniform,
            bias_init: Some(Init::GlorotUniform),
            randomise_last: 0,
        };
        let network = Network::new(&draw(&model, 5, 3, seed), model.activation, model.output);
        let mean = [0.5; 5];
        let found = inverted(&network, probability, &mean).unwrap();
        for class in (0..3).filter(|&class| !found.is_missing(class)) {
            let reached = |fraction: f64| {
                let step = |i: usize| mean[i] + fraction * (found.images[(class, i)] - mean[i]);
                let logits = network.logits(Mat::from_fn(1, 5, |_, i| step(i)).as_ref());
                let z: Vec<f64> = logits.row(0).iter().copied().collect();
                Output::Softmax.class_probability(&z, class).unwrap() >= probability
            };
            prop_assert!(reached(1.0));
            prop_assert!(found.solutions[class].objective == 0.0 || !reached(1.0 - 1e-9));
        }
    }
}
