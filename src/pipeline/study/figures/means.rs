//! Means of a study as bars, strips and lines.

use std::collections::{BTreeMap, BTreeSet};

use super::along::Along;
use super::axes::{Trainings, axis};
use crate::config::{Metric, NumberScale};
use crate::data::Label;
use crate::figures::Style;
use crate::figures::lanes::{Lane, LaneDot, LaneKind, LanePanel, Lanes};
use crate::figures::lines::{LinePanel, LinePoint, Lines, Series, SeriesKind, VariedAxis};
use crate::metrics::statistics::{SIGNIFICANT, holm};
use crate::pipeline::experiment::Experiment;
use crate::pipeline::study::published::PublishedMember;
use crate::pipeline::study::report::StudyReport;
use crate::report::{Measurement, SummaryRow, difference};

/// Largest number of classes with colours of their own.
const MAX_COLOURS: usize = 10;

/// Largest number of points that a line shows one by one.
const MAX_POINTS: usize = 30;

/// Means of a study, by experiment, inversion, setting and metric.
pub struct Means<'a> {
    pub report: &'a StudyReport<'a>,
    pub rows: &'a [SummaryRow],
    by_name: BTreeMap<[&'a str; 4], &'a SummaryRow>,
}

/// Members of a column of a figure, with its head.
pub type MemberColumn<'a> = (String, Vec<&'a Experiment>);

