//! Checksum envelope: bytes behind their own SHA-256, so that a cut file, a flipped bit or
//! another program's file is noticed.

use crate::digest::sha256;

/// Length of the head: the digest in hexadecimal, and a line end.
const HEAD_BYTES: usize = 65;

/// Puts bytes behind a line with their digest.
pub fn enclose(bytes: &[u8]) -> Vec<u8> {
    let mut envelope = sha256([bytes]).into_bytes();
    envelope.push(b'\n');
    envelope.extend_from_slice(bytes);
    envelope
}

/// Returns the bytes in an envelope; none if they do not have its digest.
pub fn opened(envelope: &[u8]) -> Option<&[u8]> {
    let (head, bytes) = envelope.split_at_checked(HEAD_BYTES)?;
    let (digest, end) = head.split_at_checked(HEAD_BYTES - 1)?;
    (end == b"\n" && digest == sha256([bytes]).as_bytes()).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn only_intact_envelopes_open(bytes: Vec<u8>, at: prop::sample::Index, bit in 0..8u8) {
            let envelope = enclose(&bytes);
            prop_assert_eq!(opened(&envelope), Some(&bytes[..]));
            let mut flipped = envelope.clone();
            flipped[at.index(envelope.len())] ^= 1 << bit;
            prop_assert_eq!(opened(&flipped), None);
            prop_assert_eq!(opened(&envelope[..at.index(envelope.len())]), None);
        }
    }
}
