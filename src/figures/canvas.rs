//! The page that all figures share: title and caption above, a note below, and the PNG
//! rendered from the finished SVG.
//!
//! Lengths are pixels of the PNG. plotters takes whole coordinates only, so it gets units,
//! which are fine enough for smooth curves even in an enlarged SVG.

use super::font;
use super::grid::GridImage;
use super::text::{Block, Type};
use super::{Drawing, FigureError, Texts};
use base64::prelude::{BASE64_STANDARD, Engine};
use plotters::coord::Shift;
use plotters::drawing::{DrawingArea, IntoDrawingArea};
use plotters::element::Rectangle;
use plotters::prelude::SVGBackend;
use plotters::style::text_anchor::HPos;
use plotters::style::{Color, FontStyle, RGBColor, WHITE};
use resvg::{tiny_skia, usvg};
use std::fmt::Write;
use std::iter::repeat_n;

/// Units per pixel; a power of two, so that the scale of the PNG is exact.
const UNITS: f64 = 8.0;

/// 300 dots per inch, in pixels per metre.
const PER_METRE: f64 = 11_811.0;

/// Width of the text on an A4 page, in metres; no figure prints wider.
const MAX_PRINTED_WIDTH: f64 = 0.160;

/// Largest number of pixels of a page.
const MAX_PIXELS: f64 = 40e6;

/// Margin of the page, in pixels.
pub const MARGIN: f64 = 30.0;
/// Space between the title and the caption.
const BELOW_TITLE: f64 = 8.0;
/// Space between the caption and the figure.
const BELOW_HEAD: f64 = 26.0;
/// Space between the figure and the note.
const ABOVE_NOTE: f64 = 22.0;

/// Width of the frame around an image.
pub const BORDER: f64 = 2.0;

/// Text.
pub const INK: RGBColor = RGBColor(26, 26, 26);
/// Less important text.
pub const QUIET: RGBColor = RGBColor(84, 84, 84);
/// Frames and axes: neither black nor white, so that the border of any image shows.
pub const FRAME: RGBColor = RGBColor(140, 140, 140);

const TITLE: Type = Type(44.0, FontStyle::Bold, INK);
const CAPTION: Type = Type(36.0, FontStyle::Normal, INK);
const NOTE: Type = Type(28.0, FontStyle::Normal, QUIET);

/// Part of a page, with coordinates in units from its upper left corner.
pub type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;

/// Position in pixels, right and down from the upper left corner of an area.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct At(pub f64, pub f64);

/// Converts pixels to units.
pub fn unit(pixels: f64) -> i32 {
    (pixels * UNITS).round() as i32
}

/// Returns the part of an area with this upper left corner, width and height, in pixels.
pub fn part<'a>(area: &Area<'a>, At(x, y): At, size: (f64, f64)) -> Area<'a> {
    let size = (unit(size.0), unit(size.1));
    area.clone().shrink((unit(x), unit(y)), size)
}

/// Page with the elements of a figure.
pub struct Canvas<'a> {
    /// Page between caption and note, without margins.
    pub area: Area<'a>,
    /// SVG elements drawn above those of plotters.
    images: String,
}

