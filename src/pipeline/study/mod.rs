//! Studies: everything that the replicates of a spec, or of compared specs, give together.

pub mod claims;
pub mod compared;
pub mod extended;
pub mod figures;
pub mod graph;
pub mod letters;
pub mod manifest;
pub mod published;
pub mod report;
mod tables;
mod varying;
pub mod verdicts;
