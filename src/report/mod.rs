//! Two experiments side by side, from the results that stand in their folders.

mod compare;
mod error;
mod layout;
mod load;
mod notes;
mod render;
mod spec;

pub use compare::{Comparison, LeftOut, Reason, Row, Side, Verdict, compare};
pub use error::ResultsError;
pub use load::{DataUsed, Reading, Replicate, Results, seeds};
pub use render::digits;
pub use spec::{SpecDifference, differences, shown, spec_differences};

#[cfg(test)]
mod fixture;
