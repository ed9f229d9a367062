//! Runs an experiment again and holds what comes out against published results.

use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use super::context::Context;
use super::differences::{Difference, Strictness, compare};
use super::error::{RunError, chain};
use super::event::Event;
use super::experiment::{Experiment, Study};
use super::machine::machine;
use super::manifest::spec;
use super::run::{Replicates, SUMMARY};
use crate::digest::sha256;
use crate::io;
use crate::report::{differences, published_seeds, shown};
use crate::store::{MANIFEST, Manifest, StudyManifest, place};

/// What came out of one replicate.
#[derive(Debug, Clone, Default)]
pub struct Verified {
    /// Which replicate; none for what all of a study say together.
    pub seed: Option<u64>,
    /// How it was compared, and why so.
    pub how: String,
    /// How many files were compared.
    pub compared: usize,
    /// Files that nothing could be said of.
    pub skipped: Vec<String>,
    /// All that differs.
    pub differences: Vec<Difference>,
}

/// Runs the published replicates of an experiment into the folder of `context`,
/// which should be empty, and compares: byte for byte if they were made on such
/// a machine and device, else within tolerances. Nothing comes out if nothing
/// is published.
///
/// # Errors
/// If a run fails, or the results of it cannot be read.
pub fn verify(
    experiment: &Experiment,
    context: &Context,
    published: &Path,
    on_event: &dyn Fn(Event<'_>),
) -> Result<Vec<Verified>, RunError> {
    let published_seeds = published_seeds(&published.join(&experiment.name))?;
    let one = |&seed: &u64| replicate(experiment, context, seed, published, on_event);
    let verified: Result<Vec<_>, _> = published_seeds.iter().map(one).collect();
    let mut verified = verified?;
    if !verified.is_empty() {
        let missing = experiment.spec.seeds.iter();
        let missing = missing.filter(|seed| !published_seeds.contains(seed));
        verified.extend(missing.map(|&seed| unpublished(seed)));
    }
    Ok(verified)
}

/// Holds a published summary against its own manifest. What it says follows from
/// the replicates, which are run again; it is not. Nothing comes out if there is
/// none.
///
/// # Errors
/// If its manifest cannot be read.
pub fn verify_summary(study: &Study, published: &Path) -> Result<Option<Verified>, RunError> {
    let folder = published.join(&study.name).join(SUMMARY);
    if !folder.exists() {
        return Ok(None);
    }
    let manifest = StudyManifest::read(&folder)?;
    let mut files: Vec<(String, PathBuf, &String)> = Vec::new();
    for (name, digest) in &manifest.outputs {
        files.push((name.clone(), folder.join(name), digest));
    }
    if let Some(digest) = &manifest.page {
        let name = format!("{}.md", study.name);
        files.push((name.clone(), published.join(name), digest));
    }
    let is_altered = |path: &Path, digest: &str| {
        io::read(path).map_or(true, |bytes| sha256([&bytes[..]]) != *digest)
    };
    let altered = files
        .iter()
        .filter(|(_, path, digest)| is_altered(path, digest));
    let what = "is not what its manifest tells of: it was changed after it was published";
    let altered = altered.map(|(name, ..)| difference(name, what.to_owned()));
    Ok(Some(Verified {
        seed: None,
        how: "not made again: held against their digests".to_owned(),
        differences: altered.collect(),
        compared: files.len(),
        skipped: Vec::new(),
    }))
}

fn unpublished(seed: u64) -> Verified {
    let what = "is not there: the spec has this seed, the published results do not".to_owned();
    Verified {
        seed: Some(seed),
        how: "nothing to compare with".to_owned(),
        differences: vec![difference(&format!("seed-{seed}"), what)],
        ..Verified::default()
    }
}

fn replicate(
    experiment: &Experiment,
    context: &Context,
    seed: u64,
    published: &Path,
    on_event: &dyn Fn(Event<'_>),
) -> Result<Verified, RunError> {
    let folder = |root: &Path| place(&root.join(&experiment.name), seed);
    let (published, again) = (folder(published), folder(&context.out));
    let refused = |differences| Verified {
        seed: Some(seed),
        how: "not run: it would not be the same".to_owned(),
        differences,
        ..Verified::default()
    };
    let before = match Manifest::read(&published) {
        Ok(before) => before,
        Err(error) => return Ok(refused(vec![difference(MANIFEST, chain(&error))])),
    };
    let told = told_otherwise(&before, experiment, seed)?;
    if !told.is_empty() {
        return Ok(refused(told));
    }
    Replicates::of(experiment, context).run(seed, on_event)?;
    let now = Manifest::read(&again)?;
    let used = changes("data.", &before.data, &now.data);
    if !used.is_empty() {
        return Ok(refused(used));
    }
    compare_all(experiment, (&published, &before), (&again, &now))
}

/// The published results with their manifest against the rerun with its own.
fn compare_all(
    experiment: &Experiment,
    (published, before): (&Path, &Manifest),
    (again, now): (&Path, &Manifest),
) -> Result<Verified, RunError> {
    let same_machine = is_of_this_machine(before, now);
    let tolerance = |name: &str| experiment.spec.tolerance(name);
    let strictness = if same_machine {
        Strictness::Bytes
    } else {
        Strictness::Within(&tolerance)
    };
    let comparison = compare(published, again, &strictness)?;
    let mut differences = altered(published, before);
    differences.extend(comparison.differences);
    if same_machine {
        differences.extend(unseen(published, before, now));
    }
    if comparison.compared.is_empty() {
        let what = "is all there is: nothing was published to compare with".to_owned();
        differences.push(difference(MANIFEST, what));
    }
    Ok(Verified {
        seed: Some(before.seed),
        how: if same_machine {
            "byte for byte: the same kind of machine".to_owned()
        } else {
            format!("within tolerances: published from {}", makers(before))
        },
        compared: comparison.compared.len(),
        skipped: comparison.skipped,
        differences,
    })
}

fn difference(file: &str, what: String) -> Difference {
    let file = file.to_owned();
    Difference { file, what }
}

/// What the published run was told to do and this one is not. Which other seeds
/// it had and how tolerant a reader is changes nothing in a replicate.
fn told_otherwise(
    before: &Manifest,
    experiment: &Experiment,
    seed: u64,
) -> Result<Vec<Difference>, serde_json::Error> {
    let of_a_replicate = |mut spec: Map<String, Value>| {
        spec.remove("seeds");
        spec.remove("verify");
        spec
    };
    let now = of_a_replicate(spec(experiment, seed)?);
    if (&before.experiment, before.seed) != (&experiment.name, seed) {
        let what = format!("is that of {}, seed {}", before.experiment, before.seed);
        return Ok(vec![difference(MANIFEST, what)]);
    }
    let mut found = changes("", &of_a_replicate(before.spec.clone()), &now);
    if found.is_empty() && !before.overrides.is_empty() {
        let what = format!(
            "was published with `--set {}`",
            before.overrides.join(" --set ")
        );
        found.push(difference(MANIFEST, what));
    }
    Ok(found)
}

fn changes(prefix: &str, before: &Map<String, Value>, now: &Map<String, Value>) -> Vec<Difference> {
    let text = |key: &str, a: Option<&Value>, b: Option<&Value>| {
        let (a, b) = (shown(a), shown(b));
        let what = format!("`{prefix}{key}` was {a} when this was published and is {b} now");
        difference(MANIFEST, what)
    };
    let found = differences(before, now).into_iter();
    found
        .map(|d| text(&d.key, d.a.as_ref(), d.b.as_ref()))
        .collect()
}

/// Published files that are not those that their manifest tells of.
fn altered(published: &Path, before: &Manifest) -> Vec<Difference> {
    let is_altered = |(file, digest): &(&String, &String)| {
        io::read(&published.join(file)).is_ok_and(|bytes| sha256([&bytes[..]]) != **digest)
    };
    let what = "is not what its manifest tells of: it was changed after it was published";
    let files = before.outputs.iter().filter(is_altered);
    files
        .map(|(file, _)| difference(file, what.to_owned()))
        .collect()
}

/// Results of which only the digest is published. Pictures are compared by
/// their pixels, which a digest does not tell.
fn unseen(published: &Path, before: &Manifest, now: &Manifest) -> Vec<Difference> {
    let differs = |(file, digest): &(&String, &String)| {
        let is_picture = Path::new(file)
            .extension()
            .is_some_and(|ending| ending == "png");
        let is_there = published.join(file).exists();
        !is_picture && !is_there && now.outputs.get(*file) != Some(*digest)
    };
    let what = "comes out with another digest than its manifest has; the file is not published";
    let files = before.outputs.iter().filter(differs);
    files
        .map(|(file, _)| difference(file, what.to_owned()))
        .collect()
}

/// True if all stages were made on a machine like this one, on the device of the rerun.
fn is_of_this_machine(before: &Manifest, now: &Manifest) -> bool {
    let here = machine();
    let known = here["cpu"].is_string();
    let all = before.made_by.iter().all(|by| by["machine"] == here);
    let device = |of: &Manifest| (of.device.clone(), of.adapters.clone());
    known && all && !before.made_by.is_empty() && device(before) == device(now)
}

fn makers(before: &Manifest) -> String {
    let show = |by: &Value| {
        let part = |key: &str| by["machine"][key].as_str().unwrap_or("unknown").to_owned();
        format!("{} ({}, {})", part("cpu"), part("simd"), part("system"))
    };
    let mut machines: Vec<String> = before.made_by.iter().map(show).collect();
    machines.dedup();
    let name = |adapter: &Value| adapter["name"].as_str().unwrap_or("unknown").to_owned();
    let adapters: Vec<String> = before.adapters.iter().map(name).collect();
    let device = match &adapters[..] {
        [] => before.device.clone(),
        all => format!("{}, {}", before.device, all.join(" and ")),
    };
    format!("{} on the device {device}", machines.join(" and "))
}
