//! What there is to say of each layer: how its weights are drawn and where training
//! leads them, how much of the loss's gradient gets back to it, and which of its units
//! do anything (Nguyen-Tran, sections 1.2, 1.4 and 1.6).

use burn::tensor::Device;
use faer::Mat;
use serde::{Deserialize, Serialize};

use super::batch::Batches;
use super::run::{Setup, TrainError};
use crate::config::LayerMetric;
use crate::model::{Activation, Mlp, Network, Parameters, draw};

/// A row of the table of layers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LayerRow {
    /// From 0, the layer that the pixels go into.
    pub layer: usize,
    /// The name of a [`LayerMetric`].
    pub metric: String,
    /// Missing where there is none.
    pub value: Option<f64>,
    /// What the value counts.
    pub unit: String,
}

/// Of so many training rows, the first ones, gradients and slopes are told.
const ROWS: usize = 1000;

/// Weights closer than this, as a share of the largest of their layer, are equal ones
/// that were rounded otherwise.
const EQUAL: f32 = 1e-4;

/// Everything that is told of the layers of a trained network: for each layer a row
/// of each [`LayerMetric`].
///
/// # Errors
/// If the device fails.
pub fn layer_rows(setup: &Setup<'_>, trained: &[Parameters]) -> Result<Vec<LayerRow>, TrainError> {
    let layers = Layers::of(setup, trained)?;
    let row = |layer, metric: LayerMetric| LayerRow {
        layer,
        metric: metric.name().to_owned(),
        value: layers.value(layer, metric),
        unit: metric.unit().to_owned(),
    };
    let all =
        (0..trained.len()).flat_map(|layer| LayerMetric::ALL.map(|metric| row(layer, metric)));
    Ok(all.collect())
}

/// The layers of a network, before and after training.
struct Layers<'a> {
    drawn: Vec<Parameters>,
    trained: &'a [Parameters],
    /// Root mean squares of the derivatives by drawn weights.
    gradients: Vec<f64>,
    /// Of each hidden layer whether its units are dead.
    dead: Vec<Vec<bool>>,
    /// The derivatives after training; needed where there are dead units.
    after: Option<Vec<Parameters>>,
    bends: Vec<Option<f64>>,
}

impl<'a> Layers<'a> {
    fn of(setup: &Setup<'_>, trained: &'a [Parameters]) -> Result<Self, TrainError> {
        let (inputs, classes) = (setup.dataset.train.features, setup.dataset.classes.len());
        let drawn = draw(setup.model, inputs, classes, setup.seed);
        let gradients = gradients(setup, &drawn)?;
        let activation = setup.model.activation;
        let network = Network::new(trained, activation, setup.model.output);
        let rows = rows(setup);
        let values = network.values(&rows);
        let hidden = values.iter().take(trained.len() - 1);
        let dead: Vec<Vec<bool>> = hidden.map(|z| dead(activation, z)).collect();
        let any_dead = dead.iter().flatten().any(|dead| *dead);
        let after = any_dead.then(|| self::gradients(setup, trained));
        Ok(Self {
            drawn,
            trained,
            gradients: gradients.iter().map(|layer| rms(&layer.weight)).collect(),
            dead,
            after: after.transpose()?,
            bends: bends(&network, &rows, &values),
        })
    }

    fn value(&self, layer: usize, metric: LayerMetric) -> Option<f64> {
        let dead = self.dead.get(layer);
        match metric {
            LayerMetric::NegativeDrawn => Some(negative(&self.drawn[layer].weight)),
            LayerMetric::NegativeTrained => Some(negative(&self.trained[layer].weight)),
            LayerMetric::GradientDrawn => share(self.gradients[layer], self.gradients.last()),
            LayerMetric::DeadUnits => dead.map(|dead| mean(dead)),
            LayerMetric::DeadGradient => largest_of(&self.after.as_ref()?[layer], dead?),
            LayerMetric::DistinctUnits => Some(distinct(&self.trained[layer]) as f64),
            LayerMetric::Bend => self.bends[layer],
        }
    }
}

/// The numbers of the first training rows: so many rows x pixels.
fn rows(setup: &Setup<'_>) -> Mat<f64> {
    let samples = &setup.dataset.train;
    let value = |n: usize, i: usize| {
        let level = f64::from(samples.row(n)[i]);
        setup.dataset.range.value(level)
    };
    Mat::from_fn(samples.len().min(ROWS), samples.features, value)
}

