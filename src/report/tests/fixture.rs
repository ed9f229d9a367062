//! Small results for tests.
use crate::data::Label;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::digest::sha256;
use crate::report::load::{Measurement, ReplicateNumbers, Results};

pub const ACCURACY: &str = "epoch,train_loss,test_accuracy,test_subset_accuracy\n\
                            1,0.5,0.8,\n2,0.25,0.9,\n";

pub const METRICS: &str = "spec,replicate,inversion,class,metric,value,unit\n\
                           x,0,empirical,0,l1_distance,2.0,logits\n\
                           x,0,empirical,1,l1_distance,4.0,logits\n";

/// One number of an inverse.
pub fn measurement(inversion: &str, metric: &str, class: u8, value: f64) -> Measurement {
    Measurement {
        inversion: inversion.to_owned(),
        parameter: String::new(),
        setting: String::new(),
        metric: metric.to_owned(),
        class: Some(Label::Number(class)),
        value: Some(value),
        unit: String::new(),
        readings: BTreeMap::new(),
    }
}

/// Results that never stood in a folder: seeds with their measurements.
pub fn in_memory(replicates: &[(u64, Vec<Measurement>)]) -> Results {
    let replicate = |(seed, values): &(u64, Vec<Measurement>)| ReplicateNumbers {
        seed: *seed,
        values: values.clone(),
        epochs: Vec::new(),
        pairs: Vec::new(),
        poor_judges: None,
    };
    Results {
        name: "x".to_owned(),
        spec: serde_json::Map::new(),
        data: None,
        device: "flex".to_owned(),
        replicates: replicates.iter().map(replicate).collect(),
    }
}

/// The text of a manifest.
pub fn manifest(seed: u64, spec: &Value) -> String {
    let data = json!({"source": "mnist", "sha256": "29937dcb8e9992a2"});
    let manifest = json!({
        "experiment": "x",
        "seed": seed,
        "spec": spec,
        "overrides": [],
        "data": data,
        "device": "flex",
        "stages": [],
        "made_by": [],
        "outputs": {},
    });
    manifest.to_string()
}

/// Writes `folder/seed-N/`, with the digests of the tables in its manifest.
pub fn replicate(folder: &Path, seed: u64, manifest: &str, accuracy: &str, metrics: &str) {
    let folder = folder.join(format!("seed-{seed}"));
    fs::create_dir_all(&folder).unwrap();
    let digest = |table: &str| sha256([table.as_bytes()]);
    let outputs = json!({"accuracy.csv": digest(accuracy), "metrics.csv": digest(metrics)});
    let listed = format!("\"outputs\":{outputs}");
    let manifest = manifest.replace("\"outputs\":{}", &listed);
    fs::write(folder.join("manifest.json"), manifest).unwrap();
    fs::write(folder.join("accuracy.csv"), accuracy).unwrap();
    fs::write(folder.join("metrics.csv"), metrics).unwrap();
}

/// Results of this spec, the same for every seed.
pub fn results(seeds: &[u64], spec: &Value) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for &seed in seeds {
        replicate(
            folder.path(),
            seed,
            &manifest(seed, spec),
            ACCURACY,
            METRICS,
        );
    }
    folder
}

/// Results with one row of accuracies, its columns named, and rows of metrics
/// for each seed. Loaded once, the folder may go.
pub fn results_of(
    spec: &Value,
    columns: &str,
    replicates: &[(u64, &str, String)],
) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let header = METRICS.lines().next().unwrap();
    for (seed, accuracy, metrics) in replicates {
        let accuracy = format!("epoch,{columns}\n1,{accuracy}\n");
        let metrics = format!("{header}\n{metrics}");
        replicate(
            folder.path(),
            *seed,
            &manifest(*seed, spec),
            &accuracy,
            &metrics,
        );
    }
    folder
}
