//! The stages of a replicate, one file each: its declaration, its place in the graph, what
//! it computes, and the files that the store keeps of it.

pub mod data;
pub mod figure;
pub mod files;
pub mod invert;
pub mod judge;
pub mod measure;
pub mod prior;
pub mod randomise;
pub mod train;
