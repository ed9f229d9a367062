use super::*;
use crate::rng::stream;

const RANGE: PixelRange = PixelRange::SYMMETRIC;

/// Rows of two heaps: around level 50 and around level 200, in six pixels; the last
/// never varies.
fn heaps(rows: usize) -> Samples {
    let mut draws = stream(0, "heaps");
    let mut samples = Samples::empty(6);
    for n in 0..rows {
        let middle = if n % 3 == 0 { 200.0 } else { 50.0 };
        let mut row = [0u8; 6];
        for level in row.iter_mut().take(5) {
            *level = (middle + 10.0 * draws.normal()).round() as u8;
        }
        samples.push(&row, 0);
    }
    samples
}

/// All principal components of six pixels: the covariance is that of the heap.
#[test]
fn each_heap_is_a_component() {
    let samples = heaps(300);
    let mixture = Mixture::fit(&samples, RANGE, 300, 2, Pace::SILENT).unwrap();
    let of_heap = |first: bool| {
        let mut own = Samples::empty(6);
        (0..300)
            .filter(|n| (n % 3 == 0) == first)
            .for_each(|n| own.push(samples.row(n), 0));
        SampleMoments::of(&own, RANGE, own.len())
    };
    for first in [true, false] {
        let heap = of_heap(first);
        let component = (0..2).find(|&k| (mixture.means[(k, 0)] - heap.mean[(0, 0)]).abs() < 0.1);
        let k = component.unwrap();
        let share = if first { 1.0 / 3.0 } else { 2.0 / 3.0 };
        assert!((mixture.weights[(0, k)] - share).abs() < 1e-12);
        let beside: Vec<f64> = (0..6).map(|i| mixture.beside[(k, i)]).collect();
        let found = covariance(&mixture.basis, &mixture.within[k], &beside);
        assert!((&found - &heap.covariance).norm_max() < 1e-12, "{found:?}");
    }
}

/// The share of rows counts, and nothing else does beside the distance.
#[test]
fn components_are_weighted_by_their_rows() {
    let mixture = Mixture::fit(&heaps(300), RANGE, 300, 2, Pace::SILENT).unwrap();
    let mut weights: Vec<f64> = mixture.normals(0.1).map(|n| n.log_weight.exp()).collect();
    weights.sort_by(f64::total_cmp);
    assert!((weights[0] - 1.0 / 3.0).abs() < 1e-12 && (weights[1] - 2.0 / 3.0).abs() < 1e-12);
}

/// Shrunk entirely, all components have the mean of their covariances.
#[test]
fn shrinkage_goes_from_its_own_to_the_mean() {
    let mixture = Mixture::fit(&heaps(300), RANGE, 300, 2, Pace::SILENT).unwrap();
    let normals = |share| {
        mixture
            .normals(share)
            .map(|n| n.covariance)
            .collect::<Vec<_>>()
    };
    let own = normals(0.0);
    let mean = &own[0] * faer::Scale(mixture.weights[(0, 0)])
        + &own[1] * faer::Scale(mixture.weights[(0, 1)]);
    for (k, all) in normals(1.0).iter().enumerate() {
        assert!((all - &mean).norm_max() < 1e-12);
        let half = &normals(0.5)[k] - (&own[k] + &mean) * faer::Scale(0.5);
        assert!(half.norm_max() < 1e-12);
    }
}

/// More components cost little: what is kept of 50 for MNIST's 784 pixels.
#[test]
fn fifty_components_take_less_than_50_mb() {
    let numbers = 784 * MAX_COMPONENTS + 50 * (784 * 2 + MAX_COMPONENTS * MAX_COMPONENTS + 1);
    assert!(numbers * size_of::<f64>() < 50_000_000);
}
