//! Training curves: losses on the left, accuracies on the right.

use super::axis::Axis;
use super::canvas::{self, Area, At, part};
use super::chart::{Chart, NAME, below_frame, frame, left_of_frame};
use super::extent::Extent;
use super::legend::{self, Legend};
use super::marks::{STROKE, Style, mark, runs, stroke, styles};
use super::text::Block;
use super::{Drawing, FigureError, Texts};
use plotters::style::text_anchor::HPos;

/// Content of a figure of curves.
#[derive(Debug, Clone)]
pub struct Curves<'a> {
    /// Texts above and below the figure.
    pub texts: Texts<'a>,
    /// Allows a log axis of epochs, if the first is above 0 and the last is more than 20
    /// times the first.
    pub log: bool,
    /// Panels side by side.
    pub panels: [CurvePanel<'a>; 2],
}

/// Lines that share a vertical axis.
#[derive(Debug, Clone)]
pub struct CurvePanel<'a> {
    /// Name of the vertical axis, above it.
    pub y_label: &'a str,
    /// Allows a log axis, if all values are above 0 and the highest is more than 20 times
    /// the lowest.
    pub log: bool,
    /// Curves; the first ten differ in colour and dashes.
    pub lines: Vec<Line<'a>>,
}

/// One curve.
#[derive(Debug, Clone)]
pub struct Line<'a> {
    /// Label in the legend of the panel.
    pub label: &'a str,
    /// Epochs with their values. A missing value and one that is not finite are gaps.
    pub values: Vec<(usize, Option<f64>)>,
    /// Draws values as marks without a line.
    pub dots: bool,
}

/// Width of a panel.
const WIDTH: f64 = 865.0;
/// Space between the panels.
const GUTTER: f64 = 70.0;
/// Height of a frame.
const HEIGHT: f64 = 520.0;
/// Line width of a curve of more than [`MAX_BOLD_EPOCHS`] epochs.
const THIN: f64 = 3.5;
/// Radius of a value without neighbours.
const ALONE: f64 = STROKE * 1.8;
/// Largest number of epochs of a bold curve: the turns of a longer one would merge.
const MAX_BOLD_EPOCHS: usize = 150;

/// Draws curves.
///
/// # Errors
/// If a panel has no values, or the page would be too large.
pub fn draw(curves: &Curves<'_>) -> Result<Drawing, FigureError> {
    let [first, second] = &curves.panels;
    let axes = [first.axis()?, second.axis()?];
    let left = left_of_frame(&axes)?;
    let heads = [
        Head::new(first, WIDTH - left)?,
        Head::new(second, WIDTH - left)?,
    ];
    let top = heads[0].height.max(heads[1].height);
    let height = HEIGHT + below_frame();
    let lines = curves.panels.iter().flat_map(|panel| &panel.lines);
    let epochs = lines.flat_map(|line| line.values.iter().map(|(epoch, _)| *epoch));
    let extent = Extent::new(epochs.clone().map(|epoch| epoch as f64), curves.log);
    let epochs = match extent {
        Some(extent) if extent.log => Axis::horizontal(&extent, WIDTH - left)?,
        _ => Axis::epochs(epochs),
    };

    let size = (2.0 * WIDTH + GUTTER, top + height);
    canvas::draw(curves.texts, size, |canvas| {
        let columns = [0.0, WIDTH + GUTTER].into_iter().zip(&curves.panels);
        for (((x, panel), head), axis) in columns.zip(&heads).zip(&axes) {
            head.paint(&canvas.area, At(x + left, top - head.height), panel)?;
            let area = part(&canvas.area, At(x, top), (WIDTH, height));
            let (x_axis, y_axis) = (epochs.clone(), axis.clone());
            let chart = frame(&area, left, below_frame(), x_axis, y_axis, Some("epoch"))?;
            for (line, style) in panel.lines.iter().zip(styles()) {
                curve(&chart, line, style)?;
            }
        }
        Ok(())
    })
}

