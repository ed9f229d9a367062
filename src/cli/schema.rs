//! The command that prints the JSON Schema of specs.

use super::error::Failure;
use super::output::say;
use crate::config::{json_schema, keys};

/// Runs `backquery schema`.
///
/// # Errors
/// If the schema cannot be written as JSON.
pub fn print() -> Result<(), Failure> {
    say(&serde_json::to_string_pretty(&json_schema(&keys()))?);
    Ok(())
}
