//! Claims about numbers whose truth is known: how often are they judged wrongly?

use super::*;
use crate::rng::stream;

/// 2,000 claims about numbers whose true mean is known, of all forms: at the
/// worst place, just where they stop being true, at most 5 % are confirmed or
/// refuted wrongly. An interval misses the truth in 5 %, on either side in half of
/// them.
#[test]
fn simulated_claims_are_rarely_judged_wrongly() {
    const TRIALS: usize = 2000;
    let mut random = stream(5, "claims");
    for replicates in [3, 5, 10] {
        for (criterion, edge) in [
            (
                Criterion::Near {
                    value: 0.0,
                    within: Within::Distance(0.5),
                },
                0.5,
            ),
            (
                Criterion::Near {
                    value: 1.0,
                    within: Within::Factor(2.0),
                },
                2.0,
            ),
            (Criterion::AtLeast(2.0), 2.0),
            (Criterion::AtMost(-1.0), -1.0),
            (Criterion::Above(0.0), 0.0),
            (Criterion::Below(0.5), 0.5),
        ] {
            // True by a hair, and wrong by a hair.
            for side in [-1e-6, 1e-6] {
                let truth = edge + side;
                let is_true = match criterion {
                    Criterion::Near { .. } => truth <= edge,
                    Criterion::AtLeast(bound) | Criterion::Above(bound) => truth > bound,
                    Criterion::AtMost(bound) | Criterion::Below(bound) => truth < bound,
                };
                let wrong = if is_true {
                    Verdict::Refuted
                } else {
                    Verdict::Confirmed
                };
                let mut wrongly = 0;
                for _ in 0..TRIALS {
                    let values: Vec<(u64, Vec<Measurement>)> = (0..replicates)
                        .map(|seed| {
                            (
                                seed,
                                vec![measurement("e", "m", 0, truth + random.normal())],
                            )
                        })
                        .collect();
                    let claim = claim(vec![term(false, 0, "e")], Classes::Mean, criterion);
                    let verdict = judged(&claim, &[&in_memory(&values)]).verdict;
                    wrongly += usize::from(verdict == wrong);
                }
                let share = wrongly as f64 / TRIALS as f64;
                assert!(share <= 0.05, "{criterion:?}, n = {replicates}: {share}");
            }
        }
    }
}

/// With the truth well inside or outside and ten replicates nearly every claim
/// is decided, and rightly.
#[test]
fn simulated_claims_are_decided_where_the_data_tell() {
    let mut random = stream(6, "claims");
    let mut decided = 0;
    for trial in 0..2000 {
        let is_true = trial % 2 == 0;
        let truth = if is_true { 1.5 } else { -1.5 };
        let values: Vec<(u64, Vec<Measurement>)> = (0..10)
            .map(|seed| {
                (
                    seed,
                    vec![measurement("e", "m", 0, truth + random.normal())],
                )
            })
            .collect();
        let claim = claim(
            vec![term(false, 0, "e")],
            Classes::Mean,
            Criterion::Above(0.0),
        );
        let verdict = judged(&claim, &[&in_memory(&values)]).verdict;
        let right = if is_true {
            Verdict::Confirmed
        } else {
            Verdict::Refuted
        };
        decided += usize::from(verdict == right);
    }
    assert!(decided > 1900, "{decided} of 2000");
}
