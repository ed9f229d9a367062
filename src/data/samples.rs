//! Samples: rows of pixels with labels, and how many pixels an image has.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// How many pixels an image has across and down.
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
    #[must_use]
    pub const fn pixels(self) -> usize {
        self.width * self.height
    }

    /// That of the image with rows for columns.
    #[must_use]
    pub fn transposed(self) -> Self {
        Self {
            width: self.height,
            height: self.width,
        }
    }

    /// Whether it is [`ImageSize::DIGITS`].
    #[must_use]
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

/// Rows of pixels with a label each.
///
/// `pixels` is row-major, `labels.len() * features` long, in the file's order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Samples {
    /// Pixels a row.
    pub features: usize,
    /// Raw bytes, 0 to 255; shared, since they are many.
    pub pixels: Arc<Vec<u8>>,
    /// One label a row.
    pub labels: Vec<u8>,
}

impl Samples {
    /// No rows yet.
    #[must_use]
    pub fn empty(features: usize) -> Self {
        Self {
            features,
            pixels: Arc::default(),
            labels: Vec::new(),
        }
    }

    /// No rows yet, and memory for exactly so many.
    pub(super) fn with_room_for(rows: usize, features: usize) -> Self {
        Self {
            features,
            pixels: Arc::new(Vec::with_capacity(rows * features)),
            labels: Vec::with_capacity(rows),
        }
    }

    /// Number of rows.
    #[must_use]
    pub fn len(&self) -> usize {
        self.labels.len()
    }

    /// True if there is no row.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.labels.is_empty()
    }

    /// The pixels of one row; `features` long.
    #[must_use]
    pub fn row(&self, index: usize) -> &[u8] {
        &self.pixels[index * self.features..][..self.features]
    }

    /// The first rows, at most so many.
    #[must_use]
    pub fn first(&self, rows: usize) -> Self {
        let rows = rows.min(self.len());
        Self {
            features: self.features,
            pixels: Arc::new(self.pixels[..rows * self.features].to_vec()),
            labels: self.labels[..rows].to_vec(),
        }
    }

    /// Adds a row at the end. `pixels` must be `features` long.
    pub fn push(&mut self, pixels: &[u8], label: u8) {
        debug_assert_eq!(pixels.len(), self.features);
        Arc::make_mut(&mut self.pixels).extend_from_slice(pixels);
        self.labels.push(label);
    }
}
