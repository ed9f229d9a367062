//! PNG pictures, pixel by pixel. How a file was compressed and what it says
//! about itself beside the pixels does not count.

use std::io::Cursor;

use png::{BitDepth, ColorType, Decoder, DecodingError, Limits};

use super::wording::{beyond, both, short};
use super::{Pair, Tolerance};

/// Far more than any figure has: a broken header can promise any size.
const MOST_PIXELS: u64 = 1 << 25;

/// What the decoder may hold beside the pixels, in bytes.
const MOST_MEMORY: usize = 1 << 26;

/// What differs in the pixels.
pub fn exact(pair: Pair<'_>) -> Vec<String> {
    if pair.has_same_bytes() {
        return Vec::new();
    }
    gap(pair).map_or_else(|faults| faults, |gap| Vec::from_iter(gap.differing()))
}

/// What differs, if the levels do by more than the tolerance on average.
pub fn near(pair: Pair<'_>, tolerance: Tolerance) -> Vec<String> {
    let gap = match gap(pair) {
        Ok(gap) => gap,
        Err(faults) => return faults,
    };
    let flat = Tolerance {
        relative: 0.0,
        ..tolerance
    };
    let Some((excess, differing)) = flat.excess(gap.mean, 0.0).zip(gap.differing()) else {
        return Vec::new();
    };
    let mean = short(gap.mean);
    let how_far = beyond(excess, tolerance.absolute);
    vec![format!(
        "the levels are {mean} of 255 apart on average, {how_far}; {differing}"
    )]
}

fn gap(pair: Pair<'_>) -> Result<Gap, Vec<String>> {
    let [published, again] = pair.read(Picture::read)?;
    let sizes = [&published, &again].map(|p| format!("{} x {} pixels", p.width, p.height));
    if sizes[0] != sizes[1] {
        let [ours, theirs] = sizes;
        return Err(vec![format!("the sizes differ: {}", both(ours, theirs))]);
    }
    Ok(Gap::between(&published, &again))
}

/// 8 bits of red, green and blue, as every figure of a run.
struct Picture {
    width: usize,
    height: usize,
    pixels: Vec<[u8; 3]>,
}

impl Picture {
    fn read(bytes: &[u8]) -> Result<Self, String> {
        let picture = Self::decode(bytes);
        let picture = picture.map_err(|error| format!("is no PNG picture: {error}"))?;
        picture.ok_or_else(|| {
            "is none of a run's pictures: not 8 bits of red, green and blue".to_owned()
        })
    }

    /// Nothing if the colours are of another kind.
    fn decode(bytes: &[u8]) -> Result<Option<Self>, DecodingError> {
        let limits = Limits { bytes: MOST_MEMORY };
        let mut reader = Decoder::new_with_limits(Cursor::new(bytes), limits).read_info()?;
        let (width, height) = reader.info().size();
        let size = reader.output_buffer_size();
        let size = size.filter(|_| u64::from(width) * u64::from(height) <= MOST_PIXELS);
        let mut levels = vec![0; size.ok_or(DecodingError::LimitsExceeded)?];
        let frame = reader.next_frame(&mut levels)?;
        // A file without its end was cut off.
        reader.finish()?;
        if (frame.color_type, frame.bit_depth) != (ColorType::Rgb, BitDepth::Eight) {
            return Ok(None);
        }
        let (pixels, _) = levels.as_chunks();
        Ok(Some(Self {
            width: width as usize,
            height: height as usize,
            pixels: pixels.to_vec(),
        }))
    }
}

/// How two pictures of one size differ.
#[derive(Default)]
struct Gap {
    /// How many pixels there are.
    total: usize,
    /// How many of them differ.
    count: usize,
    /// Mean absolute difference of the levels of all colours.
    mean: f64,
    /// The largest difference of two levels.
    largest: u8,
    /// The first and the last column and row with a pixel that differs.
    columns: Option<(usize, usize)>,
    rows: Option<(usize, usize)>,
}

impl Gap {
    fn between(published: &Picture, again: &Picture) -> Self {
        let mut gap = Self {
            total: published.pixels.len(),
            ..Self::default()
        };
        let mut sum = 0;
        for (index, (ours, theirs)) in published.pixels.iter().zip(&again.pixels).enumerate() {
            if ours != theirs {
                gap.count += 1;
                gap.columns = Some(widened(gap.columns, index % published.width));
                gap.rows = Some(widened(gap.rows, index / published.width));
                let apart = [0, 1, 2].map(|colour: usize| ours[colour].abs_diff(theirs[colour]));
                gap.largest = apart.into_iter().fold(gap.largest, u8::max);
                sum += apart.into_iter().map(u64::from).sum::<u64>();
            }
        }
        gap.mean = sum as f64 / (3 * gap.total) as f64;
        gap
    }

    /// How many pixels differ, by how much and where, if any do.
    fn differing(&self) -> Option<String> {
        let (columns, rows) = (span(self.columns?), span(self.rows?));
        let Self {
            count,
            total,
            largest,
            ..
        } = self;
        let share = short(100.0 * *count as f64 / *total as f64);
        Some(format!(
            "different pixels: {count} of {total} ({share} %), by at most {largest} of 255 \
             levels, all within x {columns}, y {rows} from the top left"
        ))
    }
}

/// `3 to 5`, or only `3` if there is but one.
fn span((first, last): (usize, usize)) -> String {
    if first == last {
        first.to_string()
    } else {
        format!("{first} to {last}")
    }
}

