//! Strip plots of every value of inversions: one dot per class and replicate, one lane per
//! inversion, one panel per metric and one column per model.

mod panel;
mod sheet;

use super::canvas;
use super::extent::{Extent, finite};
use super::{Drawing, FigureError, Texts, check_parts};
use sheet::StripSheet;
use std::collections::BTreeSet;

/// Content of a strip plot.
#[derive(Debug, Clone)]
pub struct Strip<'a> {
    /// Texts above and below the figure.
    pub texts: Texts<'a>,
    /// Names of the compared models, above the columns, which share the axis of a panel.
    pub series: Vec<String>,
    /// Panels from top to bottom. A panel without any value is left out.
    pub panels: Vec<StripPanel>,
}

/// Lanes that share an axis.
#[derive(Debug, Clone)]
pub struct StripPanel {
    /// Metric with its unit and its better direction; above the lanes.
    pub name: String,
    /// Allows a log axis, if all values are above 0 and the highest is more than 20 times
    /// the lowest.
    pub log: bool,
    /// Bounds of the metric, if it has any; the axis reaches to both.
    pub bounds: Option<(f64, f64)>,
    /// Groups from top to bottom.
    pub groups: Vec<StripGroup>,
}

/// One lane in each column.
#[derive(Debug, Clone)]
pub struct StripGroup {
    /// Label left of the lane, such as an inversion.
    pub label: String,
    /// One strip per series. A series without this inversion (`None`) and a strip without
    /// values keep their space.
    pub strips: Vec<Option<Dots>>,
}

/// The values of a strip.
#[derive(Debug, Clone, PartialEq)]
pub struct Dots {
    /// Every single value.
    pub dots: Vec<Dot>,
    /// The mean over the replicates, if there is one.
    pub mean: Option<f64>,
}

/// One value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Dot {
    /// Inverted class. Each has a height in the lane, and a colour if there are at most ten.
    pub class: u8,
    /// Value. One that is not finite is not drawn, but counted below the panel.
    pub value: f64,
}

/// Draws a strip plot. A short line in each lane marks the mean over its replicates.
///
/// # Errors
/// If no panel has a value, a group does not have one strip for each series, or the
/// page would be too large.
pub fn draw(strip: &Strip<'_>) -> Result<Drawing, FigureError> {
    for panel in &strip.panels {
        panel.check(strip.series.len())?;
    }
    let classes = strip.classes();
    let sheet = StripSheet::new(strip, &classes)?;
    canvas::draw(strip.texts, sheet.size(), |canvas| {
        sheet.paint(&canvas.area)
    })
}

impl Strip<'_> {
    /// The classes that have values, in rising order.
    fn classes(&self) -> Vec<u8> {
        let dots = self.panels.iter().flat_map(StripPanel::dots);
        let classes: BTreeSet<u8> = dots.map(|dot| dot.class).collect();
        classes.into_iter().collect()
    }
}

impl StripPanel {
    fn check(&self, series: usize) -> Result<(), FigureError> {
        self.groups.iter().try_for_each(|group| {
            let whole = format_args!("group `{}` of `{}`", group.label, self.name);
            check_parts(whole, group.strips.len(), "strips", series, "series")
        })
    }

    /// The dots that are drawn.
    fn dots(&self) -> impl Iterator<Item = Dot> {
        let groups = self.groups.iter();
        groups.flat_map(|group| (0..group.strips.len()).flat_map(|nth| group.dots(nth)))
    }

    /// The values; `None` without any.
    fn extent(&self) -> Option<Extent> {
        let extent = Extent::new(self.dots().map(|dot| dot.value), self.log)?;
        Some(extent.around(finite(self.bounds).into_iter()))
    }
}

impl StripGroup {
    /// The dots of a strip that are drawn.
    fn dots(&self, series: usize) -> impl Iterator<Item = Dot> {
        let dots = self.all(series).iter().copied();
        dots.filter(|dot| dot.value.is_finite())
    }

    /// Number of dots of a strip that are not drawn.
    fn left_out(&self, series: usize) -> usize {
        let values = self.all(series).iter().map(|dot| dot.value);
        values.filter(|value| !value.is_finite()).count()
    }

    fn all(&self, series: usize) -> &[Dot] {
        let strip = self.strips.get(series).and_then(Option::as_ref);
        strip.map_or(&[], |strip| &strip.dots)
    }

