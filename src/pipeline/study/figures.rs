//! Study figures: drawings of all replicates of a study.

mod along;
mod layers;
mod means;
mod missing;
mod note;

use super::published::{PublishedReplicate, digest_of};
use super::report::StudyReport;
use crate::config::{InverseGrid, Metric, StudyFigure, StudyFigureKind};
use crate::figures::bars::{self, Bars};
use crate::figures::blank::{self, Blank};
use crate::figures::grid::{self, Grid, GridRow};
use crate::figures::lines::{self, Lines};
use crate::figures::strip::{self, Strip};
use crate::figures::{Drawing, FigureError, Texts};
use crate::grouped::grouped;
use crate::pipeline::experiment::Experiment;
use crate::pipeline::replicate::Inverse;
use crate::pipeline::stage::StageKind;
use crate::pipeline::stages::figure::draw::{class_names, drawn_or_blank, rows_of};
use crate::report::SummaryRow;
use crate::store::{StageEntry, StageKey};
use along::{Along, short};
use means::Means;
use missing::missing;
use note::{ShownValues, note, note_of_first};

/// First replicate of a member, whose images a grid shows.
pub struct FirstReplicate<'a> {
    pub member: &'a Experiment,
    pub replicate: &'a PublishedReplicate,
    pub inverses: Vec<Inverse>,
}

impl FirstReplicate<'_> {
    /// Returns the digests of its inverses, by stage.
    pub fn digests(&self) -> Vec<(StageKey, String)> {
        let stages = self.replicate.manifest.stages.iter();
        let inversions = stages.filter(|entry| entry.stage == StageKind::Invert.name());
        let digest = |entry: &StageEntry| {
            let own = self.inverses.iter().find(|one| one.name == entry.name)?;
            Some((entry.key.clone(), digest_of(own)))
        };
        inversions.filter_map(digest).collect()
    }
}

/// Draws one figure from the images of the first replicates, or from the means. If it has
/// nothing to show, the page has the reason, and `on_blank` receives it.
///
/// # Errors
/// If the page cannot be drawn.
pub fn draw(
    report: &StudyReport<'_>,
    figure: &StudyFigure,
    first: &[FirstReplicate<'_>],
    rows: &[SummaryRow],
    on_blank: impl FnOnce(&str),
) -> Result<Drawing, FigureError> {
    let missing = missing(report, &figure.kind);
    let page = PageText {
        title: &report.study.title,
        caption: &figure.caption,
        left_out: &missing,
    };
    drawn_or_blank(drawn(report, figure, first, rows, &page), |error| {
        let reason = match &missing[..] {
            [] => error.to_string(),
            missing => missing.join("; "),
        };
        on_blank(&reason);
        blank::draw(&Blank {
            texts: page.texts(&note(report, ShownValues::Means)),
            reason: &reason,
        })
    })
}

/// Texts above and below a figure.
struct PageText<'a> {
    title: &'a str,
    caption: &'a str,
    /// Reasons to leave metrics out.
    left_out: &'a [String],
}

impl<'a> PageText<'a> {
    /// Returns the texts with this note.
    fn texts<'b>(&self, note: &'b str) -> Texts<'b>
    where
        'a: 'b,
    {
        Texts {
            title: self.title,
            caption: self.caption,
            note,
        }
    }

    /// Returns the note with what is left out.
    fn note(&self, note: String) -> String {
        match self.left_out {
            [] => note,
            left_out => format!("{note} Left out: {}.", left_out.join("; ")),
        }
    }
}

