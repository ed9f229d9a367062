//! Values against a varied number: a table of panels, one row per metric and one column
//! per model.

mod table;

use super::axis::Axis;
use super::canvas;
use super::extent::{Extent, finite};
use super::{Drawing, FigureError, Texts, check_parts};
use table::LinesTable;

/// Content of a figure of lines.
#[derive(Debug, Clone)]
pub struct Lines<'a> {
    /// Texts above and below the figure.
    pub texts: Texts<'a>,
    /// Name of the horizontal axis with its unit, once below the bottom panels.
    pub x_label: &'a str,
    /// Names of 0, 1, 2, ... on the horizontal axis; empty for an axis of numbers.
    pub x_names: Vec<String>,
    /// Names above the columns; may be a single empty text.
    pub columns: Vec<String>,
    /// Rows from top to bottom. A row without any value is left out.
    pub rows: Vec<PanelRow>,
}

/// Panels side by side that share a vertical axis.
#[derive(Debug, Clone)]
pub struct PanelRow {
    /// Name of the vertical axis with its unit, above it.
    pub y_label: String,
    /// Allows a log axis, if all values are above 0 and the highest is more than 20 times
    /// the lowest.
    pub log: bool,
    /// Lines of each panel, one panel per column. A panel without values is empty.
    pub panels: Vec<Vec<Series>>,
}

/// One line.
#[derive(Debug, Clone)]
pub struct Series {
    /// Label in the legend, once for all panels: lines of one label have one style. The first
    /// ten labels differ in colour and dashes.
    pub label: String,
    /// Points in ascending order of `x`.
    pub points: Vec<LinePoint>,
    /// Marks every value; a smooth curve has no marks.
    pub marked: bool,
}

/// One value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LinePoint {
    /// Varied number.
    pub x: f64,
    /// Mean. The line has a gap if it or `x` is not finite.
    pub mean: f64,
    /// Lower and upper end of an interval around the mean, shaded. It is cut off at the
    /// frame.
    pub interval: Option<(f64, f64)>,
}

/// Draws lines.
///
/// # Errors
/// If no panel has a value, a row does not have one panel for each column, or the
/// page would be too large.
pub fn draw(lines: &Lines<'_>) -> Result<Drawing, FigureError> {
    check(lines)?;
    let table = LinesTable::new(lines)?;
    canvas::draw(lines.texts, table.size(), |canvas| {
        table.paint(&canvas.area)
    })
}

fn check(lines: &Lines<'_>) -> Result<(), FigureError> {
    lines.rows.iter().try_for_each(|row| {
        let whole = format_args!("row `{}`", row.y_label);
        check_parts(
            whole,
            row.panels.len(),
            "panels",
            lines.columns.len(),
            "column",
        )
    })
}

impl Series {
    /// Points of the line; `None` for gaps.
    fn points(&self) -> impl Iterator<Item = Option<&LinePoint>> {
        let drawn = |point: &&LinePoint| point.x.is_finite() && point.mean.is_finite();
        self.points
            .iter()
            .map(move |point| Some(point).filter(drawn))
    }
}

impl PanelRow {
    fn points(&self) -> impl Iterator<Item = &LinePoint> {
        let series = self.panels.iter().flatten();
        series.flat_map(Series::points).flatten()
    }

    /// Vertical axis; `None` without values.
    fn axis(&self) -> Option<Axis> {
        let extent = Extent::new(self.points().map(|point| point.mean), self.log)?;
        let intervals = self.points().filter_map(|point| finite(point.interval));
        Some(Axis::vertical(&extent.around(intervals)))
    }
}

#[cfg(test)]
mod tests {
    use super::super::canvas::decode;
    use super::*;

    fn point(x: f64, mean: f64) -> LinePoint {
        LinePoint {
            x,
            mean,
            interval: None,
        }
    }

    fn series(label: &str, points: &[LinePoint]) -> Series {
        Series {
            label: label.to_owned(),
            points: points.to_vec(),
            marked: true,
        }
    }

