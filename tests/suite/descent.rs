//! The figures of gradient descent.

use std::fs;

use crate::project::{Project, files};

#[test]
fn the_descents_of_the_source_are_written_and_written_again_the_same() {
    let project = Project::new();
    project.succeed(&["descent"]);
    let folder = project.path("results/backward-pass/descent");
    let names = [
        "fig-2.pdf",
        "fig-2.png",
        "fig-2.svg",
        "fig-3.pdf",
        "fig-3.png",
        "fig-3.svg",
        "steps.txt",
    ];
    assert_eq!(files(&folder), names);
    let steps = fs::read_to_string(folder.join("steps.txt")).unwrap();
    assert!(steps.contains("Step:  6, (a, b): (0.016, 0.016) Error: 0.0033554"));
    project.succeed(&["descent", "--out", "again"]);
    for name in names {
        let again = fs::read(project.path("again").join(name)).unwrap();
        assert_eq!(fs::read(folder.join(name)).unwrap(), again, "{name}");
    }
}

#[test]
fn a_folder_that_cannot_be_made_is_named() {
    let project = Project::new().with("file", "");
    let said = project.fail(4, &["descent", "--out", "file/in"]);
    assert!(said.contains("file/in"), "{said}");
}
