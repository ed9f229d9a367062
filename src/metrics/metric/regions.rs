//! Region metrics: numbers for what Rashid sees in the dark, light and grey regions of
//! the back query of the label 0. Regions scale with the width of the image.

use std::ops::{Range, RangeInclusive};

use faer::Mat;

use crate::config::PixelRange;
use crate::data::ImageSize;
use crate::model::Network;
use crate::norms::rescaled;

/// Maximum number of moved images at a time, which bounds memory.
const MAX_BLOCK: usize = 1024;

/// Grey levels, on a scale from 0 to 1.
const GREY: RangeInclusive<f64> = 1.0 / 3.0..=2.0 / 3.0;

/// Returns the fraction of pixels outside the range; rounding at its ends is inside.
pub fn out_of_range(pixels: &[f64], range: PixelRange) -> f64 {
    let slack = 1e-9 * (range.high - range.low);
    let outside = |x: &&f64| **x < range.low - slack || **x > range.high + slack;
    pixels.iter().filter(outside).count() as f64 / pixels.len() as f64
}

/// Returns the mean level in the ring minus that in the disc:
/// [`crate::metrics::Metric::RingContrast`].
pub fn ring_contrast(image: &[f64], width: usize) -> Option<f64> {
    let levels = levels(image)?;
    let height = image.len() / width;
    let size = ImageSize { width, height };
    let mean_level = |distances: Range<f64>| {
        let placed = levels.iter().enumerate();
        let distance = |place: usize| distance_from_middle(size, place % width, place / width);
        let inside = placed.filter(|(place, _)| distances.contains(&distance(*place)));
        mean(inside.map(|(_, &level)| level))
    };
    Some(mean_level(ring(width))? - mean_level(disc(width))?)
}

/// Distances of the ring from the middle, in pixels.
fn ring(width: usize) -> Range<f64> {
    width as f64 / 6.0..width as f64 / 3.0
}

/// Distances of the disc from the middle, in pixels.
fn disc(width: usize) -> Range<f64> {
    0.0..width as f64 / 8.0
}

fn distance_from_middle(size: ImageSize, x: usize, y: usize) -> f64 {
    let x = x as f64 - (size.width as f64 - 1.0) / 2.0;
    let y = y as f64 - (size.height as f64 - 1.0) / 2.0;
    x.hypot(y)
}

/// Minimum width at which images of any height have a ring and a disc: the ring is two
/// pixels broad, and the disc is wider than a pixel.
const MIN_WIDTH_OF_RING: usize = 12;

/// Returns true if some pixel is in the ring and some in the disc.
pub fn has_ring(size: ImageSize) -> bool {
    let ImageSize { width, height } = size;
    if width >= MIN_WIDTH_OF_RING {
        return true;
    }
    // Rows farther from the middle than the image is wide have neither.
    let middle = height / 2;
    let rows = middle.saturating_sub(width)..height.min(middle + width + 1);
    let has = |distances: Range<f64>| {
        let mut places = rows.clone().flat_map(|y| (0..width).map(move |x| (x, y)));
        places.any(|(x, y)| distances.contains(&distance_from_middle(size, x, y)))
    };
    has(ring(width)) && has(disc(width))
}

/// Returns the mean sensitivity to grey pixels divided by that to all others:
/// [`crate::metrics::Metric::GreySensitivity`].
pub fn grey_sensitivity(
    network: &Network,
    image: &[f64],
    range: PixelRange,
    class: usize,
) -> Option<f64> {
    let levels = levels(image)?;
    let sensitivities = sensitivities(network, image, range, class);
    let mean_of = |grey: bool| {
        let pairs = levels.iter().zip(&sensitivities);
        let chosen = pairs.filter(|(level, _)| GREY.contains(*level) == grey);
        mean(chosen.map(|(_, &sensitivity)| sensitivity))
    };
    let (grey, other) = (mean_of(true)?, mean_of(false)?);
    (other > 0.0).then(|| grey / other)
}

/// Returns the absolute change of the class's logit when each pixel moves alone by half
/// of the range, towards the farther end. From the very middle that is up.
fn sensitivities(network: &Network, image: &[f64], range: PixelRange, class: usize) -> Vec<f64> {
    let PixelRange { low, high } = range;
    let half = (high - low) / 2.0;
    let step = |x: f64| if x - low > high - x { -half } else { half };
    let still = Mat::from_fn(1, image.len(), |_, i| image[i]);
    let still = network.logits(still.as_ref())[(0, class)];
    let mut changes = Vec::with_capacity(image.len());
    for start in (0..image.len()).step_by(MAX_BLOCK) {
        let rows = MAX_BLOCK.min(image.len() - start);
        let moved = Mat::from_fn(rows, image.len(), |row, i| {
            let x = image[i];
            if i == start + row { x + step(x) } else { x }
        });
        let logits = network.logits(moved.as_ref());
        changes.extend((0..rows).map(|row| (logits[(row, class)] - still).abs()));
    }
    changes
}

