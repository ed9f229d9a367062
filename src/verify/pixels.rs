//! PNG pictures, pixel by pixel. How a file was compressed and what it says
//! about itself beside the pixels does not count.

use std::io::Cursor;

use png::{BitDepth, Decoder, DecodingError, Limits, Transformations};

use super::wording::{beyond, both, short};
use super::{Pair, Tolerance};

/// Far more than any figure has: a broken header can promise any size.
const MOST_PIXELS: u64 = 1 << 25;

/// What the decoder may hold beside the pixels, in bytes.
const MOST_MEMORY: usize = 1 << 26;

/// Levels are held as parts of 65535, so that one of 255 is 257 parts, and
/// pictures of 8 and 16 bits a channel compare exactly.
const PARTS_A_LEVEL: u16 = 257;

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

struct Picture {
    width: usize,
    height: usize,
    /// 1 to 4: grey or red, green and blue, with or without opacity.
    channels: usize,
    samples: Vec<u16>,
}

impl Picture {
    fn read(bytes: &[u8]) -> Result<Self, String> {
        Self::decode(bytes).map_err(|error| format!("is no PNG picture: {error}"))
    }

    fn decode(bytes: &[u8]) -> Result<Self, DecodingError> {
        let limits = Limits { bytes: MOST_MEMORY };
        let mut decoder = Decoder::new_with_limits(Cursor::new(bytes), limits);
        decoder.set_transformations(Transformations::EXPAND);
        let mut reader = decoder.read_info()?;
        let (width, height) = reader.info().size();
        let size = reader.output_buffer_size();
        let size = size.filter(|_| u64::from(width) * u64::from(height) <= MOST_PIXELS);
        let mut samples = vec![0; size.ok_or(DecodingError::LimitsExceeded)?];
        let frame = reader.next_frame(&mut samples)?;
        // A file without its end was cut off.
        reader.finish()?;
        Ok(Self {
            width: width as usize,
            height: height as usize,
            channels: frame.color_type.samples(),
            samples: match frame.bit_depth {
                BitDepth::Sixteen => {
                    let (pairs, _) = samples.as_chunks();
                    pairs.iter().map(|pair| u16::from_be_bytes(*pair)).collect()
                }
                _ => samples
                    .into_iter()
                    .map(|level| u16::from(level) * PARTS_A_LEVEL)
                    .collect(),
            },
        })
    }

    fn has_opacity(&self) -> bool {
        self.channels.is_multiple_of(2)
    }

    /// Red, green, blue and opacity, row by row.
    fn pixels(&self) -> impl Iterator<Item = [u16; 4]> {
        let pixels = self.samples.chunks_exact(self.channels.max(1));
        pixels.map(|samples| match *samples {
            [grey] => [grey, grey, grey, u16::MAX],
            [grey, opacity] => [grey, grey, grey, opacity],
            [red, green, blue] => [red, green, blue, u16::MAX],
            [red, green, blue, opacity] => [red, green, blue, opacity],
            _ => [0; 4],
        })
    }
}

/// How two pictures of one size differ.
#[derive(Default)]
struct Gap {
    /// How many pixels there are.
    total: usize,
    /// How many of them differ.
    count: usize,
    /// Mean absolute difference of the levels of all channels, in levels of 255.
    mean: f64,
    /// The largest difference of two levels, in parts.
    largest: u16,
    /// The first and the last column and row with a pixel that differs.
    columns: Option<(usize, usize)>,
    rows: Option<(usize, usize)>,
}

impl Gap {
    fn between(published: &Picture, again: &Picture) -> Self {
        let mut gap = Self {
            total: published.width * published.height,
            ..Self::default()
        };
        let mut sum = 0;
        for (index, (ours, theirs)) in published.pixels().zip(again.pixels()).enumerate() {
            if ours != theirs {
                gap.count += 1;
                gap.columns = Some(widened(gap.columns, index % published.width));
                gap.rows = Some(widened(gap.rows, index / published.width));
                let apart =
                    [0, 1, 2, 3].map(|channel: usize| ours[channel].abs_diff(theirs[channel]));
                gap.largest = apart.into_iter().fold(gap.largest, u16::max);
                sum += apart.into_iter().map(u64::from).sum::<u64>();
            }
        }
        // Opacity that neither file has would make every mean smaller.
        let opacity = published.has_opacity() || again.has_opacity();
        let channels = if opacity { 4 } else { 3 };
        gap.mean = levels(sum as f64) / (gap.total * channels) as f64;
        gap
    }

