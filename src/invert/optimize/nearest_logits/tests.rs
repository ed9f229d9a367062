use super::dual::{DECAY, GRADIENT_TOLERANCE, RHO};
use super::*;
use crate::rng::{Stream, stream};
use proptest::prelude::*;

const BOTH: [Norm; 2] = [Norm::L1, Norm::L2];

fn solve(weight: &Mat<f64>, target: &[f64], range: (f64, f64), norm: Norm) -> NearestInput {
    let bounds = vec![range; weight.nrows()];
    let problem = NearestLogits {
        weight,
        target,
        bounds: &bounds,
        norm,
    };
    problem.solve()
}

fn close(found: &[f64], expected: &[f64]) {
    assert_eq!(found.len(), expected.len());
    let near = found
        .iter()
        .zip(expected)
        .all(|(a, b)| (a - b).abs() < 1e-9);
    assert!(near, "{found:?}, expected {expected:?}");
}

/// z = x1 + 2 x2. The shortest x with z = 2.5 is (0.5, 1); with z = 2.9 it would be
/// (0.58, 1.16), so x2 stays at 1 and x1 does the rest; and 3 is all there is. Pixels
/// that z does not look at are 0, or as near to it as may be.
#[test]
fn one_output_by_hand() {
    let weight = faer::mat![[1.0], [2.0], [0.0]];
    for norm in BOTH {
        for (target, expected, distance) in [
            (2.5, [0.5, 1.0, 0.0], 0.0),
            (2.9, [0.9, 1.0, 0.0], 0.0),
            (7.0, [1.0, 1.0, 0.0], 4.0),
            (-1.0, [0.0, 0.0, 0.0], 1.0),
        ] {
            let nearest = solve(&weight, &[target], (0.0, 1.0), norm);
            close(&nearest.x, &expected);
            close(&[nearest.distance], &[distance]);
            assert!(nearest.proven);
        }
        let nearest = solve(&weight, &[-7.5], (-2.0, -1.0), norm);
        close(&nearest.x, &[-2.0, -2.0, -1.0]);
    }
}

/// One pixel and two outputs z = (x, x) that should be 0 and 1: in l2 the middle is
/// nearest, in l1 everything between is as near, and 0 is shortest, but for the share
/// `RHO` of even residuals. Three outputs have a median.
#[test]
fn outputs_that_contradict_each_other_by_hand() {
    let weight = faer::mat![[1.0, 1.0]];
    let nearest = solve(&weight, &[0.0, 1.0], (-1.0, 1.0), Norm::L2);
    close(&nearest.x, &[0.5]);
    close(&[nearest.distance], &[0.5f64.sqrt()]);
    let nearest = solve(&weight, &[0.0, 1.0], (-1.0, 1.0), Norm::L1);
    // Least where rho (x - (1 - x)) + eps x is 0, with rho = RHO eps / (1 + 1).
    close(&nearest.x, &[RHO / 2.0 / (1.0 + RHO)]);
    close(&[nearest.distance], &[1.0]);
    let nearest = solve(&weight, &[0.9, 0.25], (-1.0, 1.0), Norm::L1);
    close(&nearest.x, &[0.25]);
    let weight = faer::mat![[1.0, 1.0, 1.0]];
    let nearest = solve(&weight, &[0.1, 0.75, 9.0], (-1.0, 1.0), Norm::L1);
    close(&nearest.x, &[0.75]);
    close(&[nearest.distance], &[8.9]);
}

/// Equal pixels share what one of them could do alone.
#[test]
fn equal_pixels_are_equal() {
    let weight = Mat::from_fn(4, 2, |i, k| if i == 3 { 0.0 } else { 1.0 + k as f64 });
    for norm in BOTH {
        let nearest = solve(&weight, &[0.6, 1.2], (-1.0, 1.0), norm);
        close(&nearest.x, &[0.2, 0.2, 0.2, 0.0]);
        assert!(nearest.proven);
    }
}

#[test]
fn weights_of_zero_leave_every_pixel_at_its_shortest() {
    for norm in BOTH {
        let nearest = solve(&Mat::zeros(3, 2), &[1.0, -2.0], (0.25, 1.0), norm);
        close(&nearest.x, &[0.25; 3]);
        assert!(nearest.proven);
        let nearest = solve(&Mat::full(3, 2, f64::NAN), &[1.0, -2.0], (0.25, 1.0), norm);
        assert!(!nearest.proven);
    }
}

