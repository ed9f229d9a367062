//! Local search over linear regions: MAP estimates of networks with kinks.
//!
//! Between its kinks a network is linear. The side of its kink that each hidden unit is on
//! selects a region, in which the problem of [`super::sqp`] is a convex QP. If the solution
//! is on a kink, the regions beyond it are tried, as long as one of them is better.

use faer::Mat;

use super::dual_qp::multipliers;
use super::sqp::{Minimum, Sqp};
use super::upper_layers::UpperLayers;
use crate::model::map;

/// Maximum number of moves to another region.
const MAX_MOVES: usize = 200;
/// Fraction of E by which another region has to be better.
const MIN_GAIN: f64 = 1e-9;
/// Fraction of the largest multiplier below which a constraint is not active.
const MULTIPLIER_TOLERANCE: f64 = 1e-9;

/// Side of its kink for each unit of each layer; true for the right one.
type LinearRegion = Vec<Vec<bool>>;

/// Hidden unit.
#[derive(Clone, Copy)]
struct Unit {
    layer: usize,
    place: usize,
}

/// Solution within one region.
struct Optimum {
    v: Mat<f64>,
    objective: f64,
    /// Units whose kinks are active constraints.
    active: Vec<Unit>,
}

/// Logits `h jacobian + offset` of first-layer values h within one region.
struct Affine {
    jacobian: Mat<f64>,
    offset: Mat<f64>,
}

/// Half-space `row h >= bound` on one side of the kink of a unit.
struct HalfSpace {
    unit: Unit,
    row: Vec<f64>,
    bound: f64,
}

/// Returns the best solution of the region of a feasible start and, move by move, of its
/// neighbours; the start itself if its region has no solution.
pub fn local_search(sqp: &Sqp<'_>, mut start: Minimum) -> Minimum {
    start.converged = false;
    let h = &sqp.first_layer.mean + &start.v * &sqp.first_layer.covariance;
    let mut region = region_of(sqp.upper, &h);
    let optimum = |region: &LinearRegion| {
        sqp.pace.step();
        optimum(sqp, region)
    };
    let Some(mut best) = optimum(&region) else {
        return start;
    };
    for _ in 0..MAX_MOVES {
        start.steps += 1;
        let limit = best.objective * (1.0 - MIN_GAIN);
        let better = neighbours(&region, &best.active).find_map(|other| {
            let next = optimum(&other).filter(|next| next.objective < limit)?;
            Some((other, next))
        });
        let Some((other, next)) = better else {
            start.converged = true;
            break;
        };
        (region, best) = (other, next);
    }
    Minimum {
        v: best.v,
        objective: best.objective,
        ..start
    }
}

fn region_of(upper: UpperLayers<'_>, h: &Mat<f64>) -> LinearRegion {
    let mut z = h.clone();
    let mut region = Vec::new();
    for layer in upper.layers {
        region.push(z.row(0).iter().map(|&z| z >= 0.0).collect());
        z = layer.apply(&map(&z, |z| upper.activation.apply(z)));
    }
    region
}

/// Returns the region beyond all active kinks, then those beyond each of them alone.
fn neighbours<'a>(
    region: &'a LinearRegion,
    active: &'a [Unit],
) -> impl Iterator<Item = LinearRegion> + 'a {
    let beyond = |units: &[Unit]| {
        let mut other = region.clone();
        for &Unit { layer, place } in units {
            other[layer][place] = !other[layer][place];
        }
        other
    };
    let all = (active.len() > 1).then(|| beyond(active));
    let each = active
        .iter()
        .map(move |unit| beyond(std::slice::from_ref(unit)));
    all.into_iter().chain(each)
}

/// Returns the solution of a region; none if the constraints hold nowhere in it.
fn optimum(sqp: &Sqp<'_>, region: &LinearRegion) -> Option<Optimum> {
    let Sqp {
        first_layer,
        constraints,
        ..
    } = *sqp;
    let units = first_layer.mean.ncols();
    let (logits, sides) = linearised(sqp.upper, region, units);
    let own = &constraints.matrix * logits.jacobian.transpose();
    let residuals = constraints.residuals(&logits.offset);
    let (first, all) = (residuals.len(), residuals.len() + sides.len());
    let rows = Mat::from_fn(all, units, |c, k| match c.checked_sub(first) {
        None => own[(c, k)],
        Some(side) => sides[side].row[k],
    });
    let at_mean = &rows * first_layer.mean.transpose();
    let bounds = residuals.iter().copied();
    let bounds = bounds.chain(sides.iter().map(|side| side.bound));
    let r: Vec<f64> = bounds
        .enumerate()
        .map(|(c, bound)| bound - at_mean[(c, 0)])
        .collect();
    let g = &rows * &first_layer.covariance * rows.transpose();
    let l = multipliers(&g, &r, constraints.equations(), sqp.pace)?;
    let largest = l.iter().fold(0.0, |most: f64, l| most.max(l.abs()));
    let is_active = |c: &usize| l[*c] > MULTIPLIER_TOLERANCE * largest;
    let v = Mat::from_fn(1, all, |_, c| l[c]) * &rows;
    Some(Optimum {
        objective: (&v * &first_layer.covariance * v.transpose())[(0, 0)] / 2.0,
        v,
        active: (first..all)
            .filter(is_active)
            .map(|c| sides[c - first].unit)
            .collect(),
    })
}

/// Returns the logits within a region, and the half-spaces that bound it.
fn linearised(
    upper: UpperLayers<'_>,
    region: &LinearRegion,
    units: usize,
) -> (Affine, Vec<HalfSpace>) {
    let mut values = Affine {
        jacobian: Mat::identity(units, units),
        offset: Mat::zeros(1, units),
    };
    let mut half_spaces = Vec::new();
    for (index, (layer, sides)) in upper.layers.iter().zip(region).enumerate() {
        for (place, &right) in sides.iter().enumerate() {
            let sign = if right { 1.0 } else { -1.0 };
            half_spaces.push(HalfSpace {
                unit: Unit {
                    layer: index,
                    place,
                },
                row: values
                    .jacobian
                    .col(place)
                    .iter()
                    .map(|s| sign * s)
                    .collect(),
                bound: -sign * values.offset[(0, place)],
            });
        }
        let derivative = |unit: usize| {
            let side = if sides[unit] { 1.0 } else { -1.0 };
            upper.activation.derivative(side, 0.0)
        };
        let scaled = |m: &Mat<f64>| {
            Mat::from_fn(m.nrows(), m.ncols(), |i, unit| {
                m[(i, unit)] * derivative(unit)
            })
        };
        values = Affine {
            jacobian: scaled(&values.jacobian) * &layer.weight,
            offset: layer.apply(&scaled(&values.offset)),
        };
    }
    (values, half_spaces)
}
