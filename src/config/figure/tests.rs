use super::*;
use crate::config::tests::{GOOD, spec};

/// Figures of one training, and what is wrong with others.
#[test]
fn figures_of_one_training_are_read() {
    let figures = |lines: &str| {
        let text = format!("{GOOD}[[figure]]\nname = \"g\"\n{lines}\n");
        let spec = spec("a.toml", &text, &[]).map_err(|error| error.to_string());
        spec.map(|spec| spec.figures[1].of_replicate().unwrap().kind.clone())
    };
    let printed = figures("kind = \"curves\"\nprinted = { train_loss = [[1, 2], [5, 0.5]] }");
    let points = Printed::from([("train_loss", vec![(1, 2.0), (5, 0.5)])]);
    assert_eq!(
        printed.unwrap(),
        ReplicateFigureKind::Curves { printed: points }
    );
    let weights = figures("kind = \"weights\"\nlayer = 2").unwrap();
    assert_eq!(weights, ReplicateFigureKind::Weights { layer: 2 });
    let samples = figures("kind = \"samples\"\nrows = [59, 0]").unwrap();
    assert_eq!(samples, ReplicateFigureKind::Samples { rows: vec![59, 0] });
    let plain = figures("kind = \"curves\"").unwrap();
    assert_eq!(
        serde_json::to_value(&plain).unwrap(),
        serde_json::json!({ "kind": "curves" })
    );
    let list = "must be a list of epochs, rising from 1, each with a value";
    for (lines, expected) in [
        (
            "kind = \"weights\"",
            "`figure.g.layer` is missing; it must be the number of a layer, from 0 to 2",
        ),
        (
            "kind = \"weights\"\nlayer = 3",
            "`figure.g.layer` must be the number of a layer, from 0 to 2, got 3",
        ),
        (
            "kind = \"samples\"\nrows = []",
            "`figure.g.rows` must be a list of at most 1000 numbers of training rows",
        ),
        (
            "kind = \"samples\"\nrows = [0]\nlayer = 0",
            "unknown key `figure.g.layer`",
        ),
        (
            "kind = \"curves\"\nprinted = { test_los = [[1, 1]] }",
            "did you mean `test_loss`?",
        ),
        (
            "kind = \"curves\"\nprinted = { test_loss = [[2, 1], [1, 1]] }",
            list,
        ),
        (
            "kind = \"curves\"\nprinted = { test_loss = [[1, 1, 1]] }",
            list,
        ),
        (
            "kind = \"curves\"\nprinted = { test_loss = [[0, 1]] }",
            list,
        ),
        (
            "kind = \"curves\"\nprinted = { test_loss = [[1, inf]] }",
            list,
        ),
        (
            "kind = \"curves\"\nprinted = 1",
            "`figure.g.printed` must be a table",
        ),
    ] {
        let shown = figures(lines).expect_err(lines);
        assert!(shown.contains(expected), "{expected}\n{shown}");
        assert!(shown.starts_with("a.toml has 1 fault\n"), "{shown}");
    }
}
