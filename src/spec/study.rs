//! What one file asks for: an experiment, a sweep of experiments that differ in
//! some keys, or a comparison of the experiments of other files.
//!
//! A file with a `base` says only what it changes in another one: tables are
//! laid over each other key by key, lists as a whole.

use std::cell::{Cell, RefCell};
use std::path::{Component, Path, PathBuf};

use super::claim::{self, Claim};
use super::compare::{Compare, is_of_comparisons};
use super::fault::{Faults, File, SpecError};
use super::figure::Figure;
use super::reader::Reader;
use super::sweep::{self, Axis, combinations};
use super::tree::{self, Node, Place, Value};
use super::{LoadError, Spec, read};
use crate::escape;
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
    /// `[[claim]]`, in the order of the file: those of this file alone, not of
    /// one that it is laid over.
    pub claims: Vec<Claim>,
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

    /// Its label without what the name of a folder should not have.
    #[must_use]
    pub fn folder(&self) -> String {
        let plain = |c: char| c.is_ascii_alphanumeric() || "-_.=,+[]{}".contains(c);
        let label = self.label();
        let name: String = label
            .chars()
            .map(|c| if plain(c) { c } else { '_' })
            .collect();
        // A dot in front hides a folder.
        match name.strip_prefix('.') {
            Some(rest) => format!("_{rest}"),
            None => name,
        }
    }
}

/// The longest name that every file system has room for, with something to spare.
const LONGEST: usize = 200;

/// How many files may lean on each other.
const DEEPEST: usize = 8;

/// The files of one study, and what is wrong with them.
pub(super) struct Files<'a> {
    /// Reads a file; tests have them in memory.
    open: &'a dyn Fn(&Path) -> Result<String, IoError>,
    read: RefCell<Vec<File>>,
    pub(super) faults: &'a Faults,
    pub(super) sets: &'a [String],
    /// True once it is known that the study compares others.
    pub(super) compares: Cell<bool>,
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
            compares: Cell::new(false),
        };
        for (index, set) in sets.iter().enumerate() {
            if tree::key_of(set).split('.').next() == Some("claim") {
                let message = "claims are what the source says: change them in the spec";
                faults.add(Place::Set(index), message);
            }
        }
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
    pub(super) fn other(&self, path: &Path, place: Place) -> Option<Node> {
        match (self.open)(path) {
            Ok(text) => self.tree(path, text),
            Err(error) => {
                let message = format!("there is no spec `{}` ({error})", escape::path(path));
                self.faults.add(place, message);
                None
            }
        }
    }

    fn study(&self, path: &Path, tree: Node) -> Option<Study> {
        if tree.has("compare") {
            return self.comparison(path, tree);
        }
        let members = self.members(path, tree.clone())?;
        let first = members.first()?;
        let root = Reader::new(&tree, "", self.faults)?;
        let claims = claim::read(&root, &members);
        let all = |figure: &&Figure| figure.kind.is_of_all_replicates();
        Some(Study {
            title: first.spec.title.clone(),
            figures: first.spec.figures.iter().filter(all).cloned().collect(),
            compare: None,
            claims,
            members,
        })
    }

    /// The experiments of a file without `[compare]`.
    pub(super) fn members(&self, path: &Path, mut tree: Node) -> Option<Vec<Member>> {
        for (index, set) in self.sets.iter().enumerate() {
            // What decides which tree the others are laid over.
            if is_of_studies(set)
                && let Err(message) = tree::set(&mut tree, set, index)
            {
                self.faults.add(Place::Set(index), message);
            }
        }
        let axes = sweep::take(&mut tree, self.faults);
        let (own, across): (Vec<Axis>, Vec<Axis>) = axes
            .into_iter()
            .partition(|axis| axis.inversion().is_some());
        for axis in own.iter().chain(&across) {
            self.check_not_set(axis);
        }
        let across: Vec<&Axis> = across.iter().collect();
        let keys: Vec<String> = across.iter().map(|axis| axis.key()).collect();
        let mut members: Vec<Member> = Vec::new();
        for combination in combinations(&across) {
            let varied = self.vary(path, &tree, &combination)?;
            let mut spec = read(&varied, (&own, &keys), self.faults)?;
            let at = |(axis, value): &(&Axis, &Node)| {
                let value = value.value.label();
                let value = if is_base(axis) { stem(&value) } else { value };
                (axis.key(), value)
            };
            let at: Vec<(String, String)> = combination.iter().map(at).collect();
            spec.label = label(&at);
            let path = path.to_owned();
            let member = Member { at, path, spec };
            if let Some((axis, _)) = combination.first() {
                self.check_folder(&member, &members, axis.place);
            }
            members.push(member);
        }
        Some(members)
    }

    /// What is swept has its values from there.
    fn check_not_set(&self, axis: &Axis) {
        let swept = axis.keys.join(".");
        for (index, set) in self.sets.iter().enumerate() {
            if tree::key_of(set) == swept {
                let message = format!("`{swept}` is swept; set `sweep.{swept}`, a list");
                self.faults.add(Place::Set(index), message);
            }
        }
    }

    /// Every experiment of a sweep has a folder of its own.
    fn check_folder(&self, member: &Member, others: &[Member], place: Place) {
        let folder = member.folder();
        let message = if others.iter().any(|other| other.folder() == folder) {
            format!("two experiments of the sweep would be called `{folder}`")
        } else if folder.len() > LONGEST {
            format!("an experiment of the sweep would have a name of more than {LONGEST} letters")
        } else {
            return;
        };
        self.faults.add(place, message);
    }

    /// The tree of one experiment: its base, the file, `--set`, the sweep, each
    /// laid over those before.
    fn vary(&self, path: &Path, tree: &Node, values: &[(&Axis, &Node)]) -> Option<Node> {
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
            if is_of_studies(set) || self.compares.get() && is_of_comparisons(set) {
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
            let message = format!("`base` leads in a circle, or over more than {DEEPEST} specs");
            self.faults.add(node.place, message);
            return None;
        }
        let base_path = beside(path, name);
        let base = self.other(&base_path, node.place)?;
        if base.has("compare") {
            let message = "`base` must be a spec of an experiment, not of a comparison";
            self.faults.add(node.place, message);
            return None;
        }
        let mut base = self.inherit(&base_path, base, depth + 1)?;
        base.take("sweep");
        base.take("claim");
        move_files(&mut base, Path::new(name));
        // What draws or walks inversions means those of its own file.
        if own.has("invert") {
            for key in ["figure", "limit"] {
                base.take(key);
            }
        }
        tree::overlay(&mut base, own);
        Some(base)
    }
}

