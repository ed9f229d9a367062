//! Numbers in words, and the machine that gave them.

use std::fs::{read_to_string, write};
use std::path::{Path, PathBuf};

/// A file of results, beside the sources of the benches.
pub fn place(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

/// Writes such a file.
pub fn publish(name: &str, content: impl AsRef<[u8]>) {
    write(place(name), content).unwrap();
}

/// The middle one, or the mean of the two in the middle.
pub fn median(values: impl IntoIterator<Item = f64>) -> f64 {
    let mut sorted: Vec<f64> = values.into_iter().collect();
    sorted.sort_by(f64::total_cmp);
    let (low, high) = ((sorted.len() - 1) / 2, sorted.len() / 2);
    f64::midpoint(sorted[low], sorted[high])
}

/// The processor, and how busy it is. Linux only.
pub fn machine() -> String {
    let about = read_to_string("/proc/cpuinfo").unwrap();
    let name = about.lines().find(|line| line.starts_with("model name"));
    let name = name.and_then(|line| line.split_once(": ")).unwrap().1;
    let load = read_to_string("/proc/loadavg").unwrap();
    let load: f64 = load.split(' ').next().unwrap().parse().unwrap();
    let cores = std::thread::available_parallelism().unwrap();
    format!(
        "{name}, {cores} cores, on which on average {load:.1} other programs wanted a core \
         when it began"
    )
}
