use super::super::tests::{numbers, style, svg};
use super::*;
use crate::config::Bounds;

fn point(x: f64, mean: f64) -> LinePoint {
    LinePoint {
        x,
        mean,
        interval: None,
        dots: Vec::new(),
    }
}

fn lines(kind: SeriesKind, names: &[&str], points: &[LinePoint]) -> Lines<'static> {
    Lines {
        style: style(),
        x: VariedAxis {
            title: "epoch".to_owned(),
            names: names.iter().map(|&name| name.to_owned()).collect(),
            log: false,
            whole: false,
        },
        panels: vec![LinePanel {
            head: String::new(),
            axis: ValueAxis {
                title: "loss & more".to_owned(),
                remark: String::new(),
                log: false,
                bounds: Bounds::NONE,
                references: Vec::new(),
            },
            series: vec![Series {
                label: "train".to_owned(),
                points: points.to_vec(),
                kind,
            }],
        }],
        across: 2,
    }
}

/// Solid lines of the first style, and circles.
fn parts(lines: &Lines<'_>) -> (usize, usize) {
    let drawing = draw(lines).unwrap();
    let svg = svg(&drawing);
    (
        svg.matches("fill=\"none\" stroke=\"#005aa0\"").count(),
        svg.matches("<circle").count(),
    )
}

#[test]
fn a_missing_value_is_a_gap_and_a_value_alone_a_point() {
    let of = |values: &[f64]| {
        let points = values.iter().zip(1..).map(|(y, x)| point(f64::from(x), *y));
        parts(&lines(SeriesKind::Line, &[], &points.collect::<Vec<_>>()))
    };
    assert_eq!(of(&[3.0, 2.0, 1.5, 1.0]), (1, 0));
    assert_eq!(of(&[3.0, 2.0, f64::NAN, 1.0]), (1, 1));
    assert_eq!(of(&[3.0, 2.0, f64::INFINITY, 1.0]), (1, 1));
    assert_eq!(of(&[0.5]), (0, 1));
}

#[test]
fn there_is_no_line_between_names() {
    let points = [point(0.0, 1.0), point(1.0, 2.0)];
    assert_eq!(parts(&lines(SeriesKind::Points, &[], &points)), (1, 2));
    assert_eq!(
        parts(&lines(SeriesKind::Points, &["relu", "tanh"], &points)),
        (0, 2)
    );
    assert_eq!(parts(&lines(SeriesKind::PointsAlone, &[], &points)), (0, 2));
}

#[test]
fn series_with_the_same_values_are_side_by_side() {
    let points = [point(0.0, 1.0), point(1.0, 2.0)];
    let mut lines = lines(SeriesKind::PointsAlone, &["a", "b"], &points);
    let mut second = lines.panels[0].series[0].clone();
    second.label = "test".to_owned();
    lines.panels[0].series.push(second);
    let drawing = draw(&lines).unwrap();
    let circles = numbers(svg(&drawing), "circle", ["cx", "cy"]);
    // The second series has squares; one of each is in the legend.
    let discs: Vec<_> = circles.iter().skip(1).collect();
    assert_eq!(discs.len(), 2);
    let tree = roxmltree::Document::parse(svg(&drawing)).unwrap();
    let squares = tree
        .descendants()
        .filter(|n| n.attribute("fill") == Some("#d55e00"));
    let first = squares
        .filter_map(|n| n.attribute("points"))
        .nth(1)
        .unwrap();
    let x: f64 = first.split(',').next().unwrap().parse().unwrap();
    assert!(x > discs[0][0] + 20.0, "{x} {discs:?}");
}

/// A factor of 10 takes a third of the way from 1 to 1000.
#[test]
fn equal_steps_on_a_log_axis_are_equal_factors() {
    let points = [1.0, 10.0, 1000.0].map(|x| point(x, 1.0));
    let mut lines = lines(SeriesKind::PointsAlone, &[], &points);
    lines.x.log = true;
    let drawing = draw(&lines).unwrap();
    let x = numbers(svg(&drawing), "circle", ["cx"]).concat();
    assert!(((x[1] - x[0]) * 3.0 - (x[2] - x[0])).abs() < 0.1, "{x:?}");
}

#[test]
fn every_panel_names_both_axes() {
    let mut lines = lines(SeriesKind::Line, &[], &[point(1.0, 1.0), point(2.0, 3.0)]);
    lines.panels.push(lines.panels[0].clone());
    let drawing = draw(&lines).unwrap();
    let titles = svg(&drawing).matches("class=\"axis-title\"").count();
    assert_eq!(titles, 4);
    assert!(svg(&drawing).contains("loss &amp; more"));
}

#[test]
fn without_values_there_is_no_figure() {
    for points in [&[][..], &[point(1.0, f64::NAN)]] {
        let error = draw(&lines(SeriesKind::Line, &[], points)).unwrap_err();
        assert!(matches!(error, FigureError::Empty));
    }
}
