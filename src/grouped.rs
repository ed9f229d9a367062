//! Grouping of values by key.

/// Groups values by key, keys and values in the order in which they come.
///
/// # Examples
/// ```
/// use backquery::grouped::grouped;
///
/// let groups = grouped([("b", 1), ("a", 2), ("b", 3)]);
/// assert_eq!(groups, [("b", vec![1, 3]), ("a", vec![2])]);
/// ```
pub fn grouped<K: PartialEq, V>(pairs: impl IntoIterator<Item = (K, V)>) -> Vec<(K, Vec<V>)> {
    let mut groups: Vec<(K, Vec<V>)> = Vec::new();
    for (key, value) in pairs {
        match groups.iter_mut().find(|(known, _)| *known == key) {
            Some((_, values)) => values.push(value),
            None => groups.push((key, vec![value])),
        }
    }
    groups
}
