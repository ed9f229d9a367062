//! Whatever reads results believes only what was published: altered, missing and
//! unreadable files are named, never taken for other numbers.

use std::fs;
use std::path::Path;

use backquery::digest::sha256;

use crate::project::{Project, files, is_log};

/// Two inversions, so that there are pairs of them, and a figure of all replicates.
const SPEC: &str = r#"
title = "Parity of four bits"
seeds = 2
[data]
source = "parity"
bits = 4
[model]
hidden = [4]
activation = "leaky_relu"
output = "softmax"
[train]
loss = "cross_entropy"
optimizer = "sgd"
learning_rate = 0.1
batch_size = 8
epochs = 3
[target]
logits = { on = 3.0, off = -3.0 }
[[invert]]
name = "empirical"
method = "empirical"
pixels = 2
[[invert]]
name = "layered"
method = "layered"
[[figure]]
name = "quality"
kind = "bars"
metrics = ["target_probability"]
[[claim]]
says = "it learns"
metric = "test_accuracy"
at_least = 0.01
[[claim]]
says = "the inverses are alike"
metric = "correlation"
of = "empirical"
with = "layered"
at_least = 0.0
"#;

fn project() -> Project {
    let project = Project::new()
        .with("experiments/a.toml", SPEC)
        .with("experiments/b.toml", SPEC.replace("[4]", "[3]"));
    project.succeed(&["reproduce", "--quiet"]);
    project
}

type Damage = fn(&Path);

const DAMAGES: [(&str, Damage); 5] = [
    ("flipped", |path| {
        let mut bytes = fs::read(path).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        fs::write(path, bytes).unwrap();
    }),
    ("cut", |path| {
        let bytes = fs::read(path).unwrap();
        fs::write(path, &bytes[..bytes.len() / 2]).unwrap();
    }),
    ("zeros", |path| {
        let bytes = fs::read(path).unwrap();
        fs::write(path, vec![0; bytes.len()]).unwrap();
    }),
    ("gone", |path| fs::remove_file(path).unwrap()),
    ("a folder", |path| {
        fs::remove_file(path).unwrap();
        fs::create_dir(path).unwrap();
    }),
];

/// The commands that read results, quick ones.
const READERS: [&[&str]; 3] = [
    &["compare", "a", "b", "--format", "csv"],
    &["claims", "--format", "csv"],
    &["gc", "--dry-run"],
];

/// Files without a digest: how long stages took, and the manifest itself, which
/// must at least be one.
fn is_vouched_for(name: &str, how: &str) -> bool {
    match name.rsplit('/').next() {
        Some("timings.csv") => false,
        Some("manifest.json") => how != "flipped",
        _ => true,
    }
}

#[test]
fn no_reader_gives_other_numbers_for_damaged_files() {
    let project = project();
    let before = READERS.map(|arguments| project.succeed(arguments).out);
    let all = files(&project.path("results"));
    let published = all
        .iter()
        .filter(|name| !name.starts_with(".store") && !is_log(name));
    for name in published {
        let path = project.path("results").join(name);
        let content = fs::read(&path).unwrap();
        for (how, damage) in DAMAGES {
            if !is_vouched_for(name, how) {
                continue;
            }
            damage(&path);
            for (arguments, before) in READERS.iter().zip(&before) {
                let ran = project.run(arguments);
                let is_named = ran.code == Some(4) && ran.err.contains(name);
                assert!(
                    is_named || ran.code == Some(0) && ran.out == *before,
                    "{name} {how}, {arguments:?}: {:?} {}",
                    ran.code,
                    ran.err
                );
            }
            restore(&path, &content);
        }
    }
}

fn restore(path: &Path, content: &[u8]) {
    if path.is_dir() {
        fs::remove_dir(path).unwrap();
    }
    fs::write(path, content).unwrap();
}

#[test]
fn verify_names_every_damaged_file() {
    let project = project();
    let all = files(&project.path("results"));
    let own = ["a/seed-1/", "a/summary/", "claims."];
    let published = all
        .iter()
        .filter(|name| own.iter().any(|own| name.starts_with(own)));
    let published: Vec<&String> = published
        .filter(|name| !name.ends_with("timings.csv"))
        .collect();
    assert!(published.len() > 15, "{published:?}");
    for (index, name) in published.into_iter().enumerate() {
        let path = project.path("results").join(name);
        let content = fs::read(&path).unwrap();
        // One after the other, as each takes a rerun.
        let (how, damage) = DAMAGES[index % DAMAGES.len()];
        if !is_vouched_for(name, how) {
            continue;
        }
        damage(&path);
        let ran = project.run(&["verify", "--quiet"]);
        let file = name.rsplit('/').next().unwrap();
        assert!(ran.out.contains(file), "{name} {how}: {}", ran.out);
        let may_be_left_out = how == "gone" && name.starts_with("a/seed-1/");
        assert!(
            ran.code == Some(1) || may_be_left_out && ran.code == Some(0),
            "{name} {how}: {:?} {}",
            ran.code,
            ran.out
        );
        restore(&path, &content);
    }
    project.succeed(&["verify", "--quiet"]);
}

