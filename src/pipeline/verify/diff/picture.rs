//! PNG pictures, pixel by pixel. Compression and text chunks of a file do not count.

use std::io::Cursor;

use png::{BitDepth, ColorType, Decoder, DecodingError, Limits};

use super::{Tolerance, Versions, both, short};

/// Maximum number of pixels, far more than any figure has: a broken header can promise any
/// size.
const MAX_PIXELS: u64 = 1 << 25;

/// Maximum memory of the decoder beside the pixels, in bytes.
const MAX_DECODER_BYTES: usize = 1 << 26;

/// Compares the pixels; fails with the first that differs, counted from the top left. With a
/// tolerance, fails if the mean absolute difference of the levels exceeds it.
pub fn compare(versions: Versions<'_>, tolerance: Option<Tolerance>) -> Result<(), String> {
    let [published, rerun] = pictures(versions)?;
    let Some(first) = first_difference(&published, &rerun) else {
        return Ok(());
    };
    let mean = mean_difference(&published, &rerun);
    match tolerance.map(|tolerance| tolerance.absolute) {
        None => Err(first),
        Some(most) if mean <= most => Ok(()),
        Some(most) => Err(format!(
            "mean difference of {} of 255 levels, expected at most {}; {first}",
            short(mean),
            short(most)
        )),
    }
}

/// Reads two pictures of the same size.
fn pictures(versions: Versions<'_>) -> Result<[RgbPicture; 2], String> {
    let [published, rerun] = versions.read(RgbPicture::read)?;
    let size = |picture: &RgbPicture| format!("{} x {} pixels", picture.width, picture.height);
    let (ours, theirs) = (size(&published), size(&rerun));
    if ours == theirs {
        Ok([published, rerun])
    } else {
        Err(format!("size: {}", both(ours, theirs)))
    }
}

/// Names the first pixel that differs, and both colours.
fn first_difference(published: &RgbPicture, rerun: &RgbPicture) -> Option<String> {
    let mut pixels = published.pixels.iter().zip(&rerun.pixels).enumerate();
    let (index, (ours, theirs)) = pixels.find(|(_, (ours, theirs))| ours != theirs)?;
    let (x, y) = (index % published.width, index / published.width);
    let colour = |[red, green, blue]: [u8; 3]| format!("#{red:02x}{green:02x}{blue:02x}");
    let colours = both(colour(*ours), colour(*theirs));
    Some(format!("pixel x {x}, y {y}: {colours}"))
}

/// Mean absolute difference of the levels of all colours, 0 to 255.
fn mean_difference(published: &RgbPicture, rerun: &RgbPicture) -> f64 {
    let levels = published.pixels.as_flattened().iter();
    let pairs = levels.zip(rerun.pixels.as_flattened());
    let sum: u64 = pairs.map(|(a, b)| u64::from(a.abs_diff(*b))).sum();
    sum as f64 / (3 * published.pixels.len()) as f64
}

/// Picture in 8 bits of red, green and blue, as every figure of a run.
struct RgbPicture {
    width: usize,
    height: usize,
    pixels: Vec<[u8; 3]>,
}

impl RgbPicture {
    fn read(bytes: &[u8]) -> Result<Self, String> {
        Self::decode(bytes)
            .map_err(|error| format!("is not a PNG picture: {error}"))?
            .ok_or_else(|| "is not a picture of a run: expected 8 bits of RGB".to_owned())
    }