/// Bases are known by the names of their files.
fn is_base(axis: &Axis) -> bool {
    axis.key() == "base"
}

fn stem(path: &str) -> String {
    let stem = Path::new(path).file_stem();
    stem.map_or_else(
        || path.to_owned(),
        |stem| stem.to_string_lossy().into_owned(),
    )
}

/// True if `--set` changes what makes experiments out of a spec.
fn is_of_studies(set: &str) -> bool {
    let key = tree::key_of(set);
    key == "base" || key == "sweep" || key.starts_with("sweep.")
}

/// Files named in a base lie where it lies, whoever is laid over it.
fn move_files(base: &mut Node, path: &Path) {
    let folder = path.parent().unwrap_or(Path::new(""));
    for key in ["file", "test_file", "folder"] {
        let node = base.get_mut("data").and_then(|data| data.get_mut(key));
        if let Some(node) = node
            && let Some(file) = node.text()
        {
            node.value = Value::String(folder.join(file).display().to_string());
        }
    }
}

/// A path that is written relative to the folder of a spec, without steps back.
pub(super) fn beside(spec: &Path, path: &str) -> PathBuf {
    without_steps_back(&spec.parent().unwrap_or(Path::new("")).join(path))
}

/// `a/b/../c` is `a/c`; what leads out of the beginning stays.
#[must_use]
pub fn without_steps_back(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        let is_folder = matches!(plain.components().next_back(), Some(Component::Normal(_)));
        match part {
            Component::CurDir => {}
            Component::ParentDir if is_folder => {
                plain.pop();
            }
            _ => plain.push(part),
        }
    }
    plain
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
