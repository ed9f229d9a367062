//! Runs that end before their time, and runs at the same time.

use std::collections::BTreeSet;
use std::fs;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use backquery::rng::stream;

use crate::project::{Project, SMALL, files};
use crate::store::{made, tree};

const SPEC: &str = "experiments/small.toml";

/// The small network, trained long enough to be killed on the way, on labels that
/// have to be shuffled alike each time.
pub fn longer(epochs: usize) -> Project {
    let keys = format!("epochs = {epochs}\nlabels = \"shuffled\"");
    let spec = SMALL.replace("epochs = 3", &keys);
    Project::new()
        .with(SPEC, spec)
        .variable("BACKQUERY_CHECKPOINT_SECONDS", "0")
}

pub fn start(project: &Project, arguments: &[&str]) -> Child {
    let mut command = project.command(arguments);
    #[cfg(target_os = "linux")]
    {
        // If these tests were started with signals ignored, as `nohup` and scripts in the
        // background do, a child that inherits that would never end.
        let signals = ["INT", "TERM", "HUP"].map(|name| format!("--default-signal={name}"));
        command = run_by(&command, "env", &signals.each_ref().map(String::as_str));
    }
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command.spawn().unwrap()
}

/// Command that another program runs: it follows that program's own arguments.
#[cfg(target_os = "linux")]
pub fn run_by(plain: &Command, program: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(program);
    command
        .args(arguments)
        .arg(plain.get_program())
        .args(plain.get_args())
        .env_clear();
    for (name, value) in plain.get_envs() {
        command.env(name, value.unwrap_or_default());
    }
    if let Some(folder) = plain.get_current_dir() {
        command.current_dir(folder);
    }
    command
}

/// Waits until the log of the replicate contains a text.
pub fn wait_for(project: &Project, log: &str, text: &str) {
    let since = Instant::now();
    loop {
        let log = fs::read_to_string(project.path(log)).unwrap_or_default();
        if log.contains(text) {
            return;
        }
        assert!(
            since.elapsed() < Duration::from_mins(1),
            "no `{text}` in {log}"
        );
        thread::sleep(Duration::from_millis(5));
    }
}

/// Flips a bit in every checkpoint there is.
fn damage_checkpoints(project: &Project, out: &str) -> bool {
    let making = project.path(&format!("{out}/.store/making"));
    let mut damaged = false;
    for name in files(&making)
        .iter()
        .filter(|name| name.ends_with("checkpoint"))
    {
        let mut bytes = fs::read(making.join(name)).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        fs::write(making.join(name), bytes).unwrap();
        damaged = true;
    }
    damaged
}

/// True if the store has a network already.
fn is_trained(project: &Project, out: &str) -> bool {
    let trained = files(&project.path(&format!("{out}/.store/train")));
    trained.iter().any(|name| name.ends_with("/record"))
}

/// Sixty times `kill -9`: the same command ends in the same tree as if nothing
/// had happened. After every fifth kill the checkpoint is damaged as well.
#[test]
fn a_run_killed_at_any_moment_ends_in_the_same_bytes() {
    let project = longer(60);
    let since = Instant::now();
    project.succeed(&["run", SPEC, "--quiet", "--out", "whole"]);
    let mut whole_run = since.elapsed();
    let whole = tree(&project, "whole");
    let list = |out: &str| files(&project.path(out));
    let mut moments = stream(0, "kill");
    let (mut killed, mut resumed) = (0, 0);
    for round in 0..300 {
        let out = format!("out-{round}");
        let arguments = ["run", SPEC, "--quiet", "--out", &out];
        let mut child = start(&project, &arguments);
        thread::sleep(whole_run.mul_f64(moments.uniform()));
        child.kill().unwrap();
        if child.wait().unwrap().success() {
            // The first run had less of the processor.
            whole_run = whole_run.mul_f64(0.9);
        } else {
            killed += 1;
            let trained = is_trained(&project, &out);
            let damaged = killed % 5 == 0 && damage_checkpoints(&project, &out);
            let ran = project.succeed(&arguments);
            let message = ran.err.contains("checkpoint` is modified");
            assert_eq!(message, damaged && !trained, "{}", ran.err);
            assert_eq!(tree(&project, &out), whole, "round {round}");
            assert_eq!(list(&out), list("whole"), "round {round}: no stray files");
            let log = project.read(&format!("{out}/small/seed-0.log"));
            resumed += usize::from(log.contains("resuming after epoch"));
        }
        fs::remove_dir_all(project.path(&out)).unwrap();
        if killed == 60 {
            break;
        }
    }
    println!("{killed} were killed in time, {resumed} trainings went on");
    assert!(killed == 60 && resumed > 0, "{killed} {resumed}");
}

