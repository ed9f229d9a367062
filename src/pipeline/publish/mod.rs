//! Publication: the files of a results folder, its manifest, and whose folder it is.

pub mod files;
pub mod folder;
pub mod identity;
pub mod manifest;
pub mod network;
pub mod ownership;
pub mod readings;
