//! Machine of published results, which decides how strictly they are compared.

use std::path::Path;

use serde_json::Value;

use super::diff::Strictness;
use crate::config::{FIGURES, Tolerance, default_tolerance};
use crate::pipeline::experiment::Experiment;
use crate::pipeline::machine::machine;
use crate::report::published_seeds;
use crate::store::{Manifest, place};

/// Machine that the replicates of a summary or ledger were computed on.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum ComputedOn {
    /// All replicates on a machine like this one.
    ThisMachine,
    /// Some replicates on another machine, or on an unknown one.
    OtherMachine,
}

impl ComputedOn {
    /// Returns the machine of the published replicates of these experiments.
    pub fn of<'a>(experiments: impl IntoIterator<Item = &'a Experiment>, published: &Path) -> Self {
        let is_here = |experiment: &Experiment| {
            let folder = published.join(&experiment.name);
            let is_here = |&seed: &u64| {
                let manifest = Manifest::read(&place(&folder, seed));
                manifest.is_ok_and(|manifest| is_from_here(&manifest.made_by))
            };
            published_seeds(&folder).is_ok_and(|seeds| seeds.iter().all(is_here))
        };
        if experiments.into_iter().all(is_here) {
            Self::ThisMachine
        } else {
            Self::OtherMachine
        }
    }

    /// Adds programs that had a part in the results.
    pub fn with(self, made_by: &[Value]) -> Self {
        if made_by.is_empty() || is_from_here(made_by) {
            self
        } else {
            Self::OtherMachine
        }
    }

    /// Returns the strictness for results that depend on the same replicates.
    pub fn strictness(self) -> Strictness<'static> {
        match self {
            Self::ThisMachine => Strictness::Bytes,
            Self::OtherMachine => Strictness::Within(&rounding),
        }
    }

    /// Describes the strictness.
    pub fn how(self) -> &'static str {
        match self {
            Self::ThisMachine => "computed again from the published replicates: byte for byte",
            Self::OtherMachine => "computed again from the published replicates: within rounding",
        }
    }
}

/// Tolerance for machines that differ in the last bits of a logarithm.
const ROUNDING: Tolerance = Tolerance {
    absolute: 1e-12,
    relative: 1e-9,
};

fn rounding(name: &str) -> Tolerance {
    if name == FIGURES {
        default_tolerance(FIGURES)
    } else {
        ROUNDING
    }
}

/// True if all stages were computed on a machine like this one, on the device of the
/// rerun.
pub fn is_of_this_machine(before: &Manifest, now: &Manifest) -> bool {
    let device = |of: &Manifest| (of.device.clone(), of.adapters.clone());
    is_from_here(&before.made_by) && device(before) == device(now)
}

fn is_from_here(made_by: &[Value]) -> bool {
    let here = machine();
    let known = here["cpu"].is_string();
    known && !made_by.is_empty() && made_by.iter().all(|by| by["machine"] == here)
}

/// Describes the machines and the device that a replicate was computed on.
pub fn described(before: &Manifest) -> String {
    let show = |by: &Value| {
        let part = |key: &str| by["machine"][key].as_str().unwrap_or("unknown").to_owned();
        format!("{} ({}, {})", part("cpu"), part("simd"), part("system"))
    };
    let mut machines: Vec<String> = before.made_by.iter().map(show).collect();
    machines.dedup();
    let name = |adapter: &Value| adapter["name"].as_str().unwrap_or("unknown").to_owned();
    let adapters: Vec<String> = before.adapters.iter().map(name).collect();
    let device = match &adapters[..] {
        [] => before.device.clone(),
        all => format!("{}, {}", before.device, all.join(" and ")),
    };
    format!("{} on the device {device}", machines.join(" and "))
}
