use super::*;
use crate::invert::fixture::{drawn_network, targets, two_pixel_network};
use crate::model::{Activation, Device, Output};
use crate::rng::stream;
use proptest::prelude::*;

const RANGE: PixelRange = PixelRange::SYMMETRIC;

const DESCENT: Descent = Descent {
    steps: 200,
    learning_rate: 0.05,
    total_variation: 0.0,
    l2: 0.0,
    restarts: 4,
};

fn network(sizes: &[usize], seed: u64) -> Network {
    drawn_network(sizes, Activation::Tanh, Output::Linear, seed)
}

fn gradient<'a>(network: &'a Network, device: &'a Device, descent: Descent) -> Gradient<'a> {
    Gradient {
        network,
        range: RANGE,
        search: Search {
            width: 3,
            seed: 0,
            device,
        },
        descent,
        pace: Pace::SILENT,
    }
}

/// What falls, by the formulas in double precision.
fn by_formula(network: &Network, descent: Descent, target: &[f64], pixels: &[f64]) -> f64 {
    let x = Mat::from_fn(1, pixels.len(), |_, i| 2.0 * pixels[i] - 1.0);
    let z = network.logits(x.as_ref());
    let misses = target
        .iter()
        .zip(z.row(0).iter())
        .map(|(t, z)| (t - z).powi(2));
    let across = pixels.chunks(3).flat_map(|row| row.windows(2));
    let across = across.map(|pair| (pair[0] - pair[1]).abs());
    let down = pixels.iter().zip(&pixels[3..]).map(|(a, b)| (a - b).abs());
    let steps: Vec<f64> = across.chain(down).collect();
    misses.sum::<f64>() / target.len() as f64
        + descent.total_variation * steps.iter().sum::<f64>() / steps.len() as f64
        + descent.l2 * pixels.iter().map(|p| p * p).sum::<f64>() / pixels.len() as f64
}

proptest! {
    /// Each term, and its gradient by differences of the formulas.
    #[test]
    fn the_gradient_is_that_of_the_formulas(seed in 0u64..1000, term in 0usize..3, rows in 2usize..5) {
        let inputs = 3 * rows - 1;
        let network = network(&[inputs, 5, 2], seed);
        let descent = Descent {
            total_variation: if term == 1 { 7.0 } else { 0.0 },
            l2: if term == 2 { 5.0 } else { 0.0 },
            restarts: 1,
            ..DESCENT
        };
        let device = Device::flex();
        let objective = gradient(&network, &device, descent).objective(&targets(2, 2.0));
        let mut draws = stream(seed, "pixels");
        let pixels: Vec<f32> = (0..2 * inputs).map(|_| draws.uniform() as f32).collect();
        let tensor = Tensor::from_data(TensorData::new(pixels.clone(), [2, inputs]), &device);
        let (values, found) = objective.with_gradient(tensor).unwrap();
        let [values, found] = [values, found].map(|tensor| numbers(tensor).unwrap());
        for n in 0..2 {
            let own: Vec<f64> = pixels[n * inputs..][..inputs].iter().map(|&p| f64::from(p)).collect();
            let formula = |pixels: &[f64]| by_formula(&network, descent, &targets(2, 2.0)[n], pixels);
            let value = formula(&own);
            prop_assert!((f64::from(values[n]) - value).abs() < 1e-4 * (1.0 + value));
            for i in 0..inputs {
                let moved = |by: f64| {
                    let mut moved = own.clone();
                    moved[i] += by;
                    formula(&moved)
                };
                let slope = (moved(1e-7) - moved(-1e-7)) / 2e-7;
                let error = (f64::from(found[n * inputs + i]) - slope).abs();
                prop_assert!(error < 1e-3 * (1.0 + value + slope.abs()), "{error} of {slope}");
            }
        }
    }

    #[test]
    fn every_pixel_stays_in_range_and_the_objective_falls(
        seed in 0u64..1000, rate in 0.001..2.0f64, total_variation in 0.0..3.0f64,
    ) {
        let network = network(&[9, 5, 3], seed);
        let device = Device::flex();
        let descent = Descent { learning_rate: rate, total_variation, steps: 30, ..DESCENT };
        let search = gradient(&network, &device, descent);
        let found = search.invert(&targets(3, 2.0)).unwrap();
        let start = search.descend(&targets(3, 2.0)).unwrap().objectives[0].clone();
        for n in 0..3 {
            prop_assert!(found.images.row(n).iter().all(|x| (-1.0..=1.0).contains(x)));
            // A rate that throws pixels from one end to the other promises nothing.
            let highest = start.iter().skip(n).step_by(3).copied().fold(0.0, f32::max);
            prop_assert!(rate > 0.1 || found.solutions[n].objective <= f64::from(highest));
        }
    }
}