impl Canvas<'_> {
    /// Draws a framed image with its upper left corner at a whole pixel, each level as a
    /// square of `factor` pixels.
    ///
    /// The image is embedded enlarged, so that it is sharp in viewers that smooth every
    /// image, and marked as pixelated for other viewers.
    pub fn image(
        &mut self,
        corner: At,
        image: &GridImage,
        factor: usize,
    ) -> Result<(), FigureError> {
        let size = [image.width, image.height].map(|side| side * factor);
        let mut large = Vec::with_capacity(size[0] * size[1]);
        for row in image.levels.chunks(image.width) {
            let levels = row.iter().flat_map(|level| repeat_n(*level, factor));
            let row: Vec<u8> = levels.collect();
            large.extend(row.repeat(factor));
        }
        self.embed(corner, size, &large, png::ColorType::Grayscale)
    }

    /// Draws a framed picture of this width and height; `colour` returns red, green and blue
    /// by column and row.
    pub fn colours(
        &mut self,
        corner: At,
        size: [usize; 2],
        colour: impl Fn(usize, usize) -> [u8; 3],
    ) -> Result<(), FigureError> {
        let pixels = (0..size[0] * size[1]).map(|i| colour(i % size[0], i / size[0]));
        let rgb: Vec<u8> = pixels.flatten().collect();
        self.embed(corner, size, &rgb, png::ColorType::Rgb)
    }

    fn embed(
        &mut self,
        At(x, y): At,
        size: [usize; 2],
        pixels: &[u8],
        colour: png::ColorType,
    ) -> Result<(), FigureError> {
        let png = BASE64_STANDARD.encode(encode(size, pixels, colour, None)?);
        let [width, height] = size.map(|side| unit(side as f64));
        let (x, y, border) = (unit(x), unit(y), unit(BORDER));
        let corners = [
            (x - border, y - border),
            (x + width + border, y + height + border),
        ];
        self.area.draw(&Rectangle::new(corners, FRAME.filled()))?;
        let corner = self.area.get_base_pixel();
        let (x, y) = (corner.0 + x, corner.1 + y);
        // Writing to a string cannot fail.
        let _ = writeln!(
            self.images,
            "<image x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" \
             style=\"image-rendering:pixelated\" href=\"data:image/png;base64,{png}\"/>",
        );
        Ok(())
    }
}

/// Draws a figure of this width and height, in pixels, with title and caption above and a
/// note below.
///
/// # Errors
/// If the page has more than [`MAX_PIXELS`], or `paint` fails.
pub fn draw(
    texts: Texts<'_>,
    size: (f64, f64),
    paint: impl FnOnce(&mut Canvas<'_>) -> Result<(), FigureError>,
) -> Result<Drawing, FigureError> {
    let (width, height) = size;
    let title = Block::new(texts.title, TITLE, width)?;
    let caption = Block::new(texts.caption, CAPTION, width)?;
    let note = Block::new(texts.note, NOTE, width)?;
    let below_title = MARGIN + title.height + BELOW_TITLE;
    let top = (below_title + caption.height + BELOW_HEAD).round();
    let foot = top + height + ABOVE_NOTE;
    let size = [width + 2.0 * MARGIN, foot + note.height + MARGIN].map(|side| side.ceil() as u32);
    if size.map(f64::from).iter().product::<f64>() > MAX_PIXELS {
        return Err(FigureError::TooLarge(size[0], size[1]));
    }

    let mut body = String::new();
    let units = size.map(|pixels| unit(f64::from(pixels)) as u32);
    let root = SVGBackend::with_string(&mut body, units.into()).into_drawing_area();
    root.fill(&WHITE)?;
    title.paint(&root, At(MARGIN, MARGIN), HPos::Left)?;
    caption.paint(&root, At(MARGIN, below_title), HPos::Left)?;
    note.paint(&root, At(MARGIN, foot), HPos::Left)?;
    let mut canvas = Canvas {
        area: root.shrink((unit(MARGIN), unit(top)), (unit(width), unit(height))),
        images: String::new(),
    };
    paint(&mut canvas)?;
    canvas.area.present()?;
    let images = std::mem::take(&mut canvas.images);
    drop(canvas);
    // plotters' own first line has neither a printed size nor round joins.
    let inside = body
        .split_once('\n')
        .map_or("", |(_, rest)| rest)
        .trim_end()
        .trim_end_matches("</svg>");
    finish(&format!("{inside}{images}"), size)
}

/// Writes both formats of the content of an SVG.
fn finish(inside: &str, size: [u32; 2]) -> Result<Drawing, FigureError> {
    let [across, down] = size.map(|pixels| unit(f64::from(pixels)));
    let svg = |[width, height]: [String; 2]| {
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
             <svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
             viewBox=\"0 0 {across} {down}\" stroke-linejoin=\"round\" stroke-linecap=\"round\">\n\
             {inside}</svg>\n"
        )
    };
    let per_metre = PER_METRE
        .max(f64::from(size[0]) / MAX_PRINTED_WIDTH)
        .round();
    let millimetres = |pixels| format!("{:.2}mm", f64::from(pixels) / per_metre * 1000.0);
    // For the PNG the size is whole pixels, so that images stay sharp.
    let rgb = rasterise(&svg(size.map(|pixels| pixels.to_string())), size)?;
    let pixels = size.map(|pixels| pixels as usize);
    Ok(Drawing {
        png: encode(pixels, &rgb, png::ColorType::Rgb, Some(per_metre as u32))?,
        svg: svg(size.map(millimetres)).into_bytes(),
    })
}

