//! Solvers that several inversion methods share.

mod box_constraints;
mod constraints;
mod double_double;
mod dual_qp;
mod linear_regions;
mod nearest_logits;
mod sqp;

pub use box_constraints::solve as solve_in_box;
pub use constraints::Conditions;
pub use nearest_logits::{Ideal, Problem as NearestLogits};
pub use sqp::{Front, Problem, Tail};
