//! SVG of a sheet.

use std::fmt::Write;

use base64::prelude::{BASE64_STANDARD, Engine};

use super::png::encode;
use super::sheet::{Anchor, At, Colour, Item, Outline, PlacedImage, Role, Shape, Sheet, TextLine};
use super::{FigureError, Texts};
use crate::escape;

/// Font family: Noto Sans if a machine has it.
const FAMILY: &str = "Noto Sans, sans-serif";

/// SVG of a sheet, but for its printed size.
pub struct Drawn {
    /// View box, font, title and description.
    head: String,
    body: String,
}

impl Drawn {
    /// Writes a sheet. Title, caption and note are its title and description, whether or not
    /// they are drawn.
    pub fn new(sheet: &Sheet, texts: Texts<'_>) -> Result<Self, FigureError> {
        let head = format!(
            "viewBox=\"0 0 {} {}\" font-family=\"{FAMILY}\" stroke-linejoin=\"round\" \
             stroke-linecap=\"round\">\n<title>{}</title>\n<desc>{}</desc>\n\
             <rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n",
            number(sheet.width),
            number(sheet.height),
            escaped(texts.title),
            escaped(&texts.description()),
        );
        let mut body = String::new();
        for item in &sheet.items {
            match item {
                Item::Text(line) => body.push_str(&text(line)),
                Item::Shape(shape) => body.push_str(&path(shape)),
                Item::Image(image) => body.push_str(&embedded(image)?),
            }
        }
        Ok(Self { head, body })
    }

    /// Returns the SVG with its printed width and height in any unit.
    pub fn svg(&self, [width, height]: [String; 2]) -> String {
        let Self { head, body } = self;
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
             <svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
             {head}{body}</svg>\n"
        )
    }
}

fn text(line: &TextLine) -> String {
    let anchor = match line.anchor {
        Anchor::Start => "",
        Anchor::Middle => " text-anchor=\"middle\"",
        Anchor::End => " text-anchor=\"end\"",
    };
    let class = match line.role {
        Role::Text => "",
        Role::AxisTitle => " class=\"axis-title\"",
        Role::Tick => " class=\"tick\"",
    };
    let weight = if line.letters.bold {
        " font-weight=\"bold\""
    } else {
        ""
    };
    format!(
        "<text x=\"{}\" y=\"{}\" font-size=\"{}\" fill=\"{}\"{anchor}{weight}{class}>{}</text>\n",
        number(line.at.0),
        number(line.at.1),
        number(line.letters.em),
        colour(line.letters.colour),
        escaped(&line.text),
    )
}

fn path(shape: &Shape) -> String {
    let mut element = match &shape.outline {
        Outline::Open(through) => format!("<polyline points=\"{}\"", positions(through)),
        Outline::Closed(corners) => format!("<polygon points=\"{}\"", positions(corners)),
        Outline::Circle(At(x, y), radius) => format!(
            "<circle cx=\"{}\" cy=\"{}\" r=\"{}\"",
            number(*x),
            number(*y),
            number(*radius)
        ),
    };
    let fill = shape.fill.map_or_else(|| "none".to_owned(), colour);
    // Writing to a string cannot fail.
    let _ = write!(element, " fill=\"{fill}\"");
    if let Some(pen) = shape.pen {
        let (stroke, width) = (colour(pen.colour), number(pen.width));
        let _ = write!(element, " stroke=\"{stroke}\" stroke-width=\"{width}\"");
        if let Some((dash, gap)) = pen.dash {
            let (dash, gap) = (number(dash), number(gap));
            let _ = write!(element, " stroke-dasharray=\"{dash} {gap}\"");
        }
    }
    element.push_str("/>\n");
    element
}

fn embedded(image: &PlacedImage) -> Result<String, FigureError> {
    let png = BASE64_STANDARD.encode(encode(&image.pixels, None)?);
    let [width, height] = image.size.map(number);
    let (x, y) = (number(image.at.0), number(image.at.1));
    Ok(format!(
        "<image x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" \
         preserveAspectRatio=\"none\" style=\"image-rendering:pixelated\" \
         href=\"data:image/png;base64,{png}\"/>\n",
    ))
}

fn positions(all: &[At]) -> String {
    let texts = all
        .iter()
        .map(|At(x, y)| format!("{},{}", number(*x), number(*y)));
    texts.collect::<Vec<_>>().join(" ")
}

/// Formats a length to hundredths of a dot.
pub fn number(length: f64) -> String {
    let rounded = (length * 100.0).round() / 100.0;
    // Adding 0 takes the sign off a zero.
    (rounded + 0.0).to_string()
}

fn colour([red, green, blue]: Colour) -> String {
    format!("#{red:02x}{green:02x}{blue:02x}")
}

/// Escapes a text for XML; control characters, which XML has none of, are named.
fn escaped(text: &str) -> String {
    let text = escape::line(text);
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}
