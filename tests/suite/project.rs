//! A temporary folder with specs, in which the program runs.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// Spec of a small network on synthetic digits that uses every feature but judges, in a
/// second.
pub const SMALL: &str = concat!(
    "metrics = [",
    r#""target_probability", "target_probability_clipped", "output_error", "l1_distance", "#,
    r#""l2_distance", "out_of_range", "largest_magnitude", "class_mean_correlation", "#,
    r#""class_mean_margin", "total_variation", "roughness", "empirical_overlap"]"#,
    include_str!("small.toml")
);

/// [`SMALL`] with all usual metrics, also those that need judges, which take longer.
pub fn judged() -> String {
    include_str!("small.toml").to_owned()
}

pub struct Project {
    folder: tempfile::TempDir,
    variables: Vec<(&'static str, String)>,
}

pub const PROGRAM: &str = env!("CARGO_BIN_EXE_backquery");

/// Exit code and output of the program; the folder of the project is called `FOLDER`.
pub struct Ran {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

impl Project {
    pub fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
            variables: Vec::new(),
        }
    }

    pub fn with(self, path: &str, content: impl AsRef<[u8]>) -> Self {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
        self
    }

    pub fn variable(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.variables.push((name, value.into()));
        self
    }

    pub fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    /// Reads a text file of the folder.
    pub fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    /// Reads a JSON file of the folder.
    pub fn json(&self, path: &str) -> Value {
        serde_json::from_str(&self.read(path)).unwrap()
    }

    /// Prepares the program to run in the folder, isolated from the user: without cache,
    /// data and reachable mirrors.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(PROGRAM);
        command
            .current_dir(self.folder.path())
            .args(arguments)
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", self.path("home"))
            .env("BACKQUERY_MIRRORS", "http://127.0.0.1:9")
            .envs(self.variables.iter().map(|(name, value)| (name, value)));
        command
    }

    /// Runs the program to its end.
    pub fn run(&self, arguments: &[&str]) -> Ran {
        let ran = self.finish(self.command(arguments));
        if let (Some(2), Some(folder)) = (ran.code, std::env::var_os("BACKQUERY_BROKEN")) {
            self.keep_broken(Path::new(&folder), &ran.err);
        }
        ran
    }

    /// Keeps every spec that has faults, with these, for `tests/schema.py`.
    fn keep_broken(&self, folder: &Path, errors: &str) {
        fs::create_dir_all(folder).unwrap();
        let mut specs = files(self.folder.path());
        specs.retain(|name| Path::new(name).extension() == Some("toml".as_ref()));
        let sets = errors.lines().filter(|line| line.starts_with("--set "));
        let sets: Vec<String> = sets.map(str::to_owned).collect();
        for name in &specs {
            let start = format!("{name}:");
            let own = errors.lines().filter_map(|line| line.strip_prefix(&start));
            let own = own.map(|fault| format!("spec.toml:{fault}"));
            let mut faults: Vec<String> = own.collect();
            if specs.len() == 1 {
                faults.extend_from_slice(&sets);
            }
            if !faults.is_empty() {
                let content = fs::read(self.path(name)).unwrap();
                let mut hasher = DefaultHasher::new();
                (&content, &faults).hash(&mut hasher);
                let kept = folder.join(format!("{:016x}", hasher.finish()));
                fs::write(kept.with_extension("toml"), content).unwrap();
                fs::write(kept.with_extension("txt"), faults.join("\n")).unwrap();
            }
        }
    }

    /// Runs a command to its end.
    pub fn finish(&self, mut command: Command) -> Ran {
        let output = command.output().unwrap();
        let text = |bytes| {
            let text = String::from_utf8(bytes).unwrap();
            text.replace(&self.folder.path().display().to_string(), "FOLDER")
        };
        Ran {
            code: output.status.code(),
            out: text(output.stdout),
            err: text(output.stderr),
        }
    }

    /// Runs the program, which must succeed.
    pub fn succeed(&self, arguments: &[&str]) -> Ran {
        let ran = self.run(arguments);
        assert_eq!(ran.code, Some(0), "{}", ran.err);
        ran
    }

    /// Runs the program, which must fail with this code and leave no results, only a log.
    /// Returns its standard error.
    pub fn fail(&self, code: i32, arguments: &[&str]) -> String {
        let ran = self.run(arguments);
        assert_eq!(ran.code, Some(code), "{}", ran.err);
        let mut left = files(&self.path("results"));
        left.retain(|path| !is_log(path));
        assert_eq!(left, Vec::<String>::new());
        ran.err
    }
}

/// Lists all files below a folder, by name; empty without the folder.
pub fn files(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    collect(folder, folder, &mut found);
    found.sort();
    found
}

fn collect(root: &Path, folder: &Path, found: &mut Vec<String>) {
    let Ok(entries) = fs::read_dir(folder) else {
        return;
    };
    for entry in entries {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(root, &path, found);
        } else {
            found.push(path.strip_prefix(root).unwrap().display().to_string());
        }
    }
}

/// True for the name of a log, to which every run appends.
pub fn is_log(name: &str) -> bool {
    Path::new(name)
        .extension()
        .is_some_and(|ending| ending == "log")
}
