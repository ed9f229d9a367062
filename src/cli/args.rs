//! Arguments of the command line. The comments are the help texts.

use std::num::NonZero;
use std::path::PathBuf;

use clap::builder::NonEmptyStringValueParser;
use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum};

use super::completions::CompletionsArgs;
use super::explain::ExplainArgs;
use super::help::{self, DATA_AND_DEVICE, EXECUTION};
use super::man::ManArgs;
use super::new::NewArgs;
use super::seeds::Seeds;
use crate::model::DeviceKind;

/// Train small classifiers and run them backwards: what do they think their
/// classes look like?
#[derive(Debug, Parser)]
#[command(version, help_template = help::template(), after_help = help::after())]
pub struct Args {
    #[command(subcommand)]
    pub command: Command,
}

/// Help for the argument that most commands share.
const SPECS: &str = "\
Spec files, folders of them, or names below `experiments` such as `paper/slp`";

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run specs: train, invert, measure, draw
    Run(RunArgs),
    /// Run every spec below a folder, and report failures at the end
    Reproduce(ReproduceArgs),
    /// Show which stages would run, and why, without running them
    Plan(PlanArgs),
    /// Rerun published results and compare every file
    Verify(VerifyArgs),
    /// Report the verdict on every claim from finished results
    Claims(ClaimsArgs),
    /// Compare two experiments: what differs in specs and results
    ///
    /// Differences of the specs, and significant differences of the results, corrected for
    /// the number of tests.
    Compare(CompareArgs),
    /// Show what the judges of legibility read in pictures
    Read(ReadArgs),
    /// Remove what no spec refers to from the store
    ///
    /// Removes store entries that no spec refers to, and leftovers of killed runs.
    Gc(GcArgs),
    /// Check specs and report every error in every spec
    Check(CheckArgs),
    /// Write a spec to start from, with comments
    New(NewArgs),
    /// Explain a key, a metric or a method; list all without one
    Explain(ExplainArgs),
    /// Print the JSON Schema of specs, for editors
    ///
    /// Editors complete and check the keys of specs with it.
    Schema,
    /// Print completions of arguments for a shell
    Completions(CompletionsArgs),
    /// Print the manual page, or write one for every command
    Man(ManArgs),
    /// Download or list data sets
    Data(DataArgs),
    /// Write figures 2 and 3 of Tashfeen 2020: gradient descent
    ///
    /// Its steps and figures on a parabola and a paraboloid.
    Descent(DescentArgs),
    /// List the devices of this build and this machine
    Devices,
}

#[derive(Debug, ClapArgs)]
pub struct RunArgs {
    #[arg(required = true, help = SPECS)]
    pub specs: Vec<PathBuf>,
    #[command(flatten)]
    pub strict: StrictArgs,
    #[command(flatten)]
    pub common: CommonArgs,
    #[command(flatten)]
    pub fallback: FallbackArgs,
    #[command(flatten)]
    pub jobs: JobArgs,
}

/// Permission to use a fallback data set.
#[derive(Debug, Clone, Copy, ClapArgs)]
#[command(next_help_heading = DATA_AND_DEVICE)]
pub struct FallbackArgs {
    /// Fail if a data set is unavailable, even if the spec names a fallback
    #[arg(long)]
    pub no_fallback: bool,
}

/// Parallelism of a run, and other processes.
#[derive(Debug, ClapArgs)]
#[command(next_help_heading = EXECUTION)]
pub struct JobArgs {
    /// Number of replicates to run in parallel [default: number of cores]
    #[arg(long, short, value_name = "N")]
    pub jobs: Option<NonZero<usize>>,
    /// Fail instead of waiting for another process
    #[arg(long)]
    pub no_wait: bool,
}

#[derive(Debug, ClapArgs)]
pub struct ReproduceArgs {
    /// Folder of specs
    #[arg(default_value = "experiments")]
    pub folder: PathBuf,
    /// Skip a spec, or all specs below a folder; can be repeated
    #[arg(long, value_name = "PATH")]
    pub without: Vec<PathBuf>,
    /// Stop at the first failure
    #[arg(long)]
    pub fail_fast: bool,
    #[command(flatten)]
    pub strict: StrictArgs,
    #[command(flatten)]
    pub common: CommonArgs,
    #[command(flatten)]
    pub fallback: FallbackArgs,
    #[command(flatten)]
    pub jobs: JobArgs,
}

