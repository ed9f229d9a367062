//! Metrics of each layer: how its weights are drawn and trained, how much of the gradient of
//! the loss reaches it, and which of its units are in use (Nguyen-Tran, sections 1.2, 1.4
//! and 1.6).

use burn::tensor::Device;
use faer::Mat;
use serde::{Deserialize, Serialize};

use super::batch::Batches;
use super::run::{Setup, TrainError};
use crate::config::Bounds;
use crate::model::{Activation, Mlp, Network, Parameters, draw};

/// One number about one layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LayerMetric {
    /// Fraction of the weights that are below 0 before training.
    NegativeDrawn,
    /// Fraction of the weights that are below 0 after training.
    NegativeTrained,
    /// Root mean square of the derivatives of the loss by the weights before training,
    /// relative to that of the last layer.
    GradientDrawn,
    /// Fraction of the units of a hidden layer that are dead: the derivative of their
    /// activation is 0 on every row.
    DeadUnits,
    /// Largest magnitude of the derivatives of the loss by the weights and biases of dead
    /// units; none without dead units.
    DeadGradient,
    /// Number of units whose weights and biases no earlier unit has, up to rounding.
    DistinctUnits,
    /// Deviation of the layer's pre-activations from an affine map of the pixels: the
    /// distance of the values at the midpoint of two images from the mean of their values,
    /// relative to the distance of these; a mean over pairs of neighbouring rows.
    Bend,
}

impl LayerMetric {
    /// All metrics, in the order of tables.
    pub const ALL: [Self; 7] = [
        Self::NegativeDrawn,
        Self::NegativeTrained,
        Self::GradientDrawn,
        Self::DeadUnits,
        Self::DeadGradient,
        Self::DistinctUnits,
        Self::Bend,
    ];

    /// Returns the name in specs and tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::NegativeDrawn => "negative_drawn",
            Self::NegativeTrained => "negative_trained",
            Self::GradientDrawn => "gradient_drawn",
            Self::DeadUnits => "dead_units",
            Self::DeadGradient => "dead_gradient",
            Self::DistinctUnits => "distinct_units",
            Self::Bend => "bend",
        }
    }

    /// Returns the label of axes: words, without the unit.
    pub fn label(self) -> &'static str {
        match self {
            Self::NegativeDrawn => "Negative weights before training",
            Self::NegativeTrained => "Negative weights after training",
            Self::GradientDrawn => "Gradient before training, relative to the last layer",
            Self::DeadUnits => "Dead units",
            Self::DeadGradient => "Largest gradient of dead units",
            Self::DistinctUnits => "Distinct units",
            Self::Bend => "Deviation from an affine map",
        }
    }

    /// Returns the definition, in one sentence.
    pub fn about(self) -> &'static str {
        match self {
            Self::NegativeDrawn => "Fraction of the weights below 0 before training.",
            Self::NegativeTrained => "Fraction of the weights below 0 after training.",
            Self::GradientDrawn => {
                "Root mean square of the loss's derivatives by the weights before training, \
                 relative to the last layer."
            }
            Self::DeadUnits => {
                "Fraction of the units of a hidden layer whose activation has a derivative of 0 on \
                 every row."
            }
            Self::DeadGradient => {
                "Largest derivative of the loss by a weight or bias of a dead unit; missing without \
                 any."
            }
            Self::DistinctUnits => {
                "Number of units whose weights and biases no earlier unit has, up to rounding."
            }
            Self::Bend => {
                "Distance of the layer's pre-activations from an affine map of the pixels: at the \
                 midpoint of two images, the distance from the mean of both ends, relative to the \
                 distance of the ends; a mean over pairs of neighbouring rows."
            }
        }
    }

    /// Returns the unit of the values.
    pub fn unit(self) -> &'static str {
        match self {
            Self::NegativeDrawn | Self::NegativeTrained | Self::DeadUnits => "share",
            Self::GradientDrawn | Self::Bend => "ratio",
            Self::DeadGradient => "loss",
            Self::DistinctUnits => "units",
        }
    }

    /// Returns true if the last layer, which has no activation, has no value.
    pub fn is_of_hidden_layers(self) -> bool {
        match self {
            Self::DeadUnits | Self::DeadGradient => true,
            Self::NegativeDrawn
            | Self::NegativeTrained
            | Self::GradientDrawn
            | Self::DistinctUnits
            | Self::Bend => false,
        }
    }

    /// Returns the lowest and highest possible values.
    pub fn bounds(self) -> Bounds {
        match self {
            Self::NegativeDrawn | Self::NegativeTrained | Self::DeadUnits => Bounds::FRACTION,
            Self::GradientDrawn | Self::DeadGradient | Self::DistinctUnits | Self::Bend => {
                Bounds::FROM_ZERO
            }
        }
    }

    /// Returns true for values of any magnitude, which figures draw on a logarithmic axis.
    pub fn is_logarithmic(self) -> bool {
        match self {
            Self::GradientDrawn => true,
            Self::NegativeDrawn
            | Self::NegativeTrained
            | Self::DeadUnits
            | Self::DeadGradient
            | Self::DistinctUnits
            | Self::Bend => false,
        }
    }

    /// Returns the metric with this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|metric| metric.name() == name)
    }
}

