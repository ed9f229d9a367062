//! Files of named arrays, value by value.

use std::collections::{BTreeMap, BTreeSet};

use safetensors::SafeTensors;
use safetensors::tensor::{Dtype, TensorView};

use super::tally::{Tally, distance};
use super::wording::{both, quoted, short};
use super::{Pair, bytes};

/// What differs, byte for byte: one line an array or entry of the description.
pub fn exact(pair: Pair<'_>) -> Vec<String> {
    if pair.has_same_bytes() {
        return Vec::new();
    }
    let [published, again] = match pair.read(File::read) {
        Ok(files) => files,
        Err(faults) => return faults,
    };
    let mut whats = named_differences("array", &published.arrays, &again.arrays, array_difference);
    let (ours, theirs) = (&published.metadata, &again.metadata);
    whats.extend(named_differences("metadata", ours, theirs, |a, b| {
        text_difference(a, b)
    }));
    if whats.is_empty() {
        let place = bytes::first_difference(pair).unwrap_or_default();
        whats.push(format!(
            "arrays and metadata are equal, only how they are written differs, {place}"
        ));
    }
    whats
}

struct File<'a> {
    arrays: BTreeMap<String, TensorView<'a>>,
    metadata: BTreeMap<String, String>,
}

impl<'a> File<'a> {
    fn read(bytes: &'a [u8]) -> Result<Self, String> {
        let fault = |error| format!("is no safetensors file: {error}");
        let (_, header) = SafeTensors::read_metadata(bytes).map_err(fault)?;
        let tensors = SafeTensors::deserialize(bytes).map_err(fault)?;
        Ok(Self {
            arrays: tensors.tensors().into_iter().collect(),
            metadata: header
                .metadata()
                .iter()
                .flatten()
                .map(|(k, v)| (k.clone(), v.clone()))
                .collect(),
        })
    }
}

/// What differs of things with names, and which only one side has.
fn named_differences<T>(
    what: &str,
    published: &BTreeMap<String, T>,
    again: &BTreeMap<String, T>,
    difference: impl Fn(&T, &T) -> Option<String>,
) -> Vec<String> {
    let names: BTreeSet<&String> = published.keys().chain(again.keys()).collect();
    let differences = names.into_iter().filter_map(|name| {
        let told = match (published.get(name), again.get(name)) {
            (Some(ours), Some(theirs)) => difference(ours, theirs)?,
            (Some(_), None) => "only published, not in the rerun".to_owned(),
            _ => "only in the rerun, not published".to_owned(),
        };
        Some(format!("{what} {}: {told}", quoted(name)))
    });
    differences.collect()
}

fn array_difference(published: &TensorView<'_>, again: &TensorView<'_>) -> Option<String> {
    let kinds = [published, again].map(|array| format!("{} {:?}", array.dtype(), array.shape()));
    let [ours, theirs] = kinds;
    if ours != theirs {
        return Some(both(ours, theirs));
    }
    let tally = count(published, again);
    tally.first()?;
    let most = tally.largest().map(|(apart, (index, values))| {
        let values = values.map(|value| shown(published.dtype(), value));
        let place = place(index, published.shape());
        let (apart, values) = (short(apart), both(&values[0], &values[1]));
        format!(", the largest difference is {apart}, at {place:?}: {values}")
    });
    Some(tally.counted("values") + &most.unwrap_or_default())
}

/// What differs of two arrays of one type and shape: the index, and both values.
fn count<'a>(published: &TensorView<'a>, again: &TensorView<'a>) -> Tally<(usize, [&'a [u8]; 2])> {
    let dtype = published.dtype();
    // Types of less than a byte are compared by the byte.
    let width = (dtype.bitsize() / 8).max(1);
    let values = published
        .data()
        .chunks(width)
        .zip(again.data().chunks(width));
    let mut tally = Tally::new();
    for (index, (ours, theirs)) in values.enumerate() {
        if ours == theirs {
            tally.same();
        } else {
            let numbers = number(dtype, ours).zip(number(dtype, theirs));
            let apart = numbers.map(|(a, b)| distance(a, b));
            tally.different((index, [ours, theirs]), apart);
        }
    }
    tally
}

/// A value of the two types that results have.
fn number(dtype: Dtype, bytes: &[u8]) -> Option<f64> {
    match dtype {
        Dtype::F32 => Some(f32::from_le_bytes(bytes.try_into().ok()?).into()),
        Dtype::F64 => Some(f64::from_le_bytes(bytes.try_into().ok()?)),
        _ => None,
    }
}

/// A value with the digits of its type.
fn shown(dtype: Dtype, bytes: &[u8]) -> String {
    match (dtype, number(dtype, bytes)) {
        (Dtype::F32, Some(value)) => (value as f32).to_string(),
        (_, Some(value)) => value.to_string(),
        (_, None) => format!("{bytes:x?}"),
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

fn text_difference(published: &str, again: &str) -> Option<String> {
    if published == again {
        return None;
    }
    let together = published.chars().zip(again.chars());
    let same = together.take_while(|(a, b)| a == b).count();
    // What stands before it tells of what it is.
    let start = same.saturating_sub(20);
    let rest = |text: &str| quoted(&text.chars().skip(start).collect::<String>());
    Some(format!(
        "from character {same} on {}",
        both(rest(published), rest(again))
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arrays::{Array, Values, to_safetensors};
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
metadata `backquery`: from character 8 on published `{"seed":0}`, rerun `{"seed":12}`
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
        let told = told(&header("{} "), &header(" {}"));
        insta::assert_snapshot!(told, @"arrays and metadata are equal, only how they are written differs, from byte 8 (line 1) on");
    }

    #[test]
    fn broken_files_are_told() {
        let whole = weights(&[0.1, 0.2, 0.3, 0.4]);
        insta::assert_snapshot!(told(&whole, &whole[..whole.len() - 1]), @"the rerun's file is no safetensors file: incomplete metadata, file not fully covered");
        insta::assert_snapshot!(told(b"", &whole), @"the published file is no safetensors file: header too small");
        insta::assert_snapshot!(told(&whole, &[0xff; 40]), @"the rerun's file is no safetensors file: header too large");
    }
}
