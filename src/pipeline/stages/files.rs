//! Files of stages: matrices in safetensors.

use faer::Mat;

use crate::arrays::{Array, Values, from_safetensors};
use crate::store::Outputs;

/// Collects the files of a stage.
pub fn outputs<const N: usize>(files: [(&str, Vec<u8>); N]) -> Outputs {
    files.map(|(name, bytes)| (name.to_owned(), bytes)).into()
}

/// Packs matrices of one size into an array: rows x columns, or matrices x rows x columns
/// if there are several.
pub fn array(name: &str, matrices: &[&Mat<f64>]) -> Array {
    let (rows, columns) = matrices.first().map_or((0, 0), |m| (m.nrows(), m.ncols()));
    let all_rows = matrices.iter().flat_map(|matrix| matrix.row_iter());
    Array {
        name: name.to_owned(),
        shape: match matrices.len() {
            1 => vec![rows, columns],
            count => vec![count, rows, columns],
        },
        values: Values::F64(all_rows.flat_map(|row| row.iter().copied()).collect()),
    }
}

/// Reads the matrices of the only array in a file.
pub fn only_matrices(file: &[u8]) -> Option<Vec<Mat<f64>>> {
    let (arrays, _) = from_safetensors(file).ok()?;
    let [array] = &arrays[..] else {
        return None;
    };
    matrices(array)
}

/// Reads the matrices of the array with this name in a file.
pub fn named_matrices(file: &[u8], name: &str) -> Option<Vec<Mat<f64>>> {
    let (arrays, _) = from_safetensors(file).ok()?;
    matrices(arrays.iter().find(|array| array.name == name)?)
}

/// Unpacks the matrices of an array that [`array`] packed.
pub fn matrices(array: &Array) -> Option<Vec<Mat<f64>>> {
    let Values::F64(values) = &array.values else {
        return None;
    };
    let [count, rows, columns] = match array.shape[..] {
        [rows, columns] => [1, rows, columns],
        [count, rows, columns] => [count, rows, columns],
        _ => return None,
    };
    let value = |m: usize, i: usize, j: usize| values[(m * rows + i) * columns + j];
    let matrix = |m| Mat::from_fn(rows, columns, |i, j| value(m, i, j));
    Some((0..count).map(matrix).collect())
}
