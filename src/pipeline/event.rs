//! What a run tells while it goes on. Its text is a line of the run's log and
//! of plain output alike.

use std::fmt;
use std::path::Path;

use crate::data::{Dataset, Received};
use crate::train::EpochRow;

/// Something that happened.
#[derive(Debug, Clone, Copy)]
pub enum Event<'a> {
    /// A piece of a data file arrived.
    Received(Received<'a>),
    /// The samples are there.
    Data(&'a Dataset),
    /// A replicate begins.
    Started {
        /// Of which experiment.
        name: &'a str,
        /// With which seed.
        seed: u64,
    },
    /// An epoch of training ended.
    Epoch {
        /// Its row of the accuracy log.
        row: &'a EpochRow,
        /// Epochs in all.
        of: usize,
    },
    /// An inversion was found and measured.
    Inverted(&'a str),
    /// A figure was drawn.
    Drawn(&'a str),
    /// A replicate is complete; its results are in this folder.
    Finished(&'a Path),
}

impl fmt::Display for Event<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Received(Received {
                file,
                bytes: 0,
                mirror,
                ..
            }) => write!(f, "asking {mirror} for {file}"),
            Self::Received(Received { file, bytes, .. }) => write!(f, "{file}: {bytes} bytes"),
            Self::Data(dataset) => write!(f, "data: {}", dataset.describe()),
            Self::Started { name, seed } => write!(f, "{name}, seed {seed}"),
            Self::Epoch { row, of } => epoch(f, row, *of),
            Self::Inverted(name) => write!(f, "inverted: {name}"),
            Self::Drawn(name) => write!(f, "drawn: {name}"),
            Self::Finished(folder) => write!(f, "done: {}", folder.display()),
        }
    }
}

fn epoch(f: &mut fmt::Formatter<'_>, row: &EpochRow, of: usize) -> fmt::Result {
    let EpochRow {
        epoch,
        running_loss,
        train_accuracy,
        ..
    } = row;
    write!(
        f,
        "epoch {epoch}/{of}: running loss {running_loss:.6}, accuracy train {train_accuracy:.4}"
    )?;
    if let Some(subset) = row.train_subset_accuracy {
        write!(f, " (subset {subset:.4})")?;
    }
    if let Some(test) = row.test_accuracy {
        write!(f, ", test {test:.4}")?;
    }
    if let Some(subset) = row.test_subset_accuracy {
        write!(f, " (subset {subset:.4})")?;
    }
    Ok(())
}
