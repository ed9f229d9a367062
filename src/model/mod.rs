//! Networks: the multi-layer perceptron that burn trains, the plain matrices that are
//! inverted, their initial values, and the arrays in which they are stored.

mod activation;
mod architecture;
mod backward;
mod device;
mod init;
mod mlp;
mod network;
mod output;
mod randomise;
mod target;
mod weights;

pub use activation::Activation;
pub(crate) use activation::sigmoid;
pub use architecture::{MAX_WEIGHTS, Model};
pub use backward::Backward;
pub use burn::tensor::Device;
pub use device::{
    Adapter, DeviceError, DeviceKind, adapter, adapters, guarded, is_flex, is_host, listen,
    max_tensor_bytes, open, panic_message, total,
};
pub use init::{Init, InitStd, Parameters, draw};
pub use mlp::{Mlp, Update, numbers, read, updated};
pub use network::{Layer, Network, map};
pub use output::Output;
pub use randomise::randomise_last;
pub use target::{OnOff, Target};
pub use weights::{from_arrays, to_arrays};
