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
    /// [`Metric::L1Distance`], after every pixel is clipped into range, minus the least
    /// that any image in range has: that of the ideal input of Lai 2021, section 1.3.3.
    /// Missing with hidden layers, where nobody knows it.
    L1Gap,
    /// [`Metric::L1Gap`] of [`Metric::L2Distance`].
    L2Gap,
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
    /// share of the image's own `max - min`: how much they differ as drawn. A
    /// checkerboard has 1, and the more contrast the higher. Missing for an image of one value.
    TotalVariation,
    /// Mean of `|x_i - x_j|` over neighbouring pixels as a share of the standard
    /// deviation of all pixels: how little neighbours have in common, whatever the
    /// contrast. White noise has 1.13. Missing for an image of one value.
    Roughness,
    /// Intersection over union of the 254 highest pixels with the 254 that the
    /// empirical method (Lai 2021, Algorithm 1) lights on the same network. Two
    /// random choices of 254 of 784 pixels have about 0.19.
    EmpiricalOverlap,
    /// Root mean square difference per pixel from the nearest training image, as
    /// a share of the pixel range, after every pixel is clipped into it.
    NearestDistance,
    /// How probable the convolutional judge thinks the target class is, of the
    /// image clipped into range.
    LegibilityConv,
    /// [`Metric::LegibilityConv`] by the nearest neighbours: their share that is
    /// of the target class.
    LegibilityKnn,
    /// [`Metric::LegibilityConv`] of the image as drawn: from the darkest to the
    /// brightest pixel of all classes' images.
    LegibilityConvDrawn,
    /// [`Metric::LegibilityKnn`] of the image as drawn.
    LegibilityKnnDrawn,
    /// The probability of whatever class the convolutional judge gives most:
    /// legible as anything. Of the image clipped into range.
    LegibilityAnyConv,
    /// [`Metric::LegibilityAnyConv`] by the nearest neighbours.
    LegibilityAnyKnn,
    /// [`Metric::LegibilityAnyConv`] of the image as drawn.
    LegibilityAnyConvDrawn,
    /// [`Metric::LegibilityAnyKnn`] of the image as drawn.
    LegibilityAnyKnnDrawn,
    /// [`Metric::LegibilityConv`] of the class whose images the network was told were
    /// of the target class: another one where labels were swapped.
    LegibilityToldConv,
    /// [`Metric::LegibilityToldConv`] by the nearest neighbours.
    LegibilityToldKnn,
}

/// What is told of a network after every epoch: the columns of the accuracy log.
pub const OF_EPOCHS: [&str; 9] = [
    "running_loss",
    "running_accuracy",
    "running_subset_accuracy",
    "train_loss",
    "train_accuracy",
    "train_subset_accuracy",
    "test_loss",
    "test_accuracy",
    "test_subset_accuracy",
];

/// What is told of a trained network once.
pub const OF_NETWORK: [&str; 4] = [
    "largest_bias",
    "first_perfect_epoch",
    "heaviest_input",
    "heaviest_input_share",
];