#[derive(Debug, ClapArgs)]
pub struct PlanArgs {
    #[arg(default_value = "experiments", help = SPECS)]
    pub specs: Vec<PathBuf>,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
    #[command(flatten)]
    pub common: CommonArgs,
}

#[derive(Debug, ClapArgs)]
pub struct VerifyArgs {
    #[arg(default_value = "experiments", help = SPECS)]
    pub specs: Vec<PathBuf>,
    /// Folder of the published results
    #[arg(long, value_name = "FOLDER", default_value = "results")]
    pub results: PathBuf,
    /// Folder to rerun in: it is kept, and its up-to-date results are not rerun [default: a
    /// temporary folder]
    #[arg(long = "in", value_name = "FOLDER")]
    pub within: Option<PathBuf>,
    #[command(flatten)]
    pub machine: MachineArgs,
    /// Print only the outcome
    #[arg(long, short)]
    pub quiet: bool,
}

#[derive(Debug, ClapArgs)]
pub struct CompareArgs {
    /// First experiment: a spec, a name such as `paper/slp`, or a folder of results
    pub a: PathBuf,
    /// Second experiment, likewise
    pub b: PathBuf,
    /// Compare only these metrics; p is corrected for the tests that remain
    #[arg(long, value_name = "NAME,...", value_delimiter = ',')]
    pub metric: Vec<String>,
    /// Compare only these inversions, with all their settings
    #[arg(long, value_name = "NAME,...", value_delimiter = ',')]
    pub inversion: Vec<String>,
    /// Show all rows, not only significant differences; CSV and JSON always have all
    #[arg(long)]
    pub all: bool,
    /// Output format
    #[arg(long, value_enum, default_value_t = ComparisonFormat::Table)]
    pub format: ComparisonFormat,
    /// Folder of the results
    #[arg(long, value_name = "FOLDER", default_value = "results")]
    pub out: PathBuf,
}

/// Formats of a comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ComparisonFormat {
    /// Human-readable table
    Table,
    /// Table of a Markdown page
    Markdown,
    /// `tabular` with the rules of the package booktabs
    Latex,
    /// One row per metric and inversion
    Csv,
    /// All numbers, for programs
    Json,
}

/// Formats of claims.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum OutputFormat {
    /// Human-readable table
    Table,
    /// One row per number
    Csv,
    /// All numbers, for programs
    Json,
}

#[derive(Debug, ClapArgs)]
pub struct ClaimsArgs {
    #[arg(default_value = "experiments", help = SPECS)]
    pub specs: Vec<PathBuf>,
    /// Report only claims whose sentence contains this text, ignoring case
    #[arg(long, value_name = "TEXT", value_parser = NonEmptyStringValueParser::new())]
    pub says: Option<String>,
    /// Evaluate only these seeds, such as `3`, `0,1,4`, `0-9` or `0..10`
    #[arg(long, value_name = "SEEDS")]
    pub seed: Vec<Seeds>,
    /// List the value of every seed as well
    #[arg(long)]
    pub explain: bool,
    /// Output format
    #[arg(long, value_enum, default_value_t = OutputFormat::Table)]
    pub format: OutputFormat,
    /// Draw the verdicts on each source, one line per claim, as PNG, SVG and PDF into this
    /// folder
    #[arg(long, value_name = "FOLDER")]
    pub draw: Option<PathBuf>,
    /// Folder of the results
    #[arg(long, value_name = "FOLDER", default_value = "results")]
    pub out: PathBuf,
    #[command(flatten)]
    pub strict: StrictArgs,
}

/// Treatment of refuted claims.
#[derive(Debug, ClapArgs)]
pub struct StrictArgs {
    /// Exit with 6 if a claim is refuted
    #[arg(long, display_order = 20)]
    pub strict: bool,
}

