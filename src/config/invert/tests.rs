use super::*;
use crate::config::tests::{GOOD, spec};
use crate::invert::{Decoder, Descent, Evolution, MapEstimate, Margin, Norm};

fn searching(lines: &str) -> Result<Method, String> {
    let text = GOOD.replace("method = \"empirical\"", lines);
    let spec = spec("a.toml", &text, &[]).map_err(|error| error.to_string())?;
    Ok(spec.inversions[0].settings[0].method)
}

#[test]
fn methods_that_search_have_defaults() {
    let descent = Descent {
        steps: 200,
        learning_rate: 0.05,
        total_variation: 0.0,
        l2: 10.0,
        restarts: 4,
    };
    let likeliest = MapEstimate {
        margin: Some(Margin::Medians(2.0)),
        shrinkage: 0.05,
        in_range: false,
        prior_only: false,
        prior: PriorOf::default(),
    };
    let gaussian = searching("method = \"gaussian\"\nmargin = { medians = 2 }");
    assert_eq!(gaussian, Ok(Method::Gaussian(likeliest)));
    let likeliest = MapEstimate {
        margin: None,
        in_range: true,
        prior_only: true,
        prior: PriorOf {
            components: Some(12),
            rows: Some(50),
        },
        ..likeliest
    };
    let mixture =
        "method = \"mixture\"\ncomponents = 12\nrows = 50\nin_range = true\nprior_only = true";
    assert_eq!(searching(mixture), Ok(Method::Mixture(likeliest)));
    for (lines, norm) in [("", Norm::L2), ("\nnorm = \"l1\"", Norm::L1)] {
        let bounded = searching(&format!("method = \"bounded\"{lines}"));
        assert_eq!(bounded, Ok(Method::Bounded { norm }));
    }
    let gradient = searching("method = \"gradient\"\nl2 = 10");
    assert_eq!(gradient, Ok(Method::Gradient(descent)));
    let evolution = Evolution {
        generations: 200,
        children: 200,
        mutation_rate: 0.1,
        halving: 1000,
        strength: 0.0,
    };
    let evolve = searching("method = \"evolve\"\nstrength = 0");
    assert_eq!(evolve, Ok(Method::Evolve(evolution)));
    let [hidden, epochs] = [100, 5];
    let decoder = |lines| searching(&format!("method = \"decoder\"{lines}"));
    let learnt = Decoder { hidden, epochs };
    assert_eq!(decoder(""), Ok(Method::Decoder(learnt)));
    let linear = Decoder { hidden: 0, epochs };
    assert_eq!(decoder("\nhidden = 0"), Ok(Method::Decoder(linear)));
}

#[test]
fn faults_of_methods_that_search() {
    let faults = [
        "method = \"exemplar\"\nrank = 0\nsteps = 10",
        "method = \"mixture\"\nmargin = -1\nshrinkage = 2\nrows = 1\nin_range = 3\nprior_only = 1",
        "method = \"mixture\"\ncomponents = 2\nshrinkage = 0",
        "method = \"gaussian\"\nshrinkage = 0\nin_range = true\nmargin = { medians = 0, x = 1 }",
        "method = \"gaussian\"\nfilter = { kind = \"middle\", percentile = 20 }\nshrinkag = 1",
        "method = \"layered\"\nlayer = \"ridge\"\nrank = 2",
        "method = \"layered\"\nlayer = \"truncated\"",
        "method = \"layered\"\nlayer = \"gaussian\"\nfilter = { kind = \"low_pass\", percentile = 9 }",
        "method = \"bounded\"\nnorm = \"l3\"\nsteps = 10",
        "method = \"gradient\"\nsteps = 0\nlearning_rate = 0.0\ntotal_variation = -1.0\nl2 = nan\nrestarts = 1001\nnorm = \"l2\"",
        "method = \"evolve\"\ngenerations = 0\nchildren = 10001\nmutation_rate = 1.5\nhalving = 0\nstrength = -1\nrestarts = 2",
        "method = \"decoder\"\nhidden = [100]\nepochs = 0\nrank = 1",
    ];
    let told = faults.map(|lines| searching(lines).unwrap_err());
    insta::assert_snapshot!(told.join("\n"));
}
