//! Samples: rows of pixels with labels.

/// Rows of pixels with a label each.
///
/// `pixels` is row-major, `labels.len() * features` long, in the file's order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Samples {
    /// Pixels a row.
    pub features: usize,
    /// Raw bytes, 0 to 255.
    pub pixels: Vec<u8>,
    /// One label a row.
    pub labels: Vec<u8>,
}

impl Samples {
    /// No rows yet.
    #[must_use]
    pub fn empty(features: usize) -> Self {
        Self {
            features,
            pixels: Vec::new(),
            labels: Vec::new(),
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

    /// Adds a row at the end. `pixels` must be `features` long.
    pub fn push(&mut self, pixels: &[u8], label: u8) {
        debug_assert_eq!(pixels.len(), self.features);
        self.pixels.extend_from_slice(pixels);
        self.labels.push(label);
    }
}
