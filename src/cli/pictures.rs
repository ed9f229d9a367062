//! One line that names the folder with the pictures of a study.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use crate::escape;
use crate::io;
use crate::pipeline::{SUMMARY, Study};
use crate::store::place;

/// The folder of figures in every folder of results.
const FIGURES: &str = "figures";

/// `pictures: results/paper/slp/seed-0/figures (7)`; of several folders a pattern that
/// shells expand. Nothing without pictures.
pub fn line(study: &Study, out: &Path) -> Option<String> {
    let root = out.join(&study.name);
    let own = study.own().iter().flat_map(|experiment| {
        let folder = out.join(&experiment.name);
        let seeds = experiment.spec.seeds.iter();
        seeds.map(move |seed| place(&folder, *seed))
    });
    let all = own.chain([root.join(SUMMARY)]);
    let counted = all.map(|folder| folder.join(FIGURES)).map(|folder| {
        let count = count(&folder);
        (folder, count)
    });
    let counted: Vec<(PathBuf, usize)> = counted.filter(|(_, count)| *count > 0).collect();
    let pictures: usize = counted.iter().map(|(_, count)| count).sum();
    let folder = match &counted[..] {
        [] => return None,
        [(only, _)] => only.clone(),
        several => {
            let is_near = |folder: &Path| folder.parent().and_then(Path::parent) == Some(&*root);
            let is_flat = several.iter().all(|(folder, _)| is_near(folder));
            root.join(if is_flat { "*" } else { "**" }).join(FIGURES)
        }
    };
    Some(format!("pictures: {} ({pictures})", escape::path(&folder)))
}

/// The number of PNG files: each has an SVG beside it.
fn count(folder: &Path) -> usize {
    let is_png = |name: &Path| name.extension() == Some(OsStr::new("png"));
    let entries = io::entries(folder).unwrap_or_default();
    entries.iter().filter(|entry| is_png(&entry.path())).count()
}
