//! Counts what differs, and keeps what is shown of it.

/// How many of what was compared differ. `P` is a place with what stands there.
pub struct Tally<P> {
    total: usize,
    count: usize,
    first: Option<P>,
    largest: Option<(f64, P)>,
}

impl<P: Copy> Tally<P> {
    pub fn new() -> Self {
        Self {
            total: 0,
            count: 0,
            first: None,
            largest: None,
        }
    }

    /// Counts what is equal, or near enough.
    pub fn same(&mut self) {
        self.total += 1;
    }

    /// Counts a difference, with its size if it has one. NaN is the largest.
    pub fn different(&mut self, place: P, size: Option<f64>) {
        self.total += 1;
        self.count += 1;
        self.first = self.first.or(Some(place));
        let larger = |size: &f64| {
            self.largest
                .is_none_or(|(most, _)| size.total_cmp(&most).is_gt())
        };
        if let Some(size) = size.filter(larger) {
            self.largest = Some((size, place));
        }
    }

    /// The first place that differs, if any does.
    pub fn first(&self) -> Option<P> {
        self.first
    }

    /// The largest difference and its place, the first of several.
    pub fn largest(&self) -> Option<(f64, P)> {
        self.largest
    }

    /// True if there is but one difference.
    pub fn is_single(&self) -> bool {
        self.count == 1
    }

    /// `3 of 10 cells differ`, `1 of 10 cells differs`
    pub fn counted(&self, of_what: &str) -> String {
        let verb = if self.is_single() {
            "differs"
        } else {
            "differ"
        };
        format!("{} of {} {of_what} {verb}", self.count, self.total)
    }

    /// `, first on` before the place of the first, or `, on` if it is the only one.
    pub fn on(&self, which: &str) -> String {
        let which = if self.is_single() { "" } else { which };
        format!(",{which} on")
    }
}

/// |a - b|, and 0 for two equal infinities.
pub fn distance(a: f64, b: f64) -> f64 {
    if a == b { 0.0 } else { (a - b).abs() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_of_the_largest_is_kept_and_nan_is_larger_than_all() {
        let mut tally = Tally::new();
        tally.same();
        tally.different(1, None);
        tally.different(2, Some(0.5));
        tally.different(3, Some(0.5));
        assert_eq!((tally.first(), tally.largest()), (Some(1), Some((0.5, 2))));
        tally.different(4, Some(f64::NAN));
        tally.different(5, Some(f64::INFINITY));
        assert_eq!(tally.largest().map(|(_, place)| place), Some(4));
        assert_eq!(tally.counted("cells"), "5 of 6 cells differ");
    }

    #[test]
    fn equal_infinities_are_not_apart() {
        assert_eq!(distance(f64::INFINITY, f64::INFINITY), 0.0);
        assert!(distance(f64::NAN, f64::NAN).is_nan());
    }
}
