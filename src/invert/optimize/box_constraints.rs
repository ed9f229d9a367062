//! The likeliest input whose pixels all lie inside the pixel range.
//!
//! Pixels at an end of the range are pinned there, and the others have the normal
//! distribution that is left when those are known; so each set of pins is the
//! problem without a range again. Pins are set where the solution leaves the range,
//! and drawn where it would rather go back (Hintermueller, Ito and Kunisch 2002),
//! all at once as long as that leaves fewer to change, and else one at a time, the
//! first of them (Murty 1974), which ends for single layers. Deeper networks have
//! several solutions for the same pins, among which that may go in a circle; then pins
//! are only set, and what comes out is inside the range, but has not converged.

use std::collections::HashSet;

use faer::prelude::Solve;
use faer::{Mat, Side};

use super::constraints::Conditions;
use super::sqp::{Found, Front, Problem, SLACK, Tail};
use crate::config::PixelRange;
use crate::invert::Solution;
use crate::invert::method::Seen;

/// How often pins are changed at most.
const MOST: usize = 1000;
/// How often they are changed all at once without fewer and fewer to change.
const PATIENCE: usize = 5;
/// What takes longer than this in a deep network is taken for a circle.
const LONG: usize = 100;
/// Roundings beyond the ends, as a share of the range.
const ROUNDING: f64 = 1e-9;

/// Where a pixel is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Pin {
    Low,
    High,
}

/// A solution under given pins.
struct Held {
    found: Found,
    image: Mat<f64>,
    /// Of the pins themselves.
    energy: f64,
    /// What pulls each pinned pixel upwards, in the order of the pins.
    pull: Vec<f64>,
}

/// None if no input inside the range meets the conditions, or none was found.
pub fn solve(
    seen: &Seen<'_>,
    conditions: &Conditions,
    range: PixelRange,
) -> Option<(Mat<f64>, Solution)> {
    let mut pins: Vec<Option<Pin>> = vec![None; seen.network.inputs()];
    let (mut fewest, mut patience, mut steps) = (usize::MAX, PATIENCE, 0);
    let (mut before, mut circles) = (HashSet::new(), false);
    let is_deep = seen.network.layers.len() > 1;
    for _ in 0..MOST {
        let mut held = hold(seen, conditions, range, &pins)?;
        steps += held.found.steps;
        let mut changes = changes(&held, &pins, range);
        circles |= is_deep && (!before.insert(pins.clone()) || before.len() > LONG);
        if circles {
            held.found.converged &= changes.is_empty();
            changes.retain(|(_, pin)| pin.is_some());
        }
        if changes.is_empty() {
            let (image, solution) = settled(&held, steps, range);
            // Hardly any pixel may be left that could have met them.
            let lacking = conditions.lacking(&seen.network.logits(image.as_ref()));
            let is_met = conditions.missing(&lacking) <= 2.0 * SLACK * conditions.size();
            return is_met.then_some((image, solution));
        }
        if changes.len() < fewest {
            (fewest, patience) = (changes.len(), PATIENCE);
        } else {
            patience = patience.saturating_sub(1);
        }
        let taken = if patience > 0 { changes.len() } else { 1 };
        for &(pixel, pin) in changes.iter().take(taken) {
            pins[pixel] = pin;
        }
    }
    None
}

fn settled(held: &Held, steps: usize, range: PixelRange) -> (Mat<f64>, Solution) {
    let Held { found, image, .. } = held;
    let image = Mat::from_fn(1, image.ncols(), |_, i| {
        image[(0, i)].clamp(range.low, range.high)
    });
    let solution = Solution {
        steps,
        objective: found.energy + held.energy,
        ..found.solution()
    };
    (image, solution)
}

/// The pins that should be other ones.
fn changes(held: &Held, pins: &[Option<Pin>], range: PixelRange) -> Vec<(usize, Option<Pin>)> {
    let slack = ROUNDING * (range.high - range.low);
    let most = held
        .pull
        .iter()
        .fold(0.0, |most: f64, pull| most.max(pull.abs()));
    let mut pulls = held.pull.iter();
    let mut changes = Vec::new();
    for (pixel, pin) in pins.iter().enumerate() {
        let x = held.image[(0, pixel)];
        match pin {
            None if x < range.low - slack => changes.push((pixel, Some(Pin::Low))),
            None if x > range.high + slack => changes.push((pixel, Some(Pin::High))),
            None => {}
            Some(pin) => {
                let pull = pulls.next().copied().unwrap_or_default();
                let back = match pin {
                    Pin::Low => -pull,
                    Pin::High => pull,
                };
                if back > ROUNDING * most {
                    changes.push((pixel, None));
                }
            }
        }
    }
    changes
}

/// The problem with some pixels known.
fn hold(
    seen: &Seen<'_>,
    conditions: &Conditions,
    range: PixelRange,
    pins: &[Option<Pin>],
) -> Option<Held> {
    let (mean, covariance) = (&seen.normal.mean, &seen.normal.covariance);
    let pinned: Vec<usize> = (0..pins.len()).filter(|&i| pins[i].is_some()).collect();
    let n = pinned.len();
    let end = |i: usize| match pins[i] {
        Some(Pin::High) => range.high,
        _ => range.low,
    };
    let off = Mat::from_fn(n, 1, |k, _| end(pinned[k]) - mean[(0, pinned[k])]);
    let own = Mat::from_fn(n, n, |k, l| covariance[(pinned[k], pinned[l])]);
    let own = own.llt(Side::Lower).ok()?;
    let held = own.solve(&off);
    // S_B W, and with it what the first layer makes of the rest.
    let spread = &seen.spread;
    let spread = Mat::from_fn(n, spread.ncols(), |k, j| spread[(pinned[k], j)]);
    let front = Front {
        mean: &seen.front.mean + held.transpose() * &spread,
        covariance: &seen.front.covariance - spread.transpose() * own.solve(&spread),
    };
    let problem = Problem {
        tail: Tail::of(seen.network),
        front: &front,
        conditions,
        pace: seen.pace,
    };
    let found = problem.solve()?;
    // x = mu + v W^T S + w S, w being 0 but for pinned pixels.
    let w = own.solve(&off - &spread * found.v.transpose());
    let across = Mat::from_fn(n, pins.len(), |k, i| covariance[(pinned[k], i)]);
    let image = mean + &found.v * seen.spread.transpose() + w.transpose() * &across;
    Some(Held {
        found,
        image,
        energy: (0..n).map(|k| off[(k, 0)] * held[(k, 0)]).sum::<f64>() / 2.0,
        pull: (0..n).map(|k| w[(k, 0)]).collect(),
    })
}

#[cfg(test)]
mod tests;
