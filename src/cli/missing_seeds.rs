//! Advice on comparisons without a test: commands that add seeds.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::{Path, PathBuf};

use super::{names, seeds};
use crate::metrics::statistics::MIN_REPLICATES;
use crate::pipeline::ROOT;
use crate::report::manifest;
use crate::store::{Manifest, place};

/// Number of seeds to suggest: an interval of five is half as wide as one of three.
const SUGGESTED: usize = 5;

/// Default folder of results.
const RESULTS: &str = "results";

/// Experiment of a comparison.
pub struct Compared<'a> {
    /// Letter of its columns.
    pub letter: char,
    /// Argument as typed.
    pub typed: &'a Path,
    /// Folder of its results.
    pub folder: &'a Path,
    /// Seeds of its results.
    pub seeds: Vec<u64>,
}

/// Sentence and commands; empty if there are enough seeds.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Advice {
    says: String,
    commands: Vec<String>,
}

impl Advice {
    /// Formats lines to follow a text.
    pub fn text(&self) -> String {
        self.lines("\n", "\n  ")
    }

    /// Formats lines to follow a table of LaTeX.
    pub fn latex(&self) -> String {
        self.lines("\n% ", "\n%   ")
    }

    /// Formats a paragraph and a block of code.
    pub fn markdown(&self) -> String {
        if self.says.is_empty() {
            return String::new();
        }
        let commands = self.commands.join("\n");
        format!("\n\n{}\n\n```sh\n{commands}\n```", self.says)
    }

    fn lines(&self, before_sentence: &str, before_command: &str) -> String {
        let mut text = String::new();
        if !self.says.is_empty() {
            text = format!("{before_sentence}{}", self.says);
        }
        for command in &self.commands {
            // Writing to a string cannot fail.
            let _ = write!(text, "{before_command}{command}");
        }
        text
    }
}

/// Returns the commands that give both experiments enough seeds for a test, the same in
/// both, so that it is paired.
pub fn advice(sides: &[Compared<'_>; 2]) -> Advice {
    let [a, b] = sides;
    if a.seeds.len().min(b.seeds.len()) >= MIN_REPLICATES {
        return Advice::default();
    }
    let wanted = wanted(&a.seeds, &b.seeds);
    let is_short = |side: &&Compared<'_>| side.seeds != wanted;
    let commands = sides.iter().filter(is_short);
    Advice {
        says: format!(
            "No test: it needs at least {MIN_REPLICATES} seeds per side; A has {}, B has {}. \
             To add seeds:",
            a.seeds.len(),
            b.seeds.len()
        ),
        commands: commands.map(|side| command(side, &wanted)).collect(),
    }
}

/// Seeds of either side; if they are too few, with the lowest that neither has.
fn wanted(a: &[u64], b: &[u64]) -> Vec<u64> {
    let mut all: BTreeSet<u64> = a.iter().chain(b).copied().collect();
    if all.len() < MIN_REPLICATES {
        let mut lowest = 0..;
        while all.len() < SUGGESTED {
            all.extend(lowest.next());
        }
    }
    all.into_iter().collect()
}

/// Returns the command that runs an experiment as before, with these seeds.
fn command(side: &Compared<'_>, wanted: &[u64]) -> String {
    let seed = side.seeds.first().copied().unwrap_or_default();
    let run = manifest(&place(side.folder, seed), seed).ok();
    let run = run.and_then(|(_, manifest)| run_of(side, &manifest));
    // Results without their spec, or moved: a placeholder.
    let run = run.unwrap_or_else(|| format!("backquery run SPEC_OF_{}", side.letter));
    format!("{run} --seed {}", seeds::ranges(wanted))
}

/// Returns the command that runs an experiment as before; none if its spec is not here, or
/// its results are in another folder than a run would write.
fn run_of(side: &Compared<'_>, manifest: &Manifest) -> Option<String> {
    let below = Path::new(&manifest.experiment);
    let is_below = side.folder.ends_with(below);
    let out = side.folder.ancestors().nth(below.components().count());
    let out = out.filter(|_| is_below)?;
    let out = out.strip_prefix(".").unwrap_or(out);
    let spec = spec(side, manifest)?;
    let mut command = format!("backquery run {}", quoted(&spec.to_string_lossy()));
    for set in &manifest.overrides {
        // Writing to a string cannot fail.
        let _ = write!(command, " --set {}", quoted(set));
    }
    if out != Path::new(RESULTS) {
        let _ = write!(command, " --out {}", quoted(&out.to_string_lossy()));
    }
    Some(command)
}

/// Returns the spec of an experiment as it can be typed: as it was typed, or by name.
fn spec(side: &Compared<'_>, manifest: &Manifest) -> Option<PathBuf> {
    let is_spec = |path: &Path| names::is_spec(path) && path.is_file();
    if !side.typed.is_dir() && is_spec(&names::resolve(side.typed)) {
        return Some(side.typed.to_owned());
    }
    let path = Path::new(manifest.spec_path.as_deref()?);
    if !is_spec(path) {
        return None;
    }
    let name = path
        .strip_prefix(ROOT)
        .ok()
        .map(|name| name.with_extension(""));
    let name = name.filter(|name| names::resolve(name) == path);
    Some(name.unwrap_or_else(|| path.to_owned()))
}

/// Quotes an argument for a shell, if it needs that.
fn quoted(text: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "-._/=,:+@%".contains(c);
    if !text.is_empty() && text.chars().all(is_plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_sides_get_the_same_seeds() {
        for (a, b, expected) in [
            (&[0][..], &[0][..], &[0, 1, 2, 3, 4][..]),
            (&[7], &[1, 7], &[0, 1, 2, 3, 7]),
            (&[0, 1, 2], &[0], &[0, 1, 2]),
            (&[3, 4], &[5], &[3, 4, 5]),
            (&[], &[9], &[0, 1, 2, 3, 9]),
        ] {
            assert_eq!(wanted(a, b), expected, "{a:?} {b:?}");
        }
    }

    #[test]
    fn arguments_are_quoted_for_a_shell() {
        for (text, expected) in [
            ("paper/slp", "paper/slp"),
            ("train.epochs=2", "train.epochs=2"),
            ("model.hidden=[]", "'model.hidden=[]'"),
            ("title=It's", "'title=It'\\''s'"),
            ("a b", "'a b'"),
            ("", "''"),
        ] {
            assert_eq!(quoted(text), expected);
        }
    }

    #[test]
    fn enough_seeds_need_no_advice() {
        let side = |letter: char, seeds: &[u64]| Compared {
            letter,
            typed: Path::new("x"),
            folder: Path::new("nowhere/x"),
            seeds: seeds.to_vec(),
        };
        let enough = advice(&[side('A', &[0, 1, 2]), side('B', &[3, 4, 5])]);
        assert_eq!(enough, Advice::default());
        assert_eq!(enough.text() + &enough.markdown() + &enough.latex(), "");
        let short = advice(&[side('A', &[0, 1, 2]), side('B', &[0])]);
        let says = "No test: it needs at least 3 seeds per side; A has 3, B has 1. To add seeds:";
        let command = "backquery run SPEC_OF_B --seed 0-2";
        assert_eq!(short.text(), format!("\n{says}\n  {command}"));
        assert_eq!(short.latex(), format!("\n% {says}\n%   {command}"));
        assert_eq!(
            short.markdown(),
            format!("\n\n{says}\n\n```sh\n{command}\n```")
        );
    }
}
