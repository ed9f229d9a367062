//! Data sets: sources of samples, and the selection of a spec.

mod candidates;
mod csv_file;
mod dataset;
mod error;
mod fetch;
#[cfg(test)]
#[path = "../../tests/suite/files.rs"]
mod files;
#[cfg(test)]
pub mod fixture;
mod idx;
mod idx_folder;
mod image_folder;
mod label;
mod levels;
mod loader;
mod mnist;
mod parity;
mod places;
mod reading;
mod resample;
mod samples;
mod set_aside;
mod strokes;

pub use dataset::{Dataset, Description, PROVENANCE};
pub use error::DataError;
pub use fetch::Received;
pub use label::{Label, LabelError, MAX_LABELS};
pub use loader::{Fingerprint, Loader, labels};
pub use places::SearchFolder;
pub use reading::Reading;
pub use resample::{DrawnCounts, DrawnRow, Resample, ResampleError};
pub use samples::{ImageSize, Samples};
pub use strokes::{beyond_usual as digits_beyond_usual, largest_class as drawn_digits};
