pub mod arrays;
pub mod data;
pub mod io;
pub mod model;
pub mod rng;
pub mod spec;
pub mod table;
