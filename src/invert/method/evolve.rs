//! Gradient-free evolution: images are mutated at random and selected by the output of the
//! network alone (Nguyen, Yosinski and Clune 2015, *Deep neural networks are easily fooled*,
//! the direct encoding).
//!
//! The archive keeps the best image of each class (MAP-Elites). It starts with one image
//! of uniform noise per class. In each generation every child is a mutant of a random
//! member of the archive, and replaces the best image of every class that it beats. A pixel
//! mutates with a probability that is halved from time to time, by polynomial mutation (Deb
//! and Agrawal 1999).
//!
//! The objective is the cross-entropy `-ln p` of the class: it orders images as the
//! probability p does, and does not round to 0 where p is almost 1. Linear outputs count as
//! softmax.

use faer::Mat;
use serde::Serialize;

use crate::config::PixelRange;
use crate::invert::{Inverted, Solution};
use crate::model::Network;
use crate::pace::Pace;
use crate::rng::{Stream, stream};

/// Settings of the method `evolve`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Evolution {
    /// Number of generations.
    pub generations: usize,
    /// Number of children per generation.
    pub children: usize,
    /// Probability that a pixel mutates, at first.
    pub mutation_rate: f64,
    /// Number of generations after which the probability is halved.
    pub halving: usize,
    /// Index of the polynomial mutation; the higher, the smaller mutations are.
    pub strength: f64,
}

impl Default for Evolution {
    /// Settings of Nguyen et al., and generations after which they report a median
    /// confidence of 99.99 % on MNIST. The number of children is ours.
    fn default() -> Self {
        Self {
            generations: 200,
            children: 200,
            mutation_rate: 0.1,
            halving: 1000,
            strength: 15.0,
        }
    }
}

/// Cross-entropy of a probability of 99.99 %, which Nguyen et al. ask for.
const CONVERGED: f64 = 1e-4;
/// Maximum number of children that are evaluated at a time, which bounds memory.
const MAX_BLOCK: usize = 256;

/// Evolution of the images of one network.
#[derive(Clone, Copy)]
pub struct Evolve<'a> {
    pub network: &'a Network,
    pub range: PixelRange,
    /// Seed of the stream `evolve`.
    pub seed: u64,
    pub evolution: Evolution,
    pub pace: Pace<'a>,
}

/// Best image of a class so far.
#[derive(Debug, Clone, PartialEq)]
struct Elite {
    /// Pixels as fractions of their range.
    pixels: Vec<f64>,
    objective: f64,
}

impl Evolve<'_> {
    /// Returns the best image of each output after all generations.
    ///
    /// # Shapes
    /// - images: outputs x inputs
    pub fn invert(&self) -> Inverted {
        let archive = self.archive();
        let PixelRange { low, high } = self.range;
        let pixel = |n: usize, i: usize| low + (high - low) * archive[n].pixels[i];
        let solutions = archive.iter().map(|elite| Solution {
            converged: elite.objective <= CONVERGED,
            steps: self.evolution.generations,
            objective: elite.objective,
            component: None,
        });
        Inverted {
            images: Mat::from_fn(archive.len(), self.network.inputs(), pixel),
            solutions: solutions.collect(),
        }
    }

    fn archive(&self) -> Vec<Elite> {
        let Evolution {
            generations,
            children,
            ..
        } = self.evolution;
        let mut draws = stream(self.seed, "evolve");
        let (inputs, classes) = (self.network.inputs(), self.network.outputs());
        let noise: Vec<Vec<f64>> = (0..classes)
            .map(|_| (0..inputs).map(|_| draws.uniform()).collect())
            .collect();
        let mut archive: Vec<Elite> = noise
            .iter()
            .map(|pixels| Elite {
                pixels: pixels.clone(),
                objective: f64::INFINITY,
            })
            .collect();
        self.select(noise, &mut archive);
        for generation in 0..generations {
            self.pace.at(generation, generations);
            let parents = archive.clone();
            let rate = self.evolution.rate(generation);
            for start in (0..children).step_by(MAX_BLOCK) {
                let block = MAX_BLOCK.min(children - start);
                let mutants = (0..block).map(|_| {
                    let parent = &parents[draws.below(classes as u64) as usize];
                    self.evolution.mutated(&parent.pixels, rate, &mut draws)
                });
                self.select(mutants.collect(), &mut archive);
            }
        }
        archive
    }

    /// Replaces the best image of every class that a candidate beats.
    fn select(&self, candidates: Vec<Vec<f64>>, archive: &mut [Elite]) {
        let PixelRange { low, high } = self.range;
        let x = Mat::from_fn(candidates.len(), self.network.inputs(), |n, i| {
            low + (high - low) * candidates[n][i]
        });
        let logits = self.network.logits(x.as_ref());
        for (z, pixels) in logits.row_iter().zip(candidates) {
            let z: Vec<f64> = z.iter().copied().collect();
            for (class, elite) in archive.iter_mut().enumerate() {
                let objective = self.network.output.cross_entropy(&z, class);
                if objective < elite.objective {
                    elite.objective = objective;
                    elite.pixels.clone_from(&pixels);
                }
            }
        }
    }
}

