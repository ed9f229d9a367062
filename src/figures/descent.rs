//! Gradient descent on a parabola and on a paraboloid (Tashfeen 2020, sections 2.2 and
//! 3.1): the table of the source, digit for digit, and its figures 2 and 3.

use std::fmt::Write;

use super::lines::{self, LinePanel, LinePoint, Lines, Series, SeriesKind, VariedAxis};
use super::{Drawing, FigureError, Style, Texts, ValueAxis};
use crate::config::{Bounds, FigureLook};

/// Learning rate (eta).
const RATE: f64 = 0.3;
/// Number of steps that the source prints.
const STEPS: usize = 7;

/// One step down g(p) = `p_1^2` + ... + `p_n^2`, whose gradient is 2 p.
struct DescentStep<const N: usize> {
    from: [f64; N],
    to: [f64; N],
    /// g at `from`: its squared distance to the minimum.
    error: f64,
}

/// Iterates p' = p - eta 2 p.
fn descend<const N: usize>(start: [f64; N]) -> Vec<DescentStep<N>> {
    let mut from = start;
    let mut steps = Vec::new();
    for _ in 0..STEPS {
        let to = from.map(|p| p - RATE * (2.0 * p));
        let error = from.iter().map(|p| p * p).sum();
        steps.push(DescentStep { from, to, error });
        from = to;
    }
    steps
}

/// Returns the table as the source prints it, and its mean error: the source divides the
/// sum of seven errors by the index of the last step, which is six.
fn table(steps: &[DescentStep<2>]) -> (String, f64) {
    let mut text = String::new();
    for (number, step) in steps.iter().enumerate() {
        let [a, b] = step.to.map(|p| significant(p, 2));
        let place = format!("({a}, {b})");
        let error = significant(step.error, 5);
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "Step: {number:>2}, (a, b): {place:<14} Error: {error}"
        );
    }
    let sum: f64 = steps.iter().map(|step| step.error).sum();
    (text, sum / (steps.len() - 1) as f64)
}

/// Formats a number to this many significant digits, with at least one decimal, as
/// Python's `{:.2}` does.
fn significant(value: f64, digits: usize) -> String {
    let rounded = format!("{value:.*e}", digits - 1);
    rounded
        .parse()
        .map_or(rounded, |value: f64| format!("{value:?}"))
}

/// The descents of the source.
#[derive(Debug, Clone)]
pub struct DescentFigures {
    /// The steps from (10, 10), one per line, and their mean error.
    pub steps: String,
    /// Figure 2, from both sides of a parabola.
    pub parabola: Drawing,
    /// Figure 3, on a paraboloid, which is cut along the line of the descent.
    pub paraboloid: Drawing,
}

/// Computes and draws the descents of the source.
///
/// # Errors
/// If a figure cannot be drawn.
pub fn descent() -> Result<DescentFigures, FigureError> {
    Ok(DescentFigures {
        steps: steps(),
        parabola: parabola()?,
        paraboloid: paraboloid()?,
    })
}

fn steps() -> String {
    let (mut text, mean) = table(&descend([10.0, 10.0]));
    let sevenths = mean * (STEPS - 1) as f64 / STEPS as f64;
    // Writing to a string cannot fail.
    let _ = writeln!(
        text,
        "Mean as the source takes it, seven errors by six: {mean:.4}; by seven: {sevenths:.4}"
    );
    text
}

fn parabola() -> Result<Drawing, FigureError> {
    let from_both_sides = vec![path("from −10", [-10.0]), path("from 10", [10.0])];
    DescentPage {
        title: "Descending the derivative of a parabola",
        caption: "Tashfeen 2020, figure 2: steps of the rate 0.3 from both sides.",
        x_label: "x",
        y_label: "g(x) = x²",
    }
    .draw(|x| x * x, from_both_sides)
}

