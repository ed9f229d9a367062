//! Seals: bytes that carry their own SHA-256, so that a cut, a flipped bit or
//! another program's file is noticed.

use crate::digest::sha256;

/// Hexadecimal digits of the hash, and a line end.
const HEAD: usize = 65;

/// The bytes behind a line with their hash.
#[must_use]
pub fn seal(bytes: &[u8]) -> Vec<u8> {
    let mut sealed = sha256([bytes]).into_bytes();
    sealed.push(b'\n');
    sealed.extend_from_slice(bytes);
    sealed
}

/// The bytes that were sealed; nothing if the seal is broken or there is none.
#[must_use]
pub fn unseal(sealed: &[u8]) -> Option<&[u8]> {
    let (head, bytes) = sealed.split_at_checked(HEAD)?;
    let (digest, end) = head.split_at_checked(HEAD - 1)?;
    (end == b"\n" && digest == sha256([bytes]).as_bytes()).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn only_what_was_sealed_is_unsealed(bytes: Vec<u8>, at: prop::sample::Index, bit in 0..8u8) {
            let sealed = seal(&bytes);
            prop_assert_eq!(unseal(&sealed), Some(&bytes[..]));
            let mut flipped = sealed.clone();
            flipped[at.index(sealed.len())] ^= 1 << bit;
            prop_assert_eq!(unseal(&flipped), None);
            prop_assert_eq!(unseal(&sealed[..at.index(sealed.len())]), None);
        }
    }
}
