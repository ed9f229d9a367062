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