impl CurvePanel<'_> {
    fn axis(&self) -> Result<Axis, FigureError> {
        let points = self.lines.iter().flat_map(Line::points).flatten();
        let extent = Extent::new(points.map(|(_, y)| y), self.log);
        Ok(Axis::vertical(&extent.ok_or(FigureError::Empty)?))
    }
}

impl Line<'_> {
    /// Epochs with values; `None` for gaps.
    fn points(&self) -> impl Iterator<Item = Option<(f64, f64)>> {
        let values = self.values.iter();
        values.map(|&(epoch, value)| Some((epoch as f64, value.filter(|y| y.is_finite())?)))
    }
}

/// Space above the frame of a panel: the name of the axis, and below it the legend.
struct Head {
    name: Block,
    legend: Legend,
    height: f64,
}

impl Head {
    fn new(panel: &CurvePanel<'_>, width: f64) -> Result<Self, FigureError> {
        let name = Block::new(panel.y_label, NAME, width)?;
        let labels = panel.lines.iter().map(|line| line.label);
        let legend = Legend::new(labels, legend::LINE, width)?;
        Ok(Self {
            height: name.height + legend.height,
            name,
            legend,
        })
    }

    fn paint(
        &self,
        area: &Area<'_>,
        At(left, top): At,
        panel: &CurvePanel<'_>,
    ) -> Result<(), FigureError> {
        self.name.paint(area, At(left, top), HPos::Left)?;
        let corner = At(left, top + self.name.height);
        let samples = styles().zip(panel.lines.iter().map(|line| line.dots));
        self.legend
            .paint(area, corner, samples, |at, (style, dots)| {
                if dots {
                    mark(area, legend::middle(at), ALONE, style)
                } else {
                    stroke(area, legend::line(at), STROKE, style)
                }
            })
    }
}

