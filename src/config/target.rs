//! `[target]`: outputs to ask for.

use super::form::number;
use super::reader::Reader;
use crate::model::{OnOff, Target};

/// Reads `[target]`.
pub fn read(table: Reader<'_>) -> Option<Target> {
    let logits = read_on_off(&table, "logits", "Logits to ask for");
    let outputs = read_on_off(&table, "outputs", "Outputs to ask for, in place of logits");
    let forms = "`logits = { on = 10.0, off = -10.0 }` or `outputs = { on = 0.99, off = 0.01 }`";
    match (table.has("logits"), table.has("outputs")) {
        (true, true) => table.fault("outputs", &format!("is one too many: give either {forms}")),
        (false, false) => {
            let message = format!("or `target.outputs` is missing: give {forms}");
            table.fault("logits", &message);
        }
        (true, false) | (false, true) => {}
    }
    table.finish();
    logits.map(Target::Logits).or(outputs.map(Target::Outputs))
}

/// Reads `{ on = 0.99, off = 0.01 }` at `key`, if it is there.
pub fn read_on_off(table: &Reader<'_>, key: &'static str, about: &'static str) -> Option<OnOff> {
    let table = table.section(key, about)?;
    let value = || number("a number from -1e6 to 1e6", -1e6..=1e6);
    let on = table.key("on", value(), "Value of the class").required();
    let off = table
        .key("off", value(), "Value of every other class")
        .required();
    if let (Some(on), Some(off)) = (on, off)
        && on <= off
    {
        table.fault("on", &format!("must be above `off`, which is {off:?}"));
    }
    table.finish();
    Some(OnOff { on: on?, off: off? })
}
