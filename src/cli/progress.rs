//! Progress on standard error: one bar per job on a terminal, plain lines elsewhere.
//! Several jobs report at once.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{IsTerminal, Write};
use std::sync::Mutex;

use indicatif::{
    HumanBytes, HumanDuration, MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle,
};

use super::{line, output, text};
use crate::escape;
use crate::pipeline::{Event, Job, StageKind, lock};

/// Shows the events of a command.
pub struct Progress {
    mode: ProgressMode,
    bars: MultiProgress,
    /// Name and bar of the stage in progress, by job.
    of_jobs: Mutex<BTreeMap<String, (String, ProgressBar)>>,
    /// Warnings about the samples of an experiment, which all its replicates share.
    warned: Mutex<BTreeSet<(String, String)>>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum ProgressMode {
    Quiet,
    Lines,
    Bars,
}

impl Progress {
    pub fn new(quiet: bool) -> Self {
        let mode = match (quiet, std::io::stderr().is_terminal()) {
            (true, _) => ProgressMode::Quiet,
            (false, true) => ProgressMode::Bars,
            (false, false) => ProgressMode::Lines,
        };
        Self {
            mode,
            bars: MultiProgress::with_draw_target(ProgressDrawTarget::stderr()),
            of_jobs: Mutex::default(),
            warned: Mutex::default(),
        }
    }

    /// Shows an event of a job.
    pub fn report(&self, job: Job<'_>, event: Event<'_>) {
        if let Event::DataWarning(warning) = event {
            let warning = (job.name.to_owned(), warning.to_owned());
            if !lock(&self.warned).insert(warning) {
                return;
            }
        }
        if rank(event) == EventRank::Warning {
            return self.line(job, event);
        }
        if rank(event) == EventRank::Summary {
            return self.say(&format!("{}: {event}", prefix(job)));
        }
        match self.mode {
            ProgressMode::Quiet => {}
            ProgressMode::Lines if is_worth_a_line(event) => self.line(job, event),
            ProgressMode::Lines => {}
            ProgressMode::Bars => self.advance(job, event),
        }
    }

    /// Removes the bar of a job.
    pub fn end(&self, job: Job<'_>) {
        if let Some((_, bar)) = lock(&self.of_jobs).remove(&text::job(job)) {
            bar.finish_and_clear();
            self.bars.remove(&bar);
        }
    }

    /// Removes all bars.
    pub fn clear(&self) {
        lock(&self.of_jobs).clear();
        // Fails without a terminal, where there are no bars.
        let _ = self.bars.clear();
    }

    /// Prints a text to standard output, unless it is empty or the command is quiet.
    pub fn say(&self, text: &str) {
        self.print(text, output::say);
    }

    /// Prints a text with colours like [`Self::say`].
    pub fn say_coloured(&self, text: &str) {
        self.print(text, output::say_coloured);
    }

    fn print(&self, text: &str, say: fn(&str)) {
        if self.mode != ProgressMode::Quiet && !text.is_empty() {
            self.hide(|| say(text));
        }
    }

    /// Prints something while all bars are hidden.
    pub fn hide(&self, print: impl FnOnce()) {
        self.bars.suspend(print);
    }

    /// Prints a line with the name of the job, unless the event names it.
    fn line(&self, job: Job<'_>, event: Event<'_>) {
        let line = match rank(event) {
            EventRank::Milestone => event.to_string(),
            EventRank::Warning | EventRank::Summary | EventRank::Detail => {
                format!("{}: {event}", prefix(job))
            }
        };
        self.hide(|| {
            // If standard error is closed, the line cannot be shown.
            let _ = writeln!(std::io::stderr(), "{}", escape::lines(&line));
        });
    }