/// Gives a file another content, and its manifest the digest of that.
fn forge(project: &Project, folder: &str, name: &str, edit: impl Fn(&str) -> String) {
    let path = project.path(folder).join(name);
    let text = fs::read_to_string(&path).unwrap();
    let forged = edit(&text);
    assert_ne!(text, forged, "nothing was forged");
    fs::write(&path, &forged).unwrap();
    let manifest = project.path(folder).join("manifest.json");
    let listed = fs::read_to_string(&manifest).unwrap();
    let [old, new] = [&text, &forged].map(|text| sha256([text.as_bytes()]));
    fs::write(manifest, listed.replace(&old, &new)).unwrap();
}

#[test]
fn forged_summaries_are_found() {
    let project = project();
    forge(&project, "results/a/summary", "summary.csv", |text| {
        text.replacen("0.", "0.9", 1)
    });
    let ran = project.run(&["verify", "--quiet"]);
    assert_eq!(ran.code, Some(1), "{}", ran.out);
    assert!(ran.out.contains("a, summary: 1 DIFFERENCE"), "{}", ran.out);
    let message = "  summary.csv: line 2, column `mean`: published `0.9";
    assert!(ran.out.contains(message), "{}", ran.out);
}

/// The manifest and the tables may agree, and yet be of the better seeds alone.
#[test]
fn a_summary_of_chosen_seeds_is_found() {
    let project = project();
    project.succeed(&[
        "run",
        "experiments/a.toml",
        "--out",
        "other",
        "--seed",
        "0",
        "--quiet",
    ]);
    let summary = project.path("results/a/summary");
    fs::remove_dir_all(&summary).unwrap();
    fs::rename(project.path("other/a/summary"), &summary).unwrap();
    let ran = project.run(&["verify", "--quiet"]);
    assert_eq!(ran.code, Some(1), "{}", ran.out);
    let message = "manifest.json: leaves out seed 1 of a, which is published";
    assert!(ran.out.contains(message), "{}", ran.out);
}

#[test]
fn forged_ledgers_are_found() {
    let project = project();
    project.succeed(&["verify", "--quiet"]);
    for name in ["claims.csv", "claims.md"] {
        let path = project.path("results").join(name);
        let text = fs::read_to_string(&path).unwrap();
        let forged = text
            .replace("as claimed", "confirmed")
            .replace("it learns", "it excels");
        fs::write(&path, forged).unwrap();
        let ran = project.run(&["verify", "--quiet"]);
        assert_eq!(ran.code, Some(1), "{name}: {}", ran.out);
        assert!(ran.out.contains(&format!("  {name}: ")), "{}", ran.out);
        fs::write(&path, text).unwrap();
    }
    // The claims of a spec that does not exist.
    let path = project.path("results/claims.csv");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.replace("\na,", "\nzzz,")).unwrap();
    let ran = project.run(&["verify", "--quiet"]);
    assert_eq!(ran.code, Some(1), "{}", ran.out);
    assert!(
        ran.out
            .contains("lists claims of \"zzz\": no spec has them"),
        "{}",
        ran.out
    );
    // Of a part of the specs the rest is not known.
    let ran = project.succeed(&["verify", "experiments/b.toml", "--quiet"]);
    assert!(ran.out.contains("claims: not compared"), "{}", ran.out);
}

