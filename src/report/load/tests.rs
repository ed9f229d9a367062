//! Results folders, sound and broken.

use super::*;
use crate::digest::sha256;
use crate::report::fixture::{ACCURACY, METRICS, manifest, replicate, results};
use serde_json::json;
use std::fs;

/// The error with its causes, and the temporary folder as `...`.
fn told(folder: &Path) -> String {
    let error = Results::load("a", folder, Tables::Numbers).unwrap_err();
    let mut texts = vec![error.to_string()];
    let mut cause = std::error::Error::source(&error);
    while let Some(error) = cause {
        texts.push(error.to_string());
        cause = error.source();
    }
    texts.join(" | ").replace(folder.to_str().unwrap(), "...")
}

#[test]
fn replicates_come_by_seed_with_the_last_epoch_and_all_metrics() {
    let folder = results(&[10, 9], &json!({"invert": [{"name": "empirical"}]}));
    for other in [".seed-3.partial", "seed-01", "seed-x", "seed--1", "figures"] {
        fs::create_dir(folder.path().join(other)).unwrap();
    }
    let results = Results::load("a", folder.path(), Tables::Numbers).unwrap();
    assert_eq!(results.seeds().collect::<Vec<_>>(), [9, 10]);
    let values = &results.replicates[0].values;
    let shown: Vec<_> = values
        .iter()
        .map(|v| {
            (
                v.inversion.as_str(),
                v.metric.as_str(),
                v.class.map(|class| class.to_string()),
                v.value,
            )
        })
        .collect();
    assert_eq!(
        shown,
        [
            ("", "train_loss", None, Some(0.25)),
            ("", "test_accuracy", None, Some(0.9)),
            ("", "test_subset_accuracy", None, None),
            ("empirical", "l1_distance", Some("0".to_owned()), Some(2.0)),
            ("empirical", "l1_distance", Some("1".to_owned()), Some(4.0)),
        ]
    );
    assert_eq!(
        (values[0].unit.as_str(), values[1].unit.as_str()),
        ("", "share")
    );
}

#[test]
fn every_epoch_is_read() {
    let folder = results(&[0], &json!({"invert": []}));
    let results = Results::load("a", folder.path(), Tables::Numbers).unwrap();
    let epochs = results.replicates[0].epochs.iter();
    let losses: Vec<_> = epochs.map(|(epoch, row)| (*epoch, row[0].value)).collect();
    assert_eq!(losses, [(1, Some(0.5)), (2, Some(0.25))]);
}

#[test]
fn a_table_that_no_manifest_lists_is_not_read() {
    let folder = tempfile::tempdir().unwrap();
    let listed = sha256([ACCURACY.as_bytes()]);
    let outputs = format!("{{\"accuracy.csv\":\"{listed}\"}}");
    let without = manifest(0, &json!({"invert": []})).replace("{}", &outputs);
    replicate(folder.path(), 0, &without, ACCURACY, METRICS);
    let told = told(folder.path());
    insta::assert_snapshot!(told, @r"`.../seed-0/metrics.csv`: unexpected, as `manifest.json` does not list it; run the spec again");
    fs::remove_file(folder.path().join("seed-0/metrics.csv")).unwrap();
    let results = Results::load("a", folder.path(), Tables::Numbers).unwrap();
    assert_eq!(results.replicates[0].values.len(), 3);
}

#[test]
fn tables_that_were_altered_are_named() {
    let spec = json!({"invert": [{"name": "empirical"}]});
    for name in ["accuracy.csv", "metrics.csv"] {
        let folder = results(&[0, 1], &spec);
        let path = folder.path().join("seed-1").join(name);
        let mut table = fs::read(&path).unwrap();
        let middle = table.len() / 2;
        table[middle] ^= 1;
        fs::write(&path, table).unwrap();
        let told = told(folder.path());
        let expected = format!("`.../seed-1/{name}`: modified after it was published; expected");
        assert!(told.starts_with(&expected), "{told}");
    }
}

/// A published part may leave them out: only claims about pairs need them.
#[test]
fn a_missing_table_of_pairs_is_an_error_where_pairs_are_needed() {
    let folder = tempfile::tempdir().unwrap();
    let digest = |text: &str| sha256([text.as_bytes()]);
    let outputs = format!(
        "{{\"accuracy.csv\":\"{}\",\"metrics.csv\":\"{}\",\"overlaps.csv\":\"{}\"}}",
        digest(ACCURACY),
        digest(METRICS),
        digest("")
    );
    let listed = manifest(0, &json!({"invert": []})).replace("{}", &outputs);
    replicate(folder.path(), 0, &listed, ACCURACY, METRICS);
    assert!(Results::load("a", folder.path(), Tables::Numbers).is_ok());
    let error = Results::load("a", folder.path(), Tables::NumbersAndPairs).unwrap_err();
    let text = error.to_string();
    assert!(text.contains("overlaps.csv`: missing, although"), "{text}");
}

