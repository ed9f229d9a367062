//! Initial weights and biases.
//!
//! They are drawn here and not by burn, whose generator is shared by the whole process and
//! draws when a parameter is first used: its numbers would depend on what else runs.

use serde::Serialize;

use super::architecture::Model;
use crate::rng::{Stream, stream};

/// Distribution of initial weights or biases. `fan_in` and `fan_out` are the numbers of
/// units before and in the layer.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Init {
    /// Uniform within +-sqrt(6 / (`fan_in` + `fan_out`)) (Glorot and Bengio 2010).
    GlorotUniform,
    /// Normal with variance 2 / `fan_in` (He et al. 2015).
    HeNormal,
    /// Normal around 0.
    Normal {
        /// Standard deviation.
        std: InitStd,
    },
    /// All zero.
    Zeros,
}

/// Standard deviation of normal initial weights.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum InitStd {
    /// A number above 0.
    Fixed(f64),
    /// 1 / `sqrt(fan_in)`.
    FanIn,
}

impl Init {
    /// All distributions; `normal` has one of its standard deviations.
    pub const ALL: [Self; 4] = [
        Self::GlorotUniform,
        Self::HeNormal,
        Self::Zeros,
        Self::Normal {
            std: InitStd::FanIn,
        },
    ];

    /// Returns the name in a spec.
    pub fn name(self) -> &'static str {
        match self {
            Self::GlorotUniform => "glorot_uniform",
            Self::HeNormal => "he_normal",
            Self::Normal { .. } => "normal",
            Self::Zeros => "zeros",
        }
    }

    /// Draws one value.
    pub(crate) fn draw(self, fan_in: usize, fan_out: usize, stream: &mut Stream) -> f64 {
        let (fan_in, fan_out) = (fan_in as f64, fan_out as f64);
        match self {
            Self::Zeros => 0.0,
            Self::GlorotUniform => {
                let bound = (6.0 / (fan_in + fan_out)).sqrt();
                stream.uniform_in(-bound, bound)
            }
            Self::HeNormal => stream.normal() * (2.0 / fan_in).sqrt(),
            Self::Normal { std } => match std {
                InitStd::Fixed(std) => stream.normal() * std,
                InitStd::FanIn => stream.normal() / fan_in.sqrt(),
            },
        }
    }
}

/// Parameters of one dense layer, in single precision as they are trained and stored.
#[derive(Debug, Clone, PartialEq)]
pub struct Parameters {
    /// Units before the layer.
    pub inputs: usize,
    /// Units of the layer.
    pub outputs: usize,
    /// `[inputs, outputs]`, row-major: row i holds the weights of input i.
    pub weight: Vec<f32>,
    /// `[outputs]`, if the layer has biases.
    pub bias: Option<Vec<f32>>,
}

impl Parameters {
    /// Returns the number of weights, and that of biases if the layer has them.
    pub fn sizes(&self) -> impl Iterator<Item = usize> {
        let bias = self.bias.as_ref().map(Vec::len);
        [self.weight.len()].into_iter().chain(bias)
    }
}

/// Draws all layers of a model with this many inputs and outputs. Layer i draws its
/// weights, row by row, from the stream `init/i` and its biases from `init/i/bias`.
///
/// # Examples
/// ```
/// use backquery::model::{Activation, Init, Model, Output, draw};
///
/// let model = Model {
///     hidden: vec![],
///     activation: Activation::Identity,
///     output: Output::Softmax,
///     init: Init::Zeros,
///     bias_init: None,
///     randomise_last: 0,
/// };
/// let layers = draw(&model, 2, 3, 0);
/// assert_eq!((layers[0].inputs, layers[0].outputs), (2, 3));
/// assert_eq!(layers[0].weight, [0.0; 6]);
/// ```
pub fn draw(model: &Model, inputs: usize, outputs: usize, seed: u64) -> Vec<Parameters> {
    let mut sizes = vec![inputs];
    sizes.extend(&model.hidden);
    sizes.push(outputs);
    let layer = |(index, pair): (usize, &[usize])| {
        let (fan_in, fan_out) = (pair[0], pair[1]);
        let values = |init: Init, name: &str, count: usize| -> Vec<f32> {
            let mut stream = stream(seed, name);
            let one = |_| init.draw(fan_in, fan_out, &mut stream) as f32;
            (0..count).map(one).collect()
        };
        let bias = |init| values(init, &format!("init/{index}/bias"), fan_out);
        Parameters {
            inputs: fan_in,
            outputs: fan_out,
            weight: values(model.init, &format!("init/{index}"), fan_in * fan_out),
            bias: model.bias_init.map(bias),
        }
    };
    sizes.windows(2).enumerate().map(layer).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Activation, Output};

    fn model(init: Init, bias_init: Option<Init>) -> Model {
        Model {
            hidden: vec![300],
            activation: Activation::Identity,
            output: Output::Softmax,
            init,
            bias_init,
            randomise_last: 0,
        }
    }

    fn std(values: &[f32]) -> f64 {
        let squares: f64 = values.iter().map(|&v| f64::from(v).powi(2)).sum();
        (squares / values.len() as f64).sqrt()
    }

    #[test]
    fn layers_have_the_shapes_of_the_model() {
        let layers = draw(&model(Init::GlorotUniform, Some(Init::Zeros)), 200, 10, 0);
        let shapes: Vec<_> = layers.iter().map(|l| (l.inputs, l.outputs)).collect();
        assert_eq!(shapes, [(200, 300), (300, 10)]);
        assert_eq!(layers[0].weight.len(), 200 * 300);
        assert_eq!(layers[1].bias.as_deref(), Some(&[0.0; 10][..]));
        assert_eq!(draw(&model(Init::Zeros, None), 2, 2, 0)[0].bias, None);
    }

    #[test]
    fn standard_deviations_are_those_of_the_definitions() {
        let of = |init| std(&draw(&model(init, None), 200, 10, 3)[0].weight);
        // A uniform distribution within +-b has standard deviation b / sqrt 3;
        // of 60,000 draws it is known to about half a percent.
        let glorot = (6.0 / 500f64).sqrt() / 3f64.sqrt();
        let expected = [
            (Init::GlorotUniform, glorot),
            (Init::HeNormal, 0.1),
            (
                Init::Normal {
                    std: InitStd::FanIn,
                },
                1.0 / 200f64.sqrt(),
            ),
            (
                Init::Normal {
                    std: InitStd::Fixed(2.5),
                },
                2.5,
            ),
        ];
        for (init, expected) in expected {
            assert!((of(init) / expected - 1.0).abs() < 0.02, "{init:?}");
        }
        let weights = &draw(&model(Init::GlorotUniform, None), 200, 10, 3)[0].weight;
        assert!(
            weights
                .iter()
                .all(|w| f64::from(w.abs()) <= (6.0 / 500f64).sqrt())
        );
    }

    #[test]
    fn seeds_and_layers_draw_apart() {
        let of = |seed| draw(&model(Init::HeNormal, Some(Init::HeNormal)), 20, 20, seed);
        assert_eq!(of(1), of(1));
        assert_ne!(of(1)[0].weight, of(2)[0].weight);
        assert_ne!(of(1)[0].weight[..5], of(1)[1].weight[..5]);
        assert_ne!(
            Some(of(1)[0].weight[..5].to_vec()),
            of(1)[0].bias.as_ref().map(|b| b[..5].to_vec())
        );
    }
}
