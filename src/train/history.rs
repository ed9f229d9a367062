//! The accuracy log.

use burn::tensor::{Int, Tensor};
use serde::{Deserialize, Serialize};

use crate::spec::Output;

/// One row of the accuracy log. Accuracies are shares from 0 to 1.
///
/// The running columns are means over the rows of the epoch, each as it was
/// just before its step, while the weights were changing, and include the
/// penalty on the weights: what the sources print. The others are taken after the epoch, without the penalty.
///
/// Plain accuracy counts a row as right if the right logit is the highest.
/// Subset accuracy, which only logistic outputs have, counts it as right if
/// exactly the right output is above one half.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EpochRow {
    /// From 1.
    pub epoch: usize,
    /// While training, with the penalty.
    pub running_loss: f64,
    /// While training.
    pub running_accuracy: f64,
    /// While training.
    pub running_subset_accuracy: Option<f64>,
    /// On the training rows, after the epoch.
    pub train_loss: f64,
    /// On the training rows, after the epoch.
    pub train_accuracy: f64,
    /// On the training rows, after the epoch.
    pub train_subset_accuracy: Option<f64>,
    /// On the test rows, after the epoch, if there are any.
    pub test_loss: Option<f64>,
    /// On the test rows, after the epoch, if there are any.
    pub test_accuracy: Option<f64>,
    /// On the test rows, after the epoch, if there are any.
    pub test_subset_accuracy: Option<f64>,
}

/// Loss and accuracies of some rows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scores {
    pub loss: f64,
    pub accuracy: f64,
    pub subset_accuracy: Option<f64>,
}

/// Adds up losses and hits on the device, so that nothing is read back before
/// the end of an epoch.
pub struct Tally {
    output: Output,
    rows: usize,
    /// Loss sum, hits, subset hits: `[3]`.
    sums: Option<Tensor<1>>,
}

impl Tally {
    pub fn new(output: Output) -> Self {
        Self {
            output,
            rows: 0,
            sums: None,
        }
    }

    /// Counts a batch.
    ///
    /// # Shapes
    /// - z, t: `[rows, outputs]`, logits and one-hot labels
    /// - mean loss: `[1]`
    pub fn add(&mut self, z: Tensor<2>, t: Tensor<2>, mean_loss: Tensor<1>) {
        let [rows, _] = z.dims();
        self.rows += rows;
        let mut sums = vec![mean_loss * rows as f64];
        sums.push(hits(z.clone(), t.clone()));
        if self.output == Output::Logistic {
            sums.push(subset_hits(z, t));
        }
        let sums = Tensor::cat(sums, 0);
        self.sums = Some(match self.sums.take() {
            Some(before) => before + sums,
            None => sums,
        });
    }

    /// Means over all rows counted; nothing if there were none.
    ///
    /// # Errors
    /// If the device cannot give its data back.
    pub fn scores(self) -> Result<Option<Scores>, String> {
        let Some(sums) = self.sums else {
            return Ok(None);
        };
        let data = sums.try_into_data().map_err(|e| format!("{e:?}"))?;
        let sums: Vec<f32> = data.try_into_vec().map_err(|e| format!("{e:?}"))?;
        let mean = |index: usize| Some(f64::from(*sums.get(index)?) / self.rows as f64);
        let (Some(loss), Some(accuracy)) = (mean(0), mean(1)) else {
            return Ok(None);
        };
        Ok(Some(Scores {
            loss,
            accuracy,
            subset_accuracy: mean(2),
        }))
    }
}

/// Rows whose highest logit is the right one: `[1]`.
fn hits(z: Tensor<2>, t: Tensor<2>) -> Tensor<1> {
    let equal = z.argmax(1).equal(t.argmax(1));
    let count: Tensor<1, Int> = equal.int().sum();
    count.float()
}

/// Rows with exactly the right logit above 0, and so its output above 1/2: `[1]`.
fn subset_hits(z: Tensor<2>, t: Tensor<2>) -> Tensor<1> {
    let wrong = (z.greater_elem(0.0).float() - t).abs().sum_dim(1);
    wrong.equal_elem(0.0).float().sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::tensor::Device;

    #[test]
    fn hits_by_hand() {
        let device = Device::flex();
        let z = Tensor::<2>::from_data(
            [[2.0, 1.0], [2.0, -1.0], [-2.0, -1.0], [1.0, 3.0f32]],
            &device,
        );
        let t =
            Tensor::<2>::from_data([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0], [1.0, 0.0f32]], &device);
        let loss = Tensor::<1>::from_data([0.5f32], &device);
        let mut tally = Tally::new(Output::Logistic);
        tally.add(z.clone(), t.clone(), loss.clone());
        tally.add(z.slice([0..2, 0..2]), t.slice([0..2, 0..2]), loss * 4.0);
        let scores = tally.scores().unwrap().unwrap();
        // Highest logit right: 3 of 4, then 2 of 2. Exactly the right one above 0: 1, then 1.
        assert!((scores.accuracy - 5.0 / 6.0).abs() < 1e-12);
        assert!((scores.subset_accuracy.unwrap() - 2.0 / 6.0).abs() < 1e-12);
        assert!((scores.loss - (4.0 * 0.5 + 2.0 * 2.0) / 6.0).abs() < 1e-12);
        assert_eq!(Tally::new(Output::Softmax).scores().unwrap(), None);
    }
}
