//! Keys: the hash of all that can change an output.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::digest::sha256;

/// Names what a stage gives. Two stages with the same key give the same.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Key(String);

impl Key {
    /// Hexadecimal digits of a key: 128 bits of its hash.
    const DIGITS: usize = 32;

    /// The key of what this decides; the order of the fields does not matter.
    #[must_use]
    pub fn of(material: &Value) -> Self {
        let mut sorted = material.clone();
        sorted.sort_all_objects();
        let mut digest = sha256([sorted.to_string().as_bytes()]);
        digest.truncate(Self::DIGITS);
        Self(digest)
    }

    /// The key that a folder of the store is called by, if it is one.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        let digit = |c: char| c.is_ascii_digit() || ('a'..='f').contains(&c);
        (name.len() == Self::DIGITS && name.chars().all(digit)).then(|| Self(name.to_owned()))
    }

    /// Its hexadecimal digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn order_does_not_matter_and_everything_else_does() {
        let key = Key::of(&json!({ "a": 1, "b": { "c": [1, 2], "d": null } }));
        let same = json!({ "b": { "d": null, "c": [1, 2] }, "a": 1 });
        assert_eq!(key, Key::of(&same));
        for other in [
            json!({ "a": 2, "b": { "c": [1, 2], "d": null } }),
            json!({ "a": 1.0, "b": { "c": [1, 2], "d": null } }),
            json!({ "a": 1, "b": { "c": [2, 1], "d": null } }),
            json!({ "a": 1, "b": { "c": [1, 2] } }),
        ] {
            assert_ne!(key, Key::of(&other), "{other}");
        }
        assert_eq!(Key::from_name(key.as_str()), Some(key));
        assert_eq!(Key::from_name("making"), None);
    }
}
