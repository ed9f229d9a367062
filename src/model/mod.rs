//! Networks: the burn module that is trained and the plain arrays that are
//! inverted, with the files and initial values of both.

mod activation;
mod device;
mod init;
mod module;
mod network;
mod output;

pub use burn::tensor::Device;
pub use device::{DeviceError, DeviceKind, open};
pub use init::{Parameters, draw};
pub use module::Mlp;
pub use network::{Layer, Network, map};
