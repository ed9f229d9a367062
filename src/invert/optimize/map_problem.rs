//! MAP estimates under one Gaussian prior, with or without box constraints.

use faer::Mat;

use super::box_constraints;
use super::constraints::Constraints;
use super::sqp::Sqp;
use super::upper_layers::UpperLayers;
use crate::config::PixelRange;
use crate::invert::Solution;
use crate::invert::prior::Normal;
use crate::model::Network;
use crate::pace::Pace;

/// Gaussian distribution of first-layer values, before their activation.
pub struct FirstLayerGaussian {
    /// Mean `mu W + b`: 1 x units.
    pub mean: Mat<f64>,
    /// Covariance P = W^T S W: units x units.
    pub covariance: Mat<f64>,
}

impl FirstLayerGaussian {
    /// Returns the largest typical magnitude of a value: mean plus standard deviation.
    pub fn magnitude(&self) -> f64 {
        let typical = |i: usize| self.mean[(0, i)].abs() + self.covariance[(i, i)].max(0.0).sqrt();
        (0..self.mean.ncols()).map(typical).fold(0.0, f64::max)
    }
}

/// Network and prior of a MAP estimate.
pub struct MapProblem<'a> {
    pub network: &'a Network,
    pub prior: &'a Normal,
    /// Covariance S W of pixels and first-layer values: inputs x units.
    pub cross_covariance: Mat<f64>,
    pub first_layer: FirstLayerGaussian,
    pub pace: Pace<'a>,
}

impl<'a> MapProblem<'a> {
    /// Problem of a network, which has at least one layer, under a prior.
    pub fn new(network: &'a Network, prior: &'a Normal, pace: Pace<'a>) -> Self {
        let first = &network.layers[0];
        let cross_covariance = &prior.covariance * &first.weight;
        let first_layer = FirstLayerGaussian {
            mean: first.apply(&prior.mean),
            covariance: first.weight.transpose() * &cross_covariance,
        };
        Self {
            network,
            prior,
            cross_covariance,
            first_layer,
            pace,
        }
    }

    /// Returns the MAP estimate (1 x inputs), with all pixels in a range if there is one;
    /// none if no input meets the constraints, or none was found.
    pub fn solve(
        &self,
        constraints: &Constraints,
        range: Option<PixelRange>,
    ) -> Option<(Mat<f64>, Solution)> {
        match range {
            Some(range) => box_constraints::solve(self, constraints, range),
            None => self.unbounded(constraints),
        }
    }

    fn unbounded(&self, constraints: &Constraints) -> Option<(Mat<f64>, Solution)> {
        let sqp = Sqp {
            upper: UpperLayers::new(self.network),
            first_layer: &self.first_layer,
            constraints,
            pace: self.pace,
        };
        let minimum = sqp.solve()?;
        let image = &self.prior.mean + &minimum.v * self.cross_covariance.transpose();
        Some((image, minimum.solution()))
    }
}
