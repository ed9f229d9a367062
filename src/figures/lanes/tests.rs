use super::super::tests::{decode, numbers, style, svg};
use super::*;
use crate::config::Bounds;

fn lane(mean: f64, dots: &[f64]) -> Lane {
    let dot = |value: &f64| LaneDot {
        value: *value,
        place: 0.5,
        colour: 0,
    };
    Lane {
        mean: Some(mean),
        interval: None,
        dots: dots.iter().map(dot).collect(),
    }
}

fn axis(title: &str, log: bool) -> ValueAxis {
    ValueAxis {
        title: title.to_owned(),
        remark: "n = 3".to_owned(),
        log,
        bounds: Bounds::NONE,
        references: Vec::new(),
    }
}

/// One panel with one lane per group.
fn lanes(kind: LaneKind, log: bool, values: &[Option<Lane>]) -> Lanes<'static> {
    let groups = (0..values.len()).map(|nth| format!("method <{nth}>"));
    Lanes {
        style: style(),
        kind,
        groups: groups.collect(),
        legend: vec!["slp".to_owned()],
        panels: vec![LanePanel {
            head: String::new(),
            axis: axis("distance", log),
            lanes: values.iter().map(|lane| vec![lane.clone()]).collect(),
            marked: Vec::new(),
        }],
        across: 2,
    }
}

/// Left and right ends of the polygons of a colour.
fn ends(svg: &str, fill: &str) -> Vec<[f64; 2]> {
    let tree = roxmltree::Document::parse(svg).unwrap();
    let all = tree
        .descendants()
        .filter(|n| n.attribute("fill") == Some(fill));
    let of = |node: roxmltree::Node<'_, '_>| {
        let x = node.attribute("points")?.split(' ');
        let x = x.map(|point| point.split(',').next().unwrap().parse::<f64>().unwrap());
        let x: Vec<f64> = x.collect();
        Some([
            x.iter().copied().fold(f64::MAX, f64::min),
            x.into_iter().fold(0.0, f64::max),
        ])
    };
    all.filter_map(of).collect()
}

/// Colour of bars: three tenths of the first style.
const BAR: &str = "#b3cee3";

#[test]
fn bars_start_at_zero_and_are_as_long_as_their_values() {
    let drawing = draw(&lanes(
        LaneKind::Bars,
        false,
        &[Some(lane(1.0, &[])), Some(lane(2.0, &[]))],
    ))
    .unwrap();
    let [one, two] = ends(svg(&drawing), BAR)[..] else {
        panic!("not two bars");
    };
    assert_eq!(one[0], two[0]);
    assert!((2.0 * (one[1] - one[0]) - (two[1] - two[0])).abs() < 0.1);
    let negative = draw(&lanes(
        LaneKind::Bars,
        false,
        &[Some(lane(-1.0, &[])), Some(lane(2.0, &[]))],
    ));
    let negative = negative.unwrap();
    let [below, above] = ends(svg(&negative), BAR)[..] else {
        panic!("not two bars");
    };
    assert!((below[1] - above[0]).abs() < 0.1);
}

/// Bars would start nowhere on a log axis.
#[test]
fn a_log_axis_has_points_and_no_bars() {
    let lanes = lanes(
        LaneKind::Bars,
        true,
        &[Some(lane(0.1, &[])), Some(lane(1000.0, &[]))],
    );
    let drawing = draw(&lanes).unwrap();
    assert!(ends(svg(&drawing), BAR).is_empty());
    let points = numbers(svg(&drawing), "circle", ["cx"]);
    assert!(points.len() == 2 && points[0][0] < points[1][0]);
}

#[test]
fn single_trainings_are_seen_where_the_axis_has_them() {
    let all = lanes(
        LaneKind::Points,
        false,
        &[Some(lane(2.0, &[1.0, 2.0, 3.0, f64::NAN]))],
    );
    let drawing = draw(&all).unwrap();
    // The mean is last; a value that is not finite is left out.
    let x = numbers(svg(&drawing), "circle", ["cx"]).concat();
    assert_eq!(x.len(), 4);
    assert!((x[1] - x[3]).abs() < 0.1 && (f64::midpoint(x[0], x[2]) - x[1]).abs() < 0.1);
    let page = decode(&drawing.pages[0].png);
    let at = numbers(svg(&drawing), "circle", ["cx", "cy"])[3];
    assert_eq!(page.colour(at[0] as usize, at[1] as usize), [0, 90, 160]);
}

#[test]
fn panels_of_one_title_have_one_range() {
    let mut lanes = lanes(
        LaneKind::Strip { rows: 1 },
        false,
        &[Some(lane(1.0, &[1.0, 2.0]))],
    );
    let mut second = lanes.panels[0].clone();
    second.lanes[0][0] = Some(lane(5.0, &[4.0, 6.0]));
    lanes.panels.push(second);
    let ticks = |lanes: &Lanes<'_>| {
        let drawing = draw(lanes).unwrap();
        // With as many decimals as the finest number of its axis.
        let six = [">6</text>", ">6.0</text>"];
        six.map(|text| svg(&drawing).matches(text).count())
            .iter()
            .sum::<usize>()
    };
    assert_eq!(ticks(&lanes), 2);
    lanes.panels[1].axis.title = "another".to_owned();
    assert_eq!(ticks(&lanes), 1);
}

#[test]
fn groups_beyond_a_page_are_on_the_next_one() {
    let many: Vec<Option<Lane>> = (0..90).map(|n| Some(lane(f64::from(n), &[]))).collect();
    let drawing = draw(&lanes(LaneKind::Bars, false, &many)).unwrap();
    assert!(drawing.pages.len() > 1);
    let svgs = drawing
        .pages
        .iter()
        .map(|page| std::str::from_utf8(&page.svg).unwrap());
    let titles = svgs
        .clone()
        .map(|svg| svg.matches("distance</text>").count());
    assert!(titles.eq(drawing.pages.iter().map(|_| 1)));
    assert_eq!(
        svgs.map(|svg| svg.matches("method").count()).sum::<usize>(),
        90
    );
}

#[test]
fn a_significant_difference_has_an_asterisk_and_an_empty_lane_a_remark() {
    let mut lanes = lanes(LaneKind::Bars, false, &[Some(lane(1.0, &[])), None]);
    lanes.panels[0].marked = vec![true, false];
    let drawing = draw(&lanes).unwrap();
    assert_eq!(svg(&drawing).matches(">*</text>").count(), 1);
    assert_eq!(svg(&drawing).matches(">no values</text>").count(), 1);
}

#[test]
fn a_legend_of_one_entry_is_left_out() {
    let mut lanes = lanes(LaneKind::Bars, false, &[Some(lane(1.0, &[]))]);
    assert!(!svg(&draw(&lanes).unwrap()).contains(">slp<"));
    lanes.legend.push("mlp".to_owned());
    assert!(svg(&draw(&lanes).unwrap()).contains(">slp<"));
}

#[test]
fn lanes_without_values_are_refused_and_ragged_ones_named() {
    let mut lanes = lanes(LaneKind::Bars, false, &[None]);
    assert!(matches!(draw(&lanes), Err(FigureError::Empty)));
    lanes.groups.push("another".to_owned());
    assert_eq!(
        draw(&lanes).unwrap_err().to_string(),
        "panel `distance` has 1 groups, must be 2, one per group"
    );
}
