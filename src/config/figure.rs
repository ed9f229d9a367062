//! `[[figure]]`: figures of one replicate, and figures of all replicates of a study.

mod grid;
mod look;
mod replicate;
mod study;

use serde::Serialize;

use super::form::{ValueForm, list, name, one_of, reference, sentence};
use super::invert::Inversion;
use super::metric::Metric;
use super::names::choices;
use super::reader::Reader;
pub use grid::{ImageScale, InverseGrid, Overflow, UnderImage};
pub use look::{FigureLook, PrintedWidth};
use replicate::OF_REPLICATES;
pub use replicate::{Printed, ReplicateFigureKind};
use study::OF_STUDIES;
pub use study::StudyFigureKind;

/// One entry of `[[figure]]`.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Figure {
    /// Drawn for each replicate.
    Replicate(ReplicateFigure),
    /// Drawn once for all replicates and experiments.
    Study(StudyFigure),
}

/// Figure of one replicate.
pub type ReplicateFigure = FigureOf<ReplicateFigureKind>;

/// Figure of all replicates of a study.
pub type StudyFigure = FigureOf<StudyFigureKind>;

/// Figure with its name and its caption.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FigureOf<K> {
    /// File name without the ending; unique in a spec.
    pub name: String,
    /// Content of the figure.
    #[serde(flatten)]
    pub kind: K,
    /// Text above the figure; may be empty.
    pub caption: String,
    /// Look that all figures of the spec have.
    #[serde(skip_serializing_if = "FigureLook::is_default")]
    pub look: FigureLook,
}

impl Figure {
    /// File name without the ending.
    pub fn name(&self) -> &str {
        match self {
            Self::Replicate(figure) => &figure.name,
            Self::Study(figure) => &figure.name,
        }
    }

    /// Text above the figure; may be empty.
    pub fn caption(&self) -> &str {
        match self {
            Self::Replicate(figure) => &figure.caption,
            Self::Study(figure) => &figure.caption,
        }
    }

    /// Returns the figure if it shows one replicate.
    pub fn of_replicate(&self) -> Option<&ReplicateFigure> {
        match self {
            Self::Replicate(figure) => Some(figure),
            Self::Study(_) => None,
        }
    }

    /// Returns the figure if it shows all replicates of a study.
    pub fn of_study(&self) -> Option<&StudyFigure> {
        match self {
            Self::Replicate(_) => None,
            Self::Study(figure) => Some(figure),
        }
    }
}

/// Inversions, metrics and keys that the figures of a spec can show.
pub struct FigureContext<'a> {
    /// Inversions of the experiment, or of any experiment of a comparison.
    pub inversions: &'a [Inversion],
    /// Metrics measured on their inverses.
    pub metrics: &'a [Metric],
    /// Keys in which the experiments of a sweep differ.
    pub swept: &'a [String],
    /// Number of layers of the network, if known.
    pub layers: Option<usize>,
}

/// Reads the keys of one kind of figure.
type ReadKind<K> = fn(&Reader<'_>, &FigureContext<'_>) -> Option<K>;

/// Kind of a figure of an experiment.
enum AnyFigureKind {
    Replicate(ReplicateFigureKind),
    Study(StudyFigureKind),
}

