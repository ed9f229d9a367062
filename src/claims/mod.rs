//! Claims of sources: form, judgement and ledger.
//!
//! A spec states a claim as a [`Criterion`] on a sum of measured numbers (`form`; the keys
//! are read in `config/claim`). Results reduce to one number per replicate and an interval
//! of their mean (`numbers`). The interval decides the [`Verdict`] (`verdict`, `judge`).
//! The ledger prints all claims with their verdicts: as text (`ledger`), as CSV (`table`)
//! and as Markdown (`page`).

mod form;
mod judge;
pub mod ledger;
mod numbers;
pub mod page;
pub mod table;
mod verdict;

pub use form::{Claim, Criterion, Term, Within};
pub use judge::{ClaimResult, ExperimentResults, MetricResult, judge_claims};
pub use verdict::{PointEstimate, UndecidedReason, Verdict};

#[cfg(test)]
mod tests;
