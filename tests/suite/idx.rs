//! Folders of IDX files: images of any size, up to as many classes as labels
//! have, through the whole program.

use std::fs;

use backquery::arrays::from_safetensors;

use crate::files::{gzip, idx};
use crate::project::{Project, files};

/// Everything there is, in a moment.
const SPEC: &str = r#"
title = "Small images"
[data]
source = "idx"
folder = "../sets"
classes = [0, 1, 2]
[model]
hidden = [6]
activation = "leaky_relu"
output = "softmax"
[train]
loss = "cross_entropy"
optimizer = "adam"
learning_rate = 0.01
batch_size = 16
epochs = 2
[target]
logits = { on = 10.0, off = -10.0 }
[[invert]]
name = "empirical"
method = "empirical"
pixels = 30
[[invert]]
name = "analytical"
method = "layered"
[[invert]]
name = "gaussian"
method = "gaussian"
margin = 0.01
[[figure]]
name = "inverses"
kind = "grid"
rows = ["empirical", "analytical", "gaussian"]
under = ["legibility_conv", "legibility_knn"]
[[figure]]
name = "training"
kind = "curves"
[[figure]]
name = "every"
kind = "strip"
metrics = ["class_mean_margin", "legibility_knn"]
[[figure]]
name = "means"
kind = "bars"
metrics = ["total_variation", "legibility_conv"]
"#;

const PATH: &str = "experiments/small.toml";
const TRAIN_IMAGES: &str = "sets/train-images-idx3-ubyte";
const TRAIN_LABELS: &str = "sets/train-labels-idx1-ubyte";

/// Images whose classes take turns: a bar at a place of the class's own, and some
/// grain. `lying` ones have rows for columns.
struct Images {
    width: usize,
    height: usize,
    classes: usize,
    rows: usize,
    lying: bool,
}

impl Images {
    fn level(&self, row: usize, x: usize, y: usize) -> u8 {
        let class = row % self.classes;
        let (across, down) = (class % self.width, class / self.width);
        let grain = (row * 31 + x * 17 + y * 7) % 50;
        if x == across || y == down {
            200 + grain as u8
        } else {
            grain as u8
        }
    }

    fn images(&self) -> Vec<u8> {
        let Self { width, height, .. } = *self;
        let [down, across] = if self.lying {
            [width, height]
        } else {
            [height, width]
        };
        let mut pixels = Vec::new();
        for row in 0..self.rows {
            for i in 0..width * height {
                let (first, second) = (i / across, i % across);
                pixels.push(if self.lying {
                    self.level(row, first, second)
                } else {
                    self.level(row, second, first)
                });
            }
        }
        idx(&[self.rows, down, across], pixels)
    }

    fn labels(&self) -> Vec<u8> {
        let labels = (0..self.rows).map(|row| (row % self.classes) as u8);
        idx(&[self.rows], labels)
    }
}

const SMALL_IMAGES: Images = Images {
    width: 12,
    height: 9,
    classes: 3,
    rows: 36,
    lying: false,
};

/// 12 x 9 pixels in three classes, with rows to test on, some of it gzipped.
fn project() -> Project {
    Project::new()
        .with(PATH, SPEC)
        .with(&format!("{TRAIN_IMAGES}.gz"), gzip(&SMALL_IMAGES.images()))
        .with(TRAIN_LABELS, SMALL_IMAGES.labels())
        .with("sets/t10k-images-idx3-ubyte", SMALL_IMAGES.images())
        .with(
            "sets/t10k-labels-idx1-ubyte.gz",
            gzip(&SMALL_IMAGES.labels()),
        )
}

fn shapes(project: &Project, name: &str) -> Vec<(String, Vec<usize>)> {
    let path = format!("results/{name}/seed-0/inverses.safetensors");
    let bytes = fs::read(project.path(&path)).unwrap();
    let arrays = from_safetensors(&bytes).unwrap().0;
    arrays
        .into_iter()
        .map(|array| (array.name, array.shape))
        .collect()
}

