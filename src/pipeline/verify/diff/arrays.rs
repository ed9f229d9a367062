//! Files of named arrays, value by value.

use serde_json::Value;

use super::cells::{self, Cell};
use super::{Versions, quoted};
use crate::arrays::{Array, Values, from_safetensors};
use crate::report::flat;

/// Compares all arrays and the description, bit by bit.
pub fn compare(versions: Versions<'_>) -> Result<(), String> {
    let [published, rerun] = versions.read(ArrayFile::read)?;
    cells::compare(versions, published.cells(), rerun.cells(), None)
}

struct ArrayFile {
    /// Arrays by name.
    arrays: Vec<Array>,
    description: Value,
}

impl ArrayFile {
    fn read(bytes: &[u8]) -> Result<Self, String> {
        let (mut arrays, description) =
            from_safetensors(bytes).map_err(|error| format!("is not a file of arrays: {error}"))?;
        arrays.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(Self {
            arrays,
            description,
        })
    }

    /// Iterates over type, shape and values of each array, then over the description.
    fn cells(&self) -> impl Iterator<Item = Cell> {
        let fields = self.description.as_object().map(flat).unwrap_or_default();
        let fields = fields.into_iter().map(|(key, value)| {
            let place = format!("description, {}", quoted(&key));
            cell(place, value.to_string())
        });
        self.arrays.iter().flat_map(cells_of).chain(fields)
    }
}

fn cells_of(array: &Array) -> impl Iterator<Item = Cell> {
    let name = format!("array {}", quoted(&array.name));
    let (kind, count) = match &array.values {
        Values::F32(values) => ("F32", values.len()),
        Values::F64(values) => ("F64", values.len()),
    };
    let shape = cell(name.clone(), format!("{kind} {:?}", array.shape));
    let values = (0..count).map(move |index| {
        let value = match &array.values {
            Values::F32(values) => values[index].to_string(),
            Values::F64(values) => values[index].to_string(),
        };
        cell(format!("{name} at {:?}", place(index, &array.shape)), value)
    });
    std::iter::once(shape).chain(values)
}

fn cell(place: String, value: String) -> Cell {
    Cell {
        place,
        value,
        tolerance: None,
    }
}

/// Indices of a value in an array of this shape, row-major.
fn place(mut index: usize, shape: &[usize]) -> Vec<usize> {
    let mut place = Vec::new();
    for size in shape.iter().rev() {
        let size = (*size).max(1);
        place.push(index % size);
        index /= size;
    }
    place.reverse();
    place
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arrays::to_safetensors;
    use serde_json::json;

    fn file(name: &str, shape: &[usize], values: Values, seed: u64) -> Vec<u8> {
        let array = Array {
            name: name.to_owned(),
            shape: shape.to_vec(),
            values,
        };
        to_safetensors(&[array], &json!({ "seed": seed })).unwrap()
    }

    fn weights(values: &[f32]) -> Vec<u8> {
        file("layers.0.weight", &[2, 2], Values::F32(values.to_vec()), 0)
    }

    fn exact(published: &[u8], rerun: &[u8]) -> String {
        let result = compare(Versions { published, rerun });
        result.err().unwrap_or_default()
    }

    #[test]
    fn the_first_value_that_differs_is_named_with_both_values() {
        let published = weights(&[0.1, 0.2, 0.3, 0.4]);
        assert_eq!(exact(&published, &published), "");
        insta::assert_snapshot!(exact(&published, &weights(&[0.1, 0.2, 0.3001, 0.4])), @"array `layers.0.weight` at [1, 0]: published `0.3`, rerun `0.3001`");
        insta::assert_snapshot!(exact(&published, &weights(&[0.1, 0.2, 0.3, f32::NAN])), @"array `layers.0.weight` at [1, 1]: published `0.4`, rerun `NaN`");
        let zeros = [0.0, -0.0].map(|zero| weights(&[zero; 4]));
        insta::assert_snapshot!(exact(&zeros[0], &zeros[1]), @"array `layers.0.weight` at [0, 0]: published `0`, rerun `-0`; 3 more values differ");
    }

    #[test]
    fn other_arrays_and_descriptions_differ() {
        let single = |name: &str, shape: &[usize], seed: u64| {
            file(name, shape, Values::F32(vec![1.0; 2]), seed)
        };
        let published = single("a", &[2, 1], 0);
        let double = file("a", &[2, 1], Values::F64(vec![1.0; 2]), 0);
        insta::assert_snapshot!(exact(&published, &single("a", &[1, 2], 0)), @"array `a`: published `F32 [2, 1]`, rerun `F32 [1, 2]`; 1 more value differs");
        insta::assert_snapshot!(exact(&published, &single("a", &[2, 1], 12)), @"description, `seed`: published `0`, rerun `12`");
        insta::assert_snapshot!(exact(&published, &double), @"array `a`: published `F32 [2, 1]`, rerun `F64 [2, 1]`");
        insta::assert_snapshot!(exact(&published, &single("b", &[2, 1], 0)), @"array `a`: only published; 2 more values differ");
    }

    #[test]
    fn the_same_values_in_other_bytes_differ() {
        let file = |space: &str| {
            let text = format!("{{\"__metadata__\":{{\"backquery\":\"{space}{{}}\"}}}}");
            [&(text.len() as u64).to_le_bytes()[..], text.as_bytes()].concat()
        };
        insta::assert_snapshot!(exact(&file(""), &file(" ")), @"the bytes differ, although no value does");
    }

    #[test]
    fn broken_files_differ() {
        let whole = weights(&[0.1, 0.2, 0.3, 0.4]);
        insta::assert_snapshot!(exact(&whole, &whole[..whole.len() - 1]), @"the rerun's file is not a file of arrays: incomplete metadata, file not fully covered");
        insta::assert_snapshot!(exact(b"", &whole), @"the published file is not a file of arrays: header too small");
        insta::assert_snapshot!(exact(&whole, &[0xff; 40]), @"the rerun's file is not a file of arrays: header too large");
    }
}
