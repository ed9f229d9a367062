use super::*;
use crate::config::Output;
use crate::rng::stream;
use proptest::prelude::*;

proptest! {
    /// Slopes are what differences of logits tend to, for every activation and width.
    #[test]
    fn slopes_are_those_of_finite_differences(seed in 0u64..30, width in 0.0..2.0f64) {
        for activation in Activation::ALL {
            let mut draws = stream(seed, "network");
            let layers = [1, 6, 5, 4, 3];
            let layers = layers.windows(2).map(|pair| Layer {
                weight: Mat::from_fn(pair[0], pair[1], |_, _| draws.normal()),
                bias: Some((0..pair[1]).map(|_| draws.normal()).collect()),
            });
            let layers = layers.collect();
            let network = Network { layers, activation, output: Output::Linear };
            let tail = Tail::of(&network);
            let h = Mat::from_fn(1, 6, |_, i| 0.3 + 0.2 * i as f64);
            let slopes = tail.slopes(&h, width);
            let step = 1e-6;
            for i in 0..6 {
                let moved = |by: f64| {
                    tail.logits(&Mat::from_fn(1, 6, |_, k| h[(0, k)] + if k == i { by } else { 0.0 }), width)
                };
                let (up, down) = (moved(step), moved(-step));
                for k in 0..3 {
                    let found = (up[(0, k)] - down[(0, k)]) / (2.0 * step);
                    let near = (found - slopes[(i, k)]).abs() < 1e-4 * (1.0 + found.abs());
                    prop_assert!(near, "{activation:?} {found} {}", slopes[(i, k)]);
                }
            }
        }
    }
}
