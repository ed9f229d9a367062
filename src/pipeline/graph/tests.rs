use std::collections::BTreeSet;
use std::path::PathBuf;

use serde_json::json;

use super::*;
use crate::config::{self, Spec};
use crate::pipeline::libraries::digest;
use crate::store::StageKey;

const SPEC: &str = include_str!("../../../tests/suite/small.toml");

fn spec(text: &str, sets: &[String]) -> Spec {
    let study = config::StudySpec::parse("small.toml", text, sets);
    study.unwrap().members.remove(0).spec
}

fn experiment(text: &str, sets: &[&str]) -> Experiment {
    let sets: Vec<String> = sets.iter().map(|set| (*set).to_owned()).collect();
    Experiment {
        name: "small".to_owned(),
        folder: PathBuf::new(),
        path: PathBuf::new(),
        spec: spec(text, &sets),
        at: Vec::new(),
        overrides: Vec::new(),
        planned: vec![0],
    }
}

fn source(identity: &str) -> Source {
    Source {
        identity: json!(identity),
        fallback: None,
        absent: false,
        files: Vec::new(),
    }
}

fn graph(text: &str, sets: &[&str]) -> Graph {
    Graph::new(
        &experiment(text, sets),
        0,
        &source("strokes"),
        DeviceKind::Flex,
    )
}

/// The labels of the stages that have another key.
fn changed(a: &Graph, b: &Graph) -> Vec<String> {
    let pairs = a.stages().zip(b.stages()).filter(|(a, b)| a.key != b.key);
    pairs.map(|(a, _)| a.label()).collect()
}

const ALL: [&str; 10] = [
    "data",
    "train",
    "judge",
    "invert empirical",
    "measure empirical",
    "invert analytical",
    "measure analytical",
    "figure inverses",
    "figure each",
    "figure training",
];

/// All that depends on the network: the judges see only the data file.
fn of_network() -> Vec<&'static str> {
    let judge = |stage: &&str| *stage != "judge";
    ALL[1..].iter().copied().filter(judge).collect()
}

/// Every value of a spec changes the stages that depend on it, and no other.
#[test]
fn every_key_changes_what_depends_on_it() {
    let each = ["figure each"];
    let empirical = ["invert empirical", "measure empirical", "figure inverses"];
    let analytical = [
        "invert analytical",
        "measure analytical",
        "figure inverses",
        "figure each",
    ];
    let inversions = &ALL[3..9];
    let network = &of_network()[..];
    // Judges know every class of the file, as grey levels. Strokes are drawn as needed.
    let rows = &[&ALL[..1], network].concat()[..];
    let cases: [(&str, &[&str]); 29] = [
        ("data.classes=[2, 1, 0]", rows),
        ("data.per_class=5", &ALL),
        ("data.range=[0.0, 1.0]", rows),
        ("model.hidden=[9]", network),
        ("model.activation=\"tanh\"", network),
        ("model.slope=0.1", network),
        ("model.init=\"he_normal\"", network),
        ("model.bias_init=\"glorot_uniform\"", network),
        ("model.bias=false", network),
        ("train.optimizer=\"sgd\"", network),
        ("train.epsilon=1e-7", network),
        ("train.learning_rate=0.02", network),
        ("train.l2=0.1", network),
        ("train.batch_size=17", network),
        ("train.epochs=4", network),
        ("target.logits.on=9.0", inversions),
        ("target.logits.off=-9.0", inversions),
        ("invert.empirical.pixels=9", &empirical),
        ("invert.empirical.score=\"signed_sum\"", &empirical),
        ("invert.analytical.bias=\"ignore\"", &analytical),
        (
            "invert.analytical.filter={kind=\"middle\", percentile=20.0}",
            &analytical,
        ),
        (
            "metrics=[\"l1_distance\", \"legibility_knn\"]",
            &["measure empirical", "measure analytical"],
        ),
        ("figure.each.scale=\"row\"", &each),
        ("figure.each.caption=\"new\"", &each),
        ("figure.each.rows=[\"empirical\"]", &each),
        ("title=\"Another\"", &ALL[7..]),
        ("source=\"A book\"", &[]),
        ("seeds=5", &[]),
        ("verify.train_loss.absolute=0.1", &[]),
    ];
    let before = graph(SPEC, &[]);
    assert_eq!(before.stages().map(Stage::label).collect::<Vec<_>>(), ALL);
    for (set, expected) in cases {
        // Activations that are not onto have no layered inverse.
        let text = if set.contains("tanh") {
            SPEC.replace("\"layered\"", "\"empirical\"\npixels = 7")
        } else {
            SPEC.to_owned()
        };
        let before = graph(&text, &[]);
        assert_eq!(changed(&before, &graph(&text, &[set])), expected, "{set}");
    }
    let logistic = SPEC
        .replace("softmax", "logistic")
        .replace("cross_entropy", "binary_cross_entropy");
    assert_eq!(changed(&before, &graph(&logistic, &[])), network);
    let squared = SPEC.replace("\"cross_entropy\"", "\"squared_error\"");
    assert_eq!(changed(&before, &graph(&squared, &[])), network);
    assert_eq!(
        changed(
            &graph(&squared, &[]),
            &graph(&squared, &["train.scale=0.5"])
        ),
        network
    );
    let momentum = ["train.optimizer=\"sgd\"", "train.momentum=0.9"];
    let sgd = graph(SPEC, &momentum[..1]);
    assert_eq!(changed(&sgd, &graph(SPEC, &momentum)), network);
}

