//! Texts that commands print at their end.

use std::collections::BTreeSet;
use std::fmt::Write;

use crate::config::Metric;
use crate::data::Loader;
use crate::escape;
use crate::metrics::MetricRow;
use crate::metrics::judge::{self, ControlRow};
use crate::pipeline::{Job, Part, Planned, StageState, Summary, Verified};
use crate::report::digits;
use crate::store::Cleaned;

/// Name of a job: `paper/slp, seed 0`.
pub fn job(job: Job<'_>) -> String {
    joined(job, ", ")
}

/// Name of a job in a list: `paper/slp seed 0`.
pub fn job_in_list(job: Job<'_>) -> String {
    joined(job, " ")
}

fn joined(job: Job<'_>, separator: &str) -> String {
    let name = escape::line(job.name);
    match job.seed {
        Some(seed) => format!("{name}{separator}seed {seed}"),
        None => format!("{name}{separator}summary"),
    }
}

/// Accuracies and mean metrics of a replicate. The columns shown are added to `columns`.
pub fn summary(name: &str, summary: &Summary, columns: &mut ColumnLegend) -> String {
    let mut text = String::new();
    // Writing to a string cannot fail.
    let _ = write_summary(&mut text, name, summary, columns);
    text.trim_end().to_owned()
}

fn write_summary(
    out: &mut String,
    name: &str,
    summary: &Summary,
    columns: &mut ColumnLegend,
) -> std::fmt::Result {
    let (name, data) = (escape::line(name), escape::line(&summary.data));
    writeln!(out, "{name}, seed {}: {data}", summary.seed)?;
    if let Some(last) = summary.history.last() {
        let accuracies = [
            ("train accuracy", Some(last.train_accuracy)),
            ("train subset accuracy", last.train_subset_accuracy),
            ("test accuracy", last.test_accuracy),
            ("test subset accuracy", last.test_subset_accuracy),
        ];
        let best = best_epoch(summary);
        match last.running_loss {
            Some(loss) => writeln!(out, "  epoch {}: running loss {}", last.epoch, digits(loss))?,
            None => writeln!(out, "  untrained")?,
        }
        for (label, value) in accuracies {
            if let Some(value) = value {
                writeln!(out, "  {label:<24}{value:.4}")?;
            }
        }
        writeln!(
            out,
            "  best train accuracy     {:.4} (epoch {})",
            best.1, best.0
        )?;
    }
    metrics(out, &summary.metrics, columns)?;
    judges(out, &summary.controls)
}

/// Accuracy of the judges together on test rows, and how often they see a class where none
/// is shown.
fn judges(out: &mut String, controls: &[ControlRow]) -> std::fmt::Result {
    let together = || controls.iter().filter(|row| row.judge == judge::TOGETHER);
    let Some(digits) = together().find(|row| row.pictures == judge::TEST) else {
        return Ok(());
    };
    let held_out = together().filter(|row| !row.trained_on);
    let (wrong, of) = held_out.fold((0.0, 0), |(wrong, of), row| {
        (
            wrong + (1.0 - row.judge_accuracy) * row.n as f64,
            of + row.n,
        )
    });
    writeln!(
        out,
        "  judges: accuracy {:.4} on test rows, a class read in {:.4} of pictures without one",
        digits.judge_accuracy,
        wrong / of.max(1) as f64
    )?;
    match judge::poor_judges(controls) {
        Some(poor) => writeln!(out, "  poor judges: {poor}"),
        None => Ok(()),
    }
}

/// First epoch with the highest training accuracy, and that accuracy.
fn best_epoch(summary: &Summary) -> (usize, f64) {
    let mut best = (0, f64::NEG_INFINITY);
    for row in &summary.history {
        if row.train_accuracy > best.1 {
            best = (row.epoch, row.train_accuracy);
        }
    }
    best
}

