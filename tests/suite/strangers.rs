//! Strangers' text: markup, control characters, letters without a glyph and passwords in
//! specs, names of files, manifests and variables, in everything that is written or printed.

use std::fs;
use std::path::Path;

use crate::project::{Project, Ran, files, is_log};

/// Spec of a tiny network with a figure and a claim. `TEXT` marks free text.
const TINY: &str = "
title = 'TEXT'
source = 'TEXT'
[data]
source = 'parity'
bits = 6
[model]
hidden = [6]
activation = 'leaky_relu'
output = 'softmax'
[train]
loss = 'cross_entropy'
optimizer = 'sgd'
learning_rate = 0.1
batch_size = 8
epochs = 2
[target]
logits = { on = 3.0, off = -3.0 }
[[invert]]
name = 'emp'
method = 'empirical'
pixels = 3
[[figure]]
name = 'drawn'
kind = 'grid'
rows = ['emp']
caption = 'TEXT'
[[claim]]
says = 'TEXT'
source = 'TEXT'
metric = 'test_accuracy'
at_least = 0.0
threshold = { ours = 'TEXT' }
";

const COMPARED: &str = "
title = 'TEXT'
[compare]
experiments = ['a', 'b']
metrics = ['target_probability']
[[figure]]
name = 'bars'
kind = 'bars'
inversions = ['emp']
metrics = ['target_probability']
caption = 'TEXT'
[[pair]]
says = 'TEXT'
a = { experiment = 'a', inversion = 'emp', is = 'TEXT' }
b = { experiment = 'b', inversion = 'emp', is = 'TEXT' }
";

const MARKUP: &str = "</td><script>alert(1)</script> [click](javascript:alert(1)) \
                      ![x](http://a) | `c` **B** &lt;i&gt; # x";

/// Specs of two experiments and their comparison, with this text wherever any is allowed.
fn project(text: &str) -> Project {
    let with = |spec: &str| spec.replace("TEXT", text);
    Project::new()
        .with("experiments/a.toml", with(TINY))
        .with("experiments/b.toml", with(TINY).replace("[6]", "[4]"))
        .with("experiments/compared.toml", with(COMPARED))
}

fn written(project: &Project, ending: &str) -> Vec<(String, String)> {
    let names = files(&project.path("results"));
    let names = names.into_iter().filter(|name| name.ends_with(ending));
    let read = |name: String| {
        let text = fs::read_to_string(project.path("results").join(&name)).unwrap();
        (name, text)
    };
    names.map(read).collect()
}

#[test]
fn markup_is_shown_in_pages_and_figures_and_not_obeyed() {
    let project = project(MARKUP);
    let set = format!("source={MARKUP:?}");
    project.succeed(&["reproduce", "--quiet", "--seed", "0,1", "--set", &set]);
    let pages = written(&project, ".md");
    assert!(pages.len() >= 2, "{pages:?}");
    for (name, page) in pages {
        assert!(page.contains("&lt;script&gt;alert(1)"), "{name}: {page}");
        for live in [
            "<script",
            "</td",
            "](javascript",
            "](http",
            "`c`",
            "**B**",
            "&lt;i&gt;",
        ] {
            let place = page.find(live).filter(|&at| !page[..at].ends_with('\\'));
            assert_eq!(place, None, "{live} in {name}: {page}");
        }
        let rows = page.lines().filter(|line| line.starts_with('|'));
        let columns = |row: &str| row.replace("\\|", "").matches('|').count();
        let mut columns = rows.map(columns).collect::<Vec<_>>();
        columns.dedup();
        assert_eq!(columns.len(), 1, "{name}: {page}");
    }
    let drawings = written(&project, ".svg");
    assert!(drawings.len() >= 6, "{drawings:?}");
    for (name, svg) in drawings {
        let tree = roxmltree::Document::parse(&svg).unwrap();
        let texts = tree.descendants().filter(roxmltree::Node::is_text);
        let text: Vec<&str> = texts
            .filter_map(|node| node.text())
            .map(str::trim)
            .collect();
        assert!(
            text.concat().contains("<script>alert(1)</script>"),
            "{name}"
        );
        let is_script = |node: roxmltree::Node<'_, '_>| node.tag_name().name() == "script";
        assert!(!tree.descendants().any(is_script), "{name}");
        let png = fs::read(project.path("results").join(name.replace(".svg", ".png"))).unwrap();
        assert!(png.starts_with(b"\x89PNG"), "{name}");
    }
}

