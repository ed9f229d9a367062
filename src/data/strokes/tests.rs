use super::*;
use proptest::prelude::*;
use sha2::{Digest, Sha256};

const CLASSES: [u8; 10] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];

#[test]
fn a_digit_does_not_depend_on_the_others_asked_for() {
    let alone = draw(Split::Train, 3, 5);
    assert_eq!(alone, draw(Split::Train, 3, 5));
    let many = samples(Split::Train, &[8, 3], &[2, 6]);
    assert_eq!(many.row(7), alone);
}

#[test]
fn classes_take_turns_until_each_has_its_count() {
    let drawn = samples(Split::Test, &[4, 0, 7], &[1, 3, 2]);
    assert_eq!(drawn.features, 784);
    assert_eq!(drawn.labels, [4, 0, 7, 0, 7, 0]);
    assert_eq!(drawn.row(4), draw(Split::Test, 7, 1));
    assert!(samples(Split::Test, &[], &[]).is_empty());
}

#[test]
fn the_two_parts_share_no_digit() {
    let rows = |part| samples(part, &CLASSES, &[20; 10]).pixels;
    let (train, test) = (rows(Split::Train), rows(Split::Test));
    let seen: Vec<_> = train.chunks(784).collect();
    assert!(test.chunks(784).all(|row| !seen.contains(&row)));
}

#[test]
fn every_digit_has_ink_keeps_off_the_border_and_is_centred() {
    let drawn = samples(Split::Train, &CLASSES, &[100; 10]);
    for i in 0..drawn.len() {
        let (mut mass, mut moment) = (0.0, [0.0; 2]);
        for (at, &shade) in drawn.row(i).iter().enumerate() {
            let (x, y) = (at % SIDE, at / SIDE);
            let border = [x, y].iter().any(|&axis| axis == 0 || axis == SIDE - 1);
            assert!(!border || shade == 0, "digit {i} at {x}, {y}");
            mass += f64::from(shade);
            moment[0] += f64::from(shade) * (x as f64 + 0.5);
            moment[1] += f64::from(shade) * (y as f64 + 0.5);
        }
        let inked = drawn.row(i).iter().filter(|&&shade| shade > 128).count();
        assert!((20..=350).contains(&inked), "digit {i}: {inked}");
        let off = moment.map(|moment| (moment / mass - MIDDLE).abs());
        assert!(off[0] < 1.25 && off[1] < 1.25, "digit {i}: {off:?}");
    }
}

/// A change of these bytes would change every result.
#[test]
fn the_digits_never_change() {
    let mut hash = Sha256::new();
    for part in [Split::Train, Split::Test] {
        hash.update(&**samples(part, &CLASSES, &[3; 10]).pixels);
    }
    let hex = |hex: String, byte: &u8| hex + &format!("{byte:02x}");
    let hash = hash.finalize().iter().fold(String::new(), hex);
    insta::assert_snapshot!(hash, @"14a179f384eadfda085076fc3773d075bf2996c0d4e2e8f3fc3a16b000d41d4c");
}

#[test]
fn a_line_is_full_within_its_radius_and_fades_over_its_edge() {
    let mut page = [0; SIDE * SIDE];
    line(&mut page, [[5.5, 10.5], [9.5, 10.5]], 1.0, 1.0);
    // From the middle of the line upwards, then past its end: 1.5 - distance, times 255.
    let shades = [(7, 10), (7, 9), (7, 8), (10, 10), (10, 9), (11, 10)];
    let shades = shades.map(|(x, y): (usize, usize)| page[y * SIDE + x]);
    assert_eq!(shades, [255, 127, 0, 127, 21, 0]);
}

proptest! {
    #[test]
    fn a_curve_passes_through_every_point(
        points in prop::collection::vec(prop::array::uniform2(-1.0..1.0), 2..9)
    ) {
        let curve = smooth(&points);
        prop_assert_eq!(curve.len(), 1 + (points.len() - 1) * STEPS as usize);
        for (point, passed) in points.iter().zip(curve.iter().step_by(STEPS as usize)) {
            let off = [0, 1].map(|axis: usize| (point[axis] - passed[axis]).abs());
            prop_assert!(off[0] < 1e-12 && off[1] < 1e-12, "{:?}", off);
        }
    }
}
