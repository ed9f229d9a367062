//! Inversion: inputs at which a network gives a target.
//!
//! Every method takes the network as plain f64 matrices and returns one row of pixels
//! per class, in the units of the data set. [`Method`] lists the methods; their maths
//! is one file each below `method`. Solvers that several methods share are in `optimize`,
//! what is learned about inputs beforehand in `prior`.

mod domain;
mod error;
mod filter;
mod inverter;
mod method;
mod optimize;
mod prior;
mod rows;
mod top;

pub use domain::Domain;
pub use error::InvertError;
pub use filter::{Cut, Filter, Filtered, Percentile};
pub use inverter::{Inverted, Inverter, Knowledge, Search, Solution, is_missing};
pub use method::*;
pub use prior::{Components, Mixture, Prior, PriorError, PriorOf, SampleMoments};
pub use top::highest;

#[cfg(test)]
pub(crate) use tests::fixture;

#[cfg(test)]
mod tests;
