//! Against scipy, by hand, and by laws that hold whatever the numbers.

use super::*;
use proptest::prelude::*;

/// Numbers that no evaluators read.
pub fn trainings(numbers: &[(u64, f64)]) -> Vec<TrainingNumber> {
    let all = numbers.iter();
    all.map(|(seed, value)| TrainingNumber::new(*seed, *value))
        .collect()
}

/// Without bounds, where the scale is linear.
fn mean_interval(values: &[f64]) -> Result<Estimate, NoMean> {
    super::mean_interval(&trainings(&seeded(values)), Bounds::NONE)
}

fn difference(a: &[(u64, f64)], b: &[(u64, f64)]) -> Result<MeanDifference, NoMean> {
    super::difference(&trainings(a), &trainings(b), Bounds::NONE)
}

fn two_sided(t: f64, degrees: f64) -> Result<f64, NoMean> {
    Ok((2.0 * one_sided(t.abs(), degrees)?).min(1.0))
}

fn near(got: f64, expected: f64) {
    let slack = 1e-9 * expected.abs().max(1e-12);
    assert!((got - expected).abs() <= slack, "{got} is not {expected}");
}

pub fn seeded(values: &[f64]) -> Vec<(u64, f64)> {
    (0..).zip(values.iter().copied()).collect()
}

/// Seeds that no [`seeded`] has.
fn otherwise(values: &[f64]) -> Vec<(u64, f64)> {
    (1000..).zip(values.iter().copied()).collect()
}

/// Student's sleep data (Biometrika 6, 1908): extra hours under two drugs.
const SLEEP_1: [f64; 10] = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0];
const SLEEP_2: [f64; 10] = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4];

#[test]
fn the_t_distribution_is_that_of_scipy() {
    // scipy.stats.t.ppf(0.975, df) and 2 * scipy.stats.t.sf(t, df), t = 2.5 and 40
    let table = [
        (
            1.0,
            12.706_204_736_2,
            0.242_237_883_182,
            0.015_912_179_824_1,
        ),
        (
            1.5,
            6.016_663_104_43,
            0.169_806_502_615,
            0.002_979_624_390_93,
        ),
        (
            2.0,
            4.302_652_729_75,
            0.129_611_720_222,
            0.000_624_414_672_185,
        ),
        (
            7.3,
            2.345_066_736_55,
            0.039_650_234_665_6,
            8.037_135_167_91e-10,
        ),
        (
            9.0,
            2.262_157_162_8,
            0.033_861_827_683,
            1.898_299_844_93e-11,
        ),
        (
            30.0,
            2.042_272_456_3,
            0.018_115_649_068_1,
            1.372_604_519_44e-27,
        ),
        (
            200.0,
            1.971_896_223_63,
            0.013_223_172_641_7,
            2.248_739_653_52e-97,
        ),
    ];
    for (freedom, reach, p, small) in table {
        near(quantile(freedom).unwrap(), reach);
        near(two_sided(-2.5, freedom).unwrap(), p);
        near(two_sided(40.0, freedom).unwrap(), small);
    }
    assert_eq!(two_sided(0.0, 3.0), Ok(1.0));
    assert_eq!(one_sided(1e300, 3.0), Ok(f64::MIN_POSITIVE));
    assert_eq!(one_sided(-1e300, 3.0), Ok(1.0));
}

#[test]
fn a_mean_by_hand() {
    // s = sqrt(10 / 4), s / sqrt(5) = sqrt(1 / 2), t_0.975(4) = 2.776445105
    let got = mean_interval(&[1.0, 2.0, 3.0, 4.0, 5.0]).unwrap();
    assert_eq!((got.mean, got.n), (3.0, 5));
    near(got.low.unwrap(), 1.036_756_838_52);
    near(got.high.unwrap(), 4.963_243_161_48);
    // scipy.stats.t.interval(0.95, 3, numpy.mean(v), scipy.stats.sem(v))
    let got = mean_interval(&[0.91, 0.93, 0.92, 0.95]).unwrap();
    near(got.low.unwrap(), 0.900_324_691_162);
    near(got.high.unwrap(), 0.954_675_308_838);
}

#[test]
fn one_value_or_two_have_no_interval_and_none_no_mean() {
    let one = mean_interval(&[0.5]).unwrap();
    assert_eq!((one.mean, one.low, one.high, one.n), (0.5, None, None, 1));
    let two = mean_interval(&[0.5, 1.5]).unwrap();
    assert_eq!((two.mean, two.low, two.high, two.n), (1.0, None, None, 2));
    assert_eq!(mean_interval(&[]), Err(NoMean::Empty));
}

