pub(crate) mod fixture;

use std::sync::Arc;

use super::*;
use crate::config::{PixelRange, Setting, StudySpec};
use crate::data::{Dataset, ImageSize, Label, Samples};
use crate::model::{Activation, Device, Network, Output};
use crate::pace::Pace;
use crate::rng::stream;
use fixture::drawn_network;

const RANGE: PixelRange = PixelRange::SYMMETRIC;

fn network() -> Network {
    drawn_network(
        &[9, 6, 3],
        Activation::LeakyRelu { slope: 0.01 },
        Output::Softmax,
        0,
    )
}

/// Sixty rows, labelled in turn from `first` on.
fn dataset(first: u8) -> Arc<Dataset> {
    let mut draws = stream(0, "pixels");
    let mut train = Samples::empty(9);
    for n in 0..60u8 {
        let row: Vec<u8> = (0..9).map(|_| (draws.uniform() * 255.0) as u8).collect();
        train.push(&row, (n + first) % 3);
    }
    Arc::new(Dataset {
        name: "made up",
        stand_in_for: None,
        classes: [0, 1, 2].map(Label::Number).into(),
        range: RANGE,
        size: ImageSize {
            width: 3,
            height: 3,
        },
        train,
        test: None,
        reading: None,
    })
}

fn setting(lines: &str) -> Setting {
    let spec = include_str!("../../tests/suite/small.toml");
    let text = format!("{spec}\n[[invert]]\nname = \"x\"\n{lines}\n");
    let study = StudySpec::parse("small.toml", &text, &[]).unwrap();
    study.members[0].spec.inversions[2].settings[0].clone()
}

fn inverted(network: &Network, dataset: Arc<Dataset>, lines: &str) -> Inverted {
    let setting = setting(lines);
    let search = Search {
        width: 3,
        seed: 0,
        device: &Device::flex(),
    };
    let inverter = Inverter::new(network, RANGE, search);
    let of = setting.method.prior();
    let prior = of.map(|of| {
        (
            of,
            Arc::new(Prior::of(&dataset.train, RANGE, of, Pace::SILENT).unwrap()),
        )
    });
    let known = || Ok::<_, InvertError>(Knowledge::new(dataset, prior.into_iter().collect()));
    inverter.know(known).unwrap();
    let targets: Vec<Vec<f64>> = (0..3)
        .map(|n| (0..3).map(|k| if k == n { 4.0 } else { -4.0 }).collect())
        .collect();
    inverter.invert(&setting, &targets, Pace::SILENT).unwrap()
}

/// All methods but one see classes through the network alone.
#[test]
fn permuted_labels_after_training_change_nothing() {
    let network = network();
    for lines in [
        "method = \"gaussian\"\nmargin = { medians = 2.0 }",
        "method = \"gaussian\"\nmargin = 3.0\nrows = 40",
        "method = \"gaussian\"",
        "method = \"mixture\"\ncomponents = 3\nmargin = { medians = 2.0 }",
        "method = \"layered\"\nlayer = \"gaussian\"",
        "method = \"exemplar\"",
        "method = \"bounded\"",
        "method = \"gradient\"",
        "method = \"evolve\"\ngenerations = 5\nchildren = 9",
        "method = \"decoder\"\nhidden = 6",
    ] {
        let of = |first| inverted(&network, dataset(first), lines);
        assert_eq!(of(0), of(1), "{lines}");
    }
    // The one that does know labels.
    let of = |first| inverted(&network, dataset(first), "method = \"class_mean\"");
    assert_ne!(of(0), of(1));
    assert_eq!(of(0).images[(0, 0)], dataset(0).class_means()[0][0]);
}

/// The image of the prior alone is the mean of the Gaussian with the highest posterior
/// density.
#[test]
fn the_prior_alone_is_the_mean_of_the_gaussian_that_won() {
    let network = network();
    let of = |lines: &str| inverted(&network, dataset(0), lines);
    let prior = of("method = \"gaussian\"\nprior_only = true").images;
    let mean = Prior::of(&dataset(0).train, RANGE, PriorOf::default(), Pace::SILENT).unwrap();
    for n in 0..3 {
        assert_eq!(prior.row(n), mean.mean(0));
    }
    let mixture = "method = \"mixture\"\ncomponents = 4\nmargin = 3.0";
    let (whole, prior) = (of(mixture), of(&format!("{mixture}\nprior_only = true")));
    assert_eq!(whole.solutions, prior.solutions);
    let parts = PriorOf {
        components: Some(4),
        rows: None,
    };
    let fitted = Prior::of(&dataset(0).train, RANGE, parts, Pace::SILENT).unwrap();
    for (n, solution) in prior.solutions.iter().enumerate() {
        let mean = fitted.mean(solution.component.unwrap());
        assert_eq!(prior.images.row(n), mean);
    }
    // Some class asks for more than a mean has.
    assert_ne!(whole.images, prior.images);
}

/// Every method that aims at logits gives them, in f64.
#[test]
fn exact_methods_give_the_target() {
    let network = network();
    for lines in [
        "method = \"layered\"",
        "method = \"layered\"\nlayer = \"gaussian\"",
        "method = \"gaussian\"",
        "method = \"mixture\"\ncomponents = 2",
    ] {
        let images = inverted(&network, dataset(0), lines).images;
        let z = network.logits(images.as_ref());
        for n in 0..3 {
            for k in 0..3 {
                let target = if k == n { 4.0 } else { -4.0 };
                assert!((z[(n, k)] - target).abs() < 1e-5, "{lines} {z:?}");
            }
        }
    }
}

/// Any method's images can be reduced to their highest pixels.
#[test]
fn top_pixels_are_kept_of_every_method() {
    let network = network();
    for method in [
        "method = \"gaussian\"",
        "method = \"mixture\"\ncomponents = 2",
        "method = \"exemplar\"",
        "method = \"class_mean\"",
        "method = \"empirical\"\npixels = 6",
        "method = \"layered\"",
        "method = \"bounded\"",
        "method = \"gradient\"",
        "method = \"evolve\"\ngenerations = 5\nchildren = 9",
        "method = \"decoder\"\nhidden = 6",
    ] {
        let whole = inverted(&network, dataset(0), method).images;
        let lines = format!("{method}\nfilter = {{ kind = \"top_pixels\", pixels = 4 }}");
        let kept = inverted(&network, dataset(0), &lines).images;
        for n in 0..3 {
            let values: Vec<f64> = whole.row(n).iter().copied().collect();
            let top = &highest(&values)[..4];
            for i in 0..9 {
                let expected = if top.contains(&i) { values[i] } else { -1.0 };
                assert_eq!(kept[(n, i)], expected, "{method}");
            }
        }
    }
}
