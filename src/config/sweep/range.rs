//! Ranges of a sweep: `{ from = 0, to = 50, step = 0.5 }`.

use super::MAX_VALUES;
use crate::config::tree::{Node, Place, Value};

/// Example of a range.
pub const EXAMPLE: &str = "`{ from = 0, to = 50, step = 0.5 }`";

const KEYS: [&str; 3] = ["from", "to", "step"];

/// True for a table that has any key of a range: no key of a spec has such a name.
pub fn is_range(node: &Node) -> bool {
    KEYS.iter().any(|key| node.has(key))
}

/// Error of a range: its place and a message.
type RangeError = (Place, String);

/// Returns the values of a range, the ends included.
pub fn values(node: &Node, key: &str) -> Result<Vec<Node>, RangeError> {
    if let Value::Table(entries) = &node.value
        && let Some(entry) = entries.iter().find(|entry| !KEYS.contains(&&*entry.key))
    {
        let other = &entry.key;
        let message = format!("`{key}` has the unknown key `{other}`; expected {EXAMPLE}");
        return Err((entry.place, message));
    }
    let [from, to, step] = [
        part(node, key, "from")?,
        part(node, key, "to")?,
        part(node, key, "step")?,
    ];
    let count = count(key, from, to, step)?;
    let whole = match (&from.value, &step.value) {
        (Value::Integer(from), Value::Integer(step)) => Some((*from, *step)),
        _ => None,
    };
    let (from, step) = (number(from), number(step));
    let value = |i: i64| {
        let value = match whole {
            Some((from, step)) => Value::Integer(from.saturating_add(step.saturating_mul(i))),
            None => Value::Float(rounded(from + i as f64 * step)),
        };
        Node::new(value, node.place)
    };
    Ok((0..count).map(value).collect())
}

/// Returns the number at a key of a range.
fn part<'a>(node: &'a Node, key: &str, part: &str) -> Result<&'a Node, RangeError> {
    let Some(found) = node.get(part) else {
        let message = format!("`{key}` lacks `{part}`; expected {EXAMPLE}");
        return Err((node.place, message));
    };
    if found.number_where(|_| true).is_none() {
        let shown = found.value.show();
        let message = format!("`{part}` of `{key}` must be a number, got {shown}");
        return Err((found.place, message));
    }
    Ok(found)
}

fn number(node: &Node) -> f64 {
    node.number().unwrap_or(f64::NAN)
}

/// Returns the number of values of a range.
fn count(key: &str, from: &Node, to: &Node, step: &Node) -> Result<i64, RangeError> {
    let shown = step.value.show();
    if number(step) <= 0.0 {
        let hint = "; write the lower end as `from`";
        let hint = if number(step) < 0.0 { hint } else { "" };
        let message = format!("`step` of `{key}` must be above 0, got {shown}{hint}");
        return Err((step.place, message));
    }
    if number(from) > number(to) {
        let (low, high) = (from.value.show(), to.value.show());
        let message = format!("`from` of `{key}` is {low}, above `to`, which is {high}; swap them");
        return Err((from.place, message));
    }
    let steps = ((number(to) - number(from)) / number(step) + 1e-9).floor();
    if steps >= MAX_VALUES as f64 {
        let message = format!("`{key}` has more than {MAX_VALUES} values; `step` is {shown}");
        return Err((step.place, message));
    }
    Ok(steps as i64 + 1)
}

/// Rounds to 12 digits: 0.3, not 0.30000000000000004.
fn rounded(exact: f64) -> f64 {
    format!("{exact:.11e}").parse().unwrap_or(exact)
}