#[test]
fn twenty_processes_train_each_network_once() {
    let other = SMALL.replace("epochs = 3", "epochs = 20");
    let specs = [
        SMALL.to_owned(),
        SMALL.replace("A small network", "The same network"),
        other.clone(),
        other.replace(
            "method = \"empirical\"",
            "method = \"empirical\"\npixels = 9",
        ),
    ];
    let mut project = Project::new();
    for (index, spec) in specs.iter().enumerate() {
        project = project.with(&format!("experiments/{index}.toml"), spec);
    }
    project.succeed(&["reproduce", "--out", "alone"]);
    let children: Vec<Child> = (0..20)
        .map(|n| {
            start(
                &project,
                &[
                    "run",
                    &format!("experiments/{}.toml", n % 4),
                    "--out",
                    "together",
                ],
            )
        })
        .collect();
    for child in children {
        let output = child.wait_with_output().unwrap();
        let err = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(0), "{err}");
    }
    assert_eq!(tree(&project, "together"), tree(&project, "alone"));
    let together = made(&project, "together");
    let once: BTreeSet<&String> = together.iter().collect();
    assert_eq!(once.len(), together.len(), "nothing is made twice");
    let alone = made(&project, "alone");
    assert_eq!(once, alone.iter().collect());
    let list = |out: &str| files(&project.path(out));
    assert_eq!(list("together"), list("alone"), "no stray files");
}

#[cfg(unix)]
pub fn signal(child: &Child, name: &str) {
    // The shell's own `kill`: not every machine has one beside it.
    let command = format!("kill -s {name} {}", child.id());
    let sent = Command::new("bash").args(["-c", &command]).status();
    assert!(sent.unwrap().success());
}

#[cfg(unix)]
#[test]
fn an_interrupted_run_says_how_to_go_on_and_does() {
    let project = longer(1000);
    let child = start(&project, &["run", SPEC]);
    wait_for(&project, "results/small/seed-0.log", "epoch 20/");
    signal(&child, "INT");
    let output = child.wait_with_output().unwrap();
    let err = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(130), "{err}");
    assert!(
        err.contains("interrupted by SIGINT: run the same command again"),
        "{err}"
    );
    let ran = project.succeed(&["run", SPEC]);
    assert!(ran.err.contains("resuming after epoch"), "{}", ran.err);
}

/// Standard error is not read.
#[cfg(unix)]
#[test]
fn an_interrupted_run_does_not_wait_to_be_read() {
    let project = longer(1_000_000);
    let mut child = start(&project, &["run", SPEC]);
    wait_for(&project, "results/small/seed-0.log", "epoch 20/");
    signal(&child, "INT");
    assert_eq!(child.wait().unwrap().code(), Some(130));
}

/// A verification leaves no temporary folder.
#[cfg(unix)]
#[test]
fn an_interrupted_verification_leaves_nothing() {
    let project = Project::new().with(SPEC, SMALL);
    project.succeed(&["run", SPEC]);
    let project = with_temporary(project);
    let child = start(&project, &["verify"]);
    let temporary = project.path("temporary");
    let since = Instant::now();
    while files(&temporary).is_empty() {
        assert!(since.elapsed() < Duration::from_mins(1));
        thread::sleep(Duration::from_millis(1));
    }
    signal(&child, "INT");
    let output = child.wait_with_output().unwrap();
    if output.status.code() == Some(130) {
        let err = String::from_utf8_lossy(&output.stderr);
        assert!(err.contains("nothing was verified"), "{err}");
    }
    assert_eq!(files(&temporary), Vec::<String>::new());
}

pub fn with_temporary(project: Project) -> Project {
    fs::create_dir(project.path("temporary")).unwrap();
    let temporary = project.path("temporary").display().to_string();
    project.variable("TMPDIR", temporary)
}

/// While one process trains, a command with `--no-wait` fails and names that process,
/// other specs do not wait, and entries in use are not removed.
#[test]
fn a_running_process_is_respected() {
    let project = longer(1_000_000).with("experiments/other.toml", SMALL);
    let mut child = start(&project, &["run", SPEC]);
    wait_for(&project, "results/small/seed-0.log", "epoch 20/");
    let refused = project.run(&["run", SPEC, "--no-wait"]);
    let holder = format!("is locked by process {} on ", child.id());
    assert_eq!(refused.code, Some(4), "{}", refused.err);
    assert!(
        refused.err.contains(&holder) && refused.err.contains(" since 20"),
        "{}",
        refused.err
    );
    project.succeed(&["run", "experiments/other.toml", "--no-wait"]);

    fs::remove_file(project.path(SPEC)).unwrap();
    let cleaned = project.succeed(&["gc"]).out;
    assert!(
        cleaned.contains("0 entries") && cleaned.contains("in use by a running process"),
        "{cleaned}"
    );
    child.kill().unwrap();
    child.wait().unwrap();
    let cleaned = project.succeed(&["gc"]).out;
    assert!(cleaned.contains("/.store/making/train-"), "{cleaned}");
    assert!(!cleaned.contains("in use"), "{cleaned}");
    assert!(files(&project.path("results/.store/making")).is_empty());
}

/// A process that waits goes on as soon as the other is gone, however it went.
#[test]
fn a_waiting_process_takes_over_from_a_killed_one() {
    let project = longer(3000);
    let mut first = start(&project, &["run", SPEC]);
    wait_for(&project, "results/small/seed-0.log", "epoch 20/");
    let second = start(&project, &["run", SPEC]);
    let waiting = format!("waiting for process {} on ", first.id());
    wait_for(&project, "results/small/seed-0.log", &waiting);
    first.kill().unwrap();
    first.wait().unwrap();
    let output = second.wait_with_output().unwrap();
    let err = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{err}");
    assert!(err.contains("resuming after epoch"), "{err}");
    assert_eq!(made(&project, "results").len(), 9, "each stage once");
}
