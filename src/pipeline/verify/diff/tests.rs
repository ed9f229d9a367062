//! Whole folders, and what holds for all files.

use super::*;
use crate::arrays::{Array, Values, to_safetensors};
use proptest::prelude::*;
use std::fs;
use tempfile::TempDir;

/// A PNG of these grey levels, in red, green and blue.
pub fn png(width: u32, levels: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let height = levels.len() / width as usize;
    let mut encoder = png::Encoder::new(&mut bytes, width, height as u32);
    encoder.set_color(png::ColorType::Rgb);
    let samples: Vec<u8> = levels.iter().flat_map(|&level| [level; 3]).collect();
    let mut writer = encoder.write_header().unwrap();
    writer.write_image_data(&samples).unwrap();
    drop(writer);
    bytes
}

fn safetensors(values: Vec<f32>) -> Vec<u8> {
    let array = Array {
        name: "layers.0.bias".to_owned(),
        shape: vec![values.len()],
        values: Values::F32(values),
    };
    to_safetensors(&[array], &serde_json::json!({})).unwrap()
}

fn csv(values: &[f64]) -> String {
    let rows = values.iter().enumerate();
    let rows = rows.map(|(index, value)| format!("{},{value:?},\n", index + 1));
    format!("epoch,loss,note\n{}", rows.collect::<String>())
}

fn folder(files: &[(&str, &[u8])]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
    folder
}

fn bytes(published: &TempDir, again: &TempDir) -> Comparison {
    compare(published.path(), again.path(), &Strictness::Bytes).unwrap()
}

fn within(tolerance: Tolerance, published: &TempDir, again: &TempDir) -> Comparison {
    let strictness = Strictness::Within(&|_| tolerance);
    compare(published.path(), again.path(), &strictness).unwrap()
}

const TENTH: Tolerance = Tolerance {
    absolute: 0.1,
    relative: 0.0,
};

fn listed(comparison: &Comparison) -> String {
    let lines = comparison.differences.iter();
    let lines: Vec<String> = lines
        .map(|it| format!("{}: {}", it.file, it.what))
        .collect();
    lines.join("\n")
}

