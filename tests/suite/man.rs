//! Help by purpose, and manual pages.

use std::fs;
use std::process::Command;

use crate::project::Project;

#[test]
fn options_of_a_run_come_by_purpose_the_main_ones_first() {
    let project = Project::new();
    let help = project.succeed(&["run", "--help"]).out;
    let at = |text: &str| help.find(text).unwrap_or_else(|| panic!("{text}\n{help}"));
    let order = [
        "--seed",
        "--set",
        "--strict",
        "Data and device:",
        "--device",
        "Execution:",
        "--jobs",
    ];
    assert!(order.map(at).is_sorted(), "{help}");
}

/// Every page is read by the real `man` without a warning, where there is one.
#[test]
fn every_command_has_a_manual_page() {
    let project = Project::new();
    let out = project.succeed(&["man", "pages/man1"]).out;
    let folder = project.path("pages/man1");
    let mut names: Vec<String> = Vec::new();
    for entry in fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        names.push(path.file_name().unwrap().to_string_lossy().into_owned());
        let man = Command::new("man")
            .args(["--warnings", "-l"])
            .arg(&path)
            .output();
        if let Ok(man) = man {
            let warnings = String::from_utf8_lossy(&man.stderr).into_owned();
            assert!(
                man.status.success() && warnings.is_empty(),
                "{path:?}: {warnings}"
            );
        }
    }
    for name in [
        "backquery.1",
        "backquery-run.1",
        "backquery-data-fetch.1",
        "backquery-man.1",
    ] {
        assert!(names.iter().any(|one| one == name), "{name}: {names:?}");
    }
    assert_eq!(
        out.trim(),
        format!("pages/man1: {} manual pages written", names.len())
    );
    let page = project.succeed(&["man"]).out;
    assert_eq!(
        page.trim_end(),
        fs::read_to_string(folder.join("backquery.1"))
            .unwrap()
            .trim_end()
    );
    for code in ["EXIT STATUS", "129, 130, 143"] {
        assert!(page.contains(code), "{code}");
    }
    fs::write(project.path("file"), "").unwrap();
    let err = project.fail(4, &["man", "file"]);
    assert!(err.contains("`file`"), "{err}");
}
