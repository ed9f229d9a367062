//! Signals that end a command: a message, nothing left behind, a line in the log.

use std::fs;
use std::thread;
use std::time::{Duration, Instant};

#[cfg(target_os = "linux")]
use crate::killed::run_by;
use crate::killed::{longer, signal, start, wait_for, with_temporary};
use crate::project::{Project, SMALL, files};

const SPEC: &str = "experiments/small.toml";
const LOG: &str = "results/small/seed-0.log";
const SIGNALS: [(&str, i32); 3] = [("INT", 130), ("TERM", 143), ("HUP", 129)];

#[test]
fn a_run_that_a_signal_ends_says_so_and_is_resumed() {
    for (name, code) in SIGNALS {
        let project = longer(100_000);
        let child = start(&project, &["run", SPEC]);
        wait_for(&project, LOG, "epoch 20/");
        signal(&child, name);
        let output = child.wait_with_output().unwrap();
        let err = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{name}: {err}");
        let message = format!("interrupted by SIG{name}: run the same command again to resume");
        assert!(err.contains(&message), "{name}: {err}");
        let log = project.read(LOG);
        assert!(
            log.contains(&format!("] interrupted by SIG{name}\n")),
            "{log}"
        );
    }
}

#[test]
fn a_verification_that_a_signal_ends_leaves_nothing() {
    let text = SMALL.replace("epochs = 3", "epochs = 600");
    let project = with_temporary(Project::new().with(SPEC, text));
    project.succeed(&["run", SPEC, "--quiet"]);
    for (name, code) in SIGNALS {
        let child = start(&project, &["verify"]);
        let temporary = project.path("temporary");
        let since = Instant::now();
        while files(&temporary).is_empty() {
            assert!(since.elapsed() < Duration::from_mins(1));
            thread::sleep(Duration::from_millis(1));
        }
        signal(&child, name);
        let output = child.wait_with_output().unwrap();
        let err = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{name}: {err}");
        let message = format!("interrupted by SIG{name}: nothing was verified");
        assert!(err.contains(&message), "{name}: {err}");
        assert_eq!(fs::read_dir(&temporary).unwrap().count(), 0, "{name}");
    }
}

/// Program started by `nohup`.
#[cfg(target_os = "linux")]
#[test]
fn a_hangup_that_is_ignored_stays_ignored() {
    let project = longer(1_000_000);
    let plain = project.command(&["run", SPEC]);
    let ignoring = ["-c", "trap '' HUP; exec \"$@\"", "bash"];
    let mut command = run_by(&plain, "bash", &ignoring);
    let mut child = command.spawn().unwrap();
    wait_for(&project, LOG, "epoch 1/");
    signal(&child, "HUP");
    thread::sleep(Duration::from_millis(300));
    assert!(child.try_wait().unwrap().is_none(), "it goes on");
    signal(&child, "TERM");
    assert_eq!(child.wait().unwrap().code(), Some(143));
}
