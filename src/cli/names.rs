//! Names of specs on the command line: paths, folders, and names below `experiments`.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::specs::below;
use crate::config::nearest;
use crate::escape;
use crate::pipeline::ROOT;

/// File extension of specs.
const EXTENSION: &str = "toml";

/// True if the file name ends as those of specs do.
pub fn is_spec(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending == EXTENSION)
}

/// Resolves a path, or a name below the folder `experiments`, with or without `.toml`. A
/// name that does not exist is returned as typed.
pub fn resolve(typed: &Path) -> PathBuf {
    let named = Path::new(ROOT).join(typed);
    let candidates = [
        typed.to_owned(),
        with_extension(typed),
        with_extension(&named),
        named,
    ];
    let found = candidates.into_iter().find(|path| is_there(path));
    found.unwrap_or_else(|| typed.to_owned())
}

/// True unless the path does not exist: an inaccessible one fails when it is read, with
/// the reason.
pub fn is_there(path: &Path) -> bool {
    match path.symlink_metadata() {
        Ok(_) => true,
        Err(error) => !matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory),
    }
}

fn with_extension(path: &Path) -> PathBuf {
    let mut path = path.as_os_str().to_owned();
    path.push(".");
    path.push(EXTENSION);
    PathBuf::from(path)
}

/// Suggests the spec below `experiments` with the most similar name or file name.
pub fn suggestion(typed: &Path) -> Option<String> {
    let specs = below(Path::new(ROOT)).ok()?;
    let typed = without_extension(typed);
    let names: Vec<String> = specs.iter().map(|spec| without_extension(spec)).collect();
    let by = |shorten: &dyn Fn(&str) -> String| {
        let shortened: Vec<String> = names.iter().map(|name| shorten(name)).collect();
        let meant = shorten(&typed);
        let best = nearest(&meant, shortened.iter().map(String::as_str))?;
        let index = shortened.iter().position(|name| name == best)?;
        Some(escape::path(&specs[index]))
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

fn without_extension(path: &Path) -> String {
    let text = path.to_string_lossy().replace('\\', "/");
    text.strip_suffix(&format!(".{EXTENSION}"))
        .unwrap_or(&text)
        .to_owned()
}
