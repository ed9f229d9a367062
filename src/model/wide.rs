//! Loops over numbers by the widest vectors that the processor has.

use pulp::Arch;
/// A loop to be run so; `with_simd` has to be `#[inline(always)]`, and what it calls.
pub use pulp::{Simd, WithSimd};

/// Runs a loop as it is compiled for the processor that is there, where the program
/// as a whole is compiled for any. Nothing is fused or put in another order, so the bits
/// are the same.
pub fn wide<T: WithSimd>(run: T) -> T::Output {
    Arch::new().dispatch(run)
}