/// Table of the main metrics, averaged over classes: one line per inversion without a
/// sweep. Fits into 80 columns unless names are long.
fn metrics(out: &mut String, rows: &[MetricRow], columns: &mut ColumnLegend) -> std::fmt::Result {
    let mut names: Vec<&str> = Vec::new();
    for row in rows.iter().filter(|row| row.setting.is_empty()) {
        if !names.contains(&row.inversion.as_str()) {
            names.push(&row.inversion);
        }
    }
    let swept: BTreeSet<(&str, &str)> = rows
        .iter()
        .filter(|row| !row.setting.is_empty())
        .map(|row| (row.inversion.as_str(), row.setting.as_str()))
        .collect();
    if !names.is_empty() {
        table(out, &names, rows, columns)?;
    }
    if !swept.is_empty() {
        writeln!(out, "  and {} settings of swept inversions", swept.len())?;
    }
    Ok(())
}

fn table(
    out: &mut String,
    names: &[&str],
    rows: &[MetricRow],
    columns: &mut ColumnLegend,
) -> std::fmt::Result {
    let lengths = names.iter().map(|name| name.len());
    let longest = lengths.max().unwrap_or(0).max(22);
    let is_measured = |metric: Metric| rows.iter().any(|row| row.metric == metric.name());
    let shown: Vec<&MetricColumn> = COLUMNS
        .iter()
        .filter(|column| is_measured(column.metric))
        .collect();
    columns.0.extend(shown.iter().map(|column| column.metric));
    write!(out, "  {:<longest$}", "mean over the classes")?;
    for MetricColumn { heading, .. } in &shown {
        write!(out, " {heading:>8}")?;
    }
    writeln!(out)?;
    for name in names {
        write!(out, "  {name:<longest$}")?;
        for MetricColumn { metric, .. } in &shown {
            let shown = mean(rows, name, *metric).map_or_else(|| "-".to_owned(), digits);
            write!(out, " {shown:>8}")?;
        }
        writeln!(out)?;
    }
    Ok(())
}

/// Column of the table, shown if its metric is measured.
struct MetricColumn {
    heading: &'static str,
    metric: Metric,
    meaning: &'static str,
}

const fn column(heading: &'static str, metric: Metric, meaning: &'static str) -> MetricColumn {
    MetricColumn {
        heading,
        metric,
        meaning,
    }
}

static COLUMNS: [MetricColumn; 7] = [
    column(
        "error",
        Metric::ReconstructionError,
        "relative L2 error of the reconstruction",
    ),
    column(
        "p target",
        Metric::TargetProbability,
        "probability that the network gives the class",
    ),
    column(
        "clipped",
        Metric::TargetProbabilityClipped,
        "the same, pixels clipped into range",
    ),
    column(
        "outside",
        Metric::OutOfRange,
        "fraction of pixels out of range",
    ),
    column(
        "margin",
        Metric::ClassMeanMargin,
        "correlation with the class mean, above any other's",
    ),
    column(
        "legible",
        Metric::LegibilityDrawn,
        "the class in its own picture, beyond that in others",
    ),
    column(
        "any",
        Metric::LegibilityAnyDrawn,
        "probability of any class to the judges",
    ),
];

/// Metrics that tables have shown as columns.
#[derive(Default)]
pub struct ColumnLegend(BTreeSet<Metric>);

impl ColumnLegend {
    /// Explains each column in one line: heading, meaning and name of the metric. Empty
    /// without tables.
    pub fn text(&self) -> String {
        let mut text = String::new();
        for column in &COLUMNS {
            if self.0.contains(&column.metric) {
                let (heading, meaning) = (column.heading, column.meaning);
                let title = if text.is_empty() { "columns:" } else { "" };
                let name = column.metric.name();
                let _ = write!(text, "{title}\n  {heading:<8} {meaning} (`{name}`)");
            }
        }
        text
    }
}

/// Mean of a metric over the classes of an inversion, if it has a value.
fn mean(rows: &[MetricRow], inversion: &str, metric: Metric) -> Option<f64> {
    let values: Vec<f64> = rows
        .iter()
        .filter(|row| row.inversion == inversion && row.metric == metric.name())
        .filter_map(|row| row.value)
        .collect();
    let sum: f64 = values.iter().sum();
    (!values.is_empty()).then(|| sum / values.len() as f64)
}

