//! Study figures: drawings of all replicates of a study.

mod along;
mod axes;
mod layers;
mod means;
mod missing;
mod models;
mod note;

use std::collections::BTreeSet;

use super::published::{PublishedReplicate, digest_of};
use super::report::StudyReport;
use crate::config::{InverseGrid, StudyFigure, StudyFigureKind};
use crate::figures::grid::{self, Grid, GridRow};
use crate::figures::{Drawing, FigureError, Style, Texts, beside, blank, lanes, lines};
use crate::grouped::grouped;
use crate::metrics::judge::poor_judges_note;
use crate::pipeline::experiment::Experiment;
use crate::pipeline::replicate::Inverse;
use crate::pipeline::stage::StageKind;
use crate::pipeline::stages::figure::draw::drawn_or_blank;
use crate::pipeline::stages::figure::rows::{class_names, rows_of};
use crate::report::SummaryRow;
use crate::store::{StageEntry, StageKey};
use along::{Along, short};
use means::{Means, MemberColumn};
use missing::missing;
use note::{ShownValues, note, note_of_first};

/// First replicate of a member, whose images a grid shows.
pub struct FirstReplicate<'a> {
    pub member: &'a Experiment,
    pub replicate: &'a PublishedReplicate,
    pub inverses: Vec<Inverse>,
}

impl FirstReplicate<'_> {
    fn class_names(&self) -> Vec<String> {
        class_names(&self.member.spec, &self.replicate.data)
    }

    /// Rows of a grid with the inversions of these names.
    fn rows(&self, grid: &InverseGrid, names: &[String]) -> Result<Vec<GridRow>, FigureError> {
        let data = &self.replicate.data;
        rows_of(&self.member.spec, &self.inverses, data, grid, names)
    }

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
    let means = Means::of(report, rows);
    let mut note = match &figure.kind {
        StudyFigureKind::Grid { .. } => note_of_first(report, first),
        StudyFigureKind::Strip { .. } => note(report, ShownValues::Every),
        StudyFigureKind::Beside { .. }
        | StudyFigureKind::Bars { .. }
        | StudyFigureKind::Sweep { .. }
        | StudyFigureKind::Layers { .. } => note(report, ShownValues::Means),
    };
    let readings = figure.kind.shows_readings();
    if let Some(poor) = poor_judges(report).filter(|_| readings) {
        note = format!("{note} {poor}");
    }
    if !missing.is_empty() {
        note = format!("{note} Left out: {}.", missing.join("; "));
    }
    let style = Style {
        look: figure.look,
        texts: Texts {
            title: &report.study.title,
            caption: &figure.caption,
            note: &note,
        },
    };
    drawn_or_blank(drawn(report, &figure.kind, first, &means, style), |error| {
        let reason = match &missing[..] {
            [] => error.to_string(),
            missing => missing.join("; "),
        };
        on_blank(&reason);
        blank::draw(style, &reason)
    })
}

/// Returns a sentence about poor judges of any member.
fn poor_judges(report: &StudyReport<'_>) -> Option<String> {
    let replicates = report.members.iter().flat_map(|member| &member.replicates);
    let poor = replicates.filter_map(|one| one.numbers.poor_judges.as_deref());
    let poor: BTreeSet<&str> = poor.collect();
    let poor: Vec<&str> = poor.into_iter().collect();
    poor_judges_note((!poor.is_empty()).then(|| poor.join("; ")).as_deref())
}

fn drawn(
    report: &StudyReport<'_>,
    kind: &StudyFigureKind,
    first: &[FirstReplicate<'_>],
    means: &Means<'_>,
    style: Style<'_>,
) -> Result<Drawing, FigureError> {
    match kind {
        StudyFigureKind::Grid { grid, .. } => grid::draw(&Grid {
            style,
            columns: first
                .first()
                .map_or_else(Vec::new, FirstReplicate::class_names),
            rows: grid_rows(first, grid)?,
        }),
        StudyFigureKind::Beside { grid, metric } => {
            beside::draw(&means.beside(style, first, grid, *metric)?)
        }
        StudyFigureKind::Bars {
            metrics,
            inversions,
        } => lanes::draw(&means.bars(style, metrics, inversions)),
        StudyFigureKind::Strip {
            metrics,
            inversions,
        } => lanes::draw(&means.strips(style, metrics, inversions)),
        StudyFigureKind::Sweep {
            over,
            metrics,
            inversions,
        } => {
            let columns = columns(report, over);
            let along = Along::of(&report.study.members, over);
            lines::draw(&means.sweep(style, &columns, &along, metrics, inversions))
        }
        StudyFigureKind::Layers { metrics } => {
            lines::draw(&layers::lines(style, report, metrics, means.rows))
        }
    }
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
            of_members.push(one.rows(grid, name)?);
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
fn columns<'a>(report: &StudyReport<'a>, over: &str) -> Vec<MemberColumn<'a>> {
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
