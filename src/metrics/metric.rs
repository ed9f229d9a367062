//! Metrics: one entry per metric with its name, unit, direction, bounds, needs and
//! formula. Longer formulas are files below this one.

mod need;
mod optimality_gap;
mod regions;
mod round_trip;
mod similarity;

use serde::Serialize;

use super::measure::Image;
use crate::config::{Bounds, Norm, Task, Tolerance};
use Direction::{Higher, Lower};
pub use need::Measurable;
use need::Need;
pub use optimality_gap::LeastDistances;
pub use round_trip::RoundTrip;
pub use similarity::{ComparedImage, Reference};

/// Direction in which a metric is better.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// More is better.
    Higher,
    /// Less is better.
    Lower,
}

impl Direction {
    /// Returns the direction in words.
    #[must_use]
    pub fn text(self) -> &'static str {
        match self {
            Self::Higher => "higher is better",
            Self::Lower => "lower is better",
        }
    }
}

/// Definition of a metric.
struct Entry {
    /// Name in specs and tables.
    name: &'static str,
    /// Label for narrow places; the name without underscores if none.
    short: Option<&'static str>,
    unit: &'static str,
    direction: Direction,
    bounds: Bounds,
    /// Difference between machines that is no error.
    tolerance: Tolerance,
    /// Conditions without which no inverse has a value.
    needs: &'static [Need],
    /// Inverses without a value although the metric is defined.
    missing: Option<&'static str>,
    /// True if it is measured only where a spec names it.
    on_request: bool,
    /// True for numbers of any magnitude, which are drawn on logarithmic axes.
    is_logarithmic: bool,
    /// True if it needs the evaluators, or a search of the training images.
    needs_judges: bool,
    formula: fn(&Image<'_>) -> Option<f64>,
}

const fn tolerance(absolute: f64, relative: f64) -> Tolerance {
    Tolerance { absolute, relative }
}

/// Fraction from 0 to 1, the lower the better.
const FRACTION: Entry = Entry {
    name: "",
    short: None,
    unit: "share",
    direction: Lower,
    bounds: Bounds::FRACTION,
    tolerance: tolerance(1e-4, 0.0),
    needs: &[],
    missing: None,
    on_request: false,
    is_logarithmic: false,
    needs_judges: false,
    formula: |_| None,
};

const PROBABILITY: Entry = Entry {
    unit: "probability",
    direction: Higher,
    needs: &[Need::Probabilities],
    ..FRACTION
};

/// Distance or other number from 0 without an upper end, the lower the better.
const MAGNITUDE: Entry = Entry {
    unit: "logits",
    bounds: Bounds::FROM_ZERO,
    tolerance: tolerance(1e-6, 1e-4),
    is_logarithmic: true,
    ..FRACTION
};

const GAP: Entry = Entry {
    needs: &[Need::OneLayer],
    missing: Some("targets whose nearest image in range was not found"),
    ..MAGNITUDE
};

const CORRELATION: Entry = Entry {
    unit: "correlation",
    direction: Higher,
    bounds: Bounds::CORRELATION,
    needs: &[Need::Pixels(2)],
    missing: Some("images of one value"),
    ..FRACTION
};

const ROUND_TRIP: Entry = Entry {
    unit: "share",
    needs: &[Need::BackwardPass],
    missing: Some("methods other than `layered`, and targets of zeros"),
    on_request: true,
    ..MAGNITUDE
};

/// Probability by the convolutional network; trained on another machine, it is a
/// slightly different one.
const BY_CONV: Entry = Entry {
    tolerance: tolerance(0.05, 0.0),
    needs: &[],
    needs_judges: true,
    ..PROBABILITY
};

/// Fraction of the ten nearest neighbours; one of them may differ between machines.
const BY_KNN: Entry = Entry {
    tolerance: tolerance(0.101, 0.0),
    ..BY_CONV
};

/// Defines the enum of metrics, in the order of tables, with an entry for each.
macro_rules! metrics {
    ($($(#[$doc:meta])* $metric:ident => $entry:expr,)*) => {
        /// Number measured on one inverse.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
        #[serde(rename_all = "snake_case")]
        pub enum Metric {
            $($(#[$doc])* $metric,)*
        }

        impl Metric {
            /// All metrics, in the order of tables.
            pub const ALL: [Self; [$(Self::$metric),*].len()] = [$(Self::$metric),*];

            fn entry(self) -> Entry {
                match self {
                    $(Self::$metric => $entry,)*
                }
            }
        }
    };
}

metrics! {
    /// Probability of the target class: softmax, or with logistic outputs the product of
    /// `s(z_n)` and every other `1 - s(z_j)`.
    TargetProbability => Entry {
        name: "target_probability",
        short: Some("p"),
        formula: |image| image.probability(image.logits),
        ..PROBABILITY
    },
    /// [`Metric::TargetProbability`] after clipping every pixel into range.
    TargetProbabilityClipped => Entry {
        name: "target_probability_clipped",
        short: Some("p clipped"),
        formula: |image| image.probability(image.clipped_logits),
        ..PROBABILITY
    },
    /// `max_k |y_k - [k = n]|`: distance of the outputs from the perfect ones of
    /// Lai 2021, section 1.3.3. Below 0.005 they agree to two decimals.
    OutputError => Entry {
        name: "output_error",
        direction: Lower,
        formula: |image| image.network.output.class_error(image.logits, image.class),
        ..PROBABILITY
    },
    /// `sum_k |z'_k - z_k|`.
    L1Distance => Entry {
        name: "l1_distance",
        formula: |image| Some(Norm::L1.of(&image.residual(image.given))),
        ..MAGNITUDE
    },
    /// `sqrt(sum_k (z'_k - z_k)^2)`.
    L2Distance => Entry {
        name: "l2_distance",
        formula: |image| Some(Norm::L2.of(&image.residual(image.given))),
        ..MAGNITUDE
    },
    /// [`Metric::L1Distance`], after clipping every pixel into range, minus the least
    /// that any image in range has: that of the ideal input of Lai 2021, section 1.3.3.
    /// Undefined with hidden layers, where the optimum is unknown.
    L1Gap => Entry {
        name: "l1_gap",
        formula: |image| image.optimality_gap(Norm::L1),
        ..GAP
    },
    /// [`Metric::L1Gap`] of [`Metric::L2Distance`].
    L2Gap => Entry {
        name: "l2_gap",
        formula: |image| image.optimality_gap(Norm::L2),
        ..GAP
    },
    /// Fraction of pixels outside the pixel range.
    OutOfRange => Entry {
        name: "out_of_range",
        // A pixel of 784 is a fraction of 0.0013.
        tolerance: tolerance(0.002, 0.0),
        formula: |image| Some(regions::out_of_range(image.pixels, image.reference.range)),
        ..FRACTION
    },
    /// `max_i |x_i|`, in the units of the pixel range.
    LargestMagnitude => Entry {
        name: "largest_magnitude",
        unit: "pixel value",
        formula: |image| Some(image.pixels.iter().fold(0.0, |most: f64, x| most.max(x.abs()))),
        ..MAGNITUDE
    },
    /// Pearson's correlation, over the pixels, with the mean training image of the class.
    /// Missing for an image of one value.
    ClassMeanCorrelation => Entry {
        name: "class_mean_correlation",
        formula: |image| image.reference.correlation(image.pixels, image.class),
        ..CORRELATION
    },
    /// [`Metric::ClassMeanCorrelation`] minus the highest correlation with the mean of
    /// another class: above 0 the image is most similar to its own class.
    ClassMeanMargin => Entry {
        name: "class_mean_margin",
        bounds: Bounds::new(-2.0, 2.0),
        formula: |image| image.reference.margin(image.pixels, image.class),
        ..CORRELATION
    },
    /// Mean of `|x_i - x_j|` over neighbouring pixels, across and down, as a fraction of
    /// the image's own `max - min`. A checkerboard has 1, and more contrast means a
    /// higher value. Missing for an image of one value.
    TotalVariation => Entry {
        name: "total_variation",
        needs: &[Need::Pixels(2)],
        missing: Some("images of one value"),
        formula: |image| similarity::total_variation(image.pixels, image.reference.width),
        ..FRACTION
    },
    /// Mean of `|x_i - x_j|` over neighbouring pixels divided by the standard deviation
    /// of all pixels: independent of contrast. White noise has 1.13. Missing for an image
    /// of one value.
    Roughness => Entry {
        name: "roughness",
        unit: "deviations",
        // No pixel has more than four neighbours.
        bounds: Bounds::new(0.0, 4.0),
        needs: &[Need::Pixels(2)],
        missing: Some("images of one value"),
        formula: |image| similarity::roughness(image.pixels, image.reference.width),
        ..FRACTION
    },
    /// Intersection over union of the highest pixels with those that the empirical method
    /// (Lai 2021, Algorithm 1) lights on the same network: a third of all, 254 of
    /// 28 x 28. Two random choices of 254 of 784 pixels have about 0.19.
    EmpiricalOverlap => Entry {
        name: "empirical_overlap",
        direction: Higher,
        // One pixel more of 254 in common changes it by 0.004 and more.
        tolerance: tolerance(0.01, 0.0),
        formula: |image| Some(image.reference.empirical_overlap(image.pixels, image.class)),
        ..FRACTION
    },
    /// Relative L2 error `|x' - x| / |x|` of an image that reconstructs x. Missing if x
    /// is zero, undefined if nothing is reconstructed.
    ReconstructionError => Entry {
        name: "reconstruction_error",
        short: Some("error"),
        unit: "share",
        // Exact reconstructions differ between machines by rounding alone.
        needs: &[Need::Originals],
        missing: Some("originals of zeros"),
        // Of errors that are fractions the larger ones differ.
        is_logarithmic: false,
        formula: |image| similarity::relative_error(image.pixels, image.original?),
        ..MAGNITUDE
    },
    /// Roundness: the mean level in a ring around the middle minus that in a disc within.
    /// Levels run from the image's darkest pixel, 0, to its brightest, 1. In an image w
    /// pixels wide the ring is between w/6 and w/3 from the middle, the disc within w/8.
    /// Missing for an image of one value, undefined for one that is too small.
    RingContrast => Entry {
        name: "ring_contrast",
        direction: Higher,
        bounds: Bounds::new(-1.0, 1.0),
        needs: &[Need::Ring],
        missing: Some("images of one value"),
        on_request: true,
        formula: |image| regions::ring_contrast(image.pixels, image.reference.width),
        ..FRACTION
    },
    /// Sensitivity of the network to grey pixels relative to all others. A pixel's
    /// sensitivity is the change of the class's logit when the pixel alone moves by half
    /// of the pixel range, towards the farther end. Grey pixels are those in the middle
    /// third of the image's own levels. Missing without either kind.
    GreySensitivity => Entry {
        name: "grey_sensitivity",
        unit: "ratio",
        // Of two values, one is the darkest and one the brightest: neither is grey.
        needs: &[Need::Pixels(3)],
        missing: Some("images without grey, or of grey alone"),
        on_request: true,
        formula: |image| {
            let range = image.reference.range;
            regions::grey_sensitivity(image.network, image.pixels, range, image.class)
        },
        ..MAGNITUDE
    },
    /// Relative L2 error of the first hidden layer: its values for the inverse against
    /// those that the backward pass inverted there. 0 if the pass is exact. Undefined
    /// without hidden layers, missing for methods that are not layered.
    RoundTripFirst => Entry {
        name: "round_trip_first",
        formula: |image| image.round_trip.first(image.class),
        ..ROUND_TRIP
    },
    /// [`Metric::RoundTripFirst`] of the last hidden layer.
    RoundTripLast => Entry {
        name: "round_trip_last",
        formula: |image| image.round_trip.last(image.class),
        ..ROUND_TRIP
    },
    /// Fraction of the hidden values of all layers that the backward pass asks for and
    /// that the activation has no inverse for, before they are projected into its range.
    /// Missing where [`Metric::RoundTripFirst`] is.
    AskedOutOfRange => Entry {
        name: "asked_out_of_range",
        bounds: Bounds::FRACTION,
        // One hidden value of 200 is a fraction of 0.005.
        tolerance: tolerance(0.006, 0.0),
        is_logarithmic: false,
        formula: |image| image.round_trip.out_of_range(image.class),
        ..ROUND_TRIP
    },
    /// Root mean square difference per pixel from the nearest training image, as a
    /// fraction of the pixel range, after clipping every pixel into it.
    NearestDistance => Entry {
        name: "nearest_distance",
        needs_judges: true,
        formula: |image| Some(image.predictions?.clipped.nearest),
        ..FRACTION
    },
    /// Probability of the target class by the convolutional evaluator, for the image
    /// clipped into range.
    LegibilityConv => Entry {
        name: "legibility_conv",
        short: Some("conv clipped"),
        formula: |image| image.own(&image.predictions?.clipped.conv),
        ..BY_CONV
    },
    /// [`Metric::LegibilityConv`] by the k-NN classifier: the fraction of nearest
    /// neighbours of the target class.
    LegibilityKnn => Entry {
        name: "legibility_knn",
        short: Some("k-NN clipped"),
        formula: |image| image.own(&image.predictions?.clipped.knn),
        ..BY_KNN
    },
    /// [`Metric::LegibilityConv`] of the image as drawn: from the darkest to the
    /// brightest pixel of all classes' images.
    LegibilityConvDrawn => Entry {
        name: "legibility_conv_drawn",
        short: Some("conv"),
        formula: |image| image.own(&image.predictions?.drawn.conv),
        ..BY_CONV
    },
    /// [`Metric::LegibilityKnn`] of the image as drawn.
    LegibilityKnnDrawn => Entry {
        name: "legibility_knn_drawn",
        short: Some("k-NN"),
        formula: |image| image.own(&image.predictions?.drawn.knn),
        ..BY_KNN
    },
    /// Highest probability of any class by the convolutional evaluator, for the image
    /// clipped into range.
    LegibilityAnyConv => Entry {
        name: "legibility_any_conv",
        short: Some("any conv clipped"),
        formula: |image| highest(&image.predictions?.clipped.conv),
        ..BY_CONV
    },
    /// [`Metric::LegibilityAnyConv`] by the k-NN classifier.
    LegibilityAnyKnn => Entry {
        name: "legibility_any_knn",
        short: Some("any k-NN clipped"),
        formula: |image| highest(&image.predictions?.clipped.knn),
        ..BY_KNN
    },
    /// [`Metric::LegibilityAnyConv`] of the image as drawn.
    LegibilityAnyConvDrawn => Entry {
        name: "legibility_any_conv_drawn",
        short: Some("any conv"),
        formula: |image| highest(&image.predictions?.drawn.conv),
        ..BY_CONV
    },
    /// [`Metric::LegibilityAnyKnn`] of the image as drawn.
    LegibilityAnyKnnDrawn => Entry {
        name: "legibility_any_knn_drawn",
        short: Some("any k-NN"),
        formula: |image| highest(&image.predictions?.drawn.knn),
        ..BY_KNN
    },
    /// [`Metric::LegibilityConv`] of the class whose images carried the training label of
    /// the target class: another one where labels were swapped.
    LegibilityToldConv => Entry {
        name: "legibility_told_conv",
        short: Some("told conv clipped"),
        formula: |image| image.relabelled(&image.predictions?.clipped.conv),
        ..BY_CONV
    },
    /// [`Metric::LegibilityToldConv`] by the k-NN classifier.
    LegibilityToldKnn => Entry {
        name: "legibility_told_knn",
        short: Some("told k-NN clipped"),
        formula: |image| image.relabelled(&image.predictions?.clipped.knn),
        ..BY_KNN
    },
}

impl Metric {
    /// Returns the metrics that are measured where a spec names none, in the order of
    /// tables.
    #[must_use]
    pub fn usual(task: Task) -> Vec<Self> {
        let is_usual = |metric: &Self| {
            let entry = metric.entry();
            !entry.on_request && (task.reconstructs() || !entry.needs.contains(&Need::Originals))
        };
        Self::ALL.into_iter().filter(is_usual).collect()
    }

    /// Returns true if it is measured only where a spec names it: it answers the question
    /// of one source, or only makes sense for some specs.
    #[must_use]
    pub fn is_on_request(self) -> bool {
        self.entry().on_request
    }

    /// Returns the name in specs and tables.
    ///
    /// # Examples
    /// ```
    /// use backquery::metrics::Metric;
    ///
    /// assert_eq!(Metric::L2Distance.name(), "l2_distance");
    /// assert_eq!(Metric::named("l2_distance"), Some(Metric::L2Distance));
    /// ```
    #[must_use]
    pub fn name(self) -> &'static str {
        self.entry().name
    }

    /// Returns the unit.
    #[must_use]
    pub fn unit(self) -> &'static str {
        self.entry().unit
    }

    /// Returns the direction in which it is better.
    #[must_use]
    pub fn direction(self) -> Direction {
        self.entry().direction
    }

    /// Returns the lowest and the highest possible value; infinite without an end.
    #[must_use]
    pub fn bounds(self) -> Bounds {
        self.entry().bounds
    }

    /// Returns the best possible value: the bound in the better direction.
    ///
    /// # Examples
    /// ```
    /// use backquery::metrics::Metric;
    ///
    /// assert_eq!(Metric::TargetProbability.best(), 1.0);
    /// assert_eq!(Metric::L2Distance.best(), 0.0);
    /// ```
    #[must_use]
    pub fn best(self) -> f64 {
        let Bounds { low, high } = self.bounds();
        match self.direction() {
            Higher => high,
            Lower => low,
        }
    }

    /// Returns the difference that another machine may make.
    #[must_use]
    pub fn tolerance(self) -> Tolerance {
        self.entry().tolerance
    }

    /// Returns true for numbers of any magnitude, such as distances, which are drawn on
    /// logarithmic axes.
    #[must_use]
    pub fn is_logarithmic(self) -> bool {
        self.entry().is_logarithmic
    }

    /// Returns true if it needs the evaluators, or a search of the training images.
    #[must_use]
    pub fn needs_judges(self) -> bool {
        self.entry().needs_judges
    }

    /// Returns true if it needs the values that a layered inverse asks for on its
    /// backward pass.
    #[must_use]
    pub fn needs_backward_pass(self) -> bool {
        self.entry().needs.contains(&Need::BackwardPass)
    }

    /// Returns why no inverse of such a network has a value of this metric, to follow
    /// "undefined"; none if inverses can have one.
    #[must_use]
    pub fn undefined(self, of: &Measurable) -> Option<String> {
        self.entry().needs.iter().find_map(|need| need.unmet(of))
    }

    /// Returns the inverses that have no value of this metric although it is defined;
    /// none if every inverse has one.
    #[must_use]
    pub fn missing_for(self) -> Option<&'static str> {
        self.entry().missing
    }

    /// Returns a label for narrow places, such as under an image. Legibility is that of
    /// the image as drawn unless the label says otherwise.
    #[must_use]
    pub fn short(self) -> String {
        let Entry { name, short, .. } = self.entry();
        short.map_or_else(|| name.replace('_', " "), str::to_owned)
    }

    /// Returns the metric with this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|metric| metric.name() == name)
    }

    /// Returns the value for an image; none where the metric is undefined or missing.
    pub(super) fn of(self, image: &Image<'_>) -> Option<f64> {
        if self.undefined(image.measurable).is_some() {
            return None;
        }
        (self.entry().formula)(image)
    }
}

fn highest(probabilities: &[f64]) -> Option<f64> {
    probabilities.iter().copied().reduce(f64::max)
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
