//! Optimisers whose state can be stored and restored.
//!
//! The steps of Adam are burn's, computed in one pass where tensors are in host memory.
//! The state is kept here: burn identifies parameters by random numbers and restores
//! their state to the default device of the build.

use burn::optim::{Adam, AdamConfig, AdamState, AdaptiveMomentumState, Optimizer as _};
use burn::tensor::{Device, Tensor, TensorData};
use serde::Serialize;

use super::adam::Moments;
use crate::arrays::{Array, Values};
use crate::model::{Loop, is_host, numbers, read, wide};

/// The rule by which a gradient becomes a step.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Optimizer {
    /// Adam with decay rates 0.9 and 0.999 (Kingma and Ba 2015).
    Adam {
        /// Keeps the step finite where gradients vanish; above 0.
        epsilon: f64,
    },
    /// v' = momentum v + gradient; a step of -`learning_rate` v'.
    Sgd {
        /// From 0, none, to below 1.
        momentum: f64,
    },
}

impl Optimizer {
    /// All optimisers with their defaults: 1e-8 as in the paper of Adam and in
    /// scikit-learn, where burn has 1e-5.
    pub const ALL: [Self; 2] = [Self::Adam { epsilon: 1e-8 }, Self::Sgd { momentum: 0.0 }];

    /// Returns the name in a spec.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Adam { .. } => "adam",
            Self::Sgd { .. } => "sgd",
        }
    }
}

/// An optimiser with one state per parameter tensor, numbered from 0; tensors are
/// flattened.
pub enum OptimizerState {
    /// Adam where numbers are at hand.
    HostAdam {
        epsilon: f32,
        moments: Vec<Option<Moments>>,
        device: Device,
    },
    /// Adam on any device.
    Adam {
        rule: Adam,
        states: Vec<Option<AdamState<1>>>,
    },
    /// Polyak's momentum: v' = m v + g. burn would dampen g.
    Sgd {
        momentum: f64,
        velocities: Vec<Option<Tensor<1>>>,
    },
}

impl OptimizerState {
    /// Returns the state before the first step.
    pub fn new(optimizer: Optimizer, device: &Device) -> Self {
        match optimizer {
            Optimizer::Adam { epsilon } if is_host(device) => Self::HostAdam {
                epsilon: epsilon as f32,
                moments: Vec::new(),
                device: device.clone(),
            },
            Optimizer::Adam { epsilon } => Self::Adam {
                rule: AdamConfig::new().with_epsilon(epsilon as f32).build(),
                states: Vec::new(),
            },
            Optimizer::Sgd { momentum } => Self::Sgd {
                momentum,
                velocities: Vec::new(),
            },
        }
    }

    /// The new value of the parameter with this number.
    ///
    /// # Shapes
    /// - value, gradient: the same `[n]`, both without automatic differentiation
    ///
    /// # Errors
    /// If the device cannot give its data back.
    pub fn step(
        &mut self,
        rate: f64,
        number: usize,
        value: Tensor<1>,
        gradient: Tensor<1>,
    ) -> Result<Tensor<1>, String> {
        Ok(match self {
            Self::HostAdam {
                epsilon,
                moments,
                device,
            } => {
                let [size] = value.dims();
                let moments = slot(moments, number).get_or_insert_with(|| Moments::new(size));
                moments.step((rate, *epsilon), value, gradient, device)?
            }
            Self::Adam { rule, states } => {
                let state = slot(states, number);
                let (value, new) = rule.step(rate, value, gradient, state.take());
                *state = new;
                value
            }
            Self::Sgd { momentum, .. } if *momentum == 0.0 => descended(rate, value, gradient)?,
            Self::Sgd {
                momentum,
                velocities,
            } => {
                let velocity = slot(velocities, number);
                let new = match velocity.take() {
                    Some(old) => old * *momentum + gradient,
                    None => gradient,
                };
                *velocity = Some(new.clone());
                value - new * rate
            }
        })
    }

