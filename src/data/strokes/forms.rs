//! Common forms of each digit, as tables of points.

use crate::rng::Stream;

/// Points of the strokes, as x and y (downwards) in a frame 100 high. A point given twice is
/// a sharp corner.
pub type Strokes = &'static [&'static [(u8, u8)]];

/// Common form of a digit.
struct DigitForm {
    /// Frequency relative to the other forms of the digit.
    weight: f64,
    strokes: Strokes,
}

/// Form with a weight and strokes: `form!(weight: x y, x y, ...; x y, ...)`.
macro_rules! form {
    ($weight:literal: $($($x:literal $y:literal),+);+) => {
        DigitForm { weight: $weight, strokes: &[$(&[$(($x, $y)),+]),+] }
    };
}

/// Forms of each digit.
const FORMS: [&[DigitForm]; 10] = [
    // 0: round; narrow; begun inside, with crossing ends; begun at the left; wide, with
    // a tail.
    &[
        form!(4.0: 46 1, 16 14, 2 50, 14 88, 42 99, 72 84, 82 48, 68 12, 40 1),
        form!(3.0: 36 1, 12 16, 2 52, 10 86, 28 99, 48 84, 56 50, 48 14, 30 1),
        form!(2.0: 50 10, 22 8, 4 48, 12 88, 40 98, 68 80, 76 44, 62 10, 34 0, 24 8),
        form!(1.0: 20 8, 4 44, 10 84, 36 99, 64 82, 72 46, 56 10, 28 2, 14 26),
        form!(1.0: 58 2, 26 14, 4 52, 12 88, 42 99, 74 80, 86 42, 70 14, 44 10, 30 20),
    ],
    // 1: bare; bowed; swung; with a flag; with a flag and a base.
    &[
        form!(7.0: 30 0, 30 50, 30 100),
        form!(0.8: 32 0, 28 34, 28 66, 33 100),
        form!(0.8: 33 0, 29 30, 31 70, 27 100),
        form!(0.9: 14 20, 32 0, 32 0, 31 50, 31 100),
        form!(0.5: 10 22, 32 0, 32 0, 32 50, 32 99; 6 99, 32 99, 60 98),
    ],
    // 2: sharp foot; looped foot; wide with a flat loop; tall neck; large loop; pointed
    // as a Z; as an L.
    &[
        form!(4.0: 2 20, 18 3, 44 2, 56 20, 48 46, 28 74, 6 97, 6 97, 36 95, 72 97),
        form!(3.0: 4 16, 26 1, 50 8, 54 30, 44 60, 24 90, 8 94, 10 80, 28 78, 50 92, 74 94),
        form!(2.0: 2 26, 22 6, 50 8, 58 30, 48 62, 30 92, 10 98, 4 84, 24 76, 54 84, 88 80),
        form!(1.0: 10 22, 20 4, 38 2, 44 16, 40 40, 30 68, 18 94, 18 94, 34 90, 56 96),
        form!(1.5: 10 16, 34 0, 58 12, 58 44, 44 78, 18 98, 0 84, 14 64, 40 72, 60 94, 82 96),
        form!(0.5: 0 10, 26 3, 56 4, 56 4, 30 48, 2 94, 2 94, 34 96, 70 94),
        form!(0.7: 4 6, 26 2, 40 10, 36 48, 20 94, 20 94, 50 86, 84 78),
    ],
    // 3: pointed waist; looped waist; flat top; small head; small belly.
    &[
        form!(4.0: 0 12, 22 0, 46 8, 46 28, 22 45, 22 45, 52 54, 62 76, 42 97, 8 92),
        form!(3.0: 0 14, 26 0, 48 12, 42 36, 22 48, 30 42, 54 54, 62 78, 40 98, 8 90),
        form!(1.0: 2 6, 26 2, 52 2, 52 2, 26 40, 26 40, 56 52, 62 78, 38 98, 8 90),
        form!(1.5: 6 10, 26 0, 44 10, 38 26, 20 36, 20 36, 54 46, 66 72, 44 97, 2 96),
        form!(1.5: 0 16, 28 0, 58 10, 54 36, 26 54, 26 54, 50 62, 56 80, 40 97, 12 90),
    ],
    // 4: open; open and round; closed; with a short right arm; in one go; wide, high
    // bar; as a Y.
    &[
        form!(4.0: 12 2, 8 28, 4 52, 4 52, 32 54, 66 50; 54 2, 50 50, 47 100),
        form!(3.0: 8 4, 2 34, 14 52, 38 48, 56 34; 60 0, 56 34, 50 66, 47 100),
        form!(1.5: 46 0, 24 30, 2 62, 2 62, 34 61, 70 60; 46 0, 45 50, 44 100),
        form!(1.5: 16 6, 6 32, 6 50, 28 54, 52 50; 56 4, 52 50, 48 100),
        form!(1.0: 10 6, 4 36, 16 52, 44 44, 60 4, 60 4, 56 50, 52 100),
        form!(1.5: 10 6, 4 24, 2 42, 2 42, 36 44, 86 36; 68 0, 60 44, 56 100),
        form!(1.0: 2 2, 8 36, 28 46, 50 32; 64 0, 50 32, 42 62, 36 100),
    ],
    // 5: cap as a second stroke; in one go; round as an S; long cap, small belly;
    // upright neck; curled in.
    &[
        form!(3.0: 12 4, 12 22, 12 44, 12 44, 38 40, 58 58, 54 84, 34 98, 10 88; 12 4, 34 3, 60 1),
        form!(3.0: 58 2, 36 4, 17 6, 17 6, 16 40, 16 40, 44 44, 59 66, 49 90, 28 98, 9 90),
        form!(2.0: 62 4, 38 2, 21 10, 17 32, 35 46, 52 62, 49 88, 28 98, 9 88),
        form!(
            2.0: 27 14, 25 30, 25 46, 25 46, 49 48, 63 66, 51 90, 28 98, 9 92;
            29 14, 61 10, 98 2
        ),
        form!(1.0: 14 0, 12 24, 15 46, 15 46, 46 44, 67 66, 55 92, 28 98, 8 80; 14 4, 38 4, 71 6),
        form!(1.0: 56 2, 32 3, 14 4, 14 4, 12 42, 12 42, 44 42, 63 66, 49 94, 19 94, 9 74),
    ],
    // 6: bent stem; straight stem; wide bowl; bowl from a corner; stem with a hook;
    // low, wide bowl.
    &[
        form!(4.0: 40 0, 20 18, 6 48, 8 80, 28 98, 52 88, 56 66, 36 56, 12 72),
        form!(3.0: 24 0, 10 32, 3 66, 12 92, 34 98, 54 82, 50 62, 28 62, 10 82),
        form!(2.0: 46 2, 18 20, 2 54, 12 88, 40 98, 66 84, 62 60, 36 54, 8 76),
        form!(1.5: 30 0, 12 34, 6 66, 12 92, 12 92, 46 96, 64 76, 46 62, 10 84),
        form!(1.0: 54 10, 40 0, 16 20, 4 56, 14 92, 42 98, 58 78, 46 58, 20 62, 10 80),
        form!(1.0: 20 0, 4 36, 2 76, 28 99, 68 92, 84 70, 62 56, 36 70, 28 92),
    ],
    // 7: plain; with a serif; with a bar; bent stem; wide; hooked; round shoulder;
    // serif and bar.
    &[
        form!(4.0: 0 6, 28 5, 58 2, 58 2, 46 48, 36 100),
        form!(1.5: 0 20, 2 4, 2 4, 30 4, 60 2, 60 2, 46 46, 38 100),
        form!(1.5: 0 6, 28 5, 60 2, 60 2, 46 48, 36 100; 18 52, 40 50, 66 48),
        form!(2.0: 0 14, 16 5, 44 4, 58 12, 54 40, 44 70, 42 100),
        form!(1.5: 0 16, 34 10, 76 2, 76 2, 52 46, 40 98),
        form!(1.0: 0 12, 20 2, 30 8, 60 2, 60 2, 46 46, 42 100),
        form!(1.0: 0 24, 6 5, 36 0, 58 10, 52 50, 46 100),
        form!(0.7: 0 18, 2 4, 2 4, 30 4, 60 2, 60 2, 44 48, 34 100; 16 56, 40 53, 66 50),
    ],
    // 8: from the right; the same, left open; from the middle; two rings; large head;
    // narrow foot.
    &[
        form!(3.0: 49 12, 26 0, 9 14, 24 38, 50 62, 55 88, 34 99, 15 86, 20 62, 44 36, 51 14),
        form!(3.0: 59 12, 32 1, 9 14, 22 36, 48 60, 51 88, 32 99, 13 86, 22 60, 50 36, 67 6),
        form!(2.0: 37 48, 13 30, 15 6, 36 1, 50 18, 37 46, 17 72, 21 94, 44 98, 56 80, 37 48),
        form!(
            0.7: 30 0, 13 12, 18 36, 35 46, 49 34, 47 12, 28 0;
            35 46, 14 62, 19 90, 40 99, 59 88, 56 62, 33 46
        ),
        form!(1.5: 56 20, 32 2, 6 16, 14 44, 44 60, 50 84, 34 99, 18 84, 30 62, 58 40, 58 16),
        form!(1.5: 53 6, 26 2, 8 18, 24 38, 44 58, 43 88, 30 99, 16 84, 28 58, 49 34, 57 12),
    ],
    // 9: straight leg; curved leg; leg in line with the bowl; wide bowl; bowl closed
    // from below; pointed bowl; deep bowl.
    &[
        form!(3.0: 56 14, 32 1, 8 16, 6 40, 28 46, 52 20, 52 20, 50 60, 46 100),
        form!(1.5: 54 12, 30 1, 8 18, 10 42, 32 46, 52 18, 52 18, 54 60, 42 92, 12 94),
        form!(3.0: 52 20, 38 2, 14 10, 4 34, 20 46, 44 34, 54 12, 50 52, 38 100),
        form!(1.5: 66 18, 40 4, 8 20, 2 42, 26 48, 62 22, 62 22, 54 60, 46 100),
        form!(1.0: 48 40, 20 48, 2 30, 16 6, 42 4, 52 26, 52 64, 48 100),
        form!(1.0: 46 4, 16 10, 4 32, 18 48, 42 36, 50 4, 50 4, 52 52, 50 100),
        form!(1.5: 52 12, 28 0, 4 24, 8 54, 34 60, 52 34, 54 12, 54 56, 46 100),
    ],
];