fn widened(range: Option<(usize, usize)>, by: usize) -> (usize, usize) {
    let (first, last) = range.unwrap_or((by, by));
    (first.min(by), last.max(by))
}

#[cfg(test)]
mod tests {
    use super::super::tests::png;
    use super::*;

    fn told(published: &[u8], again: &[u8]) -> String {
        exact(Pair { published, again }).join("\n")
    }

    fn told_within(absolute: f64, published: &[u8], again: &[u8]) -> String {
        let tolerance = Tolerance {
            absolute,
            relative: 9.0,
        };
        near(Pair { published, again }, tolerance).join("\n")
    }

    /// 4 x 3 grey pixels, two of which can be chosen.
    fn grey(a: u8, b: u8) -> Vec<u8> {
        png(4, &[9, 9, 9, 9, 9, a, 9, 9, 9, 9, b, 9])
    }

    #[test]
    fn pixels_that_differ_are_counted_and_placed() {
        assert_eq!(told(&grey(0, 9), &grey(0, 9)), "");
        insta::assert_snapshot!(told(&grey(0, 9), &grey(0, 10)), @"different pixels: 1 of 12 (8.33 %), by at most 1 of 255 levels, all within x 2, y 2 from the top left");
        insta::assert_snapshot!(told(&grey(0, 9), &grey(255, 8)), @"different pixels: 2 of 12 (16.7 %), by at most 255 of 255 levels, all within x 1 to 2, y 1 to 2 from the top left");
        insta::assert_snapshot!(told(&grey(0, 9), &png(2, &[0; 4])), @"the sizes differ: published 4 x 3 pixels, rerun 2 x 2 pixels");
    }

    #[test]
    fn the_mean_difference_may_be_as_large_as_the_tolerance() {
        // 6 levels in one of 12 pixels.
        let (a, b) = (grey(0, 9), grey(6, 9));
        assert_eq!(told_within(0.5, &a, &b), "");
        insta::assert_snapshot!(told_within(0.499, &a, &b), @"the levels are 0.5 of 255 apart on average, just beyond the tolerance of 0.499; different pixels: 1 of 12 (8.33 %), by at most 6 of 255 levels, all within x 1, y 1 from the top left");
        insta::assert_snapshot!(told_within(0.1, &a, &b), @"the levels are 0.5 of 255 apart on average, 5.0 times the tolerance of 0.1; different pixels: 1 of 12 (8.33 %), by at most 6 of 255 levels, all within x 1, y 1 from the top left");
        insta::assert_snapshot!(told_within(0.0, &a, &b), @"the levels are 0.5 of 255 apart on average, where no difference is allowed; different pixels: 1 of 12 (8.33 %), by at most 6 of 255 levels, all within x 1, y 1 from the top left");
        assert_ne!(told_within(f64::NAN, &a, &b), "");
        assert_ne!(told_within(9.0, &a, &png(2, &[9; 6])), "");
    }

    #[test]
    fn the_same_pixels_are_equal_however_they_are_packed() {
        let packed = |compression| {
            let mut bytes = Vec::new();
            let mut encoder = png::Encoder::new(&mut bytes, 2, 2);
            encoder.set_color(ColorType::Rgb);
            encoder.set_compression(compression);
            encoder
                .write_header()
                .unwrap()
                .write_image_data(&[7; 12])
                .unwrap();
            bytes
        };
        let two = [png::Compression::NoCompression, png::Compression::High].map(packed);
        assert_ne!(two[0], two[1]);
        assert_eq!(
            told(&two[0], &two[1]) + &told_within(0.0, &two[0], &two[1]),
            ""
        );
    }

    #[test]
    fn pictures_of_another_kind_are_told() {
        let mut bytes = Vec::new();
        let mut writer = png::Encoder::new(&mut bytes, 4, 3).write_header().unwrap();
        writer.write_image_data(&[9; 12]).unwrap();
        drop(writer);
        insta::assert_snapshot!(told(&grey(9, 9), &bytes), @"the rerun's file is none of a run's pictures: not 8 bits of red, green and blue");
    }

    #[test]
    fn broken_files_are_told() {
        let whole = grey(0, 0);
        let end = whole.len() - 12;
        let mut damaged = whole.clone();
        damaged[45] ^= 1;
        let mut huge = Vec::new();
        let mut writer = png::Encoder::new(&mut huge, 100_000, 100_000)
            .write_header()
            .unwrap();
        writer.write_chunk(png::chunk::IDAT, &[]).unwrap();
        drop(writer);
        insta::assert_snapshot!(told(&whole, b""), @"the rerun's file is no PNG picture: unexpected end of file");
        insta::assert_snapshot!(told(b"<svg/>", &whole), @"the published file is no PNG picture: Invalid PNG signature.");
        insta::assert_snapshot!(told(&whole, &whole[..end]), @"the rerun's file is no PNG picture: unexpected end of file");
        insta::assert_snapshot!(told(&whole, &whole[..50]), @"the rerun's file is no PNG picture: unexpected end of file");
        insta::assert_snapshot!(told(&whole, &damaged), @"the rerun's file is no PNG picture: CRC error: expected 0x149b5de3 have 0x8b41de7d while decoding ChunkType { type: IDAT, critical: true, private: false, reserved: false, safecopy: false } chunk.");
        insta::assert_snapshot!(told(&huge, &whole), @"the published file is no PNG picture: limits are exceeded");
        insta::assert_snapshot!(told_within(9.0, b"x", b"x"), @r#"
the published file is no PNG picture: unexpected end of file
the rerun's file is no PNG picture: unexpected end of file
"#);
    }
}
