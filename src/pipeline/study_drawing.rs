//! From the `[[figure]]` of a study to a drawing of all its replicates.

mod along;

use std::collections::{BTreeMap, BTreeSet};

use super::drawing::{class_names, rows_of};
use super::experiment::Experiment;
use super::overview::Overview;
use super::products::Replicate;
use crate::figures::bars::{self, Bar, BarGroup, BarPanel, Bars};
use crate::figures::grid::{self, Grid, GridRow};
use crate::figures::lines::{self, Lines, PanelRow, Point, Series};
use crate::figures::strip::{self, Dot, Strip, StripGroup, StripPanel};
use crate::figures::{Drawing, FigureError};
use crate::report::SummaryRow;
use crate::spec::{Figure, FigureKind, ImageScale, Metric};
use along::Along;

/// Draws one figure from the images of the first replicates, or from the means.
///
/// # Errors
/// If an image holds a value that is not finite, there is nothing to show, or
/// the page would be too large.
pub fn draw(
    overview: &Overview<'_>,
    figure: &Figure,
    rows: &[SummaryRow],
) -> Result<Drawing, FigureError> {
    let means = Means::of(rows);
    let (title, caption) = (overview.study.title.as_str(), figure.caption.as_str());
    let all = note(overview, Shown::Means);
    match &figure.kind {
        FigureKind::Grid { rows, scale, under } => {
            let first = first_replicates(overview);
            grid::draw(&Grid {
                title,
                caption,
                note: &note_of_first(overview, &first),
                columns: first
                    .first()
                    .map_or_else(Vec::new, |(_, r)| class_names(&r.data)),
                rows: grid_rows(&first, rows, (scale, under))?,
            })
        }
        FigureKind::Bars {
            metrics,
            inversions,
        } => bars::draw(&Bars {
            title,
            caption,
            note: &all,
            series: labels(overview),
            panels: metrics
                .iter()
                .map(|&metric| means.bars(overview, metric, inversions))
                .collect(),
        }),
        FigureKind::Sweep {
            over,
            metrics,
            inversions,
        } => {
            let columns = columns(overview, over);
            let along = Along::of(&overview.study.members, over);
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
        FigureKind::Strip {
            metrics,
            inversions,
        } => strip::draw(&Strip {
            title,
            caption,
            note: &note(overview, Shown::Every),
            series: labels(overview),
            panels: metrics
                .iter()
                .map(|&metric| strips(overview, metric, inversions))
                .collect(),
        }),
        FigureKind::Curves { .. } | FigureKind::Weights { .. } | FigureKind::Samples { .. } => {
            Err(FigureError::Empty)
        }
    }
}

/// What the members are called.
fn labels(overview: &Overview<'_>) -> Vec<String> {
    let members = overview.study.members.iter();
    members.map(Experiment::label).collect()
}

/// What a figure shows of its replicates.
#[derive(Clone, Copy)]
enum Shown {
    /// Their means.
    Means,
    /// Every single one.
    Every,
}

/// Data and seeds of all replicates.
fn note(overview: &Overview<'_>, shown: Shown) -> String {
    let seeds = |member: usize| -> Vec<u64> {
        let own = overview.replicates.iter().filter(|(of, _)| *of == member);
        own.map(|(_, replicate)| replicate.seed).collect()
    };
    let told = |seeds: &[u64]| {
        let list: Vec<String> = seeds.iter().map(u64::to_string).collect();
        let how = match (shown, seeds.len()) {
            (Shown::Every, _) => String::new(),
            (Shown::Means, 1) => " (one replicate, so no intervals)".to_owned(),
            (Shown::Means, n) => format!(" (means over {n} replicates with 95 % intervals)"),
        };
        let seeds = if seeds.len() == 1 { "seed" } else { "seeds" };
        format!("{seeds} {}{how}", list.join(" "))
    };
    let members = &overview.study.members;
    let all: Vec<String> = (0..members.len())
        .map(|member| told(&seeds(member)))
        .collect();
    let seeds = if all.windows(2).all(|pair| pair[0] == pair[1]) {
        all.first().cloned().unwrap_or_default()
    } else {
        let each = members.iter().zip(&all);
        let each = each.map(|(member, told)| format!("{}: {told}", member.label()));
        each.collect::<Vec<_>>().join("; ")
    };
    let (data, name) = (data(overview), &overview.study.name);
    format!(
        "Data: {data}. {}. Spec {name}{}.",
        capital(&seeds),
        overrides(overview)
    )
}

fn note_of_first(overview: &Overview<'_>, first: &[(&Experiment, &Replicate)]) -> String {
    let seed = |(member, replicate): &(&Experiment, &Replicate)| {
        format!("{} {}", member.label(), replicate.seed)
    };
    let seeds: BTreeSet<u64> = first.iter().map(|(_, replicate)| replicate.seed).collect();
    let seeds = match Vec::from_iter(seeds)[..] {
        [seed] => seed.to_string(),
        _ => first.iter().map(seed).collect::<Vec<_>>().join(", "),
    };
    let (data, name) = (data(overview), &overview.study.name);
    format!(
        "Data: {data}. Seed {seeds}. Spec {name}{}.",
        overrides(overview)
    )
}

/// With a capital letter, if it begins with a word of ours.
fn capital(text: &str) -> String {
    match text.strip_prefix("seed") {
        Some(rest) => format!("Seed{rest}"),
        None => text.to_owned(),
    }
}

/// What the members were trained on, and what makes them controls; mostly the same.
fn data(overview: &Overview<'_>) -> String {
    let mut all: Vec<String> = overview
        .replicates
        .iter()
        .filter_map(|(of, r)| Some(overview.study.members.get(*of)?.describe(&r.data)))
        .collect();
    all.sort();
    all.dedup();
    all.join("; ")
}

fn overrides(overview: &Overview<'_>) -> String {
    let first = overview.study.members.first();
    match first.map_or(&[][..], |member| &member.overrides) {
        [] => String::new(),
        overrides => format!(" with {}", overrides.join(", ")),
    }
}

/// Each member with its first replicate.
fn first_replicates<'a>(overview: &Overview<'a>) -> Vec<(&'a Experiment, &'a Replicate)> {
    let members = overview.study.members.iter().enumerate();
    members
        .filter_map(|(index, member)| {
            let first = overview.replicates.iter().find(|(of, _)| *of == index)?;
            Some((member, first.1))
        })
        .collect()
}

