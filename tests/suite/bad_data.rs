//! Broken data files: the error names the file and the fault, nothing is written, and no
//! fallback hides it.

use crate::files::{gzip, idx};
use crate::project::{Project, SMALL};

const IMAGES: &str = "data/mnist/train-images-idx3-ubyte";

fn images(count: usize) -> Vec<u8> {
    idx(&[count, 28, 28], vec![7; 784 * count])
}

fn labels(count: usize) -> Vec<u8> {
    idx(&[count], vec![1; count])
}

/// Four valid files of three samples each, and a spec of MNIST.
fn project() -> Project {
    let spec = SMALL.replace("\"strokes\"", "\"mnist\"\nstand_in = \"strokes\"");
    Project::new()
        .with("small.toml", spec)
        .with(IMAGES, images(3))
        .with("data/mnist/train-labels-idx1-ubyte", labels(3))
        .with("data/mnist/t10k-images-idx3-ubyte", images(3))
        .with("data/mnist/t10k-labels-idx1-ubyte", labels(3))
}

fn csv_spec() -> String {
    SMALL.replace("\"strokes\"", "\"csv\"\nfile = \"rows.csv\"")
}

fn error_of(bytes: Vec<u8>) -> String {
    project()
        .with(IMAGES, bytes)
        .fail(3, &["run", "small.toml"])
}

#[test]
fn broken_idx_files_are_distinguished() {
    let mut cut = images(3);
    cut.truncate(1000);
    let mut more = images(3);
    more[7] = 9;
    let mut floats = images(3);
    floats[2] = 0x0d;
    let errors = [cut, more, floats, images(2)].map(error_of).join("\n");
    insta::assert_snapshot!(errors);
}

#[test]
fn a_gzip_that_unpacks_far_beyond_its_header_is_not_unpacked() {
    let mut unpacked = images(3);
    unpacked.resize(300 << 20, 0);
    let message = error_of(gzip(&unpacked));
    assert!(
        message.contains("goes on beyond the 2368 bytes its header announces"),
        "{message}"
    );
}

#[test]
fn sound_files_that_are_not_mnist_are_not_taken_for_it() {
    let message = project().fail(3, &["run", "small.toml"]);
    assert!(
        message.contains("is not the official MNIST file: expected sha256 ba8910"),
        "{message}"
    );
}

#[test]
fn a_short_csv_row_is_reported_with_its_line() {
    let row = vec!["0"; 785].join(",");
    let mut lines = vec![row.as_str(); 5000];
    lines[4710] = "3,0,0";
    let spec = csv_spec();
    let project = Project::new()
        .with("small.toml", spec)
        .with("rows.csv", lines.join("\n"));
    let message = project.fail(3, &["run", "small.toml"]);
    assert!(message.contains("rows.csv"), "{message}");
    assert!(
        message.contains("line 4711: expected 785 columns, as in line 1; got 3"),
        "{message}"
    );
}

#[test]
fn classes_without_enough_rows_are_reported() {
    let rows: Vec<String> = (0..40)
        .map(|r| format!("{}{}", r % 2, ",9".repeat(784)))
        .collect();
    let spec = csv_spec();
    let project = Project::new()
        .with("small.toml", spec)
        .with("rows.csv", rows.join("\n"));
    let message = project.fail(3, &["run", "small.toml"]);
    assert!(message.contains("class 2: no rows"), "{message}");
    let two = ["--set", "data.classes=[0, 1]", "--set", "data.per_class=21"];
    let message = project.fail(3, &[&["run", "small.toml"], &two[..]].concat());
    assert!(
        message.contains("class 0: `data.per_class` expects 21 rows, got 20"),
        "{message}"
    );
}

#[test]
fn a_csv_of_another_image_size_is_reported() {
    let spec = csv_spec();
    let project = Project::new()
        .with("small.toml", spec)
        .with("rows.csv", "0,1,2\n1,1,2\n");
    let message = project.fail(3, &["run", "small.toml"]);
    assert!(
        message.contains("expected a square number of pixel columns, got 2"),
        "{message}"
    );
}

#[test]
fn a_test_file_follows_the_same_rules() {
    let rows = |pixels: usize| -> String {
        let row = |r| format!("{}{}\n", r % 3, ",9".repeat(pixels));
        (0..60).map(row).collect()
    };
    let spec = csv_spec().replace("[data]", "[data]\ntest_file = \"test.csv\"");
    let project = Project::new()
        .with("small.toml", spec)
        .with("rows.csv", rows(784))
        .with("test.csv", rows(100));
    let message = project.fail(3, &["run", "small.toml"]);
    assert!(
        message.contains("expected 784 pixel columns, got 100"),
        "{message}"
    );
}
