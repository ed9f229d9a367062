//! Keys: hashes of everything that can change a result.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::digest::sha256;

/// Name of the result of a stage. Stages with the same key have the same result.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct StageKey(String);

impl StageKey {
    /// Number of hexadecimal digits: 128 bits of the hash.
    const DIGITS: usize = 32;

    /// Returns the key of a result that this decides. The order of fields has no effect.
    pub fn of(material: &Value) -> Self {
        let mut sorted = material.clone();
        sorted.sort_all_objects();
        let mut digest = sha256([sorted.to_string().as_bytes()]);
        digest.truncate(Self::DIGITS);
        Self(digest)
    }

    /// Parses the name of a folder of the store; none if it is not a key.
    pub fn from_name(name: &str) -> Option<Self> {
        let digit = |c: char| c.is_ascii_digit() || ('a'..='f').contains(&c);
        (name.len() == Self::DIGITS && name.chars().all(digit)).then(|| Self(name.to_owned()))
    }

    /// Returns its hexadecimal digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for StageKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn order_has_no_effect_and_everything_else_has() {
        let key = StageKey::of(&json!({ "a": 1, "b": { "c": [1, 2], "d": null } }));
        let same = json!({ "b": { "d": null, "c": [1, 2] }, "a": 1 });
        assert_eq!(key, StageKey::of(&same));
        for other in [
            json!({ "a": 2, "b": { "c": [1, 2], "d": null } }),
            json!({ "a": 1.0, "b": { "c": [1, 2], "d": null } }),
            json!({ "a": 1, "b": { "c": [2, 1], "d": null } }),
            json!({ "a": 1, "b": { "c": [1, 2] } }),
        ] {
            assert_ne!(key, StageKey::of(&other), "{other}");
        }
        assert_eq!(StageKey::from_name(key.as_str()), Some(key));
        assert_eq!(StageKey::from_name("making"), None);
    }
}
