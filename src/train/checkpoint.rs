//! A training that was stopped at the end of an epoch, as bytes.

use serde_json::json;

use super::history::EpochRow;
use crate::arrays::{Array, ArraysError, from_safetensors, to_safetensors};
use crate::model::{Parameters, from_arrays, to_arrays};
use crate::table::{from_csv, to_csv};

/// All that is needed to go on as if nothing had happened: shuffles come from
/// a stream an epoch, so that the number of epochs is the position of them all.
#[derive(Debug, Clone, PartialEq)]
pub struct Checkpoint {
    /// Weights and biases.
    pub parameters: Vec<Parameters>,
    /// The optimiser's state.
    pub optimizer: Vec<Array>,
    /// The accuracy log so far; as many rows as there were epochs, at least one.
    pub history: Vec<EpochRow>,
}

impl Checkpoint {
    /// The content of a safetensors file.
    ///
    /// # Errors
    /// If the arrays or the log do not fit into it.
    pub fn to_bytes(&self) -> Result<Vec<u8>, ArraysError> {
        let mut arrays = to_arrays(&self.parameters);
        arrays.extend(self.optimizer.iter().cloned());
        // CSV, since JSON has no word for a loss that is not finite.
        let history = String::from_utf8_lossy(&to_csv(&self.history)?).into_owned();
        to_safetensors(&arrays, &json!({ "history": history }))
    }

    /// Reads what [`Self::to_bytes`] gave.
    ///
    /// # Errors
    /// If it is something else.
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
