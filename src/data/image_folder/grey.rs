//! Grey levels of PNG files.

use std::io::Cursor;

use png::{BitDepth, ColorType, Decoder, DecodingError, Limits, Transformations};

use crate::config::MAX_ACROSS;
use crate::data::samples::ImageSize;

/// Maximum memory of the decoder beside the pixels, in bytes: metadata is of no use here.
const MAX_DECODER_BYTES: usize = 1 << 22;

/// First bytes of a PNG file.
const SIGNATURE: [u8; 8] = [0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a];

/// Image of one channel.
#[derive(Debug, PartialEq)]
pub struct GreyImage {
    /// Width and height.
    pub size: ImageSize,
    /// Levels, row by row, on the scale where white is 255; fractions from files of 16 bits.
    pub levels: Vec<f64>,
    /// True if the file has colours, or a palette, and all are grey.
    pub from_colour: bool,
    /// True if the file has an opaque alpha channel.
    pub from_opaque: bool,
}

/// Fault of the content of a PNG file. The caller adds the path.
#[derive(Debug, thiserror::Error)]
pub enum PngFault {
    /// File of another format.
    #[error("no PNG file, though it is called one; convert it, such as by `magick FILE PNG:FILE`")]
    NoPng,
    /// Broken file.
    #[error("broken PNG file ({0}); save it again")]
    Broken(#[from] DecodingError),
    /// Animation.
    #[error("an animation; save one of its images")]
    Animated,
    /// Image beyond the limit.
    #[error(
        "too large; expected at most {MAX_ACROSS} x {MAX_ACROSS} pixels, got {0}; scale it down"
    )]
    TooLarge(ImageSize),
    /// Pixel with different channels.
    #[error(
        "row {row}, column {column} (counted from 0): expected grey, got the colour {colour}, and \
         networks see one level per pixel; convert the files, such as by `magick mogrify \
         -colorspace Gray *.png` or Pillow's `Image.open(file).convert(\"L\").save(file)`"
    )]
    Colour {
        /// Row of the pixel.
        row: usize,
        /// Column of the pixel.
        column: usize,
        /// Its colour, such as `#ff0000`.
        colour: String,
    },
    /// Pixel that is not opaque.
    #[error(
        "row {row}, column {column} (counted from 0): transparent, and what is behind is unknown; \
         flatten the files, such as by `magick mogrify -background black -flatten *.png`"
    )]
    Transparent {
        /// Row of the pixel.
        row: usize,
        /// Column of the pixel.
        column: usize,
    },
}

/// Decodes a PNG file. Its size is checked before its pixels have memory.
///
/// # Errors
/// If it is broken, too large, an animation, or has colours or transparent pixels.
pub fn decode(bytes: &[u8]) -> Result<GreyImage, PngFault> {
    if !bytes.starts_with(&SIGNATURE) {
        return Err(PngFault::NoPng);
    }
    let limits = Limits {
        bytes: MAX_DECODER_BYTES,
    };
    let mut decoder = Decoder::new_with_limits(Cursor::new(bytes), limits);
    decoder.set_transformations(Transformations::EXPAND);
    let mut reader = decoder.read_info()?;
    let (width, height) = reader.info().size();
    let size = ImageSize {
        width: width as usize,
        height: height as usize,
    };
    if size.width.max(size.height) > MAX_ACROSS {
        return Err(PngFault::TooLarge(size));
    }
    if reader.info().animation_control().is_some() {
        return Err(PngFault::Animated);
    }
    let length = reader.output_buffer_size();
    let mut samples = vec![0; length.ok_or(DecodingError::LimitsExceeded)?];
    let frame = reader.next_frame(&mut samples)?;
    reader.finish()?;
    let channels = frame.color_type.samples();
    let has_alpha = matches!(
        frame.color_type,
        ColorType::GrayscaleAlpha | ColorType::Rgba
    );
    let values = in_16_bits(&samples, frame.bit_depth);
    let mut levels = Vec::with_capacity(size.pixels());
    for (index, pixel) in values.chunks_exact(channels).enumerate() {
        let (row, column) = (index / size.width, index % size.width);
        levels.push(level(pixel, has_alpha, row, column)?);
    }
    Ok(GreyImage {
        size,
        levels,
        from_colour: channels > 2,
        from_opaque: has_alpha,
    })
}

/// Steps of 16 bits per step of 8 bits.
const FULL: u16 = 257;

/// Samples as numbers of 16 bits.
fn in_16_bits(samples: &[u8], depth: BitDepth) -> Vec<u16> {
    let pair = |pair: &[u8]| u16::from_be_bytes([pair[0], pair[1]]);
    match depth {
        BitDepth::Sixteen => samples.chunks_exact(2).map(pair).collect(),
        BitDepth::One | BitDepth::Two | BitDepth::Four | BitDepth::Eight => {
            let samples = samples.iter();
            samples.map(|&level| u16::from(level) * FULL).collect()
        }
    }
}

