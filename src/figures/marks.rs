//! Marks of data: lines, points of several forms and intervals.

use super::sheet::{At, Colour, Outline, PAPER, Pen, Sheet};

/// Form of the points of a series.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PointForm {
    Disc,
    Square,
    Triangle,
    Diamond,
    Ring,
}

/// Colour, dashes and points of a series.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SeriesStyle {
    pub colour: Colour,
    /// Lengths of a dash and of the gap after it; none for a solid line.
    pub dash: Option<(f64, f64)>,
    pub form: PointForm,
}

/// Colours that the colour-blind can distinguish (after Okabe and Ito 2008; the last four are
/// as far from all others as the first are from each other), each with dashes and points of
/// its own, for print without colour.
const STYLES: [SeriesStyle; 10] = [
    style([0, 90, 160], None, PointForm::Disc),
    style([213, 94, 0], Some((16.0, 11.0)), PointForm::Square),
    style([0, 128, 96], Some((2.0, 9.0)), PointForm::Triangle),
    style([150, 60, 120], Some((36.0, 10.0)), PointForm::Diamond),
    style([86, 180, 233], Some((8.0, 8.0)), PointForm::Ring),
    style([230, 159, 0], Some((26.0, 18.0)), PointForm::Disc),
    style([204, 121, 167], Some((2.0, 20.0)), PointForm::Square),
    style([92, 46, 10], Some((66.0, 20.0)), PointForm::Triangle),
    style([130, 130, 230], Some((26.0, 8.0)), PointForm::Diamond),
    style([150, 200, 120], Some((8.0, 22.0)), PointForm::Ring),
];

const fn style(colour: Colour, dash: Option<(f64, f64)>, form: PointForm) -> SeriesStyle {
    SeriesStyle { colour, dash, form }
}

/// Width of a line.
pub const STROKE: f64 = 4.0;
/// Width of an interval.
const WHISKER: f64 = 3.0;
/// Radius of a mean.
pub const POINT: f64 = 7.0;
/// Radius of the value of a single training.
pub const DOT: f64 = 3.5;

/// Returns the style of the series with this number. The first ten differ; then they repeat.
pub fn style_of(series: usize) -> SeriesStyle {
    STYLES[series % STYLES.len()]
}

/// Mixes a colour with white; `part` of it remains.
pub fn tint(colour: Colour, part: f64) -> Colour {
    colour.map(|level| (255.0 - part * (255.0 - f64::from(level))).round() as u8)
}

/// Draws a line through points.
pub fn stroke(sheet: &mut Sheet, through: Vec<At>, width: f64, style: SeriesStyle) {
    let pen = Pen {
        colour: style.colour,
        width,
        dash: style.dash,
    };
    sheet.line(through, pen);
}

/// Draws a point.
pub fn point(sheet: &mut Sheet, at: At, radius: f64, style: SeriesStyle) {
    let polygon = |corners: &[(f64, f64)]| {
        let corners = corners.iter();
        Outline::Closed(
            corners
                .map(|(x, y)| at.by(x * radius, y * radius))
                .collect(),
        )
    };
    let circle = |radius| Outline::Circle(at, radius);
    let fill = Some(style.colour);
    match style.form {
        PointForm::Disc => sheet.shape(circle(radius), fill, None),
        PointForm::Square => {
            let corners = [(-0.9, -0.9), (0.9, -0.9), (0.9, 0.9), (-0.9, 0.9)];
            sheet.shape(polygon(&corners), fill, None);
        }
        PointForm::Triangle => {
            let corners = [(0.0, -1.2), (1.1, 0.8), (-1.1, 0.8)];
            sheet.shape(polygon(&corners), fill, None);
        }
        PointForm::Diamond => {
            let corners = [(0.0, -1.3), (1.3, 0.0), (0.0, 1.3), (-1.3, 0.0)];
            sheet.shape(polygon(&corners), fill, None);
        }
        PointForm::Ring => {
            let pen = Pen::solid(style.colour, radius * 0.6);
            sheet.shape(circle(radius * 0.8), Some(PAPER), Some(pen));
        }
    }
}

/// Draws the value of one training: light, and small unless it is a sample.
pub fn dot(sheet: &mut Sheet, at: At, radius: f64, colour: Colour) {
    sheet.shape(Outline::Circle(at, radius), Some(tint(colour, 0.6)), None);
}

/// Draws an interval from one point to another, with a cap of this length at each end, right
/// and down of it to both sides.
pub fn whisker(sheet: &mut Sheet, ends: [At; 2], cap: [f64; 2], colour: Colour) {
    let pen = Pen::solid(colour, WHISKER);
    sheet.line(ends.to_vec(), pen);
    let [x, y] = cap;
    for end in ends {
        sheet.line(vec![end.by(-x, -y), end.by(x, y)], pen);
    }
}
