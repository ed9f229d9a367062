//! Drawing instructions on an area, from which SVG, PNG and PDF are written.
//!
//! Lengths are dots of 1/300 inch: a whole number of them is a whole number of pixels of the
//! PNG. Coordinates go right and down from the upper left corner.

use super::text::Letters;

/// Dots per inch.
pub const PER_INCH: f64 = 300.0;

/// Converts millimetres to dots.
pub fn millimetres(length: f64) -> f64 {
    length / 25.4 * PER_INCH
}

/// Converts points of 1/72 inch to dots.
pub fn points(length: f64) -> f64 {
    length / 72.0 * PER_INCH
}

/// Red, green and blue.
pub type Colour = [u8; 3];

/// Text and marks.
pub const INK: Colour = [26; 3];
/// Less important text.
pub const QUIET: Colour = [84; 3];
/// Frames and axes: neither black nor white, so that the border of any image shows.
pub const FRAME: Colour = [140; 3];
/// Lines behind the data.
pub const RULE: Colour = [222; 3];
/// Paper.
pub const PAPER: Colour = [255; 3];

/// Position on a sheet.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct At(pub f64, pub f64);

impl At {
    /// Moves a position right and down.
    pub fn by(self, right: f64, down: f64) -> Self {
        Self(self.0 + right, self.1 + down)
    }
}

/// Part of a line of text that is at its position.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Anchor {
    Start,
    Middle,
    End,
}

/// Purpose of a text, by which readers of an SVG find it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Title, caption, note or other text without a place in a plot.
    Text,
    /// Name of a value axis.
    AxisTitle,
    /// Number or name at an axis.
    Tick,
}

/// One line of text, with its baseline at a position.
#[derive(Debug, Clone, PartialEq)]
pub struct TextLine {
    pub at: At,
    pub anchor: Anchor,
    pub letters: Letters,
    pub role: Role,
    pub text: String,
}

/// Line of a shape.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pen {
    pub colour: Colour,
    pub width: f64,
    /// Lengths of a dash and of the gap after it; none for a solid line.
    pub dash: Option<(f64, f64)>,
}

/// Form of a shape.
#[derive(Debug, Clone, PartialEq)]
pub enum Outline {
    /// Lines through positions.
    Open(Vec<At>),
    /// Area between positions.
    Closed(Vec<At>),
    /// Circle with this middle and radius.
    Circle(At, f64),
}

/// Line or area.
#[derive(Debug, Clone, PartialEq)]
pub struct Shape {
    pub outline: Outline,
    pub fill: Option<Colour>,
    pub pen: Option<Pen>,
}

/// Image of pixels, row by row.
#[derive(Debug, Clone, PartialEq)]
pub struct Pixels {
    /// Pixels across and down.
    pub size: [usize; 2],
    /// One byte per pixel, or three of a coloured image.
    pub data: Vec<u8>,
    pub coloured: bool,
}

/// Image at a position.
#[derive(Debug, Clone, PartialEq)]
pub struct PlacedImage {
    pub at: At,
    /// Width and height on the sheet.
    pub size: [f64; 2],
    pub pixels: Pixels,
}

/// One drawing instruction.
#[derive(Debug, Clone, PartialEq)]
pub enum Item {
    Text(TextLine),
    Shape(Shape),
    Image(PlacedImage),
}

/// Area with what is drawn on it, from back to front.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Sheet {
    pub width: f64,
    pub height: f64,
    pub items: Vec<Item>,
}

impl Sheet {
    /// Creates an empty sheet.
    pub fn new(width: f64, height: f64) -> Self {
        Self {
            width,
            height,
            items: Vec::new(),
        }
    }

    /// Draws another sheet with its upper left corner at a position.
    pub fn place(&mut self, at: At, other: Self) {
        let moved = other.items.into_iter().map(|item| item.moved(at));
        self.items.extend(moved);
    }

    /// Draws a line through positions.
    pub fn line(&mut self, through: Vec<At>, pen: Pen) {
        self.shape(Outline::Open(through), None, Some(pen));
    }

    /// Fills a rectangle.
    pub fn rectangle(&mut self, corner: At, size: [f64; 2], fill: Colour) {
        self.shape(Outline::Closed(corners(corner, size)), Some(fill), None);
    }

    /// Draws the border of a rectangle.
    pub fn border(&mut self, corner: At, size: [f64; 2], pen: Pen) {
        self.shape(Outline::Closed(corners(corner, size)), None, Some(pen));
    }

    /// Draws a shape.
    pub fn shape(&mut self, outline: Outline, fill: Option<Colour>, pen: Option<Pen>) {
        self.items.push(Item::Shape(Shape { outline, fill, pen }));
    }

    /// Draws an image with a thin frame around it. Each of its pixels is enlarged to a
    /// square of whole dots where it has room, so that viewers that smooth images keep it
    /// sharp.
    pub fn image(&mut self, at: At, size: [f64; 2], pixels: &Pixels) {
        let frame = Pen::solid(FRAME, BORDER);
        let corner = at.by(-BORDER / 2.0, -BORDER / 2.0);
        self.border(corner, size.map(|side| side + BORDER), frame);
        let room = [0, 1].map(|side| size[side] / pixels.size[side] as f64);
        let factor = room[0].min(room[1]).floor().max(1.0) as usize;
        self.items.push(Item::Image(PlacedImage {
            at,
            size,
            pixels: pixels.enlarged(factor),
        }));
    }
}

/// Width of the frame around an image.
pub const BORDER: f64 = 2.0;

fn corners(At(x, y): At, [width, height]: [f64; 2]) -> Vec<At> {
    vec![
        At(x, y),
        At(x + width, y),
        At(x + width, y + height),
        At(x, y + height),
    ]
}

impl Pen {
    /// Returns the pen of a solid line.
    pub fn solid(colour: Colour, width: f64) -> Self {
        let dash = None;
        Self {
            colour,
            width,
            dash,
        }
    }
}

impl Pixels {
    /// Bytes per pixel.
    pub fn channels(&self) -> usize {
        if self.coloured { 3 } else { 1 }
    }

    /// Repeats each pixel across and down.
    fn enlarged(&self, factor: usize) -> Self {
        let channels = self.channels();
        let mut data = Vec::with_capacity(self.data.len() * factor * factor);
        for row in self.data.chunks(self.size[0] * channels) {
            let wide: Vec<u8> = row
                .chunks(channels)
                .flat_map(|pixel| pixel.repeat(factor))
                .collect();
            data.extend(wide.repeat(factor));
        }
        Self {
            size: self.size.map(|side| side * factor),
            data,
            coloured: self.coloured,
        }
    }
}

impl Item {
    fn moved(self, At(right, down): At) -> Self {
        let by = |at: At| at.by(right, down);
        match self {
            Self::Text(line) => Self::Text(TextLine {
                at: by(line.at),
                ..line
            }),
            Self::Image(image) => Self::Image(PlacedImage {
                at: by(image.at),
                ..image
            }),
            Self::Shape(shape) => Self::Shape(Shape {
                outline: match shape.outline {
                    Outline::Open(through) => Outline::Open(through.into_iter().map(by).collect()),
                    Outline::Closed(corners) => {
                        Outline::Closed(corners.into_iter().map(by).collect())
                    }
                    Outline::Circle(middle, radius) => Outline::Circle(by(middle), radius),
                },
                ..shape
            }),
        }
    }
}
