//! Claims: results folders that running processes write to, each for one spec.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Write;
use std::path::PathBuf;

use super::Store;
use super::entry::StoreError;
use super::usage::{ProcessFile, is_held};
use crate::io::{self, at};

/// Results folders by name, with the identity of the spec they belong to.
pub type Owners = BTreeMap<String, String>;

/// Claim of some results folders, until it is dropped: other processes write there only
/// for the same specs.
#[derive(Debug)]
pub struct FolderClaim {
    path: PathBuf,
    _file: File,
}

impl Store {
    /// Claims these folders for these specs, or returns the first folder to which a running
    /// process writes results of another spec, and that spec.
    ///
    /// # Errors
    /// If the store cannot be written to.
    pub fn claim(
        &self,
        wanted: &Owners,
    ) -> Result<Result<FolderClaim, (String, String)>, StoreError> {
        let _gate = self.open_running()?;
        if let Some(other) = self.claimed(wanted) {
            return Ok(Err(other));
        }
        let (mut file, path) = self.of_this_process(ProcessFile::Claims)?;
        let claim = file.write_all(&serde_json::to_vec(wanted)?);
        claim.map_err(at("write", &path))?;
        Ok(Ok(FolderClaim { path, _file: file }))
    }

    /// Finds the first of these folders to which a running process writes results of
    /// another spec, and that spec, without writing anything.
    pub fn claimed(&self, wanted: &Owners) -> Option<(String, String)> {
        let files = self.files(ProcessFile::Claims).unwrap_or_default();
        let other = |path: PathBuf| {
            if !is_held(&path) {
                return None;
            }
            let owners: Owners = serde_json::from_slice(&io::read(&path).ok()?).ok()?;
            let is_other =
                |(name, spec): &(String, String)| wanted.get(name).is_some_and(|own| own != spec);
            owners.into_iter().find(is_other)
        };
        files.into_iter().find_map(other)
    }
}

impl Drop for FolderClaim {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.path);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn owners(name: &str, spec: &str) -> Owners {
        Owners::from([(name.to_owned(), spec.to_owned())])
    }

    #[test]
    fn a_folder_is_claimed_for_one_spec_while_a_claim_exists() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::new(folder.path().join("store"));
        let (mine, hers) = (
            owners("run", "mine/run.toml"),
            owners("run", "hers/run.toml"),
        );
        assert!(store.claimed(&hers).is_none() && !folder.path().join("store").exists());
        let first = store.claim(&mine).unwrap().unwrap();
        let second = store.claim(&mine).unwrap().unwrap();
        let taken = Some(("run".to_owned(), "mine/run.toml".to_owned()));
        drop(first);
        assert_eq!(store.claim(&hers).unwrap().err(), taken);
        assert_eq!(store.claimed(&hers), taken);
        store
            .claim(&owners("other", "hers/run.toml"))
            .unwrap()
            .unwrap();
        drop(second);
        store.claim(&hers).unwrap().unwrap();
        assert!(
            io::entries(&folder.path().join("store/running"))
                .unwrap()
                .is_empty()
        );
    }

    #[test]
    fn claims_of_killed_processes_are_ignored() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::new(folder.path().to_owned());
        let running = folder.path().join("running");
        io::create_dir_all(&running).unwrap();
        std::fs::write(running.join("claims-x"), r#"{"run":"mine/run.toml"}"#).unwrap();
        let claim = store
            .claim(&owners("run", "hers/run.toml"))
            .unwrap()
            .unwrap();
        assert_eq!(io::entries(&running).unwrap().len(), 1);
        drop(claim);
        assert!(io::entries(&running).unwrap().is_empty());
    }
}