#[test]
fn where_nothing_is_the_user_is_told_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let empty = "there are no results (folders called `seed-0` and so on) in `...`; \
                 run the spec first, or name the folder its results went to";
    assert_eq!(told(folder.path()), empty);
    assert_eq!(told(&folder.path().join("not/there")), empty);
    replicate(
        folder.path(),
        0,
        &manifest(0, &json!({})),
        ACCURACY,
        METRICS,
    );
    assert_eq!(
        told(&folder.path().join("seed-0")),
        "`...` is a single replicate; name the folder it is in"
    );
}

#[test]
fn broken_files_are_named() {
    let spec = json!({"invert": [{"name": "empirical"}]});
    let fine = manifest(0, &spec);
    let cases = [
        ("no JSON", ACCURACY, METRICS),
        (r#"{"seed": 0}"#, ACCURACY, METRICS),
        (&manifest(1, &spec), ACCURACY, METRICS),
        (&fine, "epoch,train_loss\n1,a\n", METRICS),
        (&fine, "epoch,train_loss\n", METRICS),
        (&fine, ACCURACY, "inversion,class\nempirical,0\n"),
    ];
    let mut texts = String::new();
    for (manifest, accuracy, metrics) in cases {
        let folder = tempfile::tempdir().unwrap();
        replicate(folder.path(), 0, manifest, accuracy, metrics);
        texts.push_str(&told(folder.path()));
        texts.push('\n');
    }
    insta::assert_snapshot!(texts, @r"
    `.../seed-0/manifest.json` is not the manifest of a run; run the spec again | expected ident at line 1 column 2
    `.../seed-0/manifest.json` is not the manifest of a run; run the spec again | missing field `experiment` at line 1 column 11
    `.../seed-0/manifest.json` says that its seed is 1, not that of its folder; the folder was renamed or copied: put it back or remove it
    `.../seed-0/accuracy.csv` is not a table as a run writes it; run the spec again | CSV deserialize error: record 1 (line: 2, byte: 17): field 1: invalid float literal
    `.../seed-0/accuracy.csv` has no epoch in it; run the spec again
    `.../seed-0/metrics.csv` is not a table as a run writes it; run the spec again | CSV deserialize error: record 1 (line: 2, byte: 16): missing field `metric`
    ");
}

#[test]
fn a_missing_file_is_named() {
    let spec = json!({"invert": [{"name": "empirical"}]});
    let expected = [
        (
            "manifest.json",
            "the replicate in `.../seed-0` cannot be read as a whole; run its spec again | cannot",
        ),
        (
            "accuracy.csv",
            "`.../seed-0/accuracy.csv`: missing, although `manifest.json` lists it; run the spec again",
        ),
        (
            "metrics.csv",
            "`.../seed-0/metrics.csv`: missing, although `manifest.json` lists it; run the spec again",
        ),
    ];
    for (name, expected) in expected {
        let folder = results(&[0], &spec);
        fs::remove_file(folder.path().join("seed-0").join(name)).unwrap();
        let told = told(folder.path());
        assert!(told.starts_with(expected), "{told}");
    }
}

#[test]
fn replicates_of_different_specs_or_data_are_not_mixed() {
    let folder = results(&[0], &json!({"train": {"epochs": 3}, "seeds": [0]}));
    let other = manifest(1, &json!({"train": {"epochs": 3}, "seeds": [1]}));
    replicate(folder.path(), 1, &other, ACCURACY, METRICS);
    assert_eq!(
        Results::load("a", folder.path(), Tables::Numbers)
            .unwrap()
            .replicates
            .len(),
        2
    );
    let other = manifest(2, &json!({"train": {"epochs": 4}}));
    replicate(folder.path(), 2, &other, ACCURACY, METRICS);
    insta::assert_snapshot!(told(folder.path()), @r"`.../seed-0/manifest.json` and `.../seed-2/manifest.json` are not of the same experiment, as they differ in `train.epochs`; run the spec again with all its seeds, or remove the outdated folders");
    let other = manifest(2, &json!({"train": {"epochs": 3}})).replace("mnist", "strokes");
    replicate(folder.path(), 2, &other, ACCURACY, METRICS);
    insta::assert_snapshot!(told(folder.path()), @r"`.../seed-0/manifest.json` and `.../seed-2/manifest.json` are not of the same experiment, as they differ in the data they were trained on; run the spec again with all its seeds, or remove the outdated folders");
}
