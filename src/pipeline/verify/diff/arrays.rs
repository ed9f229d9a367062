//! Files of named arrays, value by value.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::tally::{Tally, distance};
use super::wording::{both, quoted, short};
use super::{Pair, bytes};
use crate::arrays::{Array, Values, from_safetensors};
use crate::report::{differences, shown};

/// What differs, byte for byte: one line an array or entry of the description.
pub fn exact(pair: Pair<'_>) -> Vec<String> {
    if pair.has_same_bytes() {
        return Vec::new();
    }
    let [published, again] = match pair.read(File::read) {
        Ok(files) => files,
        Err(faults) => return faults,
    };
    let mut whats = array_differences(&published.arrays, &again.arrays);
    whats.extend(description_differences(
        &published.description,
        &again.description,
    ));
    if whats.is_empty() {
        let place = bytes::first_difference(pair).unwrap_or_default();
        whats.push(format!(
            "arrays and description are equal, only how they are written differs, {place}"
        ));
    }
    whats
}

struct File {
    arrays: BTreeMap<String, Array>,
    description: Value,
}

impl File {
    fn read(bytes: &[u8]) -> Result<Self, String> {
        let read = from_safetensors(bytes);
        let (arrays, description) =
            read.map_err(|error| format!("is no file of arrays: {error}"))?;
        let named = |array: Array| (array.name.clone(), array);
        Ok(Self {
            arrays: arrays.into_iter().map(named).collect(),
            description,
        })
    }
}

/// What differs in the arrays, and which only one side has.
fn array_differences(
    published: &BTreeMap<String, Array>,
    again: &BTreeMap<String, Array>,
) -> Vec<String> {
    let names: BTreeSet<&String> = published.keys().chain(again.keys()).collect();
    let differences = names.into_iter().filter_map(|name| {
        let told = match (published.get(name), again.get(name)) {
            (Some(ours), Some(theirs)) => array_difference(ours, theirs)?,
            (Some(_), None) => "only published, not in the rerun".to_owned(),
            _ => "only in the rerun, not published".to_owned(),
        };
        Some(format!("array {}: {told}", quoted(name)))
    });
    differences.collect()
}

fn array_difference(published: &Array, again: &Array) -> Option<String> {
    let kinds = [published, again].map(|array| format!("{} {:?}", kind(array), array.shape));
    let [ours, theirs] = kinds;
    if ours != theirs {
        return Some(both(ours, theirs));
    }
    let mut tally = Tally::new();
    let pairs = numbers(published).into_iter().zip(numbers(again));
    for (index, (ours, theirs)) in pairs.enumerate() {
        if ours.to_bits() == theirs.to_bits() {
            tally.same();
        } else {
            tally.different((index, [ours, theirs]), Some(distance(ours, theirs)));
        }
    }
    let (apart, (index, [ours, theirs])) = tally.largest()?;
    let (apart, at) = (short(apart), place(index, &published.shape));
    let values = match published.values {
        // With the digits of their precision.
        Values::F32(_) => both(ours as f32, theirs as f32),
        Values::F64(_) => both(ours, theirs),
    };
    let counted = tally.counted("values");
    Some(format!(
        "{counted}, the largest difference is {apart}, at {at:?}: {values}"
    ))
}

fn kind(array: &Array) -> &'static str {
    match array.values {
        Values::F32(_) => "F32",
        Values::F64(_) => "F64",
    }
}

/// The values; single to double precision is exact, and keeps signs of zeros.
fn numbers(array: &Array) -> Vec<f64> {
    match &array.values {
        Values::F32(values) => values.iter().map(|&value| value.into()).collect(),
        Values::F64(values) => values.clone(),
    }
}

/// The indices of the value that is `index` values behind the first.
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

