//! What `[train]` may say.

use super::*;

#[test]
fn a_network_that_was_not_taught_the_truth_is_a_control() {
    let control = |set| parse(&[set]).unwrap().train.control();
    assert_eq!(control("train.epochs=1"), None);
    assert_eq!(control("train.epochs=0").as_deref(), Some("untrained"));
    for truth in ["train.labels=true", "train.labels=\"true\""] {
        assert_eq!(parse(&[truth]).unwrap(), parse(&[]).unwrap());
    }
    let shuffled = control("train.labels=shuffled");
    assert_eq!(shuffled.as_deref(), Some("training labels shuffled"));
    let both = parse(&["train.labels.swap=[2, 0]", "train.epochs=0"]).unwrap();
    let told = "untrained, training labels 2 and 0 swapped";
    assert_eq!(both.train.control().as_deref(), Some(told));
    // As a spec has it, and not at all where it is the truth.
    let written = |spec: &Spec| serde_json::to_value(&spec.train).unwrap()["labels"].take();
    assert_eq!(written(&both), serde_json::json!({ "swap": [2, 0] }));
    assert!(written(&parse(&[]).unwrap()).is_null());
}

#[test]
fn labels_that_cannot_be_told_are_faults() {
    for (set, expected) in [
        (
            "train.labels=shufled",
            "must be `true` or `shuffled`, got \"shufled\"; did you mean `shuffled`? (or `{ swap",
        ),
        ("train.labels=false", "got false (or `{ swap = [3, 4] }`)"),
        (
            "train.labels={}",
            "`train.labels.swap` is missing; it must be two different labels",
        ),
        (
            "train.labels={swap = [1, 1]}",
            "must be two different labels",
        ),
        (
            "train.labels={swap = [0, 1, 2]}",
            "must be two different labels",
        ),
        (
            "train.labels={swap = [9, 3]}",
            "`train.labels.swap` names [9, 3], but `data.classes` is [0, 1, 2]",
        ),
        (
            "train.labels={swap = [0, 1], by = 1}",
            "unknown key `train.labels.by`",
        ),
    ] {
        let shown = fault(set);
        assert!(shown.contains(expected), "{expected}\n{shown}");
    }
}

#[test]
fn the_rules_of_the_book_are_for_squared_errors() {
    let rules = ["train.targets={on=0.99,off=0.01}", "train.backward=weights"];
    for rule in rules {
        let shown = fault(rule);
        assert!(
            shown.contains("belongs to `squared_error`, not `cross_entropy`"),
            "{shown}"
        );
    }
    assert!(fault("train.backward=weigths").contains("did you mean `weights`?"));
    let [targets, backward] = rules;
    let book = parse(&["train.loss=squared_error", targets, backward]).unwrap();
    let written = serde_json::to_value(&book.train).unwrap();
    assert_eq!(
        written["targets"],
        serde_json::json!({ "on": 0.99, "off": 0.01 })
    );
    assert_eq!(written["backward"], "weights");
    // Not at all where they are the usual ones.
    let usual = [
        "train.targets={on=1,off=0}",
        "train.backward=gradient",
        "train.loss=squared_error",
    ];
    let written = serde_json::to_value(&parse(&usual).unwrap().train).unwrap();
    assert!(written.get("targets").is_none() && written.get("backward").is_none());
    let shown = parse(&["train.loss=squared_error", "train.targets={on=0,off=1}"]).unwrap_err();
    assert!(
        shown.contains("`train.targets.on` must be above `off`"),
        "{shown}"
    );
}