#[test]
fn what_the_published_folder_holds_is_compared() {
    let published = folder(&[
        ("a.csv", b"x\n1\n"),
        ("figures/b.pdf", b"%PDF-1.7"),
        ("figures/b.svg", b"<svg/>"),
        ("figures/missing.svg", b"<svg/>"),
        ("w.safetensors", b"weights"),
        ("notes.txt", b"a"),
        ("manifest.json", b"1"),
        ("timings.csv", b"1"),
        ("run.log", b"1"),
        (".hidden/c.csv", b"1"),
    ]);
    let again = folder(&[
        ("a.csv", b"x\n1.05\n"),
        ("figures/b.pdf", b"%PDF-1.6"),
        ("figures/b.svg", b"<SVG/>"),
        ("w.safetensors", b"other"),
        ("notes.txt", b"b"),
        ("only-here.csv", b"x\n1\n"),
    ]);
    let strict = bytes(&published, &again);
    let all = [
        "a.csv",
        "figures/b.pdf",
        "figures/b.svg",
        "figures/missing.svg",
        "notes.txt",
        "w.safetensors",
    ];
    assert_eq!(strict.compared, all);
    assert!(strict.skipped.is_empty());
    insta::assert_snapshot!(listed(&strict), @r#"
a.csv: line 2, column `x`: published `1`, rerun `1.05`
figures/b.pdf: line 1, column 8: published `7`, rerun `6`
figures/b.svg: line 1, column 2: published `svg/>`, rerun `SVG/>`
figures/missing.svg: the rerun's file is missing
notes.txt: line 1, column 1: published `a`, rerun `b`
w.safetensors: the published file is not a file of arrays: header too small
"#);
    let near = within(TENTH, &published, &again);
    assert_eq!(near.compared, ["a.csv", "figures/missing.svg", "notes.txt"]);
    assert_eq!(
        near.skipped,
        ["figures/b.pdf", "figures/b.svg", "w.safetensors"]
    );
    insta::assert_snapshot!(listed(&near), @r#"
figures/missing.svg: the rerun's file is missing
notes.txt: line 1, column 1: published `a`, rerun `b`
"#);
}

#[test]
fn one_broken_file_does_not_hide_the_others() {
    let published = folder(&[
        ("a.csv", b"\xff\n"),
        ("b.png", b"no picture"),
        ("c.csv/inner.csv", b"x\n1\n"),
        ("d.csv", b"x\n1\n"),
        ("e.svg", b"<svg/>"),
        ("f.csv", b"x\n1\n"),
    ]);
    let again = folder(&[
        ("a.csv", b"\xff\n"),
        ("b.png", b"no picture"),
        ("c.csv", b"x\n1\n"),
        ("d.csv/inner.csv", b"x\n1\n"),
        ("e.svg/inner", b""),
        ("f.csv", b"x\n2\n"),
    ]);
    let near = within(TENTH, &published, &again);
    // What the system calls the fault of c.csv/inner.csv differs.
    let inner = near
        .differences
        .iter()
        .position(|it| it.file == "c.csv/inner.csv");
    let mut near = near;
    let inner = near.differences.remove(inner.unwrap());
    assert!(
        inner.what.starts_with("the rerun's file "),
        "{}",
        inner.what
    );
    insta::assert_snapshot!(listed(&near), @r#"
a.csv: the published file is not a CSV table: line 1 is not UTF-8
b.png: the published file is not a PNG picture: Invalid PNG signature.
d.csv: the rerun's file cannot be read: is a directory
e.svg: the rerun's file cannot be read: is a directory
f.csv: line 2, column `x`: published `1`, rerun `2`, more than 0.1 apart
"#);
}

#[test]
fn every_file_of_a_missing_rerun_is_missing() {
    let published = folder(&[("a.csv", b"x\n1\n"), ("b.svg", b"<svg/>")]);
    let nowhere = published.path().join("nowhere");
    let strictness = Strictness::Within(&|_| TENTH);
    let comparison = compare(published.path(), &nowhere, &strictness).unwrap();
    insta::assert_snapshot!(listed(&comparison), @r#"
a.csv: the rerun's file is missing
b.svg: the rerun's file is missing
"#);
    assert!(compare(&nowhere, published.path(), &strictness).is_err());
}

#[cfg(unix)]
#[test]
fn rings_of_links_are_not_followed() {
    let published = folder(&[("a.csv", b"x\n1\n")]);
    std::os::unix::fs::symlink(published.path(), published.path().join("ring")).unwrap();
    let comparison = bytes(&published, &published);
    insta::assert_snapshot!(listed(&comparison), @r#"
ring: the published file cannot be read: is a directory
"#);
}

#[test]
fn a_tolerance_has_an_absolute_and_a_relative_part() {
    let tolerance = Tolerance {
        absolute: 1.0,
        relative: 0.5,
    };
    assert!(tolerance.covers(4.0, 10.0));
    assert!(!tolerance.covers(0.0, 10.0));
    assert!(!tolerance.covers(f64::MAX, f64::INFINITY));
    assert!(tolerance.covers(f64::INFINITY, f64::INFINITY));
    assert!(!tolerance.covers(f64::NAN, f64::NAN));
    let none = Tolerance {
        absolute: 0.0,
        relative: 0.0,
    };
    assert!(none.covers(1.0, 1.0) && none.covers(-0.0, 0.0));
    assert!(!none.covers(1.0, 2.0));
}

fn values() -> impl Strategy<Value = Vec<f64>> {
    proptest::collection::vec(-100.0..100.0f64, 1..20)
}

fn tolerance() -> impl Strategy<Value = Tolerance> {
    (1e-9..1.0f64, 0.0..0.5f64).prop_map(|(absolute, relative)| Tolerance { absolute, relative })
}

/// How far a number may just be moved; further if the larger end counts.
fn reach(tolerance: Tolerance, value: f64) -> f64 {
    tolerance.absolute + tolerance.relative * value.abs()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn files_are_equal_to_themselves(
        numbers in values(),
        levels in proptest::collection::vec(any::<u8>(), 1..60),
        weights in proptest::collection::vec(any::<f32>(), 0..20),
    ) {
        let same = folder(&[
            ("accuracy.csv", csv(&numbers).as_bytes()),
            ("figures/a.png", &png(1, &levels)),
            ("weights.safetensors", &safetensors(weights)),
        ]);
        let strict = bytes(&same, &same);
        prop_assert_eq!((listed(&strict), strict.compared.len()), (String::new(), 3));
        let none = Tolerance { absolute: 0.0, relative: 0.0 };
        let near = within(none, &same, &same);
        prop_assert_eq!((listed(&near), near.compared.len()), (String::new(), 2));
    }

    #[test]
    fn a_number_differs_if_it_moved_beyond_its_tolerance(
        numbers in values(),
        index in any::<prop::sample::Index>(),
        tolerance in tolerance(),
        up: bool,
    ) {
        let row = index.index(numbers.len());
        let moved = |by: f64| {
            let mut moved = numbers.clone();
            moved[row] += if up { by } else { -by };
            folder(&[("a.csv", csv(&moved).as_bytes())])
        };
        let published = folder(&[("a.csv", csv(&numbers).as_bytes())]);
        let reach = reach(tolerance, numbers[row]);
        let less = within(tolerance, &published, &moved(reach * 0.99));
        prop_assert_eq!(listed(&less), "");
        // The larger of the two numbers counts, which may be the moved one.
        let more = moved(reach * 1.01 / (1.0 - tolerance.relative));
        let place = format!("line {}, column `loss`", row + 2);
        for comparison in [within(tolerance, &published, &more), bytes(&published, &more)] {
            let found = listed(&comparison);
            prop_assert!(found.starts_with(&format!("a.csv: {place}: ")), "{}", found);
        }
    }

    #[test]
    fn levels_differ_if_they_moved_beyond_the_tolerance(
        levels in proptest::collection::vec(0..128u8, 1..60),
        index in any::<prop::sample::Index>(),
        by in 1..128u8,
    ) {
        let file = |levels: &[u8]| {
            folder(&[("a.png", &png(1, levels))])
        };
        let published = file(&levels);
        let mut moved = levels.clone();
        let row = index.index(levels.len());
        moved[row] += by;
        let again = file(&moved);
        let mean = f64::from(by) / levels.len() as f64;
        let flat = |absolute| Tolerance { absolute, relative: 0.0 };
        let wider = within(flat(mean * 1.01), &published, &again);
        prop_assert_eq!(listed(&wider), "");
        let place = format!("pixel x 0, y {row}: ");
        for comparison in [within(flat(mean * 0.99), &published, &again), bytes(&published, &again)] {
            prop_assert!(listed(&comparison).contains(&place), "{}", listed(&comparison));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn damage_is_found_and_nothing_panics(
        which in 0..3usize,
        index in any::<prop::sample::Index>(),
        flip in 1..=255u8,
        cut: bool,
    ) {
        let (name, whole) = [
            ("a.csv", csv(&[0.5, -1e-9, 1e300]).into_bytes()),
            ("a.png", png(3, &[7; 12])),
            ("a.safetensors", safetensors(vec![0.5, -0.5, f32::MAX])),
        ][which].clone();
        let mut damaged = whole.clone();
        let at = index.index(whole.len());
        damaged[at] ^= flip;
        if cut {
            damaged.truncate(at);
        }
        let [whole, damaged] = [whole, damaged].map(|bytes| folder(&[(name, &bytes)]));
        for (published, again) in [(&whole, &damaged), (&damaged, &whole), (&damaged, &damaged)] {
            within(TENTH, published, again);
            let strict = bytes(published, again);
            // A picture can be the same in other bytes.
            let may_agree = name == "a.png" && !cut || std::ptr::eq(published, again);
            prop_assert!(may_agree || !strict.differences.is_empty());
        }
    }
}
