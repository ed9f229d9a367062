//! SIMD dispatch: kernels compiled for each kind of processor, chosen at run time.

use macerator::{AutoArch, Simd, WithSimd};

/// A computation on slices of numbers. `run` and the functions it calls must be
/// `#[inline(always)]` to be compiled for the detected processor.
pub trait Kernel {
    /// The result.
    type Output;

    /// Runs the kernel.
    fn run(self) -> Self::Output;
}

/// Runs a kernel with the widest vectors of the detected processor, whatever processor
/// the program was compiled for. Operations are neither fused nor reordered.
pub fn dispatch<K: Kernel>(kernel: K) -> K::Output {
    AutoArch::new().dispatch(PerArch(kernel))
}

/// A kernel that is compiled once per kind of processor; the compiler vectorises it.
struct PerArch<K>(K);

impl<K: Kernel> WithSimd for PerArch<K> {
    type Output = K::Output;

    #[inline(always)]
    fn with_simd<S: Simd>(self) -> K::Output {
        self.0.run()
    }
}
