//! The program as a user meets it: the built binary, real files, a real server.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    missing_docs,
    reason = "a test that cannot go on should stop"
)]

#[cfg(any(feature = "ndarray", feature = "wgpu"))]
mod agreement;
mod arguments;
mod bad_data;
mod bad_spec;
mod bad_study;
mod claims;
mod companions;
mod comparison;
mod controls;
mod damage;
mod data_files;
mod descent;
mod devices;
mod disk;
mod download;
mod early;
mod evaluators;
mod explain;
mod extended;
mod figures;
mod files;
mod http;
mod idx;
mod idx_files;
mod killed;
mod kinds;
mod layers;
mod man;
mod new;
#[cfg(unix)]
mod output;
mod own_data;
mod owned;
mod parity;
mod plan;
mod poor_judges;
mod project;
mod random_direction;
mod randomised;
mod read;
mod readers;
mod reconstruct;
mod reference;
mod resample;
mod results;
mod schema;
#[cfg(unix)]
mod signals;
mod single_rows;
mod small_images;
mod spec_files;
mod spec_language;
mod statistics;
mod store;
mod strangers;
mod strokes;
mod study;
mod verify;
