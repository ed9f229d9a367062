//! What does a trained classifier think its classes look like?
//!
//! A spec, one TOML file, says what to train, how to run the network backwards
//! and what to draw; [`pipeline::Scheduler`] turns it into accuracy logs, tables,
//! arrays and figures. Each module uses only modules above it in this list; `config`
//! also names the types of modules below it that it reads keys into.

pub mod arrays;
pub mod digest;
pub mod escape;
pub mod grouped;
pub mod io;
pub mod norms;
pub mod pace;
pub mod rng;
pub mod table;

pub mod kernels;

pub mod model;

pub mod config;

pub mod store;

pub mod data;

pub mod train;

pub mod invert;

pub mod metrics;

pub mod figures;

pub mod report;

pub mod claims;

pub mod pipeline;

pub mod cli;