/// Draws one curve with its gaps, or its values as dots.
fn curve(chart: &Chart<'_>, line: &Line<'_>, style: Style) -> Result<(), FigureError> {
    let points: Vec<_> = line.points().collect();
    if line.dots {
        let mut points = points.into_iter().flatten();
        return points.try_for_each(|point| mark(chart.plotting_area(), point, ALONE, style));
    }
    let width = if points.len() > MAX_BOLD_EPOCHS {
        THIN
    } else {
        STROKE
    };
    for run in runs(&points) {
        match run[..] {
            [] => {}
            [alone] => mark(chart.plotting_area(), alone, ALONE, style)?,
            _ => stroke(chart.plotting_area(), run, width, style)?,
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::canvas::decode;
    use super::super::canvas::unit;
    use super::*;
    use plotters::style::RGBColor;

    const LABELS: [&str; 2] = ["line <0>", "line <1>"];

    /// The same panel twice.
    fn curves(log: bool, lines: &[&[Option<f64>]]) -> Curves<'static> {
        let lines = LABELS.into_iter().zip(lines);
        let lines = lines.map(|(label, values)| Line {
            label,
            values: (1..).zip(values.iter().copied()).collect(),
            dots: false,
        });
        let panel = CurvePanel {
            y_label: "loss & more",
            log,
            lines: lines.collect(),
        };
        Curves {
            texts: Texts {
                title: "Training",
                caption: "",
                note: "synthetic, seed 0",
            },
            log: false,
            panels: [panel.clone(), panel],
        }
    }

    /// The parts of the first curve, which is solid (one more line is in the legend),
    /// and the circles, in each panel.
    fn parts(values: &[Option<f64>]) -> (usize, usize) {
        let svg = String::from_utf8(draw(&curves(false, &[values])).unwrap().svg).unwrap();
        let count = |text| svg.matches(text).count() / 2;
        (count("stroke=\"#005AA0\"") - 1, count("<circle"))
    }

    #[test]
    fn a_missing_value_is_a_gap_and_a_value_alone_a_circle() {
        assert_eq!(parts(&[Some(3.0), Some(2.0), Some(1.5), Some(1.0)]), (1, 0));
        assert_eq!(parts(&[Some(3.0), Some(2.0), None, Some(1.0)]), (1, 1));
        let infinite = [Some(3.0), Some(2.0), Some(f64::INFINITY), Some(1.0)];
        assert_eq!(parts(&infinite), (1, 1));
        assert_eq!(parts(&[Some(0.5)]), (0, 1));
    }

    #[test]
    fn points_are_where_the_axes_say() {
        let drawing = draw(&curves(false, &[&[Some(0.0), Some(1.0)]])).unwrap();
        let (width, height, rgb) = decode(&drawing.png);
        let page = String::from_utf8(drawing.svg).unwrap();
        let tree = roxmltree::Document::parse(&page).unwrap();
        let mut lines = tree.descendants().filter_map(|n| n.attribute("points"));
        // The last line is the curve on the right; its middle is in its colour.
        let ends = lines.next_back().unwrap().split([',', ' ']);
        let ends: Vec<usize> = ends.filter_map(|n| n.parse().ok()).collect();
        let (x, y) = ((ends[0] + ends[2]) / 16, (ends[1] + ends[3]) / 16);
        let RGBColor(red, green, blue) = styles().next().unwrap().0;
        assert_eq!(rgb[(y * width + x) * 3..][..3], [red, green, blue]);
        assert!(width == 1860 && height > 600 && x > width / 2 && ends[1] > ends[3]);
        // A twentieth of the range of the data is beyond each of its ends.
        let part = (ends[1] - ends[3]) as f64 / f64::from(unit(HEIGHT));
        assert!((part - 1.0 / 1.1).abs() < 1e-3, "{part}");
    }

    #[test]
    fn the_same_curves_give_the_same_bytes_with_their_texts_escaped() {
        let values: Vec<_> = (1..300).map(|i| Some(1.0 / f64::from(i))).collect();
        let curves = curves(true, &[&values, &values]);
        let drawing = draw(&curves).unwrap();
        assert_eq!(drawing, draw(&curves).unwrap());
        let svg = String::from_utf8(drawing.svg).unwrap();
        roxmltree::Document::parse(&svg).unwrap();
        assert!(svg.contains("loss &amp; more") && svg.contains("line &lt;1&gt;"));
    }

    /// Three values and one in the legend, of each panel, and the other line as before.
    #[test]
    fn dots_are_marks_without_a_line() {
        let values = [Some(3.0), Some(2.0), Some(1.0)];
        let mut curves = curves(false, &[&values, &values]);
        for panel in &mut curves.panels {
            panel.lines[0].dots = true;
        }
        let svg = String::from_utf8(draw(&curves).unwrap().svg).unwrap();
        assert_eq!(svg.matches("<circle").count(), 2 * 4);
        assert!(!svg.contains("stroke=\"#005AA0\""));
    }

    /// Of epochs 1, 10 and 100 the one in the middle is in the middle.
    #[test]
    fn equal_steps_on_a_log_axis_are_equal_factors() {
        let mut curves = curves(false, &[&[]]);
        curves.log = true;
        for panel in &mut curves.panels {
            panel.lines[0].values = [1, 10, 100].map(|epoch| (epoch, Some(1.0))).to_vec();
            panel.lines[0].dots = true;
        }
        let svg = String::from_utf8(draw(&curves).unwrap().svg).unwrap();
        let tree = roxmltree::Document::parse(&svg).unwrap();
        let circles = tree
            .descendants()
            .filter(|n| n.has_tag_name(("http://www.w3.org/2000/svg", "circle")));
        let x: Vec<f64> = circles
            .map(|n| n.attribute("cx").unwrap().parse().unwrap())
            .collect();
        let [.., first, second, third] = x[..] else {
            panic!("too few circles");
        };
        assert!(
            third > first && (second - f64::midpoint(first, third)).abs() <= 1.0,
            "{x:?}"
        );
    }

    #[test]
    fn without_values_there_is_no_figure() {
        for lines in [&[][..], &[&[None][..]]] {
            let error = draw(&curves(false, lines)).unwrap_err();
            assert!(matches!(error, FigureError::Empty));
        }
    }
}