/// List of the data sets, and of the folders that are searched for MNIST.
pub fn data_list(loader: &Loader) -> String {
    let found = match loader.mnist_folder() {
        Some(folder) => format!("files in `{}`", escape::path(&folder)),
        None => "no files; `backquery data fetch mnist` downloads it".to_owned(),
    };
    let mut text = format!(
        "mnist    70,000 handwritten digits: {found}\n\
         strokes  70,000 synthetic digits: always available\n\
         parity   even and odd numbers of a few bits: always available\n\
         idx      a folder of IDX files, such as Fashion-MNIST, KMNIST or EMNIST, named in the spec\n\
         csv      a file with a label and the pixels of an image in each row, named in the spec\n\n\
         Folders searched for the MNIST files:"
    );
    for folder in loader.search_folders() {
        let _ = write!(
            text,
            "\n  {} ({})",
            escape::path(&folder.path),
            folder.origin
        );
    }
    text
}

/// Plan of a run: one line per replicate, and below it one line per stage.
pub fn plan(planned: &[Planned]) -> String {
    let mut text = String::new();
    let mut previous = None;
    for stage in planned {
        let current = Job {
            name: &stage.experiment,
            seed: stage.seed,
        };
        if previous != Some(current) {
            let _ = writeln!(text, "{}", job(current));
            previous = Some(current);
        }
        let state = match stage.state {
            StageState::Done => "done",
            StageState::Run => "run",
            StageState::Shared => "shared",
        };
        let label = format!("{} {}", stage.stage, stage.name);
        let line = format!("  {state:<7} {label:<34} {}", stage.reasons.join("; "));
        let _ = writeln!(text, "{}", escape::line(line.trim_end()));
    }
    let (to_run, all) = (to_run(planned), planned.len());
    let _ = write!(text, "{to_run} of {all} stages would run");
    text
}

/// Number of stages that would run.
pub fn to_run(planned: &[Planned]) -> usize {
    let runs = planned
        .iter()
        .filter(|stage| stage.state == StageState::Run);
    runs.count()
}

/// Result of a comparison with a rerun, with every difference.
pub fn verified(name: &str, verified: &Verified) -> String {
    let (files, how) = (verified.compared, &verified.how);
    let result = match (verified.differences.len(), files) {
        (0, 0) => "not compared".to_owned(),
        (0, _) => "verified".to_owned(),
        (1, _) => "1 DIFFERENCE".to_owned(),
        (n, _) => format!("{n} DIFFERENCES"),
    };
    let part = part_joined(name, verified.part, ", ");
    let mut text = format!("{part}: {result} ({files} files, {})", escape::line(how));
    for difference in &verified.differences {
        let (file, what) = (&difference.file, &difference.what);
        let _ = write!(text, "\n  {}: {}", escape::line(file), escape::line(what));
    }
    let mut list = |why: &str, files: &[String]| {
        if !files.is_empty() {
            let _ = write!(text, "\n  {why}: {}", escape::line(&files.join(", ")));
        }
    };
    list("not compared, having no tolerance", &verified.skipped);
    list("in the manifest, but not published", &verified.left_out);
    text
}

/// Name of a part of published results in a list: `paper/slp seed 0`.
pub fn part_in_list(name: &str, part: Part) -> String {
    part_joined(name, part, " ")
}

fn part_joined(name: &str, part: Part, separator: &str) -> String {
    let seed = match part {
        Part::Replicate(seed) => Some(seed),
        Part::Summary => None,
        Part::Ledger | Part::Beside => return escape::line(name).into_owned(),
    };
    joined(Job { name, seed }, separator)
}

/// List of removed entries of the store, or of those to remove.
pub fn cleaned(cleaned: &Cleaned, dry_run: bool) -> String {
    let mut text = String::new();
    for garbage in &cleaned.garbage {
        let (path, bytes) = (escape::path(&garbage.path), garbage.bytes);
        let _ = writeln!(text, "{path} ({bytes} bytes)");
    }
    let bytes: u64 = cleaned.garbage.iter().map(|garbage| garbage.bytes).sum();
    let entries = cleaned.garbage.len();
    let verb = if dry_run {
        "would be removed"
    } else {
        "removed"
    };
    let _ = write!(text, "{entries} entries, {bytes} bytes {verb}");
    if cleaned.in_use > 0 {
        let _ = write!(text, "; {} in use by a running process", cleaned.in_use);
    }
    text
}
