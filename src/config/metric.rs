//! What is measured on an inverse. A metric owns its name, its unit, which way
//! is better and the best value there is; the formulas are in [`crate::metrics`].

mod about;
mod need;
mod read;

use serde::Serialize;

use super::scale::Bounds;
use super::task::Task;
use super::verify::Tolerance;
pub use need::Measurable;
pub use read::{measured, require_one, require_some};

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
    /// Intersection over union of the highest pixels with those that the empirical method
    /// (Lai 2021, Algorithm 1) lights on the same network: a third of all, 254 of
    /// 28 x 28. Two random choices of 254 of 784 pixels have about 0.19.
    EmpiricalOverlap,
    /// `|x' - x| / |x|`, the length of what is wrong with an image that reconstructs x.
    /// Missing if x is zero, or if nothing is reconstructed.
    ReconstructionError,
    /// How round a picture is: the mean level in a ring around its middle minus that in
    /// a disc within, levels counted from the image's darkest pixel, 0, to its
    /// brightest, 1. In an image w pixels wide the ring is between w/6 and w/3 from the
    /// middle, the disc within w/8. Missing for an image of one value, or too small.
    RingContrast,
    /// How indifferent the network is to the grey of a picture: how far the logit of
    /// the class moves, up or down, when one pixel is moved by half of the pixel range,
    /// towards the end that is farther away; the mean over the grey pixels, those in the
    /// middle third of the image's own levels, as a share of that over all others.
    /// Missing without either kind.
    GreySensitivity,
    /// How far the values of the first hidden layer are, when the network is shown the
    /// inverse, from those that the way back undid there: the length of the difference as
    /// a share of the length of what was undone, 0 for a way there and back. Missing
    /// without hidden layers, and of methods that do not go layer by layer.
    RoundTripFirst,
    /// [`Metric::RoundTripFirst`] of the last hidden layer.
    RoundTripLast,
    /// Share of the hidden values, of all layers, that the way back asks for and that the
    /// activation has no inverse for, before they are brought into its range. Missing
    /// where [`Metric::RoundTripFirst`] is.
    AskedOutOfRange,
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

impl Metric {
    /// All metrics, in the order of tables.
    pub const ALL: [Self; 31] = [
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
        Self::ReconstructionError,
        Self::RingContrast,
        Self::GreySensitivity,
        Self::RoundTripFirst,
        Self::RoundTripLast,
        Self::AskedOutOfRange,
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

    /// Those that are measured where a spec does not name any, in the order of tables.
    #[must_use]
    pub fn usual(task: Task) -> Vec<Self> {
        let is_usual = |metric: &Self| match metric {
            Self::ReconstructionError => task.reconstructs(),
            metric => !metric.is_on_request(),
        };
        Self::ALL.into_iter().filter(is_usual).collect()
    }

    /// True if it is measured only where a spec names it: it answers the question of
    /// one source.
    #[must_use]
    pub fn is_on_request(self) -> bool {
        matches!(self, Self::RingContrast | Self::GreySensitivity) || self.needs_way_back()
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
    pub fn bounds(self) -> Bounds {
        self.about().bounds
    }

    /// The best value there can be: the bound in the better direction.
    #[must_use]
    pub fn best(self) -> f64 {
        let Bounds { low, high } = self.bounds();
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

    /// True for numbers of any magnitude, such as distances, which are drawn on
    /// logarithmic axes. Of errors that are shares it is the larger ones that differ.
    #[must_use]
    pub fn is_logarithmic(self) -> bool {
        self.bounds().high.is_infinite() && self != Self::ReconstructionError
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
            Self::ReconstructionError => "error".to_owned(),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_answers_one_question_is_measured_on_request() {
        let usual = Metric::usual(Task::Reconstruct { layers: 1 });
        assert!(usual.contains(&Metric::EmpiricalOverlap) && usual.contains(&Metric::L1Gap));
        let asked = Metric::ALL.into_iter().filter(|m| !usual.contains(m));
        let names: Vec<&str> = asked.map(Metric::name).collect();
        let expected = [
            "ring_contrast",
            "grey_sensitivity",
            "round_trip_first",
            "round_trip_last",
            "asked_out_of_range",
        ];
        assert_eq!(names, expected);
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
