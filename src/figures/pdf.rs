//! PDF of a sheet: vectors and text as text, with the letters that are used embedded.

use std::collections::BTreeMap;
use std::io::Write;

use flate2::Compression;
use flate2::write::ZlibEncoder;
use pdf_writer::types::{
    CidFontType, FontFlags, LineCapStyle, LineJoinStyle, SystemInfo, UnicodeCmap,
};
use pdf_writer::{Content, Filter, Finish, Name, Pdf, Rect, Ref, Str, TextStr};
use subsetter::GlyphRemapper;

use super::font;
use super::sheet::{Anchor, At, Colour, Item, Outline, PER_INCH, PlacedImage, Shape, Sheet};
use super::text::Letters;
use super::{FigureError, Texts};

/// Points per dot.
const SCALE: f64 = 72.0 / PER_INCH;
/// Distance of the control points of a quarter circle, relative to the radius.
const QUARTER: f64 = 0.552_284_75;

const CATALOG: Ref = Ref::new(1);
const PAGES: Ref = Ref::new(2);
const PAGE: Ref = Ref::new(3);
const INFO: Ref = Ref::new(4);
const CONTENT: Ref = Ref::new(5);
/// First object of the regular face; the bold one follows.
const FACES: i32 = 6;
/// Objects per face: font, descendant, descriptor, file and character map.
const PER_FACE: i32 = 5;
const IMAGES: i32 = FACES + 2 * PER_FACE;

const SYSTEM: SystemInfo<'_> = SystemInfo {
    registry: Str(b"Adobe"),
    ordering: Str(b"Identity"),
    supplement: 0,
};

/// Writes a sheet as a PDF of one page. Title, caption and note are its title and subject.
///
/// # Errors
/// If the font cannot be embedded.
pub fn pdf(sheet: &Sheet, texts: Texts<'_>) -> Result<Vec<u8>, FigureError> {
    let mut writer = Writer::new(sheet);
    sheet.items.iter().for_each(|item| writer.paint(item));
    writer.finish(sheet, texts)
}

/// Letters of a face that a document uses.
#[derive(Default)]
struct UsedFace {
    glyphs: GlyphRemapper,
    /// Characters by glyph number in the document.
    characters: BTreeMap<u16, char>,
}

struct Writer<'a> {
    pdf: Pdf,
    content: Content,
    faces: [UsedFace; 2],
    images: Vec<&'a PlacedImage>,
}

impl<'a> Writer<'a> {
    fn new(sheet: &Sheet) -> Self {
        let mut content = Content::new();
        let height = sheet.height * SCALE;
        // From here on lengths are dots, down from the top.
        content.transform([SCALE, 0.0, 0.0, -SCALE, 0.0, height].map(|v| v as f32));
        content.set_line_cap(LineCapStyle::RoundCap);
        content.set_line_join(LineJoinStyle::RoundJoin);
        Self {
            pdf: Pdf::new(),
            content,
            faces: [UsedFace::default(), UsedFace::default()],
            images: Vec::new(),
        }
    }

    fn paint(&mut self, item: &'a Item) {
        match item {
            Item::Text(line) => {
                let width = line.letters.width(&line.text);
                let left = match line.anchor {
                    Anchor::Start => 0.0,
                    Anchor::Middle => width / 2.0,
                    Anchor::End => width,
                };
                self.text(line.at.by(-left, 0.0), line.letters, &line.text);
            }
            Item::Shape(shape) => self.shape(shape),
            Item::Image(image) => self.image(image),
        }
    }

    fn text(&mut self, At(x, y): At, letters: Letters, text: &str) {
        let used = &mut self.faces[usize::from(letters.bold)];
        let mut codes = Vec::new();
        for c in text.chars() {
            let glyph = used.glyphs.remap(font::glyph(letters.bold, c));
            used.characters.entry(glyph).or_insert(c);
            codes.extend(glyph.to_be_bytes());
        }
        let name = face_name(letters.bold);
        fill(&mut self.content, letters.colour);
        self.content
            .begin_text()
            .set_font(Name(name.as_bytes()), letters.em as f32)
            .set_text_matrix([1.0, 0.0, 0.0, -1.0, x as f32, y as f32])
            .show(Str(&codes))
            .end_text();
    }

