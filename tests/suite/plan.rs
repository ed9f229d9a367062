//! A plan reports what a run then does, and why.

use std::collections::BTreeSet;
use std::fs;

use backquery::rng::{Stream, stream};
use serde_json::Value;

use crate::project::{Project, SMALL, files, is_log, judged};
use crate::store::made;

const SPEC: &str = "experiments/small.toml";

/// The keys that a plan would make, and whether it says that anything would run.
fn planned(project: &Project, sets: &[&str]) -> (BTreeSet<String>, bool) {
    let ran = project.run(&[&["plan", "--json"], sets].concat());
    let plan: Value = serde_json::from_str(&ran.out).unwrap();
    let stages = plan["stages"].as_array().unwrap();
    let to_run = stages.iter().filter(|stage| stage["state"] == "run");
    let reasons = |stage: &Value| stage["reasons"].as_array().unwrap().len();
    assert!(to_run.clone().all(|stage| reasons(stage) > 0), "{plan:#}");
    let keys = to_run.filter_map(|stage| stage["key"].as_str());
    assert_eq!(plan["to_run"] == 0, ran.code == Some(0));
    (keys.map(str::to_owned).collect(), ran.code == Some(1))
}

fn pick<'a>(draws: &mut Stream, from: &[&'a str]) -> &'a str {
    from[(draws.uniform() * from.len() as f64) as usize]
}

/// Random edits of specs and random damage to the store, over and over.
#[test]
fn what_is_planned_is_what_is_made() {
    let shared = SMALL.replace("A small", "Another");
    let project = Project::new()
        .with(SPEC, SMALL)
        .with("experiments/shared.toml", shared);
    let edits = [
        "train.epochs=2",
        "train.epochs=3",
        "train.learning_rate=0.02",
        "model.hidden=[6]",
        "model.slope=0.1",
        "data.range=[0.0, 1.0]",
        "data.per_class=[20, 20, 20]",
        "data.per_class=18",
        "invert.empirical.pixels=100",
        "invert.analytical.bias=\"ignore\"",
        "figure.each.caption=\"new\"",
        "title=\"Another title\"",
        "source=\"a book\"",
        "target.logits.on=5.0",
        "seeds=2",
        "seeds=[3]",
    ];
    let mut draws = stream(0, "edits");
    for round in 0..25 {
        let mut sets = Vec::new();
        for _ in 0..(draws.uniform() * 3.0) as usize {
            sets.extend(["--set", pick(&mut draws, &edits)]);
        }
        if draws.uniform() < 0.4 {
            let all = files(&project.path("results/.store"));
            let all: Vec<&str> = all.iter().map(String::as_str).collect();
            if !all.is_empty() {
                let path = project.path("results/.store").join(pick(&mut draws, &all));
                if draws.uniform() < 0.5 {
                    fs::remove_file(path).unwrap();
                } else {
                    fs::write(path, "something else").unwrap();
                }
            }
        }
        let before = made(&project, "results");
        let (planned, anything) = planned(&project, &sets);
        let replaced = |project: &Project| -> usize {
            let log =
                |name: &String| fs::read_to_string(project.path("results").join(name)).unwrap();
            let logs = files(&project.path("results"))
                .into_iter()
                .filter(|name| is_log(name));
            logs.map(|name| log(&name).matches("] done: ").count())
                .sum()
        };
        let results_before = replaced(&project);
        let twice = self::planned(&project, &sets);
        assert_eq!(
            (&planned, anything),
            (&twice.0, twice.1),
            "planning changes nothing"
        );
        project.succeed(&[&["reproduce", "--quiet"], &sets[..]].concat());
        let mut new = made(&project, "results");
        for key in &before {
            new.remove(new.iter().position(|other| other == key).unwrap());
        }
        let executed: BTreeSet<String> = new.iter().cloned().collect();
        assert_eq!(executed.len(), new.len(), "nothing is made twice");
        assert_eq!(planned, executed, "round {round}: {sets:?}");
        let replaced = replaced(&project) - results_before;
        assert_eq!(replaced > 0, anything, "round {round}: {sets:?}");
        assert!(!self::planned(&project, &sets).1, "round {round}: {sets:?}");
    }
}

#[test]
fn reasons_are_reported() {
    let project = Project::new().with(SPEC, judged());
    let plan = project.run(&["plan"]);
    assert_eq!(plan.code, Some(1));
    assert!(
        plan.out
            .contains("train                              new\n"),
        "{}",
        plan.out
    );
    assert!(
        plan.out.ends_with("12 of 12 stages would run\n"),
        "{}",
        plan.out
    );
    assert_eq!(
        files(&project.path("results")),
        Vec::<String>::new(),
        "a plan writes nothing"
    );

    project.succeed(&["run", SPEC]);
    assert_eq!(project.run(&["plan"]).code, Some(0));
    let message = |sets: &[&str]| project.run(&[&["plan"], sets].concat()).out;
    let edited = message(&[
        "--set",
        "train.epochs=5",
        "--set",
        "invert.empirical.pixels=9",
        "--set",
        "data.classes=[0, 2, 1]",
        "--set",
        "figure.inverses.scale=\"image\"",
    ]);
    for reason in [
        "`train.epochs` changed 3 -> 5",
        "`invert.empirical.pixels` changed 254 -> 9",
        "`data.classes` changed [0,1,2] -> [0,2,1]",
        "`figure.inverses.scale` changed \"row\" -> \"image\"",
        "its input data changed",
        "its input train changed",
        "its input invert empirical changed",
    ] {
        assert!(edited.contains(reason), "{reason}: {edited}");
    }
    let figure = project.path("results/small/seed-0/figures/each.png");
    fs::write(&figure, "x").unwrap();
    let altered = message(&[]);
    assert!(
        altered.contains("figures/each.png` is not up to date"),
        "{altered}"
    );
    fs::remove_file(&figure).unwrap();
    let missing = message(&[]);
    assert!(
        missing.contains("figures/each.png` is missing"),
        "{missing}"
    );
    assert!(missing.ends_with("1 of 12 stages would run\n"), "{missing}");

    let store = project.path("results/.store/train");
    let weights = files(&store)
        .into_iter()
        .find(|name| name.ends_with("weights.safetensors"));
    fs::write(store.join(weights.unwrap()), "x").unwrap();
    let damaged = message(&[]);
    assert!(
        damaged.contains("weights.safetensors` is modified"),
        "{damaged}"
    );
    fs::remove_dir_all(&store).unwrap();
    let gone = message(&[]);
    assert!(gone.contains("its output is not in the store"), "{gone}");
}

/// Strokes replace MNIST without files and mirror, this time and the next.
#[test]
fn a_stand_in_is_planned_and_made_once() {
    let spec = SMALL.replace("\"strokes\"", "\"mnist\"\nstand_in = \"strokes\"");
    let project = Project::new().with(SPEC, spec);
    let first = project.run(&["plan"]);
    assert!(
        first.out.contains("not there yet and would be downloaded"),
        "{}",
        first.out
    );
    project.succeed(&["run", SPEC, "--seed", "0,1"]);
    let before = made(&project, "results").len();
    let again = project.run(&["plan", "--seed", "0,1"]);
    assert_eq!(again.code, Some(0), "{}", again.out);
    let ran = project.succeed(&["run", SPEC, "--seed", "0,1"]);
    assert!(
        ran.err.contains("using the synthetic `strokes` digits"),
        "{}",
        ran.err
    );
    assert_eq!(made(&project, "results").len(), before);
}
