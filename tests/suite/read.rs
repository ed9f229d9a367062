//! The command `read`: what the judges of a data file see in any pictures.

use std::fs;

use crate::project::{Project, SMALL};

/// Grey picture with a ring in its middle, which is a drawn 0 at any size.
fn ring(side: usize) -> Vec<u8> {
    let level = |i: usize| {
        let middle = (side as f64 - 1.0) / 2.0;
        let (x, y) = ((i % side) as f64 - middle, (i / side) as f64 - middle);
        let away = x.hypot(y) / side as f64;
        if (away - 0.3).abs() < 0.06 { 255 } else { 0 }
    };
    let levels: Vec<u8> = (0..side * side).map(level).collect();
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, side as u32, side as u32);
    encoder.set_color(png::ColorType::Grayscale);
    let mut writer = encoder.write_header().unwrap();
    writer.write_image_data(&levels).unwrap();
    writer.finish().unwrap();
    bytes
}

#[test]
fn pictures_of_any_size_are_read_by_the_same_judges() {
    let project = Project::new()
        .with("small.toml", SMALL)
        .with("one.png", ring(28))
        .with("two.png", ring(280));
    let read = || project.run(&["read", "--spec", "small.toml", "one.png", "two.png"]);
    let ran = read();
    assert_eq!(
        (ran.code, ran.err.contains("judge: 6 of 6")),
        (Some(0), true),
        "{}",
        ran.err
    );
    let lines: Vec<&str> = ran.out.lines().collect();
    assert!(lines.len() >= 2, "{}", ran.out);
    let answer = |line: &str, name: &str| -> String {
        let rest = line.strip_prefix(name).unwrap();
        rest.split_once(" by judge)").unwrap().0.to_owned()
    };
    for (line, name) in lines.iter().zip(["one.png: ", "two.png: "]) {
        // The digit, then the next two answers.
        assert_eq!(line.matches('(').count(), 3, "{line}");
        assert!(answer(line, name).starts_with("0 (0."), "{line}");
    }
    // The store has the judges now, and the run of the spec finds them there.
    let again = read();
    assert_eq!(
        (again.out, again.err.contains("judge:")),
        (ran.out.clone(), false)
    );
    let run = project.run(&["run", "small.toml"]);
    assert!(!run.err.contains("judge: 6 of 6"), "{}", run.err);
}

#[test]
fn what_is_no_picture_is_named() {
    let project = Project::new()
        .with("small.toml", SMALL)
        .with("text.png", "no picture")
        .with("one.png", ring(28));
    let cut = ring(28);
    fs::write(project.path("cut.png"), &cut[..cut.len() / 2]).unwrap();
    for (arguments, expected) in [
        (&["text.png"][..], "`text.png`: "),
        (&["one.png", "cut.png"], "`cut.png`: "),
        (&["none.png"], "none.png"),
        (&[], "PICTURE"),
    ] {
        let ran = project.run(&[&["read", "--spec", "small.toml"], arguments].concat());
        assert_eq!(ran.code, Some(2), "{}", ran.err);
        assert!(ran.err.contains(expected), "{}", ran.err);
        assert!(!project.path("results").exists(), "nothing was trained");
    }
    let ran = project.run(&["read", "--spec", "nothing.toml", "one.png"]);
    assert_eq!(ran.code, Some(2), "{}", ran.err);
}
