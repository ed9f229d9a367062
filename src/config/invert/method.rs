//! `method`: how an input is found.

use super::likeliest;
use crate::config::reader::Reader;
use crate::config::tree::{ABOVE_0, Node, ZERO_OR_ABOVE};
use crate::invert::{
    Bias, Decoder, Descent, Domain, LayerInverse, Layered, MAX_LIT, Method, Norm, Score,
};

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
        v.positive().filter(|&n| n <= MAX_LIT)
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
