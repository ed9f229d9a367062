//! Inverses along random directions, as a control of the methods.

use crate::project::{Project, SMALL};

const SPEC: &str = "experiments/small.toml";

const DIRECTION: &str = "
[[invert]]
name = \"direction\"
method = \"random_direction\"
";

/// Cells of the rows of a table about the inversion `direction`.
fn rows(project: &Project, name: &str) -> Vec<csv::StringRecord> {
    let table = project.read(&format!("results/small/seed-0/{name}"));
    let rows = csv::Reader::from_reader(table.as_bytes()).into_records();
    let mut rows: Vec<csv::StringRecord> = rows.map(Result::unwrap).collect();
    rows.retain(|row| &row[2] == "direction");
    rows
}

#[test]
fn a_random_direction_reaches_the_probability() {
    let text = format!("{SMALL}{DIRECTION}");
    let project = Project::new().with(SPEC, &text);
    project.succeed(&["run", SPEC]);
    let solutions = rows(&project, "solutions.csv");
    assert_eq!(solutions.len(), 3);
    for row in &solutions {
        let tried: usize = row[7].parse().unwrap();
        assert!(&row[6] == "true" && (1..=1000).contains(&tried), "{row:?}");
    }
    let mut metrics = rows(&project, "metrics.csv");
    metrics.retain(|row| &row[6] == "target_probability");
    for row in metrics {
        let probability: f64 = row[7].parse().unwrap();
        // The shortest step: no more than is asked for.
        assert!((0.99..0.990_001).contains(&probability), "{row:?}");
    }
}

/// A network that gives every class a third, whatever it sees, has no image.
#[test]
fn without_a_direction_the_inverse_is_missing() {
    let figure = "
[[figure]]
name = \"direction\"
kind = \"grid\"
rows = [\"direction\", \"empirical\"]
under = [\"target_probability\"]
";
    let text =
        format!("{SMALL}{DIRECTION}filter = {{ kind = \"top_pixels\", pixels = 9 }}{figure}");
    let text = text.replace("hidden = [8]", "hidden = [8]\ninit = \"zeros\"");
    let project = Project::new().with(SPEC, text.replace("epochs = 3", "epochs = 0"));
    let ran = project.succeed(&["run", SPEC]);
    assert!(ran.err.contains("direction"), "{}", ran.err);
    for row in rows(&project, "solutions.csv") {
        assert_eq!([&row[6], &row[7]], ["false", "1000"]);
    }
    let metrics = rows(&project, "metrics.csv");
    assert!(
        !metrics.is_empty() && metrics.iter().all(|row| row[7].is_empty()),
        "{metrics:?}"
    );
    let overlaps = project.read("results/small/seed-0/overlaps.csv");
    assert!(!overlaps.contains("direction"), "{overlaps}");
    assert!(
        project
            .path("results/small/seed-0/figures/direction.png")
            .is_file()
    );
    assert!(!ran.err.contains("figure direction"), "{}", ran.err);
    project.succeed(&["verify", SPEC]);
}

#[test]
fn faults_of_random_directions_name_the_key() {
    let text = format!("{SMALL}{DIRECTION}");
    let project = Project::new().with(SPEC, &text);
    for value in ["0", "1", "1.5", "high"] {
        let set = format!("invert.direction.probability={value}");
        let shown = project.fail(2, &["check", SPEC, "--set", &set]);
        assert!(
            shown.contains("must be a probability above 0 and below 1"),
            "{shown}"
        );
    }
    let linear = ["model.output=linear", "train.loss=squared_error"];
    let shown = project.fail(2, &["check", SPEC, "--set", linear[0], "--set", linear[1]]);
    assert!(
        shown.contains("is \"random_direction\", which reaches a probability"),
        "{shown}"
    );
    let task = ["--set", "task=reconstruct", "--set", "target="];
    let shown = project.fail(2, &[&["check", SPEC], &task[..]].concat());
    assert!(shown.contains("can reconstruct nothing"), "{shown}");
}
