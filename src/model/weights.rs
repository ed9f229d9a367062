//! Parameters as named arrays, the form in which they are stored.

use super::init::Parameters;
use crate::arrays::{Array, Values};

/// Names the parameters of each layer i: `layers.i.weight`, `[inputs, outputs]`, and, if it
/// has biases, `layers.i.bias`, `[outputs]`, in single precision.
///
/// # Examples
/// ```
/// use backquery::model::{Parameters, from_arrays, to_arrays};
///
/// let layer = Parameters {
///     inputs: 1,
///     outputs: 2,
///     weight: vec![0.5, -0.5],
///     bias: None,
/// };
/// let arrays = to_arrays(std::slice::from_ref(&layer));
/// assert_eq!((arrays[0].name.as_str(), &arrays[0].shape[..]), ("layers.0.weight", &[1, 2][..]));
/// assert_eq!(from_arrays(&arrays), Some(vec![layer]));
/// ```
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

/// Restores the layers from their [`to_arrays`]. None if an array is missing, has another
/// shape or precision, or belongs to no layer.
pub fn from_arrays(arrays: &[Array]) -> Option<Vec<Parameters>> {
    let find = |name: String| arrays.iter().find(|array| array.name == name);
    let numbers = |array: &Array| match &array.values {
        Values::F32(values) => Some(values.clone()),
        Values::F64(_) => None,
    };
    let (mut layers, mut used) = (Vec::<Parameters>::new(), 0);
    while let Some(weight) = find(format!("layers.{}.weight", layers.len())) {
        let [inputs, outputs] = weight.shape[..] else {
            return None;
        };
        let bias = find(format!("layers.{}.bias", layers.len()));
        used += 1 + usize::from(bias.is_some());
        let follows = layers.last().is_none_or(|last| last.outputs == inputs);
        if !follows || bias.is_some_and(|bias| bias.shape != [outputs]) {
            return None;
        }
        layers.push(Parameters {
            inputs,
            outputs,
            weight: numbers(weight)?,
            bias: match bias {
                Some(bias) => Some(numbers(bias)?),
                None => None,
            },
        });
    }
    (used == arrays.len() && used > 0).then_some(layers)
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

    #[test]
    fn layers_come_back_and_anything_else_does_not() {
        let layer = |inputs, bias| Parameters {
            inputs,
            outputs: 1,
            weight: vec![0.5; inputs],
            bias,
        };
        let layers = [layer(2, Some(vec![3.0])), layer(1, None)];
        let arrays = to_arrays(&layers);
        assert_eq!(from_arrays(&arrays).as_deref(), Some(&layers[..]));
        assert_eq!(from_arrays(&[]), None);
        assert_eq!(from_arrays(&arrays[1..]), None, "no weight of layer 0");
        assert_eq!(
            from_arrays(&to_arrays(&[layer(2, None), layer(3, None)])),
            None
        );
        let mut wrong = arrays.clone();
        wrong[1].shape = vec![1, 1];
        assert_eq!(from_arrays(&wrong), None);
        wrong = arrays;
        wrong[2].values = Values::F64(vec![0.5]);
        assert_eq!(from_arrays(&wrong), None);
    }
}
