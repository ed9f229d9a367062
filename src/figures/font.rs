//! Font of figures: Noto Sans, which is part of the program, with corrected widths.
//!
//! Version 1.04 calls spacing accents such as `` ` `` and `´` combining marks, to which text
//! shapers give no width, and modifier letters such as `ː` have none in the font itself.

use std::ops::RangeInclusive;
use std::sync::LazyLock;

use ttf_parser::{Face, GlyphId, Tag};

use crate::escape;

/// Regular face.
pub static REGULAR: LazyLock<Vec<u8>> = LazyLock::new(|| mended(ttf_noto_sans::REGULAR));
/// Bold face.
pub static BOLD: LazyLock<Vec<u8>> = LazyLock::new(|| mended(ttf_noto_sans::BOLD));

/// Characters with a width of their own that the font takes for combining marks.
const SPACING: [RangeInclusive<char>; 8] = [
    '`'..='`',
    '¨'..='¨',
    '´'..='´',
    '¸'..='¸',
    '\u{2b0}'..='\u{2ff}',
    '\u{374}'..='\u{385}',
    '\u{1fbd}'..='\u{1ffe}',
    '\u{a700}'..='\u{a7ff}',
];

/// Space on both sides of a glyph without a width, in units of 2048 per em.
const BEARING: u16 = 80;

/// Class of glyphs that combine with no other.
const BASE: u16 = 1;

/// Both faces, parsed: regular and bold.
static FACES: LazyLock<[Option<Face<'static>>; 2]> =
    LazyLock::new(|| [&REGULAR, &BOLD].map(|bytes| Face::parse(bytes.as_slice(), 0).ok()));

/// Returns the file of a face.
pub fn bytes(bold: bool) -> &'static [u8] {
    if bold { &BOLD } else { &REGULAR }
}

fn face(bold: bool) -> Option<&'static Face<'static>> {
    FACES[usize::from(bold)].as_ref()
}

/// Returns the glyph of a character; 0, a box, without one.
pub fn glyph(bold: bool, c: char) -> u16 {
    let glyph = face(bold).and_then(|face| face.glyph_index(c));
    glyph.map_or(0, |glyph| glyph.0)
}

/// Returns the width of a character as a fraction of the em.
pub fn advance(bold: bool, c: char) -> f64 {
    face(bold).map_or(0.0, |face| {
        let glyph = GlyphId(glyph(bold, c));
        let advance = face.glyph_hor_advance(glyph).unwrap_or(0);
        f64::from(advance) / f64::from(face.units_per_em())
    })
}

/// Returns the characters of a text that figures cannot draw, each once.
pub fn undrawable(text: &str) -> Vec<char> {
    let mut missing = Vec::new();
    for c in escape::line(text).chars() {
        // Selectors of emoji are not seen themselves.
        let is_seen = !matches!(c, '\u{fe00}'..='\u{fe0f}');
        if is_seen && glyph(false, c) == 0 && !missing.contains(&c) {
            missing.push(c);
        }
    }
    missing
}

fn mended(font: &[u8]) -> Vec<u8> {
    mend(font).unwrap_or_else(|| font.to_vec())
}

fn mend(font: &[u8]) -> Option<Vec<u8>> {
    let face = Face::parse(font, 0).ok()?;
    let characters = SPACING.into_iter().flatten();
    let spacing: Vec<GlyphId> = characters.filter_map(|c| face.glyph_index(c)).collect();
    let mut mended = font.to_vec();
    widen(&mut mended, &face, &spacing)?;
    reclassify(&mut mended, &face, &spacing)?;
    Some(mended)
}

/// Gives glyphs without a width that of their outline, and puts them right of the letter
/// before.
fn widen(font: &mut [u8], face: &Face<'_>, glyphs: &[GlyphId]) -> Option<()> {
    let (_, metrics) = table(face, *b"hmtx")?;
    let measured = face.tables().hhea.number_of_metrics;
    let is_flat =
        |glyph: &&GlyphId| glyph.0 < measured && face.glyph_hor_advance(**glyph) == Some(0);
    for glyph in glyphs.iter().filter(is_flat) {
        let outline = face.glyph_bounding_box(*glyph)?;
        let width = outline.x_max.abs_diff(outline.x_min) + 2 * BEARING;
        let at = metrics + 4 * usize::from(glyph.0);
        let metric = [width.to_be_bytes(), BEARING.to_be_bytes()].concat();
        font.get_mut(at..at + 4)?.copy_from_slice(&metric);
    }
    Some(())
}

/// Reclassifies these glyphs as base glyphs: appends a definition table with other classes,
/// which replaces that of the font.
fn reclassify(font: &mut Vec<u8>, face: &Face<'_>, glyphs: &[GlyphId]) -> Option<()> {
    let (record, _) = table(face, *b"GDEF")?;
    let classes = face.tables().gdef?;
    let mut definitions = face.raw_face().table(Tag::from_bytes(b"GDEF"))?.to_vec();
    let offset = u16::try_from(definitions.len()).ok()?;
    definitions
        .get_mut(4..6)?
        .copy_from_slice(&offset.to_be_bytes());
    // Format 1: a class for each glyph, from glyph 0 on.
    let numbers = [1, 0, face.number_of_glyphs()].into_iter();
    let class = |glyph| {
        if glyphs.contains(&glyph) {
            BASE
        } else {
            classes.glyph_class(glyph).map_or(0, |class| class as u16)
        }
    };
    let numbers = numbers.chain((0..face.number_of_glyphs()).map(GlyphId).map(class));
    definitions.extend(numbers.flat_map(u16::to_be_bytes));
    font.resize(font.len().next_multiple_of(4), 0);
    let place = [font.len(), definitions.len()]
        .map(|number| (number as u32).to_be_bytes())
        .concat();
    font.get_mut(record + 8..record + 16)?
        .copy_from_slice(&place);
    font.extend(definitions);
    Some(())
}

