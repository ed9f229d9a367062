//! Writing the manifest of a replicate.

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::experiment::Experiment;
use super::products::{Products, Replicate};
use crate::digest::sha256;
use crate::store::{Manifest, StageEntry};

/// The manifest of a replicate with these results.
///
/// # Errors
/// If the spec does not fit into JSON.
pub fn manifest(
    experiment: &Experiment,
    replicate: &Replicate,
    device: &str,
    products: &Products,
) -> Result<Manifest, serde_json::Error> {
    let mut made_by: Vec<Value> = Vec::new();
    let mut stages = Vec::new();
    for (stage, record) in &replicate.records {
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
    let digest = |(path, bytes): (&String, &Vec<u8>)| (path.clone(), sha256([&bytes[..]]));
    Ok(Manifest {
        experiment: experiment.name.clone(),
        seed: replicate.seed,
        spec: spec(experiment, replicate.seed)?,
        overrides: experiment.overrides.clone(),
        data: object(&replicate.data)?,
        device: device.to_owned(),
        stages,
        made_by,
        outputs: products.iter().map(digest).collect(),
    })
}

/// The spec as manifests tell it. Which other seeds a run had is nothing that
/// this replicate depends on.
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