    /// The state, as arrays to be stored: `optimizer.N.` and what it is.
    ///
    /// # Errors
    /// If the device cannot give its data back.
    pub fn to_arrays(&self) -> Result<Vec<Array>, String> {
        let mut arrays = Vec::new();
        let mut add = |number: usize, what: &str, values: Vec<f32>| {
            arrays.push(Array {
                name: format!("optimizer.{number}.{what}"),
                shape: vec![values.len()],
                values: Values::F32(values),
            });
        };
        match self {
            Self::HostAdam { moments, .. } => {
                for (number, moments) in present(moments) {
                    add(number, FIRST, moments.first.clone());
                    add(number, SECOND, moments.second.clone());
                }
            }
            Self::Adam { states, .. } => {
                for (number, AdamState { momentum }) in present(states) {
                    add(number, FIRST, numbers(momentum.moment_1.clone())?);
                    add(number, SECOND, numbers(momentum.moment_2.clone())?);
                }
            }
            Self::Sgd { velocities, .. } => {
                for (number, velocity) in present(velocities) {
                    add(number, VELOCITY, numbers(velocity.clone())?);
                }
            }
        }
        Ok(arrays)
    }

    /// After `steps` steps that left these arrays, for parameters of these
    /// sizes. Nothing if an array is missing or has another size.
    pub fn restore(
        optimizer: Optimizer,
        sizes: &[usize],
        steps: usize,
        arrays: &[Array],
        device: &Device,
    ) -> Option<Self> {
        let find = |number: usize, what: &str| {
            let name = format!("optimizer.{number}.{what}");
            let array = arrays.iter().find(|array| array.name == name)?;
            match &array.values {
                Values::F32(values) if values.len() == sizes[number] => Some(values.clone()),
                _ => None,
            }
        };
        let tensor = |values: Vec<f32>| {
            let size = values.len();
            Tensor::<1>::from_data(TensorData::new(values, [size]), device)
        };
        let mut state = Self::new(optimizer, device);
        for number in 0..sizes.len() {
            match &mut state {
                Self::HostAdam { moments, .. } => moments.push(Some(Moments {
                    time: steps,
                    first: find(number, FIRST)?,
                    second: find(number, SECOND)?,
                })),
                Self::Adam { states, .. } => {
                    let first = tensor(find(number, FIRST)?);
                    let second = tensor(find(number, SECOND)?);
                    let momentum = AdaptiveMomentumState::new(steps, first, second);
                    states.push(Some(AdamState::new(momentum)));
                }
                Self::Sgd { momentum, .. } if *momentum == 0.0 => {}
                Self::Sgd { velocities, .. } => {
                    velocities.push(Some(tensor(find(number, VELOCITY)?)));
                }
            }
        }
        Some(state)
    }
}

/// value - rate gradient: where numbers are at hand in one pass and in place, with
/// the bits of the tensors.
fn descended(rate: f64, value: Tensor<1>, gradient: Tensor<1>) -> Result<Tensor<1>, String> {
    let device = value.device();
    if !is_host(&device) {
        return Ok(value - gradient * rate);
    }
    let mut value = numbers(value)?;
    let rate = rate as f32;
    read(gradient, |gradient| {
        wide(Descent {
            rate,
            value: &mut value,
            gradient,
        });
    })?;
    let size = value.len();
    Ok(Tensor::from_data(TensorData::new(value, [size]), &device))
}

/// The loop over the numbers of a parameter.
struct Descent<'a> {
    rate: f32,
    value: &'a mut [f32],
    gradient: &'a [f32],
}

impl Loop for Descent<'_> {
    type Output = ();

    #[inline(always)]
    #[expect(clippy::inline_always, reason = "else not compiled for the processor")]
    fn run(self) {
        for (x, g) in self.value.iter_mut().zip(self.gradient) {
            *x -= g * self.rate;
        }
    }
}

/// What arrays of a state are called.
const FIRST: &str = "moment_1";
const SECOND: &str = "moment_2";
const VELOCITY: &str = "velocity";

/// The states there are, with their numbers.
fn present<T>(slots: &[Option<T>]) -> impl Iterator<Item = (usize, &T)> {
    let numbered = slots.iter().enumerate();
    numbered.filter_map(|(number, slot)| Some((number, slot.as_ref()?)))
}

/// The place of this number, made if it is not there yet.
fn slot<T>(slots: &mut Vec<Option<T>>, number: usize) -> &mut Option<T> {
    if slots.len() <= number {
        slots.resize_with(number + 1, || None);
    }
    &mut slots[number]
}