    fn shape(&mut self, shape: &Shape) {
        let content = &mut self.content;
        if let Some(colour) = shape.fill {
            fill(content, colour);
        }
        if let Some(pen) = shape.pen {
            let [red, green, blue] = pen.colour.map(|part| f32::from(part) / 255.0);
            content.set_stroke_rgb(red, green, blue);
            content.set_line_width(pen.width as f32);
            let dash = pen.dash.map(|(dash, gap)| [dash as f32, gap as f32]);
            content.set_dash_pattern(
                dash.unwrap_or_default().into_iter().filter(|v| *v > 0.0),
                0.0,
            );
        }
        match &shape.outline {
            Outline::Open(through) => polygon(content, through),
            Outline::Closed(corners) => {
                polygon(content, corners);
                content.close_path();
            }
            Outline::Circle(middle, radius) => circle(content, *middle, *radius),
        }
        match (shape.fill, shape.pen) {
            (Some(_), Some(_)) => content.fill_nonzero_and_stroke(),
            (Some(_), None) => content.fill_nonzero(),
            (None, Some(_)) => content.stroke(),
            (None, None) => content.end_path(),
        };
    }

    fn image(&mut self, image: &'a PlacedImage) {
        let (At(x, y), [width, height]) = (image.at, image.size);
        let name = format!("I{}", self.images.len());
        self.images.push(image);
        self.content
            .save_state()
            .transform([width, 0.0, 0.0, -height, x, y + height].map(|v| v as f32))
            .x_object(Name(name.as_bytes()))
            .restore_state();
    }

    fn finish(mut self, sheet: &Sheet, texts: Texts<'_>) -> Result<Vec<u8>, FigureError> {
        let pdf = &mut self.pdf;
        pdf.catalog(CATALOG).pages(PAGES);
        pdf.pages(PAGES).kids([PAGE]).count(1);
        pdf.document_info(INFO)
            .title(TextStr(texts.title))
            .subject(TextStr(&texts.description()))
            .creator(TextStr("backquery"));
        let mut page = pdf.page(PAGE);
        let [width, height] = [sheet.width, sheet.height].map(|side| (side * SCALE) as f32);
        page.media_box(Rect::new(0.0, 0.0, width, height));
        page.parent(PAGES).contents(CONTENT);
        let mut resources = page.resources();
        let mut fonts = resources.fonts();
        for (bold, used) in [false, true].into_iter().zip(&self.faces) {
            if !used.characters.is_empty() {
                fonts.pair(Name(face_name(bold).as_bytes()), object(bold, 0));
            }
        }
        fonts.finish();
        let mut images = resources.x_objects();
        for nth in 0..self.images.len() {
            images.pair(Name(format!("I{nth}").as_bytes()), image_object(nth));
        }
        images.finish();
        resources.finish();
        page.finish();
        let content = deflated(self.content.finish().as_slice());
        pdf.stream(CONTENT, &content).filter(Filter::FlateDecode);
        for (bold, used) in [false, true].into_iter().zip(&self.faces) {
            if !used.characters.is_empty() {
                embed(pdf, bold, used)?;
            }
        }
        for (nth, image) in self.images.iter().enumerate() {
            let data = deflated(&image.pixels.data);
            let mut object = pdf.image_xobject(image_object(nth), &data);
            let [width, height] = image.pixels.size.map(|side| side as i32);
            object.width(width).height(height);
            object.filter(Filter::FlateDecode);
            object.bits_per_component(8);
            if image.pixels.coloured {
                object.color_space().device_rgb();
            } else {
                object.color_space().device_gray();
            }
        }
        Ok(self.pdf.finish())
    }
}