/// z = (2 x1, x2) + (1, -1) of the target (2, 1): x1 is 0.5, and x2 ends at 1, short of 2.
/// That leaves 1^2 / 2. With l2 the pixels p = (x + 1) / 2 are pulled to the dark: the
/// least (3 - 4 p)^2 / 2 + 8 p^2 / 2 is at p = 1/2, which is x1 = 0.
#[test]
fn a_linear_network_by_hand() {
    let network = two_pixel_network();
    let device = Device::flex();
    let found = gradient(&network, &device, DESCENT)
        .invert(&[vec![2.0, 1.0]])
        .unwrap();
    let solution = found.solutions[0];
    assert!((found.images[(0, 0)] - 0.5).abs() < 1e-3, "{found:?}");
    assert_eq!(found.images[(0, 1)], 1.0);
    assert!(solution.converged && solution.steps == 200);
    assert!((solution.objective - 0.5).abs() < 1e-4);

    let descent = Descent { l2: 8.0, ..DESCENT };
    let found = gradient(&network, &device, descent)
        .invert(&[vec![2.0, 1.0]])
        .unwrap();
    assert!(found.images[(0, 0)].abs() < 1e-3, "{found:?}");

    // Far too few steps.
    let descent = Descent {
        steps: 4,
        learning_rate: 1e-3,
        ..DESCENT
    };
    let found = gradient(&network, &device, descent)
        .invert(&[vec![2.0, 1.0]])
        .unwrap();
    assert!(!found.solutions[0].converged);
}

/// Images of one pixel have no neighbours; of one row or column half of them.
#[test]
fn total_variation_of_the_smallest_images_is_the_mean_of_their_steps() {
    let device = Device::flex();
    for (width, height) in (1..=4).flat_map(|w| (1..=4).map(move |h| (w, h))) {
        let inputs = width * height;
        let network = network(&[inputs, 2], 6);
        let mut search = gradient(&network, &device, DESCENT);
        search.search.width = width;
        let objective = search.objective(&targets(2, 2.0));
        let mut draws = stream(7, "pixels");
        let pixels: Vec<f32> = (0..2 * inputs).map(|_| draws.uniform() as f32).collect();
        let tensor = Tensor::from_data(TensorData::new(pixels.clone(), [2, inputs]), &device);
        let found = objective.mean_step(&tensor.autodiff());
        if inputs == 1 {
            assert!(found.is_none());
            continue;
        }
        let found = numbers(found.unwrap().inner()).unwrap();
        for (image, found) in pixels.chunks(inputs).zip(found) {
            let across = image.chunks(width).flat_map(|row| row.windows(2));
            let across = across.map(|pair| (pair[1] - pair[0]).abs());
            let down = image.iter().zip(image.iter().skip(width));
            let steps: Vec<f32> = across.chain(down.map(|(a, b)| (b - a).abs())).collect();
            let mean = steps.iter().sum::<f32>() / steps.len() as f32;
            assert!(
                (found - mean).abs() < 1e-5,
                "{width} x {height}: {found} {mean}"
            );
        }
    }
}

/// Nothing but total variation, on a network that does not look: one grey is left.
#[test]
fn total_variation_levels_everything() {
    let network = Network {
        layers: vec![Layer {
            weight: Mat::zeros(9, 2),
            bias: None,
        }],
        ..network(&[9, 2], 0)
    };
    let device = Device::flex();
    let descent = Descent {
        total_variation: 1.0,
        ..DESCENT
    };
    let found = gradient(&network, &device, descent)
        .invert(&targets(2, 2.0))
        .unwrap();
    for n in 0..2 {
        let row = || found.images.row(n).iter().copied();
        let span = row().fold(-1.0, f64::max) - row().fold(1.0, f64::min);
        assert!(span < 0.05, "{span}");
    }
}

#[test]
fn the_lowest_end_of_all_restarts_is_taken() {
    let network = network(&[9, 6, 3], 4);
    let device = Device::flex();
    let descent = Descent {
        steps: 5,
        ..DESCENT
    };
    let search = gradient(&network, &device, descent);
    let history = search.descend(&targets(3, 2.0)).unwrap();
    let found = search.invert(&targets(3, 2.0)).unwrap();
    for n in 0..3 {
        let ends = history.objectives[2].iter().skip(n).step_by(3).copied();
        let lowest = ends.fold(f32::INFINITY, f32::min);
        assert_eq!(found.solutions[n].objective, f64::from(lowest));
    }
    let one = Descent {
        restarts: 1,
        ..descent
    };
    let one = gradient(&network, &device, one)
        .invert(&targets(3, 2.0))
        .unwrap();
    assert_ne!(one.images, found.images);
}

#[test]
fn the_same_seed_gives_the_same_bytes_and_another_seed_others() {
    let network = network(&[9, 6, 3], 5);
    let device = Device::flex();
    let first = gradient(&network, &device, DESCENT);
    let found = first.invert(&targets(3, 2.0)).unwrap();
    assert_eq!(first.invert(&targets(3, 2.0)).unwrap(), found);
    let mut other = first;
    other.search.seed = 1;
    assert_ne!(other.invert(&targets(3, 2.0)).unwrap().images, found.images);
}
