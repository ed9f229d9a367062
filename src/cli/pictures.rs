//! The line that names the folder with the pictures of a study.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use crate::escape;
use crate::io;
use crate::pipeline::Study;
use crate::store::{SUMMARY, place};

/// Folder of figures in every folder of results.
const FIGURES: &str = "figures";

/// Line such as `pictures: results/paper/slp/seed-0/figures (7)`, with a glob pattern for
/// several folders; `None` without pictures.
pub fn line(study: &Study, out: &Path) -> Option<String> {
    let root = out.join(&study.name);
    let own = study.own().iter().flat_map(|experiment| {
        let folder = out.join(&experiment.name);
        let seeds = experiment.spec.seeds.iter();
        seeds.map(move |seed| place(&folder, *seed))
    });
    let mut folders: Vec<PathBuf> = own
        .chain([root.join(SUMMARY)])
        .map(|folder| folder.join(FIGURES))
        .collect();
    folders.retain(|folder| count(folder) > 0);
    let pictures: usize = folders.iter().map(|folder| count(folder)).sum();
    let folder = match &folders[..] {
        [] => return None,
        [only] => only.clone(),
        several => {
            let is_near = |folder: &Path| folder.parent().and_then(Path::parent) == Some(&*root);
            let is_flat = several.iter().all(|folder| is_near(folder));
            root.join(if is_flat { "*" } else { "**" }).join(FIGURES)
        }
    };
    Some(format!("pictures: {} ({pictures})", escape::path(&folder)))
}

/// Number of PNG files; each has an SVG beside it.
fn count(folder: &Path) -> usize {
    let is_png = |name: &Path| name.extension() == Some(OsStr::new("png"));
    let entries = io::entries(folder).unwrap_or_default();
    entries.iter().filter(|entry| is_png(&entry.path())).count()
}
