//! Named random streams.
//!
//! Every draw of the program comes from `stream(seed, name)`: the draws of one part never
//! shift those of another, and the order in which parts run does not matter. The generator
//! is `ChaCha8`; the mapping from its bits to numbers is written out here because "the same
//! seed" promises it, and libraries change theirs between versions.

use rand_chacha::ChaCha8Rng;
use rand_core::{Rng, SeedableRng};
use sha2::{Digest, Sha256};

/// Source of random numbers for one purpose.
#[derive(Debug, Clone)]
pub struct Stream(ChaCha8Rng);

/// Returns the stream called `name`, such as `init/0`, of the replicate with this seed.
pub fn stream(seed: u64, name: &str) -> Stream {
    let mut hash = Sha256::new();
    hash.update(seed.to_le_bytes());
    hash.update(name.as_bytes());
    Stream(ChaCha8Rng::from_seed(hash.finalize().into()))
}

impl Stream {
    /// Draws a uniform number in [0, 1) from 53 random bits.
    pub fn uniform(&mut self) -> f64 {
        (self.0.next_u64() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// Draws a uniform number in [low, high).
    pub fn uniform_in(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.uniform()
    }

    /// Draws a standard normal number by the polar method (Marsaglia and Bray 1964). The
    /// second number of each pair is dropped, so that a stream has no hidden state.
    pub fn normal(&mut self) -> f64 {
        loop {
            let (a, b) = (self.uniform_in(-1.0, 1.0), self.uniform_in(-1.0, 1.0));
            let square = a * a + b * b;
            if square > 0.0 && square < 1.0 {
                return a * (-2.0 * square.ln() / square).sqrt();
            }
        }
    }

    /// Draws a whole number in 0..bound without bias: the high half of a 128-bit product,
    /// redrawn in the few cases that would favour small numbers (Lemire 2019).
    pub fn below(&mut self, bound: u64) -> u64 {
        let unfair = bound.wrapping_neg() % bound;
        loop {
            let product = u128::from(self.0.next_u64()) * u128::from(bound);
            if product as u64 >= unfair {
                return (product >> 64) as u64;
            }
        }
    }

    /// Shuffles items into a uniformly random order (Fisher and Yates).
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            let other = self.below(last as u64 + 1) as usize;
            items.swap(last, other);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_same_name_gives_the_same_numbers_and_another_name_others() {
        let draw = |seed, name| stream(seed, name).uniform();
        assert_eq!(draw(0, "init/0"), draw(0, "init/0"));
        assert_ne!(draw(0, "init/0"), draw(0, "init/1"));
        assert_ne!(draw(0, "init/0"), draw(1, "init/0"));
    }

    /// These numbers are part of the promise: a change of them changes every result.
    #[test]
    fn the_numbers_of_a_stream_never_change() {
        let mut stream = stream(7, "golden");
        let drawn = [
            stream.uniform(),
            stream.normal(),
            stream.uniform_in(-2.0, 3.0),
        ];
        let mut order = [0, 1, 2, 3, 4, 5, 6, 7];
        stream.shuffle(&mut order);
        insta::assert_debug_snapshot!((drawn, order));
    }

    #[test]
    fn normal_numbers_have_mean_zero_and_variance_one() {
        let mut stream = stream(0, "moments");
        let n = 200_000;
        let drawn: Vec<f64> = (0..n).map(|_| stream.normal()).collect();
        let mean = drawn.iter().sum::<f64>() / f64::from(n);
        let variance = drawn.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / f64::from(n);
        // Five standard errors of the mean and of the variance.
        assert!(mean.abs() < 5.0 / f64::from(n).sqrt(), "{mean}");
        assert!(
            (variance - 1.0).abs() < 5.0 * (2.0 / f64::from(n)).sqrt(),
            "{variance}"
        );
    }

    #[test]
    fn every_order_of_four_is_equally_likely() {
        let mut stream = stream(0, "orders");
        let mut counts = std::collections::BTreeMap::new();
        for _ in 0..24_000 {
            let mut items = [0, 1, 2, 3];
            stream.shuffle(&mut items);
            *counts.entry(items).or_insert(0) += 1;
        }
        assert_eq!(counts.len(), 24);
        // 1000 expected each; five standard deviations are 155.
        assert!(
            counts.values().all(|&n| (845..=1155).contains(&n)),
            "{counts:?}"
        );
    }

    proptest! {
        #[test]
        fn a_shuffle_keeps_every_item(seed: u64, n in 0usize..200) {
            let mut items: Vec<usize> = (0..n).collect();
            stream(seed, "shuffle").shuffle(&mut items);
            items.sort_unstable();
            prop_assert_eq!(items, (0..n).collect::<Vec<_>>());
        }

        #[test]
        fn uniform_numbers_stay_in_range(seed: u64, low in -5.0..5.0, width in 0.001..10.0) {
            let drawn = stream(seed, "range").uniform_in(low, low + width);
            prop_assert!((low..low + width).contains(&drawn));
        }
    }
}
