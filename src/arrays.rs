//! Named arrays in safetensors files, which NumPy and PyTorch read.

use std::collections::HashMap;

use safetensors::tensor::{Dtype, SafeTensors, TensorView, serialize};

/// Numbers with a name and a shape, row-major.
#[derive(Debug, Clone, PartialEq)]
pub struct Array {
    /// Name, unique in the file.
    pub name: String,
    /// Dimensions, the slowest first.
    pub shape: Vec<usize>,
    /// Numbers, as many as the product of the dimensions.
    pub values: Values,
}

/// Numbers in the precision in which they are stored.
#[derive(Debug, Clone, PartialEq)]
pub enum Values {
    /// Single precision.
    F32(Vec<f32>),
    /// Double precision.
    F64(Vec<f64>),
}

impl Values {
    fn dtype(&self) -> Dtype {
        match self {
            Self::F32(_) => Dtype::F32,
            Self::F64(_) => Dtype::F64,
        }
    }

    fn bytes(&self) -> Vec<u8> {
        match self {
            Self::F32(values) => values.iter().flat_map(|v| v.to_le_bytes()).collect(),
            Self::F64(values) => values.iter().flat_map(|v| v.to_le_bytes()).collect(),
        }
    }

    /// Reads numbers of this type from their bytes.
    fn from_bytes(dtype: Dtype, bytes: &[u8]) -> Option<Self> {
        // Both sizes divide the bytes: the format has checked the shape.
        let (four, _) = bytes.as_chunks();
        let (eight, _) = bytes.as_chunks();
        match dtype {
            Dtype::F32 => Some(Self::F32(
                four.iter().map(|&b| f32::from_le_bytes(b)).collect(),
            )),
            Dtype::F64 => Some(Self::F64(
                eight.iter().map(|&b| f64::from_le_bytes(b)).collect(),
            )),
            _ => None,
        }
    }
}

/// Failure to read or write an array file.
#[derive(Debug, thiserror::Error)]
pub enum ArraysError {
    /// Error of the format.
    #[error(transparent)]
    Format(#[from] safetensors::SafeTensorError),
    /// Error of a table in the description.
    #[error(transparent)]
    Table(#[from] csv::Error),
    /// Other arrays, or another description, than expected.
    #[error("the arrays are not those that this program writes here")]
    Content,
}

/// Reads the arrays, in the order of their names, and the description of a file.
///
/// # Errors
/// If [`to_safetensors`] did not write it.
pub fn from_safetensors(bytes: &[u8]) -> Result<(Vec<Array>, serde_json::Value), ArraysError> {
    let file = SafeTensors::deserialize(bytes)?;
    let (_, header) = SafeTensors::read_metadata(bytes)?;
    let description = header
        .metadata()
        .as_ref()
        .and_then(|keys| keys.get("backquery"));
    let description = description.and_then(|text| serde_json::from_str(text).ok());
    let mut arrays = Vec::new();
    for (name, view) in file.tensors() {
        arrays.push(Array {
            name,
            shape: view.shape().to_vec(),
            values: Values::from_bytes(view.dtype(), view.data()).ok_or(ArraysError::Content)?,
        });
    }
    arrays.sort_by(|a, b| a.name.cmp(&b.name));
    Ok((arrays, description.ok_or(ArraysError::Content)?))
}

/// Returns the bytes of a file with these arrays and, under the metadata key `backquery`, a
/// description as JSON. It is the only key: the format keeps metadata in a hash map, so that
/// several keys would be written in random order.
///
/// # Errors
/// If the shape of an array does not fit the number of its values, or the description is
/// larger than the format allows.
pub fn to_safetensors(
    arrays: &[Array],
    description: &serde_json::Value,
) -> Result<Vec<u8>, ArraysError> {
    let bytes: Vec<Vec<u8>> = arrays.iter().map(|array| array.values.bytes()).collect();
    let mut views = Vec::new();
    for (array, bytes) in arrays.iter().zip(&bytes) {
        let view = TensorView::new(array.values.dtype(), array.shape.clone(), bytes)?;
        views.push((array.name.as_str(), view));
    }
    let metadata = HashMap::from([("backquery".to_owned(), description.to_string())]);
    Ok(serialize(views, Some(metadata))?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arrays_are_read_back() {
        let arrays = [
            Array {
                name: "layers.0.weight".to_owned(),
                shape: vec![2, 1],
                values: Values::F32(vec![1.5, -2.0]),
            },
            Array {
                name: "empirical".to_owned(),
                shape: vec![1],
                values: Values::F64(vec![0.1]),
            },
        ];
        let description = serde_json::json!({ "output": "softmax" });
        let bytes = to_safetensors(&arrays, &description).unwrap();
        assert_eq!(bytes, to_safetensors(&arrays, &description).unwrap());
        let file = SafeTensors::deserialize(&bytes).unwrap();
        let weight = file.tensor("layers.0.weight").unwrap();
        assert_eq!((weight.dtype(), weight.shape()), (Dtype::F32, &[2, 1][..]));
        assert_eq!(
            weight.data(),
            [1.5f32.to_le_bytes(), (-2f32).to_le_bytes()].concat()
        );
        assert_eq!(
            file.tensor("empirical").unwrap().data(),
            0.1f64.to_le_bytes()
        );
        let (mut read, about) = from_safetensors(&bytes).unwrap();
        read.reverse();
        assert_eq!((&read[..], &about), (&arrays[..], &description));
        let (_, metadata) = SafeTensors::read_metadata(&bytes).unwrap();
        let metadata = metadata.metadata().as_ref().unwrap();
        assert_eq!(metadata["backquery"], r#"{"output":"softmax"}"#);
    }

    #[test]
    fn a_shape_that_does_not_fit_is_an_error() {
        let array = Array {
            name: "a".to_owned(),
            shape: vec![3],
            values: Values::F64(vec![1.0]),
        };
        assert!(to_safetensors(&[array], &serde_json::Value::Null).is_err());
    }
}
