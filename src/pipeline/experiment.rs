//! Studies and experiments with their place: the path of a spec decides where its results
//! go.

use std::path::{Component, Path, PathBuf};

use crate::claims::Claim;
use crate::config::{
    Compare, LoadError, Member, Spec, StudyFigure, StudySpec, is_of_comparisons, key_of, label,
    without_steps_back,
};
use crate::data::{Description, Resample};

/// Folder whose layout `results/` mirrors.
pub const ROOT: &str = "experiments";

/// Content of one spec file, read and checked.
#[derive(Debug, Clone)]
pub struct Study {
    /// Path of the spec file.
    pub path: PathBuf,
    /// Path of its results below the results folder, and of the spec below `experiments`
    /// without the ending: `paper/slp`.
    pub name: String,
    /// Title of the spec.
    pub title: String,
    /// Experiments: one, those of a sweep, or those compared.
    pub members: Vec<Experiment>,
    /// Comparison, if the members belong to other specs.
    pub compare: Option<Compare>,
    /// Studies of the compared specs, which publish the replicates.
    pub compared: Vec<Study>,
    /// False if only a comparison depends on it.
    pub asked_for: bool,
    /// Seeds that a comparison is limited to; it covers all published ones without.
    pub seeds: Option<Vec<u64>>,
    /// Figures of all replicates and members.
    pub figures: Vec<StudyFigure>,
    /// Claims of its source.
    pub claims: Vec<Claim>,
}

/// Experiment with its place.
#[derive(Debug, Clone)]
pub struct Experiment {
    /// Path of its results below the results folder: that of its study, or in a sweep a
    /// folder within that.
    pub name: String,
    /// Path of the spec file.
    pub path: PathBuf,
    /// Folder of the spec, to which paths in it are relative.
    pub folder: PathBuf,
    /// Content of the spec.
    pub spec: Spec,
    /// Keys and values that distinguish it within its study.
    pub at: Vec<(String, String)>,
    /// Overrides of the command line except seeds, as each replicate names its own.
    pub overrides: Vec<String>,
    /// Seeds that the spec names, whatever seeds the command line selects.
    pub planned: Vec<u64>,
}

impl Study {
    /// Reads a spec file, with `key=value` overrides.
    ///
    /// # Errors
    /// If it cannot be read, or with all its faults.
    pub fn load(path: &Path, sets: &[String]) -> Result<Self, LoadError> {
        let name = Self::name_of(path);
        let asked = StudySpec::load(path, sets)?;
        let is_alone = asked.members.len() == 1;
        let experiment = |member: Member| Experiment {
            name: match (&asked.compare, is_alone) {
                (Some(_), _) => Self::name_of(&member.path),
                (None, true) => name.clone(),
                (None, false) => format!("{name}/{}", member.folder()),
            },
            folder: member.path.parent().unwrap_or(Path::new("")).to_owned(),
            path: member.path,
            planned: member.spec.seeds.clone(),
            spec: member.spec,
            at: member.at,
            overrides: overrides(sets),
        };
        let members: Vec<Experiment> = asked.members.into_iter().map(experiment).collect();
        let compared = match asked.compare {
            Some(_) => compared(&members, sets)?,
            None => Vec::new(),
        };
        Ok(Self {
            path: path.to_owned(),
            members,
            name,
            title: asked.title,
            compare: asked.compare,
            compared,
            asked_for: true,
            seeds: asked.seeds,
            figures: asked.figures,
            claims: asked.claims,
        })
    }

    /// Returns the name of the study with this spec, however the path is typed.
    pub fn name_of(path: &Path) -> String {
        let absolute = std::path::absolute(path);
        name(&without_steps_back(
            &absolute.unwrap_or_else(|_| path.to_owned()),
        ))
    }

    /// Returns the experiments whose results belong to this study.
    pub fn own(&self) -> &[Experiment] {
        match self.compare {
            None => &self.members,
            Some(_) => &[],
        }
    }
}

impl Experiment {
    /// Returns its name among the others of its study.
    pub fn label(&self) -> String {
        match self.at[..] {
            [] => self.name.clone(),
            _ => label(&self.at),
        }
    }

    /// Describes the data for outputs, the draw of training rows if there is one, and the
    /// network if it is a control. A fallback data set is always named as such.
    pub fn describe(&self, data: &Description) -> String {
        self.described(data, self.spec.control())
    }

    /// Describes the data for a network as it was trained, before any layers are shuffled.
    pub fn describe_training(&self, data: &Description) -> String {
        self.described(data, self.spec.train.control())
    }

    /// Describes the data alone, whatever the network is.
    pub fn describe_data(&self, data: &Description) -> String {
        self.described(data, None)
    }

    fn described(&self, data: &Description, control: Option<String>) -> String {
        let control = control.map(|control| format!("CONTROL: {control}"));
        let resample = self.spec.data.resample.map(Resample::describe);
        let parts = [Some(data.describe()), resample, control];
        parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
    }
}

/// Loads the studies of the compared specs, with the seeds of the comparison.
fn compared(members: &[Experiment], sets: &[String]) -> Result<Vec<Study>, LoadError> {
    let of_members = sets.iter().filter(|set| !is_of_comparisons(key_of(set)));
    let sets: Vec<String> = of_members.cloned().collect();
    let study = |member: &Experiment| {
        let mut study = Study::load(&member.path, &sets)?;
        study.asked_for = false;
        for own in &mut study.members {
            own.spec.seeds.clone_from(&member.spec.seeds);
        }
        Ok(study)
    };
    members.iter().map(study).collect()
}

/// Returns all overrides except that of the seeds.
fn overrides(sets: &[String]) -> Vec<String> {
    let is_seeds = |set: &&String| key_of(set) == "seeds";
    sets.iter().filter(|set| !is_seeds(set)).cloned().collect()
}

/// Returns the part of a path below the last folder called `experiments`, or the name of
/// the file if there is none.
fn name(path: &Path) -> String {
    let stem = path.with_extension("");
    let parts: Vec<_> = stem
        .components()
        .filter_map(|part| match part {
            Component::Normal(part) => Some(part.to_string_lossy()),
            Component::Prefix(_)
            | Component::RootDir
            | Component::CurDir
            | Component::ParentDir => None,
        })
        .collect();
    let folders = parts.len().saturating_sub(1);
    let below = parts[..folders].iter().rposition(|part| part == ROOT);
    parts[below.map_or(folders, |root| root + 1)..].join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_mirror_the_experiments() {
        let name = |path| name(Path::new(path));
        assert_eq!(name("experiments/paper/slp.toml"), "paper/slp");
        assert_eq!(name("/a/experiments/b/experiments/c.toml"), "c");
        assert_eq!(name("../mine/slp.v2.toml"), "slp.v2");
        assert_eq!(name("slp.toml"), "slp");
        assert_eq!(name("experiments"), "experiments");
    }
}