impl<'a> Means<'a> {
    /// Indexes the rows of a summary.
    pub fn of(report: &'a StudyReport<'a>, rows: &'a [SummaryRow]) -> Self {
        let key = |row: &'a SummaryRow| {
            let names = [&row.experiment, &row.inversion, &row.setting, &row.metric];
            (names.map(String::as_str), row)
        };
        Self {
            report,
            rows,
            by_name: rows.iter().map(key).collect(),
        }
    }

    fn get(
        &self,
        member: &Experiment,
        inversion: &str,
        setting: &str,
        metric: Metric,
    ) -> Option<&'a SummaryRow> {
        let key = [member.name.as_str(), inversion, setting, metric.name()];
        let row = self.by_name.get(&key).copied();
        row.filter(|row| row.mean.is_some())
    }

    /// Names the members.
    pub fn labels(&self) -> Vec<String> {
        let members = self.report.study.members.iter();
        members.map(Experiment::label).collect()
    }

    /// Numbers of trainings that went into the means of a metric.
    pub fn trainings(&self, metric: Metric, inversions: &[String]) -> Trainings {
        let own = self.rows.iter().filter(|row| {
            row.metric == metric.name() && inversions.contains(&row.inversion) && row.mean.is_some()
        });
        Trainings(own.map(|row| row.trainings.len()).collect())
    }

    /// Mean of an inversion of a member with the values of its trainings, in this colour.
    pub fn lane(
        &self,
        member: &Experiment,
        inversion: &str,
        metric: Metric,
        colour: usize,
    ) -> Option<Lane> {
        let row = self.get(member, inversion, "", metric)?;
        let dots = row.dots();
        let count = dots.len() as f64;
        let dot = |(nth, value): (usize, f64)| LaneDot {
            value,
            // Spread over the middle of the lane.
            place: 0.2 + 0.6 * (nth as f64 + 0.5) / count,
            colour,
        };
        Some(Lane {
            mean: row.mean,
            interval: row.low.zip(row.high),
            dots: dots.into_iter().enumerate().map(dot).collect(),
        })
    }

    /// Returns the means of metrics: one group per inversion, one bar per member.
    pub fn bars<'s>(
        &self,
        style: Style<'s>,
        metrics: &[Metric],
        inversions: &[String],
    ) -> Lanes<'s> {
        let members = &self.report.study.members;
        let differing = self.differing(metrics, inversions);
        let panel = |(&metric, (tests, marked)): (&Metric, (usize, Vec<bool>))| {
            let mut axis = axis(self.report, metric, &self.trainings(metric, inversions));
            if marked.contains(&true) {
                let note = format!("; * p < {SIGNIFICANT} (Holm, {tests} tests)");
                axis.remark.push_str(&note);
            }
            let lanes = inversions.iter().map(|inversion| {
                let members = members.iter().enumerate();
                let lane = |(nth, member)| self.lane(member, inversion, metric, nth);
                members.map(lane).collect()
            });
            LanePanel {
                head: String::new(),
                axis,
                lanes: lanes.collect(),
                marked,
            }
        };
        Lanes {
            style,
            kind: LaneKind::Bars,
            groups: readable(inversions),
            legend: self.labels(),
            panels: metrics.iter().zip(differing).map(panel).collect(),
            across: side_by_side(metrics.len()),
        }
    }

    /// Tests whether two members differ, by metric and inversion, corrected for the number of
    /// tests of the figure, which is returned with each; nothing is marked unless there are
    /// two members.
    fn differing(&self, metrics: &[Metric], inversions: &[String]) -> Vec<(usize, Vec<bool>)> {
        let p = |metric: Metric, inversion: &String| -> Option<f64> {
            let [a, b] = &self.report.study.members[..] else {
                return None;
            };
            let [a, b] = [a, b].map(|member| self.get(member, inversion, "", metric));
            let scale = NumberScale::of(metric.name())?;
            difference(&a?.trainings, &b?.trainings, scale).ok()?.p
        };
        let all: Vec<Vec<Option<f64>>> = metrics
            .iter()
            .map(|&metric| inversions.iter().map(|name| p(metric, name)).collect())
            .collect();
        let tests: Vec<f64> = all.iter().flatten().copied().flatten().collect();
        let mut corrected = holm(&tests).into_iter();
        let mark = |p: Option<f64>| {
            p.and_then(|_| corrected.next())
                .is_some_and(|p| p < SIGNIFICANT)
        };
        let mut marks: Vec<bool> = all.into_iter().flatten().map(mark).collect();
        let mut rows = Vec::new();
        for _ in metrics {
            let rest = marks.split_off(inversions.len());
            rows.push((tests.len(), std::mem::replace(&mut marks, rest)));
        }
        rows
    }

    /// Returns every value of metrics: one group per inversion, one panel per metric and
    /// member, one dot per class and training.
    pub fn strips<'s>(
        &self,
        style: Style<'s>,
        metrics: &[Metric],
        inversions: &[String],
    ) -> Lanes<'s> {
        let members = || self.report.study.members.iter().zip(&self.report.members);
        let classes = self.classes(metrics, inversions);
        let mut panels = Vec::new();
        for &metric in metrics {
            for (member, own) in members() {
                let trainings = Trainings(BTreeSet::from([own.replicates.len()]));
                let mut axis = axis(self.report, metric, &trainings);
                let lane = |name: &String| vec![self.strip(member, own, name, metric, &classes)];
                let lanes: Vec<Vec<Option<Lane>>> = inversions.iter().map(lane).collect();
                if let ([first, .., last], true) = (&classes[..], classes.len() > MAX_COLOURS) {
                    let note = format!(
                        "; {} classes, from {first} at the top to {last} at the bottom",
                        classes.len()
                    );
                    axis.remark.push_str(&note);
                }
                let dots = lanes.iter().flatten().flatten().flat_map(|lane| &lane.dots);
                let left_out = dots.filter(|dot| !dot.value.is_finite()).count();
                if left_out > 0 {
                    let note = format!("; {left_out} values are not finite and left out");
                    axis.remark.push_str(&note);
                }
                panels.push(LanePanel {
                    head: match self.report.members.len() {
                        1 => String::new(),
                        _ => member.label(),
                    },
                    axis,
                    lanes,
                    marked: Vec::new(),
                });
            }
        }
        Lanes {
            style,
            kind: LaneKind::Strip {
                rows: classes.len(),
            },
            groups: readable(inversions),
            legend: match classes.len() {
                0..=MAX_COLOURS => classes
                    .iter()
                    .map(|class| self.class_name(*class))
                    .collect(),
                _ => Vec::new(),
            },
            panels,
            across: self.report.members.len(),
        }
    }

    /// Classes with values, in the order of their labels.
    fn classes(&self, metrics: &[Metric], inversions: &[String]) -> Vec<Label> {
        let replicates = self.report.members.iter().flat_map(|own| &own.replicates);
        let values = replicates.flat_map(|one| &one.numbers.values);
        let own = values.filter(|reading| {
            inversions.contains(&reading.inversion)
                && metrics.iter().any(|metric| metric.name() == reading.metric)
        });
        let classes: BTreeSet<Label> = own.filter_map(|reading| reading.class).collect();
        classes.into_iter().collect()
    }

    /// Names a class in a legend: as the first member that has it does.
    fn class_name(&self, label: Label) -> String {
        let mut members = self.report.study.members.iter();
        let name = members.find_map(|member| {
            let data = &member.spec.data;
            let position = data.classes.iter().position(|class| *class == label)?;
            Some(data.class_name(position, label))
        });
        name.unwrap_or_else(|| label.to_string())
    }

    /// Returns the values of all classes and trainings of an inversion, with their mean.
    fn strip(
        &self,
        member: &Experiment,
        published: &PublishedMember,
        inversion: &str,
        metric: Metric,
        classes: &[Label],
    ) -> Option<Lane> {
        let mut own = member.spec.inversions.iter();
        let own = own.find(|one| one.name == inversion)?;
        let setting = own.settings.first()?.value.as_str();
        let replicates = published.replicates.iter();
        let readings = replicates.flat_map(|one| &one.numbers.values);
        let readings = readings.filter(|reading| {
            reading.inversion == inversion
                && reading.setting == setting
                && reading.metric == metric.name()
        });
        let dot = |reading: &Measurement| {
            let class = classes
                .iter()
                .position(|class| Some(*class) == reading.class)?;
            Some(LaneDot {
                value: reading.value?,
                place: (class as f64 + 0.5) / classes.len() as f64,
                colour: if classes.len() > MAX_COLOURS {
                    0
                } else {
                    class
                },
            })
        };
        let dots: Vec<LaneDot> = readings.filter_map(dot).collect();
        let row = self.get(member, inversion, setting, metric);
        (!dots.is_empty()).then(|| Lane {
            mean: row.and_then(|row| row.mean),
            interval: None,
            dots,
        })
    }

    /// Returns the means of metrics along a sweep: one row of panels per metric, one panel
    /// per column, one line per inversion.
    pub fn sweep<'s>(
        &self,
        style: Style<'s>,
        columns: &[MemberColumn<'_>],
        along: &Along<'_>,
        metrics: &[Metric],
        inversions: &[String],
    ) -> Lines<'s> {
        let mut panels = Vec::new();
        for &metric in metrics {
            let axis = axis(self.report, metric, &self.trainings(metric, inversions));
            for (head, members) in columns {
                let series = |inversion: &String| {
                    let points = self.points(members, inversion, along, metric);
                    Series {
                        label: inversion.replace('_', " "),
                        kind: if points.len() > MAX_POINTS {
                            SeriesKind::Line
                        } else {
                            SeriesKind::Points
                        },
                        points,
                    }
                };
                panels.push(LinePanel {
                    head: head.clone(),
                    axis: axis.clone(),
                    series: inversions.iter().map(series).collect(),
                });
            }
        }
        Lines {
            style,
            x: VariedAxis {
                title: along.title(),
                names: along.names(),
                log: false,
                whole: false,
            },
            panels,
            across: match columns.len() {
                1 => side_by_side(metrics.len()),
                columns => columns,
            },
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
                let row = self.get(member, inversion, &setting.value, metric);
                let Some((x, (row, mean))) = x.zip(row.and_then(|row| Some((row, row.mean?))))
                else {
                    continue;
                };
                points.push(LinePoint {
                    x,
                    mean,
                    interval: row.low.zip(row.high),
                    dots: row.dots(),
                });
            }
        }
        points.sort_by(|a, b| a.x.total_cmp(&b.x));
        points
    }
}

/// Number of panels side by side that leaves the least empty: two, or three of three and nine.
pub fn side_by_side(panels: usize) -> usize {
    if panels.is_multiple_of(3) && !panels.is_multiple_of(2) {
        3
    } else {
        2
    }
}

/// Writes names of inversions as words.
pub fn readable(inversions: &[String]) -> Vec<String> {
    let words = inversions.iter().map(|name| name.replace('_', " "));
    words.collect()
}
