//! Waiting times beside training, and memory: `make waits`. From the
//! checkout; needs `BACKQUERY_DATA`. Writes `waits.md`.

use std::fmt::Write;
use std::fs::remove_dir_all;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use backquery::config::{Data, DataSource, PerClass, PixelRange};
use backquery::data::{Dataset, Loader};
use backquery_benches::idx;
use backquery_benches::process::{Cost, backquery, run};
use backquery_benches::report::{machine, median, publish};

/// Number of repetitions of quick commands.
const ROUNDS: usize = 9;
/// Number of repetitions of slow commands.
const FEW: usize = 3;
/// Both networks of the paper.
const PAPER: [&str; 2] = ["experiments/paper/slp.toml", "experiments/paper/mlp.toml"];
/// 104 filtered inverses.
const FILTERS: [&str; 1] = ["experiments/paper/filters.toml"];
/// Stages that come after training.
const AFTER: [&str; 3] = ["invert", "measure", "figure"];

/// A line of the table.
struct Wait {
    what: &'static str,
    seconds: Vec<f64>,
    /// Cost of a separate process, if it is one.
    program: Option<Program>,
}

/// Medians.
struct Program {
    processor_seconds: f64,
    peak_mb: f64,
}

fn main() {
    let machine = machine();
    let quick = |what, argument| of_program(what, ROUNDS, || run(backquery().arg(argument)));
    let paper = "inversions, measures and figures of `paper/slp` and `mlp`";
    let mut waits = vec![
        quick("`backquery --help`", "--help"),
        quick("`backquery check`", "check"),
        after_training(paper, &PAPER),
        after_training("the same of `paper/filters`", &FILTERS),
        of_program("`make reproduce`", 1, reproduce),
    ];
    // Last: a program that is started has the peak memory of the one that starts it.
    waits.extend(loading());
    let table = table(&waits, &machine);
    println!("{table}");
    publish("waits.md", table);
}

fn of_program(what: &'static str, rounds: usize, run: impl FnMut() -> Cost) -> Wait {
    println!("{what} ...");
    let costs: Vec<Cost> = std::iter::repeat_with(run).take(rounds).collect();
    Wait {
        what,
        seconds: costs.iter().map(|cost| cost.seconds).collect(),
        program: Some(Program {
            processor_seconds: median(costs.iter().map(|cost| cost.processor_seconds)),
            peak_mb: median(costs.iter().map(|cost| cost.peak_mb)),
        }),
    }
}

/// MNIST from its gzipped files, and from the same unpacked.
fn loading() -> [Wait; 2] {
    let packed = std::env::var_os("BACKQUERY_DATA").expect("BACKQUERY_DATA is not set");
    let unpacked = tempfile::tempdir().unwrap();
    let Dataset {
        size, train, test, ..
    } = load(Path::new(&packed));
    for (part, samples) in [("train", train), ("t10k", test.unwrap())] {
        let shape = (samples.len(), size);
        idx::write_files(unpacked.path(), part, shape, [samples]);
    }
    let timed = |what, folder: &Path| Wait {
        what,
        seconds: (0..ROUNDS).map(|_| seconds_of_loading(folder)).collect(),
        program: None,
    };
    [
        timed("MNIST from gzipped files", Path::new(&packed)),
        timed("MNIST from unpacked files", unpacked.path()),
    ]
}

fn seconds_of_loading(folder: &Path) -> f64 {
    let began = Instant::now();
    load(folder);
    began.elapsed().as_secs_f64()
}

/// Loads all of MNIST from a folder.
fn load(folder: &Path) -> Dataset {
    let data = Data {
        source: DataSource::Mnist,
        stand_in: None,
        classes: (0..10).collect(),
        per_class: PerClass::All,
        resample: None,
        range: PixelRange {
            low: -1.0,
            high: 1.0,
        },
    };
    let loader = Loader::new(Some(folder));
    loader.load(&data, ".".as_ref(), &|_| ()).unwrap()
}

/// Cost of specs once their networks and judges are trained: the store is left with
/// those.
fn after_training(what: &'static str, specs: &[&str]) -> Wait {
    let out = tempfile::tempdir().unwrap();
    let again = || {
        for kind in AFTER {
            let stages = out.path().join(".store").join(kind);
            if stages.exists() {
                remove_dir_all(stages).unwrap();
            }
        }
        run(into(backquery().arg("run").args(specs), out.path()))
    };
    again();
    of_program(what, FEW, again)
}

/// Runs `reproduce` as the Makefile does, which says what is left out.
fn reproduce() -> Cost {
    let out = tempfile::tempdir().unwrap();
    let printed = Command::new("make")
        .args(["--dry-run", "reproduce"])
        .output();
    let printed = String::from_utf8(printed.unwrap().stdout).unwrap();
    let line = printed
        .lines()
        .find_map(|line| line.split_once(" reproduce "));
    let options = line.expect("`make reproduce` runs `backquery reproduce`").1;
    let mut command = backquery();
    command.arg("reproduce").args(options.split_whitespace());
    run(into(&mut command, out.path()))
}

fn into<'a>(command: &'a mut Command, out: &Path) -> &'a mut Command {
    command.args(["--quiet", "--out"]).arg(out)
}

fn table(waits: &[Wait], machine: &str) -> String {
    let mut table = format!(
        "# What else takes time, and memory\n\n\
         Seconds by the clock, median (lowest to highest), and the processor seconds and \
         peak memory of a program. What comes after training is run on stored networks and judges. \
         {machine}. `make waits`.\n\n\
         | | seconds | processor seconds | peak MB |\n\
         |---|---|---|---|\n"
    );
    for wait in waits {
        let mut seconds = wait.seconds.clone();
        seconds.sort_by(f64::total_cmp);
        let [least, most] = [seconds[0], seconds[seconds.len() - 1]];
        let middle = median(seconds);
        let program = wait.program.as_ref().map_or_else(
            || " | ".to_owned(),
            |of| format!("{:.3} | {:.0}", of.processor_seconds, of.peak_mb),
        );
        let what = wait.what;
        let _ = writeln!(
            table,
            "| {what} | {middle:.3} ({least:.3} to {most:.3}) | {program} |"
        );
    }
    table
}
