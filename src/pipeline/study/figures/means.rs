//! Means of a study as bars, strips and lines.

use std::collections::BTreeMap;

use super::along::Along;
use crate::config::{Bounds, Metric};
use crate::figures::bars::{Bar, BarGroup, BarPanel};
use crate::figures::lines::{LinePoint, PanelRow, Series};
use crate::figures::strip::{Dot, Dots, StripGroup, StripPanel};
use crate::pipeline::experiment::Experiment;
use crate::pipeline::study::published::PublishedMember;
use crate::pipeline::study::report::StudyReport;
use crate::report::{Measurement, SummaryRow};

/// Means of a study, by experiment, inversion, setting and metric.
pub struct Means<'a>(BTreeMap<(&'a str, &'a str, &'a str, &'a str), &'a SummaryRow>);

impl<'a> Means<'a> {
    /// Indexes the rows of a summary.
    pub fn of(rows: &'a [SummaryRow]) -> Self {
        let key = |row: &'a SummaryRow| {
            let SummaryRow {
                experiment,
                inversion,
                setting,
                metric,
                ..
            } = row;
            ((&**experiment, &**inversion, &**setting, &**metric), row)
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

    /// Returns the mean of a metric: one group per inversion, one bar per member.
    pub fn bars(
        &self,
        report: &StudyReport<'_>,
        metric: Metric,
        inversions: &[String],
    ) -> BarPanel {
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

    /// Returns every value of a metric: one group per inversion, one strip per member.
    pub fn strips(
        &self,
        report: &StudyReport<'_>,
        metric: Metric,
        inversions: &[String],
    ) -> StripPanel {
        let strip = |member: &Experiment, published: &PublishedMember, inversion: &str| {
            let mut own = member.spec.inversions.iter();
            let own = own.find(|one| one.name == inversion)?;
            let setting = own.settings.first()?.value.as_str();
            let dots = dots(published, inversion, setting, metric);
            let mean = self.get(&member.name, inversion, setting, metric);
            let mean = mean.map(|bar| bar.mean);
            (!dots.is_empty()).then_some(Dots { dots, mean })
        };
        let members = || report.study.members.iter().zip(&report.members);
        let group = |inversion: &String| StripGroup {
            label: inversion.replace('_', " "),
            strips: members()
                .map(|(member, own)| strip(member, own, inversion))
                .collect(),
        };
        let Bounds { low, high } = metric.bounds();
        StripPanel {
            name: described(metric),
            log: metric.is_logarithmic(),
            bounds: high.is_finite().then_some((low, high)),
            groups: inversions.iter().map(group).collect(),
        }
    }

    /// Returns the means of a metric along a sweep: one panel per column, one line per
    /// inversion.
    pub fn lines(
        &self,
        columns: &[(String, Vec<&Experiment>)],
        along: &Along<'_>,
        metric: Metric,
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

    /// Returns the means of an inversion against a key that it, or its experiment, is swept
    /// over.
    fn points(
        &self,
        members: &[&Experiment],
        inversion: &str,
        along: &Along<'_>,
        metric: Metric,
    ) -> Vec<LinePoint> {
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
                points.extend(x.zip(bar).map(|(x, bar)| LinePoint {
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

/// Lists every value of a metric of an inversion in all replicates of a member.
fn dots(published: &PublishedMember, inversion: &str, setting: &str, metric: Metric) -> Vec<Dot> {
    let replicates = published.replicates.iter();
    let readings = replicates.flat_map(|one| &one.numbers.values);
    let own = readings.filter(|reading| {
        reading.inversion == inversion
            && reading.setting == setting
            && reading.metric == metric.name()
    });
    let dot = |reading: &Measurement| {
        let (class, value) = (reading.class?, reading.value?);
        Some(Dot { class, value })
    };
    own.filter_map(dot).collect()
}