    /// Decodes a picture; none if its colours are of another kind.
    fn decode(bytes: &[u8]) -> Result<Option<Self>, DecodingError> {
        let limits = Limits {
            bytes: MAX_DECODER_BYTES,
        };
        let mut reader = Decoder::new_with_limits(Cursor::new(bytes), limits).read_info()?;
        let (width, height) = reader.info().size();
        let is_small = u64::from(width) * u64::from(height) <= MAX_PIXELS;
        let size = reader.output_buffer_size().filter(|_| is_small);
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

#[cfg(test)]
mod tests {
    use super::super::tests::png;
    use super::*;

    fn exact(published: &[u8], rerun: &[u8]) -> String {
        let result = compare(Versions { published, rerun }, None);
        result.err().unwrap_or_default()
    }

    fn near(absolute: f64, published: &[u8], rerun: &[u8]) -> String {
        let tolerance = Tolerance {
            absolute,
            relative: 9.0,
        };
        let result = compare(Versions { published, rerun }, Some(tolerance));
        result.err().unwrap_or_default()
    }

    /// 4 x 3 grey pixels, two of which can be chosen.
    fn grey(a: u8, b: u8) -> Vec<u8> {
        png(4, &[9, 9, 9, 9, 9, a, 9, 9, 9, 9, b, 9])
    }

    #[test]
    fn the_first_pixel_that_differs_is_named_with_both_colours() {
        assert_eq!(exact(&grey(0, 9), &grey(0, 9)), "");
        insta::assert_snapshot!(exact(&grey(0, 9), &grey(0, 10)), @"pixel x 2, y 2: published #090909, rerun #0a0a0a");
        insta::assert_snapshot!(exact(&grey(0, 9), &grey(255, 8)), @"pixel x 1, y 1: published #000000, rerun #ffffff");
        insta::assert_snapshot!(exact(&grey(0, 9), &png(2, &[0; 4])), @"size: published 4 x 3 pixels, rerun 2 x 2 pixels");
    }

    #[test]
    fn the_mean_difference_may_be_as_large_as_the_tolerance() {
        // 6 levels in one of 12 pixels.
        let (a, b) = (grey(0, 9), grey(6, 9));
        assert_eq!(near(0.5, &a, &b), "");
        insta::assert_snapshot!(near(0.499, &a, &b), @"mean difference of 0.5 of 255 levels, expected at most 0.499; pixel x 1, y 1: published #000000, rerun #060606");
        assert_ne!(near(0.0, &a, &b), "");
        assert_ne!(near(f64::NAN, &a, &b), "");
        assert_ne!(near(9.0, &a, &png(2, &[9; 6])), "");
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
        assert_eq!(exact(&two[0], &two[1]) + &near(0.0, &two[0], &two[1]), "");
    }

    #[test]
    fn broken_pictures_and_those_of_another_kind_differ() {
        let whole = grey(0, 0);
        let mut monochrome = Vec::new();
        let mut writer = png::Encoder::new(&mut monochrome, 4, 3)
            .write_header()
            .unwrap();
        writer.write_image_data(&[9; 12]).unwrap();
        drop(writer);
        let mut damaged = whole.clone();
        damaged[45] ^= 1;
        let mut huge = Vec::new();
        let mut writer = png::Encoder::new(&mut huge, 100_000, 100_000)
            .write_header()
            .unwrap();
        writer.write_chunk(png::chunk::IDAT, &[]).unwrap();
        drop(writer);
        insta::assert_snapshot!(exact(&whole, &monochrome), @"the rerun's file is not a picture of a run: expected 8 bits of RGB");
        insta::assert_snapshot!(exact(b"<svg/>", &whole), @"the published file is not a PNG picture: Invalid PNG signature.");
        insta::assert_snapshot!(exact(&whole, &whole[..whole.len() - 12]), @"the rerun's file is not a PNG picture: unexpected end of file");
        insta::assert_snapshot!(exact(&whole, &damaged), @"the rerun's file is not a PNG picture: CRC error: expected 0x149b5de3 have 0x8b41de7d while decoding ChunkType { type: IDAT, critical: true, private: false, reserved: false, safecopy: false } chunk.");
        insta::assert_snapshot!(exact(&huge, &whole), @"the published file is not a PNG picture: limits are exceeded");
        insta::assert_snapshot!(near(9.0, b"x", b"x"), @"the published file is not a PNG picture: unexpected end of file");
    }
}