/// Shuffled layers leave the training and the companions as they are, and change everything
/// that is done with the network then.
#[test]
fn shuffled_layers_follow_the_training() {
    let transfer = "metrics=[\"transfer\", \"legibility_knn\"]";
    let before = graph(SPEC, &[transfer]);
    assert_eq!(before, graph(SPEC, &[transfer, "model.randomise_last=0"]));
    let after = graph(SPEC, &[transfer, "model.randomise_last=1"]);
    let known: BTreeSet<&StageKey> = before.stages().map(|stage| &stage.key).collect();
    let kept = after.stages().filter(|stage| known.contains(&stage.key));
    let companions = [1000, 1001, 1002].map(|seed| format!("train companion {seed}"));
    let expected = [
        &["data", "train"],
        &companions.each_ref().map(String::as_str)[..],
        &["judge"],
    ];
    assert_eq!(
        kept.map(Stage::label).collect::<Vec<_>>(),
        expected.concat()
    );
}

#[test]
fn seed_device_samples_and_names_count_where_they_matter() {
    let small = experiment(SPEC, &[]);
    let of = |experiment: &Experiment, seed, identity, device| {
        Graph::new(experiment, seed, &source(identity), device)
    };
    let before = of(&small, 0, "strokes", DeviceKind::Flex);
    assert_eq!(
        changed(&before, &of(&small, 1, "strokes", DeviceKind::Flex)),
        of_network()
    );
    assert_eq!(
        changed(&before, &of(&small, 0, "strokes", DeviceKind::Ndarray)),
        ALL[1..]
    );
    assert_eq!(
        changed(&before, &of(&small, 0, "mnist", DeviceKind::Flex)),
        ALL
    );
    let renamed = Experiment {
        name: "other".to_owned(),
        ..small.clone()
    };
    let figures = &ALL[7..];
    assert_eq!(
        changed(&before, &of(&renamed, 0, "strokes", DeviceKind::Flex)),
        figures
    );
    let overridden = Experiment {
        overrides: vec!["train.epochs=3".to_owned()],
        ..small
    };
    assert_eq!(
        changed(&before, &of(&overridden, 0, "strokes", DeviceKind::Flex)),
        figures
    );
}

