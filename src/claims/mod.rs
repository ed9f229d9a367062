//! Claims of sources: form, judgement and ledger.
//!
//! A spec states a claim as a [`Statement`] about a sum of measured numbers (`form`; the keys
//! are read in `config/claim`). Results reduce to one number per training (`numbers`), which
//! give p values for and against it (`evidence`). Corrected for all claims of the source
//! (`correction`), they decide the [`Verdict`] (`verdict`, `judge`). The ledger prints all
//! claims with their verdicts: as text (`ledger`), as CSV (`table`) and as Markdown (`page`).

mod correction;
mod evidence;
mod form;
mod judge;
pub mod ledger;
mod numbers;
pub mod page;
pub mod table;
mod verdict;

pub use correction::correct;
pub use evidence::IntervalOf;
pub use form::{
    About, Claim, Criterion, MOST, Printed, SourcePart, Statement, Term, Threshold, Within,
};
pub use judge::{ClaimResult, ExperimentResults, MetricResult, judge_claims};
pub use verdict::{PointEstimate, UndecidedReason, Verdict, VerdictName};

#[cfg(test)]
mod tests;
