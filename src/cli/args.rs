//! Arguments of the command line. The comments are the help texts.

use std::num::NonZero;
use std::path::PathBuf;

use clap::builder::NonEmptyStringValueParser;
use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum};

use super::seeds::Seeds;
use crate::config::DeviceKind;

/// Trains small classifiers and runs them backwards: what do they think their
/// classes look like?
#[derive(Debug, Parser)]
#[command(version, after_help = AFTER)]
pub struct Args {
    #[command(subcommand)]
    pub command: Command,
}

const AFTER: &str = "\
Start here:
  backquery reproduce                          every experiment, every figure
  backquery run paper/slp                      one experiment, by name or path
  backquery run paper/mlp --set model.hidden=[100] --out try
                                               another one, with a line changed

Exit codes:
  0  success
  1  a run failed: training diverged, an inverse does not exist;
     plan: a stage would run; verify: results differ
  2  a spec or an argument is wrong, or the results of another spec are in
     the way; nothing was run
  3  a data set is unavailable or broken
  4  results or standard output cannot be read or written, or another process
     holds the results and `--no-wait` was given
  5  the device cannot be used, or failed during a run
  6  with --strict: a claim is refuted
  129, 130, 143  ended by SIGHUP, SIGINT (Ctrl-C) or SIGTERM; the same command
     resumes a run";

/// Explanation of the argument that most commands share.
const SPECS: &str = "\
Spec files, folders of them, or names below `experiments` such as `paper/slp`";

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run specs: train, invert, measure, draw
    Run(Run),
    /// Check every spec below a folder, then run them all, also if one fails
    Reproduce(Reproduce),
    /// Show which stages would run, and why, without running them
    Plan(Plan),
    /// Run published results again in a temporary folder and compare
    Verify(Verify),
    /// Report the verdicts on the claims in specs from finished results
    Claims(Claims),
    /// Compare the results of two experiments: how their specs differ, and which
    /// numbers differ by more than chance
    Compare(Compare),
    /// Remove from the store what no spec refers to, and what killed runs left
    Gc(Gc),
    /// Check specs and report every error in every spec
    Check(Check),
    /// Download or list data sets
    Data(Data),
    /// Write the steps and figures of gradient descent on a parabola and a
    /// paraboloid (Tashfeen 2020, figures 2 and 3)
    Descent(Descent),
    /// List the devices of this build and this machine
    Devices,
}

#[derive(Debug, ClapArgs)]
pub struct Run {
    #[arg(required = true, help = SPECS)]
    pub specs: Vec<PathBuf>,
    #[command(flatten)]
    pub strict: Strict,
    #[command(flatten)]
    pub fallback: Fallback,
    #[command(flatten)]
    pub jobs: Jobs,
    #[command(flatten)]
    pub how: How,
}

/// Whether other data may be used than a spec asks for.
#[derive(Debug, Clone, Copy, ClapArgs)]
pub struct Fallback {
    /// Fail if a data set is unavailable, even if the spec names a fallback
    #[arg(long)]
    pub no_fallback: bool,
}

/// How to share the machine.
#[derive(Debug, ClapArgs)]
pub struct Jobs {
    /// Number of replicates to run in parallel [default: number of cores]
    #[arg(long, short, value_name = "N")]
    pub jobs: Option<NonZero<usize>>,
    /// Fail at once if another process computes what this one needs
    #[arg(long)]
    pub no_wait: bool,
}

#[derive(Debug, ClapArgs)]
pub struct Reproduce {
    /// Folder of specs
    #[arg(default_value = "experiments")]
    pub folder: PathBuf,
    /// Leave out a spec, or those below a folder; can be repeated
    #[arg(long, value_name = "PATH")]
    pub without: Vec<PathBuf>,
    /// Stop at the first failure
    #[arg(long)]
    pub fail_fast: bool,
    #[command(flatten)]
    pub strict: Strict,
    #[command(flatten)]
    pub fallback: Fallback,
    #[command(flatten)]
    pub jobs: Jobs,
    #[command(flatten)]
    pub how: How,
}

#[derive(Debug, ClapArgs)]
pub struct Plan {
    #[arg(default_value = "experiments", help = SPECS)]
    pub specs: Vec<PathBuf>,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
    #[command(flatten)]
    pub how: How,
}

#[derive(Debug, ClapArgs)]
pub struct Verify {
    #[arg(default_value = "experiments", help = SPECS)]
    pub specs: Vec<PathBuf>,
    /// Folder of the published results
    #[arg(long, value_name = "FOLDER", default_value = "results")]
    pub results: PathBuf,
    /// Folder to rerun in, which is kept, and whose up-to-date results count as reruns
    /// [default: a temporary one]
    #[arg(long = "in", value_name = "FOLDER")]
    pub within: Option<PathBuf>,
    #[command(flatten)]
    pub machine: Machine,
    /// Print only the outcome
    #[arg(long, short)]
    pub quiet: bool,
}

#[derive(Debug, ClapArgs)]
pub struct Compare {
    /// Experiment: its spec, its name (`paper/slp`) or the folder of its results
    pub a: PathBuf,
    /// Experiment to compare it with
    pub b: PathBuf,
    /// Output format
    #[arg(long, value_enum, default_value_t = Format::Table)]
    pub format: Format,
    /// Folder of the results
    #[arg(long, value_name = "FOLDER", default_value = "results")]
    pub out: PathBuf,
}