/// `SciPy` 1.16: `lsq_linear(W.T, t, (0, 1), method="bvls")`, and for l1 `linprog` over x
/// and the two sides of t - x W.
#[test]
fn distances_are_those_of_scipy() {
    let weight = faer::mat![
        [1.0, -2.0, 0.5],
        [0.5, 1.0, -1.0],
        [-1.5, 0.5, 2.0],
        [2.0, 1.0, 1.0],
        [0.25, -0.75, 1.5]
    ];
    for (target, l1, l2) in [
        ([4.0, -4.0, -4.0], 9.0, 5.244_044_240_850_758),
        ([-1.0, 1.5, 4.0], 2.0, 1.293_948_526_350_496_2),
        ([3.0, 2.0, 1.5], 1.0, 0.711_149_734_552_526_1),
        (
            [0.0, 2.0, 0.5],
            0.454_545_454_545_454_7,
            0.401_609_664_451_249_35,
        ),
        ([1.0, 0.5, 0.25], 0.0, 0.0),
    ] {
        for (norm, distance) in [(Norm::L1, l1), (Norm::L2, l2)] {
            let nearest = solve(&weight, &target, (0.0, 1.0), norm);
            close(&[nearest.distance], &[distance]);
            assert!(nearest.proven);
        }
    }
    let nearest = solve(&weight, &[0.0, 2.0, 0.5], (0.0, 1.0), Norm::L1);
    close(&nearest.x, &[0.0, 1.0, 7.0 / 11.0, 2.5 / 11.0, 0.0]);
}

/// Normal weights of all kinds: some pixels without any, some alike, whole numbers.
fn weights(inputs: usize, outputs: usize, kind: usize, seed: u64) -> Mat<f64> {
    let mut draws = stream(seed, "weights");
    let drawn = Mat::from_fn(inputs, outputs, |_, _| draws.normal());
    Mat::from_fn(inputs, outputs, |i, k| match kind {
        1 if i % 3 == 0 => 0.0,
        2 if i % 2 == 0 => drawn[(0, k)],
        3 => drawn[(i, k)].round(),
        _ => drawn[(i, k)],
    })
}

fn targets(outputs: usize, size: f64, seed: u64) -> Vec<f64> {
    let mut draws = stream(seed, "target");
    (0..outputs).map(|_| size * draws.normal()).collect()
}

const RANGES: [(f64, f64); 3] = [(-1.0, 1.0), (0.0, 1.0), (-2.0, -0.5)];

/// A problem of its own.
#[derive(Debug)]
struct DrawnProblem {
    weight: Mat<f64>,
    target: Vec<f64>,
    bounds: Vec<(f64, f64)>,
}

impl DrawnProblem {
    fn problem(&self, norm: Norm) -> NearestLogits<'_> {
        NearestLogits {
            weight: &self.weight,
            target: &self.target,
            bounds: &self.bounds,
            norm,
        }
    }
}

fn drawn() -> impl Strategy<Value = (u64, DrawnProblem)> {
    let sizes = (1usize..12, 1usize..6, 0usize..4);
    let draw = |(seed, (inputs, outputs, kind), exponent, range): (u64, _, f64, usize)| {
        let size = 10f64.powf(exponent);
        let drawn = DrawnProblem {
            weight: weights(inputs, outputs, kind, seed),
            target: targets(outputs, size, seed),
            bounds: vec![RANGES[range]; inputs],
        };
        (seed, drawn)
    };
    (0u64..1000, sizes, -1.0..3.5f64, 0usize..3).prop_map(draw)
}

/// With an eps that has fallen so often.
fn fallen<'a>(problem: &'a NearestLogits<'a>, falls: i32) -> Dual<'a> {
    let mut dual = Dual::new(problem);
    dual.epsilon *= DECAY.powi(falls);
    dual
}

/// Objective f + eps/2 ||x||^2, in l1 plus rho/2 ||r||^2.
fn objective(dual: &Dual<'_>, x: &[f64]) -> f64 {
    let residual = dual.problem.residual(x);
    let square = dot(&residual, &residual);
    let distance = match dual.problem.norm {
        Norm::L1 => Norm::L1.of(&residual) + square / dual.stiffness() / 2.0,
        Norm::L2 => square / 2.0,
    };
    distance + dual.epsilon / 2.0 * dot(x, x)
}

/// Inputs anywhere, and some nearby.
fn others(problem: &NearestLogits<'_>, x: &[f64], draws: &mut Stream) -> Vec<Vec<f64>> {
    let mut other = |reach: f64| {
        let moved: Vec<f64> = x.iter().map(|x| x + reach * draws.normal()).collect();
        problem.clip(&moved)
    };
    let reaches = [1.0, 1e-3, 1e-6].into_iter().cycle();
    reaches.take(90).map(&mut other).collect()
}

/// A step of the pixels within their bounds that changes no logit, and how large its
/// rounding may be.
fn unseen(problem: &NearestLogits<'_>, x: &[f64], draws: &mut Stream) -> (Vec<f64>, f64) {
    let is_within = |&i: &usize| x[i] > problem.bounds[i].0 && x[i] < problem.bounds[i].1;
    let within: Vec<usize> = (0..x.len()).filter(is_within).collect();
    let weight = |i: usize, k: usize| problem.weight[(within[i], k)];
    let part = Mat::from_fn(within.len(), problem.target.len(), weight);
    let inverse = pseudo_inverse(&part);
    let free = Mat::from_fn(1, within.len(), |_, _| draws.normal());
    let unseen = &free - &(&free * &part) * &inverse;
    let mut step = vec![0.0; x.len()];
    for (place, &i) in within.iter().enumerate() {
        step[i] = unseen[(0, place)];
    }
    let condition = 1.0 + part.norm_l2() * inverse.norm_l2();
    (step, 1e-15 * condition * free.norm_l2())
}

