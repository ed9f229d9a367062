//! Samples: rows of pixels with labels.

use std::sync::Arc;

pub use crate::config::ImageSize;

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
