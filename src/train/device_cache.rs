//! Rows kept in the memory of a device, so that a batch is selected there instead of copied
//! from the host.

use burn::tensor::{Device, Int, Tensor, TensorData};

use crate::model::{is_host, max_tensor_bytes};

/// All rows of some samples, in the memory of a device.
#[derive(Debug, Clone)]
pub struct DeviceCache {
    /// `[rows, features]`
    x: Tensor<2>,
}

impl DeviceCache {
    /// Copies rows onto a device. None if its memory is the host's, or if they exceed the
    /// largest tensor of the device.
    ///
    /// # Shapes
    /// - `values`: rows x features, row-major, computed only if needed
    pub fn new(
        rows: usize,
        features: usize,
        values: impl FnOnce() -> Vec<f32>,
        device: &Device,
    ) -> Option<Self> {
        let bytes = (rows * features * size_of::<f32>()) as u64;
        let fits = max_tensor_bytes(device).is_none_or(|max| bytes <= max);
        if is_host(device) || !fits {
            return None;
        }
        let data = TensorData::new(values(), [rows, features]);
        Some(Self {
            x: Tensor::from_data(data, device),
        })
    }

    /// Returns the rows with these numbers: `[rows.len(), features]`. The numbers must be in
    /// range: a GPU replaces others silently.
    pub fn gather(&self, rows: &[usize]) -> Tensor<2> {
        let numbers: Vec<i32> = rows.iter().map(|&row| row as i32).collect();
        let numbers = TensorData::new(numbers, [rows.len()]);
        let numbers = Tensor::<1, Int>::from_data(numbers, &self.x.device());
        self.x.clone().select(0, numbers)
    }
}
