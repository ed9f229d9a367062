//! Studies of a command: those it asks for, and those that their comparisons depend on.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use crate::config::Spec;
use crate::pipeline::experiment::{Experiment, Study};
use crate::pipeline::publish::identity::canonical;

/// Adds the studies that comparisons depend on. Every experiment then belongs to one study,
/// which runs and publishes it: comparisons share its experiment and add their seeds.
pub fn with_compared(mut studies: Vec<Study>) -> Vec<Study> {
    let mut owners: BTreeMap<PathBuf, usize> = BTreeMap::new();
    for (index, study) in studies.iter().enumerate() {
        if study.compare.is_none() {
            owners.entry(canonical(&study.path)).or_insert(index);
        }
    }
    for index in 0..studies.len() {
        let compared = studies[index].compared.clone();
        for (member, study) in compared.into_iter().enumerate() {
            let owner = *owners.entry(canonical(&study.path)).or_insert_with(|| {
                studies.push(study.clone());
                studies.len() - 1
            });
            if let Some(own) = studies[owner].members.first_mut() {
                let added = study.members.iter().flat_map(|member| &member.spec.seeds);
                add_seeds(own, added);
                let own = own.clone();
                adopt(&mut studies[index].members[member], own);
            }
        }
    }
    studies
}

/// Adds the seeds that are new to an experiment, in their order.
fn add_seeds<'a>(experiment: &mut Experiment, added: impl Iterator<Item = &'a u64>) {
    let seeds = &mut experiment.spec.seeds;
    let mut known: BTreeSet<u64> = seeds.iter().copied().collect();
    seeds.extend(added.filter(|seed| known.insert(**seed)));
}

/// Replaces an experiment of a comparison by that of the study which runs it; keeps its
/// seeds and label.
fn adopt(member: &mut Experiment, own: Experiment) {
    let seeds = std::mem::take(&mut member.spec.seeds);
    *member = Experiment {
        planned: std::mem::take(&mut member.planned),
        at: std::mem::take(&mut member.at),
        spec: Spec {
            seeds,
            label: std::mem::take(&mut member.spec.label),
            ..own.spec
        },
        ..own
    };
}