    /// The mean of a strip, where it can be drawn.
    fn mean(&self, series: usize) -> Option<f64> {
        let strip = self.strips.get(series)?.as_ref()?;
        strip.mean.filter(|mean| mean.is_finite())
    }
}

#[cfg(test)]
mod tests {
    use super::super::canvas::decode;
    use super::*;

    /// Values with a mean of 1/2.
    fn dots(values: &[(u8, f64)]) -> Dots {
        let dots = values.iter().map(|&(class, value)| Dot { class, value });
        Dots {
            dots: dots.collect(),
            mean: Some(0.5),
        }
    }

    /// A figure of one panel with one lane.
    fn strip(strips: Vec<Option<Dots>>) -> Strip<'static> {
        let group = StripGroup {
            label: "a & b".to_owned(),
            strips,
        };
        Strip {
            texts: Texts {
                title: "Inversions",
                caption: "",
                note: "synthetic, seed 0",
            },
            series: group
                .strips
                .iter()
                .map(|_| "model <1>".to_owned())
                .collect(),
            panels: vec![StripPanel {
                name: "legibility".to_owned(),
                log: false,
                bounds: None,
                groups: vec![group],
            }],
        }
    }

    fn svg(strip: &Strip<'_>) -> String {
        String::from_utf8(draw(strip).unwrap().svg).unwrap()
    }

    fn near(a: f64, b: f64) -> bool {
        (a - b).abs() < 0.3
    }

    /// The middles of the dots of a colour, in pixels, without that of the legend.
    fn middles(svg: &str, fill: &str) -> Vec<(f64, f64)> {
        let tree = roxmltree::Document::parse(svg).unwrap();
        let ours = tree.descendants();
        let ours = ours.filter(|n| n.has_tag_name(("http://www.w3.org/2000/svg", "circle")));
        let ours = ours.filter(|n| n.attribute("fill") == Some(fill));
        let pixels = |n: roxmltree::Node<'_, '_>, name| {
            let units: f64 = n.attribute(name).unwrap().parse().unwrap();
            units / 8.0
        };
        let middles = ours.map(|n| (pixels(n, "cx"), pixels(n, "cy")));
        middles.skip(1).collect()
    }

    /// Where the lines at means are from the left, in pixels.
    fn means(svg: &str) -> Vec<f64> {
        let tree = roxmltree::Document::parse(svg).unwrap();
        let ours = tree.descendants();
        let ours = ours.filter(|n| n.attribute("stroke") == Some("#1A1A1A"));
        let x = |n: roxmltree::Node<'_, '_>| {
            let (x, _) = n.attribute("points")?.split_once(',')?;
            Some(x.parse::<f64>().ok()? / 8.0)
        };
        ours.filter_map(x).skip(1).collect()
    }

    const ZERO: &str = "#005AA0";
    const ONE: &str = "#D55E00";

    #[test]
    fn a_dot_is_at_its_value_in_the_place_and_colour_of_its_class() {
        let one = Some(dots(&[(0, 0.0), (1, 0.5), (0, 1.0)]));
        let strip = strip(vec![one, Some(dots(&[(1, 0.5)]))]);
        let drawing = draw(&strip).unwrap();
        let svg = std::str::from_utf8(&drawing.svg).unwrap();
        let ([low, high], [half, other]) = (&middles(svg, ZERO)[..], &middles(svg, ONE)[..]) else {
            panic!("not two dots of each class");
        };
        assert!(near(half.0, f64::midpoint(low.0, high.0)));
        assert!(low.1 == high.1 && half.1 > low.1 && half.1 == other.1);
        // Both columns have the same axis.
        assert!(near(means(svg)[0], half.0) && near(means(svg)[1], other.0));
        assert!(other.0 > high.0);
        let (width, _, rgb) = decode(&drawing.png);
        // Beside the line of the number 0.
        let pixel = (low.1 as usize * width + low.0 as usize + 4) * 3;
        // Three fifths of the colour, the rest is white.
        assert_eq!(rgb[pixel..][..3], [102, 156, 198]);
    }

    /// Dots of replicates that lack a class have another mean.
    #[test]
    fn the_line_is_at_the_mean_over_the_replicates() {
        let svg_of = |mean| {
            let dots = dots(&[(0, 0.0), (0, 1.0), (7, 0.2)]);
            svg(&strip(vec![Some(Dots { mean, ..dots })]))
        };
        let svg = svg_of(Some(0.7));
        let [low, high] = middles(&svg, ZERO)[..] else {
            panic!("not two dots");
        };
        assert!(near(
            (means(&svg)[0] - low.0) / (high.0 - low.0) * 10.0,
            7.0
        ));
        assert!(svg.contains("class 7") && !svg.contains("class 1"));
        for none in [None, Some(f64::NAN)] {
            assert_eq!(means(&svg_of(none)).len(), means(&svg).len() - 1);
        }
    }

    #[test]
    fn values_that_cannot_be_drawn_are_counted_and_strips_without_say_so() {
        let lacking = Some(dots(&[(0, 1.0), (0, f64::NAN), (3, f64::INFINITY)]));
        let text = svg(&strip(vec![lacking, Some(dots(&[(0, 2.0)]))]));
        assert!(text.contains("\nNot finite and left out: 2 of a &amp; b (model &lt;1&gt;).\n"));
        assert!(!text.contains("class 3") && !text.contains("no values"));
        let text = svg(&strip(vec![Some(dots(&[(0, 1.0)])), None, Some(dots(&[]))]));
        assert_eq!(text.matches("no values").count(), 2);
        assert!(!text.contains("left out"));
    }

    #[test]
    fn an_axis_reaches_to_the_bounds() {
        let numbers = |bounds| {
            let mut strip = strip(vec![Some(dots(&[(0, 0.4), (1, 0.6)]))]);
            strip.panels[0].bounds = bounds;
            let svg = svg(&strip);
            ["0.0", "1.0"].map(|number| svg.contains(&format!("\n{number}\n")))
        };
        assert_eq!(numbers(None), [false, false]);
        assert_eq!(numbers(Some((0.0, 1.0))), [true, true]);
        assert_eq!(numbers(Some((0.0, f64::INFINITY))), [false, false]);
    }

    #[test]
    fn each_of_ten_classes_has_a_colour_of_its_own() {
        let values: Vec<_> = (0..10).map(|class| (class, f64::from(class))).collect();
        let svg = svg(&strip(vec![Some(dots(&values))]));
        let tree = roxmltree::Document::parse(&svg).unwrap();
        let circles = tree.descendants().filter(|n| n.attribute("cy").is_some());
        let fills = circles.filter_map(|n| n.attribute("fill").map(str::to_owned));
        let fills: Vec<_> = fills.collect();
        assert_eq!(fills.len(), 20);
        assert_eq!(BTreeSet::from_iter(fills).len(), 10);
    }

    #[test]
    fn more_classes_than_colours_share_one_and_lie_below_each_other() {
        let values: Vec<_> = (0..47).map(|class| (class, f64::from(class))).collect();
        let svg = svg(&strip(vec![Some(dots(&values))]));
        assert!(svg.contains("47 classes, from 0 at the top to 46 at the bottom"));
        let heights: Vec<f64> = middles(&svg, ZERO).into_iter().map(|at| at.1).collect();
        assert_eq!(heights.len(), 47);
        assert!(heights.is_sorted_by(|a, b| a < b));
        assert!(heights[46] - heights[0] < 200.0);
    }

    #[test]
    fn a_panel_without_values_is_left_out_and_a_ragged_group_named() {
        let mut strip = strip(vec![Some(dots(&[(0, 1.0)]))]);
        let before = draw(&strip).unwrap();
        assert_eq!(before, draw(&strip).unwrap());
        strip.panels.insert(0, strip.panels[0].clone());
        strip.panels[0].groups[0].strips = vec![Some(dots(&[(0, f64::NAN)]))];
        assert_eq!(draw(&strip).unwrap(), before);
        strip.panels.truncate(1);
        assert!(matches!(draw(&strip), Err(FigureError::Empty)));
        strip.series.push("another".to_owned());
        assert_eq!(
            draw(&strip).unwrap_err().to_string(),
            "group `a & b` of `legibility` has 1 strips, must be 2, one per series"
        );
        (strip.series, strip.panels) = (vec![], vec![]);
        assert!(matches!(draw(&strip), Err(FigureError::Empty)));
    }
}
