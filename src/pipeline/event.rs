//! Events of a run. The text of one is a line of the log and of plain output alike.

use std::fmt;
use std::path::Path;

use super::stage::Stage;
use crate::data::Received;
use crate::escape;
use crate::pace::Reached;
use crate::train::EpochRow;

/// Receiver of events.
pub type Emit<'a> = &'a dyn Fn(Event<'_>);

/// Event of a run.
#[derive(Debug, Clone, Copy)]
pub enum Event<'a> {
    /// A piece of a data file arrived.
    Received(Received<'a>),
    /// Description of the samples, and of what makes the network a control.
    Data(&'a str),
    /// Something about the samples may be unintended.
    DataWarning(&'a str),
    /// The data set is unavailable, for this reason, and the fallback data set is used.
    Fallback(&'a str),
    /// A replicate starts.
    Started {
        /// Name of its experiment.
        name: &'a str,
        /// Seed of the replicate.
        seed: u64,
    },
    /// An epoch of training ended.
    Epoch {
        /// Stage of the training.
        stage: &'a Stage,
        /// Row of the accuracy log.
        row: &'a EpochRow,
        /// Number of epochs in all.
        of: usize,
    },
    /// Training resumes after this many epochs of an earlier attempt.
    Resumed {
        /// Stage of the training.
        stage: &'a Stage,
        /// Number of those epochs.
        epochs: usize,
    },
    /// One of the judges was trained.
    JudgeTrained {
        /// Number of trained judges.
        trained: usize,
        /// Number of all.
        of: usize,
    },
    /// The computation of a stage that is not in the store starts.
    Computing(&'a Stage),
    /// A stage that takes long reports its progress.
    Progress {
        /// Stage that is computed.
        stage: &'a Stage,
        /// Progress so far.
        reached: Reached,
    },
    /// The computation of a stage ended.
    Computed(&'a Stage),
    /// Searches for inverses did not converge.
    NotConverged {
        /// Name of the inversion.
        name: &'a str,
        /// Number of such searches.
        count: usize,
        /// Number of searches in all.
        of: usize,
    },
    /// A figure has nothing to show.
    BlankFigure {
        /// Name of the figure.
        name: &'a str,
        /// Reason.
        reason: &'a str,
    },
    /// Another process holds a lock.
    Waiting {
        /// Path of the lock.
        path: &'a Path,
        /// Process, host and time.
        holder: &'a str,
    },
    /// A file is damaged, and is not used.
    Damaged {
        /// Path of the file.
        path: &'a Path,
        /// Fault, to follow the word `is`.
        fault: &'a str,
    },
    /// A study has no new summary: a replicate failed or was not run.
    NoSummary,
    /// Published replicates that a summary does not cover, with the reasons.
    LeftOut(&'a str),
    /// Number of replicates that a summary covers, and what varies between them.
    Varies(&'a str),
    /// Results with other settings will be replaced.
    Replaces {
        /// Folder of the results.
        place: &'a Path,
        /// The first changed keys, with both values.
        changes: &'a str,
    },
    /// The results in this folder were replaced.
    Finished(&'a Path),
    /// The results in this folder are up to date.
    UpToDate(&'a Path),
}

impl Event<'_> {
    /// False for the pieces of a download between its first and its last, and for most
    /// reports of a search.
    #[must_use]
    pub fn is_worth_a_line(&self) -> bool {
        let is_piece = matches!(self, Self::Received(piece)
            if piece.bytes != 0 && piece.of != Some(piece.bytes));
        let is_minor = matches!(self, Self::Progress { reached, .. } if !reached.is_landmark);
        !is_piece && !is_minor
    }
}

impl fmt::Display for Event<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (line, path) = (escape::line, escape::path);
        match self {
            Self::Received(piece) if piece.bytes == 0 => {
                write!(f, "asking {} for {}", piece.mirror, piece.file)
            }
            Self::Received(piece) => write!(f, "{}: {} bytes", piece.file, piece.bytes),
            Self::Data(data) => write!(f, "data: {}", line(data)),
            Self::DataWarning(text) => write!(f, "warning: {}", line(text)),
            Self::Fallback(reason) => write!(
                f,
                "warning: MNIST is unavailable; using the synthetic `strokes` digits: {reason}"
            ),
            Self::Started { name, seed } => write!(f, "{}, seed {seed}", line(name)),
            Self::Epoch { stage, row, of } => {
                training(f, stage)?;
                epoch(f, row, *of)
            }
            Self::Resumed { stage, epochs } => {
                training(f, stage)?;
                write!(f, "resuming after epoch {epochs}")
            }
            Self::JudgeTrained { trained, of } => write!(f, "judge: {trained} of {of} trained"),
            Self::Computing(stage) => write!(f, "{}: starts", stage.label()),
            Self::Progress { stage, reached } => {
                f.write_str(&stage.label())?;
                progress(f, *reached)
            }
            Self::Computed(stage) => write!(f, "{}: computed, key {}", stage.label(), stage.key),
            Self::NotConverged { name, count, of } => write!(
                f,
                "warning: {}: {count} of {of} searches did not converge, see solutions.csv",
                line(name)
            ),
            Self::BlankFigure { name, reason } => {
                let what = "has nothing to show";
                write!(f, "warning: the figure `{name}` {what}: {reason}")
            }
            Self::Waiting { path: lock, holder } => {
                let (holder, lock) = (line(holder), path(lock));
                write!(f, "waiting for {holder}, which holds `{lock}`")
            }
            Self::Damaged { path: file, fault } => {
                let (file, fault) = (path(file), line(fault));
                write!(f, "warning: `{file}` is {fault}, and will be replaced")
            }
            Self::NoSummary => f.write_str(
                "warning: no summary: a replicate failed or was not run; what is there is older",
            ),
            Self::LeftOut(list) => write!(f, "warning: left out of the summary: {}", line(list)),
            Self::Varies(text) => f.write_str(&line(text)),
            Self::Replaces { place, changes } => {
                let (place, changes) = (path(place), line(changes));
                let what = "has results with other settings and will be replaced";
                write!(f, "warning: `{place}` {what}: {changes}")
            }
            Self::Finished(folder) => write!(f, "done: {}", path(folder)),
            Self::UpToDate(folder) => write!(f, "up to date: {}", path(folder)),
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

/// Writes which training a line is of, unless it is that of the replicate's own network.
fn training(f: &mut fmt::Formatter<'_>, stage: &Stage) -> fmt::Result {
    match stage.name.as_str() {
        "" => Ok(()),
        name => write!(f, "{name}: "),
    }
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
