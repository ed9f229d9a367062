//! The layered inverse: from the logits back to the pixels, undoing one layer
//! after the other. With the pseudo-inverse it is the analytical method of
//! Lai 2021, sections 2.2.2 and 2.2.3; with the transpose, and values rescaled into
//! the range of each activation, it is the back query of Rashid.

use std::borrow::Cow;
use std::cell::OnceCell;

use faer::Mat;
use faer::linalg::solvers::Svd;
use serde::Serialize;

use crate::config::PixelRange;
use crate::invert::InvertError;
use crate::invert::domain::{self, Domain, Interval};
use crate::invert::filter::{Filter, Inverse};
use crate::invert::prior::Moments;
use crate::model::{Layer, Network};

/// Settings of the method `layered`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Layered {
    /// Inverse of the weights of a layer.
    pub layer: LayerInverse,
    /// Treatment of biases.
    pub bias: Bias,
    /// Treatment of values outside the range of an activation, or of pixels.
    #[serde(skip_serializing_if = "Domain::is_none")]
    pub domain: Domain,
}

/// Inverse of the weights W of a layer.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LayerInverse {
    /// Moore-Penrose inverse.
    PseudoInverse,
    /// Transpose W^T, as in the back query of Rashid.
    Transpose,
    /// Ridge inverse `(W^T W + lambda I)^-1 W^T`, which keeps its results small.
    Ridge(f64),
    /// Moore-Penrose inverse of the largest singular values, this many.
    Truncated(usize),
    /// MAP estimate of the layer's input under a Gaussian of the inputs that it gets from
    /// the training data. The covariance is shrunk by this fraction.
    Gaussian(f64),
}

/// Treatment of a layer's biases on the backward pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Bias {
    /// Subtracts them, which makes the inverse exact.
    Subtract,
    /// Ignores them, as Lai 2021, section 2.2.2, does for the SLP.
    Ignore,
}

impl Layered {
    /// Returns true if layers are inverted under a Gaussian of their inputs, and not by
    /// a matrix.
    #[must_use]
    pub fn is_gaussian(self) -> bool {
        match self.layer {
            LayerInverse::Gaussian(_) => true,
            LayerInverse::PseudoInverse
            | LayerInverse::Transpose
            | LayerInverse::Ridge(_)
            | LayerInverse::Truncated(_) => false,
        }
    }
}

/// What undoes the layers of a network, each reckoned when it is first needed.
pub struct LayerInverses<'a> {
    network: &'a Network,
    range: PixelRange,
    /// W = U S V^T of each layer.
    svds: Vec<OnceCell<Svd<f64>>>,
    pseudo_inverses: Vec<OnceCell<Inverse>>,
}

/// What the way back asks of a hidden layer: one row a class.
#[derive(Debug, Clone, PartialEq)]
pub struct PreimageTarget {
    /// As the layer behind it has them.
    pub values: Mat<f64>,
    /// Within the range of the activation, as they are undone.
    pub projected: Mat<f64>,
}

/// From the logits to the pixels.
#[derive(Debug)]
pub struct BackwardPass {
    /// One row a target, `inputs` wide.
    pub images: Mat<f64>,
    /// Of each hidden layer, from the first on.
    pub asked: Vec<PreimageTarget>,
}

impl<'a> LayerInverses<'a> {
    /// Of a network for images on this scale.
    pub fn new(network: &'a Network, range: PixelRange) -> Self {
        Self {
            network,
            range,
            svds: vec![OnceCell::new(); network.layers.len()],
            pseudo_inverses: vec![OnceCell::new(); network.layers.len()],
        }
    }

