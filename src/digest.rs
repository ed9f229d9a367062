//! SHA-256 digests of data sets and outputs.

use std::io::{self, Read};

use sha2::{Digest, Sha256};

/// SHA-256 of concatenated pieces of bytes, in lower-case hexadecimal.
pub fn sha256<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> String {
    let mut hash = Sha256::new();
    for piece in pieces {
        hash.update(piece);
    }
    hexadecimal(hash)
}

/// SHA-256 of everything that a reader yields, in lower-case hexadecimal.
///
/// # Errors
/// If reading fails.
pub fn sha256_of(mut source: impl Read) -> io::Result<String> {
    let mut hash = Sha256::new();
    let mut buffer = vec![0; 1 << 16];
    loop {
        match source.read(&mut buffer) {
            Ok(0) => return Ok(hexadecimal(hash)),
            Ok(count) => hash.update(buffer.get(..count).unwrap_or_default()),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

fn hexadecimal(hash: Sha256) -> String {
    hash.finalize()
        .into_iter()
        .flat_map(|byte| [byte >> 4, byte & 0xf])
        .filter_map(|digit| char::from_digit(digit.into(), 16))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Example of FIPS 180-2, appendix B.1.
    #[test]
    fn the_standards_example() {
        let digest = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(sha256([&b"abc"[..]]), digest);
        assert_eq!(sha256([&b"a"[..], b"", b"bc"]), digest);
        assert_eq!(sha256_of(&b"abc"[..]).unwrap(), digest);
    }
}
