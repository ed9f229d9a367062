//! Seeds that a spec names only after a look: after claims were judged by all the seeds that
//! it named before.

use std::collections::BTreeSet;

use serde_json::Value;

use super::published::{PublishedMember, PublishedReplicate};
use crate::metrics::statistics::MIN_REPLICATES;
use crate::pipeline::experiment::{Experiment, Study};
use crate::pipeline::stage::StageKind;
use crate::store::{CLAIMS, StudyManifest};

/// Key of a member in the manifest: numbers of trainings at earlier looks, then now.
pub const EXTENDED: &str = "extended";

/// Key of a member in the manifest: number of seeds of the spec, while some are missing.
pub const PLANNED: &str = "planned";

/// Numbers of trainings of an experiment in the summary of a study.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Extension {
    /// Numbers of trainings at earlier looks after which the spec named more seeds, then the
    /// number now; empty without such a look.
    pub sizes: Vec<u64>,
    /// Number of seeds that the spec names, if claims were judged by some of them only.
    pub planned: Option<u64>,
}

impl Extension {
    /// Compares the trainings of a member with those of the former summary. A summary of
    /// other trainings was no look at these, and one that cannot be read is ignored.
    pub fn of(
        study: &Study,
        member: &Experiment,
        own: &PublishedMember,
        former: Option<&StudyManifest>,
    ) -> Self {
        if study.claims.is_empty() {
            return Self::default();
        }
        let covered: BTreeSet<u64> = own
            .replicates
            .iter()
            .map(PublishedReplicate::seed)
            .collect();
        let is_judged = covered.len() >= MIN_REPLICATES;
        let is_partial = !member.planned.iter().all(|seed| covered.contains(seed));
        let planned = member.planned.len() as u64;
        let mut former_members = former.iter().flat_map(|manifest| &manifest.members);
        let entry = former_members.find(|entry| entry["experiment"] == member.name.as_str());
        let entry = entry.filter(|entry| shares_training(entry, own));
        let has_claims = former.is_some_and(|one| one.outputs.contains_key(CLAIMS));
        let before = entry.map(|entry| FormerSummary::of(entry, has_claims));
        Self {
            sizes: sizes(&before.unwrap_or_default(), planned, covered.len() as u64),
            planned: (is_judged && is_partial).then_some(planned),
        }
    }

    /// Reads the sizes of a member from the manifest of a summary.
    pub fn recorded(manifest: &StudyManifest, experiment: &str) -> Self {
        let mut members = manifest.members.iter();
        let entry = members.find(|entry| entry["experiment"] == experiment);
        Self {
            sizes: entry.map(recorded_sizes).unwrap_or_default(),
            planned: entry.and_then(|entry| entry[PLANNED].as_u64()),
        }
    }

    /// Describes the extension: `extended from 10 to 16 after a look`; empty without one.
    pub fn text(&self) -> String {
        let sizes: Vec<String> = self.sizes.iter().map(u64::to_string).collect();
        match sizes.len() {
            0 | 1 => String::new(),
            2 => format!("extended from {} after a look", sizes.join(" to ")),
            all => format!(
                "extended from {} after {} looks",
                sizes.join(" to "),
                all - 1
            ),
        }
    }
}

/// Former summary of a member.
#[derive(Debug, Default)]
struct FormerSummary {
    /// Sizes that it recorded.
    sizes: Vec<u64>,
    /// Number of trainings, if it was a look.
    look: Option<u64>,
}

impl FormerSummary {
    fn of(entry: &Value, has_claims: bool) -> Self {
        let replicates = entry["replicates"].as_array().map_or(0, Vec::len);
        let is_look = has_claims && replicates >= MIN_REPLICATES && entry[PLANNED].is_null();
        Self {
            sizes: recorded_sizes(entry),
            look: is_look.then_some(replicates as u64),
        }
    }
}

fn recorded_sizes(entry: &Value) -> Vec<u64> {
    let sizes = entry[EXTENDED].as_array().into_iter().flatten();
    sizes.filter_map(Value::as_u64).collect()
}

/// Returns the numbers of trainings at earlier looks, then the number now: the seeds that the
/// spec names, or the trainings covered if they are more.
fn sizes(before: &FormerSummary, planned: u64, covered: u64) -> Vec<u64> {
    let now = planned.max(covered);
    let recorded = before
        .sizes
        .split_last()
        .map_or(&[][..], |(_, earlier)| earlier);
    let look = before.look.filter(|look| *look < planned);
    let earlier = recorded.iter().copied().chain(look);
    let earlier: BTreeSet<u64> = earlier.filter(|size| *size < now).collect();
    if earlier.is_empty() {
        return Vec::new();
    }
    earlier.into_iter().chain([now]).collect()
}

/// Returns true if a former summary covers any of these trainings.
fn shares_training(entry: &Value, own: &PublishedMember) -> bool {
    let replicates = entry["replicates"].as_array();
    let former = replicates.into_iter().flatten();
    let is_own = |one: &Value| {
        let mut replicates = own.replicates.iter();
        replicates.any(|replicate| {
            let key = replicate.key(StageKind::Train);
            one["seed"] == replicate.seed() && key.is_some_and(|key| one["train"] == key.as_str())
        })
    };
    former.into_iter().any(is_own)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn before(sizes: &[u64], look: Option<u64>) -> FormerSummary {
        FormerSummary {
            sizes: sizes.to_vec(),
            look,
        }
    }

    #[test]
    fn more_seeds_after_a_look_are_an_extension() {
        let none: [u64; 0] = [];
        // No summary before, one that was no look, and an unchanged spec.
        assert_eq!(sizes(&before(&[], None), 10, 10), none);
        assert_eq!(sizes(&before(&[], None), 10, 4), none);
        assert_eq!(sizes(&before(&[], Some(10)), 10, 10), none);
        // Seeds of the command line alone.
        assert_eq!(sizes(&before(&[], Some(5)), 1, 6), none);
        assert_eq!(sizes(&before(&[], Some(10)), 16, 12), [10, 16]);
        assert_eq!(sizes(&before(&[10, 16], None), 16, 13), [10, 16]);
        assert_eq!(sizes(&before(&[10, 16], Some(16)), 16, 16), [10, 16]);
        assert_eq!(sizes(&before(&[10, 16], Some(16)), 20, 20), [10, 16, 20]);
        // The spec names fewer again, and the others are still there, or not.
        assert_eq!(sizes(&before(&[10, 16], Some(16)), 10, 16), [10, 16]);
        assert_eq!(sizes(&before(&[10, 16], Some(16)), 10, 10), none);
    }

    #[test]
    fn texts() {
        let text = |sizes: &[u64]| {
            let sizes = sizes.to_vec();
            Extension {
                sizes,
                planned: None,
            }
            .text()
        };
        assert_eq!(text(&[]), "");
        assert_eq!(text(&[10, 16]), "extended from 10 to 16 after a look");
        assert_eq!(text(&[3, 4, 6]), "extended from 3 to 4 to 6 after 2 looks");
    }
}
