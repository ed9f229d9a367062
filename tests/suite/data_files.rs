//! CSV files with any columns and any level of white. The log and the manifest say what was
//! read.

use std::fs;

use serde_json::{Value, json};

use crate::project::{Project, Ran};

/// Spec of two classes of small images.
pub const SPEC: &str = r#"
title = "Small files"
[data]
source = "csv"
file = "train.csv"
test_file = "test.csv"
classes = [0, 1]
[model]
hidden = []
output = "softmax"
[train]
loss = "cross_entropy"
optimizer = "sgd"
learning_rate = 0.5
batch_size = 8
epochs = 3
[target]
logits = { on = 3.0, off = -3.0 }
[[invert]]
name = "analytical"
method = "layered"
"#;

pub const ROWS: usize = 24;

/// Label of a row, and four pixels that differ from those of other rows.
pub fn row(number: usize) -> (usize, [usize; 4]) {
    let class = number % 2;
    let grain = number % 12;
    let [on, off] = [250 - grain, grain];
    let pixels = [[on, off, off + 7, on - 3], [off, on, on - 5, off + 9]];
    (class, pixels[class])
}

/// CSV file with a header, whose rows `write` formats.
fn csv(header: &str, write: impl Fn(usize, usize, [usize; 4]) -> String) -> String {
    let mut lines = vec![header.to_owned()];
    lines.extend((0..ROWS).map(|number| {
        let (label, pixels) = row(number);
        write(number, label, pixels)
    }));
    lines.join("\n")
}

pub fn plain() -> String {
    csv(
        "label,pixel0,pixel1,pixel2,pixel3",
        |_, label, [a, b, c, d]| format!("{label},{a},{b},{c},{d}"),
    )
}

pub fn project(train: &str, test: &str) -> Project {
    Project::new()
        .with("spec.toml", SPEC)
        .with("train.csv", train)
        .with("test.csv", test)
}

pub fn manifest(project: &Project) -> Value {
    project.json("results/spec/seed-0/manifest.json")
}

pub fn log(project: &Project) -> String {
    project.read("results/spec/seed-0.log")
}

fn accuracy(project: &Project) -> String {
    project.read("results/spec/seed-0/accuracy.csv")
}

pub fn warnings(ran: &Ran) -> Vec<&str> {
    let lines = ran.err.lines();
    lines
        .filter_map(|line| line.split_once("warning: "))
        .map(|(_, warning)| warning)
        .collect()
}

#[test]
fn columns_are_found_by_their_names_and_give_the_same_results() {
    let files = [
        plain(),
        csv(
            "pixel1,pixel2,pixel3,pixel4,class",
            |_, label, [a, b, c, d]| format!("{a},{b},{c},{d},{label}"),
        ),
        csv("label,0,1,2,3", |_, label, [a, b, c, d]| {
            format!("{label}.0,{a}.0,{b}.0,{c}e0,{d}")
        }),
        csv(",Target,1x1,1x2,2x1,2x2", |number, label, [a, b, c, d]| {
            format!("{number},{label},{a},{b},{c},{d}")
        }),
        csv(
            "pixel2,id,pixel0,y,pixel3,pixel1",
            |number, label, [a, b, c, d]| format!("{c},row {number},{a},{label},{d},{b}"),
        ),
    ];
    let mut all = Vec::new();
    for train in &files {
        for test in [&files[0], train] {
            let project = project(train, test);
            assert_eq!(warnings(&project.succeed(&["run", "spec.toml"])), [""; 0]);
            all.push((
                accuracy(&project),
                manifest(&project)["data"]["sha256"].clone(),
            ));
        }
    }
    assert!(all.iter().all(|one| *one == all[0]), "{all:#?}");
    assert!(
        all[0].0.lines().last().unwrap().ends_with(",1.0,"),
        "{}",
        all[0].0
    );
}