/// Characters that a terminal or a reader of a log may not be given.
fn is_control(c: char) -> bool {
    c != '\n' && c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

const FORGED: &str = "CONFIRMED  everything";

fn check_printed(what: &str, text: &str) {
    assert!(!text.contains(is_control), "{what}: {text:?}");
    let forged = text.lines().find(|line| line.starts_with(FORGED));
    assert_eq!(forged, None, "{what}: {text}");
}

fn check_ran(what: &str, ran: &Ran) {
    check_printed(what, &ran.out);
    check_printed(what, &ran.err);
}

#[test]
#[cfg(unix)]
fn control_characters_in_names_of_files_are_never_printed() {
    let name = format!("x\u{1b}[2J\n{FORGED}\u{202e}\u{9b}31m\u{7}\r");
    let (spec, folder) = (
        format!("experiments/{name}.toml"),
        format!("{name}/experiments"),
    );
    let text = TINY.replace("TEXT", "it learns");
    let project = Project::new()
        .with(&spec, &text)
        .with(&format!("{folder}/c.toml"), &text);
    let data = text
        .replace("'parity'", "'csv'")
        .replace("bits = 6", "file = 'NAME.csv'\nclasses = [0, 1]");
    let data = data.replace("'NAME.csv'", &format!("{:?}", "\u{1b}[31m\nx.csv"));
    let project = project.with("experiments/data.toml", data);
    for command in ["check", "run", "plan", "claims", "verify", "compare", "gc"] {
        for spec in [&spec, &folder, "experiments/data.toml", "experiments"] {
            let arguments = match command {
                "compare" => vec![command, spec, &name],
                _ => vec![command, spec],
            };
            let ran = project.run(&arguments);
            check_ran(command, &ran);
        }
    }
    let out = format!("{name}/out");
    check_ran(
        "out",
        &project.run(&["run", &format!("{folder}/c.toml"), "--out", &out]),
    );
    for wrong in ["--set", "--out", "--seed", "--device", "--data-dir"] {
        check_ran(wrong, &project.run(&["run", &spec, wrong, &name]));
    }
    check_ran("argument", &project.run(&["run", &format!("--{name}")]));
    check_ran("command", &project.run(&[&name]));
    for log in files(Path::new(&project.path("")))
        .iter()
        .filter(|name| is_log(name))
    {
        check_printed("log", &project.read(log));
    }
}

#[test]
fn control_characters_in_manifests_are_never_printed() {
    let project = project("it learns");
    project.succeed(&["reproduce", "--quiet"]);
    let path = project.path("results/b/seed-0/manifest.json");
    let manifest = fs::read_to_string(&path).unwrap();
    let text = format!("\\u001b[2J\\n{FORGED}\\u202e\\u009b");
    for (from, to) in [
        ("\"leaky_relu\"", format!("\"{text}\"")),
        ("\"activation\":", format!("\"activation{text}\":")),
        ("\"source\": \"parity\"", format!("\"source\": \"{text}\"")),
        ("\"device\": \"flex\"", format!("\"device\": \"{text}\"")),
    ] {
        assert!(manifest.contains(from), "{from}: {manifest}");
        fs::write(&path, manifest.replace(from, &to)).unwrap();
        for arguments in [
            &["compare", "a", "b"][..],
            &["compare", "a", "b", "--format", "csv"],
            &["claims", "experiments"],
            &["plan"],
            &["verify"],
        ] {
            check_ran(from, &project.run(arguments));
        }
        let ran = project.run(&["compare", "a", "b", "--format", "json"]);
        check_ran(from, &ran);
        if ran.code == Some(0) {
            serde_json::from_str::<serde_json::Value>(&ran.out).unwrap();
        }
    }
}

#[test]
fn letters_that_figures_cannot_draw_are_named() {
    let project = project("Zwei 漢字 ≥ é");
    let expected = "warning: experiments/a.toml: the title has letters that figures cannot draw: \
                    `漢` `字`; the SVG has them, the PNG shows boxes";
    let ran = project.succeed(&["check", "experiments"]);
    assert!(ran.err.contains(expected), "{}", ran.err);
    let line = "warning: experiments/a.toml: the caption of `drawn` has letters";
    assert!(ran.err.contains(line), "{}", ran.err);
    assert!(
        !ran.err.contains("claim"),
        "no figure shows claims: {}",
        ran.err
    );
    let ran = project.succeed(&["run", "--quiet", "experiments/a.toml"]);
    assert!(ran.err.contains(expected), "{}", ran.err);
    let svg = project.read("results/a/seed-0/figures/drawn.svg");
    assert!(svg.contains("漢字"), "{svg}");
    let plain = self::project("it learns: é ≥ α `x`").succeed(&["check", "experiments"]);
    assert_eq!(plain.err, "");
}

#[test]
fn passwords_of_mirrors_are_never_written() {
    let mirrors = [
        "http://user:hunter2@127.0.0.1:9/x",
        "http://hunter2@127.0.0.1:9",
        "http://127.0.0.1:9/x?token=hunter2#hunter2",
        "user:hunter2@127.0.0.1:9",
        "http://user:hunter2",
        "http://user:hun/hunter2@127.0.0.1:9",
    ];
    let spec = TINY.replace("TEXT", "it learns");
    let spec = spec.replace(
        "'parity'\nbits = 6",
        "'mnist'\nstand_in = 'strokes'\nclasses = [0, 1]\nper_class = 20",
    );
    let project = Project::new()
        .with("experiments/m.toml", spec)
        .variable("BACKQUERY_MIRRORS", mirrors.join(","));
    let folder = "https://user:hunter2@host/x?hunter2";
    let ran = project.succeed(&["run", "experiments/m.toml", "--data-dir", folder]);
    let fetch = project.run(&["data", "fetch", "mnist", "--data-dir", folder]);
    let list = project.run(&["data", "list", "--data-dir", folder]);
    let printed = [ran, fetch, list]
        .map(|ran| format!("{}{}", ran.out, ran.err))
        .concat();
    assert!(printed.contains("http://127.0.0.1:9/x"), "{printed}");
    assert!(!printed.contains("hunter2"), "{printed}");
    for name in files(&project.path("results")) {
        let bytes = fs::read(project.path("results").join(&name)).unwrap();
        let text = String::from_utf8_lossy(&bytes);
        assert!(!text.contains("hunter2"), "{name}: {text}");
    }
}
