//! Loops over numbers by the widest vectors that the processor has.

use macerator::{AutoArch, Simd, WithSimd};

/// A loop to be run so. `run` has to be `#[inline(always)]`, and what it calls: else it is
/// not compiled for the processor.
pub trait Loop {
    /// What it gives.
    type Output;

    /// Runs it.
    fn run(self) -> Self::Output;
}

/// Runs a loop as it is compiled for the processor that is there, where the program
/// as a whole is compiled for any. Nothing is fused or put in another order, so the bits
/// are the same.
pub fn wide<L: Loop>(run: L) -> L::Output {
    AutoArch::new().dispatch(Compiled(run))
}

/// Compiled for each processor, by vectors of the compiler's.
struct Compiled<L>(L);

impl<L: Loop> WithSimd for Compiled<L> {
    type Output = L::Output;

    #[inline(always)]
    #[expect(clippy::inline_always, reason = "else not compiled for the processor")]
    fn with_simd<S: Simd>(self) -> L::Output {
        self.0.run()
    }
}