#[test]
fn what_is_not_certain_is_refused_before_anything_is_trained() {
    let fails = |train: &str, test: &str| {
        let message = project(train, test).fail(3, &["run", "spec.toml"]);
        message.lines().last().unwrap_or_default().to_owned()
    };
    let last = csv("a,b,c,d,class", |_, label, [a, b, c, d]| {
        format!("{a},{b},{c},{d},{label}")
    });
    let (_, headless) = last.split_once('\n').unwrap();
    let unnamed = last.replacen("class", "e", 1);
    let both = last.replacen("a,", "digit,", 1);
    let cases = [
        fails(headless, headless),
        fails(&unnamed, &last),
        fails(&both, &last),
        fails(&last, headless),
        fails(&plain().replace(',', ";"), &last),
        fails(&plain().replacen("pixel2", "pixel7", 1), &last),
        fails(&plain().replacen(",pixel3", ",pixel3,area", 1), &last),
    ];
    insta::assert_snapshot!(cases.join("\n"), @r"
    because no header, and the labels could be in column 1 or in column 5, the last one; add a header that names one of them `label`, and the pixels `pixel0`, `pixel1` and so on
    because line 1: header without a label column (`a`, `b`, `c`, ...); name it `label`, `class`, `target`, `y` or `digit`
    because column 1 (`digit`) and column 5 (`class`) could both be the labels; rename or remove one of them
    because columns differ from those of the training file: only one of them has a header; add one to both
    because line 1: expected commas between columns, got semicolons; convert the file
    because the order of the pixels is ambiguous: no pixel between `pixel1` and `pixel3`; keep all pixels, or give columns names without numbers
    because the order of the pixels is ambiguous: columns `area` and `pixel0` have names of different forms; remove the one that is no pixel, or number all pixels alike
    ");
}

#[test]
fn rows_files_and_levels_are_in_log_and_manifest() {
    let more = format!("{}\n7,1,2,3,255\n9,1,2,3,4\n7,0,0,0,0\n", plain());
    let project = project(&more, &plain());
    project.succeed(&["run", "spec.toml", "--set", "data.per_class=10"]);
    let data = &manifest(&project)["data"];
    assert_eq!(data["files"], json!(["train.csv", "test.csv"]));
    assert_eq!(
        data["reading"]["training"],
        json!({
            "rows": 27,
            "kept": {
                "per_class": [10, 10],
                "of_other_labels": { "7": 2, "9": 1 },
                "beyond_per_class": 4,
            },
            "levels": { "white": 255.0, "least": 0.0, "largest": 255.0, "rounding": 0.0 },
        })
    );
    assert_eq!(data["reading"]["test"]["levels"]["largest"], 250.0);
    let log = log(&project);
    for line in [
        "data: files: `train.csv`, `test.csv`",
        "data: training rows: 27 read, 20 kept, 3 left out, as their label is none of the classes: \
         7 (2), 9 (1), 4 left out beyond `data.per_class`",
        "data: training rows: levels 0 to 255, where 255 is white, become 0 to 1",
        "data: test rows: 24 read, 24 kept",
    ] {
        assert!(log.contains(line), "{line}: {log}");
    }
    // The same files by other names are the same samples.
    let renamed = ["--set", "data.file=other.csv"];
    fs::rename(project.path("train.csv"), project.path("other.csv")).unwrap();
    project.succeed(
        &[
            &["run", "spec.toml", "--set", "data.per_class=10"],
            &renamed[..],
        ]
        .concat(),
    );
    assert_eq!(
        manifest(&project)["data"]["files"],
        json!(["other.csv", "test.csv"])
    );
}

#[test]
fn another_level_may_be_white() {
    let divided = |by: f64| {
        csv("label,a,b,c,d", |_, label, pixels| {
            let [a, b, c, d] = pixels.map(|pixel| pixel as f64 / by);
            format!("{label},{a},{b},{c},{d}")
        })
    };
    let whole = project(&plain(), &plain());
    whole.succeed(&["run", "spec.toml"]);
    assert_eq!(manifest(&whole)["spec"]["data"]["levels"], 255);
    let fractions = project(&divided(255.0), &divided(255.0));
    let message = fractions.fail(3, &["run", "spec.toml"]);
    assert!(message.contains("set `data.levels`"), "{message}");
    let ran = fractions.succeed(&["run", "spec.toml", "--set", "data.levels=1"]);
    assert_eq!(warnings(&ran), [""; 0]);
    assert_eq!(accuracy(&fractions), accuracy(&whole));
    assert_eq!(manifest(&fractions)["spec"]["data"]["levels"], 1.0);
    assert_eq!(
        manifest(&fractions)["data"]["sha256"],
        manifest(&whole)["data"]["sha256"]
    );
    // Levels that are no bytes are rounded, which the log says.
    let doubled = project(&divided(0.5), &divided(0.5));
    let message = doubled.fail(3, &["run", "spec.toml"]);
    assert!(
        message.contains("expected a whole number from 0 to 255"),
        "{message}"
    );
    doubled.succeed(&["run", "spec.toml", "--set", "data.levels=500"]);
    assert!(log(&doubled).contains("they are rounded to 255 steps, by at most 0."));
}

#[test]
fn dark_images_are_a_warning_even_when_nothing_was_made() {
    let binary = csv("label,pixel0,pixel1,pixel2,pixel3", |_, label, pixels| {
        let [a, b, c, d] = pixels.map(|pixel| usize::from(pixel > 127));
        format!("{label},{a},{b},{c},{d}")
    });
    let project = project(&binary, &plain());
    let expected = "no pixel of the training rows is above 1: levels 0 to 1, where 255 is white, \
                    become 0 to 0.003921569; if 1 is white, set `data.levels = 1`";
    for _ in 0..2 {
        let ran = project.succeed(&["run", "spec.toml", "--quiet"]);
        assert_eq!(warnings(&ran), [expected]);
    }
    assert!(log(&project).contains(expected));
}

#[test]
fn check_reports_faults_of_the_keys_of_files() {
    let faults = |sets: &[&str]| {
        let project = project(&plain(), &plain());
        let sets = sets.iter().flat_map(|set| ["--set", set]);
        let arguments: Vec<&str> = ["check", "spec.toml"].into_iter().chain(sets).collect();
        let ran = project.run(&arguments);
        assert_eq!(ran.code, Some(2), "{}", ran.err);
        ran.err
    };
    let cases = [
        faults(&["data.levels=0", "data.width=0", "data.height=301"]),
        faults(&["data.levels=-1.0", "data.width=2"]),
        faults(&["data.levels=inf", "data.height=\"2\""]),
    ];
    insta::assert_snapshot!(cases.join("\n"), @r#"
    error: spec.toml has 3 faults
    --set data.levels=0: `data.levels` must be the level that is white, a number above 0 and up to 1e12, got 0
    --set data.width=0: `data.width` must be a number of pixels from 1 to 300, got 0
    --set data.height=301: `data.height` must be a number of pixels from 1 to 300, got 301

    error: spec.toml has 2 faults
    --set data.levels=-1.0: `data.levels` must be the level that is white, a number above 0 and up to 1e12, got -1.0
    --set data.width=2: `data.width` needs `data.height` beside it

    error: spec.toml has 3 faults
    --set data.levels=inf: `data.levels` must be the level that is white, a number above 0 and up to 1e12, got inf
    --set data.height="2": `data.height` must be a number of pixels from 1 to 300, got "2"
    --set data.height="2": `data.height` needs `data.width` beside it
    "#);
}

#[test]
fn levels_of_samples_that_are_no_files_cannot_be_set() {
    let parity = SPEC.replace(
        "source = \"csv\"\nfile = \"train.csv\"\ntest_file = \"test.csv\"",
        "source = \"parity\"\nlevels = 1",
    );
    let ran = Project::new()
        .with("spec.toml", parity)
        .run(&["check", "spec.toml"]);
    assert_eq!(ran.code, Some(2));
    assert!(
        ran.err.contains(
            "`data.levels` is for files of your own, `idx`, `csv` and `images`: white is 255 in `parity`"
        ),
        "{}",
        ran.err
    );
}

#[test]
fn images_that_are_no_square_need_width_and_height() {
    let project = project(&plain(), &plain());
    let set = |width: usize, height: usize| {
        [
            format!("data.width={width}"),
            format!("data.height={height}"),
        ]
    };
    let [width, height] = set(4, 1);
    let wide = ["run", "spec.toml", "--set", &width, "--set", &height];
    project.succeed(&wide);
    assert_eq!(
        manifest(&project)["data"]["size"],
        json!({ "width": 4, "height": 1 })
    );
    // The same pixels in another shape are other images.
    project.succeed(&["run", "spec.toml"]);
    assert_eq!(
        manifest(&project)["data"]["size"],
        json!({ "width": 2, "height": 2 })
    );
    let [width, height] = set(3, 2);
    let ran = project.run(&["run", "spec.toml", "--set", &width, "--set", &height]);
    assert!(
        ran.err
            .contains("expected 6 pixel columns for `data.width` x `data.height` = 3 x 2, got 4"),
        "{}",
        ran.err
    );
}

#[test]
fn test_rows_without_a_class_are_measured_over_the_others() {
    let of = |classes: &[usize]| {
        let text = plain();
        let lines = text.lines().filter(|line| {
            let label = line.split(',').next().and_then(|label| label.parse().ok());
            label.is_none_or(|label: usize| classes.contains(&label))
        });
        lines.collect::<Vec<&str>>().join("\n")
    };
    let metrics = ["--set", "metrics=[\"legibility_conv\", \"legibility_knn\"]"];
    let some = project(&plain(), &of(&[1]));
    let ran = some.succeed(&[&["run", "spec.toml"], &metrics[..]].concat());
    assert_eq!(
        warnings(&ran),
        ["class 0: no test rows; test metrics are those of the other classes"]
    );
    assert_eq!(manifest(&some)["data"]["test_rows"], 12);
    assert!(accuracy(&some).lines().last().unwrap().ends_with(",1.0,"));
    let other = of(&[1]).replace("\n1,", "\n8,");
    let none = project(&plain(), &other);
    let ran = none.succeed(&[&["run", "spec.toml"], &metrics[..]].concat());
    assert!(warnings(&ran)[0].starts_with("none of the 12 test rows belongs to a class"));
    assert_eq!(manifest(&none)["data"]["test_rows"], Value::Null);
    assert!(accuracy(&none).lines().last().unwrap().ends_with(",,,"));
    // A reconstruction needs test rows of every class, which is checked before training.
    let reconstruct = SPEC
        .replace("[target]\nlogits = { on = 3.0, off = -3.0 }", "")
        .replace("title =", "task = \"reconstruct\"\ntitle =");
    let some = project(&plain(), &of(&[1])).with("spec.toml", reconstruct);
    let ran = some.run(&["run", "spec.toml"]);
    assert!(
        ran.code != Some(0) && ran.err.contains("class 0"),
        "{}",
        ran.err
    );
    assert!(!some.path("results/.store/train").exists(), "{}", ran.err);
}
