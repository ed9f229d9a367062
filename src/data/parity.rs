//! Even and odd numbers as images of their bits (Tashfeen 2020, section 7.1): a single
//! pixel determines the class.

use std::ops::Range;

use super::samples::{ImageSize, Samples, SourceData, SourceRows};

/// Training numbers from 0 to `train_rows - 1`, and test numbers from there to
/// `2^bits - 1`.
pub fn source(bits: usize, train_rows: usize) -> SourceData {
    let size = ImageSize {
        width: bits,
        height: 1,
    };
    let rows = |numbers| SourceRows::synthetic(size, samples(bits, numbers));
    SourceData {
        train: rows(0..train_rows),
        test: Some(rows(train_rows..1 << bits)),
    }
}

/// One row per number: `bits` pixels, the highest bit first, with level 0 for 0 and 255
/// for 1. The label is 0 for even numbers and 1 for odd ones.
fn samples(bits: usize, numbers: Range<usize>) -> Samples {
    let mut samples = Samples::empty(bits);
    for number in numbers {
        let level = |bit: usize| if number >> bit & 1 == 1 { 255 } else { 0 };
        let pixels: Vec<u8> = (0..bits).rev().map(level).collect();
        samples.push(&pixels, (number % 2) as u8);
    }
    samples
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn numbers_by_hand() {
        let samples = samples(3, 4..7);
        let pixels = [[255, 0, 0], [255, 0, 255], [255, 255, 0]];
        assert_eq!(*samples.pixels, pixels.concat());
        assert_eq!(samples.labels, [0, 1, 0]);
        assert_eq!(samples.features, 3);
    }

    proptest! {
        #[test]
        fn bits_give_the_number_back_and_the_last_one_the_label(bits in 2usize..=16, from: u16) {
            let first = usize::from(from) % (1 << bits);
            let samples = samples(bits, first..1 << bits);
            for (row, number) in (first..1 << bits).enumerate() {
                let read = samples.row(row).iter().fold(0, |n, &level| {
                    2 * n + usize::from(level / 255)
                });
                prop_assert_eq!(read, number);
                prop_assert_eq!(samples.labels[row], samples.row(row)[bits - 1] / 255);
            }
        }
    }
}