/// What is told of pairs of inverses, of the same class by two inversions.
pub const OF_PAIRS: [&str; 2] = ["overlap", "correlation"];

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
    pub const ALL: [Self; 25] = [
        Self::TargetProbability,
        Self::TargetProbabilityClipped,
        Self::OutputError,
        Self::L1Distance,
        Self::L2Distance,
        Self::L1Gap,
        Self::L2Gap,
        Self::OutOfRange,
        Self::LargestMagnitude,
        Self::ClassMeanCorrelation,
        Self::ClassMeanMargin,
        Self::TotalVariation,
        Self::Roughness,
        Self::EmpiricalOverlap,
        Self::NearestDistance,
        Self::LegibilityConv,
        Self::LegibilityKnn,
        Self::LegibilityConvDrawn,
        Self::LegibilityKnnDrawn,
        Self::LegibilityAnyConv,
        Self::LegibilityAnyKnn,
        Self::LegibilityAnyConvDrawn,
        Self::LegibilityAnyKnnDrawn,
        Self::LegibilityToldConv,
        Self::LegibilityToldKnn,
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
        let one = (0.0, 1.0);
        let any = (0.0, NO_END);
        let probability = |name, direction| about(name, "probability", direction, one, share);
        // A judge that is trained elsewhere is a slightly other one; of ten
        // neighbours one may be another.
        let judged = |name| about(name, "probability", Higher, one, tolerance(0.05, 0.0));
        let voted = |name| about(name, "probability", Higher, one, tolerance(0.101, 0.0));
        let correlation =
            |name, most: f64| about(name, "correlation", Higher, (-most, most), share);
        let of_pixels = |name| about(name, "pixel value", Lower, any, relative);
        let distance = |name| about(name, "logits", Lower, any, relative);
        match self {
            Self::TargetProbability => probability("target_probability", Higher),
            Self::TargetProbabilityClipped => probability("target_probability_clipped", Higher),
            Self::OutputError => probability("output_error", Lower),
            Self::L1Distance => distance("l1_distance"),
            Self::L2Distance => distance("l2_distance"),
            Self::L1Gap => distance("l1_gap"),
            Self::L2Gap => distance("l2_gap"),
            // A pixel of 784 has a share of 0.0013.
            Self::OutOfRange => about("out_of_range", "share", Lower, one, tolerance(0.002, 0.0)),
            Self::LargestMagnitude => of_pixels("largest_magnitude"),
            Self::ClassMeanCorrelation => correlation("class_mean_correlation", 1.0),
            Self::ClassMeanMargin => correlation("class_mean_margin", 2.0),
            Self::TotalVariation => about("total_variation", "share", Lower, one, share),
            // No pixel has more than four neighbours.
            Self::Roughness => about("roughness", "deviations", Lower, (0.0, 4.0), share),
            // One pixel more of 254 in common changes it by 0.004 and more.
            Self::EmpiricalOverlap => about(
                "empirical_overlap",
                "share",
                Higher,
                one,
                tolerance(0.01, 0.0),
            ),
            Self::NearestDistance => about("nearest_distance", "share", Lower, one, share),
            Self::LegibilityConv => judged("legibility_conv"),
            Self::LegibilityKnn => voted("legibility_knn"),
            Self::LegibilityConvDrawn => judged("legibility_conv_drawn"),
            Self::LegibilityKnnDrawn => voted("legibility_knn_drawn"),
            Self::LegibilityAnyConv => judged("legibility_any_conv"),
            Self::LegibilityAnyKnn => voted("legibility_any_knn"),
            Self::LegibilityAnyConvDrawn => judged("legibility_any_conv_drawn"),
            Self::LegibilityAnyKnnDrawn => voted("legibility_any_knn_drawn"),
            Self::LegibilityToldConv => judged("legibility_told_conv"),
            Self::LegibilityToldKnn => voted("legibility_told_knn"),
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

    /// The nearest value that there can be.
    #[must_use]
    pub fn bounded(self, value: f64) -> f64 {
        let (low, high) = self.bounds();
        value.clamp(low, high)
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

    /// True if it takes judges, or training images to be searched.
    #[must_use]
    pub fn needs_judges(self) -> bool {
        self >= Self::NearestDistance
    }

    /// A word or two for narrow places, such as under an image: of legibility it is
    /// that of the image as drawn that goes without saying.
    #[must_use]
    pub fn short(self) -> String {
        match self {
            Self::TargetProbability => "p".to_owned(),
            Self::TargetProbabilityClipped => "p clipped".to_owned(),
            Self::LegibilityConvDrawn => "conv".to_owned(),
            Self::LegibilityKnnDrawn => "k-NN".to_owned(),
            Self::LegibilityConv => "conv clipped".to_owned(),
            Self::LegibilityKnn => "k-NN clipped".to_owned(),
            Self::LegibilityAnyConvDrawn => "any conv".to_owned(),
            Self::LegibilityAnyKnnDrawn => "any k-NN".to_owned(),
            Self::LegibilityAnyConv => "any conv clipped".to_owned(),
            Self::LegibilityAnyKnn => "any k-NN clipped".to_owned(),
            Self::LegibilityToldConv => "told conv clipped".to_owned(),
            Self::LegibilityToldKnn => "told k-NN clipped".to_owned(),
            _ => self.name().replace('_', " "),
        }
    }

    /// The metric of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|metric| metric.name() == name)
    }
}

/// Reads what an experiment measures, in the order of tables: everything, unless
/// `metrics` names less.
pub fn measured(root: &Reader<'_>) -> Vec<Metric> {
    if !root.has("metrics") {
        root.known("metrics");
        return Metric::ALL.to_vec();
    }
    let named = require_some(root, "metrics", &Metric::ALL).unwrap_or_default();
    let chosen = Metric::ALL.into_iter();
    chosen.filter(|metric| named.contains(metric)).collect()
}

/// Reads the name of a metric at `key`, one of those that are measured.
pub fn require_one(table: &Reader<'_>, key: &'static str, measured: &[Metric]) -> Option<Metric> {
    let name = table.require(key, "the name of a metric", |v| v.text().map(str::to_owned))?;
    one(table, key, &name, measured)
}

/// Reads a list of names of metrics at `key`.
pub fn require_some(
    table: &Reader<'_>,
    key: &'static str,
    measured: &[Metric],
) -> Option<Vec<Metric>> {
    let names = table.require(key, "a list of metrics, at least one", |v| {
        v.list(|v| v.text().map(str::to_owned))
            .filter(|names| !names.is_empty())
    })?;
    let names = names.iter();
    Some(
        names
            .filter_map(|name| one(table, key, name, measured))
            .collect(),
    )
}

/// The metric of this name; a fault with the nearest one if there is none, or if
/// it is not measured.
fn one(table: &Reader<'_>, key: &str, name: &str, measured: &[Metric]) -> Option<Metric> {
    let found = Metric::named(name);
    if found.is_some_and(|metric| measured.contains(&metric)) {
        return found;
    }
    let message = if found.is_some() {
        format!("names {name:?}, which is not measured: add it to `metrics` at the top")
    } else {
        let known = || measured.iter().map(|metric| metric.name());
        let (names, hint) = (one_of_names(known()), suggestion(name, known()));
        format!("names {name:?}, but the metrics are {names}{hint}")
    };
    table.fault(key, &message);
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_value_is_beyond_its_bounds() {
        let (share, distance) = (Metric::LegibilityKnn, Metric::L2Distance);
        assert_eq!(
            [-0.5, 0.25, 1.5].map(|x| share.bounded(x)),
            [0.0, 0.25, 1.0]
        );
        assert_eq!([-2.0, 1e9].map(|x| distance.bounded(x)), [0.0, 1e9]);
        assert_eq!(Metric::ClassMeanCorrelation.bounded(-3.0), -1.0);
    }

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
