//! Values in specs and in `--set`: texts, names and bounds.

use std::time::{Duration, Instant};

use crate::project::{Project, SMALL};

fn project() -> Project {
    Project::new().with("small.toml", SMALL)
}

/// Error of `check` for the small spec with an override.
fn fault(set: &str) -> String {
    project().fail(2, &["check", "small.toml", "--set", set])
}

/// Error of `check` for a spec.
pub fn fault_of(content: impl AsRef<[u8]>) -> String {
    let project = Project::new().with("a.toml", content);
    project.fail(2, &["check", "a.toml"])
}

#[test]
fn a_key_that_takes_text_takes_what_was_typed() {
    let project = project();
    for title in [
        "Hello, world",
        "100 %",
        "(a) first try",
        "lr=0.1",
        "2024",
        "1e3",
        "5 epochs",
        "true",
        "[draft]",
        "[1, 2]",
        "{a}",
        "O'Brien 2021",
        "# 1",
    ] {
        let set = format!("title={title}");
        let ran = project.succeed(&["check", "small.toml", "--set", &set]);
        assert_eq!(ran.out, format!("small.toml: ok ({title})\n"));
    }
    let sets = |set| project.succeed(&["check", "small.toml", "--set", set]).out;
    assert_eq!(sets("title=\"2024\""), "small.toml: ok (2024)\n");
    assert_eq!(sets("title='null'"), "small.toml: ok (null)\n");
    sets("model.activation=identity");
    sets("train.labels=true");
}

#[test]
fn an_override_that_is_wrong_says_how_to_write_it() {
    for (set, expected) in [
        ("title=null", "`--set 'title=\"null\"'` is the text"),
        ("train.epochs=null", "`--set train.epochs=` removes the key"),
        ("train.epochs", "`--set train.epochs=` removes the key"),
        (
            "train.epoch=",
            "there is no `train.epoch` to remove; did you mean `epochs`?",
        ),
        ("source=", "there is no `source` to remove"),
        (
            "hidden=[100]",
            "unknown key `hidden`; did you mean `model.hidden`?",
        ),
        ("hiden=[100]", "did you mean `model.hidden`?"),
        ("epochs=3", "did you mean `train.epochs`?"),
        ("pixels=3", "did you mean `invert.empirical.pixels`?"),
        (
            "train.hidden=[3]",
            "unknown key `train.hidden`; did you mean `model.hidden`?",
        ),
        (
            "model.hidden=100",
            "got 100; write `--set 'model.hidden=[100]'`",
        ),
        (
            "model.hidden=100,50",
            "; write `--set 'model.hidden=[100,50]'`",
        ),
        ("model.hidden=[100", "got \"[100\""),
        (
            "figure.inverses.rows=[empirical]",
            "; write `--set 'figure.inverses.rows=[\"empirical\"]'`",
        ),
        (
            "target.logits={on=10,off=x}",
            "`target.logits` must be a table, got \"{on=10,off=x}\"",
        ),
        ("data=strokes", "`data` must be a table, got \"strokes\""),
        (
            "invert.emprical.pixels=3",
            "`invert` has no item `emprical`; did you mean `empirical`?",
        ),
        (
            "invert.empirical.pixels=0",
            "`invert.empirical.pixels` must be a number of pixels",
        ),
        ("invert.1.domain=x", "`invert.analytical.domain` must be"),
        (
            "figure.2.name=inverses",
            "`figure.2.name` is \"inverses\" a second time",
        ),
        (
            "sweep.hidden=[[3],[4]]",
            "unknown key `sweep.hidden`; did you mean `model.hidden`?",
        ),
        ("=3", "is not a dotted key"),
        ("a..b=1", "`a..b` is not a dotted key"),
        (
            "seeds=[1,1]",
            "a list of different seeds, at most 1000, got [1, 1]",
        ),
        (
            "data.per_class=1e300",
            "`data.per_class` must be a whole number",
        ),
        ("model.hidden=[1000000000000]", "each from 1 to 100000"),
    ] {
        let shown = fault(set);
        assert!(shown.contains(expected), "{set}: {expected}\n{shown}");
        assert!(shown.contains("small.toml has 1 fault\n"), "{set}: {shown}");
    }
}

