//! Contents of data files.

use std::io::Write;

/// IDX file of unsigned bytes.
pub fn idx(dimensions: &[usize], content: impl IntoIterator<Item = u8>) -> Vec<u8> {
    let sizes = dimensions.iter().flat_map(|&n| (n as u32).to_be_bytes());
    let magic = [0, 0, 8, dimensions.len() as u8];
    magic.into_iter().chain(sizes).chain(content).collect()
}

/// Gzip file.
pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}
