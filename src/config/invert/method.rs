//! `method`: how an input is found.

use serde::Serialize;

use super::likeliest::{self, Likeliest, PriorOf};
use crate::config::reader::Reader;
use crate::config::tree::{ABOVE_0, Node, ZERO_OR_ABOVE};

/// How an input is found.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(tag = "method", rename_all = "snake_case")]
pub enum Method {
    /// Score each pixel alone, light the best (Lai 2021, section 2.1).
    Empirical {
        /// What makes a pixel good.
        score: Score,
        /// How many are lit, 1 to 255; none if the spec does not tell, and the size of
        /// the images is not known yet: [`default_lit`].
        #[serde(skip_serializing_if = "Option::is_none")]
        pixels: Option<usize>,
    },
    /// From the output back, layer by layer (Lai 2021, section 2.2, and the back
    /// query of Rashid).
    Layered(Layered),
    /// The likeliest input under a Gaussian of the training data, without labels.
    Gaussian(Likeliest),
    /// The same under a mixture of Gaussians, fitted without labels.
    Mixture(Likeliest),
    /// The one in range whose logits are nearest the target: the ideal input of Lai 2021,
    /// section 1.3.3.
    Bounded {
        /// In which they are near.
        norm: Norm,
    },
    /// By small steps down the slope of the distance from the target, inside the
    /// pixel range.
    Gradient(Descent),
    /// What a small network draws that was trained to find pixels by logits, without
    /// labels.
    Decoder(Decoder),
    /// A training image: one of those that the network tells best from the other
    /// classes, whatever their labels.
    Exemplar {
        /// Which of them, the best being the first.
        rank: usize,
    },
    /// The mean training image of the class.
    ClassMean,
    /// The test image that is to be reconstructed.
    Original,
}

/// How good a single lit pixel is for a class.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Score {
    /// -||z' - z||_1, the text's Algorithm 1.
    L1,
    /// The target's logit minus all others, the author's code.
    SignedSum,
}

/// How each layer is undone.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Layered {
    /// What undoes the weights.
    pub layer: LayerInverse,
    /// What becomes of the biases.
    pub bias: Bias,
    /// What becomes of values that nothing gives.
    #[serde(skip_serializing_if = "Domain::is_none")]
    pub domain: Domain,
}

/// What stands in for the inverse of a layer's weights.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LayerInverse {
    /// The Moore-Penrose inverse.
    PseudoInverse,
    /// The weights the other way round, W^T, as Rashid has it.
    Transpose,
    /// The inverse that also keeps its results small: `(W^T W + lambda I)^-1 W^T`.
    Ridge(f64),
    /// The Moore-Penrose inverse of so many of the largest singular values.
    Truncated(usize),
    /// The likeliest input of the layer under a Gaussian of what it gets from the
    /// training data, its covariance shrunk by this share.
    Gaussian(f64),
}

/// What to do with a layer's biases on the way back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Bias {
    /// Undo them, which makes the inverse exact.
    Subtract,
    /// Leave them, as Lai 2021, section 2.2.2, does for the SLP.
    Ignore,
}

/// How differences of logits add up to a distance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Norm {
    /// The sum of their magnitudes.
    L1,
    /// The root of the sum of their squares.
    L2,
}

/// What becomes of values that nothing gives: of hidden units beyond the range of
/// their activation, before it is undone, and in the end of pixels beyond that of
/// images.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Domain {
    /// They stay, if the activation has an inverse for them.
    None,
    /// They are brought to the nearest end of the range.
    Clip,
    /// All values of the layer are brought into the range, in proportion.
    Rescale,
}

impl Domain {
    /// Serde hands a reference.
    #[expect(clippy::trivially_copy_pass_by_ref)]
    fn is_none(&self) -> bool {
        *self == Self::None
    }
}

/// How the gradient method goes down.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Descent {
    /// How many steps.
    pub steps: usize,
    /// The size of the first steps, as a share of the pixel range.
    pub learning_rate: f64,
    /// The weight of the mean step between neighbouring pixels.
    pub total_variation: f64,
    /// The weight of the mean square of the pixels.
    pub l2: f64,
    /// From how many random images it starts; the best end is taken.
    pub restarts: usize,
}

/// What the decoder is, and how long it is trained.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Decoder {
    /// Units of its hidden layer; with none it is linear.
    pub hidden: usize,
    /// Passes over the training rows.
    pub epochs: usize,
}

impl Method {
    /// What it has to know of the training data beforehand.
    #[must_use]
    pub fn prior(&self) -> Option<PriorOf> {
        match self {
            Self::Gaussian(likeliest) | Self::Mixture(likeliest) => Some(likeliest.prior),
            Self::Layered(Layered {
                layer: LayerInverse::Gaussian(_),
                ..
            }) => Some(PriorOf::default()),
            _ => None,
        }
    }

    /// True if it looks at images of the data set, beyond what a prior tells of them.
    #[must_use]
    pub fn needs_samples(&self) -> bool {
        let looks = matches!(
            self,
            Self::Decoder(_) | Self::Exemplar { .. } | Self::ClassMean | Self::Original
        );
        looks || self.prior().is_some()
    }
}

/// Levels 255, 254, ... 1 light at most this many pixels.
const MOST_LIT: usize = 255;

/// Pixels of an image of 28 x 28, and how many of them Algorithm 1 of Lai 2021 lights
/// (the author's code lights 255).
const DIGIT: usize = 784;
const LIT_OF_DIGIT: usize = 254;

/// Returns how many pixels of an image the empirical method lights unless a spec says
/// how many: a third, as of the images of Lai 2021.
#[must_use]
pub fn default_lit(pixels: usize) -> usize {
    match pixels {
        DIGIT => LIT_OF_DIGIT,
        pixels => (pixels / 3).clamp(1, MOST_LIT),
    }
}

