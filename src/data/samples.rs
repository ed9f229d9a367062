//! Samples: rows of pixels with labels.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::label::Label;
use super::levels::Levels;
pub use crate::config::ImageSize;

/// Rows of pixels, each with a label.
///
/// `pixels` is row-major, `labels.len() * features` long, in the order of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Samples {
    /// Pixels per row.
    pub features: usize,
    /// Raw bytes, 0 to 255; shared, as they may be many.
    pub pixels: Arc<Vec<u8>>,
    /// One label per row.
    pub labels: Vec<u8>,
}

/// All samples of a source, before classes are selected.
#[derive(Debug, PartialEq)]
pub struct SourceData {
    /// Training rows.
    pub train: SourceRows,
    /// Test rows, of the same image size, if the source has any.
    pub test: Option<SourceRows>,
}

/// Training or test rows of a source.
#[derive(Debug, PartialEq)]
pub struct SourceRows {
    /// Image size; `size.pixels()` is `samples.features`.
    pub size: ImageSize,
    /// Images and labels.
    pub samples: Samples,
    /// Words that labels are positions of; none if labels are the numbers that they are.
    pub words: Vec<Label>,
    /// Levels in the file; `None` for synthetic samples.
    pub levels: Option<Levels>,
    /// Notes on columns of the file that were skipped or reordered.
    pub notes: Vec<String>,
}

impl SourceRows {
    /// Rows of synthetic samples.
    pub fn synthetic(size: ImageSize, samples: Samples) -> Self {
        Self {
            size,
            samples,
            words: Vec::new(),
            levels: None,
            notes: Vec::new(),
        }
    }
}

impl SourceRows {
    /// Returns the label that a byte stands for.
    pub fn label(&self, byte: u8) -> Label {
        let word = self.words.get(usize::from(byte));
        word.copied().unwrap_or(Label::Number(byte))
    }

    /// Labels of all rows, in ascending order.
    pub fn labels(&self) -> BTreeSet<Label> {
        let bytes: BTreeSet<u8> = self.samples.labels.iter().copied().collect();
        bytes.into_iter().map(|byte| self.label(byte)).collect()
    }
}

impl Samples {
    /// No rows yet.
    pub fn empty(features: usize) -> Self {
        Self::with_capacity(0, features)
    }

    /// No rows yet, with memory for `rows` of them.
    pub(super) fn with_capacity(rows: usize, features: usize) -> Self {
        Self {
            features,
            pixels: Arc::new(Vec::with_capacity(rows * features)),
            labels: Vec::with_capacity(rows),
        }
    }

    /// Number of rows.
    pub fn len(&self) -> usize {
        self.labels.len()
    }

    /// True if there is no row.
    pub fn is_empty(&self) -> bool {
        self.labels.is_empty()
    }

    /// Pixels of one row; `features` long.
    pub fn row(&self, index: usize) -> &[u8] {
        &self.pixels[index * self.features..][..self.features]
    }

    /// Numbers of the rows of one class, ascending; labels must be positions of classes.
    #[must_use]
    pub fn of_class(&self, class: usize) -> Vec<usize> {
        let labels = self.labels.iter().enumerate();
        let of_class = labels.filter(|(_, label)| usize::from(**label) == class);
        of_class.map(|(row, _)| row).collect()
    }

    /// The first rows, at most `rows` of them.
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
