//! What each metric needs: without it, no inverse has a value of the metric.

use super::Metric;
use crate::config::model::Output;
use crate::config::size::ImageSize;

/// What decides which metrics are defined.
#[derive(Debug, Clone, Copy)]
pub struct Measurable {
    /// What follows the last layer.
    pub output: Output,
    /// Whether the network has hidden layers.
    pub has_hidden: bool,
    /// Whether test images are reconstructed.
    pub reconstructs: bool,
    /// The size of the images, if it is known.
    pub size: Option<ImageSize>,
}

/// What a metric needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Need {
    /// Nothing that an inverse may lack.
    Nothing,
    /// Outputs that are probabilities.
    Probabilities,
    /// A single layer, of which the nearest image in range can be found.
    OneLayer,
    /// Hidden layers, and an inversion that goes through them one by one.
    WayBack,
    /// Images to be reconstructed.
    Originals,
    /// At least this many pixels of different values.
    Pixels(usize),
    /// Pixels in the ring and in the disc of [`Metric::RingContrast`].
    Ring,
}

impl Metric {
    /// Returns why no inverse of such a network has a value of this metric, to follow
    /// "undefined"; none if inverses can have one.
    #[must_use]
    pub fn undefined(self, of: &Measurable) -> Option<String> {
        let small = |size: ImageSize| format!("for images of {size} pixels, which are too small");
        match self.need() {
            Need::Nothing => None,
            Need::Probabilities => {
                (of.output == Output::Linear).then(|| "for linear outputs".to_owned())
            }
            Need::OneLayer => of.has_hidden.then(|| "with hidden layers".to_owned()),
            Need::WayBack => (!of.has_hidden).then(|| "without hidden layers".to_owned()),
            Need::Originals => {
                (!of.reconstructs).then(|| "without `task = \"reconstruct\"`".to_owned())
            }
            Need::Pixels(least) => of.size.filter(|size| size.pixels() < least).map(small),
            Need::Ring => of.size.filter(|size| !has_ring(*size)).map(small),
        }
    }

    /// Returns which inverses have no value of this metric although it is defined;
    /// none if every inverse has one.
    #[must_use]
    pub fn missing_for(self) -> Option<&'static str> {
        match self.need() {
            Need::Nothing | Need::Probabilities => None,
            Need::OneLayer => Some("targets whose nearest image in range was not found"),
            Need::WayBack => Some("methods other than `layered`, and targets of zeros"),
            Need::Originals => Some("originals of zeros"),
            Need::Pixels(_) | Need::Ring if self == Self::GreySensitivity => {
                Some("images without grey, or of grey alone")
            }
            Need::Pixels(_) | Need::Ring => Some("images of one value"),
        }
    }

    /// Returns true if it is about the values that a layered inverse asks for on its way.
    #[must_use]
    pub fn needs_way_back(self) -> bool {
        self.need() == Need::WayBack
    }

    fn need(self) -> Need {
        match self {
            Self::TargetProbability | Self::TargetProbabilityClipped | Self::OutputError => {
                Need::Probabilities
            }
            Self::L1Gap | Self::L2Gap => Need::OneLayer,
            Self::RoundTripFirst | Self::RoundTripLast | Self::AskedOutOfRange => Need::WayBack,
            Self::ReconstructionError => Need::Originals,
            Self::ClassMeanCorrelation
            | Self::ClassMeanMargin
            | Self::TotalVariation
            | Self::Roughness => Need::Pixels(2),
            // Of two values, one is the darkest and one the brightest: neither is grey.
            Self::GreySensitivity => Need::Pixels(3),
            Self::RingContrast => Need::Ring,
            Self::L1Distance
            | Self::L2Distance
            | Self::OutOfRange
            | Self::LargestMagnitude
            | Self::EmpiricalOverlap
            | Self::NearestDistance
            | Self::LegibilityConv
            | Self::LegibilityKnn
            | Self::LegibilityConvDrawn
            | Self::LegibilityKnnDrawn
            | Self::LegibilityAnyConv
            | Self::LegibilityAnyKnn
            | Self::LegibilityAnyConvDrawn
            | Self::LegibilityAnyKnnDrawn
            | Self::LegibilityToldConv
            | Self::LegibilityToldKnn => Need::Nothing,
        }
    }
}

/// Images at least this wide have a ring and a disc, whatever their height: the ring is
/// two pixels broad, and the disc is wider than a pixel.
const WITH_RING: usize = 12;

/// Returns true if some pixel lies in the ring of [`Metric::RingContrast`] and some in
/// its disc.
fn has_ring(size: ImageSize) -> bool {
    let ImageSize { width, height } = size;
    if width >= WITH_RING {
        return true;
    }
    let (across, down) = (width as f64, height as f64);
    // Rows farther from the middle than the image is wide have neither.
    let middle = height / 2;
    let rows = middle.saturating_sub(width)..height.min(middle + width + 1);
    let distance = |x: usize, y: usize| {
        let (x, y) = (
            x as f64 - (across - 1.0) / 2.0,
            y as f64 - (down - 1.0) / 2.0,
        );
        x.hypot(y)
    };
    let has = |from: f64, to: f64| {
        let mut places = rows.clone().flat_map(|y| (0..width).map(move |x| (x, y)));
        places.any(|(x, y)| (from..to).contains(&distance(x, y)))
    };
    has(across / 6.0, across / 3.0) && has(0.0, across / 8.0)
}

#[cfg(test)]
mod tests {
    use super::*;

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
    }
}
