//! Tables and curves of what was measured.

use std::fmt::Write;

use backquery::figures::Texts;
use backquery::figures::lines::{LinePoint, Lines, PanelRow, Series, draw};
use backquery_benches::process::Cost;
use backquery_benches::report::{median, publish as write};

use super::sizes::{GROWTHS, Growth};
use super::{Measured, ROUNDS};

/// Growth of a number with the size, as a power of it.
struct Curve {
    /// Sizes, and medians.
    points: Vec<(f64, f64)>,
}

/// Curves of a growth.
struct Curves {
    growth: &'static Growth,
    seconds: Curve,
    memory: Curve,
    arithmetic: Curve,
}

pub fn publish(measured: &[Measured], machine: &str) {
    let curves: Vec<Curves> = GROWTHS.iter().map(|g| Curves::of(g, measured)).collect();
    let table = table(&curves, machine);
    println!("{table}");
    write("growth.csv", csv(measured));
    write("growth.md", table);
    write("growth.png", picture(&curves, machine));
}

fn csv(measured: &[Measured]) -> String {
    let mut csv = "growth,size,round,seconds,processor_seconds,peak_mb\n".to_owned();
    for one in measured {
        let Cost {
            seconds,
            processor_seconds,
            peak_mb,
        } = one.cost;
        let (name, size, round) = (one.growth.name, one.size, one.round);
        let _ = writeln!(
            csv,
            "{name},{size},{round},{seconds:.3},{processor_seconds:.3},{peak_mb:.1}"
        );
    }
    csv
}

impl Curves {
    fn of(growth: &'static Growth, measured: &[Measured]) -> Self {
        let curve = |number: &dyn Fn(usize) -> f64| Curve {
            points: growth
                .sizes
                .iter()
                .map(|&n| (n as f64, number(n)))
                .collect(),
        };
        let middle = |size, number: fn(&Cost) -> f64| {
            let of = |one: &&Measured| one.growth.name == growth.name && one.size == size;
            median(measured.iter().filter(of).map(|one| number(&one.cost)))
        };
        Self {
            growth,
            seconds: curve(&|size| middle(size, |cost| cost.processor_seconds)),
            memory: curve(&|size| middle(size, |cost| cost.peak_mb)),
            arithmetic: curve(&|size| (growth.arithmetic)(&(growth.work)(size)) as f64),
        }
    }
}

impl Curve {
    /// The slope of the straight line that fits the logarithms best.
    fn exponent(&self) -> f64 {
        let logs = self.points.iter().map(|(x, y)| (x.ln(), y.ln()));
        let count = self.points.len() as f64;
        let (sum_x, sum_y) = logs
            .clone()
            .fold((0.0, 0.0), |(a, b), (x, y)| (a + x, b + y));
        let (mean_x, mean_y) = (sum_x / count, sum_y / count);
        let products = logs.map(|(x, y)| ((x - mean_x) * (y - mean_y), (x - mean_x).powi(2)));
        let (both, square) = products.fold((0.0, 0.0), |(a, b), (x, y)| (a + x, b + y));
        both / square
    }

    fn ends(&self) -> ((f64, f64), (f64, f64)) {
        (self.points[0], self.points[self.points.len() - 1])
    }

    /// Series relative to its first point.
    fn series(&self, label: &str, scale: f64, marked: bool) -> Series {
        let least = self.points[0].0;
        let points = self.points.iter().map(|(x, y)| LinePoint {
            x: x / least,
            mean: y * scale,
            interval: None,
        });
        Series {
            label: label.to_owned(),
            points: points.collect(),
            marked,
        }
    }
}

fn table(curves: &[Curves], machine: &str) -> String {
    let mut table = format!(
        "# How cost grows\n\n\
         An experiment from start to end, of several sizes: processor seconds and peak \
         memory, medians of {ROUNDS} runs, and with which power of the size they grow (the \
         slope of the line through the logarithms). Beside it the power with which the \
         arithmetic grows: with rows, seeds and inversions as these, with width and depth \
         as the weights, those of black pixels left out. What starts and ends a run does \
         not grow, so powers are lower where runs are short. \
         {machine}. `make growth`.\n\n\
         | | size | seconds | power | of the arithmetic | MB | power |\n\
         |---|---|---|---|---|---|---|\n"
    );
    for one in curves {
        let ((from, quick), (to, long)) = one.seconds.ends();
        let ((_, small), (_, large)) = one.memory.ends();
        let [time, needed, memory] =
            [&one.seconds, &one.arithmetic, &one.memory].map(Curve::exponent);
        let _ = writeln!(
            table,
            "| {} | {from} to {to} | {quick:.2} to {long:.2} | {time:.2} | {needed:.2} \
             | {small:.0} to {large:.0} | {memory:.2} |",
            one.growth.name
        );
    }
    table
}

fn picture(curves: &[Curves], machine: &str) -> Vec<u8> {
    let powers: Vec<String> = curves
        .iter()
        .map(|one| {
            let [time, memory] = [&one.seconds, &one.memory].map(Curve::exponent);
            format!("{} {time:.2} and {memory:.2}", one.growth.name)
        })
        .collect();
    let caption = format!(
        "An experiment from start to end, by how many times its least size it has. Powers \
         of the size with which time and memory grow: {}.",
        powers.join(", ")
    );
    let column = |one: &Curves| format!("{} from {}", one.growth.name, one.growth.sizes[0]);
    let time = |one: &Curves| {
        let (_, (_, longest)) = one.seconds.ends();
        let (_, (_, most)) = one.arithmetic.ends();
        let arithmetic = one
            .arithmetic
            .series("as the arithmetic", longest / most, false);
        vec![one.seconds.series("measured", 1.0, true), arithmetic]
    };
    let memory = |one: &Curves| vec![one.memory.series("measured", 1.0, true)];
    let row = |y_label: &str, panels| PanelRow {
        y_label: y_label.to_owned(),
        log: true,
        panels,
    };
    let lines = Lines {
        texts: Texts {
            title: "How cost grows",
            caption: &caption,
            note: machine,
        },
        x_label: "times the least size",
        x_names: Vec::new(),
        columns: curves.iter().map(column).collect(),
        rows: vec![
            row("processor seconds", curves.iter().map(time).collect()),
            row("peak memory (MB)", curves.iter().map(memory).collect()),
        ],
    };
    draw(&lines).unwrap().png
}
