//! What `task` may say.

use super::*;

/// A good spec whose task is to reconstruct.
const RECONSTRUCT: [&str; 3] = [
    "task=reconstruct",
    "target=",
    "invert.empirical.method=original",
];

fn faults(more: &[&str]) -> String {
    parse(&[&RECONSTRUCT[..], more].concat()).expect_err("a fault")
}

#[test]
fn what_is_looked_for_is_a_target_unless_the_spec_says_else() {
    let plain = parse(&[]).unwrap();
    assert_eq!(plain.task, Task::Target);
    assert_eq!(parse(&["task=target"]).unwrap(), plain);
    assert!(serde_json::to_value(&plain).unwrap().get("task").is_none());

    let whole = parse(&RECONSTRUCT).unwrap();
    assert_eq!(whole.task, Task::Reconstruct { layers: 3 });
    let first = parse(
        &[
            &["task={kind=\"reconstruct\", layers=1}"],
            &RECONSTRUCT[1..],
        ]
        .concat(),
    );
    let first = first.unwrap();
    assert_eq!(first.task, Task::Reconstruct { layers: 1 });
    let written = serde_json::to_value(&first).unwrap();
    let expected = serde_json::json!({ "kind": "reconstruct", "layers": 1 });
    assert_eq!(written["task"], expected);
    assert!(
        written.get("metrics").is_none(),
        "the usual ones: {written}"
    );

    let error = Metric::ReconstructionError;
    assert!(first.metrics.contains(&error) && !plain.metrics.contains(&error));
}

#[test]
fn any_activation_can_be_inverted_where_there_is_an_image_that_gives_its_values() {
    assert!(parse(&["model.activation=tanh", "model.slope="]).is_err());
    let sets = [&RECONSTRUCT[..], &["model.activation=tanh", "model.slope="]].concat();
    parse(&sets).unwrap();
}

#[test]
fn what_a_task_has_no_use_for_is_a_fault() {
    for (set, expected) in [
        ("task=invert", "must be `target` or `reconstruct`"),
        (
            "task={kind=\"reconstruct\", layers=4}",
            "`task.layers` must be a number of layers from 1 to 3",
        ),
        ("task={kind=\"reconstruct\", layers=0}", "from 1 to 3"),
        (
            "task={kind=\"target\", layers=1}",
            "`task.layers` has no meaning",
        ),
        ("task={layers=1}", "`task.kind` is missing"),
        (
            "task={kind=\"reconstruct\", layer=1}",
            "did you mean `layers`",
        ),
        (
            "target.logits={on=1.0,off=0.0}",
            "`target` has no meaning: a reconstruction asks for what the network makes",
        ),
        (
            "invert.analytical.target.logits={on=1.0,off=0.0}",
            "target` has no meaning",
        ),
        (
            "invert.analytical={name=\"a\",method=\"exemplar\"}",
            "can reconstruct nothing: take `layered`",
        ),
        (
            "invert.analytical={name=\"a\",method=\"gaussian\",margin=3.0}",
            "without it, it can reconstruct",
        ),
    ] {
        let shown = faults(&[set]);
        assert!(shown.contains(expected), "{expected}\n{shown}");
    }
    let shown = fault("invert.empirical.method=original");
    assert!(shown.contains("set `task = \"reconstruct\"`"), "{shown}");
}
