//! MNIST that is not there: downloaded from a server on this machine, or
//! replaced by a stand-in that is named everywhere.

use std::fs;
use std::path::{Path, PathBuf};

use crate::http::{Answer, Server};
use crate::project::{Project, SMALL, files};

fn spec(stand_in: &str) -> String {
    SMALL.replace("\"strokes\"", &format!("\"mnist\"\n{stand_in}"))
}

/// The real files, if whoever runs the tests has them.
fn real_mnist() -> Option<PathBuf> {
    let folder = PathBuf::from(std::env::var_os("BACKQUERY_DATA")?);
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let there = folder.join("train-images-idx3-ubyte.gz").is_file();
    if !there {
        eprintln!("skipped: BACKQUERY_DATA holds no gzipped MNIST");
    }
    there.then_some(folder)
}

#[test]
fn the_real_files_arrive_from_the_mirror_that_has_them() {
    let Some(folder) = real_mnist() else { return };
    let broken = Server::start(|_, _| Answer::Status(404));
    let good = Server::start(move |path, before| {
        let content = fs::read(folder.join(path.trim_start_matches('/'))).unwrap();
        // Cut short at first, whole at the second attempt.
        if path.contains("t10k-images") && before == 0 {
            Answer::Cut(content)
        } else {
            Answer::File(content)
        }
    });
    let mirrors = format!("{}, {}", broken.url(), good.url());
    let project = Project::new()
        .with("small.toml", spec(""))
        .variable("BACKQUERY_MIRRORS", mirrors);
    let ran = project.succeed(&["data", "fetch", "mnist"]);
    assert!(
        ran.out
            .contains("all four files are in `FOLDER/home/.cache/backquery/mnist`"),
        "{}",
        ran.out
    );
    assert_eq!(files(&project.path("home/.cache/backquery/mnist")).len(), 4);
    let list = project.succeed(&["data", "list"]).out;
    assert!(
        list.contains("files in `FOLDER/home/.cache/backquery/mnist`"),
        "{list}"
    );
    // From now on the cache is enough.
    drop((broken, good));
    project.succeed(&["run", "small.toml"]);
    let manifest = project.read("results/small/seed-0/manifest.json");
    assert!(manifest.contains("\"source\": \"mnist\""), "{manifest}");
}

#[test]
fn content_that_is_wrong_is_never_put_in_place() {
    let server = Server::start(|path, _| match path {
        "/train-images-idx3-ubyte.gz" => Answer::File(b"<html>sorry</html>".to_vec()),
        _ => Answer::Status(500),
    });
    let project = Project::new()
        .with("small.toml", spec(""))
        .variable("BACKQUERY_MIRRORS", server.url());
    let message = project.fail(3, &["run", "small.toml"]);
    assert!(
        message.contains("cannot download `train-images-idx3-ubyte.gz`"),
        "{message}"
    );
    assert!(message.contains("unusable answer"), "{message}");
    assert!(message.contains("stand_in = \"strokes\""), "{message}");
    assert!(
        message.contains("`data/mnist` (the working folder): does not exist"),
        "{message}"
    );
    assert_eq!(files(&project.path("home")), Vec::<String>::new());
    assert!(!project.path("home/.cache/backquery/mnist").exists());
}

#[test]
fn a_stand_in_is_named_everywhere() {
    let project = Project::new().with("small.toml", spec("stand_in = \"strokes\""));
    let ran = project.succeed(&["run", "small.toml", "--quiet"]);
    assert!(
        ran.err
            .contains("warning: MNIST is unavailable; using the synthetic `strokes` digits"),
        "{}",
        ran.err
    );
    let read = |name: &str| project.read(&format!("results/small/seed-0/{name}"));
    let manifest = project.json("results/small/seed-0/manifest.json");
    assert_eq!(manifest["data"]["source"], "strokes");
    assert_eq!(manifest["data"]["stand_in_for"], "mnist");
    assert!(read("../seed-0.log").contains("FALLBACK: mnist is unavailable"));
    for figure in ["inverses", "each", "training"] {
        let svg = read(&format!("figures/{figure}.svg"));
        assert!(svg.contains("FALLBACK: mnist is unavailable"), "{figure}");
    }
}

#[test]
fn a_folder_that_cannot_be_written_to_is_reported_at_once() {
    let project = Project::new()
        .with("small.toml", spec(""))
        .with("file", "in the way");
    let message = project.fail(3, &["run", "small.toml", "--data-dir", "file/data"]);
    assert!(
        message.contains("cannot create the folder `file/data`"),
        "{message}"
    );
}

/// Reference results must be those of the data set in the spec.
#[test]
fn without_a_fallback_a_run_fails_where_data_is_unavailable() {
    let project = Project::new().with("small.toml", spec("stand_in = \"strokes\""));
    for command in [["run", "small.toml"], ["reproduce", "."]] {
        let said = project.fail(3, &[&command[..], &["--no-fallback"]].concat());
        assert!(
            said.contains("data set unavailable, and no fallback is wanted"),
            "{said}"
        );
    }
    project.succeed(&["run", "small.toml"]);
}
