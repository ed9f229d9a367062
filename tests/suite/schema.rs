//! The JSON Schema of specs: the published copy, and specs that name it.

use std::fs;
use std::path::Path;

use crate::project::{Project, files};

const COPY: &str = "docs/spec.schema.json";

#[test]
fn the_published_schema_is_what_the_program_prints() {
    let copy = Path::new(env!("CARGO_MANIFEST_DIR")).join(COPY);
    let printed = Project::new().succeed(&["schema"]).out;
    let remedy = format!("run `backquery schema >{COPY}`");
    assert!(fs::read_to_string(copy).unwrap() == printed, "{remedy}");
}

/// Editors look for the schema in the first line.
#[test]
fn every_published_spec_names_the_schema() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let specs = files(&root.join("experiments"));
    assert!(specs.len() > 30);
    for name in specs {
        let path = root.join("experiments").join(&name);
        let text = fs::read_to_string(&path).unwrap();
        let named = text.lines().next().unwrap().strip_prefix("#:schema ");
        let named = path.parent().unwrap().join(named.expect(&name));
        let copy = fs::canonicalize(root.join(COPY)).unwrap();
        assert_eq!(fs::canonicalize(named).unwrap(), copy, "{name}");
    }
}
