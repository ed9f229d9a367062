//! A trained network as plain matrices in double precision, ready to be inverted.

use faer::{Mat, MatRef};

use super::init::Parameters;
use super::{Activation, Output};

/// One dense layer a' = f(a W + b).
#[derive(Debug, Clone, PartialEq)]
pub struct Layer {
    /// W: inputs x outputs.
    pub weight: Mat<f64>,
    /// b: `[outputs]`, if the layer has biases.
    pub bias: Option<Vec<f64>>,
}

impl Layer {
    /// Returns a W + b for every row of a.
    pub fn apply(&self, a: &Mat<f64>) -> Mat<f64> {
        let z = a * &self.weight;
        match &self.bias {
            Some(bias) => Mat::from_fn(z.nrows(), z.ncols(), |i, j| z[(i, j)] + bias[j]),
            None => z,
        }
    }
}

/// Weights, biases and activations, ready to run in either direction.
#[derive(Debug, Clone, PartialEq)]
pub struct Network {
    /// Layers in the order of the forward pass; at least one.
    pub layers: Vec<Layer>,
    /// Activation after every layer but the last.
    pub activation: Activation,
    /// Activation after the last layer.
    pub output: Output,
}

impl Network {
    /// Converts trained parameters, exactly, to double precision.
    pub fn new(parameters: &[Parameters], activation: Activation, output: Output) -> Self {
        let layer = |p: &Parameters| Layer {
            weight: Mat::from_fn(p.inputs, p.outputs, |i, j| {
                f64::from(p.weight[i * p.outputs + j])
            }),
            bias: p
                .bias
                .as_ref()
                .map(|bias| bias.iter().map(|&b| f64::from(b)).collect()),
        };
        Self {
            layers: parameters.iter().map(layer).collect(),
            activation,
            output,
        }
    }

    /// Returns the first layers, each with its activation, or all layers without the output
    /// activation. An identity layer follows the last activation, so that its values are
    /// the logits.
    pub fn up_to(&self, layers: usize) -> Self {
        let mut first: Vec<Layer> = self.layers.iter().take(layers).cloned().collect();
        if layers < self.layers.len() {
            let units = first.last().map_or(0, |layer| layer.weight.ncols());
            first.push(Layer {
                weight: Mat::identity(units, units),
                bias: None,
            });
        }
        Self {
            layers: first,
            output: Output::Linear,
            ..*self
        }
    }

    /// Returns the number of pixels of an input.
    pub fn inputs(&self) -> usize {
        self.layers.first().map_or(0, |layer| layer.weight.nrows())
    }

    /// Returns the number of classes.
    pub fn outputs(&self) -> usize {
        self.layers.last().map_or(0, |layer| layer.weight.ncols())
    }

    /// Returns the logits z of inputs x.
    ///
    /// # Shapes
    /// - x: rows x [`Network::inputs`]
    /// - z: rows x [`Network::outputs`]
    ///
    /// # Examples
    /// ```
    /// use backquery::model::{Activation, Layer, Network, Output};
    ///
    /// let network = Network {
    ///     layers: vec![Layer {
    ///         weight: faer::mat![[2.0], [-1.0]],
    ///         bias: Some(vec![0.5]),
    ///     }],
    ///     activation: Activation::Relu,
    ///     output: Output::Linear,
    /// };
    /// let z = network.logits(faer::mat![[3.0, 1.0]].as_ref());
    /// assert_eq!(z[(0, 0)], 5.5);
    /// ```
    pub fn logits(&self, x: MatRef<'_, f64>) -> Mat<f64> {
        let mut a = x.to_owned();
        for (index, layer) in self.layers.iter().enumerate() {
            if index > 0 {
                a = map(&a, |value| self.activation.apply(value));
            }
            a = layer.apply(&a);
        }
        a
    }

    /// Returns the pre-activations of every layer at inputs x: rows x units each, the logits
    /// last.
    ///
    /// # Shapes
    /// - x: rows x [`Network::inputs`]
    ///
    /// # Examples
    /// ```
    /// use backquery::model::{Activation, Layer, Network, Output};
    ///
    /// let layer = |weight: f64| Layer {
    ///     weight: faer::mat![[weight]],
    ///     bias: None,
    /// };
    /// let network = Network {
    ///     layers: vec![layer(-2.0), layer(3.0)],
    ///     activation: Activation::LeakyRelu { slope: 0.5 },
    ///     output: Output::Linear,
    /// };
    /// let x = faer::mat![[1.0]];
    /// assert_eq!(network.values(&x), [faer::mat![[-2.0]], faer::mat![[-3.0]]]);
    /// assert_eq!(network.hidden(&x), [faer::mat![[-1.0]]]);
    /// assert_eq!(network.up_to(1).logits(x.as_ref()), faer::mat![[-1.0]]);
    /// ```
    pub fn values(&self, x: &Mat<f64>) -> Vec<Mat<f64>> {
        let mut all: Vec<Mat<f64>> = Vec::with_capacity(self.layers.len());
        for layer in &self.layers {
            let z = match all.last() {
                None => layer.apply(x),
                Some(z) => layer.apply(&map(z, |z| self.activation.apply(z))),
            };
            all.push(z);
        }
        all
    }

