//! Kinds of IDX files: a type of values and a number of dimensions.

use std::fmt;

/// Kind of an IDX file, from its first four bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IdxKind {
    /// Code of the type of the values.
    code: u8,
    /// Number of dimensions.
    pub dimensions: u8,
}

/// Code of unsigned bytes.
const BYTES: u8 = 0x08;
const FLOAT32: u8 = 0x0d;
const FLOAT64: u8 = 0x0e;

/// Images: number, rows and columns.
pub const IMAGES: IdxKind = IdxKind {
    code: BYTES,
    dimensions: 3,
};
/// Labels: one per image.
pub const LABELS: IdxKind = IdxKind {
    code: BYTES,
    dimensions: 1,
};

impl IdxKind {
    /// Kind of a file that starts with these bytes, if it is an IDX file.
    pub fn of(magic: [u8; 4]) -> Option<Self> {
        match magic {
            [0, 0, code @ (0x08 | 0x09 | 0x0b..=0x0e), dimensions] => {
                Some(Self { code, dimensions })
            }
            _ => None,
        }
    }

    /// Hint how to convert a file of this kind.
    pub fn remedy(self) -> &'static str {
        match (self.code, self.dimensions) {
            (BYTES, 1 | 3) => "the files of images and labels may be swapped",
            (BYTES, 4) => "convert colours to grey levels first",
            (BYTES, _) => "reshape images to number x rows x columns, labels to one per image",
            (FLOAT32 | FLOAT64, _) => {
                "scale the values to 0 to 255 and convert them to uint8, or write a CSV file and \
                 set `data.levels`"
            }
            _ => {
                "convert values of 0 to 255 to uint8, in NumPy with `.astype(\"uint8\")`, with \
                 images as number x rows x columns and one label per image"
            }
        }
    }
}

impl fmt::Display for IdxKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let values = match self.code {
            BYTES => "unsigned bytes (uint8)",
            0x09 => "signed bytes (int8)",
            0x0b => "16-bit integers (int16)",
            0x0c => "32-bit integers (int32)",
            FLOAT32 => "32-bit floats (float32)",
            _ => "64-bit floats (float64)",
        };
        let plural = if self.dimensions == 1 { "" } else { "s" };
        write!(f, "{values} in {} dimension{plural}", self.dimensions)
    }
}
