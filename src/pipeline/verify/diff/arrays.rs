//! Files of named arrays, value by value.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{Versions, both, quoted};
use crate::arrays::{Array, Values, from_safetensors};
use crate::report::{differences, shown};

/// Compares all arrays and the description, bit by bit; fails with the first difference.
pub fn compare(versions: Versions<'_>) -> Result<(), String> {
    let [published, rerun] = versions.read(ArrayFile::read)?;
    let names: BTreeSet<&String> = published.arrays.keys().chain(rerun.arrays.keys()).collect();
    for name in names {
        let at = |fault: String| format!("array {}{fault}", quoted(name));
        match (published.arrays.get(name), rerun.arrays.get(name)) {
            (Some(ours), Some(theirs)) => compare_arrays(ours, theirs).map_err(at)?,
            (Some(_), None) => return Err(at(": only published".to_owned())),
            (None, _) => return Err(at(": only in the rerun".to_owned())),
        }
    }
    compare_descriptions(&published.description, &rerun.description)?;
    if versions.are_same_bytes() {
        Ok(())
    } else {
        Err("the bytes differ, although no value does".to_owned())
    }
}

struct ArrayFile {
    arrays: BTreeMap<String, Array>,
    description: Value,
}

impl ArrayFile {
    fn read(bytes: &[u8]) -> Result<Self, String> {
        let (arrays, description) =
            from_safetensors(bytes).map_err(|error| format!("is not a file of arrays: {error}"))?;
        let named = |array: Array| (array.name.clone(), array);
        Ok(Self {
            arrays: arrays.into_iter().map(named).collect(),
            description,
        })
    }
}

fn compare_arrays(published: &Array, rerun: &Array) -> Result<(), String> {
    let shape = |array: &Array| match array.values {
        Values::F32(_) => format!("F32 {:?}", array.shape),
        Values::F64(_) => format!("F64 {:?}", array.shape),
    };
    let both_shapes = || format!(": {}", both(shape(published), shape(rerun)));
    let first = match (&published.values, &rerun.values) {
        _ if published.shape != rerun.shape => return Err(both_shapes()),
        (Values::F32(ours), Values::F32(theirs)) => {
            first_difference(ours, theirs, |value| value.to_bits().into())
        }
        (Values::F64(ours), Values::F64(theirs)) => first_difference(ours, theirs, f64::to_bits),
        (Values::F32(_), Values::F64(_)) | (Values::F64(_), Values::F32(_)) => {
            return Err(both_shapes());
        }
    };
    first.map_or(Ok(()), |(index, values)| {
        Err(format!(" at {:?}: {values}", place(index, &rerun.shape)))
    })
}

/// Returns the index of the first pair of values with other bits, and both values.
fn first_difference<T: Copy + std::fmt::Display>(
    published: &[T],
    rerun: &[T],
    bits: impl Fn(T) -> u64,
) -> Option<(usize, String)> {
    let mut pairs = published.iter().zip(rerun).enumerate();
    let (index, (ours, theirs)) = pairs.find(|(_, (a, b))| bits(**a) != bits(**b))?;
    Some((index, both(ours, theirs)))
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

fn compare_descriptions(published: &Value, rerun: &Value) -> Result<(), String> {
    let (Value::Object(ours), Value::Object(theirs)) = (published, rerun) else {
        return Ok(());
    };
    differences(ours, theirs).first().map_or(Ok(()), |first| {
        let values = both(shown(first.a.as_ref()), shown(first.b.as_ref()));
        Err(format!("description, {}: {values}", quoted(&first.key)))
    })
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
        insta::assert_snapshot!(exact(&published, &weights(&[0.1, 0.2, 0.3001, 0.4])), @"array `layers.0.weight` at [1, 0]: published 0.3, rerun 0.3001");
        insta::assert_snapshot!(exact(&published, &weights(&[0.1, 0.2, 0.3, f32::NAN])), @"array `layers.0.weight` at [1, 1]: published 0.4, rerun NaN");
        let zeros = [0.0, -0.0].map(|zero| weights(&[zero; 4]));
        insta::assert_snapshot!(exact(&zeros[0], &zeros[1]), @"array `layers.0.weight` at [0, 0]: published 0, rerun -0");
    }

    #[test]
    fn other_arrays_and_descriptions_differ() {
        let single = |name: &str, shape: &[usize], seed: u64| {
            file(name, shape, Values::F32(vec![1.0; 2]), seed)
        };
        let published = single("a", &[2, 1], 0);
        let double = file("a", &[2, 1], Values::F64(vec![1.0; 2]), 0);
        insta::assert_snapshot!(exact(&published, &single("a", &[1, 2], 0)), @"array `a`: published F32 [2, 1], rerun F32 [1, 2]");
        insta::assert_snapshot!(exact(&published, &single("a", &[2, 1], 12)), @"description, `seed`: published 0, rerun 12");
        insta::assert_snapshot!(exact(&published, &double), @"array `a`: published F32 [2, 1], rerun F64 [2, 1]");
        insta::assert_snapshot!(exact(&published, &single("b", &[2, 1], 0)), @"array `a`: only published");
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
