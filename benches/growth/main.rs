//! Growth of cost with rows, width, depth, seeds and inversions: `make growth`. The
//! program is run from start to end for each size; writes `growth.csv`, `.md` and `.png`.

mod report;
mod sizes;

use std::fs::{create_dir, write};
use std::path::Path;

use backquery::data::ImageSize;
use backquery_benches::process::{Cost, backquery, run};
use backquery_benches::report::machine;
use backquery_benches::{idx, samples};

use sizes::{CLASSES, GROWTHS, Growth, Work};

/// Number of measurements of each size, in turn with all others.
const ROUNDS: usize = 3;

/// Cost of one run.
struct Measured {
    growth: &'static Growth,
    size: usize,
    round: usize,
    cost: Cost,
}

fn main() {
    let machine = machine();
    let folder = tempfile::tempdir().unwrap();
    for rows in sizes::rows() {
        draw(folder.path(), rows);
    }
    let mut measured = Vec::new();
    for round in 0..ROUNDS {
        for growth in &GROWTHS {
            for &size in growth.sizes {
                let cost = measure(folder.path(), &(growth.work)(size));
                println!("{} {size}: {cost:.2?}", growth.name);
                measured.push(Measured {
                    growth,
                    size,
                    round,
                    cost,
                });
            }
        }
    }
    report::publish(&measured, &machine);
}

/// Rows that are drawn at a time. A program that is started has the peak memory of the
/// one that starts it, so this one has to stay small.
const PIECE: usize = 1_000;

/// Data set with this number of rows, as files.
fn draw(folder: &Path, rows: usize) {
    let folder = folder.join(format!("rows-{rows}"));
    create_dir(&folder).unwrap();
    let piece = |n| samples(&format!("growth/{n}"), CLASSES, PIECE);
    let pieces = (0..rows / PIECE).map(piece);
    idx::write_files(&folder, "train", (rows, ImageSize::DIGITS), pieces);
}

/// Does it from the start, into an empty folder.
fn measure(folder: &Path, work: &Work) -> Cost {
    let spec = folder.join("growth.toml");
    write(&spec, work.spec()).unwrap();
    let out = tempfile::tempdir_in(folder).unwrap();
    let mut command = backquery();
    command.args(["run", "--quiet"]).arg(&spec);
    run(command.arg("--out").arg(out.path()))
}
