//! Ranges of a sweep: `{ from = 0, to = 50, step = 0.5 }`.

use super::MAX_VALUES;
use crate::config::tree::{Node, Place, Value};

/// How a range is written.
pub const EXAMPLE: &str = "`{ from = 0, to = 50, step = 0.5 }`";

const KEYS: [&str; 3] = ["from", "to", "step"];

/// True for a table that has any key of a range: no key of a spec has such a name.
pub fn is_range(node: &Node) -> bool {
    KEYS.iter().any(|key| node.has(key))
}

/// The values of a range, the ends included, or what is wrong with it and where.
pub fn values(node: &Node, key: &str) -> Result<Vec<Node>, (Place, String)> {
    if let Value::Table(entries) = &node.value
        && let Some(entry) = entries.iter().find(|entry| !KEYS.contains(&&*entry.key))
    {
        let message = format!(
            "`{key}` has the unknown key `{}`; expected {EXAMPLE}",
            entry.key
        );
        return Err((entry.place, message));
    }
    let number = |part: &str| {
        let Some(found) = node.get(part) else {
            return Err((
                node.place,
                format!("`{key}` lacks `{part}`; expected {EXAMPLE}"),
            ));
        };
        found.number_where(|_| true).ok_or_else(|| {
            let shown = found.value.show();
            (
                found.place,
                format!("`{part}` of `{key}` must be a number, got {shown}"),
            )
        })
    };
    let (from, to, step) = (number("from")?, number("to")?, number("step")?);
    let shown = |part: &str| {
        node.get(part)
            .map_or_else(String::new, |node| node.value.show())
    };
    let place = |part: &str| node.get(part).map_or(node.place, |node| node.place);
    if step <= 0.0 {
        let message = format!("`step` of `{key}` must be above 0, got {}", shown("step"));
        let hint = "; write the lower end as `from`";
        return Err((place("step"), message + if step < 0.0 { hint } else { "" }));
    }
    if from > to {
        let (from, to) = (shown("from"), shown("to"));
        let message = format!("`from` of `{key}` is {from}, above `to`, which is {to}; swap them");
        return Err((place("from"), message));
    }
    let steps = ((to - from) / step + 1e-9).floor();
    if steps >= MAX_VALUES as f64 {
        let message = format!(
            "`{key}` has more than {MAX_VALUES} values; `step` is {}",
            shown("step")
        );
        return Err((place("step"), message));
    }
    let integer = |part: &str| match node.get(part)?.value {
        Value::Integer(number) => Some(number),
        _ => None,
    };
    let whole = integer("from").zip(integer("step"));
    let value = |i: i64| {
        let value = match whole {
            Some((from, step)) => Value::Integer(from.saturating_add(step.saturating_mul(i))),
            None => Value::Float(rounded(from + i as f64 * step)),
        };
        Node::new(value, node.place)
    };
    Ok((0..=steps as i64).map(value).collect())
}

/// What a reader would have written: 0.3, not 0.30000000000000004.
fn rounded(exact: f64) -> f64 {
    format!("{exact:.11e}").parse().unwrap_or(exact)
}
