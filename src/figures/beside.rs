//! Models beside each other: the pictures of each method by every model, with a metric in the
//! same row.

use super::axis::ValueAxis;
use super::frame::{Heading, OVERHANG, below};
use super::grid::GridImage;
use super::lanes::panel::PanelLayout;
use super::lanes::{Lane, LaneKind, LanePanel};
use super::marks::style_of;
use super::page::Parts;
use super::sheet::{Anchor, At, Role, Sheet};
use super::text::{Block, Letters, tallest, widest};
use super::{Drawing, FigureError, Style, check_parts};

/// Content of the figure.
#[derive(Debug, Clone)]
pub struct Beside<'a> {
    /// Look and texts.
    pub style: Style<'a>,
    /// Names of the classes, above the pictures.
    pub columns: Vec<String>,
    /// Names of the models.
    pub models: Vec<String>,
    /// Methods from top to bottom.
    pub methods: Vec<MethodRows>,
    /// Axis of the metric.
    pub axis: ValueAxis,
}

/// Pictures and values of one method.
#[derive(Debug, Clone)]
pub struct MethodRows {
    /// Name of the method.
    pub label: String,
    /// One row per model.
    pub models: Vec<ModelRow>,
}

/// Pictures of one model, one per class, and its value. Without pictures, the model does not
/// have the method.
#[derive(Debug, Clone)]
pub struct ModelRow {
    /// Pictures by class; none if the model does not have the method.
    pub images: Vec<GridImage>,
    /// Value of the metric.
    pub lane: Option<Lane>,
}

/// Part of the width for the plot.
const PLOT: f64 = 0.3;
/// Space between two pictures.
const GAP: f64 = 8.0;
/// Space between two methods, and between labels, pictures and plot.
const APART: f64 = 30.0;
/// Longest side of a picture, and the least that can be seen, in dots.
const MAX_SIDE: f64 = 168.0;
const MIN_SIDE: f64 = 24.0;

/// Draws the figure.
///
/// # Errors
/// If there is no picture, a method does not have one row per model, a row does not have one
/// picture per class, or the pictures have no room side by side.
pub fn draw(beside: &Beside<'_>) -> Result<Drawing, FigureError> {
    let mut all = beside.methods.iter().flat_map(|method| &method.models);
    if beside.columns.is_empty() || all.all(|row| row.images.is_empty()) {
        return Err(FigureError::Empty);
    }
    for method in &beside.methods {
        let whole = format_args!("method `{}`", method.label);
        check_parts(
            whole,
            method.models.len(),
            "rows",
            beside.models.len(),
            "model",
        )?;
        for row in method.models.iter().filter(|row| !row.images.is_empty()) {
            check_parts(
                whole,
                row.images.len(),
                "images",
                beside.columns.len(),
                "column",
            )?;
        }
    }
    let layout = BesideLayout::new(beside)?;
    let free = beside.style.height() - layout.around();
    let fitting = (free / layout.method_height()).floor().max(1.0) as usize;
    let rows = beside
        .methods
        .chunks(fitting)
        .map(|methods| layout.part(methods));
    let rows = rows.collect();
    beside.style.draw(Parts {
        head: Sheet::default(),
        rows,
    })
}

impl Beside<'_> {
    /// Plot of some methods.
    fn panel(&self, methods: &[MethodRows]) -> LanePanel {
        let lanes = |method: &MethodRows| {
            let lanes = method.models.iter().map(|row| row.lane.clone());
            lanes.collect()
        };
        LanePanel {
            head: String::new(),
            axis: self.axis.clone(),
            lanes: methods.iter().map(lanes).collect(),
            marked: Vec::new(),
        }
    }
}

struct BesideLayout<'a> {
    beside: &'a Beside<'a>,
    models: Vec<Block>,
    heads: Vec<Block>,
    heading: Heading,
    /// Left border of the names of models, of the pictures and of the plot.
    names: f64,
    pictures: f64,
    plot: f64,
    /// Width and height of a picture.
    side: [f64; 2],
}