    /// How many pixels differ, by how much and where, if any do.
    fn differing(&self) -> Option<String> {
        let (columns, rows) = (span(self.columns?), span(self.rows?));
        let Self { count, total, .. } = self;
        let share = short(100.0 * *count as f64 / *total as f64);
        let largest = short(levels(self.largest.into()));
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

fn levels(parts: f64) -> f64 {
    parts / f64::from(PARTS_A_LEVEL)
}

fn widened(range: Option<(usize, usize)>, by: usize) -> (usize, usize) {
    let (first, last) = range.unwrap_or((by, by));
    (first.min(by), last.max(by))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verify::tests::png;
    use png::ColorType;

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
        png(
            4,
            ColorType::Grayscale,
            &[9, 9, 9, 9, 9, a, 9, 9, 9, 9, b, 9],
        )
    }

    #[test]
    fn pixels_that_differ_are_counted_and_placed() {
        assert_eq!(told(&grey(0, 9), &grey(0, 9)), "");
        insta::assert_snapshot!(told(&grey(0, 9), &grey(0, 10)), @"different pixels: 1 of 12 (8.33 %), by at most 1 of 255 levels, all within x 2, y 2 from the top left");
        insta::assert_snapshot!(told(&grey(0, 9), &grey(255, 8)), @"different pixels: 2 of 12 (16.7 %), by at most 255 of 255 levels, all within x 1 to 2, y 1 to 2 from the top left");
        insta::assert_snapshot!(told(&grey(0, 9), &png(2, ColorType::Grayscale, &[0; 4])), @"the sizes differ: published 4 x 3 pixels, rerun 2 x 2 pixels");
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
        assert_ne!(
            told_within(9.0, &a, &png(2, ColorType::Grayscale, &[9; 6])),
            ""
        );
    }

    #[test]
    fn the_same_pixels_are_equal_however_they_are_stored() {
        let grey = png(2, ColorType::Grayscale, &[1, 2]);
        let same = [
            png(2, ColorType::GrayscaleAlpha, &[1, 255, 2, 255]),
            png(2, ColorType::Rgb, &[1, 1, 1, 2, 2, 2]),
            png(2, ColorType::Rgba, &[1, 1, 1, 255, 2, 2, 2, 255]),
            png(2, ColorType::Indexed, &[1, 2]),
        ];
        for other in &same {
            assert_ne!(&grey, other);
            assert_eq!(told(&grey, other) + &told_within(0.0, &grey, other), "");
        }
        let clear = png(2, ColorType::GrayscaleAlpha, &[1, 255, 2, 0]);
        insta::assert_snapshot!(told(&grey, &clear), @"different pixels: 1 of 2 (50 %), by at most 255 of 255 levels, all within x 1, y 0 from the top left");
        insta::assert_snapshot!(told_within(1.0, &grey, &clear), @"the levels are 31.9 of 255 apart on average, 31.9 times the tolerance of 1; different pixels: 1 of 2 (50 %), by at most 255 of 255 levels, all within x 1, y 0 from the top left");
    }

    #[test]
    fn sixteen_bits_are_not_cut_to_eight() {
        let deep = |low: u8| {
            let mut bytes = Vec::new();
            let mut encoder = png::Encoder::new(&mut bytes, 1, 1);
            encoder.set_depth(BitDepth::Sixteen);
            encoder
                .write_header()
                .unwrap()
                .write_image_data(&[7, low])
                .unwrap();
            bytes
        };
        assert_eq!(told(&deep(7), &png(1, ColorType::Grayscale, &[7])), "");
        insta::assert_snapshot!(told(&deep(7), &deep(8)), @"different pixels: 1 of 1 (100 %), by at most 0.00389 of 255 levels, all within x 0, y 0 from the top left");
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
        insta::assert_snapshot!(told(&whole, &damaged), @"the rerun's file is no PNG picture: CRC error: expected 0x3c38cdbf have 0xbb9e06fc while decoding ChunkType { type: IDAT, critical: true, private: false, reserved: false, safecopy: false } chunk.");
        insta::assert_snapshot!(told(&huge, &whole), @"the published file is no PNG picture: limits are exceeded");
        insta::assert_snapshot!(told_within(9.0, b"x", b"x"), @r#"
the published file is no PNG picture: unexpected end of file
the rerun's file is no PNG picture: unexpected end of file
"#);
    }
}
