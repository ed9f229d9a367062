mod resample;
mod task;
mod train;
mod varies;
use crate::data::Label;

use super::*;

/// The one experiment of a text.
pub(super) fn spec(file: &str, text: &str, sets: &[String]) -> Result<Spec, SpecError> {
    StudySpec::parse(file, text, sets).map(|mut study| study.members.remove(0).spec)
}

pub(super) const GOOD: &str = r#"
title = "a test"
seeds = 3
[data]
source = "mnist"
stand_in = "strokes"
classes = [0, 1, 2]
per_class = [10, 20, 30]
range = [-1.0, 1]
[model]
hidden = [30, 20]
activation = "leaky_relu"
slope = 0.1
output = "softmax"
init = { kind = "normal", std = "fan_in" }
bias_init = "zeros"
[train]
loss = "cross_entropy"
optimizer = "adam"
learning_rate = 1e-3
batch_size = 32
epochs = 5
[target]
logits = { on = 10.0, off = -10.0 }
[[invert]]
name = "empirical"
method = "empirical"
[[invert]]
name = "analytical"
method = "layered"
bias = "ignore"
filter = { kind = "middle", percentile = 20.0 }
[[figure]]
name = "fig"
kind = "grid"
rows = ["empirical", "analytical"]
"#;

fn parse(sets: &[&str]) -> Result<Spec, String> {
    let sets: Vec<String> = sets.iter().map(|&set| set.to_owned()).collect();
    spec("a.toml", GOOD, &sets).map_err(|error| error.to_string())
}

/// The one fault that this override makes.
fn fault(set: &str) -> String {
    let shown = parse(&[set]).expect_err(set);
    let lines: Vec<&str> = shown.lines().collect();
    assert_eq!(lines[0], "a.toml has 1 fault", "{shown}");
    lines[1..].join("\n")
}

#[test]
fn a_good_spec_is_read_as_written() {
    insta::assert_json_snapshot!(parse(&[]).unwrap());
}

#[test]
fn defaults_are_filled_in() {
    let text = r#"
title = "least"
[data]
source = "strokes"
[model]
output = "logistic"
[train]
loss = "binary_cross_entropy"
optimizer = "sgd"
learning_rate = 0.1
batch_size = 1
epochs = 1
"#;
    let spec = spec("a.toml", text, &[]).unwrap();
    insta::assert_json_snapshot!(spec);
}

#[test]
fn comments_and_the_order_of_keys_change_nothing() {
    let mut lines: Vec<&str> = GOOD.lines().collect();
    let (a, b) = (
        lines.iter().position(|l| l.starts_with("batch")).unwrap(),
        lines.iter().position(|l| l.starts_with("epochs")).unwrap(),
    );
    lines.swap(a, b);
    let moved = lines.join(" # a comment\n");
    assert_eq!(spec("b.toml", &moved, &[]).unwrap(), parse(&[]).unwrap());
}

#[test]
fn faults_of_every_kind_come_out_together() {
    let text = r#"
titel = "wrong key"
seeds = [1, 1]
[data]
source = "minst"
classes = [0, 11]
per_class = [5]
range = [1.0, -1.0]
[model]
hidden = [30, 0]
activation = "relu"
slope = 0.5
output = "softmax"
init = "normal"
[train]
loss = "cross_entropy"
optimizer = "adam"
momentum = 0.9
learning_rate = nan
batch_size = "32"
epochs = 1.5
[[invert]]
name = "a b"
method = "layerd"
[[invert]]
name = "filtered"
method = "layered"
filter = { kind = "middle", percentile = 60 }
[[figure]]
name = "f"
kind = "grid"
rows = ["filterd"]
"#;
    let shown = spec("bad.toml", text, &[]).unwrap_err().to_string();
    insta::assert_snapshot!(shown);
}

#[test]
fn text_that_is_not_toml_is_shown_where_it_breaks() {
    let shown = spec("bad.toml", "title = \"x\nseeds = = 2\n", &[]);
    insta::assert_snapshot!(shown.unwrap_err().to_string());
}

#[test]
fn a_loss_must_fit_the_output() {
    assert!(fault("model.output=logistic").contains("needs `model.output = \"softmax\"`"));
    let fixed = parse(&["model.output=logistic", "train.loss=binary_cross_entropy"]);
    assert!(fixed.is_ok());
}

