//! Results of a run: every file, readable, and the same bytes every time.

use std::collections::BTreeMap;
use std::fs;

use backquery::config::{Metric, Task};
use base64::prelude::{BASE64_STANDARD, Engine};

use crate::project::{Project, SMALL, files, is_log, judged};

const EXPECTED: [&str; 23] = [
    "accuracy.csv",
    "agreement.csv",
    "evaluators.csv",
    "figures/each.pdf",
    "figures/each.png",
    "figures/each.svg",
    "figures/inverses.pdf",
    "figures/inverses.png",
    "figures/inverses.svg",
    "figures/training.pdf",
    "figures/training.png",
    "figures/training.svg",
    "inverses.safetensors",
    "judges.csv",
    "layers.csv",
    "manifest.json",
    "metrics.csv",
    "network.csv",
    "overlaps.csv",
    "readings.csv",
    "reliability.csv",
    "timings.csv",
    "weights.safetensors",
];

fn project() -> Project {
    Project::new().with("experiments/try/small.toml", judged())
}

/// Files of a summary.
const SUMMARY: [&str; 3] = ["differences.csv", "manifest.json", "summary.csv"];

/// The content of all results that must not vary.
fn stable(project: &Project, folder: &str) -> BTreeMap<String, Vec<u8>> {
    let folder = project.path(folder);
    let varies = ["timings.csv", "manifest.json"];
    files(&folder)
        .into_iter()
        .filter(|name| !name.starts_with(".store") && !is_log(name))
        .filter(|name| !varies.iter().any(|file| name.ends_with(file)))
        .map(|name| (name.clone(), fs::read(folder.join(&name)).unwrap()))
        .collect()
}

#[test]
fn a_run_leaves_every_file_and_nothing_else() {
    let project = project();
    let ran = project.succeed(&["run", "experiments/try/small.toml"]);
    assert!(ran.out.contains("try/small, seed 0"), "{}", ran.out);
    assert!(ran.err.contains("epoch 3/3"), "{}", ran.err);
    assert_eq!(files(&project.path("results/try/small/seed-0")), EXPECTED);
    let beside = fs::read_dir(project.path("results/try/small")).unwrap();
    assert_eq!(beside.count(), 4, "the folder, the summary, and their logs");
    assert_eq!(files(&project.path("results/try/small/summary")), SUMMARY);
}

#[test]
fn tables_have_a_row_for_everything() {
    let project = project();
    project.succeed(&[
        "run",
        "experiments/try/small.toml",
        "--seed",
        "3,5",
        "--quiet",
    ]);
    for seed in [3, 5] {
        let folder = project.path(&format!("results/try/small/seed-{seed}"));
        let accuracy = fs::read_to_string(folder.join("accuracy.csv")).unwrap();
        let epochs: Vec<&str> = accuracy
            .lines()
            .skip(1)
            .map(|l| l.split(',').next().unwrap())
            .collect();
        assert_eq!(epochs, ["1", "2", "3"]);
        let metrics = fs::read_to_string(folder.join("metrics.csv")).unwrap();
        let mut lines = metrics.lines();
        assert_eq!(
            lines.next(),
            Some("spec,replicate,inversion,parameter,setting,class,metric,value,unit")
        );
        // 2 inversions, 3 classes.
        assert_eq!(
            lines.clone().count(),
            2 * 3 * Metric::usual(Task::Target).len()
        );
        let start = format!("try/small,{seed},");
        assert!(lines.all(|line| line.starts_with(&start)));
    }
}

#[test]
fn figures_are_sound_and_name_their_data() {
    let project = project();
    project.succeed(&["run", "experiments/try/small.toml"]);
    for name in ["inverses", "each", "training"] {
        let path =
            |ending| project.path(&format!("results/try/small/seed-0/figures/{name}.{ending}"));
        let file = fs::File::open(path("png")).unwrap();
        let mut reader = png::Decoder::new(std::io::BufReader::new(file))
            .read_info()
            .unwrap();
        let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
        let frame = reader.next_frame(&mut pixels).unwrap();
        assert!(frame.width > 500 && frame.height > 300, "{name}");
        assert!(
            pixels.contains(&0) && pixels.contains(&255),
            "{name} is not empty"
        );
        let svg = fs::read_to_string(path("svg")).unwrap();
        let tree = roxmltree::Document::parse(&svg).unwrap();
        let texts: String = tree.descendants().filter_map(|node| node.text()).collect();
        for shown in ["A small network", "strokes", "Seed 0"] {
            assert!(texts.contains(shown), "{name} lacks {shown}: {texts}");
        }
    }
}

