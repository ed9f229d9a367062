//! Manifests of replicates.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::identity::identity;
use crate::digest::sha256;
use crate::pipeline::context::Context;
use crate::pipeline::experiment::Experiment;
use crate::pipeline::replicate::Replicate;
use crate::pipeline::stage::Stage;
use crate::store::{Manifest, Outputs, Record, StageEntry};

/// Returns the manifest of a replicate with these files.
///
/// # Errors
/// If the spec does not fit into JSON.
pub fn manifest(
    experiment: &Experiment,
    replicate: &Replicate,
    context: &Context,
    files: &Outputs,
) -> Result<Manifest, serde_json::Error> {
    let (stages, made_by) = entries(&replicate.records);
    let device = context.device_of(experiment);
    Ok(Manifest {
        experiment: experiment.name.clone(),
        spec_path: Some(identity(&experiment.path, &context.out)),
        seed: replicate.seed,
        spec: spec(experiment, replicate.seed)?,
        overrides: experiment.overrides.clone(),
        data: object(&replicate.data)?,
        rows: replicate
            .trained
            .drawn
            .as_ref()
            .map(|drawn| json!(drawn.counts)),
        device: device.name().to_owned(),
        adapters: adapters(&made_by),
        linear_algebra: LINEAR_ALGEBRA.to_owned(),
        stages,
        made_by,
        outputs: digests(files),
    })
}

/// Device and precision of singular values, inverses and statistics.
const LINEAR_ALGEBRA: &str = "on the processor, in double precision";

/// Lists the adapters that stages were computed on, each once; none for the processor.
fn adapters(made_by: &[Value]) -> Vec<Value> {
    let mut all: Vec<Value> = Vec::new();
    for adapter in made_by.iter().filter_map(|by| by.get("adapter")) {
        if !all.contains(adapter) {
            all.push(adapter.clone());
        }
    }
    all
}

/// Returns the SHA-256 of each file, by path.
pub fn digests(files: &Outputs) -> BTreeMap<String, String> {
    let digest = |(path, bytes): (&String, &Vec<u8>)| (path.clone(), sha256([&bytes[..]]));
    files.iter().map(digest).collect()
}

/// Returns the stages as manifests list them, and the distinct programs and machines that
/// computed them.
pub fn entries(records: &[(Stage, Record)]) -> (Vec<StageEntry>, Vec<Value>) {
    let mut made_by: Vec<Value> = Vec::new();
    let mut stages = Vec::new();
    for (stage, record) in records {
        let known = made_by.iter().position(|by| *by == record.made_by);
        let place = known.unwrap_or_else(|| {
            made_by.push(record.made_by.clone());
            made_by.len() - 1
        });
        stages.push(StageEntry {
            stage: stage.kind.name().to_owned(),
            name: stage.name.clone(),
            key: stage.key.clone(),
            made_by: place,
        });
    }
    (stages, made_by)
}

/// Returns the spec of one replicate, with no seed but its own: it does not depend on
/// others.
///
/// # Errors
/// If it does not fit into JSON.
pub fn spec(experiment: &Experiment, seed: u64) -> Result<Map<String, Value>, serde_json::Error> {
    let mut spec = object(&experiment.spec)?;
    spec.insert("seeds".to_owned(), json!([seed]));
    Ok(spec)
}

fn object(value: &impl Serialize) -> Result<Map<String, Value>, serde_json::Error> {
    match serde_json::to_value(value)? {
        Value::Object(object) => Ok(object),
        _ => Ok(Map::new()),
    }
}
