//! Solvers that several inversion methods share.
//!
//! Two problems are solved, both in the notation of Nocedal and Wright, *Numerical
//! Optimization* (2006).
//!
//! **MAP estimate.** Minimise `E(x) = 1/2 (x - mu) S^-1 (x - mu)^T` subject to constraints
//! `D z(x) >= d`, or `= d`, on the logits z ([`Constraints`]). By the optimality conditions
//! `x = mu + v W^T S`, W being the weights of the first layer, so the unknowns are one v per
//! unit of that layer and S is never inverted ([`MapProblem`]).
//! - Without hidden layers the constraints are linear. The **dual QP** has one multiplier
//!   per constraint and is solved by an **active-set** method (`dual_qp`, chapter 16): exact.
//! - With hidden layers, **sequential quadratic programming** linearises the upper layers,
//!   solves the QP, and takes a step along which an exact-penalty merit function falls
//!   (`sqp`, chapter 18). Kinks of activations are smoothed, less each round.
//! - Between its kinks the network is linear. A **local search** over neighbouring linear
//!   regions follows, in each of them a convex QP (`linear_regions`).
//! - **Box constraints** on the pixels are added by a primal-dual active-set method around
//!   all of that (`box_constraints`).
//!
//! **Nearest logits.** Minimise `||t - x W||` over pixels x in a box, in the l1 or the l2
//! norm (`nearest_logits`): an LP or a QP, solved in its regularised dual by Newton's method
//! with exact line searches, in double-double arithmetic where cancellation demands it
//! (`double_double`), and certified by the duality gap.

mod box_constraints;
mod constraints;
mod double_double;
mod dual_qp;
mod linear_regions;
mod map_problem;
mod nearest_logits;
mod sqp;
mod upper_layers;

pub use constraints::Constraints;
pub use map_problem::MapProblem;
pub use nearest_logits::{NearestInput, NearestLogits};
pub use upper_layers::UpperLayers;
