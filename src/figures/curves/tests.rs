use super::super::canvas::decode;
use super::*;

const SVG: &str = "http://www.w3.org/2000/svg";

fn panel(log: bool, lines: &[&[Option<f64>]]) -> Panel {
    let line = |(i, values): (usize, &&[Option<f64>])| Line {
        label: format!("line <{i}>"),
        points: (1..).map(f64::from).zip(values.iter().copied()).collect(),
    };
    Panel {
        y_label: "loss & more".to_owned(),
        log,
        lines: lines.iter().enumerate().map(line).collect(),
    }
}

fn curves(panels: Vec<Panel>) -> Curves<'static> {
    Curves {
        title: "Training",
        caption: "",
        note: "synthetic, seed 0",
        x_label: "epoch",
        panels,
    }
}

fn svg(panel: Panel) -> String {
    String::from_utf8(draw(&curves(vec![panel])).unwrap().svg).unwrap()
}

/// The parts of the first curve, which is solid; one more line is in the legend.
fn polylines(svg: &str) -> usize {
    svg.matches("stroke=\"#005AA0\"").count() - 1
}

#[test]
fn a_missing_value_is_a_gap_and_a_value_alone_a_circle() {
    let whole = svg(panel(
        false,
        &[&[Some(3.0), Some(2.0), Some(1.5), Some(1.0)]],
    ));
    assert_eq!(
        (polylines(&whole), whole.matches("<circle").count()),
        (1, 0)
    );
    let gap = svg(panel(false, &[&[Some(3.0), Some(2.0), None, Some(1.0)]]));
    assert_eq!((polylines(&gap), gap.matches("<circle").count()), (1, 1));
    let nan = svg(panel(
        false,
        &[&[Some(3.0), Some(2.0), Some(f64::NAN), Some(1.0)]],
    ));
    assert_eq!(gap, nan);
}

#[test]
fn zero_and_less_are_gaps_on_a_log_axis_only() {
    let values = [Some(1.0), Some(0.1), Some(0.0), Some(0.1), Some(0.01)];
    assert_eq!(polylines(&svg(panel(true, &[&values]))), 2);
    assert_eq!(polylines(&svg(panel(false, &[&values]))), 1);
    let below = [Some(-1.0), Some(-2.0)];
    assert!(svg(panel(true, &[&below])).contains("no data"));
}

#[test]
fn odd_data_is_drawn() {
    let huge = [
        Some(-1e300),
        Some(1e300),
        Some(f64::MAX),
        Some(f64::INFINITY),
    ];
    let tiny = [Some(5e-324), Some(0.0), Some(1e-310)];
    let cases: [&[&[Option<f64>]]; 7] = [
        &[],
        &[&[]],
        &[&[Some(0.5)]],
        &[&[None, None], &[Some(0.5), Some(0.5)]],
        &[&huge],
        &[&tiny],
        &[&[Some(1e300), Some(1e-300)]],
    ];
    for lines in cases {
        for log in [false, true] {
            let drawing = draw(&curves(vec![panel(log, lines), panel(!log, lines)])).unwrap();
            decode(&drawing.png);
            roxmltree::Document::parse(&String::from_utf8(drawing.svg).unwrap()).unwrap();
        }
    }
}

#[test]
fn points_are_where_the_axes_say() {
    let panel = panel(false, &[&[Some(0.0), Some(1.0)]]);
    let curves = curves(vec![panel]);
    let drawing = draw(&curves).unwrap();
    let (width, height, rgb) = decode(&drawing.png);
    let page = String::from_utf8(drawing.svg).unwrap();
    let tree = roxmltree::Document::parse(&page).unwrap();
    let lines = tree
        .descendants()
        .filter(|n| n.has_tag_name((SVG, "polyline")));
    let ends: Vec<Vec<usize>> = lines
        .map(|n| {
            let points = n.attribute("points").unwrap().split([',', ' ']);
            points.filter_map(|n| n.parse().ok()).collect()
        })
        .collect();
    // The last line is the curve; its middle is in its colour.
    let curve = ends.last().unwrap();
    let (x, y) = ((curve[0] + curve[2]) / 16, (curve[1] + curve[3]) / 16);
    let RGBColor(red, green, blue) = STYLES[0].0;
    assert_eq!(rgb[(y * width + x) * 3..][..3], [red, green, blue]);
    assert!(width == 1260 && height > 600 && curve[1] > curve[3]);
    // A twentieth of the range of the data is beyond each of its ends.
    let part = (curve[1] - curve[3]) as f64 / f64::from(unit(HEIGHT));
    assert!((part - 1.0 / 1.1).abs() < 1e-3, "{part}");
}

#[test]
fn the_same_curves_give_the_same_bytes_with_their_texts_escaped() {
    let values: Vec<_> = (1..300).map(|i| Some(1.0 / f64::from(i))).collect();
    let curves = curves(vec![panel(true, &[&values, &values]); 3]);
    let drawing = draw(&curves).unwrap();
    assert_eq!(drawing, draw(&curves).unwrap());
    let svg = String::from_utf8(drawing.svg).unwrap();
    assert!(svg.contains("loss &amp; more") && svg.contains("line &lt;1&gt;"));
}

#[test]
fn without_panels_there_is_no_figure() {
    let error = draw(&curves(Vec::new())).unwrap_err();
    assert_eq!(error.to_string(), "a figure needs at least one panel");
}
