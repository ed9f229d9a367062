//! The files of one study, and the experiments that they make.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::path::{Path, PathBuf};

use super::DataSource;
use super::bounds;
use super::claim;
use super::compare::is_of_comparisons;
use super::fault::{Faults, File};
use super::figure::Figure;
use super::fit;
use super::reader::Reader;
use super::set;
use super::spec::{Spec, read};
use super::study::{Member, StudySpec, label, without_steps_back};
use super::sweep::{self, SweepAxis, combinations};
use super::tree::{self, Node, Place};
use crate::data::Label;
use crate::io::IoError;

/// The longest name that every file system has room for, with something to spare.
const MAX_FOLDER_LEN: usize = 200;

/// Files that a spec names; tests have them in memory.
#[derive(Clone, Copy)]
pub struct FileAccess<'a> {
    /// Reads a spec.
    pub open: &'a dyn Fn(&Path) -> Result<Vec<u8>, IoError>,
    /// Lists the labels of a data set, in ascending order; its paths are relative to this
    /// folder.
    pub labels: &'a dyn Fn(&DataSource, &Path) -> FoundLabels,
}

/// Labels that a data set was found to have, or the reason why they are unknown.
type FoundLabels = Result<Vec<Label>, String>;

/// The files of one study, and what is wrong with them.
pub struct Files<'a> {
    access: FileAccess<'a>,
    /// Labels by data set and folder: the experiments of a sweep share them.
    labels: RefCell<Vec<(DataSource, PathBuf, FoundLabels)>>,
    read: RefCell<Vec<File>>,
    /// The tree of each file, none if it is not a spec: several experiments of a sweep
    /// may be laid over the same one.
    trees: RefCell<BTreeMap<PathBuf, Option<Node>>>,
    pub faults: &'a Faults,
    pub sets: &'a [String],
    /// True once it is known that the study compares others.
    pub compares: Cell<bool>,
}

impl<'a> Files<'a> {
    /// No files yet.
    pub fn new(access: FileAccess<'a>, faults: &'a Faults, sets: &'a [String]) -> Self {
        Self {
            access,
            labels: RefCell::default(),
            read: RefCell::default(),
            trees: RefCell::default(),
            faults,
            sets,
            compares: Cell::new(false),
        }
    }

    /// All files that were read.
    pub fn read(self) -> Vec<File> {
        self.read.into_inner()
    }

    /// Parses a file of the study.
    pub fn parse(&self, path: &Path, bytes: Vec<u8>) -> Option<Node> {
        let index = self.read.borrow().len();
        let (text, parsed) = match String::from_utf8(bytes) {
            Ok(text) => {
                let parsed = tree::parse(&text, index);
                (text, parsed)
            }
            Err(error) => {
                let offset = error.utf8_error().valid_up_to();
                let message = format!("byte 0x{:02x} is not UTF-8 text", error.as_bytes()[offset]);
                let text = String::from_utf8_lossy(error.as_bytes()).into_owned();
                (text, Err(vec![(Place::File(index, offset), message)]))
            }
        };
        let is_toml = path.extension().is_some_and(|ending| ending == "toml");
        self.read.borrow_mut().push(File {
            name: path.display().to_string(),
            text,
            // The first one is the user's own; others are what it names.
            is_quoted: is_toml && (index == 0 || parsed.is_ok()),
        });
        let tree = match parsed {
            Ok(tree) => bounds::check(&tree, self.faults).then_some(tree),
            Err(found) => {
                for (place, message) in found {
                    self.faults.add(place, message);
                }
                None
            }
        };
        let path = without_steps_back(path);
        self.trees.borrow_mut().insert(path, tree.clone());
        tree
    }

    /// Reads another file, named in the spec at this place.
    pub fn other(&self, path: &Path, place: Place) -> Option<Node> {
        if let Some(tree) = self.trees.borrow().get(path) {
            return tree.clone();
        }
        match (self.access.open)(path) {
            Ok(bytes) => self.parse(path, bytes),
            Err(error) if error.is_not_found() => {
                let message = format!("there is no spec `{}`", path.display());
                self.faults.add(place, message);
                None
            }
            Err(error) => {
                let cause = error.source().map_or_else(String::new, ToString::to_string);
                self.faults.add(place, format!("{error}: {cause}"));
                None
            }
        }
    }

    /// The study of the file that was named on the command line.
    pub fn study(&self, path: &Path, mut tree: Node) -> Option<StudySpec> {
        self.lay_sets(&mut tree, &|key| key == "base");
        if self.is_comparison(path, &tree, 0) {
            return self.comparison(path, tree);
        }
        let members = self.members(path, tree.clone())?;
        let first = members.first()?;
        let root = Reader::new(&tree, "", self.faults)?;
        let claims = claim::read(&root, &members);
        let figures = first.spec.figures.iter().filter_map(Figure::of_study);
        Some(StudySpec {
            title: first.spec.title.clone(),
            figures: figures.cloned().collect(),
            compare: None,
            seeds: None,
            claims,
            members,
        })
    }

    /// Lays the overrides of the keys that pass a test over a tree.
    pub fn lay_sets(&self, tree: &mut Node, is_meant: &dyn Fn(&str) -> bool) {
        for (index, option) in self.sets.iter().enumerate() {
            if is_meant(set::key_of(option))
                && let Err(message) = set::set(tree, option, index)
            {
                self.faults.add(Place::Set(index), message);
            }
        }
    }

