//! `[[invert]]`: the methods that look for inputs.

use serde::{Serialize, Serializer};

use super::fault::{one_of_names, suggestion};
use super::margin::{self, Margin};
use super::reader::{NAME, Reader, name};
use super::sweep::{Axis, combinations};
use super::target::{self, Target};
use super::tree::{Node, put};

/// One entry of `[[invert]]`.
#[derive(Debug, Clone, PartialEq)]
pub struct Inversion {
    /// What figures and tables call it; unique in a spec.
    pub name: String,
    /// The keys of it that `[sweep]` gives several values; mostly none.
    pub sweep: Vec<String>,
    /// One, or one for each combination of values of the sweep.
    pub settings: Vec<Setting>,
}

/// An inversion with all its numbers.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Setting {
    /// The values of the swept keys, as tables show them; empty without a sweep.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub value: String,
    /// What the outputs should be, if not what `[target]` says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target: Option<Target>,
    /// How it is done.
    #[serde(flatten)]
    pub method: Method,
}

impl Inversion {
    /// The value of each setting, if it is swept over one key of numbers.
    #[must_use]
    pub fn numbers(&self) -> Option<Vec<f64>> {
        let number = |setting: &Setting| setting.value.parse().ok();
        let is_one = self.sweep.len() == 1;
        let numbers = is_one.then(|| self.settings.iter().map(number).collect());
        numbers.flatten()
    }

    /// The keys that are swept, as tables show them.
    #[must_use]
    pub fn parameter(&self) -> String {
        self.sweep.join(", ")
    }
}

/// As it was written: without a sweep nothing tells of settings.
impl Serialize for Inversion {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        #[serde(untagged)]
        enum Shape<'a> {
            One {
                name: &'a str,
                #[serde(flatten)]
                setting: &'a Setting,
            },
            Swept {
                name: &'a str,
                sweep: &'a [String],
                settings: &'a [Setting],
            },
        }
        let (name, sweep) = (self.name.as_str(), &self.sweep[..]);
        let shape = match &self.settings[..] {
            [setting] if sweep.is_empty() => Shape::One { name, setting },
            settings => Shape::Swept {
                name,
                sweep,
                settings,
            },
        };
        shape.serialize(serializer)
    }
}

/// How an input is found.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(tag = "method", rename_all = "snake_case")]
pub enum Method {
    /// Score each pixel alone, light the best (Lai 2021, section 2.1).
    Empirical {
        /// What makes a pixel good.
        score: Score,
        /// How many are lit, 1 to 255.
        pixels: usize,
    },
    /// From the output back, layer by layer (Lai 2021, section 2.2).
    Layered {
        /// What undoes the weights.
        layer: LayerInverse,
        /// What becomes of the biases.
        bias: Bias,
        /// What is done to each inverse matrix, or to the image in the end.
        filter: Option<Filter>,
    },
    /// The likeliest input under a Gaussian of the training data, without labels,
    /// that meets a margin.
    Gaussian {
        /// How far the class asked for has to be above every other one.
        margin: Margin,
        /// How much of the covariance beside its diagonal is taken away.
        shrinkage: f64,
    },
}

impl Inversion {
    /// True if it takes the mean and covariance of the training data.
    #[must_use]
    pub fn needs_prior(&self) -> bool {
        let mut settings = self.settings.iter();
        settings.any(|setting| matches!(setting.method, Method::Gaussian { .. }))
    }
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

/// What stands in for the inverse of a layer's weights.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LayerInverse {
    /// The Moore-Penrose inverse.
    PseudoInverse,
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

/// What is kept of an inverse matrix, or of the image that comes out (Lai 2021,
/// section 2.2.4 and appendix 6.1.7).
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Filter {
    /// Keep the p lowest and the p highest, zero the rest; p up to 50.
    TopAndBottom(Cut),
    /// Clamp to between the p-th percentile and its mirror image; p up to 50.
    Middle(Cut),
    /// Zero all up to the p-th percentile.
    HighPass(Cut),
    /// Zero all above the p-th percentile.
    LowPass(Cut),
    /// Keep the highest pixels of each image and give the others the lowest
    /// value of the pixel range, as the empirical method does: what Lai 2021,
    /// section 4, suggests.
    TopPixels {
        /// How many.
        pixels: usize,
    },
}

/// Where a filter cuts.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Cut {
    /// p, from 0 to 100.
    pub percentile: f64,
    /// How the percentile is picked.
    pub rule: Percentile,
    /// What is filtered.
    pub on: Filtered,
}

/// Which number the p-th percentile of n sorted ones is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Percentile {
    /// The one at position `max(int(p n / 100) - 1, 0)`, as the author's code has it.
    Entry,
    /// Between the two around position p (n - 1) / 100, as NumPy has it.
    Interpolated,
}

/// What a filter is applied to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Filtered {
    /// The inverse of each layer's weights, all entries together.
    Matrix,
    /// The inverse itself, each image by its own percentiles.
    Result,
}

/// Levels 255, 254, ... 1 light at most this many pixels.
const MOST_LIT: usize = 255;

pub fn read(root: &Reader<'_>, axes: &[Axis]) -> Vec<Inversion> {
    let mut inversions: Vec<Inversion> = Vec::new();
    for (path, node) in root.items("invert") {
        let own = |axis: &&Axis| axis.inversion() == node.name();
        let axes: Vec<&Axis> = axes.iter().filter(own).collect();
        let mut inversion = Inversion {
            // Empty if it is none; no figure then is faulted for it.
            name: node.get("name").and_then(name).unwrap_or_default(),
            sweep: axes.iter().map(|axis| axis.key()).collect(),
            settings: Vec::new(),
        };
        for (index, combination) in combinations(&axes).iter().enumerate() {
            let varied = vary(root, node, combination);
            let Some(table) = root.child(&varied, &path) else {
                continue;
            };
            if index == 0 {
                check_name(&table, &inversions);
            }
            let values = combination.iter().map(|(_, value)| value.value.label());
            inversion.settings.push(Setting {
                value: values.collect::<Vec<_>>().join(", "),
                ..read_setting(table)
            });
        }
        // An entry with a fault keeps its name, so that figures that draw it
        // are not faulted too.
        inversions.push(inversion);
    }
    check_axes(root, axes, &inversions);
    inversions
}

