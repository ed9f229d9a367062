//! Specs: their sections, how they are read, and what is wrong with them.
//!
//! A spec is one TOML file: what to train, how to invert it, what to draw. It
//! is read in two steps: `tree` turns the text into values that know their
//! place, and each section below reads its table into a checked type. The
//! checked types are all the rest of the program sees.

mod bounds;
mod checks;
mod claim;
mod compare;
mod data;
mod describe;
mod device;
mod fault;
mod figure;
mod files;
mod fit;
mod form;
mod inherit;
mod invert;
mod limit;
mod metric;
mod model;
mod names;
mod project;
mod reader;
mod scale;
mod schema;
mod set;
mod size;
mod spec;
mod study;
mod sweep;
mod target;
mod task;
mod train;
mod tree;
mod varies;
mod verify;

pub use compare::{Compare, InversionPair, PairEnd, is_of_comparisons};
pub use data::{
    CsvFiles, Data, DataSource, IdxFolder, ImageFolders, MAX_ACROSS, PerClass, PixelRange, StandIn,
};
pub use describe::{Choices, ITEM, KeyDeclaration, Presence, json_schema, keys};
pub use fault::SpecError;
pub use figure::{
    Figure, FigureLook, ImageScale, InverseGrid, Overflow, Printed, PrintedWidth, ReplicateFigure,
    ReplicateFigureKind, StudyFigure, StudyFigureKind, UnderImage,
};
pub use fit::{Facts, Misfit};
pub use invert::{Inversion, Setting, methods};
pub use limit::{Bound, Limit, SweepEnd};
pub use names::{choices, nearest};
pub use scale::{Bounds, NumberColumn, NumberScale, OF_EPOCHS, OF_NETWORK, OF_PAIRS, Scale};
pub use schema::{List, Order, Schema};
pub use set::key_of;
pub use size::ImageSize;
pub use spec::Spec;
pub use study::{Member, StudySpec, label, without_steps_back};
pub use task::Task;
pub use verify::{FIGURES, Tolerance, Tolerances, default_tolerance};

pub use crate::invert::{
    Bias, Cut, Decoder, Descent, Domain, Filter, Filtered, LayerInverse, Layered, MapEstimate,
    Margin, Method, Norm, Percentile, PriorOf, Score, default_lit,
};
use crate::io::IoError;
pub use crate::metrics::{Direction, Measurable, Metric};

/// Failure to load a spec.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// File that cannot be read.
    #[error(transparent)]
    Io(#[from] IoError),
    /// Spec with faults.
    #[error(transparent)]
    Spec(#[from] SpecError),
}

#[cfg(test)]
mod tests;
