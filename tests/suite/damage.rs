//! Files of results and store that are not as they were left.

use std::fs;
use std::path::Path;

use crate::project::{Project, SMALL, files, is_log};
use crate::store::tree;

const SPEC: &str = "experiments/small.toml";

fn project() -> Project {
    Project::new().with(SPEC, SMALL)
}

type Damage = fn(&Path);

const DAMAGES: [(&str, Damage); 6] = [
    ("cut", |path| {
        let bytes = fs::read(path).unwrap();
        fs::write(path, &bytes[..bytes.len().saturating_sub(1)]).unwrap();
    }),
    ("emptied", |path| fs::write(path, []).unwrap()),
    ("flipped", |path| {
        let mut bytes = fs::read(path).unwrap();
        let middle = bytes.len() / 2;
        if let Some(byte) = bytes.get_mut(middle) {
            *byte ^= 4;
        }
        fs::write(path, bytes).unwrap();
    }),
    ("a folder", |path| {
        fs::remove_file(path).unwrap();
        fs::create_dir(path).unwrap();
        fs::write(path.join("inside"), "x").unwrap();
    }),
    ("gone", |path| fs::remove_file(path).unwrap()),
    // Whole, but that of another: the first of its name with other content.
    ("exchanged", |path| {
        let name = path.file_name().unwrap();
        let own = fs::read(path).unwrap();
        let results = path
            .ancestors()
            .find(|above| above.ends_with("results"))
            .unwrap();
        let others = files(results).into_iter().map(|other| results.join(other));
        let named = others.filter(|other| other.file_name() == Some(name));
        let content = named
            .map(|other| fs::read(other).unwrap())
            .find(|other| *other != own);
        fs::write(path, content.unwrap_or_default()).unwrap();
    }),
];

/// Every file of results and store, damaged in every way: the next run rebuilds it and
/// says so, or fails with the reason.
#[test]
fn no_damage_is_overlooked() {
    let project = project();
    project.succeed(&["run", SPEC]);
    let whole = tree(&project, "results");
    let all = files(&project.path("results"));
    assert!(all.len() > 30, "{all:?}");
    for name in &all {
        for (how, damage) in DAMAGES {
            let path = project.path(&format!("results/{name}"));
            damage(&path);
            let is_log = is_log(name);
            if is_log {
                need(&project, name);
            }
            let ran = project.run(&["run", SPEC, "--quiet"]);
            if ran.code == Some(0) {
                assert!(
                    is_log
                        || ran.err.contains(&format!("`results/{name}` is "))
                        || name.ends_with("manifest.json"),
                    "{name} {how}: {}",
                    ran.err
                );
                assert_eq!(tree(&project, "results"), whole, "{name} {how}");
            } else {
                assert_eq!(
                    (ran.code, is_log),
                    (Some(4), true),
                    "{name} {how}: {}",
                    ran.err
                );
                assert!(ran.err.contains(name), "{name} {how}: {}", ran.err);
                fs::remove_dir_all(&path).unwrap();
                project.succeed(&["run", SPEC, "--quiet"]);
            }
        }
    }
    let mut left = files(&project.path("results"));
    left.retain(|name| !is_log(name));
    let expected: Vec<String> = all.into_iter().filter(|name| !is_log(name)).collect();
    assert_eq!(left, expected);
}

/// Sees to it that a log is needed: a run that has nothing to write opens none.
fn need(project: &Project, log: &str) {
    let folder = log.strip_suffix(".log").unwrap();
    fs::remove_file(project.path(&format!("results/{folder}/manifest.json"))).unwrap();
}

/// Links may lead anywhere; what they lead to is not the store's to remove or
/// to write to.
#[cfg(unix)]
#[test]
fn what_links_lead_to_is_left_alone() {
    use std::os::unix::fs::symlink;
    let project = project().with("precious/file", "precious");
    project.succeed(&["run", SPEC]);
    let is_there = || files(&project.path("precious")).contains(&"file".to_owned());
    for name in ["running", "making", "train"] {
        let path = project.path("results/.store").join(name);
        fs::rename(&path, project.path("aside")).unwrap();
        symlink(project.path("precious"), &path).unwrap();
        for arguments in [&["run", SPEC][..], &["gc", "--dry-run"], &["gc"]] {
            project.run(arguments);
            assert!(is_there(), "{name}: {arguments:?}");
        }
        fs::remove_file(&path).unwrap();
        fs::rename(project.path("aside"), &path).unwrap();
    }
    let lock = project.path("results/small/.seed-0.lock");
    symlink(project.path("precious/file"), &lock).unwrap();
    let ran = project.run(&["run", SPEC, "--set", "train.epochs=2"]);
    assert_eq!(ran.code, Some(4), "{}", ran.err);
    assert!(
        ran.err.contains(".seed-0.lock`") && ran.err.contains("not a plain file"),
        "{}",
        ran.err
    );
    assert_eq!(
        fs::read(project.path("precious/file")).unwrap(),
        b"precious"
    );
}

/// Nobody ever writes into these pipes: to read one would take for ever.
#[cfg(unix)]
#[test]
fn a_pipe_in_the_place_of_a_file_is_no_trap() {
    let project = project();
    project.succeed(&["run", SPEC]);
    let whole = tree(&project, "results");
    for name in files(&project.path("results")) {
        let path = project.path("results").join(&name);
        let content = fs::read(&path).unwrap();
        fs::remove_file(&path).unwrap();
        let made = std::process::Command::new("mkfifo").arg(&path).status();
        assert!(made.unwrap().success());
        project.run(&["plan"]);
        if is_log(&name) {
            need(&project, &name);
            assert_eq!(project.run(&["run", SPEC]).code, Some(4));
            fs::remove_file(&path).unwrap();
            fs::write(&path, content).unwrap();
        }
        project.succeed(&["run", SPEC, "--quiet"]);
        assert_eq!(tree(&project, "results"), whole, "{name}");
    }
}

/// Results with a damaged manifest are rebuilt, whatever the damage.
#[test]
fn a_manifest_is_checked_against_the_store_as_well() {
    let project = project();
    project.succeed(&["run", SPEC]);
    let path = project.path("results/small/seed-0/manifest.json");
    let whole = fs::read(&path).unwrap();
    for (how, damage) in DAMAGES {
        damage(&path);
        project.succeed(&["run", SPEC, "--quiet"]);
        assert_eq!(fs::read(&path).unwrap(), whole, "{how}");
    }
}
