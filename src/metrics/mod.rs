//! Metrics of inverses: their definitions, the evaluators, and statistics over replicates.

pub mod judge;
mod measure;
mod metric;
pub mod statistics;

pub use measure::{Inverses, Measured, MeasuredSetting, Measures, MetricRow};
pub use metric::*;

#[cfg(test)]
mod tests;