fn svg(project: &Project, path: &str) -> String {
    project.read(&format!("results/{path}.svg"))
}

#[test]
fn images_of_another_size_go_through_everything() {
    let project = project();
    project.succeed(&["run", PATH]);
    for (name, shape) in shapes(&project, "small") {
        assert_eq!(shape, [3, 108], "{name}");
    }
    // 23 dots for each pixel of 12 x 9, so that the longer side is at most 280.
    let grid = svg(&project, "small/seed-0/figures/inverses");
    assert_eq!(grid.matches("width=\"276\" height=\"207\"").count(), 9);
    let metrics = project.read("results/small/seed-0/metrics.csv");
    let judged = metrics
        .lines()
        .filter(|line| line.contains("legibility_conv,"));
    assert!(
        judged.clone().count() == 9 && judged.clone().all(|line| !line.contains(",,probability"))
    );
    let accuracy = project.read("results/small/seed-0/accuracy.csv");
    assert!(
        accuracy.lines().all(|line| !line.ends_with(",,,")),
        "there are rows to test on: {accuracy}"
    );
    let manifest = project.json("results/small/seed-0/manifest.json");
    assert_eq!(
        manifest["data"]["size"],
        serde_json::json!({ "width": 12, "height": 9 })
    );
    assert_eq!(manifest["spec"]["data"]["folder"], "../sets");
    project.succeed(&["plan", PATH]);
    project.succeed(&["verify", PATH]);
}

#[test]
fn what_the_samples_are_is_in_their_key() {
    let project = project();
    project.succeed(&["run", PATH]);
    let plan = |arguments: &[&str]| project.run(&[&["plan", PATH], arguments].concat());
    let turned = plan(&["--set", "data.transpose=true"]);
    assert_eq!(turned.code, Some(1));
    assert!(
        turned
            .out
            .contains("`data.source.transpose` changed false -> true"),
        "{}",
        turned.out
    );
    let other = Images {
        rows: 33,
        ..SMALL_IMAGES
    };
    fs::write(project.path(TRAIN_LABELS), other.labels()).unwrap();
    fs::write(
        project.path(&format!("{TRAIN_IMAGES}.gz")),
        gzip(&other.images()),
    )
    .unwrap();
    let edited = plan(&[]);
    assert!(edited.out.contains("`data.source.idx`"), "{}", edited.out);
    assert_eq!(project.run(&["run", PATH]).code, Some(0));
}

/// 47 classes as EMNIST ships them: several splits in one folder, images on their
/// side.
#[test]
fn emnists_names_sides_and_classes() {
    let images = |lying| Images {
        width: 16,
        height: 16,
        classes: 47,
        rows: 47 * 3,
        lying,
    };
    let classes: Vec<String> = (0..47).map(|class| class.to_string()).collect();
    let spec = |folder: &str, more: &str| {
        let classes = format!("classes = [{}]\n{more}", classes.join(", "));
        SPEC.replace("classes = [0, 1, 2]", &classes)
            .replace("../sets", folder)
            .replace("hidden = [6]", "hidden = []")
    };
    let emnist = "prefix = \"emnist-balanced-\"\ntranspose = true";
    let start = "lying/emnist-balanced-";
    let project = Project::new()
        .with("lying.toml", spec("lying", emnist))
        .with("upright.toml", spec("upright", ""))
        .with(
            &format!("{start}train-images-idx3-ubyte.gz"),
            gzip(&images(true).images()),
        )
        .with(
            &format!("{start}train-labels-idx1-ubyte.gz"),
            gzip(&images(true).labels()),
        )
        .with(
            &format!("{start}test-images-idx3-ubyte"),
            images(true).images(),
        )
        .with(
            &format!("{start}test-labels-idx1-ubyte"),
            images(true).labels(),
        )
        .with(
            "lying/emnist-letters-train-images-idx3-ubyte",
            "not looked at",
        )
        .with("upright/train-images.idx3-ubyte", images(false).images())
        .with("upright/train-labels.idx1-ubyte", images(false).labels());
    project.succeed(&["run", "lying.toml", "upright.toml"]);
    let weights =
        |name| fs::read(project.path(&format!("results/{name}/seed-0/weights.safetensors")));
    assert_eq!(weights("lying").unwrap(), weights("upright").unwrap());
    for (name, shape) in shapes(&project, "lying") {
        assert_eq!(shape, [47, 256], "{name}");
    }
    let figures = files(&project.path("results/lying/seed-0/figures"));
    let images = figures.iter().filter_map(|name| {
        let name = name.strip_suffix(".svg")?;
        let is_page = name.starts_with("inverses");
        let svg = svg(&project, &format!("lying/seed-0/figures/{name}"));
        is_page.then(|| svg.matches("preserveAspectRatio").count())
    });
    // With a scale bar at the end of each row of each band.
    let count = images.sum::<usize>();
    assert!(count > 3 * 47 && count < 3 * 47 + 30, "{count}");
    let strips = svg(&project, "lying/summary/figures/every");
    assert!(strips.contains("47 classes, from 0 at the top to 46 at the bottom"));
}

