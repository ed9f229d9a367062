//! What is printed when something is done.

use std::collections::BTreeSet;
use std::fmt::Write;

use crate::config::Metric;
use crate::data::Loader;
use crate::escape;
use crate::metrics::MetricRow;
use crate::metrics::judge::ControlRow;
use crate::pipeline::{Job, Part, Planned, State, Summary, Verified};
use crate::report::digits;
use crate::store::Cleaned;

/// What a job works at: `paper/slp, seed 0`.
pub fn job(job: Job<'_>) -> String {
    match job.seed {
        Some(seed) => format!("{}, seed {seed}", escape::line(job.name)),
        None => format!("{}, summary", escape::line(job.name)),
    }
}

/// The same in a list of several.
pub fn job_without_comma(job: Job<'_>) -> String {
    match job.seed {
        Some(seed) => format!("{} seed {seed}", escape::line(job.name)),
        None => format!("{} summary", escape::line(job.name)),
    }
}

/// The accuracies and the mean metrics of a replicate; `columns` adds up those shown.
pub fn summary(name: &str, summary: &Summary, columns: &mut Columns) -> String {
    let mut text = String::new();
    // Writing to a string cannot fail.
    let _ = one(&mut text, name, summary, columns);
    text.trim_end().to_owned()
}

fn one(out: &mut String, name: &str, summary: &Summary, columns: &mut Columns) -> std::fmt::Result {
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

/// How good the judges are, and how sure of noise.
fn judges(out: &mut String, controls: &[ControlRow]) -> std::fmt::Result {
    for (name, judge) in [("conv", "conv"), ("k-NN", "knn")] {
        let of = |pictures: &str| {
            let mut rows = controls.iter();
            rows.find(|row| row.judge == judge && row.pictures == pictures)
        };
        let Some(noise) = of("noise") else {
            continue;
        };
        let accuracy = of("test digits").and_then(|row| row.judge_accuracy);
        let accuracy = accuracy.map_or_else(
            || "no test rows to try it on".to_owned(),
            |accuracy| format!("accuracy {accuracy:.4} on test rows"),
        );
        let sure = noise.legibility_any;
        writeln!(
            out,
            "  judge {name:<5} {accuracy}, takes noise for something with {sure:.2}"
        )?;
    }
    Ok(())
}

/// The first epoch with the highest training accuracy.
fn best_epoch(summary: &Summary) -> (usize, f64) {
    let mut best = (0, f64::NEG_INFINITY);
    for row in &summary.history {
        if row.train_accuracy > best.1 {
            best = (row.epoch, row.train_accuracy);
        }
    }
    best
}

/// One line an inversion without a sweep, one column for each of the metrics
/// that say most: means over the classes. Fits into 80 columns if the names are
/// not long.
fn metrics(out: &mut String, rows: &[MetricRow], columns: &mut Columns) -> std::fmt::Result {
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
    columns: &mut Columns,
) -> std::fmt::Result {
    let lengths = names.iter().map(|name| name.len());
    let longest = lengths.max().unwrap_or(0).max(22);
    let is_measured = |metric: Metric| rows.iter().any(|row| row.metric == metric.name());
    let shown = SHOWN.iter().filter(|column| is_measured(column.metric));
    let shown: Vec<&Column> = shown.collect();
    columns.0.extend(shown.iter().map(|column| column.metric));
    write!(out, "  {:<longest$}", "mean over the classes")?;
    for Column { heading, .. } in &shown {
        write!(out, " {heading:>8}")?;
    }
    writeln!(out)?;
    for name in names {
        write!(out, "  {name:<longest$}")?;
        for Column { metric, .. } in &shown {
            let shown = mean(rows, name, *metric).map_or_else(|| "-".to_owned(), digits);
            write!(out, " {shown:>8}")?;
        }
        writeln!(out)?;
    }
    Ok(())
}

/// A column of the table, which is there if its metric is measured.
struct Column {
    heading: &'static str,
    metric: Metric,
    meaning: &'static str,
}

const fn column(heading: &'static str, metric: Metric, meaning: &'static str) -> Column {
    Column {
        heading,
        metric,
        meaning,
    }
}

static SHOWN: [Column; 7] = [
    column(
        "error",
        Metric::ReconstructionError,
        "relative L2 error of the reconstruction",
    ),
    column(
        "p target",
        Metric::TargetProbability,
        "probability of the class by the network",
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
        "likeness",
        Metric::ClassMeanMargin,
        "correlation with the class mean, above any other's",
    ),
    column(
        "conv",
        Metric::LegibilityConvDrawn,
        "probability of the class by the evaluator network",
    ),
    column(
        "k-NN",
        Metric::LegibilityKnnDrawn,
        "probability of the class by the k-NN classifier",
    ),
];

/// The columns that tables have shown.
#[derive(Default)]
pub struct Columns(BTreeSet<Metric>);

impl Columns {
    /// One line per column: its heading, its meaning and the name of its metric. Nothing
    /// without tables.
    pub fn explained(&self) -> String {
        let shown = SHOWN
            .iter()
            .filter(|column| self.0.contains(&column.metric));
        let line = |column: &Column| {
            let (heading, meaning) = (column.heading, column.meaning);
            format!("\n  {heading:<8} {meaning} (`{}`)", column.metric.name())
        };
        let lines: String = shown.map(line).collect();
        match lines.as_str() {
            "" => lines,
            _ => format!("columns:{lines}"),
        }
    }
}

fn mean(rows: &[MetricRow], inversion: &str, metric: Metric) -> Option<f64> {
    let of_it = rows
        .iter()
        .filter(|row| row.inversion == inversion && row.metric == metric.name());
    let values: Vec<f64> = of_it.filter_map(|row| row.value).collect();
    let sum: f64 = values.iter().sum();
    (!values.is_empty()).then(|| sum / values.len() as f64)
}

/// The data sets and the places where files are looked for.
pub fn data_list(loader: &Loader) -> String {
    let found = match loader.mnist_folder() {
        Some(folder) => format!("files in `{}`", escape::path(&folder)),
        None => "no files; `backquery data fetch mnist` downloads it".to_owned(),
    };
    let mut text = format!(
        "mnist    70,000 handwritten digits: {found}\n\
         strokes  70,000 digits drawn by this program: always there\n\
         parity   even and odd numbers of a few bits: always there\n\
         idx      a folder of IDX files, such as Fashion-MNIST, KMNIST or EMNIST, named in the spec\n\
         csv      a file with a label and the pixels of an image in each row, named in the spec\n\n\
         The MNIST files are looked for in:"
    );
    for place in loader.places() {
        let _ = write!(text, "\n  {} ({})", escape::path(&place.path), place.origin);
    }
    text
}

/// A line a stage, under a line for each replicate.
pub fn plan(planned: &[Planned]) -> String {
    let mut text = String::new();
    let mut of = None;
    for stage in planned {
        let now = Job {
            name: &stage.experiment,
            seed: stage.seed,
        };
        if of != Some(now) {
            let _ = writeln!(text, "{}", job(now));
            of = Some(now);
        }
        let state = match stage.state {
            State::Done => "done",
            State::Run => "run",
            State::Shared => "shared",
        };
        let label = format!("{} {}", stage.stage, stage.name);
        let line = format!("  {state:<7} {label:<34} {}", stage.reasons.join("; "));
        let _ = writeln!(text, "{}", escape::line(line.trim_end()));
    }
    let (to_run, all) = (to_run(planned), planned.len());
    let _ = write!(text, "{to_run} of {all} stages would run");
    text
}

/// How many stages would run.
pub fn to_run(planned: &[Planned]) -> usize {
    let runs = planned.iter().filter(|stage| stage.state == State::Run);
    runs.count()
}

/// What was compared, and all that differs.
pub fn verified(name: &str, verified: &Verified) -> String {
    let (files, how) = (verified.compared, &verified.how);
    let result = match (verified.differences.len(), files) {
        (0, 0) => "not compared".to_owned(),
        (0, _) => "verified".to_owned(),
        (1, _) => "1 DIFFERENCE".to_owned(),
        (n, _) => format!("{n} DIFFERENCES"),
    };
    let of = part(name, verified.part);
    let mut text = format!("{of}: {result} ({files} files, {})", escape::line(how));
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

/// A part of published results: `paper/slp, seed 0`.
fn part(name: &str, part: Part) -> String {
    match part {
        Part::Replicate(seed) => job(Job {
            name,
            seed: Some(seed),
        }),
        Part::Summary => job(Job { name, seed: None }),
        Part::Ledger | Part::Beside => escape::line(name).into_owned(),
    }
}

/// The same in a list of several.
pub fn part_without_comma(name: &str, part: Part) -> String {
    match part {
        Part::Replicate(seed) => job_without_comma(Job {
            name,
            seed: Some(seed),
        }),
        Part::Summary => job_without_comma(Job { name, seed: None }),
        Part::Ledger | Part::Beside => escape::line(name).into_owned(),
    }
}

/// What was removed, or would be.
pub fn cleaned(cleaned: &Cleaned, dry_run: bool) -> String {
    let mut text = String::new();
    for garbage in &cleaned.garbage {
        let _ = writeln!(
            text,
            "{} ({} bytes)",
            escape::path(&garbage.path),
            garbage.bytes
        );
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