#[test]
fn the_paired_test_is_that_of_scipy() {
    // r = scipy.stats.ttest_rel(SLEEP_2, SLEEP_1); r.confidence_interval()
    let mut shuffled = seeded(&SLEEP_2);
    shuffled.reverse();
    for second in [seeded(&SLEEP_2), shuffled] {
        let got = difference(&seeded(&SLEEP_1), &second).unwrap();
        assert_eq!((got.test, got.n), (Some(Test::Paired), 10));
        near(got.mean, 1.58);
        near(got.p.unwrap(), 0.002_832_890_197_38);
        near(got.low.unwrap(), 0.700_114_236_723);
        near(got.high.unwrap(), 2.459_885_763_28);
    }
}

#[test]
fn welchs_test_is_that_of_scipy() {
    // r = scipy.stats.ttest_ind(SLEEP_2, SLEEP_1, equal_var=False)
    let got = difference(&seeded(&SLEEP_1), &otherwise(&SLEEP_2)).unwrap();
    assert_eq!((got.test, got.n), (Some(Test::Welch), 20));
    near(got.p.unwrap(), 0.079_394_140_187_4);
    near(got.low.unwrap(), -0.205_483_230_712);
    near(got.high.unwrap(), 3.365_483_230_71);
    // scipy.stats.ttest_ind([5, 7, 9], [1] * 4, equal_var=False): t = 6 / sqrt(4 / 3) with 2
    // degrees of freedom, of which p is 1 - t / sqrt(t^2 + 2).
    let got = difference(&seeded(&[1.0; 4]), &seeded(&[5.0, 7.0, 9.0])).unwrap();
    near(got.p.unwrap(), 0.035_098_718_645_98);
    near(got.low.unwrap(), 1.031_724_576_312_5);
}

#[test]
fn seeds_that_agree_only_partly_or_come_twice_are_not_paired() {
    let a = [(0, 1.0), (1, 2.0), (2, 4.0)];
    for b in [
        [(0, 1.0), (1, 2.0), (3, 4.0)],
        [(0, 1.0), (1, 2.0), (1, 4.0)],
    ] {
        assert_eq!(difference(&a, &b).unwrap().test, Some(Test::Welch));
    }
}

#[test]
fn one_replicate_or_two_test_nothing() {
    for (a, b) in [
        (vec![1.0], vec![3.0]),
        (vec![1.0], vec![2.0, 4.0]),
        (vec![1.0, 3.0], vec![3.0, 5.0]),
        (vec![1.0, 3.0], vec![3.0, 4.0, 5.0]),
    ] {
        let got = difference(&seeded(&a), &seeded(&b)).unwrap();
        assert_eq!((got.mean, got.n), (2.0, a.len() + b.len()));
        assert_eq!(
            (got.low, got.high, got.p, got.test),
            (None, None, None, None)
        );
    }
    assert_eq!(difference(&[], &[(0, 1.0)]), Err(NoMean::Empty));
}

#[test]
fn without_spread_no_p_claims_certainty() {
    for other in [seeded, otherwise] {
        let same = difference(&seeded(&[0.1; 3]), &other(&[0.1; 3])).unwrap();
        assert_eq!((same.mean, same.p), (0.0, Some(1.0)));
        assert_eq!((same.low, same.high), (Some(0.0), Some(0.0)));
        let apart = difference(&seeded(&[0.1; 3]), &other(&[0.7; 3])).unwrap();
        assert_eq!((apart.p, apart.low), (None, apart.high));
        assert!(apart.test.is_some());
    }
}

#[test]
fn spread_from_rounding_is_none() {
    // Differences 0.1 in real numbers, but not bit for bit.
    let (a, b) = ([1.1, 2.2, 3.3], [1.2, 2.3, 3.4]);
    assert_ne!(b[0] - a[0], b[1] - a[1]);
    assert_eq!(difference(&seeded(&a), &seeded(&b)).unwrap().p, None);
    // The same mean, added up in another order.
    let (x, y) = (0.1 + 0.2 + 0.3, 0.3 + 0.2 + 0.1);
    assert_ne!(x, y);
    let same = difference(&seeded(&[x; 3]), &seeded(&[y; 3])).unwrap();
    assert_eq!(same.p, Some(1.0));
}

#[test]
fn what_is_not_finite_is_refused() {
    for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        assert_eq!(mean_interval(&[bad]), Err(NoMean::NotFinite));
        assert_eq!(mean_interval(&[1.0, bad, 2.0]), Err(NoMean::NotFinite));
        let (a, b) = (seeded(&[1.0, 2.0]), seeded(&[bad, 2.0]));
        assert_eq!(difference(&a, &b), Err(NoMean::NotFinite));
        assert_eq!(difference(&b, &a), Err(NoMean::NotFinite));
    }
    assert_eq!(mean_interval(&[1e308, -1e308]), Err(NoMean::NotFinite));
}

