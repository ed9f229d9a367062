//! Cross entropies of many rows at once, and their gradients, as one node of burn's
//! autodiff instead of a dozen.

mod node;

use super::exp::exp;
use super::simd::Kernel;
pub use node::mean_loss;

/// Loss of a row of logits z with targets t.
#[derive(Debug, Clone, Copy)]
pub enum RowLoss {
    /// -sum t ln softmax(z), whose gradient is softmax(z) - t.
    CrossEntropy,
    /// -sum (t ln s(z) + (1 - t) ln(1 - s(z))) with logistic s, whose gradient is s(z) - t.
    BinaryCrossEntropy,
}

/// Logits and targets: `[rows, outputs]`, row-major.
#[derive(Debug, Clone, Copy)]
pub struct LogitRows<'a> {
    pub z: &'a [f32],
    pub t: &'a [f32],
    pub outputs: usize,
}

/// Kernel of the sum of the losses of all rows. It also returns an exp per logit, which
/// [`LossGradient`] needs: of z less the highest of its row, or of -|z|.
pub struct LossSum<'a> {
    pub loss: RowLoss,
    pub rows: LogitRows<'a>,
}

impl Kernel for LossSum<'_> {
    type Output = (f64, Vec<f64>);

    #[inline(always)]
    fn run(self) -> (f64, Vec<f64>) {
        let Self { loss, rows } = self;
        let mut exps = vec![0.0; rows.z.len()];
        let sum = match loss {
            RowLoss::CrossEntropy => cross_entropy(rows, &mut exps),
            RowLoss::BinaryCrossEntropy => binary_cross_entropy(rows, &mut exps),
        };
        (sum, exps)
    }
}

#[inline(always)]
fn cross_entropy(LogitRows { z, t, outputs }: LogitRows<'_>, exps: &mut [f64]) -> f64 {
    let mut loss = 0.0;
    let rows = z.chunks(outputs).zip(t.chunks(outputs));
    for ((z, t), shifted) in rows.zip(exps.chunks_mut(outputs)) {
        let highest = z.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        for ((shifted, z), t) in shifted.iter_mut().zip(z).zip(t) {
            *shifted = f64::from(z - highest);
            loss -= f64::from(*t) * *shifted;
        }
    }
    for number in &mut *exps {
        *number = exp(*number);
    }
    for (t, exps) in t.chunks(outputs).zip(exps.chunks(outputs)) {
        let t: f64 = t.iter().copied().map(f64::from).sum();
        loss += t * exps.iter().sum::<f64>().ln();
    }
    loss
}

/// Number of independent sums: each addition to one sum has to wait for the last one.
const LANES: usize = 8;
/// Number of factors up to 2 per product, far from overflow.
const MAX_FACTORS: usize = 64;

#[inline(always)]
fn binary_cross_entropy(LogitRows { z, t, .. }: LogitRows<'_>, exps: &mut [f64]) -> f64 {
    for (number, z) in exps.iter_mut().zip(z) {
        *number = exp(-f64::from(z.abs()));
    }
    // -ln s(z) = max(z, 0) - z + ln(1 + e^-|z|), and -ln(1 - s(z)) has no - z.
    let mut sums = [0.0; LANES];
    let ((z, z_rest), (t, t_rest)) = (z.as_chunks::<LANES>(), t.as_chunks::<LANES>());
    for (z, t) in z.iter().zip(t) {
        add_linear(&mut sums, z, t);
    }
    add_linear(&mut sums, z_rest, t_rest);
    // One logarithm per product, instead of one per factor.
    let logs = exps.chunks(MAX_FACTORS * LANES).map(|exps| {
        let mut products = [1.0; LANES];
        let (blocks, rest) = exps.as_chunks::<LANES>();
        for exps in blocks {
            multiply(&mut products, exps);
        }
        multiply(&mut products, rest);
        products.into_iter().map(f64::ln).sum::<f64>()
    });
    logs.sum::<f64>() + sums.into_iter().sum::<f64>()
}

#[inline(always)]
fn add_linear(sums: &mut [f64; LANES], z: &[f32], t: &[f32]) {
    for ((sum, z), t) in sums.iter_mut().zip(z).zip(t) {
        let (z, t) = (f64::from(*z), f64::from(*t));
        *sum += if z < 0.0 { 0.0 } else { z } - t * z;
    }
}

#[inline(always)]
fn multiply(products: &mut [f64; LANES], exps: &[f64]) {
    for (product, exp) in products.iter_mut().zip(exps) {
        *product *= 1.0 + exp;
    }
}

/// Kernel of the gradient of the mean over the rows, from the exps of [`LossSum`]: as z.
pub struct LossGradient<'a> {
    pub loss: RowLoss,
    pub rows: LogitRows<'a>,
    pub exps: &'a [f64],
}

impl Kernel for LossGradient<'_> {
    type Output = Vec<f32>;

    #[inline(always)]
    fn run(self) -> Vec<f32> {
        let Self { loss, rows, exps } = self;
        let LogitRows { z, t, outputs } = rows;
        let rows = (z.len() / outputs) as f32;
        let mut gradient = vec![0.0; z.len()];
        match loss {
            RowLoss::CrossEntropy => {
                let both = t.chunks(outputs).zip(exps.chunks(outputs));
                for (gradient, (t, exps)) in gradient.chunks_mut(outputs).zip(both) {
                    let sum: f64 = exps.iter().sum();
                    for ((gradient, exp), t) in gradient.iter_mut().zip(exps).zip(t) {
                        *gradient = ((exp / sum) as f32 - t) / rows;
                    }
                }
            }
            RowLoss::BinaryCrossEntropy => {
                let both = z.iter().zip(t);
                for ((gradient, exp), (z, t)) in gradient.iter_mut().zip(exps).zip(both) {
                    let s = if *z >= 0.0 { 1.0 } else { *exp } / (1.0 + exp);
                    *gradient = (s - f64::from(*t)) as f32 / rows;
                }
            }
        }
        gradient
    }
}
