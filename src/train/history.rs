//! The accuracy log.

use burn::tensor::{Int, Tensor};
use serde::{Deserialize, Serialize};

use crate::model::{Output, is_host, numbers, read};

/// One row of the accuracy log. Accuracies are shares from 0 to 1.
///
/// The running columns are means over the rows of the epoch, each as it was
/// just before its step, while the weights were changing, and include the
/// penalty on the weights: what the sources print. The others are taken after the epoch, without the penalty.
///
/// Training rows count by the labels that the network was told, test rows by the
/// truth.
///
/// An untrained network has one row, epoch 0, without running columns.
///
/// Plain accuracy counts a row as right if the right logit is the highest.
/// Subset accuracy, which only logistic outputs have, counts it as right if
/// exactly the right output is above one half.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EpochRow {
    /// From 1; 0 before any.
    pub epoch: usize,
    /// While training, with the penalty, if there was any.
    pub running_loss: Option<f64>,
    /// While training, if there was any.
    pub running_accuracy: Option<f64>,
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
    /// The mean.
    pub loss: f64,
    /// The share of rows that are right.
    pub accuracy: f64,
    /// The same by every output, of logistic ones.
    pub subset_accuracy: Option<f64>,
}

/// Losses and hits of some rows, added up: on the device, so that nothing is read back
/// before the end of an epoch, or where numbers are at hand with them.
#[derive(Default)]
pub struct Tally {
    rows: usize,
    /// Nothing of no rows.
    sums: Option<Sums>,
}

/// Loss sum, hits, subset hits.
enum Sums {
    Host([f64; 3]),
    /// `[3]`, or `[2]` without subset hits.
    Device(Box<Tensor<1>>),
}

impl Tally {
    /// That of a batch, by its logits.
    ///
    /// # Shapes
    /// - z, t: `[rows, outputs]`, logits and targets, that of the label the highest
    /// - labels: of so many rows
    /// - mean loss: `[1]`
    ///
    /// # Errors
    /// If the device cannot give its data back.
    pub fn of(
        output: Output,
        z: Tensor<2>,
        (t, labels): (Tensor<2>, &[u8]),
        mean_loss: Tensor<1>,
    ) -> Result<Self, String> {
        let sums = if is_host(&z.device()) {
            Sums::Host(host_sums(output, z, labels, mean_loss)?)
        } else {
            Sums::Device(Box::new(device_sums(output, z, t, mean_loss)))
        };
        Ok(Self {
            rows: labels.len(),
            sums: Some(sums),
        })
    }

    /// Adds that of other rows of the same device.
    pub fn append(&mut self, other: Self) {
        self.rows += other.rows;
        self.sums = match (self.sums.take(), other.sums) {
            (Some(Sums::Host(a)), Some(Sums::Host(b))) => {
                Some(Sums::Host(std::array::from_fn(|index| a[index] + b[index])))
            }
            (Some(Sums::Device(a)), Some(Sums::Device(b))) => Some(Sums::Device(Box::new(*a + *b))),
            (own, other) => other.or(own),
        };
    }

    /// Means over all rows; nothing if there are none.
    ///
    /// # Errors
    /// If the device cannot give its data back.
    pub fn scores(self, output: Output) -> Result<Option<Scores>, String> {
        let sums = match self.sums {
            None => Vec::new(),
            Some(Sums::Host(sums)) => sums.to_vec(),
            Some(Sums::Device(sums)) => numbers(*sums)?.into_iter().map(f64::from).collect(),
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

/// Whether the value in this place is the highest, and the first of equal ones.
fn is_highest(row: &[f32], place: usize) -> bool {
    let most = row[place];
    // Mostly it is the only one. To count them is quicker than to guess where to stop.
    if row.iter().filter(|value| **value >= most).count() == 1 {
        return true;
    }
    let (before, after) = row.split_at(place);
    before.iter().all(|value| *value < most) && after.iter().all(|value| *value <= most)
}

/// Rows whose highest logit is the right one: `[1]`.
fn hits(z: Tensor<2>, t: Tensor<2>) -> Tensor<1> {
    let equal = z.argmax(1).equal(t.argmax(1));
    let count: Tensor<1, Int> = equal.int().sum();
    count.float()
}

/// Rows with exactly the right logit above 0, and so its output above 1/2: `[1]`.
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

    /// By logits, targets, labels and a mean loss.
    type Of = dyn Fn(Tensor<2>, Tensor<2>, &[u8], Tensor<1>) -> Tally;

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
        // With numbers at hand, and as any other device does it.
        let of: [&Of; 2] = [
            &|z, t, labels, loss| Tally::of(Output::Logistic, z, (t, labels), loss).unwrap(),
            &|z, t, labels, loss| Tally {
                rows: labels.len(),
                sums: Some(Sums::Device(Box::new(device_sums(
                    Output::Logistic,
                    z,
                    t,
                    loss,
                )))),
            },
        ];
        for of in of {
            let mut tally = Tally::default();
            tally.append(of(z.clone(), t.clone(), &[0, 0, 1, 0], loss(0.5)));
            let (z, t) = (z.clone().slice([0..2, 0..2]), t.clone().slice([0..2, 0..2]));
            tally.append(of(z, t, &[0, 0], loss(2.0)));
            tally.append(Tally::default());
            let scores = tally.scores(Output::Logistic).unwrap().unwrap();
            // Highest logit right: 3 of 4, then 2 of 2. Exactly the right one above 0: 1, then 1.
            assert!((scores.accuracy - 5.0 / 6.0).abs() < 1e-12);
            assert!((scores.subset_accuracy.unwrap() - 2.0 / 6.0).abs() < 1e-12);
            assert!((scores.loss - (4.0 * 0.5 + 2.0 * 2.0) / 6.0).abs() < 1e-12);
        }
        // Of equal logits the first one counts.
        let equal = Tensor::<2>::from_data([[1.0, 1.0], [1.0, 1.0f32]], &device);
        let both = Tensor::<2>::from_data([[1.0, 0.0], [0.0, 1.0f32]], &device);
        let tally = Tally::of(Output::Softmax, equal, (both, &[0, 1]), loss(1.0)).unwrap();
        let scores = tally.scores(Output::Softmax).unwrap();
        assert_eq!(scores.unwrap().accuracy, 0.5);
        assert_eq!(Tally::default().scores(Output::Softmax).unwrap(), None);
    }
}