/// A row of the table of layers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LayerRow {
    /// Number of the layer, from 0, the layer after the pixels.
    pub layer: usize,
    /// Name of a [`LayerMetric`].
    pub metric: String,
    /// Value, unless it is undefined.
    pub value: Option<f64>,
    /// Unit of the value.
    pub unit: String,
}

/// Maximum number of training rows that gradients and derivatives are measured on.
const MAX_ROWS: usize = 1000;

/// Relative tolerance, in units of the largest weight of the layer, within which weights
/// count as equal.
const TOLERANCE: f32 = 1e-4;

/// Returns a row of each [`LayerMetric`] for each layer of a trained network.
///
/// # Errors
/// If the device fails.
pub fn layer_rows(setup: &Setup<'_>, trained: &[Parameters]) -> Result<Vec<LayerRow>, TrainError> {
    let analysis = LayerAnalysis::new(setup, trained)?;
    let row = |layer, metric: LayerMetric| LayerRow {
        layer,
        metric: metric.name().to_owned(),
        value: analysis.value(layer, metric),
        unit: metric.unit().to_owned(),
    };
    let layers = 0..trained.len();
    let rows = layers.flat_map(|layer| LayerMetric::ALL.map(|metric| row(layer, metric)));
    Ok(rows.collect())
}

/// A network before and after training.
struct LayerAnalysis<'a> {
    drawn: Vec<Parameters>,
    trained: &'a [Parameters],
    /// Root mean square of the derivatives by the drawn weights of each layer.
    gradients: Vec<f64>,
    /// Flags of dead units of each hidden layer.
    dead: Vec<Vec<bool>>,
    /// Derivatives after training, if there are dead units.
    after: Option<Vec<Parameters>>,
    bends: Vec<Option<f64>>,
}

impl<'a> LayerAnalysis<'a> {
    fn new(setup: &Setup<'_>, trained: &'a [Parameters]) -> Result<Self, TrainError> {
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
            LayerMetric::GradientDrawn => ratio(self.gradients[layer], self.gradients.last()),
            LayerMetric::DeadUnits => dead.map(|dead| fraction(dead)),
            LayerMetric::DeadGradient => largest_of(&self.after.as_ref()?[layer], dead?),
            LayerMetric::DistinctUnits => Some(distinct(&self.trained[layer]) as f64),
            LayerMetric::Bend => self.bends[layer],
        }
    }
}

/// Returns the values of the first training rows: rows x pixels.
fn rows(setup: &Setup<'_>) -> Mat<f64> {
    let samples = &setup.dataset.train;
    let value = |n: usize, i: usize| {
        let level = f64::from(samples.row(n)[i]);
        setup.dataset.range.value(level)
    };
    Mat::from_fn(samples.len().min(MAX_ROWS), samples.features, value)
}

/// Returns the derivatives of the mean loss of the first rows by all parameters, in their
/// shapes: the true gradient whatever rule trains, without the penalty.
fn gradients(setup: &Setup<'_>, of: &[Parameters]) -> Result<Vec<Parameters>, TrainError> {
    let device: Device = setup.device.clone().autodiff();
    let Setup { model, train, .. } = setup;
    let first = setup.dataset.train.first(MAX_ROWS);
    let rows: Vec<usize> = (0..first.len()).collect();
    let batch = Batches::new(setup.dataset, &first, train.targets, &device).gather(&rows);
    let mlp = Mlp::new(of.to_vec(), model.activation, &device);
    let loss = train.loss.mean(model.output, mlp.forward(batch.x), batch.t);
    mlp.gradients(&loss).map_err(TrainError::Device)
}

