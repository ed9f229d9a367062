//! Time of an epoch on the CPU and on a GPU, by the width of the network:
//! `make devices`.
//!
//! `devices FOLDER [WIDTH ...]` writes `devices.csv` and `devices.png` into the folder. An
//! epoch is estimated from a few steps with the evaluation that belongs to them: it is
//! that of the MLP of Lai 2021, 21,416 rows, whatever the rows were that were trained on.

use std::error::Error;
use std::path::Path;
use std::time::{Duration, Instant};

use backquery::figures::Texts;
use backquery::figures::lines::{self, LinePoint, Lines, PanelRow, Series};
use backquery::model::{DeviceError, DeviceKind, adapter, open};
use backquery::pipeline::machine;
use backquery::train::Training;
use backquery::{io, table};
use backquery_benches::Shape;
use serde::Serialize;

const WIDTHS: [usize; 6] = [30, 100, 300, 1000, 2000, 4096];
/// Rows a step, and how many steps are timed together.
const BATCHES: [(usize, usize); 2] = [(32, 50), (512, 5)];
/// Rows of an epoch.
const EPOCH: f64 = 21_416.0;

/// Time for which a point is measured, at least twice.
const PATIENCE: Duration = Duration::from_millis(2500);
const MOST: usize = 20;

/// One point of the figure.
#[derive(Serialize)]
struct Row {
    device: &'static str,
    on: String,
    width: usize,
    batch_size: usize,
    parameters: usize,
    steps: usize,
    times: usize,
    epoch_seconds: f64,
    lowest: f64,
    highest: f64,
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut words = std::env::args().skip(1);
    let folder = words.next().unwrap_or_else(|| ".".to_owned());
    let widths: Vec<usize> = words.map(|word| word.parse()).collect::<Result<_, _>>()?;
    let widths = if widths.is_empty() {
        WIDTHS.to_vec()
    } else {
        widths
    };
    let mut rows = Vec::new();
    for kind in [DeviceKind::Flex, DeviceKind::Wgpu] {
        match open(kind) {
            Err(DeviceError::NotBuiltIn(_)) => eprintln!("{} is not built in", kind.name()),
            opened => {
                let device = opened?;
                let on = adapter(&device).map_or_else(processor, |adapter| adapter.to_string());
                for &width in &widths {
                    for batch in BATCHES {
                        let row = measure(kind, &on, width, batch)?;
                        eprintln!(
                            "{} {width} {}: {} s",
                            row.device, batch.0, row.epoch_seconds
                        );
                        rows.push(row);
                    }
                }
            }
        }
    }
    let write = |name, bytes: &[u8]| io::write_atomic(&Path::new(&folder).join(name), bytes);
    write("devices.csv", &table::to_csv(&rows)?)?;
    write("devices.png", &lines::draw(&figure(&rows, &widths))?.png)?;
    Ok(())
}

fn processor() -> String {
    let name = machine()["cpu"].as_str().map(str::to_owned);
    name.unwrap_or_else(|| "the processor".to_owned())
}

/// Times some steps, again and again; the first time, in which shaders are compiled, does
/// not count.
fn measure(
    kind: DeviceKind,
    on: &str,
    width: usize,
    (batch_size, steps): (usize, usize),
) -> Result<Row, Box<dyn Error>> {
    let device = open(kind)?;
    let rows = batch_size * steps;
    let shape = Shape::wide(width, batch_size, rows);
    let mut training = Training::start(shape.setup(&device));
    let mut once = || -> Result<f64, Box<dyn Error>> {
        let began = Instant::now();
        training.epoch()?;
        Ok(began.elapsed().as_secs_f64())
    };
    once()?;
    let (began, mut seconds) = (Instant::now(), Vec::new());
    while seconds.len() < 2 || (began.elapsed() < PATIENCE && seconds.len() < MOST) {
        seconds.push(once()? * EPOCH / rows as f64);
    }
    seconds.sort_by(f64::total_cmp);
    let layers = [784, width, width, 5];
    Ok(Row {
        device: kind.name(),
        on: on.to_owned(),
        width,
        batch_size,
        parameters: layers.windows(2).map(|pair| (pair[0] + 1) * pair[1]).sum(),
        steps,
        times: seconds.len(),
        epoch_seconds: seconds[seconds.len() / 2],
        lowest: seconds[0],
        highest: seconds[seconds.len() - 1],
    })
}

fn figure(rows: &[Row], widths: &[usize]) -> Lines<'static> {
    let place = |row: &Row| {
        widths
            .iter()
            .position(|&width| width == row.width)
            .unwrap_or(0)
    };
    let point = |row: &Row| LinePoint {
        x: place(row) as f64,
        mean: row.epoch_seconds,
        interval: Some((row.lowest, row.highest)),
    };
    let mut devices: Vec<(&str, &str)> = Vec::new();
    for row in rows {
        if !devices.contains(&(row.device, &row.on)) {
            devices.push((row.device, &row.on));
        }
    }
    let panel = |batch_size: usize| {
        let series = |&(device, on): &(&str, &str)| {
            let own = rows
                .iter()
                .filter(|row| row.device == device && row.batch_size == batch_size);
            Series {
                label: format!("{device}: {on}"),
                points: own.map(point).collect(),
                marked: true,
            }
        };
        devices.iter().map(series).collect()
    };
    Lines {
        texts: Texts {
            title: "When a GPU pays",
            caption: "Seconds an epoch of 21,416 rows takes, training and evaluation, of a network \
                  of 784 inputs, two hidden layers and 5 outputs; one training on one core of the \
                  processor, or on the GPU",
            note: "Estimated from 50 steps of 32 rows and 5 steps of 512 rows, with the evaluation of \
               as many rows: median, lowest and highest of 2 to 20 times",
        },
        x_label: "units of each hidden layer",
        x_names: widths.iter().map(usize::to_string).collect(),
        columns: BATCHES
            .map(|(size, _)| format!("batches of {size}"))
            .to_vec(),
        rows: vec![PanelRow {
            y_label: "seconds an epoch".to_owned(),
            log: true,
            panels: BATCHES.iter().map(|&(size, _)| panel(size)).collect(),
        }],
    }
}