/// Draws a form of a digit at random, by weight. Of a number above 9, the last decimal digit
/// counts.
pub fn pick(digit: u8, stream: &mut Stream) -> Strokes {
    let forms = FORMS[usize::from(digit % 10)];
    let total: f64 = forms.iter().map(|form| form.weight).sum();
    let mut left = stream.uniform() * total;
    let mut picked: Strokes = &[];
    for form in forms {
        if left >= 0.0 {
            picked = form.strokes;
        }
        left -= form.weight;
    }
    picked
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::stream;

    #[test]
    fn every_form_has_a_weight_and_strokes_within_the_frame() {
        for form in FORMS.iter().copied().flatten() {
            assert!(form.weight > 0.0);
            assert!(!form.strokes.is_empty());
            for stroke in form.strokes {
                assert!(stroke.len() > 1, "{stroke:?}");
                assert!(
                    stroke.iter().all(|&(x, y)| x <= 100 && y <= 100),
                    "{stroke:?}"
                );
            }
        }
    }

    #[test]
    fn a_form_comes_as_often_as_its_weight_says() {
        let mut stream = stream(0, "forms");
        let bare = (0..10_000)
            .filter(|_| pick(1, &mut stream)[0].len() == 3)
            .count();
        // Its bare form has 7 of the 10 that the weights of the 1 add up to; five standard
        // deviations are 230.
        assert!(bare.abs_diff(7_000) < 230, "{bare}");
    }
}