/// Returns the [`LayerMetric::Bend`] of each layer, from its values at the rows x; none if
/// they are equal at the rows of each pair.
fn bends(network: &Network, x: &Mat<f64>, values: &[Mat<f64>]) -> Vec<Option<f64>> {
    let pairs = x.nrows() / 2;
    let midpoint = |n: usize, i: usize| f64::midpoint(x[(2 * n, i)], x[(2 * n + 1, i)]);
    let at_midpoints = network.values(&Mat::from_fn(pairs, x.ncols(), midpoint));
    let bend = |(z, at_midpoints): (&Mat<f64>, &Mat<f64>)| {
        let deviations = (0..pairs).filter_map(|n| {
            let (one, other) = (z.row(2 * n), z.row(2 * n + 1));
            let distance = (one - other).norm_l2();
            let deviation = (at_midpoints.row(n) - (one + other) * 0.5).norm_l2();
            (distance > 0.0).then(|| deviation / distance)
        });
        let deviations: Vec<f64> = deviations.collect();
        let mean = || deviations.iter().sum::<f64>() / deviations.len() as f64;
        (!deviations.is_empty()).then(mean)
    };
    values.iter().zip(&at_midpoints).map(bend).collect()
}

/// Flags the units whose derivative is 0 on all rows of their values.
fn dead(activation: Activation, values: &Mat<f64>) -> Vec<bool> {
    let is_dead = |column: faer::ColRef<'_, f64>| {
        let mut values = column.iter();
        values.all(|&z| activation.derivative(z, 0.0) == 0.0)
    };
    values.col_iter().map(is_dead).collect()
}

fn fraction(flags: &[bool]) -> f64 {
    flags.iter().filter(|flag| **flag).count() as f64 / flags.len() as f64
}

/// Returns the largest magnitude among the parameters of some units; none without units.
fn largest_of(layer: &Parameters, units: &[bool]) -> Option<f64> {
    let rows = layer
        .weight
        .chunks(layer.outputs)
        .chain(layer.bias.as_deref());
    let of_units = rows.flat_map(|row| row.iter().zip(units).filter(|(_, unit)| **unit));
    let magnitudes = of_units.map(|(value, _)| f64::from(value.abs()));
    magnitudes.reduce(f64::max)
}

fn negative(weights: &[f32]) -> f64 {
    weights.iter().filter(|weight| **weight < 0.0).count() as f64 / weights.len() as f64
}

fn rms(numbers: &[f32]) -> f64 {
    let squares = numbers.iter().map(|&x| f64::from(x) * f64::from(x));
    (squares.sum::<f64>() / numbers.len() as f64).sqrt()
}

/// Returns part / whole; none unless the whole is above 0.
fn ratio(part: f64, whole: Option<&f64>) -> Option<f64> {
    let whole = whole.filter(|whole| **whole > 0.0);
    whole.map(|whole| part / whole)
}

/// Counts the units that differ from all units before them.
fn distinct(layer: &Parameters) -> usize {
    let largest = layer
        .weight
        .iter()
        .fold(0.0, |largest: f32, w| largest.max(w.abs()));
    let unit = |unit: usize| -> Vec<f32> {
        let weights = layer.weight.iter().skip(unit).step_by(layer.outputs);
        let bias = layer.bias.iter().map(|bias| &bias[unit]);
        weights.chain(bias).copied().collect()
    };
    let equal = |one: &[f32], other: &[f32]| {
        let mut both = one.iter().zip(other);
        both.all(|(a, b)| (a - b).abs() <= TOLERANCE * largest)
    };
    let mut found: Vec<Vec<f32>> = Vec::new();
    for candidate in (0..layer.outputs).map(unit) {
        if !found.iter().any(|known| equal(known, &candidate)) {
            found.push(candidate);
        }
    }
    found.len()
}

#[cfg(test)]
mod tests;