#[test]
fn a_layered_inverse_needs_activations_it_can_invert() {
    let set = ["model.activation=identity", "model.slope=0.1"];
    assert!(parse(&set).unwrap_err().contains("belongs to `leaky_relu`"));
    let text = GOOD
        .replace("slope = 0.1\n", "")
        .replace("leaky_relu", "tanh");
    let shown = spec("a.toml", &text, &[]).unwrap_err().to_string();
    assert!(shown.contains("not `tanh`"), "{shown}");
    assert!(shown.contains("a.toml:29:10"), "{shown}");
    for domain in ["clip", "rescale"] {
        let brought = format!("bias = \"ignore\"\ndomain = \"{domain}\"");
        assert!(spec("a.toml", &text.replace("bias = \"ignore\"", &brought), &[]).is_ok());
    }
    let shown = fault("invert.1.domain=rescaled");
    assert!(shown.contains("did you mean `rescale`?"), "{shown}");
}

#[test]
fn targets_must_exist_and_make_sense() {
    assert!(fault("target.logits.on=-10").contains("must be above `off`, which is -10.0"));
    let both = fault("target.outputs={on=0.9,off=0.05}");
    assert!(both.contains("is one too many"), "{both}");
    // 0.9 + 2 * 0.05 is 1; the softmax of three classes cannot sum to 1.1.
    let outputs = |set| parse(&["target.logits=", set]);
    assert!(outputs("target.outputs={on=0.9,off=0.05}").is_ok());
    let shown = outputs("target.outputs={on=0.9,off=0.1}").unwrap_err();
    assert!(
        shown.contains("must sum to 1 over the 3 classes"),
        "{shown}"
    );
    let text = GOOD.replace(
        "logits = { on = 10.0, off = -10.0 }",
        "outputs = { on = 1.0, off = 0.0 }",
    );
    let shown = spec("a.toml", &text, &[]).unwrap_err().to_string();
    assert!(shown.contains("must lie between 0 and 1"), "{shown}");
    let text = GOOD.replace("[target]\nlogits = { on = 10.0, off = -10.0 }\n", "");
    let shown = spec("a.toml", &text, &[]).unwrap_err().to_string();
    assert!(shown.contains("`target` is missing"), "{shown}");
}

#[test]
fn values_out_of_bounds_are_faults_at_their_place() {
    for set in [
        "train.learning_rate=nan",
        "train.learning_rate=inf",
        "train.learning_rate=0",
        "train.l2=-1",
        "train.batch_size=0",
        "train.epochs=-3",
        "train.epsilon=0.0",
        "train.epsilon=1e-50",
        "train.learning_rate=1e300",
        "model.hidden=[30, 0]",
        "model.hidden=30",
        "model.hidden=[1000000]",
        "model.hidden=[90000]",
        "model.slope=0",
        "model.bias=1",
        "data.classes=[3]",
        "data.classes=[0, 1, 1]",
        "data.per_class=[1, 2]",
        "data.per_class=[1, 2, 0]",
        "data.range=[0.0]",
        "data.range=[0.0, inf]",
        "invert.0.pixels=256",
        "invert.0.pixels=0",
        "invert.1.filter.percentile=-0.1",
        "invert.1.filter.percentile=50.5",
        "invert.1.filter.on=weights",
        "invert.1.filter.rule=nearest",
        "invert.1.name=empirical",
        "figure.0.name=../up",
        "figure.0.name=__metadata__",
        "target.logits.on=1e308",
        "figure.0.rows=[]",
        "seeds=0",
        "seeds=[]",
        "seeds=[-1]",
        "seeds=1.0",
        "titel=x",
        "train=5",
    ] {
        // Renaming an inversion also breaks the figure that draws it.
        let shown = parse(&[set]).expect_err(set);
        assert!(shown.contains(&format!("--set {set}: ")), "{shown}");
    }
    assert!(
        parse(&[
            "invert.1.filter.kind=high_pass",
            "invert.1.filter.percentile=100"
        ])
        .is_ok()
    );
    assert!(parse(&["invert.1.filter={kind = \"top_pixels\", pixels = 254}"]).is_ok());
    assert!(parse(&["invert.1.filter={kind = \"top_pixels\", pixels = 0}"]).is_err());
    assert!(
        parse(&["invert.1.filter.kind=top_pixels"]).is_err(),
        "no pixels"
    );
}

