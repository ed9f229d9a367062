//! Manifests of summaries.

use serde_json::json;

use super::extended::{EXTENDED, PLANNED};
use super::published::PublishedReplicate;
use super::report::StudyReport;
use crate::pipeline::publish::identity::identity;
use crate::pipeline::publish::manifest::{digests, entries};
use crate::pipeline::stage::{Stage, StageKind};
use crate::store::{Outputs, Record, StudyManifest};

/// Returns the manifest of the summary of a study with these files.
pub fn study_manifest(
    report: &StudyReport<'_>,
    records: &[(Stage, Record)],
    files: &Outputs,
) -> StudyManifest {
    let (stages, made_by) = entries(records);
    let study = report.study;
    let mut members = Vec::new();
    let own = report.members.iter().zip(&report.extensions);
    for (member, (own, extension)) in study.members.iter().zip(own) {
        let replicate = |one: &PublishedReplicate| {
            json!({
                "seed": one.seed(),
                "train": one.key(StageKind::Train),
                "data": member.describe(&one.data),
            })
        };
        let mut about = json!({
            "experiment": member.name,
            "label": member.label(),
            "overrides": member.overrides,
            "replicates": own.replicates.iter().map(replicate).collect::<Vec<_>>(),
        });
        if let Some(varies) = own.varies(member) {
            about["varies"] = json!(varies);
        }
        if !extension.sizes.is_empty() {
            about[EXTENDED] = json!(extension.sizes);
        }
        if let Some(planned) = extension.planned {
            about[PLANNED] = json!(planned);
        }
        members.push(about);
    }
    StudyManifest {
        study: study.name.clone(),
        spec_path: Some(identity(&study.path, &report.context.out)),
        members,
        left_out: report.left_out(),
        page: None,
        stages,
        made_by,
        outputs: digests(files),
    }
}

/// Lists the seeds of an experiment that a summary covers, according to its manifest.
pub fn summarized(manifest: &StudyManifest, experiment: &str) -> Vec<u64> {
    let mut members = manifest.members.iter();
    let own = members.find(|member| member["experiment"] == experiment);
    let replicates = own.and_then(|member| member["replicates"].as_array());
    let seeds = replicates.into_iter().flatten();
    seeds.filter_map(|one| one["seed"].as_u64()).collect()
}
