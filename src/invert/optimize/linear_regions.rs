//! The likeliest values, exactly, where activations have kinks.
//!
//! Between its kinks a network is linear: on which side of its own each hidden unit
//! lies picks a piece, in which the programme of [`super::sqp`] is convex and
//! has one solution. Where that lies on a kink, the pieces beyond it are tried, for
//! as long as one of them is better.

use faer::Mat;

use super::dual_qp::multipliers;
use super::sqp::{Found, Problem, Tail};
use crate::model::map;

/// How often another piece is gone to at most.
const MOST: usize = 200;
/// By what share of it E has to fall for another piece to be better.
const BETTER: f64 = 1e-9;
/// Multipliers below this share of the largest hold nothing.
const NOTHING: f64 = 1e-9;

/// On which side of its kink each unit of each layer lies; true for the right.
type Sides = Vec<Vec<bool>>;

/// The solution within one piece.
struct Optimum {
    v: Mat<f64>,
    energy: f64,
    /// The units (layer, place) whose kinks hold it back.
    holding: Vec<(usize, usize)>,
}

/// What a network makes of values h within one piece: `h slopes + offset`.
struct Affine {
    slopes: Mat<f64>,
    offset: Mat<f64>,
}

/// From values that meet the conditions to those that are likeliest in their piece
/// and in all pieces next to it; the same if nothing is better.
pub fn polish(problem: &Problem<'_>, mut found: Found) -> Found {
    let Problem {
        tail, front, pace, ..
    } = *problem;
    found.converged = false;
    let mut sides = sides(tail, &(&front.mean + &found.v * &front.covariance));
    let optimum = |sides: &Sides| {
        pace.step();
        optimum(problem, sides)
    };
    let Some(mut now) = optimum(&sides) else {
        return found;
    };
    for _ in 0..MOST {
        found.steps += 1;
        let least = now.energy * (1.0 - BETTER);
        let better = neighbours(&sides, &now.holding).find_map(|other| {
            let next = optimum(&other).filter(|next| next.energy < least)?;
            Some((other, next))
        });
        let Some((other, next)) = better else {
            found.converged = true;
            break;
        };
        (sides, now) = (other, next);
    }
    Found {
        v: now.v,
        energy: now.energy,
        ..found
    }
}

fn sides(tail: Tail<'_>, h: &Mat<f64>) -> Sides {
    let mut z = h.clone();
    let mut sides = Vec::new();
    for layer in tail.layers {
        sides.push(z.row(0).iter().map(|&z| z >= 0.0).collect());
        z = layer.apply(&map(&z, |z| tail.activation.apply(z)));
    }
    sides
}

/// Beyond all kinks that hold at once, and beyond each of them alone.
fn neighbours<'a>(
    sides: &'a Sides,
    holding: &'a [(usize, usize)],
) -> impl Iterator<Item = Sides> + 'a {
    let beyond = |units: &[(usize, usize)]| {
        let mut other = sides.clone();
        for &(layer, unit) in units {
            other[layer][unit] = !other[layer][unit];
        }
        other
    };
    let all = (holding.len() > 1).then(|| beyond(holding));
    let each = holding
        .iter()
        .map(move |unit| beyond(std::slice::from_ref(unit)));
    all.into_iter().chain(each)
}

/// None if the conditions do not hold anywhere in the piece.
fn optimum(problem: &Problem<'_>, sides: &Sides) -> Option<Optimum> {
    let Problem {
        tail,
        front,
        conditions,
        pace,
    } = *problem;
    let units = front.mean.ncols();
    let mut at = Affine {
        slopes: Mat::identity(units, units),
        offset: Mat::zeros(1, units),
    };
    // D z >= d, and each unit on its side of 0: rows >= bounds, of h.
    let (mut of_sides, mut whose) = (Vec::new(), Vec::new());
    for (index, (layer, sides)) in tail.layers.iter().zip(sides).enumerate() {
        for (unit, &right) in sides.iter().enumerate() {
            let sign = if right { 1.0 } else { -1.0 };
            let row: Vec<f64> = at.slopes.col(unit).iter().map(|s| sign * s).collect();
            of_sides.push((row, -sign * at.offset[(0, unit)]));
            whose.push((index, unit));
        }
        let slope = |unit: usize| {
            tail.activation
                .slope(if sides[unit] { 1.0 } else { -1.0 }, 0.0)
        };
        let bent =
            |m: &Mat<f64>| Mat::from_fn(m.nrows(), m.ncols(), |i, unit| m[(i, unit)] * slope(unit));
        at = Affine {
            slopes: bent(&at.slopes) * &layer.weight,
            offset: layer.apply(&bent(&at.offset)),
        };
    }
    let own = &conditions.matrix * at.slopes.transpose();
    let lacking = conditions.lacking(&at.offset);
    let (first, all) = (lacking.len(), lacking.len() + of_sides.len());
    let rows = Mat::from_fn(all, units, |c, k| match c.checked_sub(first) {
        None => own[(c, k)],
        Some(side) => of_sides[side].0[k],
    });
    let bounds = lacking
        .iter()
        .chain(of_sides.iter().map(|(_, bound)| bound));
    let usual = &rows * front.mean.transpose();
    let r: Vec<f64> = bounds
        .enumerate()
        .map(|(c, bound)| bound - usual[(c, 0)])
        .collect();
    let g = &rows * &front.covariance * rows.transpose();
    let l = multipliers(&g, &r, conditions.equations(), pace)?;
    let most = l.iter().fold(0.0, |most: f64, l| most.max(l.abs()));
    let holds = |c: &usize| l[*c] > NOTHING * most;
    let v = Mat::from_fn(1, all, |_, c| l[c]) * &rows;
    Some(Optimum {
        energy: (&v * &front.covariance * v.transpose())[(0, 0)] / 2.0,
        v,
        holding: (first..all)
            .filter(holds)
            .map(|c| whose[c - first])
            .collect(),
    })
}