#[test]
fn a_folder_in_a_base_is_relative_to_the_base() {
    let base = SPEC.replace("../sets", "../../sets");
    let project = project()
        .with("experiments/a/base.toml", base)
        .with("experiments/over.toml", "base = \"a/base.toml\"\n");
    project.succeed(&["run", "experiments/over.toml", "--quiet"]);
}

#[test]
fn unusable_files_are_reported_and_nothing_is_left() {
    let without = |names: &[&str]| {
        let project = project();
        for name in names {
            fs::remove_file(project.path(name)).unwrap();
        }
        project.fail(3, &["run", PATH])
    };
    let with = |path: &str, bytes: Vec<u8>| project().with(path, bytes).fail(3, &["run", PATH]);
    let other = Images {
        width: 9,
        height: 12,
        ..SMALL_IMAGES
    };
    let set = |set: &str| project().fail(3, &["run", PATH, "--set", set]);
    let train_images = format!("{TRAIN_IMAGES}.gz");
    let cases = [
        without(&[&train_images, TRAIN_LABELS]),
        without(&[TRAIN_LABELS]),
        without(&["sets/t10k-images-idx3-ubyte"]),
        with("sets/t10k-images-idx3-ubyte", other.images()),
        with(TRAIN_LABELS, b"<html>".to_vec()),
        with(
            TRAIN_LABELS,
            Images {
                rows: 35,
                ..SMALL_IMAGES
            }
            .labels(),
        ),
        set("data.classes=[0, 1, 7]"),
        set("data.prefix=emnist-letters-"),
        set("data.folder=nowhere"),
    ];
    insta::assert_snapshot!(cases.join("\n"));
}

#[test]
fn limits_of_such_images_are_reported_before_training() {
    let message = |set: &str, images: &Images| {
        let project = Project::new()
            .with(PATH, SPEC)
            .with(TRAIN_IMAGES, images.images())
            .with(TRAIN_LABELS, images.labels());
        let ran = project.run(&["run", PATH, "--set", set]);
        assert_eq!(ran.code, Some(1), "{}", ran.err);
        assert!(!project.path("results/.store/train").exists());
        ran.err
    };
    let large = |side| Images {
        width: side,
        height: side,
        rows: 6,
        ..SMALL_IMAGES
    };
    let cases = [
        message("invert.empirical.pixels=200", &SMALL_IMAGES),
        message("model.hidden=[1000]", &large(300)),
        message("invert.gaussian.shrinkage=0.1", &large(101)),
    ];
    insta::assert_snapshot!(cases.join("\n"));
}
