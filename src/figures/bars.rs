//! Values of inversions side by side: groups of bars with intervals, one panel per
//! metric and one colour per model.

mod panel;
mod sheet;

use super::canvas;
use super::extent::{Extent, finite};
use super::{Drawing, FigureError, Texts, check_parts};
use sheet::BarSheet;

/// Content of a figure of bars.
#[derive(Debug, Clone)]
pub struct Bars<'a> {
    /// Texts above and below the figure.
    pub texts: Texts<'a>,
    /// Names of the compared models in the legend. The first ten colours
    /// differ.
    pub series: Vec<String>,
    /// Side by side in two columns, from the upper left. A panel without any value is
    /// left out.
    pub panels: Vec<BarPanel>,
}

/// Bars that share an axis.
#[derive(Debug, Clone)]
pub struct BarPanel {
    /// The metric with its unit, and which way is better; above the bars.
    pub name: String,
    /// Allows a log axis, if all values are above 0 and the highest is more than 20 times
    /// the lowest. Bars then start at the left end of the axis,
    /// else at 0.
    pub log: bool,
    /// Groups from top to bottom.
    pub groups: Vec<BarGroup>,
}

/// Bars next to each other.
#[derive(Debug, Clone)]
pub struct BarGroup {
    /// Left of the bars, of any length: an inversion.
    pub label: String,
    /// One per series. `None` draws nothing but keeps its place, and so does a value
    /// that is not finite.
    pub bars: Vec<Option<Bar>>,
}

/// One bar.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bar {
    /// The value.
    pub mean: f64,
    /// The lower and the upper end of an interval around the value. On a log axis it
    /// ends at the frame where the axis does.
    pub interval: Option<(f64, f64)>,
}

/// Draws bars.
///
/// # Errors
/// If no panel has a value, a group does not have one bar for each series, or the
/// page would be too large.
pub fn draw(bars: &Bars<'_>) -> Result<Drawing, FigureError> {
    for panel in &bars.panels {
        panel.check(bars.series.len())?;
    }
    let sheet = BarSheet::new(bars)?;
    canvas::draw(bars.texts, sheet.size(), |canvas| sheet.paint(&canvas.area))
}

impl BarPanel {
    fn check(&self, series: usize) -> Result<(), FigureError> {
        self.groups.iter().try_for_each(|group| {
            let whole = format_args!("group `{}` of `{}`", group.label, self.name);
            check_parts(whole, group.bars.len(), "bars", series, "series")
        })
    }

    /// The values with their intervals; `None` without values.
    fn extent(&self) -> Option<Extent> {
        let bars = || self.groups.iter().flat_map(BarGroup::bars).flatten();
        let extent = Extent::new(bars().map(|bar| bar.mean), self.log)?;
        Some(extent.around(bars().filter_map(|bar| finite(bar.interval))))
    }
}

impl BarGroup {
    /// The bars that are drawn, each at its place.
    fn bars(&self) -> impl Iterator<Item = Option<Bar>> {
        let bars = self.bars.iter().copied();
        bars.map(|bar| bar.filter(|bar| bar.mean.is_finite()))
    }
}

#[cfg(test)]
mod tests {
    use super::super::canvas::decode;
    use super::*;

    /// Bars without intervals.
    fn group(label: &str, means: &[Option<f64>]) -> BarGroup {
        let interval = None;
        let bars = means
            .iter()
            .map(|mean| mean.map(|mean| Bar { mean, interval }));
        BarGroup {
            label: label.to_owned(),
            bars: bars.collect(),
        }
    }

