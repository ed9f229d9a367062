//! Optimisers whose state can be stored and restored.
//!
//! The steps of Adam are burn's, computed in one pass where tensors are in host memory.
//! The state is kept here: burn identifies parameters by random numbers and restores
//! their state to the default device of the build.

use burn::optim::{Adam, AdamConfig, AdamState, AdaptiveMomentumState, Optimizer as _};
use burn::tensor::{Device, Tensor, TensorData};
use serde::Serialize;

use crate::arrays::{Array, Values};
use crate::kernels::{AdamMoments, descend};
use crate::model::{is_host, numbers, read};

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
        /// At least 0 and below 1.
        momentum: f64,
    },
}

impl Optimizer {
    /// Adam with the epsilon of its paper and of scikit-learn; burn's is 1e-5.
    pub const ADAM: Self = Self::Adam { epsilon: 1e-8 };
    /// All optimisers with their defaults.
    pub const ALL: [Self; 2] = [Self::ADAM, Self::Sgd { momentum: 0.0 }];

    /// Returns the name in a spec.
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
    /// Adam in host memory.
    HostAdam {
        epsilon: f32,
        moments: Vec<Option<AdamMoments>>,
    },
    /// Adam on any device.
    Adam {
        rule: Adam,
        states: Vec<Option<AdamState<1>>>,
    },
    /// Polyak's momentum; burn's would dampen the gradient.
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

    /// Returns the new value of the parameter with this number.
    ///
    /// # Shapes
    /// - value, gradient: the same `[n]`, both without automatic differentiation
    ///
    /// # Errors
    /// If the device cannot give its data back.
    pub fn step(
        &mut self,
        learning_rate: f64,
        number: usize,
        value: Tensor<1>,
        gradient: Tensor<1>,
    ) -> Result<Tensor<1>, String> {
        Ok(match self {
            Self::HostAdam { epsilon, moments } => {
                let [size] = value.dims();
                let moments = slot(moments, number).get_or_insert_with(|| AdamMoments::new(size));
                in_place(value, gradient, |value, gradient| {
                    moments.step(value, gradient, learning_rate as f32, *epsilon);
                })?
            }
            Self::Adam { rule, states } => {
                let state = slot(states, number);
                let (value, new) = rule.step(learning_rate, value, gradient, state.take());
                *state = new;
                value
            }
            Self::Sgd { momentum, .. } if *momentum == 0.0 && is_host(&value.device()) => {
                in_place(value, gradient, |value, gradient| {
                    descend(value, gradient, learning_rate as f32);
                })?
            }
            Self::Sgd { momentum, .. } if *momentum == 0.0 => value - gradient * learning_rate,
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
                value - new * learning_rate
            }
        })
    }

    /// Returns the state as arrays to store, named `optimizer.N.` and the kind of state.
    ///
    /// # Errors
    /// If the device cannot give its data back.
    pub fn to_arrays(&self) -> Result<Vec<Array>, String> {
        let mut arrays = Vec::new();
        let mut add = |number: usize, kind: &str, values: Vec<f32>| {
            arrays.push(Array {
                name: format!("optimizer.{number}.{kind}"),
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

    /// Restores the state after `steps` steps from its arrays, for parameters of these
    /// sizes. None if an array is missing or has another size.
    pub fn restore(
        optimizer: Optimizer,
        sizes: &[usize],
        steps: usize,
        arrays: &[Array],
        device: &Device,
    ) -> Option<Self> {
        let find = |number: usize, kind: &str| {
            let name = format!("optimizer.{number}.{kind}");
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
                Self::HostAdam { moments, .. } => moments.push(Some(AdamMoments {
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

/// Changes a value in host memory by its gradient.
///
/// # Errors
/// If the tensors cannot be read.
fn in_place(
    value: Tensor<1>,
    gradient: Tensor<1>,
    update: impl FnOnce(&mut [f32], &[f32]),
) -> Result<Tensor<1>, String> {
    let device = value.device();
    let mut value = numbers(value)?;
    read(gradient, |gradient| update(&mut value, gradient))?;
    let size = value.len();
    Ok(Tensor::from_data(TensorData::new(value, [size]), &device))
}

/// Kinds of state, in the names of arrays.
const FIRST: &str = "moment_1";
const SECOND: &str = "moment_2";
const VELOCITY: &str = "velocity";

/// Returns the states that exist, with their numbers.
fn present<T>(slots: &[Option<T>]) -> impl Iterator<Item = (usize, &T)> {
    let numbered = slots.iter().enumerate();
    numbered.filter_map(|(number, slot)| Some((number, slot.as_ref()?)))
}

/// Returns the slot with this number, created if necessary.
fn slot<T>(slots: &mut Vec<Option<T>>, number: usize) -> &mut Option<T> {
    if slots.len() <= number {
        slots.resize_with(number + 1, || None);
    }
    &mut slots[number]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::stream;

    #[test]
    fn host_adam_gives_the_bits_of_burns() {
        let device = Device::flex();
        let mut draws = stream(0, "adam");
        let mut draw = |n: usize| -> Vec<f32> { (0..n).map(|_| draws.normal() as f32).collect() };
        let tensor = |values: &[f32]| {
            Tensor::<1>::from_data(TensorData::new(values.to_vec(), [values.len()]), &device)
        };
        let rule = AdamConfig::new().with_epsilon(1e-7).build();
        let mut ours = OptimizerState::new(Optimizer::Adam { epsilon: 1e-7 }, &device);
        assert!(matches!(ours, OptimizerState::HostAdam { .. }));
        let (mut state, mut value) = (None, draw(101));
        for step in 0..50 {
            let gradient = draw(101);
            let (theirs, new) = rule.step(1e-3, tensor(&value), tensor(&gradient), state);
            state = new;
            let theirs = numbers(theirs).unwrap();
            let next = ours.step(1e-3, 0, tensor(&value), tensor(&gradient));
            value = numbers(next.unwrap()).unwrap();
            let bits = |values: &[f32]| values.iter().map(|v| v.to_bits()).collect::<Vec<_>>();
            assert_eq!(bits(&value), bits(&theirs), "step {step}");
        }
    }

    #[test]
    fn descent_in_place_gives_the_bits_of_tensors() {
        let device = Device::flex();
        let mut draws = stream(0, "sgd");
        let mut draw = || -> Vec<f32> { (0..101).map(|_| draws.normal() as f32).collect() };
        let tensor = |values: &[f32]| {
            Tensor::<1>::from_data(TensorData::new(values.to_vec(), [values.len()]), &device)
        };
        let (value, gradient) = (draw(), draw());
        let mut state = OptimizerState::new(Optimizer::Sgd { momentum: 0.0 }, &device);
        let ours = state.step(0.1, 0, tensor(&value), tensor(&gradient));
        let expected = tensor(&value) - tensor(&gradient) * 0.1;
        assert_eq!(numbers(ours.unwrap()), numbers(expected));
    }
}
