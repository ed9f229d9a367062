//! Companions: networks of the same spec and of other seeds, which judge whether an inverse
//! convinces more than the network that it was found on.

use std::collections::BTreeSet;
use std::fs;

use backquery::arrays::{Array, Values, from_safetensors};
use backquery::model::{Activation, Network, Output, from_arrays};
use faer::{Mat, MatRef};

use crate::project::{Project, SMALL, judged};
use crate::store::made;

const PATH: &str = "experiments/small.toml";

fn project() -> Project {
    let metrics = "metrics = [\"target_probability\", \"transfer\"]";
    Project::new().with(PATH, format!("{metrics}\n{}", judged()))
}

fn arrays(project: &Project, seed: u64, file: &str) -> Vec<Array> {
    let path = project.path(&format!("results/small/seed-{seed}/{file}.safetensors"));
    from_safetensors(&fs::read(path).unwrap()).unwrap().0
}

fn network(project: &Project, seed: u64) -> Network {
    let parameters = from_arrays(&arrays(project, seed, "weights")).unwrap();
    let activation = Activation::LeakyRelu { slope: 0.01 };
    Network::new(&parameters, activation, Output::Softmax)
}

/// The values of a metric of the analytical inverses, by class.
fn published(project: &Project, seed: u64, metric: &str) -> Vec<f64> {
    let table = project.read(&format!("results/small/seed-{seed}/metrics.csv"));
    let rows = table.lines().map(|line| line.split(',').collect());
    let rows = rows.filter(|row: &Vec<&str>| row[2] == "analytical" && row[6] == metric);
    rows.map(|row| row[7].parse().unwrap()).collect()
}

/// The mean probability that these networks give to each class for its analytical inverse.
fn mean_probabilities(project: &Project, seed: u64, networks: &[&Network]) -> Vec<f64> {
    let inverses = arrays(project, seed, "inverses");
    let inverse = inverses.iter().find(|array| array.name == "analytical");
    let Values::F64(values) = &inverse.unwrap().values else {
        panic!("inverses are f64");
    };
    let images: Mat<f64> = MatRef::from_row_major_slice(values, 3, 784).to_owned();
    let of = |class: usize| {
        let probability = |network: &&Network| {
            let logits = network.logits(images.as_ref());
            let all: f64 = logits.row(class).iter().map(|z| z.exp()).sum();
            logits[(class, class)].exp() / all
        };
        networks.iter().map(probability).sum::<f64>() / networks.len() as f64
    };
    (0..3).map(of).collect()
}

#[test]
fn transfer_is_what_three_networks_of_other_seeds_say() {
    let project = project();
    project.succeed(&["run", "small", "--seed", "0,1,1000", "--quiet"]);
    let trainings = |keys: Vec<String>| {
        let store = project.path("results/.store/train");
        let all: BTreeSet<String> = keys.into_iter().collect();
        all.iter().filter(|key| store.join(key).exists()).count()
    };
    // Three replicates, of which one is a companion of both others, and three more.
    assert_eq!(trainings(made(&project, "results")), 6);
    project.succeed(&["run", "small", "--seed", "1001,1002,1003", "--quiet"]);
    assert_eq!(trainings(made(&project, "results")), 6);

    let companions = [1000, 1001, 1002, 1003].map(|seed| network(&project, seed));
    let [first, second, third, fourth] = companions.each_ref();
    for (seed, networks) in [
        (0, [first, second, third]),
        (1, [first, second, third]),
        (1000, [second, third, fourth]),
    ] {
        let expected = mean_probabilities(&project, seed, &networks);
        let values = published(&project, seed, "transfer");
        assert_eq!(values.len(), 3);
        for (value, expected) in values.iter().zip(&expected) {
            assert!((value - expected).abs() < 1e-12, "{values:?} {expected:?}");
        }
        let own = published(&project, seed, "target_probability");
        let of_own = mean_probabilities(&project, seed, &[&network(&project, seed)]);
        assert!((own[0] - of_own[0]).abs() < 1e-12, "{own:?} {of_own:?}");
        assert_ne!(own, values);
    }
}

#[test]
fn companions_are_named_in_plans_and_logs() {
    let project = project();
    let plan = project.run(&["plan", "small"]).out;
    for seed in 1000..1003 {
        let name = format!("train companion {seed}");
        assert!(plan.contains(&name), "{plan}");
    }
    let ran = project.succeed(&["run", "small"]);
    let line = "small, seed 0: companion 1002: epoch 3/3: running loss";
    assert!(ran.err.contains(line), "{}", ran.err);
    let log = project.read("results/small/seed-0.log");
    assert!(
        log.contains("] train companion 1002: computed, key"),
        "{log}"
    );
    assert!(
        log.contains("] companion 1002: epoch 3/3: running loss"),
        "{log}"
    );
}

/// Nobody who does not ask for them trains them.
#[test]
fn without_a_metric_that_needs_them_there_are_no_companions() {
    let project = Project::new().with(PATH, SMALL);
    let plan = project.run(&["plan", "small"]).out;
    assert!(!plan.contains("companion"), "{plan}");
}