/// For every inversion the rows of all members that have it, below each other.
fn grid_rows(
    first: &[(&Experiment, &Replicate)],
    names: &[String],
    (scale, under): (&ImageScale, &[Metric]),
) -> Result<Vec<GridRow>, FigureError> {
    let mut rows = Vec::new();
    for name in names {
        for (member, replicate) in first {
            let name = std::slice::from_ref(name);
            let images = (&replicate.inverses[..], replicate.data.size);
            for row in rows_of(&member.spec, images, name, (scale, under))? {
                rows.push(GridRow {
                    label: format!("{}: {}", member.label(), row.label),
                    ..row
                });
            }
        }
    }
    Ok(rows)
}

/// Every value of a metric: a group for each inversion, a strip for each member.
fn strips(overview: &Overview<'_>, metric: Metric, inversions: &[String]) -> StripPanel {
    let dots = |replicate: &Replicate, inversion: &str| -> Vec<Dot> {
        let named = replicate.inverses.iter().find(|one| one.name == inversion);
        let measures = named.and_then(|one| one.measures.first());
        let own = measures.into_iter().flatten();
        let own = own.filter(|measured| measured.metric == metric);
        own.filter_map(|measured| {
            Some(Dot {
                class: replicate.data.classes[measured.class],
                value: measured.value?,
            })
        })
        .collect()
    };
    let strip = |member: usize, inversion: &str| -> Option<Vec<Dot>> {
        let own = overview.replicates.iter().filter(|(of, _)| *of == member);
        let all: Vec<Dot> = own
            .flat_map(|(_, replicate)| dots(replicate, inversion))
            .collect();
        (!all.is_empty()).then_some(all)
    };
    let group = |inversion: &String| StripGroup {
        label: inversion.replace('_', " "),
        strips: (0..overview.study.members.len())
            .map(|member| strip(member, inversion))
            .collect(),
    };
    let (low, high) = metric.bounds();
    StripPanel {
        name: described(metric),
        log: has_no_end(metric),
        bounds: high.is_finite().then_some((low, high)),
        groups: inversions.iter().map(group).collect(),
    }
}

/// The columns of a sweep: their heads and the members of each.
fn columns<'a>(overview: &Overview<'a>, over: &str) -> Vec<(String, Vec<&'a Experiment>)> {
    let mut columns: Vec<(String, Vec<&'a Experiment>)> = Vec::new();
    for member in &overview.study.members {
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
        // Student's t knows nothing of bounds, which no value is beyond.
        let ends = row.low.zip(row.high);
        Some(Bar {
            mean: row.mean?,
            interval: ends.map(|(low, high)| (metric.bounded(low), metric.bounded(high))),
        })
    }

    fn bars(&self, overview: &Overview<'_>, metric: Metric, inversions: &[String]) -> BarPanel {
        let group = |inversion: &String| BarGroup {
            label: inversion.replace('_', " "),
            bars: overview
                .study
                .members
                .iter()
                .map(|member| self.get(&member.name, inversion, "", metric))
                .collect(),
        };
        BarPanel {
            name: described(metric),
            log: has_no_end(metric),
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
            log: has_no_end(metric),
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

/// Distances and sizes may be of any magnitude.
fn has_no_end(metric: Metric) -> bool {
    metric.bounds().1.is_infinite()
}