#[test]
fn a_range_with_a_wrong_step_is_one_fault_that_names_it() {
    for (range, expected) in [
        (
            "{ from = 1.0, to = 0.0, step = -0.5 }",
            "`step` of `sweep.train.l2` must be above 0, got -0.5",
        ),
        (
            "{ from = 0, to = 1, step = 0 }",
            "`step` of `sweep.train.l2` must be above 0, got 0",
        ),
        (
            "{ from = 1, to = 0, step = 0.5 }",
            "is 1, above `to`, which is 0; swap them",
        ),
        ("{ from = 0, to = 1 }", "`sweep.train.l2` lacks `step`"),
        ("{ step = 1 }", "`sweep.train.l2` lacks `from`"),
        (
            "{ from = 0, to = 1, step = \"x\" }",
            "must be a number, got \"x\"",
        ),
        (
            "{ from = 0, to = nan, step = 1 }",
            "`to` of `sweep.train.l2` must be a number, got nan",
        ),
        (
            "{ from = 0, to = 1, steps = 3 }",
            "has the unknown key `steps`",
        ),
        (
            "{ from = 0, to = 1, step = 1e-9 }",
            "has more than 10000 values; `step` is 1e-9",
        ),
        ("3", "`sweep.train.l2` must be a list of values"),
        ("{}", "`sweep.train.l2` must be a list of values"),
    ] {
        let shown = fault(&format!("sweep.train.l2={range}"));
        assert!(shown.contains(expected), "{range}: {expected}\n{shown}");
        assert!(
            shown.contains("small.toml has 1 fault\n"),
            "{range}: {shown}"
        );
    }
    let sweeps = "[sweep]\ntrain.epochs = { from = 1, to = 9999, step = 1 }\n\
                  train.batch_size = { from = 1, to = 9999, step = 1 }\n";
    let shown = fault_of(format!("{SMALL}{sweeps}"));
    assert!(
        shown.contains("makes 99980001 combinations; at most 10000"),
        "{shown}"
    );
}

/// A long sentence may be written over several lines.
#[test]
fn sentences_of_several_lines_are_one_line() {
    let claim = "[[claim]]\nsays = \"\"\"\nit learns\n\n  # something\"\"\"\nmetric = \"test_accuracy\"\nat_least = 0.1\n";
    let project = Project::new().with("a.toml", format!("{SMALL}{claim}"));
    project.succeed(&["run", "a.toml", "--quiet"]);
    let shown = project.succeed(&["claims", "a.toml"]).out;
    assert!(
        shown.contains("AS CLAIMED    it learns # something\n"),
        "{shown}"
    );
}

