//! Look: the size at which evaluators see a picture, and its contrast.
//!
//! Digits of 28 x 28 are seen pixel by pixel. Larger pictures are shrunk and smaller ones
//! enlarged by a whole factor, so that evaluators of any data set cost about the same.

use super::picture::Grey;
use crate::data::ImageSize;

/// Maximum width and height that is seen pixel by pixel.
const MAX_SIDE: usize = 36;
/// Size up to which small pictures are enlarged.
const ENLARGED_SIDE: usize = 28;
/// Standard deviation below which a picture counts as blank: an eighth of a level at full
/// contrast would otherwise be seen as a pattern. Levels run from 0 to 1.
const BLANK: f32 = 0.02;

/// Mapping from pictures of one size to what evaluators see.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Look {
    size: ImageSize,
    shrunk: usize,
    enlarged: usize,
}

impl Look {
    /// Look at pictures of this size.
    pub fn new(size: ImageSize) -> Self {
        let longer = size.width.max(size.height).max(1);
        Self {
            size,
            shrunk: longer.div_ceil(MAX_SIDE),
            enlarged: (ENLARGED_SIDE / longer).max(1),
        }
    }

    /// Returns the size of what is seen.
    pub fn seen(&self) -> ImageSize {
        let seen = |side: usize| side.div_ceil(self.shrunk) * self.enlarged;
        ImageSize {
            width: seen(self.size.width),
            height: seen(self.size.height),
        }
    }

    /// Returns what is seen of a picture: levels from 0 to 1, row by row. A pixel that is
    /// seen is the mean of those that it covers.
    pub fn at(&self, picture: &Grey) -> Vec<f32> {
        if self.shrunk == 1 && self.enlarged == 1 {
            return picture
                .iter()
                .map(|&level| f32::from(level) / 255.0)
                .collect();
        }
        let ImageSize { width, height } = self.seen();
        let level = |x: usize, y: usize| f32::from(picture[y * self.size.width + x]) / 255.0;
        let pixel = |i: usize| {
            let (x, y) = (i % width / self.enlarged, i / width / self.enlarged);
            if self.shrunk == 1 {
                return level(x, y);
            }
            let across = x * self.shrunk..self.size.width.min((x + 1) * self.shrunk);
            let down = y * self.shrunk..self.size.height.min((y + 1) * self.shrunk);
            let count = across.len() * down.len();
            let sum: f32 = down
                .flat_map(|y| across.clone().map(move |x| level(x, y)))
                .sum();
            sum / count as f32
        };
        (0..width * height).map(pixel).collect()
    }
}

/// Shifts levels to a mean of 0 and scales them to a standard deviation of 1, as contrast
/// and brightness are no part of what is read. Those of a blank picture stay near 0.
pub fn standardise(levels: &mut [f32]) {
    let n = levels.len() as f32;
    let mean = levels.iter().sum::<f32>() / n;
    let variance = levels.iter().map(|x| (x - mean) * (x - mean)).sum::<f32>() / n;
    let scale = 1.0 / variance.sqrt().max(BLANK);
    for level in levels {
        *level = (*level - mean) * scale;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_seen_pixel_by_pixel_and_other_sizes_scaled() {
        let seen = |width, height| {
            let size = Look::new(ImageSize { width, height }).seen();
            (size.width, size.height)
        };
        assert_eq!(seen(28, 28), (28, 28));
        assert_eq!(seen(32, 30), (32, 30));
        assert_eq!(seen(8, 8), (24, 24));
        assert_eq!(seen(1, 1), (28, 28));
        assert_eq!(seen(1000, 100), (36, 4));
        assert_eq!(seen(1_000_000, 1), (36, 1));
    }

    #[test]
    fn looks_by_hand() {
        let size = ImageSize {
            width: 14,
            height: 1,
        };
        let picture: Vec<u8> = (0..14).map(|i| i * 10).collect();
        let seen = Look::new(size).at(&picture);
        assert_eq!(seen.len(), 56);
        assert_eq!(seen[..3], [0.0, 0.0, 10.0 / 255.0]);
        assert_eq!(seen[..28], seen[28..]);
        // Of 37 pixels two are one; the last is alone.
        let size = ImageSize {
            width: 37,
            height: 2,
        };
        let mut picture = vec![0; 74];
        picture[36] = 255;
        picture[73] = 51;
        let seen = Look::new(size).at(&picture);
        assert_eq!((seen.len(), seen[17], seen[18]), (19, 0.0, 0.6));
    }

    #[test]
    fn contrast_does_not_matter_but_blank_stays_blank() {
        let mut levels = [0.0, 1.0, 0.0, 1.0];
        standardise(&mut levels);
        assert_eq!(levels, [-1.0, 1.0, -1.0, 1.0]);
        let mut faint = [0.5, 0.502, 0.5, 0.502];
        standardise(&mut faint);
        assert!(faint.iter().all(|x| x.abs() < 0.06), "{faint:?}");
        let mut blank = [0.25; 4];
        standardise(&mut blank);
        assert_eq!(blank, [0.0; 4]);
    }
}
