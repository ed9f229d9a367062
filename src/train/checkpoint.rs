//! Checkpoints of training at the end of an epoch.

use serde_json::json;

use super::history::EpochRow;
use crate::arrays::{Array, ArraysError, from_safetensors, to_safetensors};
use crate::model::{Parameters, from_arrays, to_arrays};
use crate::table::{from_csv, to_csv};

/// State of training after some epochs. Training that resumes from it gives the same bits:
/// shuffles come from one stream per epoch, so the number of epochs is their state.
#[derive(Debug, Clone, PartialEq)]
pub struct Checkpoint {
    /// Weights and biases.
    pub parameters: Vec<Parameters>,
    /// State of the optimiser.
    pub optimizer: Vec<Array>,
    /// Accuracy log: one row per epoch, at least one.
    pub history: Vec<EpochRow>,
}

impl Checkpoint {
    /// Returns the content of a safetensors file.
    ///
    /// # Errors
    /// If the arrays or the log do not fit into it.
    pub fn to_bytes(&self) -> Result<Vec<u8>, ArraysError> {
        let mut arrays = to_arrays(&self.parameters);
        arrays.extend(self.optimizer.iter().cloned());
        // CSV, since JSON cannot represent a loss that is not finite.
        let history = String::from_utf8_lossy(&to_csv(&self.history)?).into_owned();
        to_safetensors(&arrays, &json!({ "history": history }))
    }

    /// Reads the bytes of [`Self::to_bytes`].
    ///
    /// # Errors
    /// If they are not such a file.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, ArraysError> {
        let (arrays, description) = from_safetensors(bytes)?;
        let history = description["history"].as_str().unwrap_or_default();
        let history: Vec<EpochRow> = from_csv(history.as_bytes())?;
        let (optimizer, layers): (Vec<Array>, Vec<Array>) = arrays
            .into_iter()
            .partition(|array| array.name.starts_with("optimizer."));
        match from_arrays(&layers) {
            Some(parameters) if !history.is_empty() => Ok(Self {
                parameters,
                optimizer,
                history,
            }),
            _ => Err(ArraysError::Content),
        }
    }
}
