//! What a spec may say, and `--set`: texts, names, bounds, and which files are read.

use std::time::{Duration, Instant};

use crate::project::{Project, SMALL};
use crate::study::{project as comparison, read};

fn project() -> Project {
    Project::new().with("small.toml", SMALL)
}

/// What `check` reports of the small spec with an override.
fn fault(set: &str) -> String {
    project().fail(2, &["check", "small.toml", "--set", set])
}

/// What `check` reports of a spec.
fn fault_of(content: impl AsRef<[u8]>) -> String {
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

/// A long sentence is typed over several lines, and read as one.
#[test]
fn sentences_of_several_lines_are_one_line() {
    let claim = "[[claim]]\nsays = \"\"\"\nit learns\n\n  # something\"\"\"\nmetric = \"test_accuracy\"\nat_least = 0.1\n";
    let project = Project::new().with("a.toml", format!("{SMALL}{claim}"));
    project.succeed(&["run", "a.toml", "--quiet"]);
    let shown = project.succeed(&["claims", "a.toml"]).out;
    assert!(
        shown.contains("UNDECIDED  it learns # something\n"),
        "{shown}"
    );
}

#[test]
fn texts_are_one_line_and_what_a_terminal_obeys_is_escaped() {
    let claim = "[[claim]]\nsays = \"SAYS\"\nsource = \"SOURCE\"\nmetric = \"test_accuracy\"\nat_least = 0.1\n";
    let good = SMALL.replace("\"curves\"", "\"curves\"\ncaption = \"CAPTION\"");
    let good = format!("source = \"ORIGIN\"{good}{claim}");
    Project::new()
        .with("a.toml", &good)
        .succeed(&["check", "a.toml"]);
    let places = [
        ("A small network", "title"),
        ("ORIGIN", "source"),
        ("CAPTION", "figure.training.caption"),
        ("SAYS", "claim.0.says"),
        ("SOURCE", "claim.0.source"),
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
            let told = fault_of(bad);
            let expected =
                format!("`{key}` must be one line of text, and its character 2 is `{shown}`");
            assert!(told.contains(&expected), "{expected}\n{told}");
        }
    }
    let csv = SMALL.replace("\"strokes\"", "\"csv\"\nfile = \"a\\nb.csv\"");
    assert!(fault_of(csv).contains("`data.file` must be one line of text"));
    // Neither what is quoted nor a name reaches the terminal as it is.
    let told = fault_of("\"a\\u001b[31m\" = 1\n");
    assert!(told.contains("unknown key `a\\u{1b}[31m`"), "{told}");
    assert!(!told.contains('\u{1b}'), "{told}");
    let told = fault_of("x = 1 # \u{1b}[2J \u{202e}\n");
    assert!(told.contains("1 | x = 1 # \\u{1b}[2J \\u{202e}"), "{told}");
    assert!(!told.contains(['\u{1b}', '\u{202e}']), "{told}");
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

/// The end of a program that must not wait for anybody.
#[cfg(unix)]
fn fail_at_once(project: &Project, arguments: &[&str]) -> String {
    use std::process::Stdio;
    let mut command = project.command(arguments);
    let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
    let started = Instant::now();
    while child.try_wait().unwrap().is_none() {
        if started.elapsed() > Duration::from_secs(20) {
            child.kill().unwrap();
            panic!("{arguments:?} does not end");
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(2), "{arguments:?}");
    String::from_utf8(output.stderr).unwrap()
}

#[cfg(unix)]
#[test]
fn what_is_not_a_plain_file_is_refused_at_once() {
    let project = Project::new()
        .with("folder.toml/x", "")
        .with("f.toml", "base = \"pipe\"\n")
        .with("z.toml", "base = \"/dev/zero\"\n")
        .with("d.toml", "base = \"folder.toml\"\n")
        .with("l.toml", "base = \"link.toml\"\n")
        .with(
            "c.toml",
            "title = \"x\"\n[compare]\nexperiments = [\"link\", \"f\"]\n",
        );
    let made = std::process::Command::new("mkfifo")
        .arg(project.path("pipe"))
        .status();
    assert!(made.unwrap().success());
    std::os::unix::fs::symlink("/dev/zero", project.path("link.toml")).unwrap();
    for (spec, expected) in [
        (
            "f.toml",
            "f.toml:1:8: cannot read `pipe`: it is not a plain file",
        ),
        ("z.toml", "cannot read `/dev/zero`: it is not a plain file"),
        ("d.toml", "cannot read `folder.toml`: is a directory"),
        ("l.toml", "cannot read `link.toml`: it is not a plain file"),
        (
            "c.toml",
            "c.toml:3:15: cannot read `link.toml`: it is not a plain file",
        ),
        ("pipe", "it is not a plain file"),
        ("link.toml", "it is not a plain file"),
    ] {
        let shown = fail_at_once(&project, &["check", spec]);
        assert!(shown.contains(expected), "{spec}: {expected}\n{shown}");
    }
    let shown = fail_at_once(&project, &["check", "."]);
    assert!(shown.contains("cannot read `./link.toml`"), "{shown}");
}

#[cfg(unix)]
#[test]
fn no_line_of_a_file_that_is_no_spec_of_the_project_is_shown() {
    let secret = "user: alice\ntoken = hunter2\n";
    let valid = "token = \"hunter2\"\ntitle = 3\n";
    let outside = "is outside the folder of the project, `FOLDER/experiments`";
    let project = Project::new()
        .with("secret", secret)
        .with("x.toml", valid)
        .with("experiments/inside.toml", secret)
        .with("experiments/inside.env", valid)
        .with("experiments/deep/up.toml", "base = \"../../x.toml\"\n");
    let link = |to, name| std::os::unix::fs::symlink(to, project.path(name)).unwrap();
    link("../x.toml", "experiments/link.toml");
    link("..", "experiments/up");
    for (content, expected) in [
        ("base = \"../secret\"\n", outside),
        ("base = \"../x.toml\"\n", outside),
        ("base = \"link.toml\"\n", outside),
        ("base = \"up/x.toml\"\n", outside),
        ("base = \"deep/up.toml\"\n", outside),
        ("base = \"/proc/self/environ\"\n", outside),
        (
            "title = \"x\"\n[compare]\nexperiments = [\"../x\", \"s\"]\n",
            outside,
        ),
        ("base = \"inside.toml\"\n", "experiments/inside.toml:1:5: "),
        (
            "base = \"inside.env\"\n",
            "experiments/inside.env:1:1: unknown key `token`",
        ),
    ] {
        std::fs::write(project.path("experiments/s.toml"), content).unwrap();
        let shown = project.fail(2, &["check", "experiments/s.toml"]);
        assert!(shown.contains(expected), "{content}: {expected}\n{shown}");
        assert!(!shown.contains("hunter2"), "{content}\n{shown}");
    }
    let shown = project.fail(2, &["check", "experiments/link.toml"]);
    assert!(
        shown.contains(outside) && !shown.contains("hunter2"),
        "{shown}"
    );
}

#[test]
fn a_byte_that_is_no_text_has_its_place() {
    let mut spec = format!("{SMALL}# \u{e9}\nx = \"").into_bytes();
    let line = spec.split(|&byte| byte == b'\n').count();
    spec.extend(b"\xff\"\n");
    let shown = fault_of(&spec);
    let expected = format!("a.toml:{line}:6: byte 0xff is not UTF-8 text");
    assert!(shown.contains(&expected), "{shown}");
    let project = Project::new()
        .with("b.toml", spec)
        .with("a.toml", "base = \"b.toml\"\n");
    let shown = project.fail(2, &["check", "a.toml"]);
    assert!(
        shown.contains(&expected.replace("a.toml", "b.toml")),
        "{shown}"
    );
}

#[test]
fn a_comparison_is_laid_over_another_one() {
    let over = "base = \"../compared.toml\"\ntitle = \"Again\"\nseeds = 2\n";
    let other = "base = \"compared.toml\"\ntitle = \"The other way\"\n\
                 [compare]\nexperiments = [\"wide\", \"small\"]\n";
    let project = comparison()
        .with("experiments/x/over.toml", over)
        .with("experiments/other.toml", other)
        .with("experiments/x/pairs.toml", "base = \"../paired.toml\"\n")
        .with("experiments/twice.toml", "base = \"x/over.toml\"\n");
    project.succeed(&["run", "experiments/x/over.toml", "--quiet"]);
    let page = read(&project, "results/x/over.md");
    assert!(page.starts_with("# Again"), "{page}");
    assert!(page.contains("A small network; seeds 0 1"), "{page}");
    assert!(
        project
            .path("results/x/over/summary/figures/quality.png")
            .exists()
    );
    let check = |spec| project.succeed(&["check", spec]).out;
    assert!(check("experiments/other.toml").contains("ok (The other way)"));
    assert!(check("experiments/twice.toml").contains("ok (Again)"));
    assert!(check("experiments/x/pairs.toml").contains("ok (Settings)"));
    for (content, expected) in [
        (
            "base = \"small.toml\"\n[compare]\nexperiments = [\"small\", \"wide\"]\n",
            "`base` must be a spec of a comparison, as this one is, not of an experiment",
        ),
        (
            "title = \"x\"\n[sweep]\nbase = [\"small.toml\", \"compared.toml\"]\n",
            "`base` must be a spec of an experiment, not of a comparison",
        ),
        ("base = \"a.toml\"\n[compare]\n", "`base` leads in a circle"),
        (
            "base = \"compared.toml\"\n[train]\nepochs = 1\n",
            "unknown key `train`",
        ),
    ] {
        std::fs::write(project.path("experiments/a.toml"), content).unwrap();
        let ran = project.run(&["check", "experiments/a.toml"]);
        assert_eq!(ran.code, Some(2), "{content}");
        assert!(
            ran.err.contains(expected),
            "{content}: {expected}\n{}",
            ran.err
        );
    }
}
