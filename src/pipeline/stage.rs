//! Stage: one step of a computation, named by the key of its result.
//!
//! A key is known before anything is computed: it is the hash of the part of the spec that
//! can change the result, of the keys of the inputs, and of the version of the code. Names,
//! captions and comments are in no key but those of the figures that show them.

use std::sync::OnceLock;

use serde::Serialize;
use serde_json::{Value, json};

use super::libraries::digest;
use super::stages::{data, figure, invert, judge, measure, prior, randomise, train};
use crate::store::StageKey;

/// Kinds of stages, in the order in which a replicate computes them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StageKind {
    /// Loads or draws samples and describes them.
    Data,
    /// Trains a network.
    Train,
    /// Shuffles the parameters of the last layers of a network, as a control.
    Randomise,
    /// Trains the judges of inverses, and tests them.
    Judge,
    /// Fits the distribution of the training images, without their labels.
    Prior,
    /// Finds one inverse per class.
    Invert,
    /// Measures the inverses of one inversion.
    Measure,
    /// Draws one figure.
    Figure,
}

impl StageKind {
    /// Returns the declaration, which heads the file of the stage.
    pub(super) fn declaration(self) -> &'static StageDeclaration {
        match self {
            Self::Data => &data::DECLARATION,
            Self::Train => &train::DECLARATION,
            Self::Randomise => &randomise::DECLARATION,
            Self::Judge => &judge::DECLARATION,
            Self::Prior => &prior::DECLARATION,
            Self::Invert => &invert::DECLARATION,
            Self::Measure => &measure::DECLARATION,
            Self::Figure => &figure::DECLARATION,
        }
    }

    /// Returns its name in the store, in plans and in logs.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.declaration().name
    }
}

/// Declaration of a kind of stage.
pub struct StageDeclaration {
    /// Name in the store, in plans and in logs.
    pub name: &'static str,
    /// Version of the code, raised by every change of its results.
    pub version: u32,
    /// Libraries whose next version, or whose dependencies' next version, may change the
    /// bytes of its results.
    pub libraries: Libraries,
    /// True if it computes on a device. Everything else, and all linear algebra, runs on
    /// the processor in double precision.
    pub uses_device: bool,
}

/// Libraries that a stage computes with.
pub struct Libraries {
    pub names: &'static [&'static str],
    digest: OnceLock<String>,
}

impl Libraries {
    pub const fn new(names: &'static [&'static str]) -> Self {
        Self {
            names,
            digest: OnceLock::new(),
        }
    }

    /// Returns the digest of their versions, computed once: the lock file is long.
    fn digest(&self) -> &str {
        self.digest.get_or_init(|| digest(self.names))
    }
}

/// Step of a computation.
#[derive(Debug, Clone, PartialEq)]
pub struct Stage {
    /// Kind of the stage.
    pub kind: StageKind,
    /// Name of its inversion, prior, companion or figure; empty for data, training and judges.
    pub name: String,
    /// Everything that decides its result.
    pub material: Value,
    /// Hash of the material.
    pub key: StageKey,
    /// Keys of the stages it depends on.
    pub inputs: Vec<StageKey>,
}

impl Stage {
    /// Returns the stage of this kind that depends on these stages, and on `part` of the
    /// spec.
    pub(super) fn new(kind: StageKind, name: &str, part: &Value, inputs: &[&Self]) -> Self {
        let inputs = inputs.iter().map(|stage| stage.key.clone()).collect();
        Self::with_keys(kind, name, part, inputs)
    }

    /// Returns the stage that depends on stages with these keys.
    pub(super) fn with_keys(
        kind: StageKind,
        name: &str,
        part: &Value,
        inputs: Vec<StageKey>,
    ) -> Self {
        let declaration = kind.declaration();
        let material = json!({
            "stage": declaration.name,
            "version": declaration.version,
            "libraries": declaration.libraries.digest(),
            "inputs": inputs,
            "spec": part,
        });
        Self {
            kind,
            name: name.to_owned(),
            key: StageKey::of(&material),
            material,
            inputs,
        }
    }

    /// Returns its name in plans and logs: `train`, `figure methods`.
    #[must_use]
    pub fn label(&self) -> String {
        format!("{} {}", self.kind.name(), self.name)
            .trim_end()
            .to_owned()
    }
}

/// Returns an entry of a spec without its name, which only files and tables have.
pub(super) fn nameless(entry: &impl Serialize) -> Value {
    let mut value = json!(entry);
    if let Value::Object(fields) = &mut value {
        fields.remove("name");
    }
    value
}
