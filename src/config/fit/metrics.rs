//! Metrics that none of the inverses shown has.

use super::{Misfit, Section};
use crate::config::Spec;
use crate::config::figure::{Figure, ReplicateFigureKind, StudyFigureKind};
use crate::config::limit::Limit;
use crate::config::metric::Metric;
use crate::config::size::ImageSize;
use crate::train::LayerMetric;

/// Uses of metrics, and the experiments that are shown there with the size of their
/// images, if it is known.
pub struct Shown<'a> {
    /// Metrics to measure, if the spec names them.
    pub metrics: &'a [Metric],
    pub figures: &'a [Figure],
    pub limits: &'a [Limit],
    pub specs: &'a [(&'a Spec, Option<ImageSize>)],
}

/// Returns the metrics of which no inverse shown there can have a value.
pub fn undefined(shown: &Shown<'_>) -> Vec<Misfit> {
    let mut found = Vec::new();
    for &metric in shown.metrics {
        let reason = shown.reason(metric, |_| true);
        found.extend(reason.map(|reason| Misfit {
            section: Section::Top,
            key: "metrics",
            message: names(metric.name(), &reason),
        }));
    }
    for figure in shown.figures {
        shown.figure(figure, &mut found);
    }
    for (index, limit) in shown.limits.iter().enumerate() {
        let reason = shown.reason(limit.metric, |name| name == limit.inversion);
        found.extend(reason.map(|reason| Misfit {
            section: Section::Limit(index),
            key: "metric",
            message: names(limit.metric.name(), &reason),
        }));
    }
    found
}

/// Returns the error of a key that names something undefined.
pub fn names(name: &str, reason: &str) -> String {
    format!("names \"{name}\", which is undefined {reason}")
}

impl Shown<'_> {
    /// Returns why no experiment has a value of a metric of any of these inversions; none
    /// if one can have one, or if there is no such inversion.
    pub fn reason(&self, metric: Metric, is_shown: impl Fn(&str) -> bool) -> Option<String> {
        let mut reason = None;
        for (spec, size) in self.specs {
            for inversion in spec.inversions.iter().filter(|one| is_shown(&one.name)) {
                reason = Some(spec.undefined(metric, inversion, *size)?);
            }
        }
        reason
    }

    fn figure(&self, figure: &Figure, found: &mut Vec<Misfit>) {
        let shown = match figure {
            Figure::Replicate(figure) => figure.kind.inversions(),
            Figure::Study(figure) => figure.kind.inversions(),
        };
        let mut add = |key, name: &str, reason: Option<String>| {
            found.extend(reason.map(|reason| Misfit {
                section: Section::Figure(figure.name().to_owned()),
                key,
                message: names(name, &reason),
            }));
        };
        let mut of_inverses = |key, metrics: &[Metric]| {
            for &metric in metrics {
                let reason = self.reason(metric, |name| shown.contains(&name));
                add(key, metric.name(), reason);
            }
        };
        match figure {
            Figure::Replicate(figure) => match &figure.kind {
                ReplicateFigureKind::Grid(grid) => of_inverses("under", &grid.metrics()),
                ReplicateFigureKind::Curves { .. }
                | ReplicateFigureKind::Weights { .. }
                | ReplicateFigureKind::Samples { .. }
                | ReplicateFigureKind::Components { .. } => {}
            },
            Figure::Study(figure) => match &figure.kind {
                StudyFigureKind::Grid { grid, .. } => of_inverses("under", &grid.metrics()),
                StudyFigureKind::Beside { metric, .. } => of_inverses("metric", &[*metric]),
                StudyFigureKind::Bars { metrics, .. }
                | StudyFigureKind::Strip { metrics, .. }
                | StudyFigureKind::Sweep { metrics, .. } => of_inverses("metrics", metrics),
                StudyFigureKind::Layers { metrics } => {
                    for &metric in metrics {
                        add("metrics", metric.name(), self.reason_of_layers(metric));
                    }
                }
            },
        }
    }

    fn reason_of_layers(&self, metric: LayerMetric) -> Option<String> {
        let has_hidden = |(spec, _): &(&Spec, _)| !spec.model.hidden.is_empty();
        let lacks = metric.is_of_hidden_layers() && !self.specs.iter().any(has_hidden);
        lacks.then(|| "without hidden layers".to_owned())
    }
}