/// Returns levels from the darkest pixel, 0, to the brightest, 1; none for an image of
/// one value.
fn levels(image: &[f64]) -> Option<Vec<f64>> {
    let image = &*rescaled(image);
    let lowest = image.iter().copied().reduce(f64::min)?;
    let highest = image.iter().copied().reduce(f64::max)?;
    let level = |&x: &f64| (x - lowest) / (highest - lowest);
    (highest > lowest).then(|| image.iter().map(level).collect())
}

fn mean(values: impl Iterator<Item = f64>) -> Option<f64> {
    let (count, sum) = values.fold((0usize, 0.0), |(n, sum), value| (n + 1, sum + value));
    (count > 0).then(|| sum / count as f64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Activation, Layer, Output};
    use proptest::prelude::*;

    const RANGE: PixelRange = PixelRange::UNIT;

    fn linear(weight: Mat<f64>) -> Network {
        let bias = None;
        Network {
            layers: vec![Layer { weight, bias }],
            activation: Activation::Identity,
            output: Output::Softmax,
        }
    }

    /// Six pixels across: the ring is from 1 to 2 pixels away, the disc within 0.75: the
    /// four pixels in the middle, 0.71 away, and the eight beside them, 1.58 away.
    #[test]
    fn a_ring_by_hand() {
        let at = |places: &[usize], value: f64| {
            let mut image = vec![0.0; 36];
            for &place in places {
                image[place] = value;
            }
            image
        };
        let ring = [8, 9, 13, 16, 19, 22, 26, 27];
        let disc = [14, 15, 20, 21];
        assert_eq!(ring_contrast(&at(&ring, 5.0), 6), Some(1.0));
        assert_eq!(ring_contrast(&at(&ring[..2], 5.0), 6), Some(0.25));
        assert_eq!(ring_contrast(&at(&disc, 1.0), 6), Some(-1.0));
        // The corners are neither.
        assert_eq!(ring_contrast(&at(&[0, 35, 7], -1.0), 6), Some(0.0));
        assert_eq!(ring_contrast(&[2.0; 36], 6), None);
        assert_eq!(ring_contrast(&[0.0, 1.0], 2), None, "nothing is so near");
    }

    /// z = 1 x1 + 2 x2 + 4 x3 + 8 x4: every pixel moves it by half of its weight, grey
    /// ones (x2, x3) by 1 and 2, others by 1/2 and 4.
    #[test]
    fn sensitivity_by_hand() {
        let network = linear(faer::mat![[1.0], [2.0], [4.0], [8.0]]);
        let image = [0.0, 0.5, 0.375, 1.0];
        assert_eq!(
            sensitivities(&network, &image, RANGE, 0),
            [0.5, 1.0, 2.0, 4.0]
        );
        let found = grey_sensitivity(&network, &image, RANGE, 0);
        assert_eq!(found, Some(1.5 / 2.25));
        let without_grey = [0.0, 0.0, 1.0, 1.0];
        assert_eq!(grey_sensitivity(&network, &without_grey, RANGE, 0), None);
        assert_eq!(grey_sensitivity(&network, &[0.5; 4], RANGE, 0), None);
        let blind = linear(Mat::zeros(4, 1));
        assert_eq!(grey_sensitivity(&blind, &image, RANGE, 0), None);
    }

    /// Behind a rectifier it matters which way a pixel moves: z = 1 for x = 1, down to
    /// 1/2; z = 0 for x = 0, up to 1/2; z = 0 for x = -2, still 0 at -1.5.
    #[test]
    fn pixels_move_towards_the_farther_end() {
        let mut network = linear(faer::mat![[1.0]]);
        network.layers.push(network.layers[0].clone());
        network.activation = Activation::Relu;
        let moved = |x: f64| sensitivities(&network, &[x], RANGE, 0)[0];
        assert_eq!([1.0, 0.0, -2.0, 0.5].map(moved), [0.5, 0.5, 0.0, 0.5]);
    }

    proptest! {
        /// Neither depends on the contrast of the picture; turned into its negative the
        /// ring is as dark as it was bright; where all weights are alike grey is no
        /// different.
        #[test]
        fn they_are_of_the_shape(
            image in prop::collection::vec(0.0..1.0f64, 64),
            scale in 0.1..1e3f64,
            shift in -5.0..5.0f64,
            weight in 0.1..5.0f64,
        ) {
            let moved: Vec<f64> = image.iter().map(|x| x * scale + shift).collect();
            let negative: Vec<f64> = image.iter().map(|x| -x).collect();
            let of = |image: &[f64]| ring_contrast(image, 8).unwrap();
            prop_assert!((of(&image) - of(&moved)).abs() < 1e-9);
            prop_assert!((of(&image) + of(&negative)).abs() < 1e-9);
            prop_assert!(of(&image).abs() <= 1.0);
            let network = linear(Mat::from_fn(64, 1, |_, _| weight));
            if let Some(ratio) = grey_sensitivity(&network, &image, RANGE, 0) {
                prop_assert!((ratio - 1.0).abs() < 1e-9, "{ratio}");
            }
        }
    }
}
