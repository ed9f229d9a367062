//! From what is typed to spec files: paths, folders, and names below `experiments`.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::specs::below;
use crate::config::nearest;
use crate::pipeline::ROOT;

/// The ending of spec files.
const ENDING: &str = "toml";

/// The file or folder that is meant: that path itself, or what has this name below the
/// folder `experiments`, with or without `.toml`. What is nowhere stays as it was typed.
pub fn resolve(typed: &Path) -> PathBuf {
    let named = Path::new(ROOT).join(typed);
    let candidates = [
        typed.to_owned(),
        with_ending(typed),
        with_ending(&named),
        named,
    ];
    let found = candidates.into_iter().find(|path| is_there(path));
    found.unwrap_or_else(|| typed.to_owned())
}

/// False only if there is nothing: what cannot be looked at fails when it is read, with
/// the reason.
pub fn is_there(path: &Path) -> bool {
    match path.symlink_metadata() {
        Ok(_) => true,
        Err(error) => !matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory),
    }
}

fn with_ending(path: &Path) -> PathBuf {
    let mut path = path.as_os_str().to_owned();
    path.push(".");
    path.push(ENDING);
    PathBuf::from(path)
}

/// The spec below `experiments` that was probably meant: by its whole name, or by that of
/// its file.
pub fn suggestion(typed: &Path) -> Option<String> {
    let specs = below(Path::new(ROOT)).ok()?;
    let typed = without_ending(typed);
    let names: Vec<String> = specs.iter().map(|spec| without_ending(spec)).collect();
    let by = |shorten: &dyn Fn(&str) -> String| {
        let shortened: Vec<String> = names.iter().map(|name| shorten(name)).collect();
        let meant = shorten(&typed);
        let best = nearest(&meant, shortened.iter().map(String::as_str))?;
        let index = shortened.iter().position(|name| name == best)?;
        Some(specs[index].display().to_string())
    };
    let below_root = |name: &str| {
        let name = name.trim_start_matches("./");
        let below = name
            .strip_prefix(ROOT)
            .map(|name| name.trim_start_matches('/'));
        below.unwrap_or(name).to_owned()
    };
    let file = |name: &str| name.rsplit('/').next().unwrap_or(name).to_owned();
    by(&below_root).or_else(|| by(&file))
}

fn without_ending(path: &Path) -> String {
    let text = path.to_string_lossy().replace('\\', "/");
    text.strip_suffix(&format!(".{ENDING}"))
        .unwrap_or(&text)
        .to_owned()
}
