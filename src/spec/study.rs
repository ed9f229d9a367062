//! What one file asks for: an experiment, a sweep of experiments that differ in
//! some keys, or a comparison of the experiments of other files.
//!
//! A file with a `base` says only what it changes in another one: tables are
//! laid over each other key by key, lists as a whole.

use std::cell::RefCell;
use std::path::{Path, PathBuf};

use super::compare::{self, Compare};
use super::fault::{Faults, File, SpecError};
use super::figure::{self, Figure};
use super::invert::Inversion;
use super::reader::Reader;
use super::sweep::{self, Axis, combinations};
use super::tree::{self, Node, Place};
use super::{LoadError, SEEDS, Spec, read, seeds};
use crate::io::{self, IoError};

/// What one file asks for.
#[derive(Debug, Clone, PartialEq)]
pub struct Study {
    /// What it is, in one line.
    pub title: String,
    /// The experiments, at least one.
    pub members: Vec<Member>,
    /// What is set side by side, if the members are those of other files.
    pub compare: Option<Compare>,
    /// Those of all replicates and members together.
    pub figures: Vec<Figure>,
}

/// One experiment of a study.
#[derive(Debug, Clone, PartialEq)]
pub struct Member {
    /// The swept keys with its values, as tables show them; in a comparison its
    /// name under the key `experiment`; nothing if it is alone.
    pub at: Vec<(String, String)>,
    /// The file it is the experiment of.
    pub path: PathBuf,
    /// What it is.
    pub spec: Spec,
}

impl Member {
    /// What sets it apart from the others: `slp`, `train.epochs=50`.
    #[must_use]
    pub fn label(&self) -> String {
        label(&self.at)
    }
}

/// How many files may lean on each other.
const DEEPEST: usize = 8;

/// The files of one study, and what is wrong with them.
struct Files<'a> {
    /// Reads a file; tests have them in memory.
    open: &'a dyn Fn(&Path) -> Result<String, IoError>,
    read: RefCell<Vec<File>>,
    faults: &'a Faults,
    sets: &'a [String],
}

impl Study {
    /// Reads a spec file with `key=value` overrides laid over it.
    ///
    /// # Errors
    /// If the file cannot be read, or with all its faults if it has any.
    pub fn load(path: &Path, sets: &[String]) -> Result<Self, LoadError> {
        let text = io::read_to_string(path)?;
        Ok(Self::read(path, &text, sets, &io::read_to_string)?)
    }

    /// Reads the text of a spec; `file` is the name that faults carry. Files
    /// that it names are not read.
    ///
    /// # Errors
    /// With all faults of the text and the overrides.
    pub fn parse(file: &str, text: &str, sets: &[String]) -> Result<Self, SpecError> {
        let nowhere = |path: &Path| {
            let error = std::io::ErrorKind::NotFound;
            Err(io::at("read", path)(error.into()))
        };
        Self::read(Path::new(file), text, sets, &nowhere)
    }

    fn read(
        path: &Path,
        text: &str,
        sets: &[String],
        open: &dyn Fn(&Path) -> Result<String, IoError>,
    ) -> Result<Self, SpecError> {
        let faults = Faults::default();
        let files = Files {
            open,
            read: RefCell::default(),
            faults: &faults,
            sets,
        };
        let study = files
            .tree(path, text.to_owned())
            .and_then(|tree| files.study(path, tree));
        let files = files.read.into_inner();
        match study {
            Some(study) if faults.is_empty() => Ok(study),
            _ => Err(faults.into_error(&files, sets)),
        }
    }
}

