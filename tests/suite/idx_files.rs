//! Folders of IDX files under all names in use, and with other levels of white.

use std::fs::{self, File};

use serde_json::json;

use crate::data_files::{ROWS, SPEC, log, manifest, plain, project as csv_project, row, warnings};
use crate::files::{gzip, idx};
use crate::project::Project;

fn idx_images() -> Vec<u8> {
    let pixels = (0..ROWS).flat_map(|number| row(number).1.map(|pixel| pixel as u8));
    idx(&[ROWS, 2, 2], pixels)
}

fn idx_labels() -> Vec<u8> {
    idx(&[ROWS], (0..ROWS).map(|number| row(number).0 as u8))
}

fn idx_project() -> Project {
    let csv = "source = \"csv\"\nfile = \"train.csv\"\ntest_file = \"test.csv\"";
    let spec = SPEC.replace(csv, "source = \"idx\"\nfolder = \"d\"");
    Project::new().with("spec.toml", spec)
}

#[test]
fn idx_files_come_by_many_names_and_padded() {
    let padded = [gzip(&idx_images()), vec![0; 512]].concat();
    let project = idx_project()
        .with("d/Train-Images.idx3-ubyte.GZ", padded)
        .with(
            "d/train-labels-idx1-ubyte/train-labels.idx1-ubyte",
            idx_labels(),
        )
        .with("d/t10k-images.idx3-ubyte", idx_images())
        .with("d/t10k-images-idx3-ubyte.gz", gzip(&idx_images()))
        .with("d/t10k-labels-idx1-ubyte", idx_labels());
    project.succeed(&["run", "spec.toml"]);
    assert_eq!(
        manifest(&project)["data"]["files"],
        json!([
            "Train-Images.idx3-ubyte.GZ",
            "train-labels-idx1-ubyte/train-labels.idx1-ubyte",
            "t10k-images-idx3-ubyte.gz",
            "t10k-labels-idx1-ubyte",
        ])
    );
    let manifest = project.read("results/spec/seed-0/manifest.json");
    let machine = project.path("d").display().to_string();
    assert!(!manifest.contains(&machine), "{manifest}");
    fs::write(
        project.path("d/t10k-images.idx3-ubyte"),
        idx(&[ROWS, 2, 2], [1; 4 * ROWS]),
    )
    .unwrap();
    let ran = project.run(&["run", "spec.toml"]);
    assert_eq!(ran.code, Some(3));
    assert!(
        ran.err.contains(
            "d/t10k-images-idx3-ubyte.gz` and `d/t10k-images.idx3-ubyte` could both be meant"
        ),
        "{}",
        ran.err
    );
}

#[test]
fn the_levels_of_idx_files_may_be_others() {
    let binary = (0..ROWS).flat_map(|number| row(number).1.map(|pixel| u8::from(pixel > 127)));
    let project = idx_project()
        .with("d/train-images-idx3-ubyte", idx(&[ROWS, 2, 2], binary))
        .with("d/train-labels-idx1-ubyte", idx_labels());
    let ran = project.succeed(&["run", "spec.toml"]);
    assert!(
        warnings(&ran)[0].ends_with("set `data.levels = 1`"),
        "{}",
        ran.err
    );
    let ran = project.succeed(&["run", "spec.toml", "--set", "data.levels=1"]);
    let [replaced] = &warnings(&ran)[..] else {
        panic!("{}", ran.err);
    };
    assert!(replaced.contains("`data.levels` 255 -> 1"), "{replaced}");
    assert!(log(&project).contains("levels 0 to 1, where 1 is white, become 0 to 1"));
}

#[test]
fn neither_an_empty_prefix_nor_a_file_of_another_type_is_a_riddle() {
    let project = idx_project()
        .with("d/train-images-idx3-ubyte", idx_images())
        .with("d/train-labels-idx2-int", "labels of 32 bits");
    let message = project.fail(3, &["run", "spec.toml"]);
    assert!(!message.contains("data.prefix"), "{message}");
    assert!(
        message.contains("similar names: `train-labels-idx2-int`"),
        "{message}"
    );
}

/// Files of a terabyte, by their metadata: only their first bytes are read.
#[test]
fn a_file_that_is_far_too_long_is_refused_at_once() {
    let lengthen = |project: &Project, path: &str| {
        let file = File::options()
            .write(true)
            .open(project.path(path))
            .unwrap();
        file.set_len(1 << 40).unwrap();
    };
    let project = idx_project()
        .with("d/train-images-idx3-ubyte", idx_images())
        .with("d/train-labels-idx1-ubyte", idx_labels());
    lengthen(&project, "d/train-images-idx3-ubyte");
    let message = project.fail(3, &["run", "spec.toml"]);
    assert!(
        message.contains("goes on beyond the 112 bytes"),
        "{message}"
    );
    let csv = csv_project(&plain(), &plain());
    lengthen(&csv, "train.csv");
    let message = csv.fail(3, &["run", "spec.toml"]);
    assert!(message.contains("bytes, got 1099511627776"), "{message}");
}