/// Returns the offsets of the record of a table and of the table in the file.
fn table(face: &Face<'_>, name: [u8; 4]) -> Option<(usize, usize)> {
    let records = face.raw_face().table_records.into_iter();
    let mut numbered = records.enumerate();
    let (index, record) = numbered.find(|(_, record)| record.tag == Tag::from_bytes(&name))?;
    Some((12 + 16 * index, record.offset as usize))
}

#[cfg(test)]
mod tests {
    use super::*;
    use resvg::usvg::{Node, Options, Tree};
    use std::fmt::Write;

    use crate::figures::sheet::INK;
    use crate::figures::text::Letters;

    /// Blocks with what titles, captions and claims are written in: Latin, phonetics, Greek,
    /// Cyrillic, punctuation, currencies, arrows and mathematics. Combining marks are in others.
    const BLOCKS: [RangeInclusive<char>; 11] = [
        '!'..='~',
        '\u{a1}'..='\u{24f}',
        '\u{250}'..='\u{2ff}',
        '\u{370}'..='\u{3ff}',
        '\u{400}'..='\u{482}',
        '\u{1e00}'..='\u{1fff}',
        '\u{2010}'..='\u{205e}',
        '\u{2070}'..='\u{20cf}',
        '\u{2100}'..='\u{218f}',
        '\u{2190}'..='\u{22ff}',
        '\u{a700}'..='\u{a7ff}',
    ];

    /// What the font has of these.
    fn characters() -> Vec<char> {
        let is_shown = |c: &char| {
            let mut text = [0; 4];
            let text = &*c.encode_utf8(&mut text);
            !c.is_whitespace() && escape::line(text) == text && undrawable(text).is_empty()
        };
        BLOCKS.into_iter().flatten().filter(is_shown).collect()
    }

    /// The widths of texts in the PNG, in em.
    fn drawn(texts: &[String], weight: &str) -> Vec<f64> {
        let mut svg = "<svg xmlns=\"http://www.w3.org/2000/svg\">".to_owned();
        for text in texts {
            let text = text.replace('&', "&amp;").replace('<', "&lt;");
            let font = format!("font-family=\"Noto Sans\" font-weight=\"{weight}\"");
            let _ = write!(svg, "<text {font} font-size=\"1000\">{text}</text>");
        }
        svg.push_str("</svg>");
        let mut options = Options::default();
        for face in [&REGULAR, &BOLD] {
            options.fontdb_mut().load_font_data(face.to_vec());
        }
        let tree = Tree::from_str(&svg, &options).unwrap();
        let mut widths = Vec::new();
        collect(tree.root().children(), &mut widths);
        assert_eq!(widths.len(), texts.len());
        widths
    }

    fn collect(nodes: &[Node], widths: &mut Vec<f64>) {
        for node in nodes {
            match node {
                Node::Text(text) => widths.push(f64::from(text.bounding_box().width()) / 1000.0),
                Node::Group(group) => collect(group.children(), widths),
                Node::Path(_) | Node::Image(_) => {}
            }
        }
    }

    /// Between letters, since nothing is drawn of a character without a width.
    fn framed(c: char) -> String {
        format!("H{c}H")
    }

    #[test]
    fn every_character_has_the_width_that_is_measured() {
        let characters = characters();
        assert!(characters.len() > 1400, "{}", characters.len());
        let mut texts: Vec<String> = characters.iter().copied().map(framed).collect();
        texts.push("HH".to_owned());
        for (weight, bold) in [("400", false), ("700", true)] {
            let widths = drawn(&texts, weight);
            let frame = widths[characters.len()];
            let letters = Letters {
                em: 1000.0,
                bold,
                colour: INK,
            };
            for (text, width) in texts.iter().zip(&widths).take(characters.len()) {
                assert!(width - frame > 0.05, "{text}: {}", width - frame);
                // Kerning is not measured.
                let measured = letters.width(text) / 1000.0;
                assert!((width - measured).abs() < 0.1, "{text}: {width} {measured}");
            }
        }
    }

    #[test]
    fn combining_marks_keep_their_place_over_letters() {
        let texts = ["e", "e\u{301}", "x\u{327}\u{30a}"].map(str::to_owned);
        let widths = drawn(&texts, "400");
        assert_eq!(widths[0], widths[1]);
        assert!((widths[2] - drawn(&["x".to_owned()], "400")[0]).abs() < 1e-6);
    }

    #[test]
    fn characters_without_a_glyph_are_named() {
        assert_eq!(
            undrawable("A title, é Ж ≥ α → ±1 e\u{301} `q` …\n\u{1b}"),
            []
        );
        assert_eq!(undrawable("漢字漢 א 🙂\u{fe0f} a"), ['漢', '字', 'א', '🙂']);
    }

    #[test]
    fn both_faces_have_the_same_characters() {
        let faces = [&REGULAR, &BOLD].map(|face| Face::parse(face, 0).unwrap());
        let has = |face: &Face<'_>, c| face.glyph_index(c).is_some();
        for c in '\0'..='\u{ffff}' {
            assert_eq!(has(&faces[0], c), has(&faces[1], c), "{c:?}");
        }
    }
}