fn drawn(
    report: &StudyReport<'_>,
    figure: &StudyFigure,
    first: &[FirstReplicate<'_>],
    rows: &[SummaryRow],
    page: &PageText<'_>,
) -> Result<Drawing, FigureError> {
    let means = Means::of(rows);
    let all = page.note(note(report, ShownValues::Means));
    match &figure.kind {
        StudyFigureKind::Grid { grid, .. } => grid::draw(&Grid {
            texts: page.texts(&note_of_first(report, first)),
            columns: first
                .first()
                .map_or_else(Vec::new, |one| class_names(&one.replicate.data)),
            rows: grid_rows(first, grid)?,
        }),
        StudyFigureKind::Bars {
            metrics,
            inversions,
        } => bars::draw(&Bars {
            texts: page.texts(&all),
            series: labels(report),
            panels: each(metrics, |metric| means.bars(report, metric, inversions)),
        }),
        StudyFigureKind::Sweep {
            over,
            metrics,
            inversions,
        } => sweep(report, &means, over, metrics, inversions, page.texts(&all)),
        StudyFigureKind::Strip {
            metrics,
            inversions,
        } => strip::draw(&Strip {
            texts: page.texts(&page.note(note(report, ShownValues::Every))),
            series: labels(report),
            panels: each(metrics, |metric| means.strips(report, metric, inversions)),
        }),
        StudyFigureKind::Layers { metrics } => lines::draw(&Lines {
            texts: page.texts(&all),
            x_label: "layer, from the pixels on",
            x_names: layers::names(report),
            columns: vec![String::new()],
            rows: layers::panels(report, metrics, rows),
        }),
    }
}

/// Computes one value per metric.
fn each<T>(metrics: &[Metric], value: impl FnMut(Metric) -> T) -> Vec<T> {
    metrics.iter().copied().map(value).collect()
}

/// Draws the means of metrics along a swept key.
fn sweep(
    report: &StudyReport<'_>,
    means: &Means<'_>,
    over: &str,
    metrics: &[Metric],
    inversions: &[String],
    texts: Texts<'_>,
) -> Result<Drawing, FigureError> {
    let columns = columns(report, over);
    let along = Along::of(&report.study.members, over);
    lines::draw(&Lines {
        texts,
        x_label: &over.replace(['.', '_'], " "),
        x_names: along.names(),
        columns: columns.iter().map(|(head, _)| head.clone()).collect(),
        rows: each(metrics, |metric| {
            means.lines(&columns, &along, metric, inversions)
        }),
    })
}

/// Names the members.
fn labels(report: &StudyReport<'_>) -> Vec<String> {
    let members = report.study.members.iter();
    members.map(Experiment::label).collect()
}

/// Returns the rows of every inversion: one per member that has it, or one for all if they
/// are the same.
fn grid_rows(
    first: &[FirstReplicate<'_>],
    grid: &InverseGrid,
) -> Result<Vec<GridRow>, FigureError> {
    let mut rows = Vec::new();
    for name in &grid.rows {
        let name = std::slice::from_ref(name);
        let mut of_members = Vec::new();
        for one in first {
            let size = one.replicate.data.size;
            of_members.push(rows_of(&one.member.spec, &one.inverses, size, grid, name)?);
        }
        // A row that no member changes, such as an original, is shown once.
        if of_members.windows(2).all(|pair| pair[0] == pair[1]) {
            of_members.truncate(1);
            rows.extend(of_members.into_iter().flatten());
            continue;
        }
        for (one, own) in first.iter().zip(of_members) {
            rows.extend(own.into_iter().map(|row| GridRow {
                label: format!("{}: {}", short(one.member), row.label),
                ..row
            }));
        }
    }
    Ok(rows)
}

/// Returns the columns of a sweep: their heads and the members of each.
fn columns<'a>(report: &StudyReport<'a>, over: &str) -> Vec<(String, Vec<&'a Experiment>)> {
    let head = |member: &Experiment| {
        let others = member.at.iter().filter(|(key, _)| key != over);
        let head = others.map(|(key, value)| match key.as_str() {
            "base" | "experiment" => value.clone(),
            _ => format!("{key} = {value}"),
        });
        head.collect::<Vec<_>>().join(", ")
    };
    let members = report.study.members.iter();
    grouped(members.map(|member| (head(member), member)))
}
