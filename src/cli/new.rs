//! The command that writes a spec to start from.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use clap::Args as ClapArgs;

use super::error::{Failure, SpecFault};
use super::names;
use super::output::say;
use super::specs;
use crate::escape;
use crate::io;
use crate::pipeline::{ROOT, Study};

/// Spec of a whole experiment, in which `NAME` is to be replaced.
const WHOLE: &str = include_str!("new.toml");

#[derive(Debug, ClapArgs)]
pub struct NewArgs {
    /// Name below `experiments`, or the path of a file ending in `.toml`
    #[arg(default_value = "mine")]
    pub name: PathBuf,
    /// Lay the new spec over this one and inherit everything that it does not change
    #[arg(long, value_name = "SPEC")]
    pub from: Option<PathBuf>,
}

/// Runs `backquery new`.
///
/// # Errors
/// If the spec exists or cannot be written, its name is reserved, or the spec to start from
/// has faults or cannot be named by it.
pub fn new(args: &NewArgs) -> Result<(), Failure> {
    let path = place(&args.name);
    if specs::is_reserved(&Study::name_of(&path)) {
        return Err(Failure::ReservedName(path));
    }
    if names::is_there(&path) {
        return Err(Failure::Exists(path));
    }
    let base = args.from.as_deref().map(names::resolve);
    let text = match &base {
        Some(base) => {
            let studies = specs::load_all(std::slice::from_ref(base), &[])?;
            let title = studies.first().map_or("", |study| &study.title);
            over(&path, base, title)
        }
        None => WHOLE.replace("NAME", &escape::path(&args.name)),
    };
    io::create_parent(&path).map_err(Failure::Output)?;
    io::write_new(&path, text.as_bytes()).map_err(Failure::Output)?;
    if let Err(error) = Study::load(&path, &[]) {
        io::remove(&path).map_err(Failure::Output)?;
        return Err(Failure::Specs(vec![SpecFault::Load(error)]));
    }
    let (path, name) = (escape::path(&path), escape::path(&args.name));
    let mut text = format!("{path}: written; `backquery run {name}` runs it");
    if let Some(base) = &args.from {
        let base = escape::path(base);
        let _ = write!(
            text,
            ", and `backquery compare {name} {base}` compares both"
        );
    }
    say(&text);
    Ok(())
}

/// File of a name: itself if it is one of a spec, else below `experiments`.
fn place(name: &Path) -> PathBuf {
    if names::is_spec(name) {
        return name.to_owned();
    }
    let mut path = Path::new(ROOT).join(name).into_os_string();
    path.push(".toml");
    PathBuf::from(path)
}

/// Spec that is laid over another one.
fn over(path: &Path, base: &Path, title: &str) -> String {
    let base = relative(base, path.parent().unwrap_or(Path::new("")));
    let base = base.to_string_lossy().replace('\\', "/");
    let title = format!("{title}, changed");
    format!(
        "# Everything of the base, but for what this file changes: tables key by key, lists of\n\
         # tables as a whole. Sweeps and claims are not inherited.\n\
         #\n\
         # `backquery explain` lists all keys, metrics and methods.\n\
         \n\
         title = {title:?}\n\
         base  = {base:?}\n\
         \n\
         # Remove the `#` of what is to change.\n\
         # seeds = 5\n\
         #\n\
         # [model]\n\
         # hidden = [100]\n\
         #\n\
         # [train]\n\
         # epochs = 20\n"
    )
}

/// Path as seen from a folder.
fn relative(path: &Path, folder: &Path) -> PathBuf {
    let absolute = |path: &Path| std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let (path, folder) = (absolute(path), absolute(folder));
    let both = path.components().zip(folder.components());
    let common = both.take_while(|(one, other)| one == other).count();
    let up = folder.components().skip(common).map(|_| Path::new(".."));
    let down = path.components().skip(common);
    up.map(Path::to_owned)
        .chain(down.map(|part| PathBuf::from(part.as_os_str())))
        .collect()
}
