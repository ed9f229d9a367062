//! Cascading randomisation: the control of Adebayo et al. 2018, "Sanity checks for saliency
//! maps", section 3.1, by permutation of the trained weights.

use super::init::Parameters;
use crate::rng::stream;

/// Shuffles the weights and the biases of the last `last` layers, each among themselves:
/// their distribution stays, what they have learnt is gone.
///
/// Layer i, from 0, shuffles its weights by the stream `randomise/i` and its biases by
/// `randomise/i/bias`, so that a layer is shuffled alike whatever the number of layers.
///
/// # Examples
/// ```
/// use backquery::model::{Parameters, randomise_last};
///
/// let layer = |weight: f32| Parameters {
///     inputs: 1,
///     outputs: 2,
///     weight: vec![weight, -weight],
///     bias: None,
/// };
/// let mut layers = vec![layer(1.0), layer(2.0)];
/// randomise_last(&mut layers, 1, 0);
/// assert_eq!(layers[0], layer(1.0));
/// let sum: f32 = layers[1].weight.iter().sum();
/// assert_eq!(sum, 0.0);
/// ```
pub fn randomise_last(layers: &mut [Parameters], last: usize, seed: u64) {
    let first = layers.len().saturating_sub(last);
    for (index, layer) in layers.iter_mut().enumerate().skip(first) {
        stream(seed, &format!("randomise/{index}")).shuffle(&mut layer.weight);
        if let Some(bias) = &mut layer.bias {
            stream(seed, &format!("randomise/{index}/bias")).shuffle(bias);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn layers(count: usize) -> Vec<Parameters> {
        let numbers = |from: usize, to: usize| (from..to).map(|x| x as f32).collect();
        let layer = |index: usize| Parameters {
            inputs: 4,
            outputs: 3,
            weight: numbers(index * 100, index * 100 + 12),
            bias: index.is_multiple_of(2).then(|| numbers(50, 60)),
        };
        (0..count).map(layer).collect()
    }

    fn sorted(values: &[f32]) -> Vec<f32> {
        let mut sorted = values.to_vec();
        sorted.sort_by(f32::total_cmp);
        sorted
    }

    proptest! {
        /// The first layers stay, the last ones have the same numbers in another order, and one
        /// more layer changes that layer alone.
        #[test]
        fn the_last_layers_alone_are_permuted(count in 1..5usize, last in 0..5usize, seed in 0..50u64) {
            let last = last.min(count);
            let (before, mut after) = (layers(count), layers(count));
            randomise_last(&mut after, last, seed);
            for (index, (before, after)) in before.iter().zip(&after).enumerate() {
                if index < count - last {
                    prop_assert_eq!(before, after);
                    continue;
                }
                prop_assert_ne!(&before.weight, &after.weight);
                prop_assert_eq!(&before.weight, &sorted(&after.weight));
                let [was, is] = [before, after].map(|layer| layer.bias.as_deref().map(sorted));
                prop_assert_eq!(was, is);
            }
            let mut more = layers(count);
            randomise_last(&mut more, last + 1, seed);
            let differs = |(a, b): (&Parameters, &Parameters)| a != b;
            let changed = more.iter().zip(&after).filter(|pair| differs(*pair)).count();
            prop_assert_eq!(changed, usize::from(last < count));
        }
    }
}