impl Evolution {
    /// Returns the probability that a pixel mutates in a generation, from 0.
    fn rate(&self, generation: usize) -> f64 {
        self.mutation_rate * 0.5f64.powf((generation / self.halving) as f64)
    }

    fn mutated(&self, pixels: &[f64], rate: f64, draws: &mut Stream) -> Vec<f64> {
        let mut mutant = pixels.to_vec();
        for pixel in &mut mutant {
            if draws.uniform() < rate {
                let moved = *pixel + polynomial(draws.uniform(), self.strength);
                *pixel = moved.clamp(0.0, 1.0);
            }
        }
        mutant
    }
}

/// Returns the change of a pixel by polynomial mutation, from -1 to 1, of a uniform u.
fn polynomial(u: f64, strength: f64) -> f64 {
    let exponent = 1.0 / (strength + 1.0);
    if u < 0.5 {
        (2.0 * u).powf(exponent) - 1.0
    } else {
        1.0 - (2.0 * (1.0 - u)).powf(exponent)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::invert::fixture::drawn_network;
    use crate::model::{Activation, Layer, Output};
    use proptest::prelude::*;

    const RANGE: PixelRange = PixelRange::SYMMETRIC;

    fn network(sizes: &[usize], output: Output, seed: u64) -> Network {
        drawn_network(sizes, Activation::Relu, output, seed)
    }

    fn evolve(network: &Network, generations: usize, seed: u64) -> Inverted {
        let evolution = Evolution {
            generations,
            children: 20,
            ..Evolution::default()
        };
        let evolve = Evolve {
            network,
            range: RANGE,
            seed,
            evolution,
            pace: Pace::SILENT,
        };
        evolve.invert()
    }

    #[test]
    fn mutations_by_hand() {
        // With strength 1: sqrt(1/4) - 1 and 1 - sqrt(1/4).
        assert_eq!([0.125, 0.875].map(|u| polynomial(u, 1.0)), [-0.5, 0.5]);
        assert_eq!([0.0, 0.5].map(|u| polynomial(u, 15.0)), [-1.0, 0.0]);
        // With strength 0 they are uniform.
        assert_eq!(
            [0.0, 0.25, 0.75].map(|u| polynomial(u, 0.0)),
            [-1.0, -0.5, 0.5]
        );
        let rates = [0, 999, 1000, 2500].map(|generation| Evolution::default().rate(generation));
        assert_eq!(rates, [0.1, 0.1, 0.05, 0.025]);
    }

    /// A tenth of the pixels mutates; nothing does with a rate of 0.
    #[test]
    fn as_many_pixels_mutate_as_the_rate_says() {
        let mut draws = stream(0, "pixels");
        let grey = vec![0.5; 100_000];
        let mutant = Evolution::default().mutated(&grey, 0.1, &mut draws);
        let changed = mutant.iter().filter(|&&x| x != 0.5).count();
        assert!((9_500..10_500).contains(&changed), "{changed}");
        assert_eq!(Evolution::default().mutated(&grey, 0.0, &mut draws), grey);
    }

    /// z = (x, -x): bright pixels are class 0, dark ones class 1.
    #[test]
    fn a_pixel_evolves_towards_the_end_of_the_range() {
        let network = Network {
            layers: vec![Layer {
                weight: faer::mat![[9.0, -9.0]],
                bias: None,
            }],
            activation: Activation::Identity,
            output: Output::Softmax,
        };
        let found = evolve(&network, 200, 0);
        assert!(
            found.images[(0, 0)] > 0.9 && found.images[(1, 0)] < -0.9,
            "{found:?}"
        );
        assert!(found.solutions.iter().all(|solution| solution.converged));
        let early = evolve(&network, 0, 0);
        assert!(early.solutions.iter().any(|solution| !solution.converged));
    }

    proptest! {
        /// More generations go on from where fewer end, and none is worse; pixels stay in
        /// range; the objective is that of the image.
        #[test]
        fn fitness_never_falls(seed in 0u64..1000, linear in any::<bool>()) {
            let output = if linear { Output::Logistic } else { Output::Softmax };
            let network = network(&[9, 6, 3], output, seed);
            let mut before = [f64::INFINITY; 3];
            for generations in [0, 1, 2, 5, 10] {
                let found = evolve(&network, generations, seed);
                let z = network.logits(found.images.as_ref());
                for (class, solution) in found.solutions.iter().enumerate() {
                    prop_assert!(solution.objective <= before[class]);
                    before[class] = solution.objective;
                    let row = found.images.row(class);
                    prop_assert!(row.iter().all(|x| (-1.0..=1.0).contains(x)));
                    let z: Vec<f64> = z.row(class).iter().copied().collect();
                    let own = output.cross_entropy(&z, class);
                    prop_assert!((own - solution.objective).abs() <= 1e-9 * (1.0 + own));
                    let p = output.class_probability(&z, class).unwrap();
                    prop_assert!((p - (-own).exp()).abs() < 1e-12);
                }
            }
        }

        #[test]
        fn the_same_seed_gives_the_same_bytes(seed in 0u64..1000) {
            let network = network(&[9, 3], Output::Softmax, seed);
            let found = evolve(&network, 3, seed);
            prop_assert_eq!(&evolve(&network, 3, seed), &found);
            prop_assert_ne!(evolve(&network, 3, seed + 1).images, found.images);
        }
    }
}
