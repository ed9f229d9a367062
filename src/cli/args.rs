//! What can be typed. The comments are the help texts.

use std::num::NonZero;
use std::path::PathBuf;

use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum};

use crate::spec::DeviceKind;

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
  backquery run experiments/paper/slp.toml     one experiment
  backquery run experiments/paper/mlp.toml --set model.hidden=[100] --out try
                                               another one, with a line changed

Exit codes:
  0  all went well
  1  a run failed: training diverged, an inverse does not exist;
     plan: something would be made; verify: something differs
  2  a spec or an argument is wrong; nothing was run
  3  a data set cannot be had, or is broken
  4  results cannot be read or written, or another process holds them and
     waiting was not wanted
  5  the device cannot be used, or failed in the middle of a run
  6  with --strict: a claim is refuted
  130  interrupted by Ctrl-C; the same command goes on from there";

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run specs: train, invert, measure, draw
    Run(Run),
    /// Check every spec below a folder, then run them all, going on if one fails
    Reproduce(Reproduce),
    /// List every stage and tell what would be made, and why; make nothing
    Plan(Plan),
    /// Run published results again in a temporary folder and compare
    Verify(Verify),
    /// Tell what finished results say of the claims in specs; run nothing
    Claims(Claims),
    /// Set the results of two experiments side by side: what their specs differ
    /// in, and which numbers differ by more than chance
    Compare(Compare),
    /// Remove from the store what no spec refers to
    Gc(Gc),
    /// Check specs and tell all their faults; run nothing
    Check(Check),
    /// Get data sets, or tell which there are
    Data(Data),
    /// Write the steps and figures of gradient descent on a parabola and a
    /// paraboloid (Tashfeen 2020, figures 2 and 3)
    Descent(Descent),
    /// Tell what this build and this machine can compute on
    Devices,
}

#[derive(Debug, ClapArgs)]
pub struct Run {
    /// Spec files
    #[arg(required = true)]
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
    /// Run so many replicates at a time; as many as there are cores if not given
    #[arg(long, short, value_name = "N")]
    pub jobs: Option<NonZero<usize>>,
    /// Fail at once if another process is making what this one needs
    #[arg(long)]
    pub no_wait: bool,
}

#[derive(Debug, ClapArgs)]
pub struct Reproduce {
    /// The folder with the specs
    #[arg(default_value = "experiments")]
    pub folder: PathBuf,
    /// Leave out a spec, or those below a folder; may be given again
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
    /// Spec files, or folders of them
    #[arg(default_value = "experiments")]
    pub specs: Vec<PathBuf>,
    /// As JSON
    #[arg(long)]
    pub json: bool,
    #[command(flatten)]
    pub how: How,
}

#[derive(Debug, ClapArgs)]
pub struct Verify {
    /// Spec files, or folders of them; of a folder, those that have results
    #[arg(default_value = "experiments")]
    pub specs: Vec<PathBuf>,
    /// The results to verify
    #[arg(long, value_name = "FOLDER", default_value = "results")]
    pub results: PathBuf,
    #[command(flatten)]
    pub machine: Machine,
    /// Print nothing but what came out
    #[arg(long, short)]
    pub quiet: bool,
}

#[derive(Debug, ClapArgs)]
pub struct Compare {
    /// An experiment: its spec, its name (`paper/slp`) or the folder of its results
    pub a: PathBuf,
    /// The other one
    pub b: PathBuf,
    /// How to show the comparison
    #[arg(long, value_enum, default_value_t = Format::Table)]
    pub format: Format,
    /// Where the results of specs and names lie
    #[arg(long, value_name = "FOLDER", default_value = "results")]
    pub out: PathBuf,
}

/// Ways to show a comparison or claims.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people
    Table,
    /// A row for each number
    Csv,
    /// All there is
    Json,
}

#[derive(Debug, ClapArgs)]
pub struct Claims {
    /// Spec files, or folders of them
    #[arg(default_value = "experiments")]
    pub specs: Vec<PathBuf>,
    /// Also list the number of every seed
    #[arg(long)]
    pub explain: bool,
    /// How to show them
    #[arg(long, value_enum, default_value_t = Format::Table)]
    pub format: Format,
    /// Where the results lie
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
    /// Spec files, or folders of them: what they refer to is kept
    #[arg(default_value = "experiments")]
    pub specs: Vec<PathBuf>,
    /// Only tell what would be removed
    #[arg(long)]
    pub dry_run: bool,
    /// Where the results lie
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
    /// Run these seeds instead of those of the spec: `3`, or `0,1,2`
    #[arg(long, value_name = "SEEDS", value_delimiter = ',')]
    pub seed: Vec<u64>,
    /// Where results go, laid out like the folder `experiments`
    #[arg(long, value_name = "FOLDER", default_value = "results")]
    pub out: PathBuf,
    #[command(flatten)]
    pub machine: Machine,
    /// Print nothing but warnings and errors
    #[arg(long, short)]
    pub quiet: bool,
}

/// What a run needs of the machine.
#[derive(Debug, ClapArgs)]
pub struct Machine {
    /// What to compute on, whatever specs say; `flex` if they say nothing
    #[arg(long, value_enum)]
    pub device: Option<DeviceArg>,
    #[command(flatten)]
    pub data: DataDir,
}

#[derive(Debug, ClapArgs)]
pub struct DataDir {
    /// A folder that may hold the MNIST files (looked into first; then
    /// $`BACKQUERY_DATA`, data/mnist and the user's cache; missing files are
    /// downloaded, from $`BACKQUERY_MIRRORS` if set)
    #[arg(long, value_name = "FOLDER")]
    pub data_dir: Option<PathBuf>,
}

#[derive(Debug, ClapArgs)]
pub struct Check {
    /// Spec files, or folders of them
    #[arg(default_value = "experiments")]
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
        /// Which one
        #[arg(value_enum)]
        name: Fetchable,
        #[command(flatten)]
        data: DataDir,
    },
    /// Tell which data sets there are and where their files were found
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
