//! What the logits of an input have to be.

use faer::Mat;

use crate::config::Output;

/// D z >= d, or D z = d, for one class.
#[derive(Debug, Clone)]
pub struct Conditions {
    /// D: conditions x outputs.
    pub matrix: Mat<f64>,
    /// d, one a condition.
    pub bounds: Vec<f64>,
    /// Whether D z may be no more than d either.
    pub are_equal: bool,
}

impl Conditions {
    /// The class's logit above every other one by the margin; of logistic outputs,
    /// which are one apart from another, above 0 by half of it and the others below.
    #[must_use]
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
                    _ => 0.0,
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

    /// These logits.
    #[must_use]
    pub fn logits(target: &[f64]) -> Self {
        Self {
            matrix: Mat::identity(target.len(), target.len()),
            bounds: target.to_vec(),
            are_equal: true,
        }
    }

    /// What each condition lacks, above 0 where too little is there. Below 0 is too
    /// much, which only equations mind.
    #[must_use]
    pub fn lacking(&self, z: &Mat<f64>) -> Vec<f64> {
        let told = &self.matrix * z.transpose();
        let bounds = self.bounds.iter().enumerate();
        bounds.map(|(i, bound)| bound - told[(i, 0)]).collect()
    }

    /// All that is wrong, added up.
    #[must_use]
    pub fn missing(&self, lacking: &[f64]) -> f64 {
        let wrong = |lack: &f64| {
            if self.are_equal {
                lack.abs()
            } else {
                lack.max(0.0)
            }
        };
        lacking.iter().map(wrong).sum()
    }

    /// How many of them are equations: all or none.
    #[must_use]
    pub fn equations(&self) -> usize {
        if self.are_equal { self.bounds.len() } else { 0 }
    }

    /// The same with bounds larger by this share, which only makes sense of margins.
    #[must_use]
    pub fn raised(&self, share: f64) -> Self {
        let bounds = self.bounds.iter();
        Self {
            matrix: self.matrix.clone(),
            bounds: bounds.map(|bound| bound * (1.0 + share)).collect(),
            are_equal: self.are_equal,
        }
    }

    /// The largest bound, and at least 1: the size of what is asked for.
    #[must_use]
    pub fn size(&self) -> f64 {
        let bounds = self.bounds.iter();
        bounds.fold(1.0, |most: f64, bound| most.max(bound.abs()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_lacking_by_hand() {
        let z = faer::mat![[3.0, 1.0, -4.0]];
        // 3 - 1 is 3 short of 5, 3 + 4 is 2 beyond it.
        let softmax = Conditions::margin(Output::Softmax, 0, 3, 5.0);
        assert_eq!(softmax.lacking(&z), [3.0, -2.0]);
        assert_eq!(softmax.missing(&[3.0, -2.0]), 3.0);
        // 3 and 4 are beyond 2.5, -1 is not.
        let logistic = Conditions::margin(Output::Logistic, 0, 3, 5.0);
        assert_eq!(logistic.lacking(&z), [-0.5, 3.5, -1.5]);
        let logits = Conditions::logits(&[4.0, 1.0, -6.0]);
        assert_eq!(logits.lacking(&z), [1.0, 0.0, -2.0]);
        assert_eq!(logits.missing(&[1.0, 0.0, -2.0]), 3.0);
        assert_eq!((softmax.size(), logits.size()), (5.0, 6.0));
    }
}
