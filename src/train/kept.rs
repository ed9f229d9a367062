//! Rows that are kept on a device with memory of its own, so that a batch is a choice
//! among them and not a copy across.

use burn::tensor::{Device, Int, Tensor, TensorData};

use crate::model::{is_host, room};

/// All rows of some samples.
#[derive(Debug, Clone)]
pub struct Kept {
    /// `[rows, features]`
    x: Tensor<2>,
}

impl Kept {
    /// Puts rows onto a device; nothing where they lie as well in the memory of this
    /// program, or are more than the device takes in one piece.
    ///
    /// # Shapes
    /// - `values`: rows x features, row-major, made only if they are wanted
    pub fn new(
        [rows, features]: [usize; 2],
        values: impl FnOnce() -> Vec<f32>,
        device: &Device,
    ) -> Option<Self> {
        let fits = room(device).is_none_or(|room| (rows * features * 4) as u64 <= room);
        if is_host(device) || !fits {
            return None;
        }
        let data = TensorData::new(values(), [rows, features]);
        Some(Self {
            x: Tensor::from_data(data, device),
        })
    }

    /// The rows with these numbers: `[rows.len(), features]`. They must be there: a GPU
    /// takes other ones for those that are not.
    pub fn gather(&self, rows: &[usize]) -> Tensor<2> {
        let numbers: Vec<i32> = rows.iter().map(|&row| row as i32).collect();
        let numbers = TensorData::new(numbers, [rows.len()]);
        let numbers = Tensor::<1, Int>::from_data(numbers, &self.x.device());
        self.x.clone().select(0, numbers)
    }
}
