//! The MLP's shape run backwards: what `peers/invert_numpy.py` does as well.

use backquery::config::{
    Bias, Cut, Domain, Filter, Filtered, LayerInverse, Layered, Method, Percentile, Setting,
};
use backquery::invert::{Inverter, Search};
use backquery::model::{Device, Network, Parameters};
use backquery::pace::Pace;
use backquery::train::Training;

use super::Shape;

/// Passes after which a network is run backwards.
const PASSES: usize = 5;

/// All percentiles of the appendix of Lai 2021.
const PERCENTILES: [f64; 17] = [
    0.0, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 30.0, 50.0, 70.0, 80.0, 90.0, 95.0, 98.0, 99.0, 99.5,
    100.0,
];

/// A trained network.
pub fn trained(shape: &Shape, device: &Device) -> Vec<Parameters> {
    let mut training = Training::start(shape.setup(device));
    for pass in 1..=PASSES {
        training.pass(pass).unwrap();
    }
    training.finish().unwrap().parameters
}

/// Layer by layer through the pseudo-inverses.
pub fn layered(filter: Option<Filter>) -> Setting {
    Setting {
        value: String::new(),
        target: None,
        method: Method::Layered(Layered {
            layer: LayerInverse::PseudoInverse,
            bias: Bias::Subtract,
            domain: Domain::None,
        }),
        filter,
    }
}

/// Constructor of a filter from a cut.
type Kind = fn(Cut) -> Filter;

/// The filters of the appendix at all of its percentiles. Those that take a percentile
/// and its mirror image have half of them.
pub fn filters() -> Vec<Setting> {
    let kinds: [(Kind, usize); 4] = [
        (Filter::HighPass, 17),
        (Filter::LowPass, 17),
        (Filter::TopAndBottom, 9),
        (Filter::Middle, 9),
    ];
    let cut = |percentile: &f64| Cut {
        percentile: *percentile,
        rule: Percentile::Entry,
        on: Filtered::Matrix,
    };
    let all = kinds.iter().flat_map(|&(kind, count)| {
        let percentiles = PERCENTILES[..count].iter();
        percentiles.map(move |percentile| layered(Some(kind(cut(percentile)))))
    });
    all.collect()
}

/// Target logits of 10 and -10.
pub fn targets() -> Vec<Vec<f64>> {
    let target = |n| (0..5).map(|k| if k == n { 10.0 } else { -10.0 }).collect();
    (0..5).map(target).collect()
}

/// The mean magnitude of a pixel of all these inverses, by a fresh inverter: one keeps
/// its pseudo-inverses.
pub fn invert(network: &Network, shape: &Shape, device: &Device, settings: &[Setting]) -> f64 {
    let search = Search {
        width: shape.dataset.size.width,
        seed: 0,
        device,
    };
    let inverter = Inverter::new(network, shape.dataset.range, search);
    let targets = targets();
    let magnitude = |setting: &Setting| {
        let images = inverter
            .invert(setting, &targets, Pace::SILENT)
            .unwrap()
            .images;
        images.norm_l1() / (images.nrows() * images.ncols()) as f64
    };
    settings.iter().map(magnitude).sum::<f64>() / settings.len() as f64
}
