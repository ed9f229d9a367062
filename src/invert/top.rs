//! Order of pixels by their values.

/// Returns the positions of values, the highest first. Equal values keep their order.
///
/// # Examples
/// ```
/// assert_eq!(backquery::invert::highest(&[0.5, 9.0, 0.5]), [1, 0, 2]);
/// ```
pub fn highest(values: &[f64]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|&a, &b| values[b].total_cmp(&values[a]));
    order
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_values_keep_their_order() {
        assert_eq!(highest(&[0.5, 9.0, 0.5, -3.0]), [1, 0, 2, 3]);
        assert_eq!(highest(&[]), [0; 0]);
    }
}
