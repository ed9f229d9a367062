//! The order of modules: each uses only those before it. And what each outside
//! crate is for: it is used there and nowhere else.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use crate::project::files;

/// Modules, from bottom to top.
const LAYERS: [&[&str]; 15] = [
    &["digest", "escape", "grouped", "norms", "pace", "rng"],
    &["arrays", "io", "table"],
    &["kernels"],
    &["model"],
    &["config"],
    &["store"],
    &["data"],
    &["train"],
    &["invert"],
    &["metrics"],
    &["figures"],
    &["report"],
    &["claims"],
    &["pipeline"],
    &["cli"],
];

/// Modules after `config` whose types it reads keys into.
const READ_INTO: [&str; 6] = ["data", "train", "invert", "metrics", "report", "claims"];

/// Module that uses no other: plain numbers in, plain numbers out.
const WALLED: &str = "kernels";

/// Crates that only these modules know.
const CRATES: [(&str, &[&str]); 8] = [
    ("burn", &["kernels", "model", "train", "invert", "metrics"]),
    ("pdf_writer", &["figures"]),
    ("resvg", &["figures"]),
    ("toml", &["config", "pipeline"]),
    ("faer", &["model", "train", "invert", "metrics", "pipeline"]),
    ("ureq", &["data"]),
    ("clap", &["cli"]),
    ("indicatif", &["cli"]),
];

fn height(module: &str) -> usize {
    let holds = |layer: &&[&str]| layer.contains(&module);
    let height = LAYERS.iter().position(holds);
    height.unwrap_or_else(|| panic!("the module `{module}` has no layer: add it to LAYERS"))
}

/// Every source file with the top-level module it belongs to.
fn sources() -> Vec<(String, String)> {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let names = files(&src).into_iter().filter(|name| {
        let rust = Path::new(name)
            .extension()
            .is_some_and(|ending| ending == "rs");
        rust && name != "lib.rs" && name != "main.rs"
    });
    let read = |name: String| {
        let module = name.split('/').next().unwrap().trim_end_matches(".rs");
        (
            module.to_owned(),
            fs::read_to_string(src.join(&name)).unwrap(),
        )
    };
    names.map(read).collect()
}

/// The names that follow `prefix` in code, comments left out.
fn names_after(prefix: &str, text: &str) -> BTreeSet<String> {
    let code = text
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"));
    let mut names = BTreeSet::new();
    for line in code {
        for (at, _) in line.match_indices(prefix) {
            let rest = &line[at + prefix.len()..];
            let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_');
            names.insert(rest[..end.unwrap_or(rest.len())].to_owned());
        }
    }
    names
}

#[test]
fn a_module_uses_only_modules_before_it() {
    let mut seen = 0;
    for (module, text) in sources() {
        for used in names_after("crate::", &text) {
            seen += 1;
            let is_read_into = module == "config" && READ_INTO.contains(&used.as_str());
            let is_before = height(&used) < height(&module) && module != WALLED;
            let allowed = used == module || is_before || is_read_into;
            assert!(allowed, "`{module}` uses `{used}`, which it must not know");
        }
    }
    assert!(seen > 50, "the test found no uses to check");
}

#[test]
fn outside_crates_are_known_where_they_belong() {
    for (name, modules) in CRATES {
        let mut used = false;
        for (module, text) in sources() {
            let code = text
                .lines()
                .filter(|line| !line.trim_start().starts_with("//"));
            // As a path: `use burn::`, `toml::de::Error`, `(#[from] resvg::usvg::Error)`.
            let path = format!("{name}::");
            let uses = |line: &str| {
                let mut starts = line.match_indices(&path);
                starts.any(|(at, _)| {
                    !line[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == ':')
                })
            };
            if code.into_iter().any(uses) {
                used = true;
                assert!(
                    modules.contains(&module.as_str()),
                    "`{module}` uses `{name}`"
                );
            }
        }
        assert!(used, "nobody uses `{name}`: take it out of CRATES");
    }
}
