//! The accuracy log.

use burn::tensor::{Int, Tensor};
use serde::{Deserialize, Serialize};

use crate::model::{Output, is_host, numbers, read};

/// One row of the accuracy log. Accuracies are fractions from 0 to 1.
///
/// Running columns are means over the rows of the epoch, each measured just before its
/// step. They include the penalty on the weights, as in the numbers that the sources print.
/// The other columns are measured after the epoch, without the penalty. A training row that
/// was drawn several times counts each time in running columns, and once in the others.
///
/// Training rows count by the training labels, test rows by the true ones.
///
/// An untrained network has one row, epoch 0, without running columns.
///
/// Accuracy counts a row as correct if the logit of its class is the highest. Subset
/// accuracy, of logistic outputs only, counts a row as correct if exactly the output of its
/// class is above one half.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EpochRow {
    /// Number of the epoch, from 1; 0 for the untrained network.
    pub epoch: usize,
    /// Loss while training, with the penalty.
    pub running_loss: Option<f64>,
    /// Accuracy while training.
    pub running_accuracy: Option<f64>,
    /// Subset accuracy while training.
    pub running_subset_accuracy: Option<f64>,
    /// Loss on the training rows.
    pub train_loss: f64,
    /// Accuracy on the training rows.
    pub train_accuracy: f64,
    /// Subset accuracy on the training rows.
    pub train_subset_accuracy: Option<f64>,
    /// Loss on the test rows.
    pub test_loss: Option<f64>,
    /// Accuracy on the test rows.
    pub test_accuracy: Option<f64>,
    /// Subset accuracy on the test rows.
    pub test_subset_accuracy: Option<f64>,
}

/// Loss and accuracies of some rows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scores {
    /// Mean loss.
    pub loss: f64,
    /// Fraction of rows whose class has the highest logit.
    pub accuracy: f64,
    /// Fraction of rows whose logistic outputs are all correct.
    pub subset_accuracy: Option<f64>,
}

/// Sums of losses and hits over some rows. On a GPU the sums stay there, so that nothing is
/// read back before the end of an epoch.
#[derive(Default)]
pub struct Accumulator {
    rows: usize,
    /// Absent without rows.
    sums: Option<ScoreSums>,
}

/// Sum of losses, hits, subset hits.
enum ScoreSums {
    Host([f64; 3]),
    /// `[3]`, or `[2]` without subset hits.
    Device(Box<Tensor<1>>),
}

impl Accumulator {
    /// Sums over a batch.
    ///
    /// # Shapes
    /// - z, t: `[rows, outputs]`, logits, and targets, the highest that of the label
    /// - labels: `rows` classes
    /// - mean loss: `[1]`
    ///
    /// # Errors
    /// If the device cannot return its data.
    pub fn of_batch(
        output: Output,
        z: Tensor<2>,
        t: Tensor<2>,
        labels: &[u8],
        mean_loss: Tensor<1>,
    ) -> Result<Self, String> {
        let sums = if is_host(&z.device()) {
            ScoreSums::Host(host_sums(output, z, labels, mean_loss)?)
        } else {
            ScoreSums::Device(Box::new(device_sums(output, z, t, mean_loss)))
        };
        Ok(Self {
            rows: labels.len(),
            sums: Some(sums),
        })
    }

    /// Adds the sums over other rows of the same device.
    pub fn append(&mut self, other: Self) {
        self.rows += other.rows;
        self.sums = match (self.sums.take(), other.sums) {
            (Some(ScoreSums::Host(a)), Some(ScoreSums::Host(b))) => {
                Some(ScoreSums::Host(std::array::from_fn(|index| {
                    a[index] + b[index]
                })))
            }
            (Some(ScoreSums::Device(a)), Some(ScoreSums::Device(b))) => {
                Some(ScoreSums::Device(Box::new(*a + *b)))
            }
            (sums, None) | (_, sums) => sums,
        };
    }

    /// Returns the means over all rows; none without rows.
    ///
    /// # Errors
    /// If the device cannot return its data.
    pub fn scores(self, output: Output) -> Result<Option<Scores>, String> {
        let sums = match self.sums {
            None => Vec::new(),
            Some(ScoreSums::Host(sums)) => sums.to_vec(),
            Some(ScoreSums::Device(sums)) => numbers(*sums)?.into_iter().map(f64::from).collect(),
        };
        let mean = |index: usize| Some(sums.get(index)? / self.rows as f64);
        let (Some(loss), Some(accuracy)) = (mean(0), mean(1)) else {
            return Ok(None);
        };
        Ok((self.rows > 0).then(|| Scores {
            loss,
            accuracy,
            subset_accuracy: mean(2).filter(|_| output == Output::Logistic),
        }))
    }
}

