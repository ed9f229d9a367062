//! Misfits between a spec and its data, and metrics that none of its inverses has. All are
//! found before training: some from the spec alone, the rest once the data is loaded.

mod metrics;

use std::fmt;

use super::data::Data;
use super::fault::Faults;
use super::figure::{Figure, ReplicateFigure, ReplicateFigureKind, StudyFigure};
use super::invert::{Inversion, Setting};
use super::metric::Metric;
use super::reader::Reader;
use super::size::ImageSize;
use super::spec::{Spec, is_usual};
use super::study::Member;
use super::tree::Node;
use crate::invert::{DataDemand, Filter};
use crate::model::MAX_WEIGHTS;
pub use metrics::names;
use metrics::{Shown, undefined};

/// Highest number of pixels of images whose covariance is computed: it takes 800 MB.
const MAX_PRIOR_PIXELS: usize = 10_000;

/// Facts about a data set: from the spec alone, or once it is loaded.
#[derive(Debug, Clone, Copy)]
pub struct Facts {
    /// Size of the images.
    pub size: Option<ImageSize>,
    /// Rows to train on.
    pub training_rows: Option<usize>,
    /// True with test rows.
    pub has_tests: Option<bool>,
}

/// Demand of a spec that its data or its inversions do not meet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Misfit {
    section: Section,
    /// Dotted key in the section.
    key: &'static str,
    /// Error of its value.
    message: String,
}

/// A part of a spec.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Section {
    /// Keys above all tables.
    Top,
    /// `[model]`
    Model,
    /// The `[[invert]]` of this name.
    Invert(String),
    /// The `[[figure]]` of this name.
    Figure(String),
    /// The `[[limit]]` at this position.
    Limit(usize),
}

impl fmt::Display for Misfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { key, message, .. } = self;
        match &self.section {
            Section::Top => write!(f, "`{key}` {message}"),
            Section::Model => write!(f, "`model.{key}` {message}"),
            Section::Invert(name) => write!(f, "`invert.{name}.{key}` {message}"),
            Section::Figure(name) => write!(f, "`figure.{name}.{key}` {message}"),
            Section::Limit(index) => write!(f, "`limit.{index}.{key}` {message}"),
        }
    }
}

impl Misfit {
    /// Reports it at its place in the spec.
    fn report(&self, root: &Reader<'_>) {
        let named = |key, name: &String| {
            let mut tables = root.tables(key).into_iter();
            tables.find(|table| table.node("name").and_then(|node| node.text()) == Some(name))
        };
        let table = match &self.section {
            Section::Top => return root.fault(self.key, &self.message),
            Section::Model => root.table("model"),
            Section::Invert(name) => named("invert", name),
            Section::Figure(name) => named("figure", name),
            Section::Limit(index) => root.tables("limit").into_iter().nth(*index),
        };
        let Some(table) = table else {
            return;
        };
        match self.key.split_once('.') {
            Some((outer, key)) => {
                if let Some(inner) = table.table(outer) {
                    inner.fault(key, &self.message);
                }
            }
            None => table.fault(self.key, &self.message),
        }
    }
}

impl Facts {
    /// Facts that the spec determines.
    pub fn of(data: &Data) -> Self {
        Self {
            size: data.source.size(),
            training_rows: data.training_rows(),
            has_tests: data.has_tests(),
        }
    }
}

/// Reports the misfits between an experiment, read from this tree, and its data, as far as
/// the spec determines it.
pub fn check_data(tree: &Node, spec: &Spec, faults: &Faults) {
    if let Some(root) = Reader::new(tree, "", faults) {
        report(&spec.of_data(&Facts::of(&spec.data)), &root);
    }
}

/// Reports metrics that none of the experiments of a sweep has, given the tree of the
/// first one.
pub fn check_metrics(tree: &Node, members: &[Member], faults: &Faults) {
    let (Some(root), [first, ..]) = (Reader::new(tree, "", faults), members) else {
        return;
    };
    let spec = &first.spec;
    let shown = Shown {
        metrics: spec.named_metrics(),
        figures: &spec.figures,
        limits: &spec.limits,
        specs: &known(members),
    };
    report(&undefined(&shown), &root);
}

/// Reports metrics that none of the experiments of a comparison has.
pub fn check_figures(root: &Reader<'_>, figures: &[StudyFigure], members: &[Member]) {
    let figures: Vec<Figure> = figures.iter().cloned().map(Figure::Study).collect();
    let shown = Shown {
        metrics: &[],
        figures: &figures,
        limits: &[],
        specs: &known(members),
    };
    report(&undefined(&shown), root);
}

fn known(members: &[Member]) -> Vec<(&Spec, Option<ImageSize>)> {
    let specs = members.iter().map(|member| &member.spec);
    specs.map(|spec| (spec, spec.data.source.size())).collect()
}

fn report(misfits: &[Misfit], root: &Reader<'_>) {
    for misfit in misfits {
        misfit.report(root);
    }
}

