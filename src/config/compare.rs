//! `[compare]` and `[[pair]]`: experiments of other specs, side by side.

use std::collections::BTreeSet;
use std::path::Path;

use serde::Serialize;

use super::bounds;
use super::claim;
use super::figure::{self, ImageScale, StudyFigure, StudyFigureKind};
use super::files::Files;
use super::fit;
use super::form::{list, one_of_named, reference, sentence};
use super::inherit::beside;
use super::invert::Inversion;
use super::metric::{self, Metric};
use super::names::choices;
use super::reader::Reader;
use super::spec::{self, seeds};
use super::study::{Member, StudySpec};
use super::tree::{Node, Place};

/// Highest number of experiments: each is compared with the first.
const MAX_EXPERIMENTS: usize = 100;

/// Experiments of other specs, side by side.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Compare {
    /// Metrics in the table of pairs; empty without pairs.
    pub metrics: Vec<Metric>,
    /// `[[pair]]`, in the order of the file.
    pub pairs: Vec<InversionPair>,
}

/// Two inversions, of the same experiment or of two, that differ in one thing.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct InversionPair {
    /// Difference between the two.
    pub says: String,
    /// Inversion compared with.
    pub a: PairEnd,
    /// Inversion compared.
    pub b: PairEnd,
}

/// One end of a pair.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PairEnd {
    /// Position of the experiment among those compared.
    pub experiment: usize,
    /// Name of an inversion without a sweep.
    pub inversion: String,
    /// Label in a few words.
    pub is: String,
}

