use super::*;
use crate::invert::InvertError;
use crate::invert::method::gaussian::invert;
use crate::invert::method::gaussian::tests::{energy, network, normal};
use crate::model::Output;
use crate::pace::Pace;
use faer::Mat;
use proptest::prelude::*;

const RANGE: PixelRange = PixelRange::SYMMETRIC;

fn constraints(classes: usize, margin: f64) -> Vec<Constraints> {
    let of = |class| Constraints::margin(Output::Softmax, class, classes, margin);
    (0..classes).map(of).collect()
}

proptest! {
    /// Of a single layer: inside the range, the margin met, and the gradient of E is
    /// a sum of multipliers of at least 0 for each margin that is met exactly, each
    /// pixel at the low end and, with the other sign, each at the high end; nothing
    /// else pulls (Karush, Kuhn and Tucker).
    #[test]
    fn the_optimality_conditions_hold(seed in 0u64..60, margin in 0.1..6.0f64) {
        let network = network(&[20, 4], Output::Softmax, seed);
        let all = constraints(4, margin);
        let inverted = invert(&network, std::iter::once(normal(20, seed)), &all, Some(RANGE), Pace::SILENT);
        let inverted = match inverted {
            Err(InvertError::NoInput(_)) => return Ok(()),
            inverted => inverted.unwrap(),
        };
        let normal = normal(20, seed);
        for (class, constraints) in all.iter().enumerate() {
            let x = Mat::from_fn(1, 20, |_, i| inverted.images[(class, i)]);
            prop_assert!(x.row(0).iter().all(|x| (-1.0..=1.0).contains(x)));
            let residuals = constraints.residuals(&network.logits(x.as_ref()));
            prop_assert!(constraints.violation(&residuals) < 1e-5);
            // The gradient, and the margins that could hold it.
            let u = (&x - &normal.mean) * normal.covariance.thin_svd().unwrap().pseudoinverse();
            let rows = &constraints.matrix * network.layers[0].weight.transpose();
            let met: Vec<usize> = (0..3).filter(|&i| residuals[i] > -1e-6).collect();
            let free: Vec<usize> = (0..20).filter(|&i| x[(0, i)].abs() < 1.0 - 1e-9).collect();
            // Of the free pixels the margins hold all: multipliers by least squares.
            let a = Mat::from_fn(free.len(), met.len(), |i, k| rows[(met[k], free[i])]);
            let b = Mat::from_fn(free.len(), 1, |i, _| u[(0, free[i])]);
            let size = u.norm_max().max(1.0);
            let l = if met.is_empty() || free.len() < met.len() {
                continue;
            } else {
                a.thin_svd().unwrap().pseudoinverse() * &b
            };
            let rest = &b - &a * &l;
            prop_assert!(rest.norm_max() < 1e-5 * size, "{rest:?}");
            prop_assert!((0..met.len()).all(|k| l[(k, 0)] > -1e-5 * size), "{l:?}");
            for i in 0..20 {
                let held: f64 = met.iter().enumerate().map(|(k, &m)| l[(k, 0)] * rows[(m, i)]).sum();
                let pull = u[(0, i)] - held;
                if x[(0, i)] <= -1.0 + 1e-9 {
                    prop_assert!(pull > -1e-5 * size, "{pull}");
                } else if x[(0, i)] >= 1.0 - 1e-9 {
                    prop_assert!(pull < 1e-5 * size, "{pull}");
                }
            }
            // Its objective is E.
            let objective = inverted.solutions[class].objective;
            prop_assert!((objective - energy(&normal, &x)).abs() < 1e-6 * objective.max(1.0));
        }
    }

    /// A range that nothing leaves changes nothing.
    #[test]
    fn a_wide_range_is_none(seed in 0u64..40) {
        let network = network(&[12, 9, 3], Output::Softmax, seed);
        let wide = PixelRange { low: -1e5, high: 1e5 };
        let all = constraints(3, 2.0);
        let images = |range| invert(&network, std::iter::once(normal(12, seed)), &all, range, Pace::SILENT);
        prop_assert_eq!(images(Some(wide)), images(None));
    }

    /// Deeper networks meet the margin inside the range too, if a solution is found.
    #[test]
    fn deeper_networks_stay_inside(seed in 0u64..40) {
        let network = network(&[12, 9, 7, 3], Output::Softmax, seed);
        let all = constraints(3, 1.0);
        let found = invert(&network, std::iter::once(normal(12, seed)), &all, Some(RANGE), Pace::SILENT);
        if let Ok(found) = found {
            let z = network.logits(found.images.as_ref());
            for (class, constraints) in all.iter().enumerate() {
                let own = Mat::from_fn(1, 3, |_, k| z[(class, k)]);
                prop_assert!(constraints.violation(&constraints.residuals(&own)) < 1e-5);
            }
            prop_assert!(found.images.norm_max() <= 1.0);
        }
    }
}

/// The solution for either of two active sets asks for the other one. The result is
/// inside the range and meets the margin, but has not converged.
#[test]
fn cycles_of_active_sets_end() {
    for (seed, cycling) in [(5, 1), (9, 1), (22, 2)] {
        let network = network(&[12, 9, 7, 3], Output::Softmax, seed);
        let all = constraints(3, 1.0);
        let found = invert(
            &network,
            std::iter::once(normal(12, seed)),
            &all,
            Some(RANGE),
            Pace::SILENT,
        )
        .unwrap();
        assert!(!found.solutions[cycling].converged);
        let z = network.logits(found.images.as_ref());
        let own = Mat::from_fn(1, 3, |_, k| z[(cycling, k)]);
        assert!(all[cycling].violation(&all[cycling].residuals(&own)) < 1e-5);
        assert!(found.images.norm_max() <= 1.0);
    }
}

/// x + y >= 3 with x <= 1 has to be met by y alone.
#[test]
fn a_held_pixel_by_hand() {
    let network = crate::model::Network {
        layers: vec![crate::model::Layer {
            weight: faer::mat![[1.0], [1.0]],
            bias: None,
        }],
        activation: crate::model::Activation::Identity,
        output: Output::Logistic,
    };
    let normal = crate::invert::prior::Normal {
        mean: Mat::zeros(1, 2),
        covariance: faer::mat![[4.0, 0.0], [0.0, 1.0]],
        log_weight: 0.0,
    };
    let all = [Constraints::margin(Output::Logistic, 0, 1, 6.0)];
    let range = PixelRange {
        low: -9.0,
        high: 2.0,
    };
    let found = invert(
        &network,
        std::iter::once(normal),
        &all,
        Some(range),
        Pace::SILENT,
    )
    .unwrap();
    // Without the range x would be 12/5.
    assert!((found.images[(0, 0)] - 2.0).abs() < 1e-9, "{found:?}");
    assert!((found.images[(0, 1)] - 1.0).abs() < 1e-9, "{found:?}");
    assert!(
        (found.solutions[0].objective - 1.0).abs() < 1e-9,
        "{found:?}"
    );
}
