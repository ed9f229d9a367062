//! What a run tells while it goes on. Its text is a line of the run's log and
//! of plain output alike.

use std::fmt;
use std::path::Path;

use super::stage::Stage;
use crate::data::Received;
use crate::escape;
use crate::pace::Reached;
use crate::train::EpochRow;

/// Something that happened.
#[derive(Debug, Clone, Copy)]
pub enum Event<'a> {
    /// A piece of a data file arrived.
    Received(Received<'a>),
    /// What the samples are, and what makes the network a control.
    Data(&'a str),
    /// Something about the samples may not be meant.
    DataWarning(&'a str),
    /// The samples asked for cannot be had, for this reason; others stand in.
    StandsIn(&'a str),
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
    /// Training goes on after this many epochs of an attempt before.
    Resumed(usize),
    /// An epoch of the training of a judge ended.
    JudgeEpoch {
        /// Which.
        epoch: usize,
        /// Epochs in all.
        of: usize,
    },
    /// A stage that the store does not have begins.
    Making(&'a Stage),
    /// A stage that takes long goes on.
    Progress {
        /// Which.
        stage: &'a Stage,
        /// How far it is.
        reached: Reached,
    },
    /// It is done.
    Made(&'a Stage),
    /// Searches for inverses ended although there may be something better nearby.
    Unsettled {
        /// The inversion.
        name: &'a str,
        /// How many.
        count: usize,
        /// Of how many.
        of: usize,
    },
    /// A figure has nothing to show.
    BlankFigure {
        /// Its name.
        name: &'a str,
        /// Why.
        reason: &'a str,
    },
    /// Another process holds this lock.
    Waiting {
        /// The lock.
        path: &'a Path,
        /// Who, where, since when.
        holder: &'a str,
    },
    /// A file is not as it was left, and is not used.
    Damaged {
        /// The file.
        path: &'a Path,
        /// What is wrong with it.
        fault: &'a str,
    },
    /// A study says nothing new: a replicate of it failed or was not run.
    NoSummary,
    /// Published replicates that a summary does not cover, with the reasons.
    LeftOut(&'a str),
    /// Results with other settings, about to be replaced.
    Replaces {
        /// The folder.
        place: &'a Path,
        /// The first changed keys, with both values.
        changes: &'a str,
    },
    /// The results in this folder were replaced.
    Finished(&'a Path),
    /// The results in this folder are as they should be.
    UpToDate(&'a Path),
}

impl Event<'_> {
    /// False for the many pieces of a download between its first and its last, and for
    /// most reports of a search.
    #[must_use]
    pub fn is_worth_a_line(&self) -> bool {
        match self {
            Self::Received(received) => received.bytes == 0 || received.of == Some(received.bytes),
            Self::Progress { reached, .. } => reached.is_landmark,
            _ => true,
        }
    }
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
            Self::Data(data) => write!(f, "data: {}", escape::line(data)),
            Self::DataWarning(text) => write!(f, "warning: {}", escape::line(text)),
            Self::StandsIn(reason) => {
                write!(f, "warning: strokes stands in for mnist: {reason}")
            }
            Self::Started { name, seed } => write!(f, "{}, seed {seed}", escape::line(name)),
            Self::Epoch { row, of } => epoch(f, row, *of),
            Self::Resumed(epochs) => write!(f, "going on after epoch {epochs}"),
            Self::JudgeEpoch { epoch, of } => write!(f, "judge: epoch {epoch}/{of}"),
            Self::Making(stage) => write!(f, "{}: begins", stage.label()),
            Self::Progress { stage, reached } => {
                f.write_str(&stage.label())?;
                progress(f, *reached)
            }
            Self::Made(stage) => write!(f, "{}: made, key {}", stage.label(), stage.key),
            Self::Unsettled { name, count, of } => write!(
                f,
                "warning: {}: {count} of {of} searches ended before they settled, \
                 see solutions.csv",
                escape::line(name)
            ),
            Self::BlankFigure { name, reason } => {
                write!(
                    f,
                    "warning: the figure `{name}` has nothing to show: {reason}"
                )
            }
            Self::Waiting { path, holder } => {
                write!(
                    f,
                    "waiting for {}, which holds `{}`",
                    escape::line(holder),
                    escape::path(path)
                )
            }
            Self::Damaged { path, fault } => {
                write!(
                    f,
                    "warning: `{}` is {}, and will be replaced",
                    escape::path(path),
                    escape::line(fault)
                )
            }
            Self::NoSummary => f.write_str(
                "warning: no summary: a replicate failed or was not run; what is there is older",
            ),
            Self::LeftOut(list) => {
                write!(
                    f,
                    "warning: left out of the summary: {}",
                    escape::line(list)
                )
            }
            Self::Replaces { place, changes } => write!(
                f,
                "warning: `{}` has results with other settings and will be replaced: {}",
                escape::path(place),
                escape::line(changes)
            ),
            Self::Finished(folder) => write!(f, "done: {}", escape::path(folder)),
            Self::UpToDate(folder) => write!(f, "up to date: {}", escape::path(folder)),
        }
    }
}

fn progress(f: &mut fmt::Formatter<'_>, reached: Reached) -> fmt::Result {
    let Reached {
        done, of, steps, ..
    } = reached;
    if of > 0 {
        write!(f, ": {done} of {of} done")?;
    }
    if steps > 0 {
        write!(f, ", step {steps}")?;
    }
    Ok(())
}

fn epoch(f: &mut fmt::Formatter<'_>, row: &EpochRow, of: usize) -> fmt::Result {
    let EpochRow {
        epoch,
        running_loss,
        train_accuracy,
        ..
    } = row;
    match running_loss {
        Some(loss) => write!(f, "epoch {epoch}/{of}: running loss {loss:.6}, ")?,
        None => f.write_str("untrained: ")?,
    }
    write!(f, "accuracy train {train_accuracy:.4}")?;
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