#[derive(Debug, ClapArgs)]
pub struct ReadArgs {
    /// PNG files; colours are read as grey, other sizes scaled to that of the data
    #[arg(required = true, value_name = "PICTURE")]
    pub pictures: Vec<PathBuf>,
    /// Spec that names the data file whose judges read
    #[arg(long, value_name = "SPEC", default_value = "paper/slp")]
    pub spec: PathBuf,
    /// Folder of the results, where the judges are kept
    #[arg(long, value_name = "FOLDER", default_value = "results")]
    pub out: PathBuf,
    #[command(flatten)]
    pub machine: MachineArgs,
    /// Print only what is read, warnings and errors
    #[arg(long, short)]
    pub quiet: bool,
}

#[derive(Debug, ClapArgs)]
pub struct GcArgs {
    #[arg(default_value = "experiments", help = SPECS)]
    pub specs: Vec<PathBuf>,
    /// List the entries without removing them
    #[arg(long)]
    pub dry_run: bool,
    /// Folder of the results
    #[arg(long, value_name = "FOLDER", default_value = "results")]
    pub out: PathBuf,
    #[command(flatten)]
    pub data: DataDirArgs,
}

/// Options that `run`, `reproduce` and `plan` share.
#[derive(Debug, ClapArgs)]
pub struct CommonArgs {
    /// Run these seeds instead of those in the spec: `3`, `0,1,4`, `0-9` (with 9) or
    /// `0..10` (without 10)
    #[arg(long, value_name = "SEEDS")]
    pub seed: Vec<Seeds>,
    /// Change a value in every spec, such as `train.epochs=5`; an empty value (`KEY=`)
    /// removes the key
    #[arg(long, value_name = "KEY=VALUE")]
    pub set: Vec<String>,
    /// Folder to write results to, with the layout of the folder `experiments`
    #[arg(long, value_name = "FOLDER", default_value = "results")]
    pub out: PathBuf,
    /// Draw figures without title, caption and note, which are in their metadata; the same as
    /// `--set figures.frame=false`
    #[arg(long)]
    pub bare: bool,
    /// Print only warnings and errors
    #[arg(long, short)]
    pub quiet: bool,
    #[command(flatten)]
    pub machine: MachineArgs,
}

/// Device and data sets of a run.
#[derive(Debug, ClapArgs)]
#[command(next_help_heading = DATA_AND_DEVICE)]
pub struct MachineArgs {
    /// Device to compute on, overriding the specs [default: the spec's device, else `flex`]
    #[arg(long, value_enum)]
    pub device: Option<DeviceArg>,
    #[command(flatten)]
    pub data: DataDirArgs,
}

/// Data sets of a run.
#[derive(Debug, ClapArgs)]
#[command(next_help_heading = DATA_AND_DEVICE)]
pub struct DataDirArgs {
    /// Folder to search for the MNIST files, before `$BACKQUERY_DATA`, data/mnist and the
    /// user's cache; missing files are downloaded, from `$BACKQUERY_MIRRORS` if set
    #[arg(long, value_name = "FOLDER")]
    pub data_dir: Option<PathBuf>,
}

#[derive(Debug, ClapArgs)]
pub struct CheckArgs {
    #[arg(default_value = "experiments", help = SPECS)]
    pub specs: Vec<PathBuf>,
    /// Change a value in every spec before checking it
    #[arg(long, value_name = "KEY=VALUE")]
    pub set: Vec<String>,
}

#[derive(Debug, ClapArgs)]
pub struct DescentArgs {
    /// Folder to write to
    #[arg(
        long,
        value_name = "FOLDER",
        default_value = "results/backward-pass/descent"
    )]
    pub out: PathBuf,
}

#[derive(Debug, ClapArgs)]
pub struct DataArgs {
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
        data: DataDirArgs,
    },
    /// List the data sets and the folders of their files
    List {
        #[command(flatten)]
        data: DataDirArgs,
    },
}

/// Data sets that can be downloaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Fetchable {
    /// 70,000 handwritten digits, 11 MB
    Mnist,
}

/// Names of devices.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum DeviceArg {
    /// CPU, through burn-flex: fastest for networks of this size
    Flex,
    /// CPU, through burn-ndarray (build with `--features ndarray`)
    Ndarray,
    /// GPU, through WebGPU (build with `--features wgpu`)
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
