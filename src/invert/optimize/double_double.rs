//! Numbers with twice the usual digits, as sums of two (Dekker 1971).

/// A number and what its rounding left over.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Long {
    high: f64,
    low: f64,
}

impl Long {
    /// With the usual digits.
    pub fn value(self) -> f64 {
        self.high + self.low
    }

    /// What it is above another number, with the usual digits of that.
    pub fn minus(self, other: f64) -> f64 {
        (self.high - other) + self.low
    }

    /// Adds a number.
    pub fn add(&mut self, other: f64) {
        let (high, rest) = sum(self.high, other);
        (self.high, self.low) = sum(high, self.low + rest);
    }

    /// Adds a product (Ogita, Rump and Oishi 2005).
    pub fn add_product(&mut self, factor: f64, other: Self) {
        let product = factor * other.high;
        let lost = factor.mul_add(other.high, -product) + factor * other.low;
        let (high, rest) = sum(self.high, product);
        (self.high, self.low) = (high, self.low + (rest + lost));
    }
}

/// A sum and what its rounding left over (Knuth's `TwoSum`).
fn sum(a: f64, b: f64) -> (f64, f64) {
    let sum = a + b;
    let other = sum - a;
    (sum, (a - (sum - other)) + (b - other))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_rounding_takes_is_kept() {
        let mut long = Long::default();
        long.add(1.0);
        long.add(1e-20);
        assert_eq!((long.value(), long.minus(1.0)), (1.0, 1e-20));
        // (1 + e)^2 - 1 - 2 e is e^2, which the product of numbers loses.
        let e = 2f64.powi(-30);
        let mut one = Long::default();
        one.add(1.0 + e);
        let mut long = Long::default();
        long.add_product(1.0 + e, one);
        long.add(-1.0);
        long.add(-2.0 * e);
        assert_eq!(long.value(), e * e);
    }

    proptest! {
        /// Whole numbers of 53 bits and their products, summed in whole numbers: what is
        /// left when nearly all of the sum is taken away again.
        #[test]
        fn sums_of_products_are_those_of_whole_numbers(
            pairs in proptest::collection::vec((-(1i64 << 53)..1 << 53, -(1i64 << 45)..1 << 45), 1..50),
        ) {
            let (mut long, mut whole) = (Long::default(), 0i128);
            for &(a, b) in &pairs {
                let mut factor = Long::default();
                factor.add(b as f64);
                long.add_product(a as f64, factor);
                whole += i128::from(a) * i128::from(b);
            }
            let most = whole as f64;
            let left = (whole - most as i128) as f64;
            prop_assert_eq!(long.minus(most), left);
        }
    }
}
