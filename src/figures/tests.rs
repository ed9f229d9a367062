//! Figures of tests, and readers of their files.

use super::*;
use crate::config::FigureLook;

/// Style of the tests of all kinds.
pub fn style() -> Style<'static> {
    Style {
        look: FigureLook::default(),
        texts: Texts {
            title: "Inversions",
            caption: "a <&> b \"c\" 'd' \u{1}",
            note: "synthetic, seed 0",
        },
    }
}

/// SVG of the only page of a drawing.
pub fn svg(drawing: &Drawing) -> &str {
    let [page] = &drawing.pages[..] else {
        panic!("{} pages", drawing.pages.len());
    };
    std::str::from_utf8(&page.svg).unwrap()
}

/// Decoded PNG page.
pub struct DecodedPage {
    pub width: usize,
    pub height: usize,
    pub rgb: Vec<u8>,
}

impl DecodedPage {
    pub fn colour(&self, x: usize, y: usize) -> [u8; 3] {
        let at = (y * self.width + x) * 3;
        [self.rgb[at], self.rgb[at + 1], self.rgb[at + 2]]
    }
}

/// Decodes a PNG of 300 dots per inch.
pub fn decode(png: &[u8]) -> DecodedPage {
    let mut reader = ::png::Decoder::new(std::io::Cursor::new(png))
        .read_info()
        .unwrap();
    let mut rgb = vec![0; reader.output_buffer_size().unwrap()];
    let info = reader.next_frame(&mut rgb).unwrap();
    assert_eq!(info.color_type, ::png::ColorType::Rgb);
    let printed = reader.info().pixel_dims.unwrap();
    assert_eq!((printed.xppu, printed.yppu), (11_811, 11_811));
    DecodedPage {
        width: info.width as usize,
        height: info.height as usize,
        rgb,
    }
}

/// Attributes of the elements of a name, as numbers.
pub fn numbers<const N: usize>(svg: &str, element: &str, names: [&str; N]) -> Vec<[f64; N]> {
    let tree = roxmltree::Document::parse(svg).unwrap();
    let all = tree
        .descendants()
        .filter(|n| n.tag_name().name() == element);
    let of = |node: roxmltree::Node<'_, '_>| {
        names.map(|name| {
            node.attribute(name)
                .and_then(|v| v.parse().ok())
                .unwrap_or(f64::NAN)
        })
    };
    all.map(of).collect()
}

fn blank_of(look: FigureLook) -> FigurePage {
    let style = Style { look, ..style() };
    let drawing = blank::draw(style, "no inverse").unwrap();
    drawing.pages.into_iter().next().unwrap()
}

#[test]
fn a_page_has_the_width_that_is_asked_for() {
    use crate::config::PrintedWidth::{Column, Millimetres, Page};
    for (width, mm) in [(Column, 86.0), (Page, 178.0), (Millimetres(120.0), 120.0)] {
        let page = blank_of(FigureLook {
            width,
            ..FigureLook::default()
        });
        let dots = decode(&page.png).width as f64;
        assert!((dots / 300.0 * 25.4 - mm).abs() < 0.1, "{mm}: {dots}");
        let svg = String::from_utf8(page.svg).unwrap();
        let tree = roxmltree::Document::parse(&svg).unwrap();
        let width = tree.root_element().attribute("width").unwrap();
        let width: f64 = width.strip_suffix("mm").unwrap().parse().unwrap();
        assert!((width - mm).abs() < 0.1, "{mm}: {width}");
        let pdf = String::from_utf8_lossy(&page.pdf).into_owned();
        let size = pdf.split_once("/MediaBox [0 0 ").unwrap().1;
        let points: f64 = size.split(' ').next().unwrap().parse().unwrap();
        assert!((points / 72.0 * 25.4 - mm).abs() < 0.1, "{mm}: {points}");
    }
}

#[test]
fn text_has_the_size_that_is_asked_for_and_is_never_too_small() {
    for font in [7.0, 8.0, 12.0] {
        let page = blank_of(FigureLook {
            font,
            ..FigureLook::default()
        });
        let svg = String::from_utf8(page.svg).unwrap();
        let sizes = numbers(&svg, "text", ["font-size"]).concat();
        let points: Vec<f64> = sizes.iter().map(|dots| dots / 300.0 * 72.0).collect();
        assert!(
            points.iter().any(|size| (size - font).abs() < 0.01),
            "{points:?}"
        );
        assert!(points.iter().all(|size| *size >= 6.5), "{points:?}");
    }
}

/// Title, caption and note are in the metadata of every format, drawn or not.
#[test]
fn a_bare_figure_keeps_its_texts_in_its_metadata() {
    let [framed, bare] = [true, false].map(|frame| {
        blank_of(FigureLook {
            frame,
            ..FigureLook::default()
        })
    });
    let texts = |page: &FigurePage| {
        let svg = String::from_utf8(page.svg.clone()).unwrap();
        svg.matches("<text ").count()
    };
    assert_eq!((texts(&framed), texts(&bare)), (4, 1));
    assert!(decode(&bare.png).height < decode(&framed.png).height);
    for page in [framed, bare] {
        let svg = String::from_utf8(page.svg).unwrap();
        assert!(svg.contains("<title>Inversions</title>"));
        assert!(svg.contains("<desc>a &lt;&amp;&gt; b \"c\" 'd' \\u{1} synthetic, seed 0</desc>"));
        let png = ::png::Decoder::new(std::io::Cursor::new(&page.png[..]));
        let reader = png.read_info().unwrap();
        let texts = &reader.info().utf8_text;
        let keys: Vec<&str> = texts.iter().map(|text| text.keyword.as_str()).collect();
        assert_eq!(keys, ["Title", "Description"]);
        assert_eq!(texts[0].get_text().unwrap(), "Inversions");
        let pdf = String::from_utf8_lossy(&page.pdf).into_owned();
        assert!(pdf.contains("(Inversions)"), "{pdf}");
    }
}

#[test]
fn files_of_several_pages_are_numbered() {
    let page = blank_of(FigureLook::default());
    let drawing = |count| Drawing {
        pages: vec![page.clone(); count],
    };
    let names = |count| {
        let files = drawing(count).files("methods").into_iter();
        files.map(|(name, _)| name).collect::<Vec<_>>()
    };
    assert_eq!(names(1), ["methods.png", "methods.svg", "methods.pdf"]);
    assert_eq!(
        names(2)[3..],
        ["methods-2.png", "methods-2.svg", "methods-2.pdf"]
    );
}
