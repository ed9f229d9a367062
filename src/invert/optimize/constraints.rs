//! Constraints on the logits of an input.

use faer::Mat;

use crate::model::Output;

/// Linear constraints `D z >= d` or `D z = d` on the logits z for one class.
#[derive(Debug, Clone)]
pub struct Constraints {
    /// D: constraints x outputs.
    pub matrix: Mat<f64>,
    /// d, one per constraint.
    pub bounds: Vec<f64>,
    /// True if the constraints are equations.
    pub are_equal: bool,
}

impl Constraints {
    /// Margin of the class's logit over every other one. Logistic outputs are independent
    /// of each other: the logit is above 0 by half the margin, and the others below.
    pub fn margin(output: Output, class: usize, classes: usize, margin: f64) -> Self {
        let others: Vec<usize> = (0..classes).filter(|&other| other != class).collect();
        let (matrix, bound) = match output {
            Output::Softmax | Output::Linear => {
                let entry = |i: usize, k| match k {
                    k if k == class => 1.0,
                    k if k == others[i] => -1.0,
                    _ => 0.0,
                };
                (Mat::from_fn(others.len(), classes, entry), margin)
            }
            Output::Logistic => {
                let entry = |i, k| match (i == k, k == class) {
                    (true, true) => 1.0,
                    (true, false) => -1.0,
                    (false, _) => 0.0,
                };
                (Mat::from_fn(classes, classes, entry), margin / 2.0)
            }
        };
        Self {
            bounds: vec![bound; matrix.nrows()],
            matrix,
            are_equal: false,
        }
    }

    /// Equality of the logits with a target.
    pub fn logits(target: &[f64]) -> Self {
        Self {
            matrix: Mat::identity(target.len(), target.len()),
            bounds: target.to_vec(),
            are_equal: true,
        }
    }

    /// Returns the residuals d - D z: above 0 where a constraint is violated, below 0
    /// where there is slack, which violates equations too.
    pub fn residuals(&self, z: &Mat<f64>) -> Vec<f64> {
        let products = &self.matrix * z.transpose();
        let bounds = self.bounds.iter().enumerate();
        bounds.map(|(i, bound)| bound - products[(i, 0)]).collect()
    }

    /// Returns the sum of all violations.
    pub fn violation(&self, residuals: &[f64]) -> f64 {
        let violation = |residual: &f64| {
            if self.are_equal {
                residual.abs()
            } else {
                residual.max(0.0)
            }
        };
        residuals.iter().map(violation).sum()
    }

    /// Returns the number of equations: all constraints or none.
    pub fn equations(&self) -> usize {
        if self.are_equal { self.bounds.len() } else { 0 }
    }

    /// Returns constraints with every bound larger by this fraction of it.
    pub fn tightened(&self, fraction: f64) -> Self {
        let bounds = self.bounds.iter();
        Self {
            matrix: self.matrix.clone(),
            bounds: bounds.map(|bound| bound * (1.0 + fraction)).collect(),
            are_equal: self.are_equal,
        }
    }

    /// Returns the largest bound, and at least 1: the scale of tolerances.
    pub fn scale(&self) -> f64 {
        let bounds = self.bounds.iter();
        bounds.fold(1.0, |most: f64, bound| most.max(bound.abs()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn residuals_by_hand() {
        let z = faer::mat![[3.0, 1.0, -4.0]];
        // 3 - 1 is 3 short of 5, 3 + 4 is 2 beyond it.
        let softmax = Constraints::margin(Output::Softmax, 0, 3, 5.0);
        assert_eq!(softmax.residuals(&z), [3.0, -2.0]);
        assert_eq!(softmax.violation(&[3.0, -2.0]), 3.0);
        // 3 and 4 are beyond 2.5, -1 is not.
        let logistic = Constraints::margin(Output::Logistic, 0, 3, 5.0);
        assert_eq!(logistic.residuals(&z), [-0.5, 3.5, -1.5]);
        let logits = Constraints::logits(&[4.0, 1.0, -6.0]);
        assert_eq!(logits.residuals(&z), [1.0, 0.0, -2.0]);
        assert_eq!(logits.violation(&[1.0, 0.0, -2.0]), 3.0);
        assert_eq!((softmax.scale(), logits.scale()), (5.0, 6.0));
    }
}
