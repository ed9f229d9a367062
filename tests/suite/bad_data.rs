//! Data files that are broken: the file is named, the fault is told, nothing
//! is written, and no stand-in hides it.

use std::io::Write;

use crate::project::{Project, SMALL};

const IMAGES: &str = "data/mnist/train-images-idx3-ubyte";

fn header(magic: u32, dimensions: &[u32]) -> Vec<u8> {
    let numbers = [magic].into_iter().chain(dimensions.iter().copied());
    numbers.flat_map(u32::to_be_bytes).collect()
}

fn images(count: u32) -> Vec<u8> {
    let mut bytes = header(0x803, &[count, 28, 28]);
    bytes.resize(16 + 784 * count as usize, 7);
    bytes
}

fn labels(count: u32) -> Vec<u8> {
    let mut bytes = header(0x801, &[count]);
    bytes.resize(8 + count as usize, 1);
    bytes
}

/// Four sound files of three samples each, and a spec that asks for MNIST.
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

fn told_of(bytes: Vec<u8>) -> String {
    project()
        .with(IMAGES, bytes)
        .fail(3, &["run", "small.toml"])
}

#[test]
fn broken_idx_files_are_told_apart() {
    let mut cut = images(3);
    cut.truncate(1000);
    let mut lies = images(3);
    lies[7] = 9;
    let mut alien = images(3);
    alien[2] = 0x0d;
    let told = [cut, lies, alien, images(2)].map(told_of).join("\n");
    insta::assert_snapshot!(told);
}

#[test]
fn a_gzip_that_unpacks_far_beyond_its_header_is_not_unpacked() {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(&images(3)).unwrap();
    let zeros = vec![0; 1 << 20];
    for _ in 0..300 {
        encoder.write_all(&zeros).unwrap();
    }
    let told = told_of(encoder.finish().unwrap());
    assert!(
        told.contains("too long; expected 2368 bytes by its header"),
        "{told}"
    );
}

#[test]
fn sound_files_that_are_not_mnist_are_not_taken_for_it() {
    let told = project().fail(3, &["run", "small.toml"]);
    assert!(
        told.contains("is not the official MNIST file: expected sha256 ba8910"),
        "{told}"
    );
}

#[test]
fn a_short_csv_row_is_told_with_its_line() {
    let row = vec!["0"; 785].join(",");
    let mut lines = vec![row.as_str(); 5000];
    lines[4710] = "3,0,0";
    let spec = csv_spec();
    let project = Project::new()
        .with("small.toml", spec)
        .with("rows.csv", lines.join("\n"));
    let told = project.fail(3, &["run", "small.toml"]);
    assert!(told.contains("rows.csv"), "{told}");
    assert!(
        told.contains("line 4711 has 3 columns; expected 785"),
        "{told}"
    );
}

#[test]
fn classes_without_enough_rows_are_told() {
    let rows: Vec<String> = (0..40)
        .map(|r| format!("{}{}", r % 2, ",9".repeat(784)))
        .collect();
    let spec = csv_spec();
    let project = Project::new()
        .with("small.toml", spec)
        .with("rows.csv", rows.join("\n"));
    let told = project.fail(3, &["run", "small.toml"]);
    assert!(told.contains("class 2: no rows"), "{told}");
    let two = ["--set", "data.classes=[0, 1]", "--set", "data.per_class=21"];
    let told = project.fail(3, &[&["run", "small.toml"], &two[..]].concat());
    assert!(
        told.contains("class 0: `data.per_class` expects 21 rows, got 20"),
        "{told}"
    );
}

#[test]
fn a_csv_of_another_image_size_is_told() {
    let spec = csv_spec();
    let project = Project::new()
        .with("small.toml", spec)
        .with("rows.csv", "0,1,2\n1,1,2\n");
    let told = project.fail(3, &["run", "small.toml"]);
    assert!(
        told.contains("there are 2 pixel columns, which make no square"),
        "{told}"
    );
}

#[test]
fn a_test_file_is_held_to_the_same() {
    let rows = |pixels: usize| -> String {
        let row = |r| format!("{}{}\n", r % 3, ",9".repeat(pixels));
        (0..60).map(row).collect()
    };
    let spec = csv_spec().replace("[data]", "[data]\ntest_file = \"test.csv\"");
    let project = Project::new()
        .with("small.toml", spec)
        .with("rows.csv", rows(784))
        .with("test.csv", rows(100));
    let told = project.fail(3, &["run", "small.toml"]);
    assert!(
        told.contains("there are 100 of pixels here and 784 there"),
        "{told}"
    );
}
