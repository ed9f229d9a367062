//! `[[figure]]`: what is drawn.

use serde::Serialize;

use super::fault::{one_of_names, suggestion};
use super::invert::Inversion;
use super::reader::{NAME, Reader, name};

/// One entry of `[[figure]]`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Figure {
    /// Its file name without the ending; unique in a spec.
    pub name: String,
    /// What it shows.
    #[serde(flatten)]
    pub kind: FigureKind,
    /// Printed under it; may be empty.
    pub caption: String,
}

/// What a figure shows.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum FigureKind {
    /// One row for each inversion, one column for each class.
    Grid {
        /// Names of inversions, from top to bottom.
        rows: Vec<String>,
        /// How values become grey levels.
        scale: ImageScale,
    },
    /// Loss and accuracy against epochs.
    Curves,
}

/// What black and white stand for in a grid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ImageScale {
    /// The lowest and highest value of the row, as Lai 2021 draws it.
    Row,
    /// The lowest and highest value of each image.
    Image,
}

pub fn read(root: &Reader<'_>, inversions: &[Inversion]) -> Vec<Figure> {
    let mut figures: Vec<Figure> = Vec::new();
    for table in root.tables("figure") {
        let name = table.require("name", NAME, name);
        if let Some(name) = &name
            && figures.iter().any(|other| other.name == *name)
        {
            table.fault("name", &format!("is {name:?} a second time"));
        }
        let kind = read_kind(&table, inversions);
        let caption = table.get("caption", "a line of text", |v| v.text().map(str::to_owned));
        if kind.is_some() {
            table.finish();
        }
        if let (Some(name), Some(kind)) = (name, kind) {
            figures.push(Figure {
                name,
                kind,
                caption: caption.unwrap_or_default(),
            });
        }
    }
    figures
}

fn read_kind(table: &Reader<'_>, inversions: &[Inversion]) -> Option<FigureKind> {
    #[derive(Clone, Copy)]
    enum Kind {
        Grid,
        Curves,
    }
    match table.require_choice("kind", &[("grid", Kind::Grid), ("curves", Kind::Curves)])? {
        Kind::Curves => Some(FigureKind::Curves),
        Kind::Grid => {
            let rows = table.require("rows", "a list of inversions, at least one", |v| {
                v.list(|v| v.text().map(str::to_owned))
                    .filter(|rows| !rows.is_empty())
            });
            let scales = [("row", ImageScale::Row), ("image", ImageScale::Image)];
            let scale = table.choice("scale", &scales).unwrap_or(ImageScale::Row);
            let rows = rows?;
            check_rows(table, &rows, inversions);
            Some(FigureKind::Grid { rows, scale })
        }
    }
}

fn check_rows(table: &Reader<'_>, rows: &[String], inversions: &[Inversion]) {
    let named = inversions
        .iter()
        .filter(|inversion| !inversion.name.is_empty());
    let names = || named.clone().map(|inversion| inversion.name.as_str());
    for row in rows.iter().filter(|row| names().all(|name| name != **row)) {
        let hint = suggestion(row, names());
        let message = format!(
            "names {row:?}, but the inversions of this spec are {}{hint}",
            one_of_names(names())
        );
        table.fault("rows", &message);
    }
}