fn description_differences(published: &Value, again: &Value) -> Vec<String> {
    let (Value::Object(ours), Value::Object(theirs)) = (published, again) else {
        return Vec::new();
    };
    let found = differences(ours, theirs).into_iter();
    let told = found.map(|d| {
        let values = both(shown(d.a.as_ref()), shown(d.b.as_ref()));
        format!("description, {}: {values}", quoted(&d.key))
    });
    told.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arrays::to_safetensors;
    use serde_json::json;

    fn array(name: &str, shape: &[usize], values: Values) -> Array {
        Array {
            name: name.to_owned(),
            shape: shape.to_vec(),
            values,
        }
    }

    fn weights(values: &[f32]) -> Vec<u8> {
        let arrays = [array(
            "layers.0.weight",
            &[2, 2],
            Values::F32(values.to_vec()),
        )];
        to_safetensors(&arrays, &json!({ "seed": 0 })).unwrap()
    }

    fn told(published: &[u8], again: &[u8]) -> String {
        exact(Pair { published, again }).join("\n")
    }

    #[test]
    fn values_that_differ_are_counted_and_placed() {
        let published = weights(&[0.1, 0.2, 0.3, 0.4]);
        assert_eq!(told(&published, &published), "");
        insta::assert_snapshot!(told(&published, &weights(&[0.1, 0.2, 0.3001, 0.4])), @"array `layers.0.weight`: 1 of 4 values differs, the largest difference is 1e-4, at [1, 0]: published 0.3, rerun 0.3001");
        insta::assert_snapshot!(told(&published, &weights(&[0.1, 0.25, -0.3, f32::NAN])), @"array `layers.0.weight`: 3 of 4 values differ, the largest difference is NaN, at [1, 1]: published 0.4, rerun NaN");
        let zeros = [0.0, -0.0].map(|zero| weights(&[zero; 4]));
        insta::assert_snapshot!(told(&zeros[0], &zeros[1]), @"array `layers.0.weight`: 4 of 4 values differ, the largest difference is 0, at [0, 0]: published 0, rerun -0");
    }

    #[test]
    fn other_arrays_and_descriptions_are_told() {
        let file = |name: &str, shape: &[usize], values: Values, seed: u64| {
            let description = json!({ "seed": seed });
            to_safetensors(&[array(name, shape, values)], &description).unwrap()
        };
        let published = file("a", &[2, 1], Values::F32(vec![1.0; 2]), 0);
        let single = |shape: &[usize]| file("a", shape, Values::F32(vec![1.0; 2]), 12);
        let double = file("a", &[2, 1], Values::F64(vec![1.0; 2]), 0);
        let renamed = file("b", &[2, 1], Values::F32(vec![1.0; 2]), 0);
        insta::assert_snapshot!(told(&published, &single(&[1, 2])), @r#"
array `a`: published F32 [2, 1], rerun F32 [1, 2]
description, `seed`: published 0, rerun 12
"#);
        insta::assert_snapshot!(told(&published, &double), @"array `a`: published F32 [2, 1], rerun F64 [2, 1]");
        insta::assert_snapshot!(told(&published, &renamed), @r#"
array `a`: only published, not in the rerun
array `b`: only in the rerun, not published
"#);
    }

    #[test]
    fn the_same_in_another_writing_is_told() {
        let header = |text: &str| {
            let mut bytes = (text.len() as u64).to_le_bytes().to_vec();
            bytes.extend(text.as_bytes());
            bytes
        };
        let file = |space: &str| {
            header(&format!(
                "{{\"__metadata__\":{{\"backquery\":\"{space}{{}}\"}}}}"
            ))
        };
        let told = told(&file(""), &file(" "));
        assert!(
            told.starts_with("arrays and description are equal, only how"),
            "{told}"
        );
    }

    #[test]
    fn broken_files_are_told() {
        let whole = weights(&[0.1, 0.2, 0.3, 0.4]);
        insta::assert_snapshot!(told(&whole, &whole[..whole.len() - 1]), @"the rerun's file is no file of arrays: incomplete metadata, file not fully covered");
        insta::assert_snapshot!(told(b"", &whole), @"the published file is no file of arrays: header too small");
        insta::assert_snapshot!(told(&whole, &[0xff; 40]), @"the rerun's file is no file of arrays: header too large");
    }
}
