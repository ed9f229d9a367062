//! Ownership of results folders: each belongs to one spec.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::identity::identity;
use crate::escape;
use crate::io;
use crate::pipeline::context::Context;
use crate::pipeline::error::RunError;
use crate::pipeline::experiment::{Experiment, Study};
use crate::report::published_seeds;
use crate::store::{FolderClaim, MANIFEST, Owners, SUMMARY, place};

/// Results folder that belongs to another spec.
#[derive(Debug, thiserror::Error)]
#[error(
    "`{}`: its results folder `{}` {} `{}`; use another `--out`, or remove that folder",
    escape::line(spec),
    escape::path(place),
    if *.running { "is in use by a running process for" } else { "holds results of" },
    escape::line(owner)
)]
pub struct Taken {
    /// Identity of the spec to run.
    spec: String,
    /// Identity of the spec that the folder belongs to.
    owner: String,
    /// Path of the folder.
    place: PathBuf,
    /// True if a running process writes to it.
    running: bool,
}

/// Checks that the results of these studies do not replace those of other specs, without
/// writing anything.
///
/// # Errors
/// With the first folder that belongs to another spec.
pub fn check_owners(studies: &[Study], context: &Context) -> Result<(), Taken> {
    let wanted = owners(studies, &context.out);
    if let Some((name, owner)) = context.store.claimed(&wanted) {
        return Err(taken(&wanted, name, owner, context).while_running());
    }
    for (name, own) in &wanted {
        let published = published_owner(&context.out.join(name), own);
        if let Some(owner) = published {
            return Err(taken(&wanted, name.clone(), owner, context));
        }
    }
    Ok(())
}

/// Claims the results folders of these studies against processes that run other specs.
///
/// # Errors
/// With the first folder that belongs to another spec, or if the store cannot be
/// written to.
pub fn claim(studies: &[Study], context: &Context) -> Result<FolderClaim, RunError> {
    let wanted = owners(studies, &context.out);
    let claim = match context.store.claim(&wanted)? {
        Ok(claim) => claim,
        Err((name, owner)) => {
            return Err(taken(&wanted, name, owner, context).while_running().into());
        }
    };
    // Another process may have published and ended since the first check.
    check_owners(studies, context)?;
    Ok(claim)
}

impl Taken {
    fn while_running(self) -> Self {
        let running = true;
        Self { running, ..self }
    }
}

fn taken(wanted: &Owners, name: String, owner: String, context: &Context) -> Taken {
    Taken {
        spec: wanted.get(&name).cloned().unwrap_or_default(),
        owner,
        place: context.out.join(name),
        running: false,
    }
}

/// Lists the folders that these studies write to, with the identities of their specs.
fn owners(studies: &[Study], out: &Path) -> Owners {
    let mut owners = Owners::new();
    for study in studies {
        let spec = identity(&study.path, out);
        let own = study
            .own()
            .iter()
            .map(|experiment: &Experiment| &experiment.name);
        owners.extend(own.map(|name| (name.clone(), spec.clone())));
        owners.insert(study.name.clone(), spec);
    }
    owners
}

/// Returns the spec that the results in a folder belong to, if it is another one.
fn published_owner(folder: &Path, own: &str) -> Option<String> {
    let seeds = published_seeds(folder).unwrap_or_default();
    let replicates = seeds.iter().map(|&seed| place(folder, seed));
    let mut places = replicates.chain([folder.join(SUMMARY)]);
    places.find_map(|place| owner(&place).filter(|owner| owner != own))
}

/// Returns the spec that the manifest in a folder names; none without one, or in older
/// ones.
fn owner(place: &Path) -> Option<String> {
    #[derive(Deserialize)]
    struct Owned {
        spec_path: Option<String>,
    }
    let bytes = io::read(&place.join(MANIFEST)).ok()?;
    serde_json::from_slice::<Owned>(&bytes).ok()?.spec_path
}