/// The derivatives of the mean loss of the first rows by all parameters, in the shape
/// of these; without the penalty, and as mathematics has it, whatever rule trains.
fn gradients(setup: &Setup<'_>, of: &[Parameters]) -> Result<Vec<Parameters>, TrainError> {
    let device: Device = setup.device.clone().autodiff();
    let Setup { model, train, .. } = setup;
    let first = setup.dataset.train.first(ROWS);
    let rows: Vec<usize> = (0..first.len()).collect();
    let batch = Batches::new(setup.dataset, &first, train.targets, &device).gather(&rows);
    let mlp = Mlp::new(of.to_vec(), model.activation, &device);
    let loss = train.loss.mean(model.output, mlp.forward(batch.x), batch.t);
    mlp.gradients(&loss).map_err(TrainError::Device)
}

/// [`LayerMetric::Bend`] of each layer by its values on rows x; none if no two rows differ
/// in it.
fn bends(network: &Network, x: &Mat<f64>, all: &[Mat<f64>]) -> Vec<Option<f64>> {
    let pairs = x.nrows() / 2;
    let middle = |n: usize, i: usize| f64::midpoint(x[(2 * n, i)], x[(2 * n + 1, i)]);
    let between = network.values(&Mat::from_fn(pairs, x.ncols(), middle));
    let layers = all.iter().zip(&between);
    let bend = |(z, between): (&Mat<f64>, &Mat<f64>)| {
        let shares = (0..pairs).filter_map(|n| {
            let (one, other) = (z.row(2 * n), z.row(2 * n + 1));
            let apart = (one - other).norm_l2();
            let off = (between.row(n) - (one + other) * 0.5).norm_l2();
            (apart > 0.0).then(|| off / apart)
        });
        let shares: Vec<f64> = shares.collect();
        (!shares.is_empty()).then(|| shares.iter().sum::<f64>() / shares.len() as f64)
    };
    layers.map(bend).collect()
}

/// For each unit whether nothing gets through it, on all rows of its values.
fn dead(activation: Activation, values: &Mat<f64>) -> Vec<bool> {
    let is_dead = |column: faer::ColRef<'_, f64>| {
        let mut values = column.iter();
        values.all(|&z| activation.derivative(z, 0.0) == 0.0)
    };
    values.col_iter().map(is_dead).collect()
}

fn mean(flags: &[bool]) -> f64 {
    flags.iter().filter(|flag| **flag).count() as f64 / flags.len() as f64
}

/// The largest magnitude among the parameters of some units; none without any.
fn largest_of(layer: &Parameters, units: &[bool]) -> Option<f64> {
    let rows = layer
        .weight
        .chunks(layer.outputs)
        .chain(layer.bias.as_deref());
    let of_units = rows.flat_map(|row| row.iter().zip(units).filter(|(_, unit)| **unit));
    let sizes = of_units.map(|(value, _)| f64::from(value.abs()));
    sizes.reduce(f64::max)
}

fn negative(weights: &[f32]) -> f64 {
    weights.iter().filter(|weight| **weight < 0.0).count() as f64 / weights.len() as f64
}

fn rms(numbers: &[f32]) -> f64 {
    let squares = numbers.iter().map(|&x| f64::from(x) * f64::from(x));
    (squares.sum::<f64>() / numbers.len() as f64).sqrt()
}

/// None of nothing.
fn share(part: f64, whole: Option<&f64>) -> Option<f64> {
    whole
        .filter(|whole| **whole > 0.0)
        .map(|whole| part / whole)
}

/// How many units differ from all before them.
fn distinct(layer: &Parameters) -> usize {
    let largest = layer
        .weight
        .iter()
        .fold(0.0, |most: f32, w| most.max(w.abs()));
    let unit = |unit: usize| -> Vec<f32> {
        let weights = layer.weight.iter().skip(unit).step_by(layer.outputs);
        let bias = layer.bias.iter().map(|bias| &bias[unit]);
        weights.chain(bias).copied().collect()
    };
    let mut found: Vec<Vec<f32>> = Vec::new();
    for candidate in (0..layer.outputs).map(unit) {
        let is_like = |known: &&Vec<f32>| {
            let mut both = known.iter().zip(&candidate);
            both.all(|(a, b)| (a - b).abs() <= EQUAL * largest)
        };
        if !found.iter().any(|known| is_like(&known)) {
            found.push(candidate);
        }
    }
    found.len()
}

#[cfg(test)]
mod tests;
