//! The array files of a replicate, each with all that is needed to use it
//! without the spec.

use serde_json::json;

use super::products::Inverse;
use crate::arrays::{Array, Values, to_safetensors};
use crate::model::{Parameters, to_arrays};
use crate::train::Setup;

/// Weights as `layers.I.weight` (inputs x outputs) and biases as
/// `layers.I.bias`, f32 as they were trained.
///
/// # Errors
/// If the arrays do not fit into the format.
pub fn weights(
    setup: &Setup<'_>,
    parameters: &[Parameters],
) -> Result<Vec<u8>, crate::arrays::ArraysError> {
    let description = json!({
        "model": setup.model,
        "classes": setup.dataset.classes,
        "range": setup.dataset.range,
        "data": setup.dataset.describe(),
        "seed": setup.seed,
    });
    to_safetensors(&to_arrays(parameters), &description)
}

/// One array an inversion, called like it: classes x inputs, f64, on the scale
/// of the pixel range.
///
/// # Errors
/// If the arrays do not fit into the format.
pub fn inverses(
    setup: &Setup<'_>,
    inverses: &[Inverse<'_>],
) -> Result<Vec<u8>, crate::arrays::ArraysError> {
    let array = |inverse: &Inverse<'_>| {
        let rows = inverse.images.row_iter();
        Array {
            name: inverse.name.to_owned(),
            shape: vec![inverse.images.nrows(), inverse.images.ncols()],
            values: Values::F64(rows.flat_map(|row| row.iter().copied()).collect()),
        }
    };
    let arrays: Vec<Array> = inverses.iter().map(array).collect();
    let description = json!({
        "classes": setup.dataset.classes,
        "range": setup.dataset.range,
        "data": setup.dataset.describe(),
        "seed": setup.seed,
    });
    to_safetensors(&arrays, &description)
}
