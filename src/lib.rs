//! What does a trained classifier think its classes look like?

pub mod arrays;
pub mod data;
pub mod digest;
pub mod invert;
pub mod io;
pub mod metrics;
pub mod model;
pub mod rng;
pub mod spec;
pub mod table;
pub mod train;