    /// A figure of one row.
    fn row(log: bool, panels: Vec<Vec<Series>>) -> Lines<'static> {
        Lines {
            texts: Texts {
                title: "Filters",
                caption: "",
                note: "synthetic, seed 0",
            },
            x_label: "percentile",
            x_names: vec![],
            columns: panels.iter().map(|_| "a <&> b".to_owned()).collect(),
            rows: vec![PanelRow {
                y_label: "distance".to_owned(),
                log,
                panels,
            }],
        }
    }

    fn svg(lines: &Lines<'_>) -> String {
        String::from_utf8(draw(lines).unwrap().svg).unwrap()
    }

    /// The corners of the lines or areas of a colour, in pixels.
    fn shapes(svg: &str, paint: (&str, &str)) -> Vec<Vec<(f64, f64)>> {
        let tree = roxmltree::Document::parse(svg).unwrap();
        let ours = tree.descendants();
        let ours = ours.filter(|n| n.attribute(paint.0) == Some(paint.1));
        let corner = |text: &str| {
            let (x, y) = text.split_once(',').unwrap();
            let pixels = |text: &str| text.parse::<f64>().unwrap() / 8.0;
            (pixels(x), pixels(y))
        };
        let corners = |text: &str| text.split_whitespace().map(corner).collect();
        ours.filter_map(|n| n.attribute("points"))
            .map(corners)
            .collect()
    }

    const FIRST: (&str, &str) = ("stroke", "#005AA0");

    #[test]
    fn values_are_where_the_shared_axes_say() {
        let whole = series("a", &[point(0.0, 0.0), point(100.0, 1.0)]);
        let half = series("a", &[point(0.0, 0.5), point(50.0, 0.5)]);
        let lines = row(false, vec![vec![whole], vec![half]]);
        let [_, whole, half] = &shapes(&svg(&lines), FIRST)[..] else {
            panic!("not a legend and two lines");
        };
        let (up, along) = (whole[0].1 - whole[1].1, whole[1].0 - whole[0].0);
        // A twentieth of the range of the data is beyond each of its ends.
        assert!((up - 520.0 / 1.1).abs() < 0.3, "{up}");
        assert!((half[1].0 - half[0].0 - along / 2.0).abs() < 0.3);
        assert!((half[0].1 - f64::midpoint(whole[0].1, whole[1].1)).abs() < 0.3);
        let (width, height, rgb) = decode(&draw(&lines).unwrap().png);
        let x = f64::midpoint(whole[0].0, whole[1].0) as usize;
        assert_eq!(
            rgb[(half[0].1 as usize * width + x) * 3..][..3],
            [0, 90, 160]
        );
        assert!(width == 1860 && height > 600);
    }

    #[test]
    fn intervals_of_neighbours_are_a_band_and_one_alone_is_a_whisker() {
        let parts = |gap: f64| {
            let mut points = [1.0, 2.0, 3.0, 4.0].map(|x| LinePoint {
                interval: Some((-x, x)),
                ..point(x, 0.0)
            });
            points[2].mean = gap;
            let svg = svg(&row(false, vec![vec![series("a", &points)]]));
            let count = |text| svg.matches(text).count();
            // One line and one circle are in the legend.
            let lines = shapes(&svg, FIRST).len() - 1;
            (count("<polygon"), lines, count("<circle") - 1)
        };
        assert_eq!(parts(0.0), (1, 1, 4));
        // A line through two values, and a whisker with its ends.
        assert_eq!(parts(f64::NAN), (1, 1 + 3, 3));
    }

    #[test]
    fn an_interval_that_leaves_a_log_axis_ends_at_its_frame() {
        let points = [(0.0, 1.0), (1.0, 100.0)].map(|(x, mean)| LinePoint {
            interval: Some((-mean, 2.0 * mean)),
            ..point(x, mean)
        });
        let svg = svg(&row(true, vec![vec![series("a", &points)]]));
        let band = &shapes(&svg, ("fill", "#005AA0"))[0];
        let line = &shapes(&svg, FIRST)[1];
        // The axis spans 0.1 to 200 and a twentieth more at each end.
        let decade = (line[0].1 - line[1].1) / 2.0;
        let frame = line[0].1 + decade * (1.0 + 0.05 * 2000f64.log10());
        assert!(
            band[2..].iter().all(|(_, y)| (y - frame).abs() < 0.5),
            "{band:?}"
        );
    }

    #[test]
    fn a_label_is_named_once_and_looks_the_same_in_every_panel() {
        let [one, two] = ["one <1>", "two"].map(|label| series(label, &[point(0.0, 1.0)]));
        let nothing = series("nothing", &[point(0.0, f64::NAN)]);
        let panels = vec![
            vec![nothing, one.clone()],
            vec![two.clone(), one],
            vec![two],
        ];
        let svg = svg(&row(false, panels));
        let count = |text: &str| svg.matches(text).count();
        assert_eq!(
            (count("one &lt;1&gt;"), count(">\ntwo\n"), count("nothing")),
            (1, 1, 0)
        );
        // Two values and the sample of the legend, each.
        let circles = |fill: &str| count(&format!("fill=\"{fill}\""));
        assert_eq!((circles("#005AA0"), circles("#D55E00")), (3, 3));
    }

    #[test]
    fn a_panel_without_values_is_empty_and_a_row_is_left_out() {
        let mut lines = row(false, vec![vec![series("a", &[point(0.0, 1.0)])], vec![]]);
        let before = svg(&lines);
        lines.rows.insert(0, lines.rows[0].clone());
        lines.rows[0].panels[0][0].points[0].mean = f64::INFINITY;
        assert_eq!(svg(&lines), before);
        lines.rows.truncate(1);
        assert!(matches!(draw(&lines), Err(FigureError::Empty)));
        lines.columns.pop();
        assert_eq!(
            draw(&lines).unwrap_err().to_string(),
            "row `distance` has 2 panels, must be 1, one per column"
        );
        (lines.columns, lines.rows) = (vec![], vec![]);
        assert!(matches!(draw(&lines), Err(FigureError::Empty)));
    }

    #[test]
    fn the_same_lines_give_the_same_bytes() {
        let points: Vec<_> = (0..17)
            .map(|i| point(f64::from(i), 0.1_f64.powi(i)))
            .collect();
        let lines = row(
            true,
            vec![vec![series("a", &points), series("b", &points)]; 3],
        );
        assert_eq!(draw(&lines).unwrap(), draw(&lines).unwrap());
    }
}
