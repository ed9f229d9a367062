//! Pictures that evaluators see: grey levels, as on paper.

use crate::config::PixelRange;

/// Grey levels from 0 to 255, row by row.
pub type Grey = [u8];

/// Returns an image clipped into the range of real images.
pub fn clipped(image: &[f64], range: PixelRange) -> Vec<u8> {
    image.iter().map(|&x| range.level(x)).collect()
}

/// Returns the images of one inversion as the row of a grid shows them: scaled from the
/// lowest to the highest value of all of them (Lai 2021, appendix 6.1.5).
pub fn drawn(images: &[Vec<f64>]) -> Vec<Vec<u8>> {
    let empty = PixelRange {
        low: f64::INFINITY,
        high: f64::NEG_INFINITY,
    };
    let range = images.iter().flatten().fold(empty, |range, &x| PixelRange {
        low: x.min(range.low),
        high: x.max(range.high),
    });
    images.iter().map(|image| clipped(image, range)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_by_hand() {
        let range = PixelRange {
            low: -1.0,
            high: 1.0,
        };
        assert_eq!(
            clipped(&[-7.0, -1.0, 0.0, 1.0, 9.0], range),
            [0, 0, 128, 255, 255]
        );
        // From -1 to 3: 0 is at 63.75, 1 at 127.5.
        let images = [vec![-1.0, 0.0], vec![1.0, 3.0]];
        assert_eq!(drawn(&images), [[0, 64], [128, 255]]);
        assert_eq!(drawn(&[vec![2.0, 2.0]]), [[128, 128]]);
    }
}
