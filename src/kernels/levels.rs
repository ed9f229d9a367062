//! Sums of grey levels.

use super::simd::{Kernel, dispatch};

/// Adds grey levels, as fractions of the range from black to white, times a weight.
///
/// # Shapes
/// - sums, levels: the same length
pub fn add_levels(sums: &mut [f32], levels: &[u8], weight: f32) {
    dispatch(LevelSum {
        sums,
        levels,
        weight,
    });
}

struct LevelSum<'a> {
    sums: &'a mut [f32],
    levels: &'a [u8],
    weight: f32,
}

impl Kernel for LevelSum<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        for (sum, &level) in self.sums.iter_mut().zip(self.levels) {
            *sum += self.weight * (f32::from(level) / 255.0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_are_added_as_fractions() {
        let levels: Vec<u8> = (0..=255).collect();
        let mut sums = vec![0.25; 256];
        add_levels(&mut sums, &levels, -0.5);
        for (sum, level) in sums.iter().zip(levels) {
            assert_eq!(*sum, 0.25 + -0.5 * (f32::from(level) / 255.0));
        }
    }
}