/// Ways to show a comparison or claims.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people
    Table,
    /// One row per number
    Csv,
    /// Everything, for programs
    Json,
}

#[derive(Debug, ClapArgs)]
pub struct Claims {
    #[arg(default_value = "experiments", help = SPECS)]
    pub specs: Vec<PathBuf>,
    /// Only claims whose sentence contains this text, in upper or lower case
    #[arg(long, value_name = "TEXT", value_parser = NonEmptyStringValueParser::new())]
    pub says: Option<String>,
    /// Judge these seeds only, such as `3`, `0,1,4`, `0-9` or `0..10`
    #[arg(long, value_name = "SEEDS")]
    pub seed: Vec<Seeds>,
    /// Also list the number of every seed
    #[arg(long)]
    pub explain: bool,
    /// Output format
    #[arg(long, value_enum, default_value_t = Format::Table)]
    pub format: Format,
    /// Folder of the results
    #[arg(long, value_name = "FOLDER", default_value = "results")]
    pub out: PathBuf,
    #[command(flatten)]
    pub strict: Strict,
}

/// What a refuted claim is.
#[derive(Debug, ClapArgs)]
pub struct Strict {
    /// Exit with 6 if a claim is refuted
    #[arg(long)]
    pub strict: bool,
}

#[derive(Debug, ClapArgs)]
pub struct Gc {
    #[arg(default_value = "experiments", help = SPECS)]
    pub specs: Vec<PathBuf>,
    /// List what would be removed, and remove nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Folder of the results
    #[arg(long, value_name = "FOLDER", default_value = "results")]
    pub out: PathBuf,
    #[command(flatten)]
    pub data: DataDir,
}

/// How to run, whatever is run.
#[derive(Debug, ClapArgs)]
pub struct How {
    /// Change a value of every spec: `train.epochs=5`, `model.hidden=[100]`,
    /// `invert.empirical.pixels=100`; an empty value (`KEY=`) removes the key
    #[arg(long, value_name = "KEY=VALUE")]
    pub set: Vec<String>,
    /// Run these seeds instead of those of the spec: `3`, `0,1,4`, `0-9` (both
    /// included) or `0..10` (without 10)
    #[arg(long, value_name = "SEEDS")]
    pub seed: Vec<Seeds>,
    /// Folder for the results, laid out like the folder `experiments`
    #[arg(long, value_name = "FOLDER", default_value = "results")]
    pub out: PathBuf,
    #[command(flatten)]
    pub machine: Machine,
    /// Print only warnings and errors
    #[arg(long, short)]
    pub quiet: bool,
}

/// What a run needs of the machine.
#[derive(Debug, ClapArgs)]
pub struct Machine {
    /// Device to compute on, whatever specs say [default: that of the spec, or `flex`]
    #[arg(long, value_enum)]
    pub device: Option<DeviceArg>,
    #[command(flatten)]
    pub data: DataDir,
}

#[derive(Debug, ClapArgs)]
pub struct DataDir {
    /// Folder to look for the MNIST files in, before $`BACKQUERY_DATA`, data/mnist and the
    /// user's cache; missing files are downloaded, from $`BACKQUERY_MIRRORS` if set
    #[arg(long, value_name = "FOLDER")]
    pub data_dir: Option<PathBuf>,
}

#[derive(Debug, ClapArgs)]
pub struct Check {
    #[arg(default_value = "experiments", help = SPECS)]
    pub specs: Vec<PathBuf>,
    /// Change a value of every spec before it is checked
    #[arg(long, value_name = "KEY=VALUE")]
    pub set: Vec<String>,
}

#[derive(Debug, ClapArgs)]
pub struct Descent {
    /// Folder to write to
    #[arg(
        long,
        value_name = "FOLDER",
        default_value = "results/backward-pass/descent"
    )]
    pub out: PathBuf,
}

#[derive(Debug, ClapArgs)]
pub struct Data {
    #[command(subcommand)]
    pub command: DataCommand,
}

#[derive(Debug, Subcommand)]
pub enum DataCommand {
    /// Download a data set and check it against its known digests
    Fetch {
        /// Data set
        #[arg(value_enum)]
        name: Fetchable,
        #[command(flatten)]
        data: DataDir,
    },
    /// List the data sets and where their files were found
    List {
        #[command(flatten)]
        data: DataDir,
    },
}

/// Data sets that lie on servers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Fetchable {
    /// 70,000 handwritten digits, 11 MB
    Mnist,
}

/// Names of devices.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum DeviceArg {
    /// The CPU; the quickest for networks of this size
    Flex,
    /// The CPU through ndarray (build with `--features ndarray`)
    Ndarray,
    /// A GPU through WebGPU (build with `--features wgpu`)
    Wgpu,
}

impl From<DeviceArg> for DeviceKind {
    fn from(device: DeviceArg) -> Self {
        match device {
            DeviceArg::Flex => Self::Flex,
            DeviceArg::Ndarray => Self::Ndarray,
            DeviceArg::Wgpu => Self::Wgpu,
        }
    }
}
