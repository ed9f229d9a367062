//! Why a run came to nothing.

use std::path::PathBuf;

use crate::data::DataError;
use crate::figures::FigureError;
use crate::invert::InvertError;
use crate::io::IoError;
use crate::train::TrainError;

/// A run that came to nothing.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// There is no data set.
    #[error(transparent)]
    Data(#[from] DataError),
    /// Training failed.
    #[error(transparent)]
    Train(#[from] TrainError),
    /// An inverse does not exist.
    #[error("the inversion `{0}` failed")]
    Invert(String, #[source] InvertError),
    /// A figure cannot be drawn.
    #[error("the figure `{0}` cannot be drawn")]
    Figure(String, #[source] FigureError),
    /// A row does not fit into CSV.
    #[error("a table cannot be written")]
    Table(#[from] csv::Error),
    /// An array does not fit into safetensors.
    #[error("an array file cannot be written")]
    Arrays(#[from] crate::arrays::ArraysError),
    /// The manifest does not fit into JSON.
    #[error("the manifest cannot be written")]
    Manifest(#[from] serde_json::Error),
    /// Two runs want to write the same results.
    #[error("another run is writing `{}`; wait for its end, or write elsewhere with `--out`", .0.display())]
    Busy(PathBuf),
    /// A file stands where a folder of results should.
    #[error("`{}` is no folder and is in the way of the results", .0.display())]
    InTheWay(PathBuf),
    /// The results folder does not take the results.
    #[error(transparent)]
    Output(#[from] IoError),
}