/// The table with one combination of the values of its sweep.
fn vary(root: &Reader<'_>, table: &Node, combination: &[(&Axis, &Node)]) -> Node {
    let mut varied = table.clone();
    for (axis, value) in combination {
        let keys: Vec<&str> = axis.own_keys().iter().map(String::as_str).collect();
        if let Err(message) = put(&mut varied, &keys, (*value).clone()) {
            root.fault_at(axis.place, &message);
        }
    }
    varied
}

fn check_name(table: &Reader<'_>, before: &[Inversion]) {
    let name = table.require("name", NAME, name);
    if let Some(name) = &name
        && before.iter().any(|other| other.name == *name)
    {
        table.fault("name", &format!("is {name:?} a second time"));
    }
}

fn check_axes(root: &Reader<'_>, axes: &[Axis], inversions: &[Inversion]) {
    let names = || inversions.iter().map(|inversion| inversion.name.as_str());
    for axis in axes {
        let Some(name) = axis.inversion() else {
            continue;
        };
        if names().all(|known| known != name) {
            let message = format!(
                "`sweep.invert.{name}` names no inversion of this spec, which are {}{}",
                one_of_names(names()),
                suggestion(name, names())
            );
            root.fault_at(axis.place, &message);
        }
    }
}

fn read_setting(table: Reader<'_>) -> Setting {
    table.known("name");
    let target = table.table("target").and_then(target::read);
    let method = read_method(&table);
    // Which keys there may be is the method's to say.
    if method.is_some() {
        table.finish();
    }
    Setting {
        value: String::new(),
        target,
        method: method.unwrap_or(Method::Empirical {
            score: Score::L1,
            pixels: 1,
        }),
    }
}

fn read_method(table: &Reader<'_>) -> Option<Method> {
    #[derive(Clone, Copy)]
    enum Kind {
        Empirical,
        Layered,
        Gaussian,
    }
    let kinds = [
        ("empirical", Kind::Empirical),
        ("layered", Kind::Layered),
        ("gaussian", Kind::Gaussian),
    ];
    match table.require_choice("method", &kinds)? {
        Kind::Empirical => Some(read_empirical(table)),
        Kind::Layered => Some(read_layered(table)),
        Kind::Gaussian => Some(margin::read_gaussian(table)),
    }
}

fn read_empirical(table: &Reader<'_>) -> Method {
    let scores = [("l1", Score::L1), ("signed_sum", Score::SignedSum)];
    let score = table.choice("score", &scores);
    let pixels = table.get("pixels", "a number of pixels from 1 to 255", |v| {
        v.positive().filter(|&n| n <= MOST_LIT)
    });
    Method::Empirical {
        score: score.unwrap_or(Score::L1),
        // Algorithm 1 lights 254, the author's code 255.
        pixels: pixels.unwrap_or(254),
    }
}

fn read_layered(table: &Reader<'_>) -> Method {
    let layer = table.choice("layer", &[("pseudo_inverse", LayerInverse::PseudoInverse)]);
    let bias = table.choice(
        "bias",
        &[("subtract", Bias::Subtract), ("ignore", Bias::Ignore)],
    );
    let filter = table.table("filter").and_then(read_filter);
    Method::Layered {
        layer: layer.unwrap_or(LayerInverse::PseudoInverse),
        bias: bias.unwrap_or(Bias::Subtract),
        filter,
    }
}

fn read_filter(table: Reader<'_>) -> Option<Filter> {
    #[derive(Clone, Copy)]
    enum Kind {
        /// With the highest percentile: beyond 50 the lower one of two would
        /// pass the upper one.
        Cut(fn(Cut) -> Filter, f64),
        TopPixels,
    }
    let kinds = [
        ("top_and_bottom", Kind::Cut(Filter::TopAndBottom, 50.0)),
        ("middle", Kind::Cut(Filter::Middle, 50.0)),
        ("high_pass", Kind::Cut(Filter::HighPass, 100.0)),
        ("low_pass", Kind::Cut(Filter::LowPass, 100.0)),
        ("top_pixels", Kind::TopPixels),
    ];
    let filter = match table.require_choice("kind", &kinds)? {
        Kind::Cut(filter, highest) => read_cut(&table, highest).map(filter),
        Kind::TopPixels => {
            let pixels = table.require("pixels", "a number of pixels from 1", Node::positive);
            pixels.map(|pixels| Filter::TopPixels { pixels })
        }
    };
    table.finish();
    filter
}

fn read_cut(table: &Reader<'_>, highest: f64) -> Option<Cut> {
    let must_be = format!("a percentile from 0 to {highest}");
    let percentile = table.require("percentile", &must_be, |v| {
        v.number_where(|p| (0.0..=highest).contains(&p))
    });
    let rules = [
        ("entry", Percentile::Entry),
        ("interpolated", Percentile::Interpolated),
    ];
    let rule = table.choice("rule", &rules);
    let on = table.choice(
        "on",
        &[("matrix", Filtered::Matrix), ("result", Filtered::Result)],
    );
    Some(Cut {
        percentile: percentile?,
        rule: rule.unwrap_or(Percentile::Entry),
        on: on.unwrap_or(Filtered::Matrix),
    })
}