fn pseudo_inverse(matrix: &Mat<f64>) -> Mat<f64> {
    let (rows, columns) = (matrix.nrows(), matrix.ncols());
    if rows == 0 {
        return Mat::zeros(columns, 0);
    }
    matrix.thin_svd().unwrap().pseudoinverse()
}

proptest! {
    /// For each eps on the way, the objective of x + d is above that of x by `eps/2 ||d||^2`
    /// at least, as of every strictly convex one, up to what the dual's slope may still
    /// be: x is least for a target that is so far off.
    #[test]
    fn no_other_input_has_a_lower_objective((seed, drawn) in drawn(), falls in 0..=DECAYS) {
        let mut draws = stream(seed, "others");
        for norm in BOTH {
            let problem = drawn.problem(norm);
            let x = Dual::new(&problem).maximum(falls).x;
            let dual = fallen(&problem, falls);
            let own = objective(&dual, &x);
            let off = 2.0 * GRADIENT_TOLERANCE * problem.scale() * problem.target.len() as f64;
            let slack = match norm {
                Norm::L1 => off,
                Norm::L2 => off * problem.scale(),
            };
            for other in others(&problem, &x, &mut draws) {
                let step: Vec<f64> = other.iter().zip(&x).map(|(a, b)| a - b).collect();
                let least = own + dual.epsilon / 2.0 * dot(&step, &step);
                prop_assert!(objective(&dual, &other) >= least - slack, "{norm:?}");
            }
        }
    }

    /// And in the end it is proven that no input is nearer; and of those as near x is the
    /// shortest, so that it has nothing of the steps that change no logit.
    #[test]
    fn the_ideal_input_is_proven_and_the_shortest((seed, drawn) in drawn()) {
        let mut draws = stream(seed, "steps");
        for norm in BOTH {
            let problem = drawn.problem(norm);
            let nearest = problem.solve();
            prop_assert!(nearest.proven, "{norm:?} {}", nearest.gap);
            let length = Norm::L2.of(&nearest.x);
            for _ in 0..10 {
                let (step, rounding) = unseen(&problem, &nearest.x, &mut draws);
                let along = dot(&nearest.x, &step);
                prop_assert!(along.abs() <= rounding * length, "{norm:?} {along} {}", rounding * length);
            }
        }
    }

    /// Where the pseudo-inverse's answer is in range, it is the nearest input.
    #[test]
    fn within_the_range_it_is_the_pseudo_inverses_answer(
        seed in 0u64..1000, inputs in 6usize..50, outputs in 1usize..6, kind in 0usize..4,
    ) {
        let weight = weights(inputs, outputs, kind, seed);
        let inverse = pseudo_inverse(&weight);
        // An answer that there is: weights alike give fewer logits than outputs.
        let wished = Mat::from_fn(1, outputs, |_, k| targets(outputs, 1.0, seed)[k]);
        let met = &wished * &inverse * &weight;
        let shortest = &met * &inverse;
        let largest = (0..inputs).map(|i| shortest[(0, i)].abs()).fold(1e-3, f64::max);
        let target: Vec<f64> = (0..outputs).map(|k| met[(0, k)] / (1.01 * largest)).collect();
        for norm in BOTH {
            let nearest = solve(&weight, &target, (-1.0, 1.0), norm);
            prop_assert!(nearest.proven, "{norm:?} {}", nearest.distance);
            // By so much eps shortens an answer of l2, at most; and the target is off by
            // so much.
            let bounds = vec![(-1.0, 1.0); inputs];
            let problem = NearestLogits { weight: &weight, target: &target, bounds: &bounds, norm };
            let (undone, wanted) = (inverse.norm_l2(), shortest.norm_l2() / (1.01 * largest));
            let short = fallen(&problem, DECAYS).epsilon * undone * undone * wanted;
            let slack = short + 2.0 * GRADIENT_TOLERANCE * problem.scale() * undone;
            for i in 0..inputs {
                let off = nearest.x[i] - shortest[(0, i)] / (1.01 * largest);
                prop_assert!(off.abs() <= slack, "{norm:?} {off} {slack}");
            }
        }
    }

    /// The size of MNIST, up to the 47 classes of its larger relative, and targets as
    /// far off as those of the paper's code.
    #[test]
    fn large_problems_are_proven(seed in 0u64..12, size in 0usize..4, kind in 0usize..4) {
        let (outputs, size) = ([5, 10, 47][seed as usize % 3], [0.1, 1.0, 10.0, 3000.0][size]);
        let weight = weights(784, outputs, kind, seed);
        let target: Vec<f64> = (0..outputs).map(|k| if k == 0 { size } else { -size }).collect();
        for norm in BOTH {
            let nearest = solve(&weight, &target, (0.0, 1.0), norm);
            prop_assert!(nearest.proven, "{} {}", nearest.distance, norm.of(&target));
        }
    }
}