fn host_sums(
    output: Output,
    z: Tensor<2>,
    labels: &[u8],
    mean_loss: Tensor<1>,
) -> Result<[f64; 3], String> {
    let [rows, outputs] = z.dims();
    let loss: f64 = numbers(mean_loss)?.into_iter().map(f64::from).sum();
    let mut sums = [loss * rows as f64, 0.0, 0.0];
    read(z, |z| {
        for (z, &label) in z.chunks_exact(outputs).zip(labels) {
            let label = usize::from(label);
            sums[1] += f64::from(u8::from(is_highest(z, label)));
            if output == Output::Logistic {
                let is_right = |(k, z): (usize, &f32)| (*z > 0.0) == (k == label);
                let all_right = z.iter().enumerate().map(is_right).fold(true, |a, b| a & b);
                sums[2] += f64::from(u8::from(all_right));
            }
        }
    })?;
    Ok(sums)
}

fn device_sums(output: Output, z: Tensor<2>, t: Tensor<2>, mean_loss: Tensor<1>) -> Tensor<1> {
    let [rows, _] = z.dims();
    let mut sums = vec![mean_loss * rows as f64, hits(z.clone(), t.clone())];
    if output == Output::Logistic {
        sums.push(subset_hits(z, t));
    }
    Tensor::cat(sums, 0)
}

/// Returns true if the value at this index is the highest, and the first of equal ones.
fn is_highest(row: &[f32], index: usize) -> bool {
    let highest = row[index];
    // The usual case. Counting all is faster than an early exit.
    if row.iter().filter(|value| **value >= highest).count() == 1 {
        return true;
    }
    let (before, after) = row.split_at(index);
    before.iter().all(|value| *value < highest) && after.iter().all(|value| *value <= highest)
}

/// Counts rows whose highest logit is that of the highest target: `[1]`.
fn hits(z: Tensor<2>, t: Tensor<2>) -> Tensor<1> {
    let equal = z.argmax(1).equal(t.argmax(1));
    let count: Tensor<1, Int> = equal.int().sum();
    count.float()
}

/// Counts rows in which exactly the logit of the highest target is above 0, which puts its
/// logistic output above 1/2: `[1]`.
fn subset_hits(z: Tensor<2>, t: Tensor<2>) -> Tensor<1> {
    let labels = t.clone().greater_equal(t.max_dim(1));
    let wrong = (z.greater_elem(0.0).float() - labels.float())
        .abs()
        .sum_dim(1);
    wrong.equal_elem(0.0).float().sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::tensor::Device;

    /// Sums from logits, targets, labels and a mean loss.
    type OfBatch = dyn Fn(Tensor<2>, Tensor<2>, &[u8], Tensor<1>) -> Accumulator;

    #[test]
    fn hits_by_hand() {
        let device = Device::flex();
        let z = Tensor::<2>::from_data(
            [[2.0, 1.0], [2.0, -1.0], [-2.0, -1.0], [1.0, 3.0f32]],
            &device,
        );
        let t =
            Tensor::<2>::from_data([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0], [1.0, 0.0f32]], &device);
        let loss = |mean: f32| Tensor::<1>::from_data([mean], &device);
        // In host memory, and as on any other device.
        let of: [&OfBatch; 2] = [
            &|z, t, labels, loss| {
                Accumulator::of_batch(Output::Logistic, z, t, labels, loss).unwrap()
            },
            &|z, t, labels, loss| Accumulator {
                rows: labels.len(),
                sums: Some(ScoreSums::Device(Box::new(device_sums(
                    Output::Logistic,
                    z,
                    t,
                    loss,
                )))),
            },
        ];
        for of in of {
            let mut sums = Accumulator::default();
            sums.append(of(z.clone(), t.clone(), &[0, 0, 1, 0], loss(0.5)));
            let (z, t) = (z.clone().slice([0..2, 0..2]), t.clone().slice([0..2, 0..2]));
            sums.append(of(z, t, &[0, 0], loss(2.0)));
            sums.append(Accumulator::default());
            let scores = sums.scores(Output::Logistic).unwrap().unwrap();
            // Hits: 3 of 4, then 2 of 2. Subset hits: 1, then 1.
            assert!((scores.accuracy - 5.0 / 6.0).abs() < 1e-12);
            assert!((scores.subset_accuracy.unwrap() - 2.0 / 6.0).abs() < 1e-12);
            assert!((scores.loss - (4.0 * 0.5 + 2.0 * 2.0) / 6.0).abs() < 1e-12);
        }
        // Of equal logits the first one counts.
        let equal = Tensor::<2>::from_data([[1.0, 1.0], [1.0, 1.0f32]], &device);
        let both = Tensor::<2>::from_data([[1.0, 0.0], [0.0, 1.0f32]], &device);
        let sums = Accumulator::of_batch(Output::Softmax, equal, both, &[0, 1], loss(1.0));
        let scores = sums.unwrap().scores(Output::Softmax).unwrap();
        assert_eq!(scores.unwrap().accuracy, 0.5);
        assert_eq!(
            Accumulator::default().scores(Output::Softmax).unwrap(),
            None
        );
    }
}
