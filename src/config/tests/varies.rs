//! What varies between replicates.

use super::*;

const HALF: &str = "data.resample={kind=\"subsample\", fraction=0.5}";

#[test]
fn what_varies_between_replicates_is_what_the_seed_draws() {
    let varies = |sets: &[&str]| parse(sets).unwrap().varies(None);
    let plain = "initial weights and order of rows";
    assert_eq!(varies(&[]), plain);
    let drawn = "initial weights, order and choice of rows";
    assert_eq!(varies(&["data.resample=bootstrap"]), drawn);
    assert_eq!(varies(&[HALF, "train.batch_size=29"]), drawn);
    assert_eq!(varies(&[HALF]), "initial weights and choice of rows");
    let untrained = ["train.epochs=0"];
    assert_eq!(varies(&untrained), "initial weights");
    // A batch of all rows has no order, nor has one of all drawn rows.
    assert_eq!(varies(&["train.batch_size=60"]), "initial weights");
    assert_eq!(varies(&["train.batch_size=59"]), plain);
    let full = ["data.resample=bootstrap", "train.batch_size=60"];
    assert_eq!(varies(&full), "initial weights and choice of rows");
    let all_rows = ["data.per_class=", "train.batch_size=60"];
    assert_eq!(varies(&all_rows), plain);
    assert_eq!(
        parse(&all_rows).unwrap().varies(Some(60)),
        "initial weights"
    );
    // A subsample of every row is no choice; one of some rows may be.
    let every = "data.resample={kind=\"subsample\", fraction=1.0}";
    assert_eq!(varies(&[every, "data.per_class="]), plain);
    assert_eq!(
        varies(&[every]),
        "initial weights, order and choice of rows"
    );
    // Weights, or biases alone, or neither.
    let zeros = ["model.init=zeros", "train.batch_size=60"];
    assert_eq!(varies(&zeros), "nothing");
    assert_eq!(varies(&zeros[..1]), "order of rows");
    let biases = [&zeros[..], &["model.bias_init=he_normal"]].concat();
    assert_eq!(varies(&biases), "initial biases");
    // Other draws of the seed.
    let labels = ["train.labels=shuffled", "data.resample=bootstrap"];
    assert_eq!(
        varies(&labels),
        "initial weights, order of rows, choice of rows and training labels"
    );
    assert_eq!(varies(&["train.labels.swap=[0, 1]"]), plain);
    let searches = "initial weights, order of rows and random inversions";
    assert_eq!(varies(&["invert.empirical.method=gradient"]), searches);
    let back = [
        "task=reconstruct",
        "target=",
        "invert.empirical.method=original",
    ];
    assert_eq!(
        varies(&back),
        "initial weights, order of rows and images to reconstruct"
    );
}