/// True for the image of a scale bar, which is one pixel across or down before it is enlarged.
fn is_bar(png: &[u8]) -> bool {
    let reader = png::Decoder::new(std::io::Cursor::new(png))
        .read_info()
        .unwrap();
    let info = reader.info();
    info.width.max(info.height) >= 2 * info.width.min(info.height)
}

#[test]
fn a_row_and_an_image_are_scaled_apart() {
    let spec = SMALL.replace(
        "rows = [\"empirical\", \"analytical\"]",
        "rows = [\"analytical\"]",
    );
    let project = Project::new().with("small.toml", spec);
    project.succeed(&["run", "small.toml"]);
    // Per row one image has the black and one the white, and per image each has both. The
    // scale bars, after the images or between them, have both as well.
    let ends = |name: &str| -> Vec<(u8, u8)> {
        let path = format!("results/small/seed-0/figures/{name}.svg");
        let svg = project.read(&path);
        let images = svg.split("base64,").skip(1);
        images
            .filter(|image| {
                let head = image.split('"').next().unwrap();
                BASE64_STANDARD.decode(head).is_ok_and(|png| !is_bar(&png))
            })
            .map(|image| {
                let png = BASE64_STANDARD
                    .decode(image.split('"').next().unwrap())
                    .unwrap();
                let mut reader = png::Decoder::new(std::io::Cursor::new(png))
                    .read_info()
                    .unwrap();
                let mut levels = vec![0; reader.output_buffer_size().unwrap()];
                reader.next_frame(&mut levels).unwrap();
                (*levels.iter().min().unwrap(), *levels.iter().max().unwrap())
            })
            .collect()
    };
    assert_eq!(ends("each"), [(0, 255); 3]);
    let row = ends("inverses");
    assert_ne!(row, [(0, 255); 3]);
    assert_eq!(row.iter().map(|e| e.0).min(), Some(0));
    assert_eq!(row.iter().map(|e| e.1).max(), Some(255));
}

#[test]
fn without_inversions_there_are_no_tables_of_them() {
    let spec = &SMALL[..SMALL.find("[target]").unwrap()];
    let project = Project::new().with("small.toml", spec);
    project.succeed(&["run", "small.toml"]);
    let expected = [
        "accuracy.csv",
        "layers.csv",
        "manifest.json",
        "network.csv",
        "timings.csv",
        "weights.safetensors",
    ];
    assert_eq!(files(&project.path("results/small/seed-0")), expected);
}

#[test]
fn results_go_to_the_same_folder_however_the_path_is_typed() {
    let project = project();
    let spec = project.path("experiments/try/small.toml");
    project.succeed(&[
        "run",
        "experiments/../experiments/try/small.toml",
        "--out",
        "a",
    ]);
    project.succeed(&["run", spec.to_str().unwrap(), "--out", "b"]);
    for out in ["a", "b"] {
        assert_eq!(
            files(&project.path(&format!("{out}/try/small/seed-0"))),
            EXPECTED
        );
    }
}

#[test]
fn the_manifest_records_what_was_run_and_hashes_every_output() {
    let project = project();
    project.succeed(&[
        "run",
        "experiments/try/small.toml",
        "--set",
        "train.epochs=2",
    ]);
    let folder = project.path("results/try/small/seed-0");
    let manifest = project.json("results/try/small/seed-0/manifest.json");
    assert_eq!(manifest["spec"]["train"]["epochs"], 2);
    assert_eq!(manifest["spec"]["train"]["optimizer"]["epsilon"], 1e-8);
    assert_eq!(manifest["data"]["source"], "strokes");
    assert_eq!(manifest["data"]["stand_in_for"], serde_json::Value::Null);
    assert_eq!(manifest["device"], "flex");
    let outputs = manifest["outputs"].as_object().unwrap();
    for (name, digest) in outputs {
        let bytes = fs::read(folder.join(name)).unwrap();
        assert_eq!(*digest, backquery::digest::sha256([&bytes[..]]), "{name}");
    }
    let unlisted = ["manifest.json", "timings.csv"];
    assert_eq!(outputs.len() + unlisted.len(), EXPECTED.len());
}

/// Computation uses one thread so far; a library that starts
/// to would be noticed.
#[test]
fn a_rerun_gives_the_same_bytes_whatever_the_threads_and_the_folder() {
    let project = project();
    let spec = project.path("experiments/try/small.toml");
    project.succeed(&["run", "experiments/try/small.toml", "--out", "a"]);
    let project = project
        .variable("RAYON_NUM_THREADS", "1")
        .variable("TZ", "Asia/Tokyo");
    project.succeed(&["run", spec.to_str().unwrap(), "--out", "b/c", "--quiet"]);
    let project = project
        .variable("RAYON_NUM_THREADS", "2")
        .variable("HOME", "/nonexistent")
        .variable("LC_ALL", "tr_TR.UTF-8");
    project.succeed(&["reproduce", "--out", "d"]);
    let first = stable(&project, "a");
    // Everything but the manifests and the times.
    assert_eq!(first.len(), EXPECTED.len() - 2 + SUMMARY.len() - 1);
    assert_eq!(first, stable(&project, "b/c"));
    assert_eq!(first, stable(&project, "d"));
    project.succeed(&[
        "run",
        "experiments/try/small.toml",
        "--out",
        "a",
        "--seed",
        "1",
    ]);
    let weights =
        |seed| fs::read(project.path(&format!("a/try/small/seed-{seed}/weights.safetensors")));
    assert_ne!(weights(0).unwrap(), weights(1).unwrap());
}