    /// The experiments of a file without `[compare]`.
    pub fn members(&self, path: &Path, mut tree: Node) -> Option<Vec<Member>> {
        self.lay_sets(&mut tree, &is_of_sweeps);
        let axes = sweep::take(&mut tree, self.faults);
        let (own, across): (Vec<SweepAxis>, Vec<SweepAxis>) = axes
            .into_iter()
            .partition(|axis| axis.inversion().is_some());
        for axis in own.iter().chain(&across) {
            self.check_not_set(axis);
        }
        let across: Vec<&SweepAxis> = across.iter().collect();
        let keys: Vec<String> = across.iter().map(|axis| axis.key()).collect();
        let mut laid: BTreeMap<String, Option<Node>> = BTreeMap::new();
        let mut folders = BTreeSet::new();
        let mut members: Vec<Member> = Vec::new();
        let mut first: Option<Node> = None;
        for combination in combinations(&across) {
            let base = combination.iter().find(|(axis, _)| is_base(axis));
            let name = base.map_or_else(String::new, |(_, value)| value.value.label());
            let laid = laid
                .entry(name)
                .or_insert_with(|| self.lay(path, &tree, &combination));
            let varied = self.vary(laid.clone()?, &combination);
            let labels = |source: &DataSource| self.labels(source, path);
            let spec = read(&varied, &own, &keys, &labels, self.faults)?;
            fit::check_data(&varied, &spec, self.faults);
            first.get_or_insert(varied);
            let member = member(path, &combination, spec);
            if let Some((axis, _)) = combination.first() {
                self.check_folder(member.folder(), &mut folders, axis.place);
            }
            members.push(member);
            // The others have the same ones.
            if self.faults.are_many() {
                return None;
            }
        }
        if let Some(tree) = &first {
            fit::check_metrics(tree, &members, self.faults);
        }
        Some(members)
    }

    /// Labels of a data set of the spec at this path.
    fn labels(&self, source: &DataSource, path: &Path) -> FoundLabels {
        let folder = path.parent().unwrap_or(Path::new(""));
        let mut found = self.labels.borrow_mut();
        let known = found
            .iter()
            .find(|(known, at, _)| known == source && at == folder);
        if let Some((_, _, labels)) = known {
            return labels.clone();
        }
        let labels = (self.access.labels)(source, folder);
        found.push((source.clone(), folder.to_owned(), labels.clone()));
        labels
    }

    /// Reports overrides of keys that are swept.
    fn check_not_set(&self, axis: &SweepAxis) {
        let swept = axis.keys.join(".");
        for (index, option) in self.sets.iter().enumerate() {
            if set::key_of(option) == swept {
                let message = format!("`{swept}` is swept; set `sweep.{swept}`, a list");
                self.faults.add(Place::Set(index), message);
            }
        }
    }

    /// Every experiment of a sweep has a folder of its own.
    fn check_folder(&self, folder: String, others: &mut BTreeSet<String>, place: Place) {
        if folder.len() > MAX_FOLDER_LEN {
            let message = format!(
                "an experiment of the sweep would have a name of more than {MAX_FOLDER_LEN} letters"
            );
            self.faults.add(place, message);
        } else if others.contains(&folder) {
            let message = format!("two experiments of the sweep would be called `{folder}`");
            self.faults.add(place, message);
        } else {
            others.insert(folder);
        }
    }

    /// The tree that all experiments with the same base have in common: the base, the
    /// file, `--set`, each laid over those before.
    fn lay(&self, path: &Path, tree: &Node, values: &[(&SweepAxis, &Node)]) -> Option<Node> {
        let mut tree = tree.clone();
        for (axis, value) in values.iter().filter(|(axis, _)| is_base(axis)) {
            self.put(&mut tree, axis, value);
        }
        let mut tree = self.inherit(path, tree, false)?;
        let compares = self.compares.get();
        self.lay_sets(&mut tree, &|key| {
            !(key == "base" || is_of_sweeps(key) || compares && is_of_comparisons(key))
        });
        bounds::check(&tree, self.faults).then_some(tree)
    }

    /// The tree of one experiment of the sweep.
    fn vary(&self, mut tree: Node, values: &[(&SweepAxis, &Node)]) -> Node {
        for (axis, value) in values.iter().filter(|(axis, _)| !is_base(axis)) {
            self.put(&mut tree, axis, value);
        }
        tree
    }

    fn put(&self, tree: &mut Node, axis: &SweepAxis, value: &Node) {
        let keys: Vec<&str> = axis.keys.iter().map(String::as_str).collect();
        if let Err(message) = set::put(tree, &keys, value.clone()) {
            self.faults.add(axis.place, message);
        }
    }
}

/// The experiment of one combination of a sweep.
fn member(path: &Path, combination: &[(&SweepAxis, &Node)], mut spec: Spec) -> Member {
    let at: Vec<(String, String)> = combination.iter().map(at).collect();
    spec.label = label(&at);
    let path = path.to_owned();
    Member { at, path, spec }
}

/// Bases are known by the names of their files.
fn is_base(axis: &SweepAxis) -> bool {
    axis.key() == "base"
}

/// A swept key with its value, as tables show them.
fn at((axis, value): &(&SweepAxis, &Node)) -> (String, String) {
    let value = value.value.label();
    let value = if is_base(axis) { stem(&value) } else { value };
    (axis.key(), value)
}

fn stem(path: &str) -> String {
    let stem = Path::new(path).file_stem();
    stem.map_or_else(
        || path.to_owned(),
        |stem| stem.to_string_lossy().into_owned(),
    )
}

/// True if `--set` of this key changes what makes several experiments out of a spec.
fn is_of_sweeps(key: &str) -> bool {
    key == "sweep" || key.starts_with("sweep.")
}