/// The prior sees only the data, and only inversions that use it see the prior.
#[test]
fn a_prior_is_found_for_those_that_need_it() {
    let text =
        format!("{SPEC}\n[[invert]]\nname = \"likeliest\"\nmethod = \"gaussian\"\nmargin = 5\n");
    let graph = |sets: &[&str]| graph(&text, sets);
    let before = graph(&[]);
    let [(_, prior)] = &before.priors[..] else {
        panic!("one prior");
    };
    assert_eq!(prior.inputs, std::slice::from_ref(&before.data.key));
    let uses: Vec<&str> = before
        .inverses
        .iter()
        .filter(|stage| stage.inputs.contains(&prior.key))
        .map(|stage| stage.name.as_str())
        .collect();
    assert_eq!(uses, ["likeliest"]);
    for set in [
        "invert.likeliest.margin=6",
        "invert.likeliest.shrinkage=0.5",
        "invert.likeliest.margin={medians=1}",
    ] {
        let changed = changed(&before, &graph(&[set]));
        assert_eq!(changed, ["invert likeliest", "measure likeliest"], "{set}");
    }
}

/// Settings that need different priors need them all; what is needed twice is found
/// once.
#[test]
fn each_prior_is_found_once() {
    let text = format!(
        "{SPEC}\n[[invert]]\nname = \"a\"\nmethod = \"gaussian\"\nmargin = 5\n\
         [[invert]]\nname = \"b\"\nmethod = \"mixture\"\ncomponents = 2\nmargin = 5\n\
         [sweep.invert]\na.rows = [20, 30]\nb.shrinkage = [0.1, 0.2]\n"
    );
    let graph = graph(&text, &[]);
    let names: Vec<String> = graph.priors.iter().map(|(_, s)| s.label()).collect();
    let expected = [
        "prior first 20 rows",
        "prior first 30 rows",
        "prior mixture of 2",
    ];
    assert_eq!(names, expected);
    let inputs = |name: &str| {
        let stage = graph.inverses.iter().find(|stage| stage.name == name);
        stage.unwrap().inputs.len()
    };
    assert_eq!((inputs("a"), inputs("b"), inputs("empirical")), (3, 2, 1));
}

#[test]
fn without_anything_for_judges_to_see_there_are_none() {
    let blind = graph(SPEC, &["metrics=[\"l1_distance\"]"]);
    assert!(blind.judge.is_none());
    assert_eq!(blind.stages().count(), ALL.len() - 1);
}

#[test]
fn the_text_of_a_spec_does_not_count() {
    let text = SPEC
        .replace("epochs = 3", "# a comment\nepochs   =   3")
        .replace("batch_size = 16\n", "")
        .replace("[target]", "batch_size = 16\n[target]");
    assert_eq!(
        changed(&graph(SPEC, &[]), &graph(&text, &[])),
        Vec::<String>::new()
    );
    let said = graph(SPEC, &["train.epsilon=1e-8", "model.bias_init=\"zeros\""]);
    assert_eq!(
        changed(&graph(SPEC, &[]), &said),
        Vec::<String>::new(),
        "defaults"
    );
}

/// Versions are constants; what a change of one does is seen in the material.
#[test]
fn the_version_of_the_code_and_of_libraries_count() {
    let graph = graph(SPEC, &[]);
    for stage in graph.stages() {
        let version = stage.material["version"].as_u64();
        assert_eq!(version, Some(u64::from(stage.kind.declaration().version)));
        let mut next = stage.material.clone();
        next["version"] = json!(u64::from(stage.kind.declaration().version) + 1);
        assert_ne!(StageKey::of(&next), stage.key);
        let mut next = stage.material.clone();
        next["libraries"] = json!("others");
        assert_ne!(StageKey::of(&next), stage.key);
        let named = stage.kind.declaration().libraries.names;
        let all_found = named.iter().all(|name| digest(&[name]) != digest(&[]));
        assert!(all_found, "{named:?}");
    }
    let keys: BTreeSet<&StageKey> = graph.stages().map(|stage| &stage.key).collect();
    assert_eq!(keys.len(), ALL.len());
}