    /// Returns the activations of every hidden layer at inputs x: rows x units each.
    ///
    /// # Shapes
    /// - x: rows x [`Network::inputs`]
    pub fn hidden(&self, x: &Mat<f64>) -> Vec<Mat<f64>> {
        let mut all = self.values(x);
        all.pop();
        let activated = all.iter().map(|z| map(z, |z| self.activation.apply(z)));
        activated.collect()
    }
}

/// Applies f to every entry.
///
/// # Examples
/// ```
/// use backquery::model::map;
///
/// let doubled = map(&faer::mat![[1.0, -2.0]], |x| 2.0 * x);
/// assert_eq!(doubled, faer::mat![[2.0, -4.0]]);
/// ```
pub fn map(matrix: &Mat<f64>, f: impl Fn(f64) -> f64) -> Mat<f64> {
    Mat::from_fn(matrix.nrows(), matrix.ncols(), |i, j| f(matrix[(i, j)]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Init, Mlp, Model, draw, numbers};
    use crate::rng::stream;
    use burn::tensor::{Device, Tensor, TensorData};

    #[test]
    fn two_layers_by_hand() {
        let network = Network {
            layers: vec![
                Layer {
                    weight: faer::mat![[1.0, -1.0], [2.0, 0.0]],
                    bias: Some(vec![0.5, 0.0]),
                },
                Layer {
                    weight: faer::mat![[1.0], [10.0]],
                    bias: None,
                },
            ],
            activation: Activation::LeakyRelu { slope: 0.1 },
            output: Output::Linear,
        };
        // (1, 1) -> (3.5, -1) -> (3.5, -0.1) -> 2.5
        let z = network.logits(faer::mat![[1.0, 1.0], [0.0, 0.0]].as_ref());
        assert!((z[(0, 0)] - 2.5).abs() < 1e-12);
        assert!((z[(1, 0)] - 0.5).abs() < 1e-12);
        assert_eq!((network.inputs(), network.outputs()), (2, 1));
        let hidden = network.hidden(&faer::mat![[1.0, 1.0]]);
        let [hidden] = &hidden[..] else {
            panic!("one hidden layer");
        };
        assert!((hidden[(0, 0)] - 3.5).abs() < 1e-12);
        assert!((hidden[(0, 1)] + 0.1).abs() < 1e-12);
    }

    #[test]
    fn first_layers_end_in_the_input_of_the_next() {
        let layer = |weight: Mat<f64>, bias: &[f64]| Layer {
            weight,
            bias: Some(bias.to_vec()),
        };
        let network = Network {
            layers: vec![
                layer(faer::mat![[1.0, -2.0], [0.0, 1.0]], &[0.0, 1.0]),
                layer(faer::mat![[3.0], [1.0]], &[-1.0]),
            ],
            activation: Activation::Relu,
            output: Output::Logistic,
        };
        let x = faer::mat![[1.0, 2.0], [2.0, 1.0]];
        let hidden = network.up_to(1);
        assert_eq!(
            hidden.logits(x.as_ref()),
            faer::mat![[1.0, 1.0], [2.0, 0.0]]
        );
        assert_eq!((hidden.outputs(), hidden.output), (2, Output::Linear));
        let whole = network.up_to(2);
        assert_eq!(whole.logits(x.as_ref()), network.logits(x.as_ref()));
        assert_eq!(whole.layers, network.layers);
    }

    #[test]
    fn network_and_mlp_agree() {
        let model = Model {
            hidden: vec![30, 20],
            activation: Activation::LeakyRelu { slope: 0.01 },
            output: Output::Softmax,
            init: Init::GlorotUniform,
            bias_init: Some(Init::GlorotUniform),
            randomise_last: 0,
        };
        let parameters = draw(&model, 50, 5, 1);
        let network = Network::new(&parameters, model.activation, model.output);
        let device = Device::flex();
        let mlp = Mlp::new(parameters.clone(), model.activation, &device);
        assert_eq!(mlp.parameters().unwrap(), parameters);

        let mut stream = stream(0, "test");
        let x: Vec<f32> = (0..4 * 50).map(|_| stream.normal() as f32).collect();
        let exact = Mat::from_fn(4, 50, |i, j| f64::from(x[i * 50 + j]));
        let tensor = Tensor::from_data(TensorData::new(x, [4, 50]), &device);
        let burn = numbers(mlp.forward(tensor)).unwrap();
        let plain = network.logits(exact.as_ref());
        for (k, &z) in burn.iter().enumerate() {
            assert!((f64::from(z) - plain[(k / 5, k % 5)]).abs() < 1e-5);
        }
        let squares: f64 = parameters
            .iter()
            .flat_map(|p| &p.weight)
            .map(|&w| f64::from(w).powi(2))
            .sum();
        let penalty = numbers(mlp.squared_weights()).unwrap();
        assert!((f64::from(penalty[0]) / squares - 1.0).abs() < 1e-5);
    }
}
