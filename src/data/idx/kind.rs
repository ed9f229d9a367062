//! The kinds of IDX files: a type of values in some dimensions.

use std::fmt;

/// What the first four bytes of an IDX file say of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kind {
    /// Code of the type of the values.
    code: u8,
    /// Number of dimensions.
    pub dimensions: u8,
}

/// Code of unsigned bytes.
const BYTES: u8 = 0x08;
const FLOAT32: u8 = 0x0d;
const FLOAT64: u8 = 0x0e;

/// Image, row and column.
pub const IMAGES: Kind = Kind {
    code: BYTES,
    dimensions: 3,
};
/// One label per image.
pub const LABELS: Kind = Kind {
    code: BYTES,
    dimensions: 1,
};

impl Kind {
    /// The kind with this magic; none if it is no magic of an IDX file.
    pub fn of(magic: [u8; 4]) -> Option<Self> {
        match magic {
            [0, 0, code @ (0x08 | 0x09 | 0x0b..=0x0e), dimensions] => {
                Some(Self { code, dimensions })
            }
            _ => None,
        }
    }

    /// How to make a file of this kind usable.
    pub fn remedy(self) -> &'static str {
        match (self.code, self.dimensions) {
            (BYTES, 1 | 3) => "files of images and labels may be exchanged",
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

impl fmt::Display for Kind {
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
