//! Quality: the numbers measured on an inverse.

pub mod statistics;

use faer::Mat;
use serde::Serialize;

use crate::model::Network;
use crate::spec::PixelRange;

/// One number about one inverse.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Metric {
    /// How probable the network thinks the target class is: softmax, or for
    /// logistic outputs the product of `s(z_n)` and every other 1 - `s(z_j)`.
    /// From 0 to 1, best 1.
    TargetProbability,
    /// [`Metric::TargetProbability`] after every pixel is clipped into range.
    TargetProbabilityClipped,
    /// `sum_k` |z'_k - `z_k`|. Best 0.
    L1Distance,
    /// `sqrt(sum_k` (z'_k - `z_k)^2`). Best 0.
    L2Distance,
    /// Share of pixels outside the pixel range. From 0 to 1, best 0.
    OutOfRange,
    /// `max_i` |`x_i`|, in the units of the pixel range.
    LargestMagnitude,
}

impl Metric {
    /// All metrics, in the order of tables.
    pub const ALL: [Self; 6] = [
        Self::TargetProbability,
        Self::TargetProbabilityClipped,
        Self::L1Distance,
        Self::L2Distance,
        Self::OutOfRange,
        Self::LargestMagnitude,
    ];

    /// Its name in tables.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::TargetProbability => "target_probability",
            Self::TargetProbabilityClipped => "target_probability_clipped",
            Self::L1Distance => "l1_distance",
            Self::L2Distance => "l2_distance",
            Self::OutOfRange => "out_of_range",
            Self::LargestMagnitude => "largest_magnitude",
        }
    }

    /// What its numbers count.
    #[must_use]
    pub fn unit(self) -> &'static str {
        match self {
            Self::TargetProbability | Self::TargetProbabilityClipped => "probability",
            Self::L1Distance | Self::L2Distance => "logits",
            Self::OutOfRange => "share",
            Self::LargestMagnitude => "pixel value",
        }
    }
}

/// One row of the tidy table of metrics.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MetricRow {
    /// The experiment, by the path of its results.
    pub spec: String,
    /// The seed.
    pub replicate: u64,
    /// The name of the inversion.
    pub inversion: String,
    /// The data set's label of the class.
    pub class: u8,
    /// The name of the metric.
    pub metric: &'static str,
    /// Missing where the metric is not defined.
    pub value: Option<f64>,
    /// What the value counts.
    pub unit: &'static str,
}

/// The numbers of one inverse.
#[derive(Debug, Clone, PartialEq)]
pub struct Measured {
    /// Position among the network's outputs.
    pub class: usize,
    /// What was measured.
    pub metric: Metric,
    /// Missing where the metric is not defined.
    pub value: Option<f64>,
}

/// Measures every metric on every image.
///
/// # Shapes
/// - images: classes x inputs, the inverse of class n in row n
/// - targets: `outputs` logits for each class
#[must_use]
pub fn measure(
    network: &Network,
    images: &Mat<f64>,
    targets: &[Vec<f64>],
    range: PixelRange,
) -> Vec<Measured> {
    let clipped = Mat::from_fn(images.nrows(), images.ncols(), |n, i| {
        images[(n, i)].clamp(range.low, range.high)
    });
    let logits = network.logits(images.as_ref());
    let clipped_logits = network.logits(clipped.as_ref());
    let row = |matrix: &Mat<f64>, n: usize| -> Vec<f64> { matrix.row(n).iter().copied().collect() };
    let mut measured = Vec::new();
    for (class, target) in targets.iter().enumerate() {
        let pixels = row(images, class);
        let z = row(&logits, class);
        let misses: Vec<f64> = z.iter().zip(target).map(|(z, t)| (t - z).abs()).collect();
        for metric in Metric::ALL {
            let probability = |z: &[f64]| network.output.class_probability(z, class);
            let value = match metric {
                Metric::TargetProbability => probability(&z),
                Metric::TargetProbabilityClipped => probability(&row(&clipped_logits, class)),
                Metric::L1Distance => Some(misses.iter().sum()),
                Metric::L2Distance => Some(misses.iter().map(|m| m * m).sum::<f64>().sqrt()),
                Metric::OutOfRange => Some(out_of_range(&pixels, range)),
                Metric::LargestMagnitude => {
                    Some(pixels.iter().fold(0.0, |most: f64, x| most.max(x.abs())))
                }
            };
            measured.push(Measured {
                class,
                metric,
                value,
            });
        }
    }
    measured
}

