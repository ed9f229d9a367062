//! Reports on results: summaries of all replicates, comparisons of two experiments, pairs
//! of settings, limits.

mod compare;
mod error;
mod evaluators;
mod latex;
pub(crate) mod layout;
mod limits;
mod load;
mod markdown;
mod notes;
mod pairs;
pub(crate) mod per_replicate;
mod render;
mod spec;
mod summary;

pub use compare::{
    ComparisonRow, ExperimentComparison, Finding, NotCompared, NotComparedReason, NotMeasured,
    Selection, Side, compare, compare_selected,
};
pub use error::ResultsError;
pub use evaluators::EvaluatorRow;
pub use limits::{LimitRow, limit_rows};
pub use load::{
    DataUsed, LAYER, Measurement, PairReading, ReplicateNumbers, Results, Tables, manifest,
    published_seeds, replicate,
};
pub use markdown::{comparison as comparison_markdown, pairs as pairs_markdown};
pub use pairs::{PairRow, pair_rows};
pub use per_replicate::{Classes, difference};
pub use render::digits;
pub use spec::{
    SpecDifference, differences, flat, run_differences, sample_differences, shown, spec_differences,
};
pub use summary::{DifferenceRow, SummaryRow, method_differences, summary};

#[cfg(test)]
pub(crate) use tests::fixture;

#[cfg(test)]
mod tests {
    pub mod fixture;
}