#[test]
fn a_run_that_fails_keeps_the_results_of_the_one_before() {
    let project = project();
    project.succeed(&["run", "experiments/try/small.toml"]);
    let before = stable(&project, "results");
    let diverging = ["--set", "train.learning_rate=1e30"];
    let ran = project.run(&[&["run", "experiments/try/small.toml"], &diverging[..]].concat());
    assert_eq!(ran.code, Some(1), "{}", ran.err);
    assert!(
        ran.err.contains("training diverged in epoch 1"),
        "{}",
        ran.err
    );
    assert_eq!(before, stable(&project, "results"));
}

#[test]
fn reproduce_goes_on_after_a_failure_and_lists_it() {
    let broken = SMALL.replace("learning_rate = 0.01", "learning_rate = 1e30");
    let project = project().with("experiments/a/broken.toml", broken);
    let ran = project.run(&["reproduce"]);
    assert_eq!(ran.code, Some(1));
    assert!(
        ran.err.ends_with("error: 1 failed: a/broken seed 0\n"),
        "{}",
        ran.err
    );
    assert_eq!(files(&project.path("results/try/small/seed-0")), EXPECTED);
}

#[test]
fn every_seed_is_tried_unless_the_first_failure_ends_all() {
    let broken = SMALL.replace("learning_rate = 0.01", "learning_rate = 1e30");
    let project = project().with("experiments/a/broken.toml", format!("seeds = 2\n{broken}"));
    let ran = project.run(&["reproduce", "--quiet"]);
    assert!(
        ran.err.contains("error: a/broken, seed 1, failed"),
        "{}",
        ran.err
    );
    assert!(
        ran.err
            .ends_with("error: 2 failed: a/broken seed 0, a/broken seed 1\n"),
        "{}",
        ran.err
    );
    let log = project.read("results/a/broken/seed-1.log");
    assert!(log.contains("failed: training diverged"), "{log}");
    fs::remove_dir_all(project.path("results")).unwrap();
    let ran = project.run(&["reproduce", "--quiet", "--fail-fast", "--jobs", "1"]);
    assert!(
        ran.err.ends_with("error: 1 failed: a/broken seed 0\n"),
        "{}",
        ran.err
    );
    assert!(!project.path("results/try/small/seed-0").exists());
}

#[test]
fn results_never_lie_within_those_of_another() {
    let project = Project::new().with("experiments/small/seed-0.toml", SMALL);
    let message = project.fail(2, &["reproduce"]);
    assert!(
        message.contains("`experiments/small/seed-0.toml`: the names `claims`, `summary`, `seed-`"),
        "{message}"
    );
}

#[test]
fn csv_with_and_without_a_header_are_the_same_data() {
    let row = |label: usize| {
        let pixels = (0..784).map(|p| usize::from(p % 7 == label) * 255);
        let cells: Vec<String> = pixels.map(|p| p.to_string()).collect();
        format!("{label},{}\n", cells.join(","))
    };
    let rows: String = (0..30).map(|r| row(r % 3)).collect();
    let header: Vec<String> = (0..784).map(|p| format!("pixel{p}")).collect();
    let spec = |file: &str| {
        SMALL
            .replace("\"strokes\"", &format!("\"csv\"\nfile = \"{file}\""))
            .replace("per_class = 20", "per_class = 10")
    };
    let project = Project::new()
        .with("experiments/data/bare.csv", &rows)
        .with(
            "experiments/data/headed.csv",
            format!("label,{}\n{rows}", header.join(",")),
        )
        .with("experiments/bare.toml", spec("data/bare.csv"))
        .with("experiments/headed.toml", spec("data/headed.csv"));
    project.succeed(&["reproduce"]);
    let weights =
        |name| fs::read(project.path(&format!("results/{name}/seed-0/weights.safetensors")));
    assert_eq!(weights("bare").unwrap(), weights("headed").unwrap());
    // Without test rows the cells of the log are empty.
    let accuracy = project.read("results/bare/seed-0/accuracy.csv");
    assert!(
        accuracy.lines().skip(1).all(|line| line.ends_with(",,,")),
        "{accuracy}"
    );
}
