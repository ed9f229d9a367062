//! Layered inverse: a backward pass from the logits to the pixels that inverts one layer
//! after the other.
//!
//! With the pseudo-inverse it is the analytical method of Lai 2021, sections 2.2.2 and
//! 2.2.3. With the transpose, and values rescaled into the range of each activation, it is
//! the back query of Rashid.

use std::borrow::Cow;
use std::cell::OnceCell;

use faer::Mat;
use faer::linalg::solvers::Svd;
use serde::Serialize;

use crate::config::PixelRange;
use crate::invert::InvertError;
use crate::invert::domain::{self, Domain, Interval};
use crate::invert::filter::{Filter, InverseMatrix};
use crate::invert::prior::SampleMoments;
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

/// Inverses of the layers of a network, each computed when it is first needed.
pub struct LayerInverses<'a> {
    network: &'a Network,
    range: PixelRange,
    /// Decomposition W = U S V^T of each layer.
    svds: Vec<OnceCell<Svd<f64>>>,
    pseudo_inverses: Vec<OnceCell<InverseMatrix>>,
}

/// Values that the backward pass asks of a hidden layer: one row per class.
#[derive(Debug, Clone, PartialEq)]
pub struct PreimageTarget {
    /// Values as the inverse of the next layer gives them.
    pub values: Mat<f64>,
    /// Values projected into the range of the activation, which are then inverted.
    pub projected: Mat<f64>,
}

/// Result of a backward pass.
#[derive(Debug)]
pub struct BackwardPass {
    /// Targets x inputs.
    pub images: Mat<f64>,
    /// Values asked of each hidden layer, from the first on.
    pub asked: Vec<PreimageTarget>,
}

impl<'a> LayerInverses<'a> {
    /// Inverses of a network for images in this range.
    pub fn new(network: &'a Network, range: PixelRange) -> Self {
        Self {
            network,
            range,
            svds: vec![OnceCell::new(); network.layers.len()],
            pseudo_inverses: vec![OnceCell::new(); network.layers.len()],
        }
    }

    /// Runs the backward pass: `a <- (f^-1(project(a)) - b) W^-1` for every layer, the last
    /// one first.
    ///
    /// # Shapes
    /// - targets: one row of `outputs` logits per class
    /// - moments: one per layer, of its input; used by [`LayerInverse::Gaussian`] alone
    ///
    /// # Errors
    /// If weights are not finite, or an activation has no inverse for a value.
    pub fn invert(
        &self,
        layered: Layered,
        filter: Option<Filter>,
        targets: &[Vec<f64>],
        moments: &[SampleMoments],
    ) -> Result<BackwardPass, InvertError> {
        let network = self.network;
        let mut asked = Vec::new();
        let mut a = Mat::from_fn(targets.len(), network.outputs(), |n, k| targets[n][k]);
        for (index, layer) in network.layers.iter().enumerate().rev() {
            if index + 1 < network.layers.len() {
                let range = Interval::of_activation(network.activation);
                let projected = domain::project(layered.domain, a.clone(), range);
                let values =
                    std::mem::replace(&mut a, invert_activation(network, index, &projected)?);
                asked.push(PreimageTarget { values, projected });
            }
            if let (Bias::Subtract, Some(bias)) = (layered.bias, &layer.bias) {
                a = Mat::from_fn(a.nrows(), a.ncols(), |n, k| a[(n, k)] - bias[k]);
            }
            a = if let LayerInverse::Gaussian(shrinkage) = layered.layer {
                let moments = moments.get(index).ok_or(InvertError::NoPrior)?;
                map_input(layer, &a, moments, shrinkage)
                    .ok_or(InvertError::NoPseudoInverse(index))?
            } else {
                let inverse = self.of_layer(index, layered.layer)?;
                &a * &*inverse.filtered(filter)
            };
        }
        asked.reverse();
        Ok(BackwardPass {
            images: domain::project(layered.domain, a, Interval::of_pixels(self.range)),
            asked,
        })
    }

    /// Returns the inverse of a layer's weights: outputs x inputs. A Gaussian inverse has no
    /// matrix and counts as the pseudo-inverse.
    fn of_layer(
        &self,
        index: usize,
        inverse: LayerInverse,
    ) -> Result<Cow<'_, InverseMatrix>, InvertError> {
        let matrix = match inverse {
            LayerInverse::Transpose => self.network.layers[index].weight.transpose().to_owned(),
            LayerInverse::Ridge(lambda) => spectral(self.svd(index)?, |_, s| s / (s * s + lambda)),
            LayerInverse::Truncated(rank) => {
                spectral(
                    self.svd(index)?,
                    |i, s| if i < rank { 1.0 / s } else { 0.0 },
                )
            }
            LayerInverse::PseudoInverse | LayerInverse::Gaussian(_) => {
                let svd = self.svd(index)?;
                let known = self.pseudo_inverses[index]
                    .get_or_init(|| InverseMatrix::new(svd.pseudoinverse()));
                return Ok(Cow::Borrowed(known));
            }
        };
        Ok(Cow::Owned(InverseMatrix::new(matrix)))
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

/// Fraction of the largest singular value below which others are rounding.
const RANK_TOLERANCE: f64 = 1e-12;

/// Returns `V f(S) U^T`, where f gets the index of a singular value, from the largest on,
/// and the value.
fn spectral(svd: &Svd<f64>, f: impl Fn(usize, f64) -> f64) -> Mat<f64> {
    let values: Vec<f64> = svd.S().column_vector().iter().copied().collect();
    let least = RANK_TOLERANCE * values.first().copied().unwrap_or_default();
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

/// Returns the MAP estimates, under a Gaussian, of the inputs of a layer that give z:
/// `a = mu + (z - mu W) (W^T S W)^+ W^T S`.
fn map_input(
    layer: &Layer,
    z: &Mat<f64>,
    moments: &SampleMoments,
    shrinkage: f64,
) -> Option<Mat<f64>> {
    let weight = &layer.weight;
    let cross_covariance = weight.transpose() * moments.shrunk(shrinkage);
    let inverse = (&cross_covariance * weight)
        .thin_svd()
        .ok()?
        .pseudoinverse();
    let mean = &moments.mean * weight;
    let residual = Mat::from_fn(z.nrows(), z.ncols(), |n, k| z[(n, k)] - mean[(0, k)]);
    let moved = residual * inverse * cross_covariance;
    Some(Mat::from_fn(z.nrows(), weight.nrows(), |n, i| {
        moments.mean[(0, i)] + moved[(n, i)]
    }))
}

/// Returns f^-1 of values behind the layer `index`.
fn invert_activation(
    network: &Network,
    index: usize,
    a: &Mat<f64>,
) -> Result<Mat<f64>, InvertError> {
    let mut inverse = a.clone();
    for n in 0..a.nrows() {
        for k in 0..a.ncols() {
            let value = network.activation.inverse(a[(n, k)]);
            inverse[(n, k)] = value.ok_or_else(|| InvertError::NotInRange {
                activation: network.activation.name(),
                layer: index,
                value: format!("{:.4}", a[(n, k)]),
            })?;
        }
    }
    Ok(inverse)
}

#[cfg(test)]
mod tests;
