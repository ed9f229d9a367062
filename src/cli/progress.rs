//! Progress on standard error: a bar on a terminal, plain lines elsewhere.

use std::cell::RefCell;
use std::io::{IsTerminal, Write};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::pipeline::{Event, StageKind};

/// Shows the events of a run.
pub struct Progress {
    style: Style,
    /// The bar of the stage in progress, with the stage's name.
    bar: RefCell<Option<(String, ProgressBar)>>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Style {
    Quiet,
    Lines,
    Bars,
}

impl Progress {
    pub fn new(quiet: bool) -> Self {
        let style = match (quiet, std::io::stderr().is_terminal()) {
            (true, _) => Style::Quiet,
            (false, true) => Style::Bars,
            (false, false) => Style::Lines,
        };
        Self {
            style,
            bar: RefCell::default(),
        }
    }

    /// Shows an event.
    pub fn tell(&self, event: Event<'_>) {
        if is_a_warning(event) {
            return self.line(&event.to_string());
        }
        match self.style {
            Style::Quiet => {}
            Style::Lines if is_worth_a_line(event) => self.line(&event.to_string()),
            Style::Lines => {}
            Style::Bars => self.advance(event),
        }
    }

    /// Removes the bar.
    pub fn clear(&self) {
        if let Some((_, bar)) = self.bar.borrow_mut().take() {
            bar.finish_and_clear();
        }
    }

    fn line(&self, text: &str) {
        self.clear();
        // If standard error is gone there is nobody to tell.
        let _ = writeln!(std::io::stderr(), "{text}");
    }

    fn advance(&self, event: Event<'_>) {
        match event {
            Event::Received(received) => {
                let bar = self.bar(received.file, received.of.unwrap_or(0), DOWNLOAD);
                bar.set_message(received.file.to_owned());
                bar.set_length(received.of.unwrap_or(0));
                bar.set_position(received.bytes);
            }
            Event::Epoch { row, of } => {
                let bar = self.bar("training", of as u64, TRAINING);
                bar.set_message(format!("accuracy {:.4}", row.train_accuracy));
                bar.set_position(row.epoch as u64);
            }
            Event::Making(stage) if stage.kind != StageKind::Train => {
                let label = stage.label();
                self.bar(&label, 0, "  {wide_msg}")
                    .set_message(label.clone());
            }
            Event::Making(_) | Event::Made(_) => {}
            _ => self.line(&event.to_string()),
        }
    }

    /// The bar of this stage; that of another stage is removed.
    fn bar(&self, stage: &str, length: u64, template: &str) -> ProgressBar {
        if let Some((name, bar)) = &*self.bar.borrow()
            && name == stage
        {
            return bar.clone();
        }
        self.clear();
        let bar = ProgressBar::with_draw_target(Some(length), ProgressDrawTarget::stderr());
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        *self.bar.borrow_mut() = Some((stage.to_owned(), bar.clone()));
        bar
    }
}

const DOWNLOAD: &str = "  [{bar:24}] {bytes}/{total_bytes} {bytes_per_sec} {wide_msg}";
const TRAINING: &str = "  [{bar:24}] epoch {pos}/{len}, eta {eta}, {wide_msg}";

/// About ten lines of training a run, and the beginning and end of each download.
fn is_worth_a_line(event: Event<'_>) -> bool {
    match event {
        Event::Epoch { row, of } => {
            row.epoch == 1 || row.epoch % of.div_ceil(10) == 0 || row.epoch == of
        }
        Event::Making(_) | Event::Made(_) => false,
        _ => event.is_worth_a_line(),
    }
}

/// What must be seen even by those who want to see nothing.
fn is_a_warning(event: Event<'_>) -> bool {
    matches!(
        event,
        Event::StandsIn(_) | Event::Damaged { .. } | Event::Waiting { .. }
    )
}
