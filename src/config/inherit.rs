//! `base`: a spec that says only what it changes in another one. Tables are laid over
//! each other key by key, lists as a whole.

use std::path::{Path, PathBuf};

use super::files::Files;
use super::study::without_steps_back;
use super::tree::{self, Node, Value};

/// Highest number of files that are laid over each other.
const MAX_BASES: usize = 8;

impl Files<'_> {
    /// True if the tree, or one that it is laid over, compares experiments.
    pub fn is_comparison(&self, path: &Path, tree: &Node, depth: usize) -> bool {
        if tree.has("compare") {
            return true;
        }
        let base = tree.get("base");
        let Some((node, name)) = base.and_then(|node| Some((node, path_in(node)?))) else {
            return false;
        };
        let path = beside(path, name);
        // A circle is reported where bases are laid under each other.
        depth < MAX_BASES
            && self
                .other(&path, node.place)
                .is_some_and(|base| self.is_comparison(&path, &base, depth + 1))
    }

    /// A tree laid over its base, if it has one: a comparison over a comparison, an
    /// experiment over an experiment.
    pub fn inherit(&self, path: &Path, own: Node, compares: bool) -> Option<Node> {
        self.inherit_from(path, own, compares, 0)
    }

    fn inherit_from(
        &self,
        path: &Path,
        mut own: Node,
        compares: bool,
        depth: usize,
    ) -> Option<Node> {
        let Some(node) = own.take("base") else {
            return Some(own);
        };
        let Some(name) = path_in(&node) else {
            let shown = node.value.show();
            let message = format!("`base` must be the path of a spec, got {shown}");
            self.faults.add(node.place, message);
            return None;
        };
        if depth == MAX_BASES {
            let message = format!("`base` leads in a circle, or over more than {MAX_BASES} specs");
            self.faults.add(node.place, message);
            return None;
        }
        let base_path = beside(path, name);
        let base = self.other(&base_path, node.place)?;
        if compares != self.is_comparison(&base_path, &base, depth + 1) {
            self.faults.add(node.place, misfit(compares));
            return None;
        }
        let mut base = self.inherit_from(&base_path, base, compares, depth + 1)?;
        leave_out(&mut base, &own);
        move_paths(&mut base, Path::new(name));
        tree::overlay(&mut base, own);
        Some(base)
    }
}

/// Message about a base of the other sort.
fn misfit(compares: bool) -> &'static str {
    if compares {
        "`base` must be a spec of a comparison, as this one is, not of an experiment"
    } else {
        "`base` must be a spec of an experiment, not of a comparison"
    }
}

/// The text of a path, not a list that was typed on the command line.
fn path_in(node: &Node) -> Option<&str> {
    let is_one = !matches!(node.value, Value::Array(_) | Value::Table(_));
    node.text().filter(|_| is_one)
}

/// Takes out of a base what is its own: its sweep and claims, and what shows
/// inversions or experiments if the tree laid over it has others.
fn leave_out(base: &mut Node, own: &Node) {
    base.take("sweep");
    base.take("claim");
    let has_experiments = own
        .get("compare")
        .is_some_and(|compare| compare.has("experiments"));
    if own.has("invert") {
        base.take("limit");
    }
    if own.has("invert") || has_experiments {
        base.take("figure");
    }
    if has_experiments {
        base.take("pair");
    }
}

/// Makes the paths of a base relative to the file that is laid over it.
fn move_paths(base: &mut Node, path: &Path) {
    let folder = path.parent().unwrap_or(Path::new(""));
    if folder == Path::new("") {
        return;
    }
    for key in ["file", "test_file", "folder", "test_folder"] {
        let node = base.get_mut("data").and_then(|data| data.get_mut(key));
        if let Some(node) = node {
            move_path(node, |file| folder.join(file));
        }
    }
    let compare = base.get_mut("compare");
    let experiments = compare.and_then(|compare| compare.get_mut("experiments"));
    for name in experiments.into_iter().flat_map(Node::items_mut) {
        move_path(name, |name| without_steps_back(&folder.join(name)));
    }
    for pair in base.get_mut("pair").into_iter().flat_map(Node::items_mut) {
        for end in ["a", "b"] {
            let name = pair.get_mut(end).and_then(|end| end.get_mut("experiment"));
            if let Some(name) = name {
                move_path(name, |name| without_steps_back(&folder.join(name)));
            }
        }
    }
}

fn move_path(node: &mut Node, moved: impl Fn(&str) -> PathBuf) {
    if let Some(path) = node.text() {
        node.value = Value::String(moved(path).display().to_string());
    }
}

/// A path that is written relative to the folder of a spec, without steps back.
pub fn beside(spec: &Path, path: &str) -> PathBuf {
    without_steps_back(&spec.parent().unwrap_or(Path::new("")).join(path))
}
