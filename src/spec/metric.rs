//! What is measured on an inverse. A metric owns its name, its unit, which way
//! is better and the best value there is; the formulas are in [`crate::metrics`].

use serde::Serialize;

use super::fault::{one_of_names, suggestion};
use super::reader::Reader;
use super::verify::{Tolerance, tolerance};

/// One number about one inverse.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Metric {
    /// How probable the network thinks the target class is: softmax, or for
    /// logistic outputs the product of `s(z_n)` and every other 1 - `s(z_j)`.
    TargetProbability,
    /// [`Metric::TargetProbability`] after every pixel is clipped into range.
    TargetProbabilityClipped,
    /// `max_k |y_k - [k = n]|`: how far the outputs are from the perfect ones of
    /// Lai 2021, section 1.3.3. Below 0.005 they agree to two decimals.
    OutputError,
    /// `sum_k |z'_k - z_k|`.
    L1Distance,
    /// `sqrt(sum_k (z'_k - z_k)^2)`.
    L2Distance,
    /// Share of pixels outside the pixel range.
    OutOfRange,
    /// `max_i |x_i|`, in the units of the pixel range.
    LargestMagnitude,
    /// Pearson's correlation, over the pixels, with the mean training image of
    /// the class. Missing for an image of one value.
    ClassMeanCorrelation,
    /// [`Metric::ClassMeanCorrelation`] minus the highest correlation with the
    /// mean of another class: above 0 the image is most like its own class.
    ClassMeanMargin,
    /// Mean of `|x_i - x_j|` over neighbouring pixels, across and down, as a
    /// share of the image's own `max - min`: how noisy it is drawn. A checkerboard
    /// has 1. Missing for an image of one value.
    TotalVariation,
    /// Intersection over union of the 254 highest pixels with the 254 that the
    /// empirical method (Lai 2021, Algorithm 1) lights on the same network. Two
    /// random choices of 254 of 784 pixels have about 0.19.
    EmpiricalOverlap,
}

/// Which way a metric is better.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// More is better.
    Higher,
    /// Less is better.
    Lower,
}

impl Direction {
    /// In words.
    #[must_use]
    pub fn text(self) -> &'static str {
        match self {
            Self::Higher => "higher is better",
            Self::Lower => "lower is better",
        }
    }
}

/// What there is to know of a metric beside its formula.
struct About {
    name: &'static str,
    unit: &'static str,
    direction: Direction,
    /// The lowest and the highest value that there can be.
    bounds: (f64, f64),
    /// How far the same number may be off on another machine.
    tolerance: Tolerance,
}

const NO_END: f64 = f64::INFINITY;

impl Metric {
    /// All metrics, in the order of tables.
    pub const ALL: [Self; 11] = [
        Self::TargetProbability,
        Self::TargetProbabilityClipped,
        Self::OutputError,
        Self::L1Distance,
        Self::L2Distance,
        Self::OutOfRange,
        Self::LargestMagnitude,
        Self::ClassMeanCorrelation,
        Self::ClassMeanMargin,
        Self::TotalVariation,
        Self::EmpiricalOverlap,
    ];

    fn about(self) -> About {
        use Direction::{Higher, Lower};
        let about = |name, unit, direction, bounds, tolerance| About {
            name,
            unit,
            direction,
            bounds,
            tolerance,
        };
        let share = tolerance(1e-4, 0.0);
        let relative = tolerance(1e-6, 1e-4);
        // A pixel of 784 has a share of 0.0013.
        let pixels = tolerance(0.002, 0.0);
        match self {
            Self::TargetProbability => about(
                "target_probability",
                "probability",
                Higher,
                (0.0, 1.0),
                share,
            ),
            Self::TargetProbabilityClipped => about(
                "target_probability_clipped",
                "probability",
                Higher,
                (0.0, 1.0),
                share,
            ),
            Self::OutputError => about("output_error", "probability", Lower, (0.0, 1.0), share),
            Self::L1Distance => about("l1_distance", "logits", Lower, (0.0, NO_END), relative),
            Self::L2Distance => about("l2_distance", "logits", Lower, (0.0, NO_END), relative),
            Self::OutOfRange => about("out_of_range", "share", Lower, (0.0, 1.0), pixels),
            Self::LargestMagnitude => about(
                "largest_magnitude",
                "pixel value",
                Lower,
                (0.0, NO_END),
                relative,
            ),
            Self::ClassMeanCorrelation => about(
                "class_mean_correlation",
                "correlation",
                Higher,
                (-1.0, 1.0),
                share,
            ),
            Self::ClassMeanMargin => about(
                "class_mean_margin",
                "correlation",
                Higher,
                (-2.0, 2.0),
                share,
            ),
            Self::TotalVariation => about("total_variation", "share", Lower, (0.0, 1.0), share),
            // One pixel more of 254 in common changes it by 0.004 and more.
            Self::EmpiricalOverlap => about(
                "empirical_overlap",
                "share",
                Higher,
                (0.0, 1.0),
                tolerance(0.01, 0.0),
            ),
        }
    }

    /// Its name in specs and tables.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.about().name
    }

    /// What its numbers count.
    #[must_use]
    pub fn unit(self) -> &'static str {
        self.about().unit
    }

    /// Which way is better.
    #[must_use]
    pub fn direction(self) -> Direction {
        self.about().direction
    }

    /// The lowest and the highest value that there can be; infinite without an end.
    #[must_use]
    pub fn bounds(self) -> (f64, f64) {
        self.about().bounds
    }

    /// The best value there can be: the bound in the better direction.
    #[must_use]
    pub fn best(self) -> f64 {
        let (low, high) = self.bounds();
        match self.direction() {
            Direction::Higher => high,
            Direction::Lower => low,
        }
    }

    /// How far the same number may be off on another machine.
    #[must_use]
    pub fn tolerance(self) -> Tolerance {
        self.about().tolerance
    }

    /// The metric of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|metric| metric.name() == name)
    }
}

/// Reads the name of a metric at `key`.
pub fn require_one(table: &Reader<'_>, key: &'static str) -> Option<Metric> {
    let options = Metric::ALL.map(|metric| (metric.name(), metric));
    table.require_choice(key, &options)
}

/// Reads a list of names of metrics at `key`.
pub fn require_some(table: &Reader<'_>, key: &'static str) -> Option<Vec<Metric>> {
    let names = table.require(key, "a list of metrics, at least one", |v| {
        v.list(|v| v.text().map(str::to_owned))
            .filter(|names| !names.is_empty())
    })?;
    let mut metrics = Vec::new();
    for name in names {
        let known = || Metric::ALL.into_iter().map(Metric::name);
        match Metric::named(&name) {
            Some(metric) => metrics.push(metric),
            None => table.fault(
                key,
                &format!(
                    "names {name:?}, but the metrics are {}{}",
                    one_of_names(known()),
                    suggestion(&name, known())
                ),
            ),
        }
    }
    Some(metrics)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_the_best_value_is_within_the_bounds() {
        let names: std::collections::BTreeSet<_> = Metric::ALL.map(Metric::name).into();
        assert_eq!(names.len(), Metric::ALL.len());
        for metric in Metric::ALL {
            assert_eq!(Metric::named(metric.name()), Some(metric));
            assert!(metric.best().is_finite(), "{metric:?}");
            assert!(metric.tolerance().absolute > 0.0, "{metric:?}");
            let json = serde_json::to_value(metric).unwrap();
            assert_eq!(json, metric.name(), "one name everywhere");
        }
    }
}