/// Reads the figures of an experiment or of a sweep.
pub fn read(root: &Reader<'_>, context: &FigureContext<'_>) -> Vec<Figure> {
    #[derive(Clone, Copy)]
    enum Read {
        Grid,
        Replicate(ReadKind<ReplicateFigureKind>),
        Study(ReadKind<StudyFigureKind>),
    }
    let of_studies = OF_STUDIES.map(|(name, read)| (name, Read::Study(read)));
    let of_replicates = OF_REPLICATES.map(|(name, read)| (name, Read::Replicate(read)));
    let kinds: Vec<(&'static str, Read)> = [("grid", Read::Grid)]
        .into_iter()
        .chain(of_studies)
        .chain(of_replicates)
        .collect();
    let figures = read_each(root, &kinds, |read, table| match read {
        Read::Grid => grid::read(table, context),
        Read::Replicate(read) => read(table, context).map(AnyFigureKind::Replicate),
        Read::Study(read) => read(table, context).map(AnyFigureKind::Study),
    });
    figures.into_iter().map(Figure::from).collect()
}

/// Reads the figures of a comparison.
pub fn read_of_comparison(root: &Reader<'_>, context: &FigureContext<'_>) -> Vec<StudyFigure> {
    let grid: (&'static str, ReadKind<StudyFigureKind>) = ("grid", grid::read_of_comparison);
    let kinds: Vec<_> = [grid].into_iter().chain(OF_STUDIES).collect();
    read_each(root, &kinds, |read, table| read(table, context))
}

/// Reads every `[[figure]]` as one of these kinds.
fn read_each<R: Copy + 'static, K>(
    root: &Reader<'_>,
    kinds: &[(&'static str, R)],
    read: impl Fn(R, &Reader<'_>) -> Option<K>,
) -> Vec<FigureOf<K>> {
    let mut figures: Vec<FigureOf<K>> = Vec::new();
    let look = look::read(root);
    for table in root.sections("figure", "Figure") {
        let name = table
            .key("name", name(), "File name without the ending")
            .required();
        if let Some(name) = &name {
            check_name(&table, name, &figures);
        }
        let caption = table
            .key("caption", sentence(), "Line of text above the figure")
            .or(String::new());
        // The kind decides which other keys are known.
        let kinds = one_of(kinds.iter().copied());
        let Some(kind) = table
            .key(
                "kind",
                kinds,
                "Content of the figure. Which keys it has \
             depends on it",
            )
            .required()
        else {
            continue;
        };
        let kind = read(kind, &table);
        table.finish();
        if let (Some(name), Some(kind)) = (name, kind) {
            figures.push(FigureOf {
                name,
                kind,
                caption,
                look,
            });
        }
    }
    figures
}

/// Reports a name that another figure has, or that a page of another one could have.
fn check_name<K>(table: &Reader<'_>, name: &str, others: &[FigureOf<K>]) {
    let is_page_of = |page: &str, whole: &str| {
        let number = page
            .strip_prefix(whole)
            .and_then(|rest| rest.strip_prefix('-'));
        number.is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()))
    };
    for FigureOf { name: other, .. } in others {
        if other == name {
            table.fault("name", &format!("is {name:?} a second time"));
        } else if is_page_of(name, other) || is_page_of(other, name) {
            let message = format!(
                "is {name:?}, but numbers after a dash are for the pages of a figure, and there \
                 is one called {other:?}"
            );
            table.fault("name", &message);
        }
    }
}

impl From<FigureOf<AnyFigureKind>> for Figure {
    fn from(figure: FigureOf<AnyFigureKind>) -> Self {
        let FigureOf {
            name,
            kind,
            caption,
            look,
        } = figure;
        match kind {
            AnyFigureKind::Replicate(kind) => Self::Replicate(FigureOf {
                name,
                kind,
                caption,
                look,
            }),
            AnyFigureKind::Study(kind) => Self::Study(FigureOf {
                name,
                kind,
                caption,
                look,
            }),
        }
    }
}

/// Names of inversions; [`check_names`] checks that they exist.
fn inversion_names() -> ValueForm<Vec<String>> {
    list("a list of inversions, at least one", 1.., reference(""))
}

/// Returns true for the name of an inversion with a sweep of its own.
fn is_swept(name: &str, inversions: &[Inversion]) -> bool {
    let mut swept = inversions.iter().filter(|one| !one.sweep.is_empty());
    swept.any(|inversion| inversion.name == name)
}

/// Reports names that no inversion has.
fn check_names(table: &Reader<'_>, key: &str, names: &[String], inversions: &[Inversion]) {
    let known = || {
        let names = inversions.iter().map(|inversion| inversion.name.as_str());
        names.filter(|name| !name.is_empty())
    };
    for name in names {
        if known().any(|other| other == name) {
            continue;
        }
        let all = choices(name, known());
        let message = format!("names {name:?}, but the inversions of this spec are {all}");
        table.fault(key, &message);
    }
}

#[cfg(test)]
mod tests;
