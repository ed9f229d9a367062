//! Explanations of keys, metrics and methods.

use crate::project::Project;

fn explain(name: &str) -> String {
    Project::new().succeed(&["explain", name]).out
}

/// Checks that a text has these parts.
pub fn has(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "{part}\n{text}");
    }
}

#[test]
fn a_key_has_values_a_default_and_a_place() {
    let steps = [
        "invert.NAME.steps, a key\n  Number of steps of Adam on the mean squared distance",
        "\n  values: a whole number from 1 to 100000\n",
        "\n  required: no\n  default: 200\n",
        "\n  table: [[invert]]\n  only with: `method = \"gradient\"`\n",
    ];
    for name in [
        "steps",
        "invert.steps",
        "invert.NAME.steps",
        "invert.analytical.steps",
    ] {
        has(&explain(name), &steps);
    }
    has(
        &explain("train.loss"),
        &["required: yes", "`cross_entropy`, ", "[train]"],
    );
    // Every key that is called so.
    has(
        &explain("bias"),
        &["model.bias, a key", "invert.NAME.bias, a key"],
    );
    assert!(!explain("train.epochs").contains("invert."));
}

#[test]
fn a_metric_has_a_unit_a_direction_and_bounds() {
    let text = explain("legibility");
    has(
        &text,
        &[
            "legibility, a metric of inverses\n",
            "\n  unit: difference of probabilities\n  values: from -1 to 1\n",
            "\n  direction: higher is better\n  reference: 0 (chance)\n",
            "\n  missing for: networks of a single class\n",
        ],
    );
    assert!(!text.contains("a key"), "{text}");
    has(
        &explain("ssim"),
        &[
            "images of at least 11 x 11 pixels",
            "only if `metrics` names",
        ],
    );
    has(
        &explain("dead_units"),
        &["a metric of layers", "in hidden layers"],
    );
    // A metric, and a key.
    let both = explain("total_variation");
    has(
        &both,
        &["a metric of inverses", "invert.NAME.total_variation, a key"],
    );
    assert!(!both.contains("verify"), "{both}");
}

#[test]
fn a_method_has_a_paragraph_and_its_keys() {
    let text = explain("layered");
    has(
        &text,
        &[
            "layered, a method of inversion\n",
            "Lai 2021, section 2.2",
            "keys of its own: `bias`, `domain`, `layer`, `shrinkage`",
        ],
    );
    let list = Project::new().succeed(&["explain"]).out;
    let parts = [
        "Methods of inversion\n  empirical ",
        "\n  class_mean_margin ",
        "\n  train.epochs ",
    ];
    has(&list, &parts);
}

#[test]
fn an_unknown_name_is_refused_with_the_one_meant() {
    for (name, meant) in [
        ("train.epoch", "; did you mean `train.epochs`?"),
        ("lerning_rate", "; did you mean `learning_rate`?"),
        ("legibilty", "; did you mean `legibility`?"),
        ("gausian", "; did you mean `gaussian`?"),
        (
            "x\u{1b}[31m",
            "`x\\u{1b}[31m`: no such name; expected a key, a metric or a method; `",
        ),
        ("", "``: no such name"),
        ("NAME", "`NAME`: no such name"),
    ] {
        let message = Project::new().fail(2, &["explain", name]);
        assert!(message.contains(meant), "{message}");
    }
}
