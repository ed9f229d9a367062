//! What is in the store is made once, and nothing of it is believed unseen.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use crate::project::{Project, SMALL, files, is_log};

const SPEC: &str = "experiments/small.toml";

fn project() -> Project {
    Project::new().with(SPEC, SMALL)
}

/// All files below `results` that must not vary, the store's outputs included.
pub fn tree(project: &Project, folder: &str) -> BTreeMap<String, Vec<u8>> {
    let root = project.path(folder);
    let varies = ["/record", "timings.csv", "manifest.json"];
    let stable = |name: &String| !is_log(name) && !varies.iter().any(|end| name.ends_with(end));
    let files = files(&root).into_iter().filter(stable);
    let read = |name: String| {
        let bytes = fs::read(root.join(&name)).unwrap();
        (name, bytes)
    };
    files.map(read).collect()
}

/// The keys of all stages that were made, as often as they were, by the logs.
pub fn made(project: &Project, folder: &str) -> Vec<String> {
    let root = project.path(folder);
    let mut keys = Vec::new();
    for name in files(&root).iter().filter(|name| is_log(name)) {
        let log = fs::read_to_string(root.join(name)).unwrap();
        let lines = log
            .lines()
            .filter_map(|line| line.split_once(": made, key "));
        keys.extend(lines.map(|(_, key)| key.to_owned()));
    }
    keys
}

/// The stages that were made since there were `before` of them, by kind.
fn kinds_since(project: &Project, before: usize) -> BTreeSet<String> {
    let log = fs::read_to_string(project.path("results/small/seed-0.log")).unwrap();
    let lines = log
        .lines()
        .filter(|line| line.contains(": made, key "))
        .skip(before);
    let kind = |line: &str| {
        line.split_whitespace()
            .nth(2)
            .unwrap()
            .trim_end_matches(':')
            .to_owned()
    };
    lines.map(kind).collect()
}

#[test]
fn a_second_run_makes_nothing_and_touches_no_result() {
    let project = project();
    project.succeed(&["run", SPEC]);
    let first = made(&project, "results").len();
    let figure = project.path("results/small/seed-0/figures/each.png");
    let written = fs::metadata(&figure).unwrap().modified().unwrap();
    let ran = project.succeed(&["run", SPEC]);
    assert!(
        ran.err.contains("up to date: results/small/seed-0"),
        "{}",
        ran.err
    );
    assert_eq!(made(&project, "results").len(), first);
    assert_eq!(fs::metadata(&figure).unwrap().modified().unwrap(), written);
}

#[test]
fn what_cannot_change_a_network_does_not_train_one() {
    let project = project();
    project.succeed(&["run", SPEC]);
    let edits: [(&str, &str, &[&str]); 5] = [
        ("title = ", "# a comment\ntitle = ", &[]),
        ("title = ", "source = \"a book\"\ntitle = ", &[]),
        (
            "name = \"each\"",
            "name = \"each\"\ncaption = \"new\"",
            &["figure"],
        ),
        ("A small network", "Another title", &["figure"]),
        (
            "method = \"empirical\"",
            "method = \"empirical\"\npixels = 100",
            &["invert", "measure", "figure"],
        ),
    ];
    for (old, new, kinds) in edits {
        let before = made(&project, "results").len();
        assert!(SMALL.contains(old));
        fs::write(project.path(SPEC), SMALL.replace(old, new)).unwrap();
        project.succeed(&["run", SPEC]);
        let expected = kinds.iter().map(|kind| (*kind).to_owned()).collect();
        assert_eq!(kinds_since(&project, before), expected, "{new}");
    }
    // The order of keys.
    let before = made(&project, "results").len();
    let swapped = SMALL
        .replace("batch_size = 16\n", "")
        .replace("epochs = 3", "epochs = 3\nbatch_size = 16");
    fs::write(project.path(SPEC), swapped).unwrap();
    project.succeed(&["run", SPEC]);
    assert_eq!(kinds_since(&project, before), BTreeSet::new());
}

#[test]
fn a_spec_of_another_name_takes_the_network_from_the_store() {
    let project = project().with("experiments/again.toml", SMALL);
    project.succeed(&["run", SPEC]);
    project.succeed(&["run", "experiments/again.toml"]);
    let log = fs::read_to_string(project.path("results/again/seed-0.log")).unwrap();
    assert!(
        !log.contains("train: made") && !log.contains("invert"),
        "{log}"
    );
    let weights = |name: &str| {
        fs::read(project.path(&format!("results/{name}/seed-0/weights.safetensors"))).unwrap()
    };
    assert_eq!(weights("small"), weights("again"));
}