/// Renders an SVG of this size on white.
fn rasterise(svg: &str, [width, height]: [u32; 2]) -> Result<Vec<u8>, FigureError> {
    let mut options = usvg::Options::default();
    for face in [&font::REGULAR, &font::BOLD] {
        options.fontdb_mut().load_font_data(face.to_vec());
    }
    let tree = usvg::Tree::from_str(svg, &options)?;
    let mut page =
        tiny_skia::Pixmap::new(width, height).ok_or(FigureError::TooLarge(width, height))?;
    page.fill(tiny_skia::Color::WHITE);
    resvg::render(&tree, tiny_skia::Transform::default(), &mut page.as_mut());
    // All pixels are opaque. A page can take 160 MB, so they are packed in place.
    let mut data = page.take();
    let pixels = data.len() / 4;
    for pixel in 0..pixels {
        data.copy_within(4 * pixel..4 * pixel + 3, 3 * pixel);
    }
    data.truncate(3 * pixels);
    Ok(data)
}

/// Encodes a PNG of 8 bits per channel, with its printed size if `per_metre` is given.
fn encode(
    [width, height]: [usize; 2],
    data: &[u8],
    colour: png::ColorType,
    per_metre: Option<u32>,
) -> Result<Vec<u8>, FigureError> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, width as u32, height as u32);
    encoder.set_color(colour);
    encoder.set_depth(png::BitDepth::Eight);
    if let Some(n) = per_metre {
        encoder.set_pixel_dims(Some(png::PixelDimensions {
            xppu: n,
            yppu: n,
            unit: png::Unit::Meter,
        }));
        // Pages repeat rows: files have 0.86 of the size of the default, in 0.6 of the time.
        encoder.set_filter(png::Filter::Up);
        encoder.set_deflate_compression(png::DeflateCompression::Level(5));
    }
    let mut writer = encoder.write_header()?;
    writer.write_image_data(data)?;
    writer.finish()?;
    Ok(bytes)
}

/// Returns width, height and RGB bytes of a PNG that states its printed size.
#[cfg(test)]
pub fn decode(png: &[u8]) -> (usize, usize, Vec<u8>) {
    let mut reader = png::Decoder::new(std::io::Cursor::new(png))
        .read_info()
        .unwrap();
    let mut rgb = vec![0; reader.output_buffer_size().unwrap()];
    let info = reader.next_frame(&mut rgb).unwrap();
    assert_eq!(info.color_type, png::ColorType::Rgb);
    let printed = reader.info().pixel_dims.unwrap();
    assert!(printed.xppu == printed.yppu && printed.xppu >= 11_811);
    (info.width as usize, info.height as usize, rgb)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(title: &str) -> Texts<'_> {
        Texts {
            title,
            caption: "",
            note: "",
        }
    }

    #[test]
    fn no_figure_prints_wider_than_a_page() {
        let svg = draw(texts("Wide"), (3720.0, 10.0), |_| Ok(())).unwrap().svg;
        let text = String::from_utf8(svg).unwrap();
        let tree = roxmltree::Document::parse(&text).unwrap();
        assert_eq!(tree.root_element().attribute("width"), Some("160.00mm"));
    }

    #[test]
    fn a_page_beyond_memory_is_refused() {
        for size in [(1e6, 1e6), (1e300, 1.0)] {
            let error = draw(texts(""), size, |_| Ok(())).unwrap_err();
            assert!(matches!(error, FigureError::TooLarge(..)));
        }
    }
}