/// More takes longer than anybody waits.
const MOST_STEPS: usize = 100_000;
const MOST_RESTARTS: usize = 1000;
const MOST_UNITS: usize = 10_000;

/// Reads `method` and the keys that belong to it.
pub fn read(table: &Reader<'_>) -> Option<Method> {
    #[derive(Clone, Copy)]
    enum Kind {
        Empirical,
        Layered,
        Gaussian,
        Mixture,
        Bounded,
        Gradient,
        Decoder,
        Exemplar,
        ClassMean,
        Original,
    }
    let kinds = [
        ("empirical", Kind::Empirical),
        ("layered", Kind::Layered),
        ("gaussian", Kind::Gaussian),
        ("mixture", Kind::Mixture),
        ("bounded", Kind::Bounded),
        ("gradient", Kind::Gradient),
        ("decoder", Kind::Decoder),
        ("exemplar", Kind::Exemplar),
        ("class_mean", Kind::ClassMean),
        ("original", Kind::Original),
    ];
    Some(match table.require_choice("method", &kinds)? {
        Kind::Empirical => read_empirical(table),
        Kind::Layered => Method::Layered(read_layered(table)),
        Kind::Gaussian => Method::Gaussian(likeliest::read(table, false)),
        Kind::Mixture => Method::Mixture(likeliest::read(table, true)),
        Kind::Bounded => Method::Bounded {
            norm: table
                .choice("norm", &[("l1", Norm::L1), ("l2", Norm::L2)])
                .unwrap_or(Norm::L2),
        },
        Kind::Gradient => Method::Gradient(read_descent(table)),
        Kind::Decoder => Method::Decoder(read_decoder(table)),
        Kind::Exemplar => Method::Exemplar {
            rank: table
                .get("rank", "a whole number from 1", Node::positive)
                .unwrap_or(1),
        },
        Kind::ClassMean => Method::ClassMean,
        Kind::Original => Method::Original,
    })
}

fn read_empirical(table: &Reader<'_>) -> Method {
    let scores = [("l1", Score::L1), ("signed_sum", Score::SignedSum)];
    let score = table.choice("score", &scores);
    let pixels = table.get("pixels", "a number of pixels from 1 to 255", |v| {
        v.positive().filter(|&n| n <= MOST_LIT)
    });
    Method::Empirical {
        score: score.unwrap_or(Score::L1),
        pixels,
    }
}

fn read_layered(table: &Reader<'_>) -> Layered {
    let bias = table.choice(
        "bias",
        &[("subtract", Bias::Subtract), ("ignore", Bias::Ignore)],
    );
    let domains = [
        ("none", Domain::None),
        ("clip", Domain::Clip),
        ("rescale", Domain::Rescale),
    ];
    let domain = table.choice("domain", &domains);
    Layered {
        layer: read_layer(table).unwrap_or(LayerInverse::PseudoInverse),
        bias: bias.unwrap_or(Bias::Subtract),
        domain: domain.unwrap_or(Domain::None),
    }
}

fn read_layer(table: &Reader<'_>) -> Option<LayerInverse> {
    #[derive(Clone, Copy)]
    enum Kind {
        PseudoInverse,
        Transpose,
        Ridge,
        Truncated,
        Gaussian,
    }
    let kinds = [
        ("pseudo_inverse", Kind::PseudoInverse),
        ("transpose", Kind::Transpose),
        ("ridge", Kind::Ridge),
        ("truncated", Kind::Truncated),
        ("gaussian", Kind::Gaussian),
    ];
    match table.choice("layer", &kinds)? {
        Kind::PseudoInverse => Some(LayerInverse::PseudoInverse),
        Kind::Transpose => Some(LayerInverse::Transpose),
        Kind::Ridge => {
            let lambda = table.require("lambda", ABOVE_0, Node::above_0);
            lambda.map(LayerInverse::Ridge)
        }
        Kind::Truncated => {
            let must_be = "a number of singular values from 1";
            let rank = table.require("rank", must_be, Node::positive);
            rank.map(LayerInverse::Truncated)
        }
        Kind::Gaussian => Some(LayerInverse::Gaussian(likeliest::read_shrinkage(table))),
    }
}

fn read_descent(table: &Reader<'_>) -> Descent {
    let count = |key, most: usize| {
        let must_be = format!("a whole number from 1 to {most}");
        table.get(key, &must_be, |v| v.positive().filter(|&n| n <= most))
    };
    let (steps, restarts) = (count("steps", MOST_STEPS), count("restarts", MOST_RESTARTS));
    let learning_rate = table.get("learning_rate", ABOVE_0, Node::above_0);
    let weight = |key| table.get(key, ZERO_OR_ABOVE, Node::zero_or_above);
    Descent {
        steps: steps.unwrap_or(200),
        learning_rate: learning_rate.unwrap_or(0.05),
        total_variation: weight("total_variation").unwrap_or(0.0),
        l2: weight("l2").unwrap_or(0.0),
        restarts: restarts.unwrap_or(4),
    }
}

fn read_decoder(table: &Reader<'_>) -> Decoder {
    let must_be = format!("a number of units from 0 to {MOST_UNITS}");
    let hidden = table.get("hidden", &must_be, |v| {
        let units = usize::try_from(v.count()?).ok();
        units.filter(|&units| units <= MOST_UNITS)
    });
    let epochs = table.get("epochs", "a whole number from 1", Node::positive);
    Decoder {
        hidden: hidden.unwrap_or(100),
        epochs: epochs.unwrap_or(5),
    }
}
