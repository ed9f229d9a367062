//! Parameters as named arrays, which is how they are stored.

use super::init::Parameters;
use crate::arrays::{Array, Values};

/// `layers.I.weight` (inputs x outputs) and, if the layer has biases,
/// `layers.I.bias` (outputs), in single precision as they were trained.
#[must_use]
pub fn to_arrays(parameters: &[Parameters]) -> Vec<Array> {
    let mut arrays = Vec::new();
    for (index, layer) in parameters.iter().enumerate() {
        arrays.push(Array {
            name: format!("layers.{index}.weight"),
            shape: vec![layer.inputs, layer.outputs],
            values: Values::F32(layer.weight.clone()),
        });
        arrays.extend(layer.bias.as_ref().map(|bias| Array {
            name: format!("layers.{index}.bias"),
            shape: vec![layer.outputs],
            values: Values::F32(bias.clone()),
        }));
    }
    arrays
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn layers_are_numbered_and_missing_biases_are_missing() {
        let layer = |bias| Parameters {
            inputs: 2,
            outputs: 1,
            weight: vec![0.5, -0.5],
            bias,
        };
        let arrays = to_arrays(&[layer(Some(vec![3.0])), layer(None)]);
        let shapes: Vec<_> = arrays
            .iter()
            .map(|a| (a.name.as_str(), &a.shape[..]))
            .collect();
        let expected = [
            ("layers.0.weight", &[2, 1][..]),
            ("layers.0.bias", &[1]),
            ("layers.1.weight", &[2, 1]),
        ];
        assert_eq!(shapes, expected);
        assert_eq!(arrays[1].values, Values::F32(vec![3.0]));
    }
}
