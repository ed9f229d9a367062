//! Needs of metrics: without them no inverse has a value.

use super::regions::has_ring;
use crate::data::ImageSize;
use crate::model::Output;

/// Facts that decide which metrics are defined.
#[derive(Debug, Clone, Copy)]
pub struct Measurable {
    /// Output activation.
    pub output: Output,
    /// True if the network has hidden layers.
    pub has_hidden: bool,
    /// True if test images are reconstructed.
    pub reconstructs: bool,
    /// Size of the images, if it is known.
    pub size: Option<ImageSize>,
}

/// Requirement of a metric.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Requirement {
    /// Outputs that are probabilities.
    Probabilities,
    /// A single layer, so that the nearest image in range can be found.
    OneLayer,
    /// Hidden layers, and an inversion that goes through them one by one.
    BackwardPass,
    /// Images to be reconstructed.
    Originals,
    /// At least this many pixels, of different values.
    Pixels(usize),
    /// At least this many pixels across and down.
    Sides(usize),
    /// Pixels in the ring and in the disc of [`super::Metric::RingContrast`].
    Ring,
}

impl Requirement {
    /// Returns the need in words.
    pub fn text(self) -> String {
        match self {
            Self::Probabilities => "outputs that are probabilities".to_owned(),
            Self::OneLayer => "a network without hidden layers".to_owned(),
            Self::BackwardPass => "a network with hidden layers".to_owned(),
            Self::Originals => "`task = \"reconstruct\"`".to_owned(),
            Self::Pixels(least) => format!("images of at least {least} pixels"),
            Self::Sides(least) => format!("images of at least {least} x {least} pixels"),
            Self::Ring => "images with pixels in the ring and in the disc".to_owned(),
        }
    }

    /// Returns why the need is not met, to follow "undefined"; none if it is met.
    pub fn unmet(self, of: &Measurable) -> Option<String> {
        let small = |size: ImageSize| format!("for images of {size} pixels, which are too small");
        match self {
            Self::Probabilities => {
                (of.output == Output::Linear).then(|| "for linear outputs".to_owned())
            }
            Self::OneLayer => of.has_hidden.then(|| "with hidden layers".to_owned()),
            Self::BackwardPass => (!of.has_hidden).then(|| "without hidden layers".to_owned()),
            Self::Originals => {
                (!of.reconstructs).then(|| "without `task = \"reconstruct\"`".to_owned())
            }
            Self::Pixels(least) => of.size.filter(|size| size.pixels() < least).map(small),
            Self::Sides(least) => of
                .size
                .filter(|size| size.width.min(size.height) < least)
                .map(small),
            Self::Ring => of.size.filter(|size| !has_ring(*size)).map(small),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::Metric;

    const SLP: Measurable = Measurable {
        output: Output::Softmax,
        has_hidden: false,
        reconstructs: false,
        size: None,
    };

    #[test]
    fn a_network_has_the_metrics_that_its_parts_allow() {
        let undefined = |metric: Metric, of| metric.undefined(&of).unwrap_or_default();
        let mlp = Measurable {
            has_hidden: true,
            ..SLP
        };
        let linear = Measurable {
            output: Output::Linear,
            ..SLP
        };
        let reconstructs = Measurable {
            reconstructs: true,
            ..SLP
        };
        assert_eq!(undefined(Metric::L1Gap, SLP), "");
        assert_eq!(undefined(Metric::L1Gap, mlp), "with hidden layers");
        assert_eq!(undefined(Metric::RoundTripLast, mlp), "");
        assert_eq!(
            undefined(Metric::RoundTripLast, SLP),
            "without hidden layers"
        );
        assert_eq!(undefined(Metric::OutputError, linear), "for linear outputs");
        assert_eq!(undefined(Metric::ReconstructionError, reconstructs), "");
        assert_eq!(
            undefined(Metric::ReconstructionError, SLP),
            "without `task = \"reconstruct\"`"
        );
    }

    #[test]
    fn small_images_lack_some_metrics() {
        let lacking = |width, height| {
            let size = Some(ImageSize { width, height });
            let of = Measurable { size, ..SLP };
            let metrics = [
                Metric::TotalVariation,
                Metric::GreySensitivity,
                Metric::RingContrast,
                Metric::EmpiricalOverlap,
            ];
            metrics.map(|metric| metric.undefined(&of).is_some())
        };
        assert_eq!(lacking(1, 1), [true, true, true, false]);
        assert_eq!(lacking(1, 2), [false, true, true, false]);
        assert_eq!(lacking(6, 6), [false; 4]);
        assert_eq!(lacking(28, 1), [false; 4]);
        assert_eq!(lacking(1, 28), [false, false, true, false]);
        let of_size = |width, height| Measurable {
            reconstructs: true,
            size: Some(ImageSize { width, height }),
            ..SLP
        };
        assert_eq!(
            Metric::Ssim.undefined(&of_size(28, 10)),
            Some("for images of 28 x 10 pixels, which are too small".to_owned())
        );
        assert_eq!(Metric::Ssim.undefined(&of_size(11, 11)), None);
    }
}
