//! Versions of the libraries in this build, from the lock file.

use std::collections::BTreeSet;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::digest::sha256;

/// Lock file of this build.
pub const LOCKFILE: &str = include_str!("../../Cargo.lock");

/// Returns the digest of the names and versions of these libraries and of everything that
/// they depend on: another version may round otherwise.
///
/// Only direct dependencies of this program are found.
pub fn digest(names: &[&str]) -> String {
    let packages = packages();
    let own = packages.iter().find(|p| p.name == env!("CARGO_PKG_NAME"));
    let dependencies = own.map_or(&[][..], |own| &own.dependencies);
    let is_named = |dependency: &&str| names.contains(&name_and_version(dependency).0);
    let mut open: Vec<&str> = dependencies.iter().map(String::as_str).collect();
    open.retain(is_named);
    let mut closure = BTreeSet::new();
    while let Some(dependency) = open.pop() {
        for package in packages.iter().filter(|package| package.is(dependency)) {
            if closure.insert(format!("{} {}\n", package.name, package.version)) {
                open.extend(package.dependencies.iter().map(String::as_str));
            }
        }
    }
    sha256(closure.iter().map(String::as_bytes))
}

/// Entry of the lock file.
struct Package {
    name: String,
    version: String,
    /// Each as `name` if the build has one version of it, else as `name version`.
    dependencies: Vec<String>,
}

impl Package {
    fn read(entry: &DeValue<'_>) -> Option<Self> {
        let text = |value: &Spanned<DeValue<'_>>| value.get_ref().as_str().map(str::to_owned);
        let dependencies = entry.get("dependencies");
        let dependencies = dependencies.and_then(|list| list.get_ref().as_array());
        Some(Self {
            name: text(entry.get("name")?)?,
            version: text(entry.get("version")?)?,
            dependencies: dependencies
                .map_or_else(Vec::new, |list| list.iter().filter_map(text).collect()),
        })
    }

    fn is(&self, dependency: &str) -> bool {
        let (name, version) = name_and_version(dependency);
        self.name == name && version.is_none_or(|version| self.version == version)
    }
}

fn name_and_version(dependency: &str) -> (&str, Option<&str>) {
    match dependency.split_once(' ') {
        Some((name, version)) => (name, Some(version)),
        None => (dependency, None),
    }
}

/// Returns the packages of the build; none if the lock file were not one, which a test
/// rules out.
fn packages() -> Vec<Package> {
    let Ok(lock) = DeTable::parse(LOCKFILE) else {
        return Vec::new();
    };
    let packages = lock.get_ref().get("package");
    let packages = packages.and_then(|list| list.get_ref().as_array());
    packages.map_or_else(Vec::new, |list| {
        let read = |entry: &Spanned<DeValue<'_>>| Package::read(entry.get_ref());
        list.iter().filter_map(read).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packages_are_those_of_the_lock_file() {
        let packages = packages();
        let named = |name: &str| packages.iter().find(|p| p.name == name).unwrap();
        let burn = named("burn");
        assert!(burn.version.starts_with("0.22."), "{}", burn.version);
        assert!(burn.dependencies.contains(&"burn-core".to_owned()));
        assert!(named("backquery").dependencies.len() > 20);
        assert_eq!(packages.len(), LOCKFILE.matches("[[package]]").count());
    }

    #[test]
    fn libraries_differ_and_unknown_ones_are_empty() {
        let empty = sha256([]);
        let of = |name| digest(&[name]);
        assert_eq!(of("no-such-library"), empty);
        // A dependency of dependencies only.
        assert_eq!(of("gemm"), empty);
        assert_ne!(of("burn"), empty);
        assert_ne!(of("burn"), of("faer"));
        assert_ne!(of("burn"), digest(&["burn", "rand_chacha"]));
    }
}
