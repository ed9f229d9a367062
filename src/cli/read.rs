//! The command `read`: what the judges see in any pictures.

use std::io::Cursor;
use std::path::Path;

use png::{ColorType, Decoder, DecodingError, Limits, Transformations};

use super::args::ReadArgs;
use super::error::Failure;
use super::output::say;
use super::progress::Progress;
use super::{devices, specs};
use crate::data::Label;
use crate::escape;
use crate::io::read_at_most;
use crate::metrics::judge::{PictureReading, Readings};
use crate::pipeline::{self, Job, Picture, PictureReadings};

/// Maximum number of pixels of a picture.
const MAX_PIXELS: u64 = 1 << 24;
/// Maximum size of a file in bytes.
const MAX_BYTES: u64 = 1 << 27;
/// Maximum memory of the decoder beside the pixels, in bytes.
const MAX_DECODER_BYTES: usize = 1 << 26;

/// Runs `backquery read`.
///
/// # Errors
/// If a picture cannot be read, the spec has faults, or its data is unavailable.
pub fn read(args: &ReadArgs) -> Result<(), Failure> {
    let pictures = args.pictures.iter().map(|path| picture(path));
    let pictures = pictures.collect::<Result<Vec<_>, _>>()?;
    let paths = specs::expand(std::slice::from_ref(&args.spec))?;
    let studies = specs::load_all(&paths, &[])?;
    let Some(experiment) = studies.first().and_then(|study| study.members.first()) else {
        return Err(Failure::NoSpecs(args.spec.clone()));
    };
    let context = devices::context(&studies, &args.out, &args.machine)?;
    let progress = Progress::new(args.quiet);
    let job = Job {
        name: "judges",
        seed: None,
    };
    let emit = |event: pipeline::Event<'_>| progress.report(job, event);
    let read = pipeline::read(experiment, &context, &pictures, &emit);
    progress.clear();
    let read = read.map_err(|error| Failure::Run("reading pictures".to_owned(), error))?;
    let lines = args.pictures.iter().zip(&read.readings);
    for (path, readings) in lines {
        say(&line(&escape::path(path), readings, &read));
    }
    if let Some(poor) = &read.poor_judges {
        say(&format!("poor judges: {poor}"));
    }
    Ok(())
}

/// Line such as `seven.png: 7 (0.93; 0.91 to 0.97 by judge), 1 (0.04), none (0.02)`.
fn line(name: &str, readings: &Readings, read: &PictureReadings) -> String {
    let answers = |reading: &PictureReading| {
        let labels = read.classes.iter().map(Label::to_string);
        let labels = labels.chain(["none".to_owned()]);
        let probabilities = reading.classes.iter().copied().chain([reading.none]);
        labels.zip(probabilities).collect::<Vec<_>>()
    };
    let mut all: Vec<(usize, (String, f64))> = answers(&readings.combined())
        .into_iter()
        .enumerate()
        .collect();
    all.sort_by(|(_, (_, a)), (_, (_, b))| b.total_cmp(a));
    let listed = all.into_iter().take(SHOWN).enumerate();
    let listed = listed.map(|(rank, (answer, (label, probability)))| {
        if rank > 0 {
            return format!("{label} ({probability:.2})");
        }
        let single = readings.0.iter().map(|reading| answers(reading)[answer].1);
        let (low, high) = single.fold((1.0f64, 0.0f64), |(low, high), one| {
            (low.min(one), high.max(one))
        });
        format!("{label} ({probability:.2}; {low:.2} to {high:.2} by judge)")
    });
    format!("{name}: {}", listed.collect::<Vec<_>>().join(", "))
}

/// Number of answers that are shown.
const SHOWN: usize = 3;

fn picture(path: &Path) -> Result<Picture, Failure> {
    let bytes = read_at_most(path, MAX_BYTES)?;
    decoded(&bytes).map_err(|error| Failure::Picture {
        path: path.to_owned(),
        reason: error.to_string(),
    })
}

/// Decodes a PNG picture to grey levels, colours by their luma (ITU-R BT.601).
fn decoded(bytes: &[u8]) -> Result<Picture, DecodingError> {
    let limits = Limits {
        bytes: MAX_DECODER_BYTES,
    };
    let mut decoder = Decoder::new_with_limits(Cursor::new(bytes), limits);
    decoder.set_transformations(Transformations::normalize_to_color8());
    let mut reader = decoder.read_info()?;
    let (width, height) = reader.info().size();
    let is_small = u64::from(width) * u64::from(height) <= MAX_PIXELS;
    let size = reader.output_buffer_size().filter(|_| is_small);
    let mut levels = vec![0; size.ok_or(DecodingError::LimitsExceeded)?];
    let frame = reader.next_frame(&mut levels)?;
    let luma = |rgb: &[u8]| match *rgb {
        [red, green, blue, ..] => {
            let sum = 299 * u32::from(red) + 587 * u32::from(green) + 114 * u32::from(blue);
            ((sum + 500) / 1000) as u8
        }
        _ => rgb.first().copied().unwrap_or_default(),
    };
    let levels = match frame.color_type {
        ColorType::Grayscale | ColorType::Indexed => levels,
        ColorType::GrayscaleAlpha => levels.chunks(2).map(|pixel| pixel[0]).collect(),
        ColorType::Rgb => levels.chunks(3).map(luma).collect(),
        ColorType::Rgba => levels.chunks(4).map(luma).collect(),
    };
    Ok(Picture {
        width: width as usize,
        levels,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn png(color: ColorType, levels: &[u8]) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut encoder = png::Encoder::new(&mut bytes, 1, 1);
        encoder.set_color(color);
        let mut writer = encoder.write_header().unwrap();
        writer.write_image_data(levels).unwrap();
        writer.finish().unwrap();
        bytes
    }

    /// White is 255; of red, green and blue, green is the brightest.
    #[test]
    fn colours_become_grey_by_their_luma() {
        let level = |color, levels: &[u8]| decoded(&png(color, levels)).unwrap().levels;
        assert_eq!(level(ColorType::Grayscale, &[7]), [7]);
        assert_eq!(level(ColorType::GrayscaleAlpha, &[7, 9]), [7]);
        assert_eq!(level(ColorType::Rgb, &[255, 255, 255]), [255]);
        assert_eq!(level(ColorType::Rgb, &[0, 255, 0]), [150]);
        assert_eq!(level(ColorType::Rgba, &[255, 0, 0, 255]), [76]);
        assert!(decoded(b"no picture").is_err());
    }
}
