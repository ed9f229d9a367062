//! Faults of sweeps, bases and comparisons: reported with their place, and nothing is run.

use crate::project::{Project, SMALL};

#[test]
fn faults_of_studies_are_reported_where_they_are() {
    let message = |content: &str| {
        let project = Project::new()
            .with("small.toml", SMALL)
            .with("bad.toml", content);
        let ran = project.run(&["check", "bad.toml"]);
        assert_eq!(ran.code, Some(2), "{content}");
        ran.err
    };
    let base = "base = \"small.toml\"\n";
    for (content, expected) in [
        (
            "base = \"smal.toml\"\n",
            "bad.toml:1:8: there is no spec `smal.toml`",
        ),
        (
            "base = 3\n",
            "bad.toml:1:8: `base` must be the path of a spec, got 3",
        ),
        ("base = \"bad.toml\"\n", "`base` leads in a circle"),
        (
            &format!("{base}sweep.train.epochs = [1, \"many\"]\n"),
            "bad.toml:2:26: `train.epochs` must be a whole number of epochs, or 0 for an untrained network",
        ),
        (
            &format!("{base}sweep.train.epochs = [1, 1]\n"),
            "two experiments of the sweep would be called `train.epochs=1`",
        ),
        (
            &format!("{base}sweep.invert.emprical.pixels = [1, 2]\n"),
            "names no inversion of this spec, which are `empirical` or `analytical`; did you mean `empirical`?",
        ),
        (
            &format!("{base}[model]\nhiden = [3]\n"),
            "unknown key `model.hiden`; did you mean `hidden`?",
        ),
        (
            &format!(
                "{base}[[limit]]\ninversion = \"empirical\"\nmetric = \"l2_distance\"\nat_most = 1\nseek = \"lowest\"\n"
            ),
            "`limit.0.inversion` is \"empirical\", but the inversions swept over one number are nothing",
        ),
        (
            &format!(
                "{base}[[figure]]\nname = \"f\"\nkind = \"bars\"\nmetrics = [\"l2_distanze\"]\n"
            ),
            "names \"l2_distanze\", but the metrics are",
        ),
        (
            &format!(
                "{base}[[figure]]\nname = \"f\"\nkind = \"sweep\"\nover = \"train.epochs\"\nmetrics = [\"l2_distance\"]\n"
            ),
            "`figure.f.over` is \"train.epochs\", but the keys that a figure can go along are nothing",
        ),
        (
            &format!(
                "{base}[[figure]]\nname = \"f\"\nkind = \"grid\"\nrows = [\"empirical\"]\nscale = {{ like = \"unfiltered\" }}\n"
            ),
            "`figure.f.scale.like` names \"unfiltered\"",
        ),
        (
            "title = \"x\"\n[compare]\nexperiments = [\"small\", \"large\"]\n",
            "bad.toml:3:15: there is no spec `large.toml`",
        ),
        (
            "title = \"x\"\n[compare]\nexperiments = [\"small\"]\n",
            "must be a list of at least two different specs",
        ),
        // An experiment may have the key, which is not meant here.
        (
            "title = \"x\"\n[compare]\nexperiments = [\"small\", \"./small\"]\n[train]\nepochs = 1\n",
            "unknown key `train` (allowed here: ",
        ),
        (
            "title = \"x\"\n[compare]\nexperiments = [\"small\", \"./small\"]\nmetrics = [\"l2_distance\"]\n[[pair]]\nsays = \"x\"\na = { experiment = \"smal\", inversion = \"empirical\", is = \"x\" }\nb = { experiment = \"small\", inversion = \"emprical\", is = \"x\" }\n",
            "`pair.0.a.experiment` must be `small` or `./small`, got \"smal\"; did you mean `small`?",
        ),
    ] {
        let err = message(content);
        assert!(err.contains(expected), "{content}\n{expected}\n{err}");
    }
    // A fault of the other file is reported with its place there.
    let project = Project::new()
        .with("small.toml", SMALL.replace("epochs = 3", "epochs = -1"))
        .with("bad.toml", base);
    let err = project.fail(2, &["check", "bad.toml"]);
    assert!(
        err.contains("small.toml:17:10: `train.epochs` must be"),
        "{err}"
    );
}

#[test]
fn overrides_that_a_sweep_cannot_take_are_faults() {
    let base = "base = \"small.toml\"\n";
    for (content, set, expected) in [
        (
            format!("{base}sweep.train.epochs = [1, 2]\n"),
            "train.epochs=7",
            "--set train.epochs=7: `train.epochs` is swept; set `sweep.train.epochs`",
        ),
        (
            format!("{base}sweep.data.file = [\"a b.csv\", \"a_b.csv\"]\n"),
            "data.source=csv",
            "two experiments of the sweep would be called `data.file=a_b.csv`",
        ),
    ] {
        let project = Project::new()
            .with("small.toml", SMALL)
            .with("bad.toml", content);
        let err = project.fail(2, &["check", "bad.toml", "--set", set]);
        assert!(err.contains(expected), "{expected}\n{err}");
    }
}
