//! What a replicate gives, before any of it is written.

use faer::Mat;
use serde::Serialize;

use crate::metrics::MetricRow;
use crate::train::EpochRow;

/// All that one replicate gives.
#[derive(Debug)]
pub struct Replicate {
    pub products: Vec<Product>,
    pub timings: Vec<Timing>,
    pub summary: Summary,
}

/// A file to be: its path below the replicate's folder, and its content.
#[derive(Debug)]
pub struct Product {
    pub path: String,
    pub bytes: Vec<u8>,
}

impl Product {
    /// A file with this content.
    pub fn new(path: impl Into<String>, bytes: Vec<u8>) -> Self {
        let path = path.into();
        Self { path, bytes }
    }
}

/// How long a stage took.
#[derive(Debug, Clone, Serialize)]
pub struct Timing {
    pub stage: &'static str,
    pub seconds: f64,
}

/// The numbers that people look at first.
#[derive(Debug, Clone)]
pub struct Summary {
    /// Which replicate.
    pub seed: u64,
    /// The data set, a stand-in named as such.
    pub data: String,
    /// One row an epoch, at least one.
    pub history: Vec<EpochRow>,
    /// Every metric of every inversion and class.
    pub metrics: Vec<MetricRow>,
}

/// The images of one inversion.
#[derive(Debug)]
pub struct Inverse<'a> {
    pub name: &'a str,
    /// Classes x inputs.
    pub images: Mat<f64>,
}
