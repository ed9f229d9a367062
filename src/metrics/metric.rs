//! Metrics: one entry per metric with its name, unit, direction, bounds, needs and
//! formula. Longer formulas are files below this one.

#[macro_use]
mod define;
mod entry;
mod legibility;
mod lookup;
mod optimality_gap;
mod psnr;
mod regions;
mod requirement;
mod round_trip;
mod similarity;
mod ssim;

use serde::Serialize;

use crate::config::{Bounds, Norm, Tolerance};
use entry::Direction::{Higher, Lower};
use entry::{
    Asked, CORRELATION, FRACTION, GAP, MAGNITUDE, MetricEntry, PROBABILITY, READ, ROUND_TRIP,
    SPECIFICALLY_READ,
};
pub use entry::{Direction, Landmark};
use legibility::{Legibility, OWN, ReadBy, SPECIFIC, Subject, View};
pub(super) use optimality_gap::LeastDistances;
pub use psnr::psnr;
pub use requirement::Measurable;
use requirement::Requirement;
pub(super) use round_trip::RoundTrip;
pub use similarity::{ComparedImage, Reference};
pub use ssim::ssim;

metrics! {
    /// Probability of the target class: softmax, or with logistic outputs the product of
    /// `s(z_n)` and every other `1 - s(z_j)`.
    TargetProbability => MetricEntry {
        name: "target_probability",
        label: "Target probability",
        short: Some("p"),
        formula: |image| image.probability(image.logits),
        ..PROBABILITY
    },
    /// [`Metric::TargetProbability`] after clipping every pixel into range.
    TargetProbabilityClipped => MetricEntry {
        name: "target_probability_clipped",
        label: "Target probability, clipped into range",
        short: Some("p clipped"),
        formula: |image| image.probability(image.clipped_logits),
        ..PROBABILITY
    },
    /// `max_k |y_k - [k = n]|`: distance of the outputs from the perfect ones of
    /// Lai 2021, section 1.3.3. Below 0.005 they agree to two decimals.
    OutputError => MetricEntry {
        name: "output_error",
        label: "Output error",
        direction: Lower,
        formula: |image| image.network.output.class_error(image.logits, image.class),
        ..PROBABILITY
    },
    /// `sum_k |z'_k - z_k|`.
    L1Distance => MetricEntry {
        name: "l1_distance",
        label: "L1 distance from the target",
        formula: |image| Some(Norm::L1.of(&image.residual(image.given))),
        ..MAGNITUDE
    },
    /// `sqrt(sum_k (z'_k - z_k)^2)`.
    L2Distance => MetricEntry {
        name: "l2_distance",
        label: "L2 distance from the target",
        formula: |image| Some(Norm::L2.of(&image.residual(image.given))),
        ..MAGNITUDE
    },
    /// [`Metric::L1Distance`], after clipping every pixel into range, minus the least
    /// that any image in range has: that of the ideal input of Lai 2021, section 1.3.3.
    /// Undefined with hidden layers, where the optimum is unknown.
    L1Gap => MetricEntry {
        name: "l1_gap",
        label: "L1 distance beyond the optimum in range",
        formula: |image| image.optimality_gap(Norm::L1),
        ..GAP
    },
    /// [`Metric::L1Gap`] of [`Metric::L2Distance`].
    L2Gap => MetricEntry {
        name: "l2_gap",
        label: "L2 distance beyond the optimum in range",
        formula: |image| image.optimality_gap(Norm::L2),
        ..GAP
    },
    /// Fraction of pixels outside the pixel range.
    OutOfRange => MetricEntry {
        name: "out_of_range",
        label: "Pixels out of range",
        // A pixel of 784 is a fraction of 0.0013.
        tolerance: Tolerance::new(0.002, 0.0),
        formula: |image| Some(regions::out_of_range(image.pixels, image.reference.range)),
        ..FRACTION
    },
    /// `max_i |x_i|`, in the units of the pixel range.
    LargestMagnitude => MetricEntry {
        name: "largest_magnitude",
        label: "Largest absolute pixel",
        unit: "pixel value",
        formula: |image| Some(image.pixels.iter().fold(0.0, |most: f64, x| most.max(x.abs()))),
        ..MAGNITUDE
    },
    /// Pearson's correlation, over the pixels, with the mean training image of the class.
    /// Missing for an image of one value.
    ClassMeanCorrelation => MetricEntry {
        name: "class_mean_correlation",
        label: "Correlation with the class mean",
        formula: |image| image.reference.correlation(image.pixels, image.class),
        ..CORRELATION
    },
    /// [`Metric::ClassMeanCorrelation`] minus the highest correlation with the mean of
    /// another class: above 0 the image is most similar to its own class.
    ClassMeanMargin => MetricEntry {
        name: "class_mean_margin",
        label: "Margin of the correlation over other classes",
        bounds: Bounds::new(-2.0, 2.0),
        formula: |image| image.reference.margin(image.pixels, image.class),
        ..CORRELATION
    },
    /// Mean of `|x_i - x_j|` over neighbouring pixels, across and down, as a fraction of
    /// the image's own `max - min`. A checkerboard has 1, and more contrast means a
    /// higher value. Missing for an image of one value.
    TotalVariation => MetricEntry {
        name: "total_variation",
        label: "Total variation",
        needs: &[Requirement::Pixels(2)],
        missing: Some("images of one value"),
        formula: |image| similarity::total_variation(image.pixels, image.reference.width),
        ..FRACTION
    },
    /// Mean of `|x_i - x_j|` over neighbouring pixels divided by the standard deviation
    /// of all pixels: independent of contrast. White noise has 1.13. Missing for an image
    /// of one value.
    Roughness => MetricEntry {
        name: "roughness",
        label: "Roughness",
        reference: Some(Landmark { value: 1.13, name: "white noise" }),
        unit: "deviations",
        // No pixel has more than four neighbours.
        bounds: Bounds::new(0.0, 4.0),
        needs: &[Requirement::Pixels(2)],
        missing: Some("images of one value"),
        formula: |image| similarity::roughness(image.pixels, image.reference.width),
        ..FRACTION
    },
    /// Intersection over union of the highest pixels with those that the empirical method
    /// (Lai 2021, Algorithm 1) lights on the same network: a third of all, 254 of
    /// 28 x 28. Two random choices of 254 of 784 pixels have about 0.19.
    EmpiricalOverlap => MetricEntry {
        name: "empirical_overlap",
        label: "Overlap with the empirical inverse",
        reference: Some(Landmark { value: 0.19, name: "chance" }),
        direction: Higher,
        // One pixel more of 254 in common changes it by 0.004 and more.
        tolerance: Tolerance::new(0.01, 0.0),
        formula: |image| Some(image.reference.empirical_overlap(image.pixels, image.class)),
        ..FRACTION
    },
    /// Relative L2 error `|x' - x| / |x|` of an image that reconstructs x. Missing if x
    /// is zero, undefined if nothing is reconstructed.
    ReconstructionError => MetricEntry {
        name: "reconstruction_error",
        label: "Reconstruction error",
        short: Some("error"),
        unit: "share",
        needs: &[Requirement::Originals],
        missing: Some("originals of zeros"),
        formula: |image| similarity::relative_error(image.pixels, image.original?),
        // Its tolerance suits it: exact reconstructions differ between machines by
        // rounding alone.
        ..MAGNITUDE
    },
    /// Peak signal-to-noise ratio in dB of an image that reconstructs x, with pixels as
    /// fractions of the range: `-10 log10(MSE)`, at most 100, also for identical images.
    Psnr => MetricEntry {
        name: "psnr",
        label: "Peak signal-to-noise ratio",
        short: Some("PSNR"),
        unit: "dB",
        direction: Higher,
        bounds: Bounds::new(f64::NEG_INFINITY, psnr::MAX_PSNR),
        tolerance: Tolerance::new(1e-3, 1e-4),
        needs: &[Requirement::Originals],
        on_request: true,
        formula: |image| {
            Some(psnr(image.pixels, image.original?, image.reference.range))
        },
        ..FRACTION
    },
    /// Structural similarity (Wang et al. 2004) of an image that reconstructs x: the mean
    /// over all positions of a Gaussian window of 11 x 11 inside the image, with pixels as
    /// fractions of the range. Undefined for images smaller than the window.
    Ssim => MetricEntry {
        name: "ssim",
        label: "Structural similarity",
        short: Some("SSIM"),
        unit: "similarity",
        direction: Higher,
        bounds: Bounds::CORRELATION,
        needs: &[Requirement::Originals, Requirement::Sides(ssim::WINDOW)],
        missing: Some("images of pixels beyond 1e300"),
        on_request: true,
        formula: |image| {
            let Reference { range, width, .. } = *image.reference;
            ssim(image.pixels, image.original?, width, range)
        },
        ..FRACTION
    },
    /// Roundness: the mean level in a ring around the middle minus that in a disc within.
    /// Levels run from the image's darkest pixel, 0, to its brightest, 1. In an image w
    /// pixels wide the ring is between w/6 and w/3 from the middle, the disc within w/8.
    /// Missing for an image of one value, undefined for one that is too small.
    RingContrast => MetricEntry {
        name: "ring_contrast",
        label: "Contrast of a ring",
        direction: Higher,
        bounds: Bounds::new(-1.0, 1.0),
        needs: &[Requirement::Ring],
        missing: Some("images of one value"),
        on_request: true,
        formula: |image| regions::ring_contrast(image.pixels, image.reference.width),
        ..FRACTION
    },
    /// Sensitivity of the network to grey pixels relative to all others. A pixel's
    /// sensitivity is the change of the class's logit when the pixel alone moves by half
    /// of the pixel range, towards the farther end. Grey pixels are those in the middle
    /// third of the image's own levels. Missing without either kind.
    GreySensitivity => MetricEntry {
        name: "grey_sensitivity",
        label: "Sensitivity to grey pixels",
        unit: "ratio",
        // Of two values, one is the darkest and one the brightest: neither is grey.
        needs: &[Requirement::Pixels(3)],
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
    RoundTripFirst => MetricEntry {
        name: "round_trip_first",
        label: "Round-trip error, first hidden layer",
        formula: |image| image.round_trip.first(image.class),
        ..ROUND_TRIP
    },
    /// [`Metric::RoundTripFirst`] of the last hidden layer.
    RoundTripLast => MetricEntry {
        name: "round_trip_last",
        label: "Round-trip error, last hidden layer",
        formula: |image| image.round_trip.last(image.class),
        ..ROUND_TRIP
    },
    /// Fraction of the hidden values of all layers that the backward pass asks for and
    /// that the activation has no inverse for, before they are projected into its range.
    /// Missing where [`Metric::RoundTripFirst`] is.
    AskedOutOfRange => MetricEntry {
        name: "asked_out_of_range",
        label: "Hidden values without a preimage",
        bounds: Bounds::FRACTION,
        // One hidden value of 200 is a fraction of 0.005.
        tolerance: Tolerance::new(0.006, 0.0),
        is_logarithmic: false,
        formula: |image| image.round_trip.out_of_range(image.class),
        ..ROUND_TRIP
    },
    /// Transfer: mean [`Metric::TargetProbability`] by three companions, networks of the
    /// same spec with the seeds 1000, 1001 and 1002, or the next one for a companion's own
    /// seed. They had no part in the inversion.
    Transfer => MetricEntry {
        name: "transfer",
        label: "Transfer to other networks",
        asks: Asked::Companions,
        on_request: true,
        formula: |image| image.transfer(),
        ..PROBABILITY
    },
    /// Root mean square difference per pixel from the nearest training image, as a
    /// fraction of the pixel range, after clipping every pixel into it.
    NearestDistance => MetricEntry {
        name: "nearest_distance",
        label: "Distance to the nearest training image",
        asks: Asked::Judges,
        formula: |image| Some(image.readings.get(image.class)?.nearest),
        ..FRACTION
    },
    /// Specific legibility of the image clipped into range: the probability of the target
    /// class, as all evaluators read it, minus the mean probability of that class in the
    /// images of the other classes by the same inversion. 1 if evaluators read the class in
    /// its own image only, 0 by chance, whatever class an evaluator prefers. Missing with a
    /// single class.
    Legibility => MetricEntry {
        name: "legibility",
        label: "Specific legibility, clipped into range",
        short: Some("legibility clipped"),
        legibility: Some(SPECIFIC),
        ..SPECIFICALLY_READ
    },
    /// [`Metric::Legibility`] of the image as drawn: from the darkest to the brightest
    /// pixel of all classes' images.
    LegibilityDrawn => MetricEntry {
        name: "legibility_drawn",
        label: "Specific legibility, as drawn",
        short: Some("legibility"),
        legibility: Some(Legibility { view: View::Drawn, ..SPECIFIC }),
        ..SPECIFICALLY_READ
    },
    /// Probability of the target class, for the image clipped into range: half the mean of
    /// the convolutional evaluators, half the k-NN classifier.
    LegibilityRead => MetricEntry {
        name: "legibility_read",
        label: "Target class read, clipped into range",
        short: Some("read clipped"),
        legibility: Some(OWN),
        ..READ
    },
    /// [`Metric::LegibilityRead`] of the image as drawn.
    LegibilityReadDrawn => MetricEntry {
        name: "legibility_read_drawn",
        label: "Target class read, as drawn",
        short: Some("read"),
        legibility: Some(Legibility { view: View::Drawn, ..OWN }),
        ..READ
    },
    /// [`Metric::LegibilityRead`] by the convolutional evaluators alone: their mean.
    LegibilityConv => MetricEntry {
        name: "legibility_conv",
        label: "Target class read by networks, clipped",
        short: Some("conv clipped"),
        legibility: Some(Legibility { by: ReadBy::Convs, ..OWN }),
        ..READ
    },
    /// [`Metric::LegibilityRead`] by the k-NN classifier alone.
    LegibilityKnn => MetricEntry {
        name: "legibility_knn",
        label: "Target class read by k-NN, clipped",
        short: Some("k-NN clipped"),
        legibility: Some(Legibility { by: ReadBy::Knn, ..OWN }),
        ..READ
    },
    /// [`Metric::LegibilityConv`] of the image as drawn.
    LegibilityConvDrawn => MetricEntry {
        name: "legibility_conv_drawn",
        label: "Target class read by networks, as drawn",
        short: Some("conv"),
        legibility: Some(Legibility { view: View::Drawn, by: ReadBy::Convs, ..OWN }),
        ..READ
    },
    /// [`Metric::LegibilityKnn`] of the image as drawn.
    LegibilityKnnDrawn => MetricEntry {
        name: "legibility_knn_drawn",
        label: "Target class read by k-NN, as drawn",
        short: Some("k-NN"),
        legibility: Some(Legibility { view: View::Drawn, by: ReadBy::Knn, ..OWN }),
        ..READ
    },
    /// Probability that the image, clipped into range, shows any class of the data file: 1
    /// minus that of "none".
    LegibilityAny => MetricEntry {
        name: "legibility_any",
        label: "Any class read, clipped into range",
        short: Some("any clipped"),
        legibility: Some(Legibility { of: Subject::Any, ..OWN }),
        ..READ
    },
    /// [`Metric::LegibilityAny`] of the image as drawn.
    LegibilityAnyDrawn => MetricEntry {
        name: "legibility_any_drawn",
        label: "Any class read, as drawn",
        short: Some("any"),
        legibility: Some(Legibility { of: Subject::Any, view: View::Drawn, ..OWN }),
        ..READ
    },
    /// [`Metric::Legibility`] of the class whose images carried the training label of the
    /// target class: another one where labels were swapped.
    LegibilityTold => MetricEntry {
        name: "legibility_told",
        label: "Specific legibility of the training label",
        short: Some("told clipped"),
        legibility: Some(Legibility { of: Subject::Told, ..SPECIFIC }),
        ..SPECIFICALLY_READ
    },
}