impl Files<'_> {
    /// Reads a file with `[compare]`.
    pub fn comparison(&self, path: &Path, tree: Node) -> Option<StudySpec> {
        self.compares.set(true);
        let mut tree = self.inherit(path, tree, true)?;
        // Seeds of the command line add to these: array jobs run one seed each.
        let seeds_of_file = tree
            .get("seeds")
            .and_then(|node| seeds().read("", node).ok());
        self.lay_sets(&mut tree, &is_of_comparisons);
        if !bounds::check(&tree, self.faults) {
            return None;
        }
        let root = Reader::new(&tree, "", self.faults)?;
        let title = spec::read_title(&root);
        spec::read_source(&root);
        let own_seeds = spec::read_seeds(&root);
        root.known("base");
        let table = root.required_section(
            "compare",
            "Experiments of other specs, side by \
             side. Such a spec is a comparison: it has no data, model, training and inversions \
             of its own",
        )?;
        let mut members = self.compared(path, &table)?;
        if let Some(seeds) = &own_seeds {
            for member in &mut members {
                member.spec.seeds.clone_from(seeds);
            }
        }
        let metrics = measured(&members);
        let context = figure::FigureContext {
            inversions: &together(&members),
            metrics: &metrics,
            swept: &[],
            layers: None,
        };
        let figures = figure::read_of_comparison(&root, &context);
        self.check_scales(&figures, &members, &root);
        fit::check_figures(&root, &figures, &members);
        let compare = read(&root, table, &members, &metrics);
        let claims = claim::read(&root, &members);
        root.finish();
        Some(StudySpec {
            title: title?,
            members,
            compare: Some(compare),
            seeds: seeds_of_file.map(|seeds| all_of(&seeds, &own_seeds.unwrap_or_default())),
            figures,
            claims,
        })
    }

    /// Reports grids with an experiment that does not have the inversion by which its
    /// scale goes.
    fn check_scales(&self, figures: &[StudyFigure], members: &[Member], root: &Reader<'_>) {
        for figure in figures {
            let (StudyFigureKind::Grid { grid, .. } | StudyFigureKind::Beside { grid, .. }) =
                &figure.kind
            else {
                continue;
            };
            let ImageScale::Like { inversion, .. } = &grid.scale else {
                continue;
            };
            for member in members {
                let has = |name: &String| member.spec.inversions.iter().any(|i| i.name == *name);
                if grid.rows.iter().any(has) && !has(inversion) {
                    let (label, name) = (member.label(), &figure.name);
                    let message = format!(
                        "`figure.{name}.scale.like` is {inversion:?}, which `{label}` lacks"
                    );
                    let figures = root.node("figure");
                    let place = figures.map_or(Place::File(0, 0), |node| node.place);
                    self.faults.add(place, message);
                }
            }
        }
    }

    /// Reads the experiments that are compared.
    fn compared(&self, path: &Path, table: &Reader<'_>) -> Option<Vec<Member>> {
        let names = experiments(table).unwrap_or_default();
        let place = table.place_of("experiments");
        let mut members: Vec<Member> = Vec::new();
        for name in names {
            let member = self.experiment(path, &name, place)?;
            if members.iter().any(|other| other.path == member.path) {
                let message = format!("`{name}` is listed twice; name each experiment once");
                self.faults.add(place, message);
            }
            members.push(member);
        }
        Some(members)
    }

    /// Reads the one experiment of another file.
    fn experiment(&self, path: &Path, name: &str, place: Place) -> Option<Member> {
        let path = beside(path, &format!("{name}.toml"));
        let tree = self.other(&path, place)?;
        let mut members = if self.is_comparison(&path, &tree, 0) {
            Vec::new()
        } else {
            let members = || self.members(&path, tree);
            self.faults.without_declarations(members)?
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

/// Seeds of both lists, ascending.
fn all_of(some: &[u64], others: &[u64]) -> Vec<u64> {
    let all: BTreeSet<u64> = some.iter().chain(others).copied().collect();
    all.into_iter().collect()
}

/// True if `--set` of this key on a comparison changes the comparison, not what it
/// compares.
pub fn is_of_comparisons(key: &str) -> bool {
    let section = key.split('.').next();
    let own = [
        "title", "source", "seeds", "compare", "figure", "figures", "pair",
    ];
    section.is_some_and(|section| own.contains(&section))
}

/// Metrics that any of these measures, in the order of tables.
fn measured(members: &[Member]) -> Vec<Metric> {
    let is_measured = |metric: &Metric| {
        let mut specs = members.iter().map(|member| &member.spec);
        specs.any(|spec| spec.metrics.contains(metric))
    };
    Metric::ALL.into_iter().filter(is_measured).collect()
}

/// Inversions that any of these has; swept if it is in one of them.
fn together(members: &[Member]) -> Vec<Inversion> {
    let mut all: Vec<Inversion> = Vec::new();
    for inversion in members.iter().flat_map(|member| &member.spec.inversions) {
        match all.iter_mut().find(|known| known.name == inversion.name) {
            Some(known) if known.sweep.is_empty() => known.clone_from(inversion),
            Some(_) => {}
            None => all.push(inversion.clone()),
        }
    }
    all
}

/// Reads the names of the experiments, as paths without their ending.
fn experiments(table: &Reader<'_>) -> Option<Vec<String>> {
    let text = format!(
        "a list of at least two different specs, at most {MAX_EXPERIMENTS}, such as [\"slp\", \"mlp\"]"
    );
    let names = list(text, 2..=MAX_EXPERIMENTS, reference("")).distinct();
    table
        .key(
            "experiments",
            names,
            "Specs beside this one, without `.toml`",
        )
        .required()
}

/// Reads the rest of `[compare]`, and `[[pair]]`.
fn read(root: &Reader<'_>, table: Reader<'_>, members: &[Member], measured: &[Metric]) -> Compare {
    let tables = root.sections("pair", "Two inversions that differ in one thing");
    let metrics = if tables.is_empty() {
        None
    } else {
        metric::require_some(&table, "metrics", measured, "Metrics in the table of pairs")
    };
    let pairs = tables.into_iter();
    let compare = Compare {
        metrics: metrics.unwrap_or_default(),
        pairs: pairs.filter_map(|table| pair(table, members)).collect(),
    };
    check_metrics(&table, &compare, members);
    table.finish();
    compare
}

/// Checks that each metric is defined for both ends of some pair.
fn check_metrics(table: &Reader<'_>, compare: &Compare, members: &[Member]) {
    for &metric in &compare.metrics {
        let of_end = |end: &PairEnd| {
            let spec = &members[end.experiment].spec;
            let mut inversions = spec.inversions.iter();
            let inversion = inversions.find(|one| one.name == end.inversion)?;
            spec.undefined(metric, inversion, spec.data.source.size())
        };
        let of_pair = |pair: &InversionPair| of_end(&pair.a).or_else(|| of_end(&pair.b));
        let reasons: Option<Vec<String>> = compare.pairs.iter().map(of_pair).collect();
        if let Some(reason) = reasons.unwrap_or_default().first() {
            table.fault("metrics", &fit::names(metric.name(), reason));
        }
    }
}

fn pair(table: Reader<'_>, members: &[Member]) -> Option<InversionPair> {
    let says = table
        .key("says", sentence(), "Difference between the two")
        .required();
    let a = table.required_section("a", "Inversion compared with");
    let a = a.and_then(|table| end(table, members));
    let b = table.required_section("b", "Inversion compared");
    let b = b.and_then(|table| end(table, members));
    table.finish();
    Some(InversionPair {
        says: says?,
        a: a?,
        b: b?,
    })
}

fn end(table: Reader<'_>, members: &[Member]) -> Option<PairEnd> {
    let labels = one_of_named(members.iter().map(Member::label).zip(0..));
    let experiment = table
        .key("experiment", labels, "Experiment of the inversion")
        .required();
    let name = reference("the name of an inversion of this experiment");
    let inversion = table
        .key("inversion", name, "Inversion without a sweep")
        .required();
    let is = table
        .key("is", sentence(), "Label in a few words")
        .required();
    if let (Some(member), Some(name)) = (experiment, &inversion) {
        check_inversion(&table, name, &members[member].spec.inversions);
    }
    table.finish();
    Some(PairEnd {
        experiment: experiment?,
        inversion: inversion?,
        is: is?,
    })
}

fn check_inversion(table: &Reader<'_>, name: &str, inversions: &[Inversion]) {
    let unswept = inversions
        .iter()
        .filter(|inversion| inversion.sweep.is_empty());
    let names: Vec<&str> = unswept.map(|inversion| inversion.name.as_str()).collect();
    if !names.contains(&name) {
        let all = choices(name, names);
        let message = format!("is {name:?}, but the inversions of this experiment are {all}");
        table.fault("inversion", &message);
    }
}
