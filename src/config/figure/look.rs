//! `[figures]`: what all figures of a spec have in common.

use serde::{Serialize, Serializer};

use crate::config::form::{flag, number, one_of};
use crate::config::reader::Reader;
use crate::config::schema::Schema;

/// Appearance of all figures of a spec.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct FigureLook {
    /// Printed width.
    pub width: PrintedWidth,
    /// Size of the text, in points.
    pub font: f64,
    /// True to draw title, caption and note around the figure; they are in the files'
    /// metadata either way.
    pub frame: bool,
}

/// Printed width of a figure.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum PrintedWidth {
    /// A column of two, 86 mm.
    Column,
    /// A whole page, 178 mm.
    Page,
    /// Another one, in millimetres.
    Millimetres(f64),
}

impl Default for FigureLook {
    fn default() -> Self {
        Self {
            width: PrintedWidth::Page,
            font: 8.0,
            frame: true,
        }
    }
}

impl FigureLook {
    /// Returns true for figures of a spec without the table.
    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

impl PrintedWidth {
    /// Returns the width in millimetres.
    #[must_use]
    pub fn millimetres(self) -> f64 {
        match self {
            Self::Column => 86.0,
            Self::Page => 178.0,
            Self::Millimetres(width) => width,
        }
    }
}

impl Serialize for PrintedWidth {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Column => serializer.serialize_str("column"),
            Self::Page => serializer.serialize_str("page"),
            Self::Millimetres(mm) => serde_json::json!({ "mm": mm }).serialize(serializer),
        }
    }
}

/// Reads the table; without it, figures have the default look.
pub fn read(root: &Reader<'_>) -> FigureLook {
    let default = FigureLook::default();
    let Some(table) = root.section("figures", "Look of all figures of the spec") else {
        return default;
    };
    let width = read_width(&table);
    let points = number("a size in points, from 7 to 14", 7.0..=14.0);
    let font = table
        .key(
            "font",
            points,
            "Size of the text in points; numbers at axes and remarks are an \
             eighth smaller",
        )
        .or(default.font);
    let about = "Whether title, caption and note are drawn around the figure; its metadata has \
         them either way";
    let frame = table.key("frame", flag(), about).or(default.frame);
    table.finish();
    FigureLook { width, font, frame }
}

fn read_width(table: &Reader<'_>) -> PrintedWidth {
    const ABOUT: &str = "Printed width of all figures of the spec: 86 mm (`column`), 178 mm \
         (`page`) or `{ mm = 120 }`. A figure that would be higher than 230 mm is broken into \
         pages, `NAME-1`, `NAME-2`";
    if let Some(own) = table.own_table("width") {
        let text = "a width in millimetres, from 60 to 400";
        let mm = number(text, 60.0..=400.0);
        let width = own.key("mm", mm, "Printed width in millimetres").required();
        own.finish();
        return width.map_or(PrintedWidth::Page, PrintedWidth::Millimetres);
    }
    let words = [
        ("column", PrintedWidth::Column),
        ("page", PrintedWidth::Page),
    ];
    let text = "`column`, `page` or a width in millimetres, such as `{ mm = 120 }`";
    let widths = one_of(words).or(Schema::Table).text(text);
    table.key("width", widths, ABOUT).or(PrintedWidth::Page)
}