#[test]
fn an_edited_data_file_is_other_data() {
    let row = |label: usize, shift: usize| {
        let pixels = (0..784).map(|p| usize::from((p + shift) % 7 == label) * 255);
        let cells: Vec<String> = pixels.map(|p| p.to_string()).collect();
        format!("{label},{}\n", cells.join(","))
    };
    let rows = |shift| -> String { (0..30).map(|r| row(r % 3, shift)).collect() };
    let spec = SMALL
        .replace("\"strokes\"", "\"csv\"\nfile = \"rows.csv\"")
        .replace("per_class = 20", "per_class = 10");
    let project = Project::new()
        .with(SPEC, spec)
        .with("experiments/rows.csv", rows(0));
    project.succeed(&["run", SPEC]);
    let before = made(&project, "results").len();
    let file = fs::File::options()
        .append(true)
        .open(project.path("experiments/rows.csv"));
    file.unwrap()
        .set_modified(std::time::SystemTime::UNIX_EPOCH)
        .unwrap();
    project.succeed(&["run", SPEC]);
    assert_eq!(
        made(&project, "results").len(),
        before,
        "touching is no change"
    );
    fs::write(project.path("experiments/rows.csv"), rows(1)).unwrap();
    project.succeed(&["run", SPEC]);
    assert!(kinds_since(&project, before).contains("train"));
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

/// Every file of results and store, damaged in every way: the next run makes it
/// anew and says so, or says that it cannot go on and why.
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
            let ran = project.run(&["run", SPEC, "--quiet"]);
            let is_log = is_log(name);
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
    let ran = project.run(&["run", SPEC]);
    assert_eq!(ran.code, Some(4), "{}", ran.err);
    assert!(
        ran.err.contains(".seed-0.lock`") && ran.err.contains("no plain file"),
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
            assert_eq!(project.run(&["run", SPEC]).code, Some(4));
            fs::remove_file(&path).unwrap();
            fs::write(&path, content).unwrap();
        }
        project.succeed(&["run", SPEC, "--quiet"]);
        assert_eq!(tree(&project, "results"), whole, "{name}");
    }
}

