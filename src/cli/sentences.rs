//! Claims selected by a part of their sentence.

use super::error::Failure;
use crate::pipeline::Study;

/// Maximum number of suggested sentences.
const MAX_SUGGESTED: usize = 3;

/// True if a sentence contains a text, ignoring case.
pub fn has(says: &str, text: &str) -> bool {
    says.to_lowercase().contains(&text.to_lowercase())
}

/// Checks that at least one claim contains a text.
///
/// # Errors
/// If none does, with the most similar sentences.
pub fn check(studies: &[Study], text: &str) -> Result<(), Failure> {
    let claims = studies.iter().flat_map(|study| &study.claims);
    let mut all: Vec<&str> = claims.map(|claim| claim.says.as_str()).collect();
    if all.iter().any(|says| has(says, text)) {
        return Ok(());
    }
    let wanted = text.to_lowercase();
    let similarity = |says: &str| strsim::sorensen_dice(&wanted, &says.to_lowercase());
    all.sort_by(|a, b| similarity(b).total_cmp(&similarity(a)));
    all.dedup();
    let nearest = all.into_iter().take(MAX_SUGGESTED).map(str::to_owned);
    Err(Failure::NoSuchClaim {
        text: text.to_owned(),
        nearest: nearest.collect(),
    })
}