impl<'a> BesideLayout<'a> {
    fn new(beside: &'a Beside<'a>) -> Result<Self, FigureError> {
        let style = beside.style;
        let width = style.width();
        let labels = beside.methods.iter().map(|method| &method.label);
        let names = widest(&Block::each(labels, style.bold(), width * 0.13)) + APART / 2.0;
        let coloured = |(nth, name): (usize, &String)| {
            let colour = style_of(nth).colour;
            Block::new(
                name,
                Letters {
                    colour,
                    ..style.bold()
                },
                width * 0.12,
            )
        };
        let models: Vec<Block> = beside.models.iter().enumerate().map(coloured).collect();
        let pictures = (names + widest(&models) + APART / 2.0).ceil();
        let columns = beside.columns.len() as f64;
        let room = width * (1.0 - PLOT) - pictures - APART;
        let images = beside.methods.iter().flat_map(|method| &method.models);
        let mut images = images.flat_map(|row| &row.images);
        let (across, down) = images.next().map_or((1, 1), |one| (one.width, one.height));
        let fitting = (room + GAP) / columns - GAP;
        if fitting < MIN_SIDE {
            return Err(FigureError::Crowded(beside.columns.len()));
        }
        let factor = fitting.min(MAX_SIDE) / across as f64;
        let factor = if factor < 1.0 { factor } else { factor.floor() };
        let side = [across, down].map(|pixels| pixels as f64 * factor);
        let plot = pictures + columns * (side[0] + GAP) + APART;
        let room = width - plot - OVERHANG;
        Ok(Self {
            models,
            heads: Block::each(&beside.columns, style.bold(), side[0] + GAP),
            heading: Heading::new(style, "", &beside.axis, room),
            names,
            pictures,
            plot,
            side,
            beside,
        })
    }

    fn pitch(&self) -> f64 {
        self.side[1] + GAP
    }

    fn method_height(&self) -> f64 {
        self.beside.models.len() as f64 * self.pitch() + APART
    }

    /// Height above the first method.
    fn top(&self) -> f64 {
        tallest(&self.heads).max(self.heading.height())
    }

    /// Height of a part without its methods.
    fn around(&self) -> f64 {
        self.top() + below(self.beside.style.small())
    }

    fn part(&self, methods: &[MethodRows]) -> Sheet {
        let style = self.beside.style;
        let (top, height) = (self.top().ceil(), self.method_height());
        let all = methods.len() as f64 * height;
        let mut sheet = Sheet::new(style.width(), top + all + below(style.small()));
        for (column, head) in self.heads.iter().enumerate() {
            let x = self.pictures + column as f64 * (self.side[0] + GAP) + self.side[0] / 2.0;
            let at = At(x, top - head.height);
            head.paint(&mut sheet, at, Anchor::Middle, Role::Text);
        }
        let at = At(self.plot, top - self.heading.height());
        self.heading.paint(&mut sheet, at);
        for (nth, method) in methods.iter().enumerate() {
            self.method(&mut sheet, method, top + nth as f64 * height);
        }
        let panel = self.beside.panel(methods);
        let Some(extent) = self.beside.panel(&self.beside.methods).extent() else {
            return sheet;
        };
        let layout = PanelLayout {
            panel: &panel,
            extent,
            kind: LaneKind::Points,
            letters: style.small(),
            remark: style.quiet(),
            heights: &vec![height; methods.len()],
            thickness: self.pitch(),
        };
        let size = [style.width() - self.plot - OVERHANG, all];
        layout.paint(&mut sheet, At(self.plot, top), size, 0);
        sheet
    }

    /// Draws the names and pictures of a method from `top` on.
    fn method(&self, sheet: &mut Sheet, method: &MethodRows, top: f64) {
        let style = self.beside.style;
        let label = Block::new(&method.label, style.bold(), self.names);
        let middle = top + self.method_height() / 2.0;
        let at = At(0.0, middle - label.height / 2.0);
        label.paint(sheet, at, Anchor::Start, Role::Text);
        let first = (top + APART / 2.0 + GAP / 2.0).round();
        for (nth, (row, name)) in method.models.iter().zip(&self.models).enumerate() {
            let y = first + nth as f64 * self.pitch();
            let at = At(self.names, y + (self.side[1] - name.height) / 2.0);
            name.paint(sheet, at, Anchor::Start, Role::Text);
            for (column, image) in row.images.iter().enumerate() {
                let x = self.pictures + column as f64 * (self.side[0] + GAP);
                sheet.image(At(x, y), self.side, &image.pixels());
            }
        }
    }
}

#[cfg(test)]
mod tests;