/// Rounding at the ends of the range is no departure from it.
fn out_of_range(pixels: &[f64], range: PixelRange) -> f64 {
    let slack = 1e-9 * (range.high - range.low);
    let outside = |x: &&f64| **x < range.low - slack || **x > range.high + slack;
    pixels.iter().filter(outside).count() as f64 / pixels.len() as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Layer;
    use crate::spec::{Activation, Output};
    use proptest::prelude::*;

    const RANGE: PixelRange = PixelRange {
        low: -1.0,
        high: 1.0,
    };

    fn identity(output: Output) -> Network {
        Network {
            layers: vec![Layer {
                weight: Mat::identity(2, 2),
                bias: None,
            }],
            activation: Activation::Identity,
            output,
        }
    }

    fn values(output: Output, images: &Mat<f64>) -> Vec<Option<f64>> {
        let targets = [vec![1.0, -1.0], vec![-1.0, 1.0]];
        let measured = measure(&identity(output), images, &targets, RANGE);
        measured.into_iter().map(|m| m.value).collect()
    }

    #[test]
    fn every_metric_by_hand() {
        // Class 0: z = x = (4, 3), clipped (1, 1). Class 1: z = (-1, 1), in range.
        let images = faer::mat![[4.0, 3.0], [-1.0, 1.0]];
        let got = values(Output::Softmax, &images);
        let e = std::f64::consts::E;
        let certain = e * e / (1.0 + e * e);
        let expected = [
            e / (1.0 + e),
            0.5,
            3.0 + 4.0,
            5.0,
            1.0,
            4.0,
            certain,
            certain,
            0.0,
            0.0,
            0.0,
            1.0,
        ];
        for (got, expected) in got.iter().zip(expected) {
            assert!(
                (got.unwrap() - expected).abs() < 1e-12,
                "{got:?} {expected}"
            );
        }
        let linear = values(Output::Linear, &images);
        assert_eq!((linear[0], linear[1]), (None, None));
        assert_eq!(linear[2], Some(7.0));
    }

    #[test]
    fn every_metric_has_a_tolerance() {
        for metric in Metric::ALL {
            let tolerance = crate::spec::default_tolerance(metric.name());
            assert!(tolerance.absolute > 0.0, "{metric:?}");
        }
    }

    #[test]
    fn names_are_unique() {
        let names: std::collections::BTreeSet<_> = Metric::ALL.map(Metric::name).into();
        assert_eq!(names.len(), Metric::ALL.len());
    }

    proptest! {
        #[test]
        fn values_stay_within_their_bounds(x in proptest::collection::vec(-50.0..50.0f64, 4)) {
            for output in [Output::Softmax, Output::Logistic] {
                let images = Mat::from_fn(2, 2, |i, j| x[i * 2 + j]);
                for row in values(output, &images).chunks(6) {
                    let v: Vec<f64> = row.iter().map(|v| v.unwrap()).collect();
                    prop_assert!((0.0..=1.0).contains(&v[0]) && (0.0..=1.0).contains(&v[1]));
                    prop_assert!(v[3] <= v[2] + 1e-12, "l2 is at most l1");
                    prop_assert!((0.0..=1.0).contains(&v[4]));
                    prop_assert_eq!(v[4] > 0.0, v[5] > 1.0 + 2e-9);
                }
            }
        }
    }
}