    fn advance(&self, job: Job<'_>, event: Event<'_>) {
        match event {
            Event::Received(received) => {
                let length = received.of.unwrap_or(0);
                let bar = self.bar(job, received.file, length);
                bar.set_length(length);
                bar.set_position(received.bytes);
                let of = received.of.map(|of| format!(" of {}", HumanBytes(of)));
                let so_far = HumanBytes(received.bytes).to_string() + &of.unwrap_or_default();
                let speed = format!("{}/s", HumanBytes(bar.per_sec() as u64));
                show(&bar, job, &[so_far, speed, received.file.to_owned()]);
            }
            Event::Epoch { stage, row, of } => {
                let bar = self.bar(job, &stage.label(), of as u64);
                bar.set_position(row.epoch as u64);
                let epoch = format!("{} epoch {}/{of}", stage.name, row.epoch);
                let epoch = epoch.trim_start().to_owned();
                let accuracy = format!("accuracy {:.4}", row.train_accuracy);
                show(&bar, job, &[epoch, accuracy, eta(&bar)]);
            }
            Event::JudgeTrained { trained, of } => {
                let bar = self.bar(job, "judge", of as u64);
                bar.set_position(trained as u64);
                show(&bar, job, &[format!("judge {trained}/{of}"), eta(&bar)]);
            }
            Event::Computing(stage) if stage.kind != StageKind::Train => {
                let label = escape::line(&stage.label()).into_owned();
                show(&self.bar(job, &label, 0), job, &[label]);
            }
            Event::Progress { stage, .. } => {
                let bar = self.bar(job, &stage.label(), 0);
                show(&bar, job, &[event.to_string()]);
            }
            Event::Computing(_)
            | Event::Computed(_)
            | Event::Started { .. }
            | Event::Data(_)
            | Event::Varies(_) => {}
            Event::DataWarning(_)
            | Event::Fallback(_)
            | Event::Resumed { .. }
            | Event::NotConverged { .. }
            | Event::BlankFigure { .. }
            | Event::Waiting { .. }
            | Event::Damaged { .. }
            | Event::NoSummary
            | Event::LeftOut(_)
            | Event::Replaces { .. }
            | Event::Finished(_)
            | Event::UpToDate(_) => self.line(job, event),
        }
    }

    /// Shows on a terminal which job a command without stages looks at.
    pub fn look(&self, what: &str, at: &str) {
        if self.mode == ProgressMode::Bars {
            let job = Job {
                name: what,
                seed: None,
            };
            show(&self.bar(job, what, 0), job, &[at.to_owned()]);
        }
    }

    /// Returns the bar of a stage, which replaces that of the job's previous stage.
    fn bar(&self, job: Job<'_>, stage: &str, length: u64) -> ProgressBar {
        let job = text::job(job);
        let mut of_jobs = lock(&self.of_jobs);
        if let Some((name, bar)) = of_jobs.get(&job)
            && name == stage
        {
            return bar.clone();
        }
        if let Some((_, old)) = of_jobs.remove(&job) {
            self.bars.remove(&old);
        }
        let bar = self.bars.add(ProgressBar::new(length));
        if let Ok(style) = ProgressStyle::with_template("{msg}") {
            bar.set_style(style);
        }
        of_jobs.insert(job, (stage.to_owned(), bar.clone()));
        bar
    }
}

/// Width of a terminal that does not report its own.
const DEFAULT_WIDTH: usize = 80;

/// Shows a job with details, the most important first, in one line of the terminal.
fn show(bar: &ProgressBar, job: Job<'_>, details: &[String]) {
    let size = terminal_size::terminal_size_of(std::io::stderr());
    let width = size.map_or(DEFAULT_WIDTH, |(width, _)| usize::from(width.0));
    let length = bar.length().filter(|length| *length > 0);
    let fraction = length.map(|length| bar.position() as f64 / length as f64);
    bar.set_message(line::fit(&prefix(job), fraction, details, width));
}

/// Remaining time.
fn eta(bar: &ProgressBar) -> String {
    format!("eta {:#}", HumanDuration(bar.eta()))
}

/// Prefix of the events of a job. Without a seed, the job is a study, a verification or a
/// data set.
fn prefix(job: Job<'_>) -> String {
    match job.seed {
        Some(_) => text::job(job),
        None => escape::line(job.name).into_owned(),
    }
}

/// True for about ten epochs per training, and for the start and end of a download.
fn is_worth_a_line(event: Event<'_>) -> bool {
    match event {
        Event::Epoch { row, of, .. } => {
            row.epoch == 1 || row.epoch == of || row.epoch % of.div_ceil(10).max(1) == 0
        }
        Event::Computing(_) | Event::Computed(_) => false,
        other => other.is_worth_a_line(),
    }
}

/// Rank of an event among the lines of a command.
#[derive(PartialEq, Eq)]
enum EventRank {
    /// Printed even with `--quiet`.
    Warning,
    /// Part of the results, on standard output.
    Summary,
    /// Names its job in its own text.
    Milestone,
    Detail,
}

fn rank(event: Event<'_>) -> EventRank {
    match event {
        Event::Fallback(_)
        | Event::DataWarning(_)
        | Event::Damaged { .. }
        | Event::BlankFigure { .. }
        | Event::Waiting { .. }
        | Event::NoSummary
        | Event::LeftOut(_)
        | Event::Replaces { .. } => EventRank::Warning,
        Event::Varies(_) => EventRank::Summary,
        Event::Started { .. } | Event::Finished(_) | Event::UpToDate(_) => EventRank::Milestone,
        Event::Received(_)
        | Event::Data(_)
        | Event::Epoch { .. }
        | Event::Resumed { .. }
        | Event::JudgeTrained { .. }
        | Event::Computing(_)
        | Event::Progress { .. }
        | Event::Computed(_)
        | Event::NotConverged { .. } => EventRank::Detail,
    }
}