    /// From the logits back: a = undo(f^-1(...)) for every layer, the last one first.
    ///
    /// # Shapes
    /// - targets: `outputs` rows of logits
    /// - moments: of the input of each layer; needed by [`LayerInverse::Gaussian`]
    pub fn invert(
        &self,
        way: Layered,
        filter: Option<Filter>,
        targets: &[Vec<f64>],
        moments: &[Moments],
    ) -> Result<BackwardPass, InvertError> {
        let network = self.network;
        let mut asked = Vec::new();
        let mut a = Mat::from_fn(targets.len(), network.outputs(), |n, k| targets[n][k]);
        for (index, layer) in network.layers.iter().enumerate().rev() {
            if index + 1 < network.layers.len() {
                let reached = Interval::of_activation(network.activation);
                let projected = domain::bring(way.domain, a.clone(), reached);
                let values =
                    std::mem::replace(&mut a, undo_activation(network, index, &projected)?);
                asked.push(PreimageTarget { values, projected });
            }
            if let (Bias::Subtract, Some(bias)) = (way.bias, &layer.bias) {
                a = Mat::from_fn(a.nrows(), a.ncols(), |n, k| a[(n, k)] - bias[k]);
            }
            a = if let LayerInverse::Gaussian(shrinkage) = way.layer {
                let moments = moments.get(index).ok_or(InvertError::NoPrior)?;
                likeliest(layer, &a, moments, shrinkage)
                    .ok_or(InvertError::NoPseudoInverse(index))?
            } else {
                let inverse = self.of_layer(index, way.layer)?;
                &a * &*inverse.filtered(filter)
            };
        }
        asked.reverse();
        Ok(BackwardPass {
            images: domain::bring(way.domain, a, Interval::of_pixels(self.range)),
            asked,
        })
    }

    /// What stands in for the inverse of a layer's weights: outputs x inputs.
    fn of_layer(
        &self,
        index: usize,
        inverse: LayerInverse,
    ) -> Result<Cow<'_, Inverse>, InvertError> {
        let matrix = match inverse {
            LayerInverse::Transpose => self.network.layers[index].weight.transpose().to_owned(),
            LayerInverse::Ridge(lambda) => rebuilt(self.svd(index)?, |_, s| s / (s * s + lambda)),
            LayerInverse::Truncated(rank) => {
                rebuilt(
                    self.svd(index)?,
                    |i, s| if i < rank { 1.0 / s } else { 0.0 },
                )
            }
            _ => {
                let svd = self.svd(index)?;
                let known =
                    self.pseudo_inverses[index].get_or_init(|| Inverse::new(svd.pseudoinverse()));
                return Ok(Cow::Borrowed(known));
            }
        };
        Ok(Cow::Owned(Inverse::new(matrix)))
    }

    fn svd(&self, index: usize) -> Result<&Svd<f64>, InvertError> {
        let failed = InvertError::NoPseudoInverse(index);
        let cell = &self.svds[index];
        if cell.get().is_none() {
            let svd = self.network.layers[index].weight.thin_svd();
            let _ = cell.set(svd.map_err(|_| failed.clone())?);
        }
        cell.get().ok_or(failed)
    }
}

/// Singular values below this share of the largest are rounding.
const NONE: f64 = 1e-12;

/// `V f(S) U^T`, f being given the place of a singular value, from the largest on,
/// and the value.
fn rebuilt(svd: &Svd<f64>, f: impl Fn(usize, f64) -> f64) -> Mat<f64> {
    let values: Vec<f64> = svd.S().column_vector().iter().copied().collect();
    let least = NONE * values.first().copied().unwrap_or_default();
    let f = |i: usize| {
        if values[i] > least {
            f(i, values[i])
        } else {
            0.0
        }
    };
    let v = svd.V();
    let scaled = Mat::from_fn(v.nrows(), values.len(), |i, j| v[(i, j)] * f(j));
    scaled * svd.U().transpose()
}

/// The likeliest inputs of a layer, under a Gaussian, that it makes z of:
/// `a = mu + (z - mu W) (W^T S W)^+ W^T S`.
fn likeliest(layer: &Layer, z: &Mat<f64>, moments: &Moments, shrinkage: f64) -> Option<Mat<f64>> {
    let weight = &layer.weight;
    let spread = weight.transpose() * moments.shrunk(shrinkage);
    let inverse = (&spread * weight).thin_svd().ok()?.pseudoinverse();
    let usual = &moments.mean * weight;
    let off = Mat::from_fn(z.nrows(), z.ncols(), |n, k| z[(n, k)] - usual[(0, k)]);
    let moved = off * inverse * spread;
    Some(Mat::from_fn(z.nrows(), weight.nrows(), |n, i| {
        moments.mean[(0, i)] + moved[(n, i)]
    }))
}

fn undo_activation(network: &Network, index: usize, a: &Mat<f64>) -> Result<Mat<f64>, InvertError> {
    let mut undone = a.clone();
    for n in 0..a.nrows() {
        for k in 0..a.ncols() {
            let value = network.activation.inverse(a[(n, k)]);
            undone[(n, k)] = value.ok_or_else(|| InvertError::NotInRange {
                activation: network.activation.name(),
                layer: index,
                value: format!("{:.4}", a[(n, k)]),
            })?;
        }
    }
    Ok(undone)
}

#[cfg(test)]
mod tests;
