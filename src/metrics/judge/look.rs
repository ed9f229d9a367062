//! Look: the size at which evaluators see a picture, and its contrast.
//!
//! Digits of 28 x 28 are seen pixel by pixel. Larger pictures are shrunk and smaller ones
//! enlarged by a whole factor, so that evaluators of any data set cost about the same.

use super::picture::Grey;
use crate::data::ImageSize;
use crate::kernels::add_levels;

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

    /// Adds what is seen of a picture, times a weight, to levels.
    pub fn add(&self, picture: &Grey, weight: f32, levels: &mut [f32]) {
        if self.is_whole() {
            add_levels(levels, picture, weight);
            return;
        }
        for (sum, level) in levels.iter_mut().zip(self.at(picture)) {
            *sum += weight * level;
        }
    }

    /// Returns true if pictures are seen pixel by pixel.
    fn is_whole(&self) -> bool {
        self.shrunk == 1 && self.enlarged == 1
    }

    /// Returns what is seen of a picture: levels from 0 to 1, row by row. A pixel that is
    /// seen is the mean of those that it covers.
    pub fn at(&self, picture: &Grey) -> Vec<f32> {
        if self.is_whole() {
            let mut seen = vec![0.0; picture.len()];
            add_levels(&mut seen, picture, 1.0);
            return seen;
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

/// Brightness and contrast of a picture, which are no part of what is read.
#[derive(Debug, Clone, Copy)]
pub struct Contrast {
    mean: f32,
    /// Reciprocal of the standard deviation, or of that of a blank picture.
    scale: f32,
}

impl Contrast {
    /// Returns the contrast of pictures of one size. Each sum is in the order of pixels.
    pub fn of_each<const N: usize>(pictures: [&[f32]; N]) -> [Self; N] {
        let means = mean_of_each(pictures, |_, level| level);
        let square = |place: usize, level: f32| (level - means[place]) * (level - means[place]);
        let variances = mean_of_each(pictures, square);
        std::array::from_fn(|place| Self {
            mean: means[place],
            scale: 1.0 / variances[place].sqrt().max(BLANK),
        })
    }

    /// Returns a level on the scale on which the picture has a mean of 0 and a standard
    /// deviation of 1.
    pub fn of_level(self, level: f32) -> f32 {
        (level - self.mean) * self.scale
    }
}

/// Returns the mean over pixels of a term of each level, for pictures of one size.
fn mean_of_each<const N: usize>(
    pictures: [&[f32]; N],
    term: impl Fn(usize, f32) -> f32,
) -> [f32; N] {
    let pixels = pictures.first().map_or(0, |first| first.len());
    let pictures = pictures.map(|picture| &picture[..pixels]);
    let mut sums = [0.0; N];
    for pixel in 0..pixels {
        for (place, (sum, picture)) in sums.iter_mut().zip(pictures).enumerate() {
            *sum += term(place, picture[pixel]);
        }
    }
    sums.map(|sum: f32| sum / pixels as f32)
}

/// Shifts levels to a mean of 0 and scales them to a standard deviation of 1. Those of a
/// blank picture stay near 0.
pub fn standardise(levels: &mut [f32]) {
    let [contrast] = Contrast::of_each([&*levels]);
    for level in levels {
        *level = contrast.of_level(*level);
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

    /// Pictures side by side have the bits of each alone, which are sums in the order of pixels.
    #[test]
    fn contrast_is_that_of_each_picture_alone() {
        let mut stream = crate::rng::stream(0, "contrast");
        let mut picture = || -> Vec<f32> { (0..301).map(|_| stream.uniform() as f32).collect() };
        let pictures: [Vec<f32>; 3] = std::array::from_fn(|_| picture());
        let together = Contrast::of_each(pictures.each_ref().map(Vec::as_slice));
        for (picture, contrast) in pictures.iter().zip(together) {
            let mean = picture.iter().sum::<f32>() / 301.0;
            let squares = picture.iter().map(|x| (x - mean) * (x - mean));
            let scale = 1.0 / (squares.sum::<f32>() / 301.0).sqrt();
            assert_eq!((contrast.mean, contrast.scale), (mean, scale));
        }
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
