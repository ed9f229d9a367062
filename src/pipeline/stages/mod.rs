//! The stages, one file each.

pub mod figure;
