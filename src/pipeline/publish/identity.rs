//! Identity of results: the path of their spec within the project.

use std::path::{Component, Path, PathBuf};

use crate::config::without_steps_back;
use crate::digest::sha256;
use crate::pipeline::experiment::ROOT;

/// Returns the path of a spec within the project, which is the folder that `out` is in.
/// It does not depend on how the path is typed, or from which folder.
///
/// A spec outside the project is identified by its path from the last folder called
/// `experiments`, or else by its name and a digest: results contain no path of this
/// machine.
pub fn identity(spec: &Path, out: &Path) -> String {
    let (spec, out) = (canonical(spec), canonical(out));
    let project = out.parent().filter(|folder| folder.parent().is_some());
    let within = project.and_then(|folder| spec.strip_prefix(folder).ok());
    let text = within.or_else(|| from_experiments(&spec)).and_then(plain);
    text.unwrap_or_else(|| {
        let digest = sha256([spec.as_os_str().as_encoded_bytes()]);
        let name = spec.file_name().unwrap_or_default().to_string_lossy();
        format!("{name} ({})", &digest[..12])
    })
}

/// Returns the path that starts with the last folder called `experiments`.
fn from_experiments(spec: &Path) -> Option<&Path> {
    let mut folders = spec.ancestors().skip(1);
    let root = folders.find(|folder| folder.file_name().is_some_and(|name| name == ROOT))?;
    spec.strip_prefix(root.parent()?).ok()
}

/// Formats a path with slashes on every system; none if it is not Unicode.
fn plain(path: &Path) -> Option<String> {
    let part = |part: Component<'_>| part.as_os_str().to_str().map(str::to_owned);
    let parts: Option<Vec<String>> = path.components().map(part).collect();
    Some(parts?.join("/"))
}

/// Returns the absolute path, with links resolved as far as it exists.
pub fn canonical(path: &Path) -> PathBuf {
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let found = absolute.ancestors().find_map(|folder| {
        let rest = absolute.strip_prefix(folder).ok()?;
        Some(folder.canonicalize().ok()?.join(rest))
    });
    without_steps_back(&found.unwrap_or(absolute))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    /// A project with a spec below `experiments` and one beside it.
    fn project() -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("project");
        for path in ["experiments/paper/slp.toml", "mine/run.toml"] {
            fs::create_dir_all(root.join(path).parent().unwrap()).unwrap();
            fs::write(root.join(path), "").unwrap();
        }
        (folder, root)
    }

    #[test]
    fn a_spec_is_identified_by_its_path_within_the_project() {
        let (_folder, root) = project();
        let known = |spec: &str, out: &str| identity(&root.join(spec), &root.join(out));
        let slp = "experiments/paper/slp.toml";
        assert_eq!(known(slp, "results"), slp);
        assert_eq!(
            known("mine/../experiments/paper/./slp.toml", "results"),
            slp
        );
        assert_eq!(
            known(slp, "tries/first"),
            slp,
            "outside: from `experiments` on"
        );
        assert_eq!(known(slp, "../results"), format!("project/{slp}"));
        assert_eq!(known("mine/run.toml", "results"), "mine/run.toml");
        assert_eq!(known("mine/run.toml", "mine/results"), "run.toml");
    }

    #[test]
    fn a_spec_outside_any_project_has_a_name_and_a_digest() {
        let (folder, root) = project();
        let spec = root.join("mine/run.toml");
        let known = identity(&spec, &root.join("tries/first"));
        assert!(
            known.starts_with("run.toml (") && known.len() == 23,
            "{known}"
        );
        assert!(!known.contains('/'), "{known}");
        fs::create_dir(root.join("other")).unwrap();
        fs::copy(&spec, root.join("other/run.toml")).unwrap();
        let other = identity(&root.join("other/run.toml"), &root.join("tries/first"));
        assert_ne!(known, other);
        drop(folder);
    }

    #[cfg(unix)]
    #[test]
    fn links_change_no_identity() {
        let (folder, root) = project();
        let link = folder.path().join("link");
        std::os::unix::fs::symlink(&root, &link).unwrap();
        let out = root.join("results");
        assert_eq!(identity(&link.join("mine/run.toml"), &out), "mine/run.toml");
        let out = link.join("results");
        assert_eq!(identity(&root.join("mine/run.toml"), &out), "mine/run.toml");
    }
}
