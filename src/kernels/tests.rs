//! The wall around the kernels.

use std::fs;
use std::path::Path;

/// Sources of a folder and the folders in it.
fn sources(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let sources = entries.flat_map(|path| {
        if path.is_dir() {
            sources(&path)
        } else {
            vec![fs::read_to_string(&path).unwrap()]
        }
    });
    sources.collect()
}

#[test]
fn kernels_use_no_other_module() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/kernels");
    let sources = sources(&folder);
    assert!(sources.len() > 5);
    for line in sources.iter().flat_map(|source| source.lines()) {
        let is_outside = line.starts_with("use crate") && !line.starts_with("use crate::kernels");
        assert!(!is_outside, "{line}");
    }
}
