//! Optimisers that can be stopped and started again.
//!
//! The steps of Adam are burn's. Its state is kept here: burn's own keeper of
//! states knows parameters by random numbers and restores them to the default
//! device of the build.

use burn::optim::{Adam, AdamConfig, AdamState, AdaptiveMomentumState, Optimizer as _};
use burn::tensor::{Device, Tensor, TensorData};

use crate::arrays::{Array, Values};
use crate::model::numbers;
use crate::spec;

/// An optimiser with one state a parameter tensor, numbered from 0; tensors
/// are flattened.
pub enum Optimizer {
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

impl Optimizer {
    /// Before the first step.
    pub fn new(spec: spec::Optimizer) -> Self {
        match spec {
            spec::Optimizer::Adam { epsilon } => Self::Adam {
                rule: AdamConfig::new().with_epsilon(epsilon as f32).build(),
                states: Vec::new(),
            },
            spec::Optimizer::Sgd { momentum } => Self::Sgd {
                momentum,
                velocities: Vec::new(),
            },
        }
    }

    /// The new value of the parameter with this number.
    ///
    /// # Shapes
    /// - value, gradient: the same `[n]`, both without automatic differentiation
    pub fn step(
        &mut self,
        rate: f64,
        number: usize,
        value: Tensor<1>,
        gradient: Tensor<1>,
    ) -> Tensor<1> {
        match self {
            Self::Adam { rule, states } => {
                let state = slot(states, number);
                let (value, new) = rule.step(rate, value, gradient, state.take());
                *state = new;
                value
            }
            Self::Sgd { momentum, .. } if *momentum == 0.0 => value - gradient * rate,
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
        }
    }

    /// The state, as arrays to be stored: `optimizer.N.` and what it is.
    ///
    /// # Errors
    /// If the device cannot give its data back.
    pub fn to_arrays(&self) -> Result<Vec<Array>, String> {
        let mut arrays = Vec::new();
        let mut add = |number: usize, what: &str, tensor: &Tensor<1>| {
            let values = numbers(tensor.clone())?;
            arrays.push(Array {
                name: format!("optimizer.{number}.{what}"),
                shape: vec![values.len()],
                values: Values::F32(values),
            });
            Ok::<(), String>(())
        };
        match self {
            Self::Adam { states, .. } => {
                for (number, state) in states.iter().enumerate() {
                    if let Some(AdamState { momentum }) = state {
                        add(number, "moment_1", &momentum.moment_1)?;
                        add(number, "moment_2", &momentum.moment_2)?;
                    }
                }
            }
            Self::Sgd { velocities, .. } => {
                for (number, velocity) in velocities.iter().enumerate() {
                    if let Some(velocity) = velocity {
                        add(number, "velocity", velocity)?;
                    }
                }
            }
        }
        Ok(arrays)
    }

    /// After `steps` steps that left these arrays, for parameters of these
    /// sizes. Nothing if an array is missing or has another size.
    pub fn restore(
        spec: spec::Optimizer,
        sizes: &[usize],
        steps: usize,
        arrays: &[Array],
        device: &Device,
    ) -> Option<Self> {
        let find = |number: usize, what: &str| {
            let name = format!("optimizer.{number}.{what}");
            let array = arrays.iter().find(|array| array.name == name)?;
            match &array.values {
                Values::F32(values) if values.len() == sizes[number] => {
                    let data = TensorData::new(values.clone(), [values.len()]);
                    Some(Tensor::<1>::from_data(data, device))
                }
                _ => None,
            }
        };
        let mut optimizer = Self::new(spec);
        for number in 0..sizes.len() {
            match &mut optimizer {
                Self::Adam { states, .. } => {
                    let (first, second) = (find(number, "moment_1")?, find(number, "moment_2")?);
                    let momentum = AdaptiveMomentumState::new(steps, first, second);
                    states.push(Some(AdamState::new(momentum)));
                }
                Self::Sgd { momentum, .. } if *momentum == 0.0 => {}
                Self::Sgd { velocities, .. } => velocities.push(Some(find(number, "velocity")?)),
            }
        }
        Some(optimizer)
    }
}

/// The place of this number, made if it is not there yet.
fn slot<T>(slots: &mut Vec<Option<T>>, number: usize) -> &mut Option<T> {
    if slots.len() <= number {
        slots.resize_with(number + 1, || None);
    }
    &mut slots[number]
}