#[test]
fn tiny_and_huge_values_keep_their_spread() {
    let base = difference(&seeded(&SLEEP_1), &otherwise(&SLEEP_2)).unwrap();
    for scale in [1e-250, 1e250] {
        let times = |values: &[f64]| values.iter().map(|x| x * scale).collect::<Vec<_>>();
        let (a, b) = (seeded(&times(&SLEEP_1)), otherwise(&times(&SLEEP_2)));
        let got = difference(&a, &b).unwrap();
        near(got.p.unwrap(), base.p.unwrap());
        near(got.high.unwrap() / scale, base.high.unwrap());
    }
}

fn values() -> impl Strategy<Value = Vec<f64>> {
    proptest::collection::vec(-100.0..100.0f64, 3..9)
}

type Replicates = Vec<(u64, f64)>;

/// Two samples, by chance with the same seeds or not.
fn two() -> impl Strategy<Value = (Replicates, Replicates)> {
    (values(), values(), any::<bool>()).prop_map(|(mut a, mut b, pair)| {
        if pair {
            let n = a.len().min(b.len());
            a.truncate(n);
            b.truncate(n);
        }
        (seeded(&a), if pair { seeded(&b) } else { otherwise(&b) })
    })
}

fn map(of: &[(u64, f64)], f: impl Fn(f64) -> f64) -> Vec<(u64, f64)> {
    of.iter().map(|(seed, x)| (*seed, f(*x))).collect()
}

fn close(x: Option<f64>, y: Option<f64>) -> bool {
    match (x, y) {
        (Some(x), Some(y)) => (x - y).abs() <= 1e-8 * (1.0 + x.abs()),
        _ => false,
    }
}

proptest! {
    #[test]
    fn an_interval_holds_its_mean_and_moves_with_the_values(v in values(), by in -50.0..50.0f64) {
        let got = mean_interval(&v).unwrap();
        prop_assert!(got.low.unwrap() <= got.mean && got.mean <= got.high.unwrap());
        let moved = mean_interval(&v.iter().map(|x| x + by).collect::<Vec<_>>()).unwrap();
        prop_assert!(close(moved.low, got.low.map(|low| low + by)));
        let twice = mean_interval(&v.iter().map(|x| x * 2.0).collect::<Vec<_>>()).unwrap();
        prop_assert!(close(twice.high, got.high.map(|high| high * 2.0)));
    }

    #[test]
    fn interval_and_p_agree((a, b) in two()) {
        let got = difference(&a, &b).unwrap();
        let (low, high, p) = (got.low.unwrap(), got.high.unwrap(), got.p.unwrap());
        prop_assert!(low <= got.mean && got.mean <= high);
        prop_assert!(0.0 < p && p <= 1.0);
        prop_assume!((p - SIGNIFICANT).abs() > 1e-9);
        prop_assert_eq!(p < SIGNIFICANT, low > 0.0 || high < 0.0);
    }

    #[test]
    fn a_and_b_change_places((a, b) in two()) {
        let (ab, ba) = (difference(&a, &b).unwrap(), difference(&b, &a).unwrap());
        prop_assert!(close(Some(ab.mean), Some(-ba.mean)) && close(ab.p, ba.p));
        prop_assert!(close(ab.low, ba.high.map(|high| -high)));
        prop_assert_eq!((ab.n, ab.test), (ba.n, ba.test));
    }

    #[test]
    fn units_and_origin_do_not_matter((a, b) in two(), by in -50.0..50.0f64, times in 0.1..10.0f64) {
        let change = |x: f64| x * times + by;
        let (was, is) = (
            difference(&a, &b).unwrap(),
            difference(&map(&a, change), &map(&b, change)).unwrap(),
        );
        prop_assert!(close(was.p, is.p));
        prop_assert!(close(was.low.map(|low| low * times), is.low));
    }

    #[test]
    fn nothing_but_finite_numbers_comes_out(
        a in proptest::collection::vec((0..4u64, any::<f64>()), 0..5),
        b in proptest::collection::vec((0..4u64, any::<f64>()), 0..5),
    ) {
        if let Ok(got) = difference(&a, &b) {
            let numbers = [Some(got.mean), got.low, got.high, got.p];
            prop_assert!(numbers.into_iter().flatten().all(f64::is_finite), "{:?}", got);
            prop_assert!(got.p.is_none_or(|p| 0.0 < p && p <= 1.0));
        }
    }
}
