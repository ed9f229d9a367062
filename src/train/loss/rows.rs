//! Losses of many rows at once, and their gradients.

use crate::model::{Loop, exp};

/// The loss of a row z with targets t.
#[derive(Debug, Clone, Copy)]
pub enum RowLoss {
    /// -sum t ln softmax(z), whose gradient is softmax(z) - t.
    CrossEntropy,
    /// -sum (t ln s(z) + (1 - t) ln(1 - s(z))) with logistic s, whose gradient is s(z) - t.
    BinaryCrossEntropy,
}

/// Logits and targets of rows of so many outputs, row-major.
#[derive(Debug, Clone, Copy)]
pub struct Rows<'a> {
    pub z: &'a [f32],
    pub t: &'a [f32],
    pub outputs: usize,
}

/// The sum of the losses of all rows, and a power of each z.
pub struct Sum<'a>(pub RowLoss, pub Rows<'a>);

impl Loop for Sum<'_> {
    type Output = (f64, Vec<f64>);

    #[inline(always)]
    #[expect(clippy::inline_always, reason = "else not compiled for the processor")]
    fn run(self) -> (f64, Vec<f64>) {
        let Self(loss, rows) = self;
        let mut powers = vec![0.0; rows.z.len()];
        let sum = match loss {
            RowLoss::CrossEntropy => cross_entropy(rows, &mut powers),
            RowLoss::BinaryCrossEntropy => binary_cross_entropy(rows, &mut powers),
        };
        (sum, powers)
    }
}

#[inline(always)]
#[expect(clippy::inline_always, reason = "else not compiled for the processor")]
fn cross_entropy(Rows { z, t, outputs }: Rows<'_>, powers: &mut [f64]) -> f64 {
    let mut loss = 0.0;
    let rows = z.chunks(outputs).zip(t.chunks(outputs));
    for ((z, t), powers) in rows.zip(powers.chunks_mut(outputs)) {
        let highest = z.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        for ((power, z), t) in powers.iter_mut().zip(z).zip(t) {
            *power = f64::from(z - highest);
            loss -= f64::from(*t) * *power;
        }
    }
    for power in &mut *powers {
        *power = exp(*power);
    }
    for (t, powers) in t.chunks(outputs).zip(powers.chunks(outputs)) {
        let t: f64 = t.iter().copied().map(f64::from).sum();
        loss += t * powers.iter().sum::<f64>().ln();
    }
    loss
}

/// Sums that go side by side, since none can be added to before it has been added to.
const LANES: usize = 8;
/// Numbers up to 2 of which products are far from the largest number.
const FACTORS: usize = 64;

#[inline(always)]
#[expect(clippy::inline_always, reason = "else not compiled for the processor")]
fn binary_cross_entropy(Rows { z, t, .. }: Rows<'_>, powers: &mut [f64]) -> f64 {
    for (power, z) in powers.iter_mut().zip(z) {
        *power = exp(-f64::from(z.abs()));
    }
    // -ln s(z) = max(z, 0) - z + ln(1 + e^-|z|), and -ln(1 - s(z)) has no - z.
    let mut sums = [0.0; LANES];
    let ((z, z_rest), (t, t_rest)) = (z.as_chunks::<LANES>(), t.as_chunks::<LANES>());
    for (z, t) in z.iter().zip(t) {
        add_linear(&mut sums, z, t);
    }
    add_linear(&mut sums, z_rest, t_rest);
    // One logarithm of a product, instead of one of each.
    let logs = powers.chunks(FACTORS * LANES).map(|powers| {
        let mut products = [1.0; LANES];
        let (many, rest) = powers.as_chunks::<LANES>();
        for powers in many {
            multiply(&mut products, powers);
        }
        multiply(&mut products, rest);
        products.into_iter().map(f64::ln).sum::<f64>()
    });
    logs.sum::<f64>() + sums.into_iter().sum::<f64>()
}

#[inline(always)]
#[expect(clippy::inline_always, reason = "else not compiled for the processor")]
fn add_linear(sums: &mut [f64; LANES], z: &[f32], t: &[f32]) {
    for ((sum, z), t) in sums.iter_mut().zip(z).zip(t) {
        let (z, t) = (f64::from(*z), f64::from(*t));
        *sum += if z < 0.0 { 0.0 } else { z } - t * z;
    }
}

#[inline(always)]
#[expect(clippy::inline_always, reason = "else not compiled for the processor")]
fn multiply(products: &mut [f64; LANES], powers: &[f64]) {
    for (product, power) in products.iter_mut().zip(powers) {
        *product *= 1.0 + power;
    }
}

/// The gradient of the mean over the rows, by those powers: as z.
pub struct Gradient<'a>(pub RowLoss, pub Rows<'a>, pub &'a [f64]);

impl Loop for Gradient<'_> {
    type Output = Vec<f32>;

    #[inline(always)]
    #[expect(clippy::inline_always, reason = "else not compiled for the processor")]
    fn run(self) -> Vec<f32> {
        let Self(loss, Rows { z, t, outputs }, powers) = self;
        let rows = (z.len() / outputs) as f32;
        let mut gradient = vec![0.0; z.len()];
        match loss {
            RowLoss::CrossEntropy => {
                let both = t.chunks(outputs).zip(powers.chunks(outputs));
                for (gradient, (t, powers)) in gradient.chunks_mut(outputs).zip(both) {
                    let sum: f64 = powers.iter().sum();
                    for ((gradient, power), t) in gradient.iter_mut().zip(powers).zip(t) {
                        *gradient = ((power / sum) as f32 - t) / rows;
                    }
                }
            }
            RowLoss::BinaryCrossEntropy => {
                for ((gradient, power), (z, t)) in
                    gradient.iter_mut().zip(powers).zip(z.iter().zip(t))
                {
                    let s = if *z >= 0.0 { 1.0 } else { *power } / (1.0 + power);
                    *gradient = (s - f64::from(*t)) as f32 / rows;
                }
            }
        }
        gradient
    }
}
