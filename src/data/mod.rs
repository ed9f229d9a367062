//! Data sets: where samples come from, and which of them a spec takes.

mod csv_file;
mod dataset;
mod error;
mod fetch;
mod idx;
mod idx_folder;
mod loader;
mod mnist;
mod parity;
mod places;
mod samples;
mod strokes;

pub use dataset::{Dataset, Description};
pub use error::DataError;
pub use fetch::Received;
pub use loader::{Fingerprint, Loader};
pub use places::Place;
pub use samples::{ImageSize, Samples};