#[test]
fn a_folder_of_idx_files_has_its_own_keys_and_any_labels() {
    let idx = |keys: &str| {
        let mnist = "source = \"mnist\"\nstand_in = \"strokes\"\nclasses = [0, 1, 2]";
        spec(
            "a.toml",
            &GOOD.replace(mnist, &format!("source = \"idx\"\n{keys}")),
            &[],
        )
    };
    let data = |keys| idx(keys).unwrap().data;
    let least = data("folder = \"../f\"\nclasses = [46, 0, 255]");
    assert_eq!(least.classes, [46, 0, 255].map(Label::Number));
    let all = "prefix = \"emnist-balanced-\"\ntranspose = true";
    let full = data(&format!("folder = \"f\"\nclasses = [0, 1, 2]\n{all}"));
    let folder = |folder: &str, prefix: &str, transpose| {
        DataSource::Idx(IdxFolder {
            folder: folder.into(),
            prefix: prefix.to_owned(),
            transpose,
            levels: None,
        })
    };
    assert_eq!(least.source, folder("../f", "", false));
    assert_eq!(full.source, folder("f", "emnist-balanced-", true));
    let wrong = "file = \"f\"\nprefix = 3\ntranspose = \"yes\"\nstand_in = \"strokes\"\n\
                 classes = [44, 45, 46]";
    let shown = idx(wrong).unwrap_err().to_string();
    let lines: Vec<&str> = shown
        .lines()
        .filter(|line| line.contains("`data"))
        .collect();
    insta::assert_snapshot!(lines.join("\n"), @r#"
    a.toml:4:1: `data.folder` is missing; it must be the path of a folder of IDX files
    a.toml:6:1: unknown key `data.file` (allowed here: `source`, `folder`, `prefix`, `transpose`, `levels`, `stand_in`, `classes`, `per_class`, `test_fraction`, `resample`, `range`, `names`)
    a.toml:7:10: `data.prefix` must be the text that the names of the files start with, got 3
    a.toml:8:13: `data.transpose` must be true or false, got "yes"
    a.toml:9:12: `data.stand_in` is for `mnist`, which is downloaded, not for `idx`
    "#);
}

#[test]
fn numbers_have_their_own_keys_and_two_classes() {
    let parity = |keys: &str| {
        let mnist = "source = \"mnist\"\nstand_in = \"strokes\"\nclasses = [0, 1, 2]\n\
                     per_class = [10, 20, 30]";
        let keys = format!("source = \"parity\"\n{keys}");
        spec("a.toml", &GOOD.replace(mnist, &keys), &[]).map(|spec| spec.data)
    };
    let source = |bits, train_rows| DataSource::Parity { bits, train_rows };
    let least = parity("").unwrap();
    assert_eq!(
        (least.source, least.classes),
        (source(10, 700), [0, 1].map(Label::Number).into())
    );
    let full = parity("bits = 4\ntrain_rows = 14\nclasses = [1, 0]").unwrap();
    assert_eq!(
        (full.source, full.classes),
        (source(4, 14), [1, 0].map(Label::Number).into())
    );
    assert_eq!(parity("bits = 2").unwrap().source, source(2, 2));
    let shown = parity("bits = 4\ntrain_rows = 15\nclasses = [0, 2]\nfile = \"f\"");
    insta::assert_snapshot!(shown.unwrap_err().to_string(), @r#"
    a.toml has 3 faults
    a.toml:7:14: `data.train_rows` must be a number of rows from 2 to 14, two less than there are, got 15
      7 | train_rows = 15
        |              ^
    a.toml:8:11: `data.classes` must be a list of at least two different labels from 0 to 1, got [0, 2]
      8 | classes = [0, 2]
        |           ^
    a.toml:9:1: unknown key `data.file` (allowed here: `source`, `bits`, `train_rows`, `stand_in`, `classes`, `per_class`, `test_fraction`, `resample`, `range`, `names`)
      9 | file = "f"
        | ^
    "#);
    let shown = parity("bits = 1").unwrap_err().to_string();
    assert!(shown.contains("`data.bits` must be a number of bits from 2 to 16, got 1"));
}

#[test]
fn words_for_values_are_checked_with_the_nearest_one_named() {
    assert_eq!(
        fault("train.optimizer=adm"),
        "--set train.optimizer=adm: `train.optimizer` must be `adam` or `sgd`, got \"adm\"; \
         did you mean `adam`?"
    );
}

proptest::proptest! {
    /// Whatever the text, there is a spec or an error, never a panic.
    #[test]
    fn no_text_breaks_the_reader(cut in 0usize..GOOD.len(), junk in "[\\[\\]{}=\"'a-z0-9.# \n-]{0,12}") {
        let mut text = GOOD.to_owned();
        text.insert_str(cut, &junk);
        let _ = spec("a.toml", &text, &[]);
        let _ = spec("a.toml", &text[..cut], &[]);
    }

    #[test]
    fn no_override_breaks_the_reader(set in "[a-z.0-9]{0,20}=?[\\[\\]{}=\"a-z0-9. -]{0,12}") {
        let _ = spec("a.toml", GOOD, &[set]);
    }
}
