//! Published ledgers against those of the published replicates.

use std::collections::BTreeSet;
use std::path::Path;

use super::diff::compare_files_with;
use super::origin::ComputedOn;
use super::{Part, Verified, difference, files};
use crate::pipeline::error::{RunError, chain};
use crate::pipeline::experiment::Study;
use crate::pipeline::study::claims;
use crate::store::CLAIMS;

/// Ledgers among published results.
pub struct Ledgers<'a> {
    /// Studies that they may list, as they were run.
    pub studies: &'a [Study],
    /// Folder of all published results.
    pub published: &'a Path,
    /// True for a folder in it below which no other studies have results.
    pub has_all_below: &'a dyn Fn(&Path) -> bool,
}

impl Ledgers<'_> {
    /// Computes every published ledger again from the published replicates, and compares.
    /// Returns each with its name. The replicates themselves are compared with reruns.
    ///
    /// # Errors
    /// If a folder cannot be listed.
    pub fn verify(&self) -> Result<Vec<(String, Verified)>, RunError> {
        let names = self.studies.iter().map(|study| Path::new(&study.name));
        let places: BTreeSet<&Path> = names.flat_map(|name| name.ancestors().skip(1)).collect();
        let mut verified = Vec::new();
        for place in places {
            let folder = self.published.join(place);
            if claims::has_ledger(&folder)? {
                let mut one = self.compared(place, &folder).unwrap_or_else(not_compared);
                one.differences.extend(files::beside_ledger(&folder)?);
                verified.push((place.join("claims").display().to_string(), one));
            }
        }
        Ok(verified)
    }

    /// Compares a ledger; fails with the reason that it cannot be compared.
    fn compared(&self, place: &Path, folder: &Path) -> Result<Verified, String> {
        let listed = claims::studies_of_ledger(folder).map_err(|error| chain(&error))?;
        let known = |name: &String| self.studies.iter().find(|study| study.name == *name);
        let unknown = listed.iter().filter(|name| known(name).is_none());
        // From a file that anybody may have written.
        let unknown: Vec<String> = unknown.map(|name| format!("{name:?}")).collect();
        let unknown = unknown.join(", ");
        match (unknown.is_empty(), (self.has_all_below)(place)) {
            (true, _) => {}
            (false, true) => return Err(format!("lists claims of {unknown}: no spec has them")),
            (false, false) => {
                let how = format!("it also lists claims of {unknown}: name those specs, too");
                return Ok(Verified::not_compared(Part::Ledger, &how, Vec::new()));
            }
        }
        let studies: Vec<Study> = listed.iter().filter_map(known).cloned().collect();
        let expected = claims::finished(&studies, self.published, &[])
            .and_then(|judged| Ok(claims::files(&judged)?))
            .map_err(|error| format!("cannot be computed again: {}", chain(&error)))?;
        let members = studies.iter().flat_map(|study| &study.members);
        let origin = ComputedOn::of(members, self.published);
        let comparison = compare_files_with(folder, &expected, &origin.strictness());
        Ok(Verified {
            part: Part::Ledger,
            how: origin.how().to_owned(),
            compared: comparison.compared.len(),
            skipped: comparison.skipped,
            left_out: Vec::new(),
            differences: comparison.differences,
        })
    }
}

fn not_compared(what: String) -> Verified {
    let differences = vec![difference(CLAIMS, what)];
    Verified::not_compared(Part::Ledger, "not compared", differences)
}