/// Level of a pixel of these channels.
fn level(pixel: &[u16], has_alpha: bool, row: usize, column: usize) -> Result<f64, PngFault> {
    let (colour, alpha) = pixel.split_at(pixel.len() - usize::from(has_alpha));
    if alpha.iter().any(|&alpha| alpha < u16::MAX) {
        return Err(PngFault::Transparent { row, column });
    }
    let grey = colour.first().copied().unwrap_or_default();
    if colour.iter().any(|&level| level != grey) {
        let parts = colour.iter().map(|level| format!("{:02x}", level / FULL));
        let colour = format!("#{}", parts.collect::<Vec<_>>().concat());
        return Err(PngFault::Colour {
            row,
            column,
            colour,
        });
    }
    Ok(f64::from(grey) / f64::from(FULL))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn png(color: ColorType, depth: BitDepth, size: [u32; 2], data: &[u8]) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut encoder = png::Encoder::new(&mut bytes, size[0], size[1]);
        encoder.set_color(color);
        encoder.set_depth(depth);
        if color == ColorType::Indexed {
            encoder.set_palette(vec![0, 0, 0, 51, 51, 51]);
        }
        let mut writer = encoder.write_header().unwrap();
        writer.write_image_data(data).unwrap();
        writer.finish().unwrap();
        bytes
    }

    fn levels(color: ColorType, depth: BitDepth, data: &[u8]) -> Result<Vec<f64>, String> {
        let decoded = decode(&png(color, depth, [2, 1], data));
        decoded
            .map(|image| image.levels)
            .map_err(|fault| fault.to_string())
    }

    #[test]
    fn every_depth_of_grey_has_white_at_255() {
        let grey = |depth, data| levels(ColorType::Grayscale, depth, data).unwrap();
        assert_eq!(grey(BitDepth::One, &[0b0100_0000]), [0.0, 255.0]);
        assert_eq!(grey(BitDepth::Two, &[0b0111_0000]), [85.0, 255.0]);
        assert_eq!(grey(BitDepth::Four, &[0x1f]), [17.0, 255.0]);
        assert_eq!(grey(BitDepth::Eight, &[7, 255]), [7.0, 255.0]);
        assert_eq!(
            grey(BitDepth::Sixteen, &[0, 1, 255, 255]),
            [1.0 / 257.0, 255.0]
        );
        let image = decode(&png(ColorType::Indexed, BitDepth::Eight, [2, 1], &[0, 1])).unwrap();
        assert_eq!((image.levels, image.from_colour), (vec![0.0, 51.0], true));
    }

    #[test]
    fn colours_and_alpha_are_read_only_if_they_change_nothing() {
        let eight = BitDepth::Eight;
        let opaque = levels(ColorType::GrayscaleAlpha, eight, &[7, 255, 9, 255]);
        assert_eq!(opaque, Ok(vec![7.0, 9.0]));
        assert_eq!(
            levels(ColorType::Rgb, eight, &[7, 7, 7, 9, 9, 9]),
            Ok(vec![7.0, 9.0])
        );
        let clear = levels(ColorType::GrayscaleAlpha, eight, &[7, 255, 9, 254]).unwrap_err();
        assert!(
            clear.starts_with("row 0, column 1 (counted from 0): transparent"),
            "{clear}"
        );
        let red = levels(ColorType::Rgb, eight, &[255, 0, 0, 9, 9, 9]).unwrap_err();
        assert!(
            red.contains("expected grey, got the colour #ff0000"),
            "{red}"
        );
    }

    #[test]
    fn other_files_are_refused() {
        let fault = |bytes: &[u8]| decode(bytes).unwrap_err().to_string();
        assert!(fault(b"\xff\xd8\xff\xe0 JPEG").starts_with("no PNG file"));
        let sound = png(ColorType::Grayscale, BitDepth::Eight, [2, 1], &[1, 2]);
        for length in [8, 20, 40, sound.len() - 8] {
            assert!(
                fault(&sound[..length]).starts_with("broken PNG file"),
                "{length}"
            );
        }
        let mut flipped = sound.clone();
        flipped[44] ^= 0x10;
        assert!(fault(&flipped).starts_with("broken PNG file"));
        let wide = png(ColorType::Grayscale, BitDepth::Eight, [301, 1], &[0; 301]);
        assert!(fault(&wide).contains("at most 300 x 300 pixels, got 301 x 1"));
        // Nothing is allocated for the size that a header claims.
        let mut huge = sound;
        huge[16..20].copy_from_slice(&u32::MAX.to_be_bytes());
        assert!(fault(&huge).starts_with("broken PNG file"));
        let mut bytes = Vec::new();
        let mut encoder = png::Encoder::new(&mut bytes, 1, 1);
        encoder.set_animated(2, 0).unwrap();
        let mut writer = encoder.write_header().unwrap();
        writer.write_image_data(&[1]).unwrap();
        writer.write_image_data(&[2]).unwrap();
        writer.finish().unwrap();
        assert!(fault(&bytes).starts_with("an animation"));
    }
}
