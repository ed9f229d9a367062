//! From the `[[figure]]` of a study to a drawing of all its replicates.

mod along;
mod layers;
mod missing;
mod note;

use std::collections::BTreeMap;

use super::published::{PublishedMember, PublishedReplicate, digest_of};
use super::report::StudyReport;
use crate::config::{Bounds, InverseGrid, Metric, StudyFigure, StudyFigureKind};
use crate::figures::bars::{self, Bar, BarGroup, BarPanel, Bars};
use crate::figures::blank::{self, Blank};
use crate::figures::grid::{self, Grid, GridRow};
use crate::figures::lines::{self, Lines, PanelRow, Point, Series};
use crate::figures::strip::{self, Dot, Dots, Strip, StripGroup, StripPanel};
use crate::figures::{Drawing, FigureError};
use crate::pipeline::experiment::Experiment;
use crate::pipeline::replicate::Inverse;
use crate::pipeline::stage::StageKind;
use crate::pipeline::stages::figure::draw::{class_names, drawn_or_blank, rows_of};
use crate::report::{Reading, SummaryRow};
use crate::store::{Key, StageEntry};
use along::{Along, short};
use missing::missing;
use note::{Shown, note, note_of_first};

/// First replicate of a member, whose images a grid shows.
pub struct First<'a> {
    pub member: &'a Experiment,
    pub replicate: &'a PublishedReplicate,
    pub inverses: Vec<Inverse>,
}

impl First<'_> {
    /// Digests of the inverses, by stage.
    pub fn digests(&self) -> Vec<(Key, String)> {
        let stages = self.replicate.manifest.stages.iter();
        let inversions = stages.filter(|entry| entry.stage == StageKind::Invert.name());
        let digest = |entry: &StageEntry| {
            let own = self.inverses.iter().find(|one| one.name == entry.name)?;
            Some((entry.key.clone(), digest_of(own)))
        };
        inversions.filter_map(digest).collect()
    }
}

/// Draws one figure from the images of the first replicates, or from the means. Without
/// anything to show, the page says why, and so does `on_blank`.
///
/// # Errors
/// If the page cannot be drawn.
pub fn draw(
    report: &StudyReport<'_>,
    figure: &StudyFigure,
    first: &[First<'_>],
    rows: &[SummaryRow],
    on_blank: impl FnOnce(&str),
) -> Result<Drawing, FigureError> {
    let missing = missing(report, &figure.kind);
    let page = Page {
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
            title: page.title,
            caption: page.caption,
            note: &note(report, Shown::Means),
            reason: &reason,
        })
    })
}

/// What stands above and below a figure.
struct Page<'a> {
    title: &'a str,
    caption: &'a str,
    /// Of what is left out, why.
    left_out: &'a [String],
}

impl Page<'_> {
    /// The note with what is left out.
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
    first: &[First<'_>],
    rows: &[SummaryRow],
    page: &Page<'_>,
) -> Result<Drawing, FigureError> {
    let means = Means::of(rows);
    let Page { title, caption, .. } = *page;
    let all = page.note(note(report, Shown::Means));
    match &figure.kind {
        StudyFigureKind::Grid { grid, .. } => grid::draw(&Grid {
            title,
            caption,
            note: &note_of_first(report, first),
            columns: first
                .first()
                .map_or_else(Vec::new, |one| class_names(&one.replicate.data)),
            rows: grid_rows(first, grid)?,
        }),
        StudyFigureKind::Bars {
            metrics,
            inversions,
        } => bars::draw(&Bars {
            title,
            caption,
            note: &all,
            series: labels(report),
            panels: metrics
                .iter()
                .map(|&metric| means.bars(report, metric, inversions))
                .collect(),
        }),
        StudyFigureKind::Sweep {
            over,
            metrics,
            inversions,
        } => {
            let columns = columns(report, over);
            let along = Along::of(&report.study.members, over);
            lines::draw(&Lines {
                title,
                caption,
                note: &all,
                x_label: &over.replace(['.', '_'], " "),
                x_names: along.names(),
                columns: columns.iter().map(|(head, _)| head.clone()).collect(),
                rows: metrics
                    .iter()
                    .map(|&metric| means.lines(&columns, (&along, metric), inversions))
                    .collect(),
            })
        }
        StudyFigureKind::Strip {
            metrics,
            inversions,
        } => strip::draw(&Strip {
            title,
            caption,
            note: &page.note(note(report, Shown::Every)),
            series: labels(report),
            panels: metrics
                .iter()
                .map(|&metric| means.strips(report, metric, inversions))
                .collect(),
        }),
        StudyFigureKind::Layers { metrics } => lines::draw(&Lines {
            title,
            caption,
            note: &all,
            x_label: "layer, from the pixels on",
            x_names: layers::names(report),
            columns: vec![String::new()],
            rows: layers::panels(report, metrics, rows),
        }),
    }
}

/// What the members are called.
fn labels(report: &StudyReport<'_>) -> Vec<String> {
    let members = report.study.members.iter();
    members.map(Experiment::label).collect()
}