fn paraboloid() -> Result<Drawing, FigureError> {
    DescentPage {
        title: "Descending the gradient of a paraboloid",
        caption: "Tashfeen 2020, figure 3: steps of the rate 0.3 from (10, 10). They never leave \
                  the line a = b, along which the paraboloid is cut here.",
        x_label: "a = b",
        y_label: "g(a, b) = a² + b²",
    }
    .draw(|a| 2.0 * a * a, vec![path("from (10, 10)", [10.0, 10.0])])
}

/// The texts of a page.
struct DescentPage<'a> {
    title: &'a str,
    caption: &'a str,
    x_label: &'a str,
    y_label: &'a str,
}

impl DescentPage<'_> {
    /// Draws a curve from -10.5 to 10.5, with descents on it.
    fn draw(
        &self,
        curve: impl Fn(f64) -> f64,
        descents: Vec<Series>,
    ) -> Result<Drawing, FigureError> {
        let point = |tenth: i32| {
            let x = f64::from(tenth) / 10.0;
            at(x, curve(x))
        };
        let curve = Series {
            label: self.y_label.to_owned(),
            points: (-105..=105).map(point).collect(),
            kind: SeriesKind::Line,
        };
        let texts = Texts {
            title: self.title,
            caption: self.caption,
            note: "Computed by `backquery descent`.",
        };
        lines::draw(&Lines {
            style: Style {
                look: FigureLook::default(),
                texts,
            },
            x: VariedAxis {
                title: self.x_label.to_owned(),
                names: Vec::new(),
                log: false,
                whole: false,
            },
            panels: vec![LinePanel {
                head: String::new(),
                axis: ValueAxis {
                    title: self.y_label.to_owned(),
                    remark: String::new(),
                    log: false,
                    bounds: Bounds::FROM_ZERO,
                    references: Vec::new(),
                },
                series: [vec![curve], descents].concat(),
            }],
            across: 1,
        })
    }
}

fn at(x: f64, y: f64) -> LinePoint {
    LinePoint {
        x,
        mean: y,
        interval: None,
        dots: Vec::new(),
    }
}

/// Returns the points of a descent along its first coordinate, in rising order.
fn path<const N: usize>(label: &str, start: [f64; N]) -> Series {
    let steps = descend(start);
    let mut points: Vec<LinePoint> = steps
        .iter()
        .map(|step| at(step.from[0], step.error))
        .collect();
    points.sort_by(|a, b| a.x.total_cmp(&b.x));
    Series {
        label: label.to_owned(),
        points,
        kind: SeriesKind::Points,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Tashfeen 2020, section 3.1. The mean follows from a sum of a geometric series,
    /// 200 (1 - 0.16^7) / (1 - 0.16).
    #[test]
    fn the_table_is_that_of_the_source() {
        let (text, mean) = table(&descend([10.0, 10.0]));
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(
            lines,
            [
                "Step:  0, (a, b): (4.0, 4.0)     Error: 200.0",
                "Step:  1, (a, b): (1.6, 1.6)     Error: 32.0",
                "Step:  2, (a, b): (0.64, 0.64)   Error: 5.12",
                "Step:  3, (a, b): (0.26, 0.26)   Error: 0.8192",
                "Step:  4, (a, b): (0.1, 0.1)     Error: 0.13107",
                "Step:  5, (a, b): (0.041, 0.041) Error: 0.020972",
                "Step:  6, (a, b): (0.016, 0.016) Error: 0.0033554",
            ]
        );
        let sum = 200.0 * (1.0 - 0.16_f64.powi(7)) / (1.0 - 0.16);
        assert!((mean - sum / 6.0).abs() < 1e-12);
    }

    #[test]
    fn both_sides_go_down_to_the_middle() {
        for start in [-10.0, 10.0] {
            let steps = descend([start]);
            assert!(steps.windows(2).all(|pair| pair[1].error < pair[0].error));
            // Each step leaves 1 - 2 * 0.3 of the way.
            let left = start * 0.4_f64.powi(7);
            assert!((steps[6].to[0] - left).abs() < 1e-12);
        }
    }
}
