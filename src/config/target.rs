//! `[target]`: what the outputs should be for the class that is asked for.

use serde::Serialize;

use super::reader::Reader;

/// The section `[target]`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Target {
    /// Values of the logits z.
    Logits(OnOff),
    /// Values of the outputs y, turned into logits through the inverse of the
    /// output activation.
    Outputs(OnOff),
}

/// One value for the class asked for, another for every other class.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct OnOff {
    /// For the class asked for; the higher one.
    pub on: f64,
    /// For the others.
    pub off: f64,
}

impl OnOff {
    /// What a class is, as probabilities.
    pub const ONE_HOT: Self = Self { on: 1.0, off: 0.0 };
}

pub fn read(table: Reader<'_>) -> Option<Target> {
    let logits = read_on_off(&table, "logits");
    let outputs = read_on_off(&table, "outputs");
    let forms = "`logits = { on = 10.0, off = -10.0 }` or `outputs = { on = 0.99, off = 0.01 }`";
    match (table.has("logits"), table.has("outputs")) {
        (true, true) => table.fault("outputs", &format!("is one too many: give either {forms}")),
        (false, false) => table.fault(
            "logits",
            &format!("or `target.outputs` is missing: give {forms}"),
        ),
        _ => {}
    }
    table.finish();
    logits.map(Target::Logits).or(outputs.map(Target::Outputs))
}

/// `{ on = 0.99, off = 0.01 }` at `key`, if it is there.
pub fn read_on_off(table: &Reader<'_>, key: &'static str) -> Option<OnOff> {
    let table = table.table(key)?;
    let number = |key| {
        table.require(key, "a number from -1e6 to 1e6", |v| {
            v.number_where(|x| x.abs() <= 1e6)
        })
    };
    let (on, off) = (number("on"), number("off"));
    if let (Some(on), Some(off)) = (on, off)
        && on <= off
    {
        table.fault("on", &format!("must be above `off`, which is {off:?}"));
    }
    table.finish();
    Some(OnOff { on: on?, off: off? })
}