    /// Panels of some groups each.
    fn bars(log: bool, panels: Vec<Vec<BarGroup>>) -> Bars<'static> {
        let series = panels[0][0].bars.len();
        let panel = |groups| BarPanel {
            name: "distance".to_owned(),
            log,
            groups,
        };
        Bars {
            texts: Texts {
                title: "Inversions",
                caption: "",
                note: "synthetic, seed 0",
            },
            series: (0..series).map(|nth| format!("model <{nth}>")).collect(),
            panels: panels.into_iter().map(panel).collect(),
        }
    }

    fn svg(bars: &Bars<'_>) -> String {
        String::from_utf8(draw(bars).unwrap().svg).unwrap()
    }

    /// Left, top, right and bottom of the bars of a colour, in pixels.
    fn boxes(svg: &str, fill: &str) -> Vec<[f64; 4]> {
        let tree = roxmltree::Document::parse(svg).unwrap();
        let ours = tree.descendants();
        let ours = ours.filter(|n| n.has_tag_name(("http://www.w3.org/2000/svg", "rect")));
        let ours = ours.filter(|n| n.attribute("fill") == Some(fill));
        let corners = ours.map(|n| {
            let [x, y, width, height] = ["x", "y", "width", "height"]
                .map(|name| n.attribute(name).unwrap().parse::<f64>().unwrap() / 8.0);
            [x, y, x + width, y + height]
        });
        // The first is in the legend.
        corners.skip(1).collect()
    }

    const FIRST: &str = "#4083B8";
    const SECOND: &str = "#E08640";

    fn near(a: f64, b: f64) -> bool {
        (a - b).abs() < 0.5
    }

    #[test]
    fn bars_start_at_zero_and_are_as_long_as_their_values() {
        let groups = vec![group("a", &[Some(1.0)]), group("b", &[Some(2.0)])];
        let bars = bars(false, vec![groups]);
        let [one, two] = boxes(&svg(&bars), FIRST)[..] else {
            panic!("not two bars");
        };
        assert!(near(one[0], two[0]) && one[3] < two[1]);
        assert!(near(2.0 * (one[2] - one[0]), two[2] - two[0]));
        let (width, _, rgb) = decode(&draw(&bars).unwrap().png);
        // A twentieth of the longest bar is free right of it, then the margin.
        let free = width as f64 - 30.0 - two[2];
        assert!(near(free, (two[2] - two[0]) / 20.0), "{free}");
        for [left, top, right, bottom] in [one, two] {
            let colour = |x: f64| {
                let y = f64::midpoint(top, bottom) as usize;
                &rgb[(y * width + x as usize) * 3..][..3]
            };
            assert_eq!(colour(f64::midpoint(left, right)), [64, 131, 184]);
            assert_eq!(colour(right - 3.0), [64, 131, 184]);
            assert_eq!(colour(right + 3.0), [255; 3]);
        }
    }

    #[test]
    fn bars_of_negative_values_end_where_others_start() {
        let groups = vec![group("a", &[Some(-1.0)]), group("b", &[Some(2.0)])];
        let boxes = boxes(&svg(&bars(false, vec![groups])), FIRST);
        let [[left, _, zero, _], [start, _, right, _]] = boxes[..] else {
            panic!("not two bars");
        };
        assert!(near(zero, start) && near(2.0 * (zero - left), right - start));
    }

    #[test]
    fn a_bar_that_is_missing_keeps_its_place() {
        let second = |first| {
            let groups = vec![group("a", &[first, Some(1.0)])];
            let svg = svg(&bars(false, vec![groups]));
            (boxes(&svg, FIRST).len(), boxes(&svg, SECOND))
        };
        let (count, place) = second(Some(1.0));
        assert_eq!((count, place.len()), (1, 1));
        assert_eq!(second(None), (0, place.clone()));
        assert_eq!(second(Some(f64::NAN)), (0, place));
    }

    #[test]
    fn a_whisker_that_leaves_a_log_axis_has_one_end_only() {
        let strokes = |low| {
            let interval = Some((low, 2.0));
            let mut group = group("a", &[Some(1.0), Some(100.0)]);
            group.bars[0] = Some(Bar {
                mean: 1.0,
                interval,
            });
            svg(&bars(true, vec![vec![group]]))
                .matches("stroke=\"#1A1A1A\"")
                .count()
        };
        assert_eq!((strokes(0.5), strokes(-1.0)), (3, 2));
    }

    #[test]
    fn labels_stand_once_if_panels_side_by_side_share_them() {
        let labels = |second| {
            let panels = ["a label", second].map(|label| vec![group(label, &[Some(1.0)])]);
            svg(&bars(false, panels.to_vec())).matches(" label").count()
        };
        assert_eq!((labels("a label"), labels("another label")), (1, 2));
    }

    #[test]
    fn a_panel_without_values_is_left_out_and_a_ragged_group_named() {
        let mut bars = bars(false, vec![vec![group("a", &[Some(1.0)])]]);
        let before = svg(&bars);
        bars.panels.insert(0, bars.panels[0].clone());
        bars.panels[0].groups[0].bars = vec![None];
        assert_eq!(svg(&bars), before);
        bars.panels.truncate(1);
        assert!(matches!(draw(&bars), Err(FigureError::Empty)));
        bars.series.push("another".to_owned());
        assert_eq!(
            draw(&bars).unwrap_err().to_string(),
            "group `a` of `distance` has 1 bars, must be 2, one per series"
        );
        (bars.series, bars.panels) = (vec![], vec![]);
        assert!(matches!(draw(&bars), Err(FigureError::Empty)));
    }

    #[test]
    fn the_same_bars_give_the_same_bytes_with_their_texts_escaped() {
        let groups = ["a", "b & c"].map(|label| group(label, &[Some(1e-8), Some(1e5)]));
        let bars = bars(true, vec![groups.to_vec(); 3]);
        let drawing = draw(&bars).unwrap();
        assert_eq!(drawing, draw(&bars).unwrap());
        let svg = String::from_utf8(drawing.svg).unwrap();
        roxmltree::Document::parse(&svg).unwrap();
        assert!(svg.contains("b &amp; c") && svg.contains("model &lt;1&gt;"));
    }
}