#[test]
fn what_does_not_belong_is_reported() {
    let project = project();
    for name in [
        "results/note.txt",
        "results/claims.csv.bak",
        "results/a/old.csv",
        "results/a/seed-1/extra.csv",
        "results/a/seed-1/figures/extra.png",
        "results/a/summary/extra.csv",
        "results/a/seed-01/manifest.json",
    ] {
        let file = project.path(name);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(&file, "x").unwrap();
        let ran = project.run(&["verify", "experiments", "--quiet"]);
        assert_eq!(ran.code, Some(1), "{name}: {}", ran.out);
        let reported = ran
            .out
            .lines()
            .any(|line| line.ends_with(": unexpected: no run puts it here"));
        assert!(reported, "{name}: {}", ran.out);
        fs::remove_file(&file).unwrap();
        if fs::read_dir(file.parent().unwrap())
            .unwrap()
            .next()
            .is_none()
        {
            fs::remove_dir(file.parent().unwrap()).unwrap();
        }
    }
    // Hidden files are those of other programs, or of a run that was killed.
    fs::create_dir(project.path("results/a/.seed-1.partial")).unwrap();
    fs::write(project.path("results/a/seed-1/.DS_Store"), "x").unwrap();
    project.succeed(&["verify", "--quiet"]);
}

#[test]
fn results_of_overrides_are_verified_as_they_were_run() {
    let project = Project::new().with("experiments/a.toml", SPEC);
    let run = ["run", "experiments/a.toml", "--quiet"];
    project.succeed(
        &[
            &run[..],
            &["--set", "train.epochs=2", "--set", "title=Other"],
        ]
        .concat(),
    );
    project.succeed(&["verify", "--quiet"]);
    // Each seed as it was run.
    project.succeed(&[&run[..], &["--seed", "1"]].concat());
    let ran = project.succeed(&["verify", "--quiet"]);
    assert!(ran.out.contains("a, seed 1: verified"), "{}", ran.out);
    // A spec that changed since is named by its keys.
    let changed = SPEC.replace("batch_size = 8", "batch_size = 4");
    fs::write(project.path("experiments/a.toml"), changed).unwrap();
    let ran = project.run(&["verify", "--quiet"]);
    assert_eq!(ran.code, Some(1));
    let message = "`train.batch_size` was 8 when this was published and is 4 now";
    assert_eq!(ran.out.matches(message).count(), 2, "{}", ran.out);
    assert!(!ran.out.contains("train.epochs"), "{}", ran.out);
    // And one that no longer has the key.
    let without = SPEC.replace("epochs = 3", "epoch = 3");
    fs::write(project.path("experiments/a.toml"), without).unwrap();
    assert_eq!(project.run(&["verify", "--quiet"]).code, Some(2));
}

/// A manifest is written by whoever publishes results.
#[test]
fn manifests_lead_nowhere_else() {
    let project = project();
    let path = project.path("results/a/seed-1/manifest.json");
    let text = fs::read_to_string(&path).unwrap();
    for outside in ["../../../secret.csv", "/etc/passwd"] {
        fs::write(
            &path,
            text.replace("\"metrics.csv\"", &format!("\"{outside}\"")),
        )
        .unwrap();
        for arguments in [&["compare", "a", "b"][..], &["claims"], &["gc"]] {
            let ran = project.run(arguments);
            assert_eq!(ran.code, Some(4), "{arguments:?}: {}", ran.err);
            assert!(
                ran.err.contains("expected a path within the folder"),
                "{}",
                ran.err
            );
        }
        let ran = project.run(&["verify", "experiments/a.toml", "--quiet"]);
        assert_eq!(ran.code, Some(1), "{}", ran.out);
    }
}

/// Root reads everything, so that only others can be kept out.
#[cfg(unix)]
#[test]
fn unreadable_results_are_named_and_nothing_is_removed() {
    use std::os::unix::fs::PermissionsExt;
    let project = project();
    project.succeed(&["run", "experiments/a.toml", "--seed", "7", "--quiet"]);
    let mode = |name: &str, mode| {
        fs::set_permissions(project.path(name), fs::Permissions::from_mode(mode)).unwrap();
    };
    let before = files(&project.path("results"));
    for (name, kept) in [
        ("results/a", 0o755),
        ("results/a/seed-7/manifest.json", 0o644),
    ] {
        mode(name, 0);
        if fs::read_dir(project.path(name)).is_ok() || fs::read(project.path(name)).is_ok() {
            mode(name, kept);
            return;
        }
        for arguments in [
            &["claims"][..],
            &["compare", "a", "b"],
            &["gc"],
            &["verify"],
        ] {
            let ran = project.run(arguments);
            assert!(
                matches!(ran.code, Some(1 | 4)),
                "{arguments:?}: {}",
                ran.out
            );
            let said = ran.out + &ran.err;
            assert!(said.contains("Permission denied"), "{arguments:?}: {said}");
            assert!(
                !said.contains("not run") && !said.contains("no results"),
                "{said}"
            );
        }
        mode(name, kept);
        assert_eq!(files(&project.path("results")), before);
    }
}
