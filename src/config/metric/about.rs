//! What there is to know of each metric beside its formula.

use super::{Direction, Metric};
use crate::config::scale::Bounds;
use crate::config::verify::{Tolerance, tolerance};

/// What there is to know of a metric beside its formula.
pub struct About {
    pub name: &'static str,
    pub unit: &'static str,
    pub direction: Direction,
    pub bounds: Bounds,
    /// How far the same number may be off on another machine.
    pub tolerance: Tolerance,
}

impl Metric {
    pub(super) fn about(self) -> About {
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
        let one = Bounds::FRACTION;
        let any = Bounds::FROM_ZERO;
        let probability = |name, direction| about(name, "probability", direction, one, share);
        // A judge that is trained elsewhere is a slightly other one; of ten
        // neighbours one may be another.
        let judged = |name| about(name, "probability", Higher, one, tolerance(0.05, 0.0));
        let voted = |name| about(name, "probability", Higher, one, tolerance(0.101, 0.0));
        let correlation = |name, bounds| about(name, "correlation", Higher, bounds, share);
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
            Self::ClassMeanCorrelation => {
                correlation("class_mean_correlation", Bounds::CORRELATION)
            }
            Self::ClassMeanMargin => correlation("class_mean_margin", Bounds::new(-2.0, 2.0)),
            Self::TotalVariation => about("total_variation", "share", Lower, one, share),
            // No pixel has more than four neighbours.
            Self::Roughness => about(
                "roughness",
                "deviations",
                Lower,
                Bounds::new(0.0, 4.0),
                share,
            ),
            // One pixel more of 254 in common changes it by 0.004 and more.
            Self::EmpiricalOverlap => about(
                "empirical_overlap",
                "share",
                Higher,
                one,
                tolerance(0.01, 0.0),
            ),
            // Where there is nothing but rounding, that of another machine is another one.
            Self::ReconstructionError => about(
                "reconstruction_error",
                "share",
                Lower,
                any,
                tolerance(1e-6, 1e-4),
            ),
            Self::RingContrast => about(
                "ring_contrast",
                "share",
                Higher,
                Bounds::new(-1.0, 1.0),
                share,
            ),
            Self::GreySensitivity => about("grey_sensitivity", "ratio", Lower, any, relative),
            Self::RoundTripFirst => about("round_trip_first", "share", Lower, any, relative),
            Self::RoundTripLast => about("round_trip_last", "share", Lower, any, relative),
            // One hidden value of 200 has a share of 0.005.
            Self::AskedOutOfRange => about(
                "asked_out_of_range",
                "share",
                Lower,
                one,
                tolerance(0.006, 0.0),
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
}