impl Spec {
    /// Returns all misfits with data like this.
    pub fn misfits(&self, data: &Facts) -> Vec<Misfit> {
        let mut found = self.of_data(data);
        // In a sweep it is enough if another experiment has a metric: `check_metrics`.
        if self.label.is_empty() {
            found.extend(undefined(&Shown {
                metrics: self.named_metrics(),
                figures: &self.figures,
                limits: &self.limits,
                specs: &[(self, data.size)],
            }));
        }
        found
    }

    /// The metrics, if the spec names them: the usual ones are measured where they exist.
    fn named_metrics(&self) -> &[Metric] {
        if is_usual(&self.metrics) {
            &[]
        } else {
            &self.metrics
        }
    }

    fn of_data(&self, data: &Facts) -> Vec<Misfit> {
        let mut found = Vec::new();
        self.of_task(data, &mut found);
        if let Some(size) = data.size {
            self.of_size(size, &mut found);
        }
        if let Some(rows) = data.training_rows {
            self.of_rows(rows, &mut found);
        }
        found
    }

    fn of_task(&self, data: &Facts, found: &mut Vec<Misfit>) {
        if self.task.reconstructs() && data.has_tests == Some(false) {
            found.push(Misfit {
                section: Section::Top,
                key: "task",
                message: "is to reconstruct test images, and the data has no test rows: take \
                          data that has some of each class"
                    .to_owned(),
            });
        }
    }

    fn of_size(&self, size: ImageSize, found: &mut Vec<Misfit>) {
        if let Some(weights) = self.model.too_many_weights(size.pixels()) {
            found.push(Misfit {
                section: Section::Model,
                key: "hidden",
                message: format!(
                    "makes {weights} weights for images of {size} pixels, more than \
                     {MAX_WEIGHTS}: too many to train"
                ),
            });
        }
        for inversion in &self.inversions {
            inversion.of_size(size, found);
        }
        for ReplicateFigure { name, kind, .. } in self.replicate_figures() {
            let ReplicateFigureKind::Components { first, .. } = kind else {
                continue;
            };
            if let Some(most) = first.iter().find(|&&first| first > size.pixels()) {
                found.push(Misfit {
                    section: Section::Figure(name.clone()),
                    key: "first",
                    message: format!("names {most} components, but {}", images(size)),
                });
            }
        }
    }

    fn of_rows(&self, there: usize, found: &mut Vec<Misfit>) {
        for inversion in &self.inversions {
            inversion.of_rows(there, found);
        }
        for ReplicateFigure { name, kind, .. } in self.replicate_figures() {
            let mut rows = kind.training_rows().iter();
            if let Some(row) = rows.find(|&&row| row >= there) {
                found.push(Misfit {
                    section: Section::Figure(name.clone()),
                    key: "rows",
                    message: format!(
                        "names row {row}, but there are {there} training rows, counted from 0"
                    ),
                });
            }
        }
    }
}

impl Inversion {
    fn misfit(&self, key: &'static str, message: String) -> Misfit {
        Misfit {
            section: Section::Invert(self.name.clone()),
            key,
            message,
        }
    }

    fn of_size(&self, size: ImageSize, found: &mut Vec<Misfit>) {
        let there = size.pixels();
        if !self.priors().is_empty() && there > MAX_PRIOR_PIXELS {
            let message = format!(
                "needs the covariance of all pixels, which takes images of at most \
                 {MAX_PRIOR_PIXELS} pixels, but {}",
                images(size)
            );
            found.push(self.misfit("method", message));
        }
        for Setting { method, filter, .. } in &self.settings {
            let mut most = |key, asked: usize| {
                if asked > there {
                    let message = format!("is {asked}, but {}", images(size));
                    found.push(self.misfit(key, message));
                }
            };
            match method.demand() {
                Some(DataDemand::Pixels(pixels)) => most("pixels", pixels),
                Some(DataDemand::TrainingRows(_)) | None => {}
            }
            if let Some(Filter::TopPixels { pixels }) = filter {
                most("filter.pixels", *pixels);
            }
        }
    }

    fn of_rows(&self, there: usize, found: &mut Vec<Misfit>) {
        let mut most = |key, asked: Option<usize>, there: usize| {
            if let Some(asked) = asked.filter(|&asked| asked > there) {
                let message = format!("is {asked}, but there are {there} training rows");
                found.push(self.misfit(key, message));
            }
        };
        for of in self.priors() {
            most("rows", of.rows, there);
            let fitted = of.rows.unwrap_or(there).min(there);
            most("components", of.components, fitted);
        }
        for setting in &self.settings {
            match setting.method.demand() {
                Some(DataDemand::TrainingRows(rank)) => most("rank", Some(rank), there),
                Some(DataDemand::Pixels(_)) | None => {}
            }
        }
    }
}

fn images(size: ImageSize) -> String {
    format!("images have {size} = {} pixels", size.pixels())
}
