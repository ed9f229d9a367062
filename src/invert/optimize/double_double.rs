//! Double-double arithmetic: numbers with twice the digits, as sums of two (Dekker 1971).

/// Number as a leading part and the rounding error of it.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct DoubleDouble {
    high: f64,
    low: f64,
}

impl DoubleDouble {
    /// Returns the number, rounded.
    pub fn value(self) -> f64 {
        self.high + self.low
    }

    /// Returns the number minus another one, rounded after the subtraction.
    pub fn minus(self, other: f64) -> f64 {
        (self.high - other) + self.low
    }

    /// Adds a number.
    pub fn add(&mut self, other: f64) {
        let (high, rest) = two_sum(self.high, other);
        (self.high, self.low) = two_sum(high, self.low + rest);
    }

    /// Adds a product (Ogita, Rump and Oishi 2005).
    pub fn add_product(&mut self, factor: f64, other: Self) {
        let product = factor * other.high;
        let lost = factor.mul_add(other.high, -product) + factor * other.low;
        let (high, rest) = two_sum(self.high, product);
        (self.high, self.low) = (high, self.low + (rest + lost));
    }
}

/// Returns a sum and its rounding error (Knuth's `TwoSum`).
fn two_sum(a: f64, b: f64) -> (f64, f64) {
    let sum = a + b;
    let other = sum - a;
    (sum, (a - (sum - other)) + (b - other))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn rounding_errors_are_kept() {
        let mut number = DoubleDouble::default();
        number.add(1.0);
        number.add(1e-20);
        assert_eq!((number.value(), number.minus(1.0)), (1.0, 1e-20));
        // (1 + e)^2 - 1 - 2 e is e^2, which the product of numbers loses.
        let e = 2f64.powi(-30);
        let mut one = DoubleDouble::default();
        one.add(1.0 + e);
        let mut number = DoubleDouble::default();
        number.add_product(1.0 + e, one);
        number.add(-1.0);
        number.add(-2.0 * e);
        assert_eq!(number.value(), e * e);
    }

    proptest! {
        /// Integers of 53 bits and their products, summed as integers: the rest after
        /// subtracting the rounded sum.
        #[test]
        fn sums_of_products_are_those_of_integers(
            pairs in proptest::collection::vec((-(1i64 << 53)..1 << 53, -(1i64 << 45)..1 << 45), 1..50),
        ) {
            let (mut number, mut whole) = (DoubleDouble::default(), 0i128);
            for &(a, b) in &pairs {
                let mut factor = DoubleDouble::default();
                factor.add(b as f64);
                number.add_product(a as f64, factor);
                whole += i128::from(a) * i128::from(b);
            }
            let most = whole as f64;
            let left = (whole - most as i128) as f64;
            prop_assert_eq!(number.minus(most), left);
        }
    }
}