impl Files<'_> {
    /// Parses a file of the study.
    fn tree(&self, path: &Path, text: String) -> Option<Node> {
        let name = path.display().to_string();
        let mut files = self.read.borrow_mut();
        // Several experiments of a sweep may lean on the same file.
        let known = files.iter().position(|file| file.name == name);
        let index = known.unwrap_or(files.len());
        let parsed = tree::parse(&text, index);
        if known.is_none() {
            files.push(File { name, text });
        }
        match parsed {
            Ok(tree) => Some(tree),
            Err(found) => {
                for (place, message) in found {
                    self.faults.add(place, message);
                }
                None
            }
        }
    }

    /// Another file, named in the spec at this place.
    fn other(&self, path: &Path, place: Place) -> Option<Node> {
        match (self.open)(path) {
            Ok(text) => self.tree(path, text),
            Err(error) => {
                let message = format!("there is no spec `{}` ({error})", path.display());
                self.faults.add(place, message);
                None
            }
        }
    }

    fn study(&self, path: &Path, tree: Node) -> Option<Study> {
        if tree.has("compare") {
            return self.comparison(path, &tree);
        }
        let members = self.members(path, tree)?;
        let first = members.first()?;
        let all = |figure: &&Figure| figure.kind.is_of_all_replicates();
        Some(Study {
            title: first.spec.title.clone(),
            figures: first.spec.figures.iter().filter(all).cloned().collect(),
            compare: None,
            members,
        })
    }

    /// The experiments of a file without `[compare]`.
    fn members(&self, path: &Path, mut tree: Node) -> Option<Vec<Member>> {
        for (index, set) in self.sets.iter().enumerate() {
            // What decides which tree the others are laid over.
            if (set.starts_with("base=") || set.starts_with("sweep"))
                && let Err(message) = tree::set(&mut tree, set, index)
            {
                self.faults.add(Place::Set(index), message);
            }
        }
        let axes = sweep::take(&mut tree, self.faults);
        let (own, across): (Vec<Axis>, Vec<Axis>) = axes
            .into_iter()
            .partition(|axis| axis.inversion().is_some());
        let across: Vec<&Axis> = across.iter().collect();
        let keys: Vec<String> = across.iter().map(|axis| axis.key()).collect();
        let mut members: Vec<Member> = Vec::new();
        for combination in combinations(&across) {
            let varied = self.vary(path, &tree, &combination)?;
            let mut spec = read(&varied, (&own, &keys), self.faults)?;
            let at = |(axis, value): &(&Axis, &Node)| {
                let value = value.value.label();
                (axis.key(), value.trim_end_matches(".toml").to_owned())
            };
            let at: Vec<(String, String)> = combination.iter().map(at).collect();
            spec.label = label(&at);
            if let Some((axis, _)) = combination.first()
                && members.iter().any(|other| other.spec.label == spec.label)
            {
                let message = format!("two experiments of the sweep are `{}`", spec.label);
                self.faults.add(axis.place, message);
            }
            let path = path.to_owned();
            members.push(Member { at, path, spec });
        }
        Some(members)
    }

    /// The tree of one experiment: its base, the file, `--set`, the sweep, each
    /// laid over those before.
    fn vary(&self, path: &Path, tree: &Node, values: &[(&Axis, &Node)]) -> Option<Node> {
        let is_base = |axis: &Axis| axis.key() == "base";
        let put = |tree: &mut Node, (axis, value): &(&Axis, &Node)| {
            let keys: Vec<&str> = axis.keys.iter().map(String::as_str).collect();
            if let Err(message) = tree::put(tree, &keys, (*value).clone()) {
                self.faults.add(axis.place, message);
            }
        };
        let mut varied = tree.clone();
        for value in values.iter().filter(|(axis, _)| is_base(axis)) {
            put(&mut varied, value);
        }
        let mut varied = self.inherit(path, varied, 0)?;
        for (index, set) in self.sets.iter().enumerate() {
            if set.starts_with("base=") || set.starts_with("sweep") {
                continue;
            }
            if let Err(message) = tree::set(&mut varied, set, index) {
                self.faults.add(Place::Set(index), message);
            }
        }
        for value in values.iter().filter(|(axis, _)| !is_base(axis)) {
            put(&mut varied, value);
        }
        Some(varied)
    }

    /// A tree laid over its base, if it has one.
    fn inherit(&self, path: &Path, mut own: Node, depth: usize) -> Option<Node> {
        let Some(node) = own.take("base") else {
            return Some(own);
        };
        let Some(name) = node.text() else {
            let shown = node.value.show();
            let message = format!("`base` must be the path of a spec, got {shown}");
            self.faults.add(node.place, message);
            return None;
        };
        if depth == DEEPEST {
            self.faults.add(node.place, "`base` leads in a circle");
            return None;
        }
        let path = beside(path, name);
        let base = self.other(&path, node.place)?;
        let mut base = self.inherit(&path, base, depth + 1)?;
        base.take("sweep");
        // What draws or walks inversions means those of its own file.
        if own.has("invert") {
            for key in ["figure", "limit"] {
                base.take(key);
            }
        }
        tree::overlay(&mut base, own);
        Some(base)
    }

    fn comparison(&self, path: &Path, tree: &Node) -> Option<Study> {
        let root = Reader::new(tree, "", self.faults)?;
        let title = root.require("title", "a line of text", |v| v.text().map(str::to_owned));
        root.get("source", "a line of text", |v| v.text().map(str::to_owned));
        let own_seeds = root.get("seeds", SEEDS, seeds);
        let table = root.require_table("compare")?;
        let mut members = Vec::new();
        for name in compare::experiments(&table) {
            let place = table
                .node("experiments")
                .map_or(tree.place, |node| node.place);
            members.push(self.compared(path, &name, place)?);
        }
        if let Some(seeds) = own_seeds
            && !self.sets.iter().any(|set| set.starts_with("seeds="))
        {
            for member in &mut members {
                member.spec.seeds.clone_from(&seeds);
            }
        }
        let mut inversions: Vec<Inversion> = Vec::new();
        for inversion in members.iter().flat_map(|member| &member.spec.inversions) {
            if inversions.iter().all(|known| known.name != inversion.name) {
                inversions.push(inversion.clone());
            }
        }
        let known = figure::Known {
            inversions: &inversions,
            swept: &[],
            compares: true,
        };
        let figures = figure::read(&root, &known);
        let compare = compare::read(&root, table, &members);
        root.finish();
        Some(Study {
            title: title?,
            members,
            compare: Some(compare),
            figures,
        })
    }

    /// The one experiment of another file.
    fn compared(&self, path: &Path, name: &str, place: Place) -> Option<Member> {
        let path = beside(path, &format!("{name}.toml"));
        let tree = self.other(&path, place)?;
        let compares = tree.has("compare");
        let mut members = if compares {
            Vec::new()
        } else {
            self.members(&path, tree)?
        };
        if let (Some(mut member), true) = (members.pop(), members.is_empty()) {
            member.at = vec![("experiment".to_owned(), name.to_owned())];
            return Some(member);
        }
        let message = format!("`{name}` must be a spec of one experiment to be compared");
        self.faults.add(place, message);
        None
    }
}

/// A path that is written relative to the folder of a spec.
fn beside(spec: &Path, path: &str) -> PathBuf {
    spec.parent().unwrap_or(Path::new("")).join(path)
}

/// What sets an experiment apart from others, by the keys and values in which it
/// differs from them; the names of specs go without a key.
#[must_use]
pub fn label(at: &[(String, String)]) -> String {
    let one = |(key, value): &(String, String)| match key.as_str() {
        "base" | "experiment" => value.clone(),
        _ => format!("{key}={value}"),
    };
    at.iter().map(one).collect::<Vec<_>>().join(",")
}