/// For every inversion the rows of all members that have it, below each other, or one
/// for all where they are the same.
fn grid_rows(first: &[First<'_>], grid: &InverseGrid) -> Result<Vec<GridRow>, FigureError> {
    let mut rows = Vec::new();
    for name in &grid.rows {
        let name = std::slice::from_ref(name);
        let mut of_members = Vec::new();
        for one in first {
            let size = one.replicate.data.size;
            of_members.push(rows_of(&one.member.spec, &one.inverses, size, grid, name)?);
        }
        // What no member has changed, such as an original, stands once.
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

/// Every value of a metric of an inversion in all replicates of a member.
fn dots(
    published: &PublishedMember,
    (inversion, setting): (&str, &str),
    metric: Metric,
) -> Vec<Dot> {
    let replicates = published.replicates.iter();
    let readings = replicates.flat_map(|one| &one.numbers.values);
    let own = readings.filter(|reading| {
        reading.inversion == inversion
            && reading.setting == setting
            && reading.metric == metric.name()
    });
    let dot = |reading: &Reading| {
        let (class, value) = (reading.class?, reading.value?);
        Some(Dot { class, value })
    };
    own.filter_map(dot).collect()
}

/// The columns of a sweep: their heads and the members of each.
fn columns<'a>(report: &StudyReport<'a>, over: &str) -> Vec<(String, Vec<&'a Experiment>)> {
    let mut columns: Vec<(String, Vec<&'a Experiment>)> = Vec::new();
    for member in &report.study.members {
        let others = member.at.iter().filter(|(key, _)| key != over);
        let head = others.map(|(key, value)| match key.as_str() {
            "base" | "experiment" => value.clone(),
            _ => format!("{key} = {value}"),
        });
        let head = head.collect::<Vec<_>>().join(", ");
        match columns.iter_mut().find(|(known, _)| *known == head) {
            Some((_, members)) => members.push(member),
            None => columns.push((head, vec![member])),
        }
    }
    columns
}

/// The means of a study, by experiment, inversion, setting and metric.
struct Means<'a>(BTreeMap<(&'a str, &'a str, &'a str, &'a str), &'a SummaryRow>);

impl<'a> Means<'a> {
    fn of(rows: &'a [SummaryRow]) -> Self {
        let key = |row: &'a SummaryRow| {
            let (experiment, inversion) = (row.experiment.as_str(), row.inversion.as_str());
            (
                (
                    experiment,
                    inversion,
                    row.setting.as_str(),
                    row.metric.as_str(),
                ),
                row,
            )
        };
        Self(rows.iter().map(key).collect())
    }

    fn get(&self, experiment: &str, inversion: &str, setting: &str, metric: Metric) -> Option<Bar> {
        let row = self
            .0
            .get(&(experiment, inversion, setting, metric.name()))?;
        Some(Bar {
            mean: row.mean?,
            interval: row.low.zip(row.high),
        })
    }

    fn bars(&self, report: &StudyReport<'_>, metric: Metric, inversions: &[String]) -> BarPanel {
        let group = |inversion: &String| BarGroup {
            label: inversion.replace('_', " "),
            bars: report
                .study
                .members
                .iter()
                .map(|member| self.get(&member.name, inversion, "", metric))
                .collect(),
        };
        BarPanel {
            name: described(metric),
            log: metric.is_logarithmic(),
            groups: inversions.iter().map(group).collect(),
        }
    }

    /// Every value of a metric: a group for each inversion, a strip for each member.
    fn strips(
        &self,
        report: &StudyReport<'_>,
        metric: Metric,
        inversions: &[String],
    ) -> StripPanel {
        let strip = |(member, published): (&Experiment, &PublishedMember), inversion: &str| {
            let mut own = member.spec.inversions.iter();
            let own = own.find(|one| one.name == inversion)?;
            let setting = own.settings.first()?.value.as_str();
            let dots = dots(published, (inversion, setting), metric);
            let mean = self.get(&member.name, inversion, setting, metric);
            let mean = mean.map(|bar| bar.mean);
            (!dots.is_empty()).then_some(Dots { dots, mean })
        };
        let members = || report.study.members.iter().zip(&report.members);
        let group = |inversion: &String| StripGroup {
            label: inversion.replace('_', " "),
            strips: members().map(|both| strip(both, inversion)).collect(),
        };
        let Bounds { low, high } = metric.bounds();
        StripPanel {
            name: described(metric),
            log: metric.is_logarithmic(),
            bounds: high.is_finite().then_some((low, high)),
            groups: inversions.iter().map(group).collect(),
        }
    }

    fn lines(
        &self,
        columns: &[(String, Vec<&Experiment>)],
        (along, metric): (&Along<'_>, Metric),
        inversions: &[String],
    ) -> PanelRow {
        let series = |inversion: &String, members: &[&Experiment]| Series {
            label: inversion.replace('_', " "),
            points: self.points(members, inversion, along, metric),
            marked: true,
        };
        let panel = |(_, members): &(String, Vec<&Experiment>)| {
            inversions
                .iter()
                .map(|name| series(name, members))
                .collect()
        };
        PanelRow {
            y_label: described(metric),
            log: metric.is_logarithmic(),
            panels: columns.iter().map(panel).collect(),
        }
    }

    /// The means of an inversion against a key that it, or that the experiments,
    /// are swept over.
    fn points(
        &self,
        members: &[&Experiment],
        inversion: &str,
        along: &Along<'_>,
        metric: Metric,
    ) -> Vec<Point> {
        let mut points = Vec::new();
        for member in members {
            let of_member = along.place(member);
            let named = member.spec.inversions.iter().find(|i| i.name == inversion);
            let Some(swept) = named else {
                continue;
            };
            let own = swept.numbers().filter(|_| swept.sweep[0] == along.key);
            for (index, setting) in swept.settings.iter().enumerate() {
                let own = own.as_ref().map(|numbers| numbers[index]);
                let x = own.or(of_member.filter(|_| setting.value.is_empty()));
                let bar = self.get(&member.name, inversion, &setting.value, metric);
                points.extend(x.zip(bar).map(|(x, bar)| Point {
                    x,
                    mean: bar.mean,
                    interval: bar.interval,
                }));
            }
        }
        points.sort_by(|a, b| a.x.total_cmp(&b.x));
        points
    }
}

fn described(metric: Metric) -> String {
    let name = metric.name().replace('_', " ");
    format!("{name} ({})", metric.direction().text())
}
