//! Disks that are full, and folders that may not be written to.

use std::fs;
use std::path::{Path, PathBuf};

use crate::project::{Project, SMALL, files};
use crate::store::tree;

const SPEC: &str = "experiments/small.toml";

fn project() -> Project {
    Project::new().with(SPEC, SMALL)
}

/// A limit to the size of files acts as a full disk.
#[test]
fn a_full_disk_keeps_the_old_results_and_is_reported() {
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
fn a_full_file_system_keeps_the_old_results_and_is_reported() {
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
fn a_read_only_folder_is_reported_and_left_alone() {
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