/// Results whose manifest is damaged are written anew, whatever the damage was.
#[test]
fn a_manifest_is_held_against_the_store_as_well() {
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

#[test]
fn cleaning_removes_what_no_spec_refers_to_and_a_dry_run_tells_it_before() {
    let other = SMALL.replace("epochs = 3", "epochs = 2");
    let project = project().with("experiments/other.toml", other);
    project.succeed(&["reproduce"]);
    let before = files(&project.path("results"));
    let nothing = project.succeed(&["gc"]).out;
    assert!(nothing.contains("0 entries, 0 bytes removed"), "{nothing}");
    assert_eq!(files(&project.path("results")), before);

    fs::remove_file(project.path("experiments/other.toml")).unwrap();
    let told = project.succeed(&["gc", "--dry-run"]).out;
    assert_eq!(
        files(&project.path("results")),
        before,
        "a dry run removes nothing"
    );
    let removed = project.succeed(&["gc"]).out;
    assert_eq!(told.replace("would be removed", "removed"), removed);
    let paths: Vec<&str> = removed
        .lines()
        .filter_map(|line| line.split_once(" ("))
        .map(|p| p.0)
        .collect();
    // Everything but the data, which both share: training, 2 inversions, 2 measures, 3 figures.
    assert_eq!(paths.len(), 8, "{removed}");
    assert!(paths.iter().all(|path| !project.path(path).exists()));
    let plan = project.run(&["plan"]);
    assert_eq!(plan.code, Some(0), "{}", plan.out);
}

/// A seed that was run beside those of the spec, as a study does.
#[test]
fn cleaning_keeps_what_results_of_a_spec_were_made_of() {
    let project = project();
    project.succeed(&["run", SPEC, "--seed", "0,7"]);
    let removed = project.succeed(&["gc"]).out;
    assert!(removed.contains("0 entries"), "{removed}");
    assert_eq!(project.run(&["plan", "--seed", "0,7"]).code, Some(0));
}

#[test]
fn a_spec_that_cannot_be_read_keeps_everything() {
    let project = project();
    project.succeed(&["run", SPEC]);
    let before = files(&project.path("results"));
    fs::write(project.path(SPEC), "titel = 1").unwrap();
    assert_eq!(project.run(&["gc"]).code, Some(2));
    assert_eq!(files(&project.path("results")), before);
}

/// As a limit to the size of files has it.
#[test]
fn a_full_disk_leaves_the_old_results_and_is_told() {
    let project = project();
    project.succeed(&["run", SPEC]);
    let whole = tree(&project, "results");
    for kilobytes in [0, 1, 4, 16, 64] {
        let script = format!(
            "trap '' XFSZ; ulimit -f {kilobytes}; exec \"$0\" run {SPEC} --quiet --set train.epochs=2"
        );
        let mut limited = project.command(&[]);
        let program = limited.get_program().to_owned();
        let envs: Vec<_> = limited
            .get_envs()
            .map(|(k, v)| (k.to_owned(), v.map(ToOwned::to_owned)))
            .collect();
        limited = std::process::Command::new("bash");
        limited
            .arg("-c")
            .arg(script)
            .arg(program)
            .current_dir(project.path(""))
            .env_clear();
        for (name, value) in envs {
            limited.env(name, value.unwrap_or_default());
        }
        let ran = project.finish(limited);
        assert_eq!(ran.code, Some(4), "{kilobytes} kB: {}", ran.err);
        assert!(
            ran.err.contains("cannot write `results/"),
            "{kilobytes} kB: {}",
            ran.err
        );
        let mut left = tree(&project, "results");
        left.retain(|name, _| whole.contains_key(name));
        assert_eq!(left, whole, "{kilobytes} kB");
        // With room again it goes on, and back.
        project.succeed(&["run", SPEC, "--quiet"]);
    }
    project.succeed(&["run", SPEC, "--quiet", "--set", "train.epochs=2"]);
    project.succeed(&["run", SPEC, "--quiet"]);
    assert!(
        whole
            .iter()
            .all(|(name, bytes)| tree(&project, "results").get(name) == Some(bytes))
    );
}

/// A file system of its own, where one may be mounted.
#[cfg(target_os = "linux")]
#[test]
fn a_full_file_system_leaves_the_old_results_and_is_told() {
    use std::process::Command;
    let project = project();
    let disk = project.path("results");
    fs::create_dir(&disk).unwrap();
    let mount = |size: &str| {
        let mut command = Command::new("mount");
        command
            .args(["-t", "tmpfs", "-o", size, "tmpfs"])
            .arg(&disk);
        command.output().is_ok_and(|output| output.status.success())
    };
    if !mount("size=100m") {
        println!("skipped: nothing may be mounted here");
        return;
    }
    let _mounted = Mounted(&disk);
    project.succeed(&["run", SPEC]);
    let whole = tree(&project, "results");
    let used: u64 = {
        let size = |name: &String| fs::metadata(disk.join(name)).unwrap().len().div_ceil(4096);
        files(&disk).iter().map(size).sum()
    };
    for spare in [0, 3, 12, 30, 60] {
        assert!(mount(&format!("remount,size={}k", 4 * (used + spare))));
        let ran = project.run(&["run", SPEC, "--quiet", "--set", "train.epochs=2"]);
        assert_eq!(ran.code, Some(4), "{spare} pages: {}", ran.err);
        assert!(ran.err.contains("`results/"), "{spare} pages: {}", ran.err);
        let mut left = tree(&project, "results");
        left.retain(|name, _| whole.contains_key(name));
        assert_eq!(left, whole, "{spare} pages");
        assert!(mount("remount,size=100m"));
        project.succeed(&["gc"]);
    }
    project.succeed(&["run", SPEC, "--quiet"]);
    assert_eq!(tree(&project, "results"), whole);
}

/// A file system that goes when the test is over, however it ends.
#[cfg(target_os = "linux")]
struct Mounted<'a>(&'a Path);

#[cfg(target_os = "linux")]
impl Drop for Mounted<'_> {
    fn drop(&mut self) {
        let _ = std::process::Command::new("umount").arg(self.0).status();
    }
}

#[cfg(unix)]
#[test]
fn a_folder_that_may_not_be_written_to_is_told_and_left_alone() {
    use std::os::unix::fs::{MetadataExt, PermissionsExt};
    use std::os::unix::process::CommandExt;
    let project = project();
    project.succeed(&["run", SPEC]);
    let whole = tree(&project, "results");
    let mode =
        |path: PathBuf, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    let is_root = fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0);
    mode(project.path(""), 0o755);
    // The lowest folder that a run has to write to, of each kind.
    for folder in [
        "results/small",
        "results/.store/making",
        "results/.store/running",
    ] {
        mode(project.path(folder), 0o555);
        let mut command = project.command(&["run", SPEC, "--set", "train.epochs=2"]);
        if is_root {
            // Root may write anywhere.
            command.uid(65534).gid(65534);
        }
        if command.output().is_err() {
            println!("skipped: nobody else may run here");
            return;
        }
        let ran = project.finish(command);
        mode(project.path(folder), 0o755);
        assert_eq!(ran.code, Some(4), "{folder}: {}", ran.err);
        assert!(
            ran.err.contains("results/") && ran.err.contains("denied"),
            "{}",
            ran.err
        );
        assert_eq!(tree(&project, "results"), whole, "{folder}");
    }
}