/// Embeds the used letters of a face.
fn embed(pdf: &mut Pdf, bold: bool, used: &UsedFace) -> Result<(), FigureError> {
    let subset = subsetter::subset(font::bytes(bold), 0, &used.glyphs)?;
    let subset = deflated(&subset);
    // A tag of six letters marks a subset; there is one of each face in a document.
    let name = format!("AAAAAA+NotoSans-{}", if bold { "Bold" } else { "Regular" });
    let name = Name(name.as_bytes());
    let [font, cid, descriptor, file, map] = [0, 1, 2, 3, 4].map(|nth| object(bold, nth));
    pdf.type0_font(font)
        .base_font(name)
        .encoding_predefined(Name(b"Identity-H"))
        .descendant_font(cid)
        .to_unicode(map);
    let mut cid_font = pdf.cid_font(cid);
    cid_font
        .subtype(CidFontType::Type2)
        .base_font(name)
        .system_info(SYSTEM)
        .font_descriptor(descriptor)
        .default_width(0.0)
        .cid_to_gid_map_predefined(Name(b"Identity"));
    let mut widths = cid_font.widths();
    for (glyph, c) in &used.characters {
        widths.consecutive(*glyph, [(font::advance(bold, *c) * 1000.0) as f32]);
    }
    widths.finish();
    cid_font.finish();
    // Noto Sans, in thousandths of an em.
    pdf.font_descriptor(descriptor)
        .name(name)
        .flags(FontFlags::SYMBOLIC)
        .bbox(Rect::new(-622.0, -389.0, 2800.0, 1069.0))
        .italic_angle(0.0)
        .ascent(1069.0)
        .descent(-293.0)
        .cap_height(714.0)
        .stem_v(if bold { 150.0 } else { 80.0 })
        .font_file2(file);
    pdf.stream(file, &subset).filter(Filter::FlateDecode);
    let mut characters = UnicodeCmap::new(Name(b"Custom"), SYSTEM);
    for (glyph, c) in &used.characters {
        characters.pair(*glyph, *c);
    }
    pdf.stream(map, characters.finish().as_slice());
    Ok(())
}

fn object(bold: bool, nth: i32) -> Ref {
    Ref::new(FACES + i32::from(bold) * PER_FACE + nth)
}

fn image_object(nth: usize) -> Ref {
    Ref::new(IMAGES + nth as i32)
}

fn face_name(bold: bool) -> &'static str {
    if bold { "B" } else { "R" }
}

fn fill(content: &mut Content, colour: Colour) {
    let [red, green, blue] = colour.map(|part| f32::from(part) / 255.0);
    content.set_fill_rgb(red, green, blue);
}

fn polygon(content: &mut Content, through: &[At]) {
    for (nth, At(x, y)) in through.iter().enumerate() {
        let (x, y) = (*x as f32, *y as f32);
        if nth == 0 {
            content.move_to(x, y);
        } else {
            content.line_to(x, y);
        }
    }
}

/// Adds a circle as four curves.
fn circle(content: &mut Content, At(x, y): At, radius: f64) {
    let at = |right: f64, down: f64| [x + radius * right, y + radius * down].map(|v| v as f32);
    let [right, top] = at(1.0, 0.0);
    content.move_to(right, top);
    // Each curve goes from one of these directions to the next.
    for ((ax, ay), (bx, by)) in [
        ((1.0, 0.0), (0.0, 1.0)),
        ((0.0, 1.0), (-1.0, 0.0)),
        ((-1.0, 0.0), (0.0, -1.0)),
        ((0.0, -1.0), (1.0, 0.0)),
    ] {
        let [x1, y1] = at(ax + QUARTER * bx, ay + QUARTER * by);
        let [x2, y2] = at(bx + QUARTER * ax, by + QUARTER * ay);
        let [x3, y3] = at(bx, by);
        content.cubic_to(x1, y1, x2, y2, x3, y3);
    }
    content.close_path();
}

fn deflated(data: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    // Writing to memory cannot fail.
    let _ = encoder.write_all(data);
    encoder.finish().unwrap_or_default()
}
