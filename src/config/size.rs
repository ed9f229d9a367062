//! The size of images.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Size of images in pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImageSize {
    /// Pixels across.
    pub width: usize,
    /// Pixels down.
    pub height: usize,
}

impl ImageSize {
    /// Size of the images of MNIST and of strokes.
    pub const DIGITS: Self = Self {
        width: 28,
        height: 28,
    };

    /// Pixels in all.
    pub const fn pixels(self) -> usize {
        self.width * self.height
    }

    /// Size of the transposed image.
    pub fn transposed(self) -> Self {
        Self {
            width: self.height,
            height: self.width,
        }
    }

    /// True for the size of MNIST.
    pub fn is_of_digits(&self) -> bool {
        *self == Self::DIGITS
    }
}

impl Default for ImageSize {
    fn default() -> Self {
        Self::DIGITS
    }
}

impl fmt::Display for ImageSize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} x {}", self.width, self.height)
    }
}
