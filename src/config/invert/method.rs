//! `method` of an inversion, and the keys of each.

use std::ops::Bound;

use super::prior;
use crate::config::form::{above_0, number, one_of, whole, zero_or_above};
use crate::config::reader::Reader;
use crate::invert::{
    Bias, Decoder, Descent, Domain, Evolution, LayerInverse, Layered, MAX_LIT, Method, Norm,
    RandomDirection, Score,
};

/// Highest number of steps and of random starts of a descent, and of units of a decoder:
/// more take hours.
const MAX_STEPS: usize = 100_000;
const MAX_RESTARTS: usize = 1000;
const MAX_UNITS: usize = 10_000;
/// Highest number of generations, and of children in each.
const MAX_GENERATIONS: usize = 100_000;
const MAX_CHILDREN: usize = 10_000;

/// Reads the keys of one method.
type ReadMethod = fn(&Reader<'_>) -> Method;

/// Method as a word of a spec.
#[derive(Clone, Copy)]
struct MethodWord {
    read: ReadMethod,
    /// Description in a paragraph.
    about: &'static str,
}

const fn word(read: ReadMethod, about: &'static str) -> MethodWord {
    MethodWord { read, about }
}

const METHODS: [(&str, MethodWord); 12] = [
    (
        "empirical",
        word(
            read_empirical,
            "Scores every pixel alone and lights the best ones of a class, the best \
             brightest. It shows which pixels speak for a class, and no combination of \
             them (Lai 2021, section 2.1).",
        ),
    ),
    (
        "layered",
        word(
            |table| Method::Layered(read_layered(table)),
            "Goes back from the target logits to the pixels, inverting one layer after \
             the other. With the pseudo-inverse it is the analytical method of Lai 2021, \
             section 2.2: without hidden layers the smallest input that gives the target. \
             With `layer = \"transpose\"` and `domain = \"rescale\"` it is the back query \
             of Rashid. Small singular values, and values that an activation cannot have, \
             spoil it: see `ridge` and `truncated` of `layer`, and `domain`.",
        ),
    ),
    (
        "gaussian",
        word(
            |table| Method::Gaussian(prior::read_gaussian(table)),
            "MAP estimate: the most probable input under a Gaussian fitted to the \
             training pixels, without labels, among those that meet the target logits or \
             a margin. All information about the class comes from the network.",
        ),
    ),
    (
        "mixture",
        word(
            |table| Method::Mixture(prior::read_mixture(table)),
            "MAP estimate under a mixture of Gaussians, fitted to the training pixels by \
             k-means without labels, among the inputs that meet the target logits or a \
             margin. It follows several kinds of images where one Gaussian averages them.",
        ),
    ),
    (
        "bounded",
        word(
            read_bounded,
            "Input within the pixel range whose logits are nearest the target, the ideal \
             input of Lai 2021, section 1.3.3. Without hidden layers it is proven \
             optimal; otherwise a local optimum, found by linearising the network within \
             a trust region (Fletcher 1982).",
        ),
    ),
    (
        "gradient",
        word(
            |table| Method::Gradient(read_descent(table)),
            "Projected gradient descent: Adam on the mean squared distance of the logits \
             from the target, with pixels clipped into range after every step, from \
             several random images. Penalties on total variation and L2 norm are its \
             priors. The end with the lowest objective is kept, which may be a local \
             optimum.",
        ),
    ),
    (
        "evolve",
        word(
            |table| Method::Evolve(read_evolution(table)),
            "Evolution without gradients: images mutate at random and are selected by the \
             probability of the class (Nguyen, Yosinski and Clune 2015, direct encoding). \
             Networks are soon certain of images in which people see nothing.",
        ),
    ),
    (
        "decoder",
        word(
            |table| Method::Decoder(read_decoder(table)),
            "Learned inverse: a small network, trained to predict the pixels of the \
             training images from their logits, without labels (as Dosovitskiy and Brox \
             2016 do for deep features). It predicts the mean image of some logits, so it \
             is smooth and need not meet the target.",
        ),
    ),
    (
        "exemplar",
        word(
            read_exemplar,
            "Training image that the network separates best from the other classes, \
             whatever its label: a baseline that is legible by construction.",
        ),
    ),
    (
        "class_mean",
        word(
            |_| Method::ClassMean,
            "Mean training image of the class: a baseline that uses labels and no \
             network.",
        ),
    ),
    (
        "original",
        word(
            |_| Method::Original,
            "Test image that is to be reconstructed, as a reference for reconstructions. \
             It needs `task = \"reconstruct\"`.",
        ),
    ),
    (
        "random_direction",
        word(
            read_random_direction,
            "Control: the step from the mean training image along the first random \
             direction that reaches a probability of the class. The network chooses no \
             pixel, only how far to go.",
        ),
    ),
];

/// Returns the name of every method, with its description in a paragraph.
pub fn methods() -> impl Iterator<Item = (&'static str, &'static str)> {
    METHODS.into_iter().map(|(name, word)| (name, word.about))
}

/// Reads `method` and the keys that belong to it.
pub fn read(table: &Reader<'_>) -> Option<Method> {
    let word = table
        .key("method", one_of(METHODS), "Method of inversion")
        .required()?;
    Some((word.read)(table))
}

fn read_empirical(table: &Reader<'_>) -> Method {
    let scores = one_of([("l1", Score::L1), ("signed_sum", Score::SignedSum)]);
    let pixels = whole("a number of pixels", 1..=MAX_LIT);
    Method::Empirical {
        score: table
            .key(
                "score",
                scores,
                "Score of a single lit pixel: `l1` distance of the logits \
                 from the target (the text of Lai 2021), or `signed_sum` (its code)",
            )
            .or(Score::L1),
        pixels: table
            .key("pixels", pixels, "Number of lit pixels [default: a third]")
            .optional(),
    }
}

fn read_bounded(table: &Reader<'_>) -> Method {
    let norms = one_of([("l1", Norm::L1), ("l2", Norm::L2)]);
    Method::Bounded {
        norm: table
            .key(
                "norm",
                norms,
                "Norm of the distance from the target. Among equally near \
                 images the one nearest to 0 is taken. Without hidden layers the result is \
                 optimal; otherwise it is a local optimum, reached from mid-grey",
            )
            .or(Norm::L2),
    }
}

fn read_exemplar(table: &Reader<'_>) -> Method {
    let ranks = whole("a whole number", 1..);
    Method::Exemplar {
        rank: table
            .key(
                "rank",
                ranks,
                "Rank of the training image, the best being 1",
            )
            .or(1),
    }
}

fn read_random_direction(table: &Reader<'_>) -> Method {
    let inside = (Bound::Excluded(0.0), Bound::Excluded(1.0));
    let probabilities = number("a probability above 0 and below 1", inside);
    let about = "Probability of the class to reach, of softmax or logistic outputs. Unit \
         vectors are drawn until one reaches it, at most 1,000 per class. The step is the \
         shortest of a geometric sequence up to 1,000 times the pixel range (Euclidean norm), \
         refined by bisection, and not clipped (0 where the mean image reaches it). Without \
         one the inverse is missing";
    let probability = table.key("probability", probabilities, about);
    Method::RandomDirection(RandomDirection {
        probability: probability.or(RandomDirection::PROBABILITY),
    })
}

fn read_layered(table: &Reader<'_>) -> Layered {
    let biases = one_of([("subtract", Bias::Subtract), ("ignore", Bias::Ignore)]);
    let bias = table
        .key(
            "bias",
            biases,
            "Treatment of the biases: subtracted, or ignored",
        )
        .or(Bias::Subtract);
    let domains = one_of([
        ("none", Domain::None),
        ("clip", Domain::Clip),
        ("rescale", Domain::Rescale),
    ]);
    let about = "Treatment of values that an activation cannot have before it is inverted, and \
         finally of pixels out of range: `clip` moves each to the nearest end, `rescale` \
         stretches or shrinks all values of a layer from end to end (towards a single end they \
         move as little as necessary). The range of an activation ends a hundredth of its \
         width, or 0.01 if it has no width, inside: 0.01 to 0.99 for `sigmoid`. Only \
         `leaky_relu` and `identity` need none";
    let domain = table.key("domain", domains, about).or(Domain::None);
    let layer = read_layer(table).unwrap_or(LayerInverse::PseudoInverse);
    Layered {
        layer,
        bias,
        domain,
    }
}

type ReadLayer = fn(&Reader<'_>) -> Option<LayerInverse>;

fn read_layer(table: &Reader<'_>) -> Option<LayerInverse> {
    let layers: [(_, ReadLayer); 5] = [
        ("pseudo_inverse", |_| Some(LayerInverse::PseudoInverse)),
        ("transpose", |_| Some(LayerInverse::Transpose)),
        ("ridge", |table| {
            let lambda = table.key("lambda", above_0(), "Weight of the squared norm");
            lambda.required().map(LayerInverse::Ridge)
        }),
        ("truncated", |table| {
            let ranks = whole("a number of singular values", 1..);
            let rank = table.key("rank", ranks, "Number of singular values that are kept");
            rank.required().map(LayerInverse::Truncated)
        }),
        ("gaussian", |table| {
            let about = "Fraction by which the covariance is shrunk towards its diagonal";
            Some(LayerInverse::Gaussian(prior::read_shrinkage(table, about)))
        }),
    ];
    let about = "Inverse of the weights of a layer; `gaussian` is the MAP estimate of its \
         input [default: pseudo_inverse]";
    let read = table.key("layer", one_of(layers), about).optional()?;
    read(table)
}

fn read_descent(table: &Reader<'_>) -> Descent {
    let steps = whole("a whole number", 1..=MAX_STEPS);
    let steps = table
        .key(
            "steps",
            steps,
            "Number of steps of Adam on the mean squared \
         distance of the logits from the target, inside the range",
        )
        .or(200);
    let restarts = whole("a whole number", 1..=MAX_RESTARTS);
    let restarts = table.key(
        "restarts",
        restarts,
        "Number of random starting images; the one with the lowest final objective is kept",
    );
    let restarts = restarts.or(4);
    let about = "Size of the first steps, as a fraction of the pixel range";
    Descent {
        steps,
        learning_rate: table.key("learning_rate", above_0(), about).or(0.05),
        total_variation: table
            .key(
                "total_variation",
                zero_or_above(),
                "Penalty on the mean step between neighbouring pixels, counted from 0 (dark) \
                     to 1 (bright) on any range; 100 with `l2 = 10` gives plain pictures",
            )
            .or(0.0),
        l2: table
            .key(
                "l2",
                zero_or_above(),
                "Penalty on the mean square of the pixels, counted likewise",
            )
            .or(0.0),
        restarts,
    }
}

fn read_evolution(table: &Reader<'_>) -> Evolution {
    let usual = Evolution::default();
    let generations = whole("a whole number", 1..=MAX_GENERATIONS);
    let children = whole("a whole number", 1..=MAX_CHILDREN);
    let about_rate = "Probability that a pixel mutates, at first";
    let about_halving = "Number of generations after which the probability is halved";
    let about_strength = "Index of the polynomial mutation; the higher, the smaller steps are";
    Evolution {
        generations: table
            .key(
                "generations",
                generations,
                "Number of generations; the best image per class \
                 is kept",
            )
            .or(usual.generations),
        children: table
            .key(
                "children",
                children,
                "Number of mutated images per generation",
            )
            .or(usual.children),
        mutation_rate: table
            .key(
                "mutation_rate",
                number("a fraction from 0 to 1", 0.0..=1.0),
                about_rate,
            )
            .or(usual.mutation_rate),
        halving: table
            .key("halving", whole("a whole number", 1..), about_halving)
            .or(usual.halving),
        strength: table
            .key("strength", zero_or_above(), about_strength)
            .or(usual.strength),
    }
}

fn read_decoder(table: &Reader<'_>) -> Decoder {
    let units = whole("a number of units", 0..=MAX_UNITS);
    let epochs = whole("a whole number", 1..);
    Decoder {
        hidden: table
            .key(
                "hidden",
                units,
                "Hidden units of the decoder; 0 makes it linear",
            )
            .or(100),
        epochs: table
            .key(
                "epochs",
                epochs,
                "Passes of the decoder over the training rows",
            )
            .or(5),
    }
}