#[test]
fn texts_are_one_line_and_what_a_terminal_obeys_is_escaped() {
    let claim = "[[claim]]\nsays = \"SAYS\"\nsource = \"SOURCE\"\nmetric = \"test_accuracy\"\nat_least = 0.1\nthreshold = { ours = \"WHY\" }\n";
    let good = SMALL.replace("\"curves\"", "\"curves\"\ncaption = \"CAPTION\"");
    let good = format!("source = \"ORIGIN\"\n{good}{claim}");
    Project::new()
        .with("a.toml", &good)
        .succeed(&["check", "a.toml"]);
    let places = [
        ("A small network", "title"),
        ("ORIGIN", "source"),
        ("CAPTION", "figure.training.caption"),
        ("SAYS", "claim.0.says"),
        ("SOURCE", "claim.0.source"),
        ("WHY", "claim.0.threshold.ours"),
    ];
    let characters = [
        ("\\r", "\\r"),
        ("\\t", "\\t"),
        ("\\u001b[2J", "\\u{1b}"),
        ("\\u007f", "\\u{7f}"),
        ("\\u0085", "\\u{85}"),
        ("\\u2028", "\\u{2028}"),
        ("\\u202e", "\\u{202e}"),
        ("\\u2067", "\\u{2067}"),
    ];
    for (text, key) in places {
        for (written, shown) in characters {
            let bad = good.replacen(text, &format!("a{written}b"), 1);
            let message = fault_of(bad);
            let expected =
                format!("`{key}` must be one line of text, and its character 2 is `{shown}`");
            assert!(message.contains(&expected), "{expected}\n{message}");
        }
    }
    let csv = SMALL.replace("\"strokes\"", "\"csv\"\nfile = \"a\\nb.csv\"");
    assert!(fault_of(csv).contains("`data.file` must be one line of text"));
    // Quoted lines and names are escaped as well.
    let message = fault_of("\"a\\u001b[31m\" = 1\n");
    assert!(message.contains("unknown key `a\\u{1b}[31m`"), "{message}");
    assert!(!message.contains('\u{1b}'), "{message}");
    let message = fault_of("x = 1 # \u{1b}[2J \u{202e}\n");
    assert!(
        message.contains("1 | x = 1 # \\u{1b}[2J \\u{202e}"),
        "{message}"
    );
    assert!(!message.contains(['\u{1b}', '\u{202e}']), "{message}");
    let set = fault("title=a\tb");
    assert!(
        set.contains("--set title=a\\tb: `title` must be one line of text"),
        "{set}"
    );
}

#[test]
fn what_is_too_large_is_a_fault_that_says_how_large_it_may_be() {
    let inversions = |count| {
        let one = |i| format!("[[invert]]\nname = \"i{i}\"\nmethod = \"class_mean\"\n");
        SMALL.to_owned() + &(0..count).map(one).collect::<String>()
    };
    Project::new()
        .with("a.toml", inversions(198))
        .succeed(&["check", "a.toml"]);
    for (content, expected) in [
        (
            inversions(199),
            "`invert` has 201 entries; at most 200 are allowed",
        ),
        (
            SMALL.to_owned() + &"[[claim]]\n".repeat(90_000),
            "`claim` has 90000 entries; at most 1000 are allowed",
        ),
        (
            format!("{SMALL}{}", "#\n".repeat(1_000_000)),
            "bytes, and the limit is 1000000",
        ),
        (
            SMALL.replace("A small network", &"x".repeat(1001)),
            "`title` has 1001 characters; at most 1000 are allowed",
        ),
        (
            format!("{} = 1\n{SMALL}", "k".repeat(990_000)),
            "kkk...` has 990000 bytes; at most 200 are allowed",
        ),
        (
            format!("{}a = 1\n{SMALL}", "a.".repeat(400_000)),
            "a dotted key of more than 16 parts",
        ),
        (
            format!("x = {}\n{SMALL}", "[".repeat(400_000)),
            "cannot recurse further",
        ),
        (
            SMALL.replace(
                "[data]",
                &format!("seeds = {:?}\n[data]", (0..1001).collect::<Vec<_>>()),
            ),
            "a list of different seeds, at most 1000",
        ),
        (
            SMALL.replace(
                "kind = \"curves\"",
                &format!("kind = \"samples\"\nrows = {:?}", [0; 1001]),
            ),
            "a list of at most 1000 numbers of training rows",
        ),
    ] {
        let shown = fault_of(content);
        assert!(shown.contains(expected), "{expected}\n{shown:.2000}");
        assert!(shown.len() < 20_000, "{expected}: {} bytes", shown.len());
    }
}

#[test]
fn thousands_of_experiments_are_checked_in_seconds() {
    let sweeps = "[sweep]\ntrain.epochs = { from = 1, to = 100, step = 1 }\n\
                  train.batch_size = { from = 1, to = 100, step = 1 }\n";
    let project = project().with("a.toml", format!("base = \"small.toml\"\n{sweeps}"));
    let started = Instant::now();
    project.succeed(&["check", "a.toml"]);
    // Pairs of experiments would take minutes.
    assert!(started.elapsed() < Duration::from_secs(20));
}
