//! Names of pixel columns that carry numbers: `pixel17`, `17`, `3x4`, `pixel_3_4`.

use super::rows::shown;

/// Name with its numbers.
#[derive(Debug, PartialEq, Eq)]
struct NumberedName {
    /// The name with `#` for every number.
    form: String,
    numbers: Vec<u64>,
}

/// Sorts pixel columns by the numbers in their names; `None` if names carry no numbers.
///
/// # Errors
/// If only some names carry numbers, two are equal, or numbers are missing: a description.
pub fn order(names: &[String], pixels: &[usize]) -> Result<Option<Vec<usize>>, String> {
    let mut parsed: Vec<NumberedName> = pixels.iter().map(|&index| parse(&names[index])).collect();
    let is_plain = |name: &NumberedName| name.numbers.is_empty();
    // The same word above all pixels says no more than no header.
    let first = &names[pixels[0]];
    if parsed
        .iter()
        .all(|name| is_plain(name) && name.form == *first)
    {
        return Ok(None);
    }
    check_different(names, pixels)?;
    if parsed.iter().all(is_plain) {
        return Ok(None);
    }
    if let Some((a, b)) = odd_pair(&parsed) {
        let (a, b) = (shown(&names[pixels[a]]), shown(&names[pixels[b]]));
        return Err(format!(
            "columns `{a}` and `{b}` have names of different forms; remove the one that is no \
             pixel, or number all pixels alike"
        ));
    }
    drop_constants(&mut parsed);
    let keys: Vec<&[u64]> = parsed.iter().map(|name| &name.numbers[..]).collect();
    match keys.first().map_or(0, |key| key.len()) {
        0 if pixels.len() == 1 => Ok(Some(pixels.to_vec())),
        0 => Err(same_number(first, &names[pixels[1]])),
        1 => counted(names, pixels, &keys).map(Some),
        _ => row_by_row(names, pixels, &keys).map(Some),
    }
}

fn check_different(names: &[String], pixels: &[usize]) -> Result<(), String> {
    let mut sorted: Vec<&String> = pixels.iter().map(|&index| &names[index]).collect();
    sorted.sort();
    match sorted.array_windows().find(|[one, other]| one == other) {
        Some([name, _]) => Err(format!(
            "two columns are called `{}`; rename them",
            shown(name)
        )),
        None => Ok(()),
    }
}

fn parse(name: &str) -> NumberedName {
    let mut form = String::new();
    let mut numbers: Vec<u64> = Vec::new();
    let mut within = false;
    for character in name.chars() {
        let Some(digit) = character.to_digit(10) else {
            form.push(character);
            within = false;
            continue;
        };
        if !within {
            form.push('#');
            numbers.push(0);
        }
        within = true;
        if let Some(number) = numbers.last_mut() {
            *number = number.saturating_mul(10).saturating_add(digit.into());
        }
    }
    NumberedName { form, numbers }
}

/// Indices of the first name whose form is not that of the majority, and of one whose form
/// is.
fn odd_pair(names: &[NumberedName]) -> Option<(usize, usize)> {
    let first = &names[0].form;
    let different = names.iter().position(|name| name.form != *first)?;
    let same = names.iter().filter(|name| name.form == *first).count();
    if same * 2 > names.len() {
        Some((different, 0))
    } else {
        Some((0, different))
    }
}

/// Removes numbers that are equal in all names, such as 784 in `mnist784_pixel1`.
fn drop_constants(names: &mut [NumberedName]) {
    let Some(first) = names.first().map(|name| name.numbers.clone()) else {
        return;
    };
    let varies = |index: usize| names.iter().any(|name| name.numbers[index] != first[index]);
    let kept: Vec<usize> = (0..first.len()).filter(|&index| varies(index)).collect();
    for name in names {
        name.numbers = kept.iter().map(|&index| name.numbers[index]).collect();
    }
}

/// Sorts columns by their only number; no number may be missing.
fn counted(names: &[String], pixels: &[usize], keys: &[&[u64]]) -> Result<Vec<usize>, String> {
    let mut order: Vec<(u64, usize)> = keys
        .iter()
        .zip(pixels)
        .map(|(key, &index)| (key[0], index))
        .collect();
    order.sort_unstable();
    for &[(before, a), (after, b)] in order.array_windows() {
        match after - before {
            0 => return Err(same_number(&names[a], &names[b])),
            1 => {}
            _ => {
                let (a, b) = (shown(&names[a]), shown(&names[b]));
                return Err(format!(
                    "no pixel between `{a}` and `{b}`; keep all pixels, or give columns names \
                     without numbers"
                ));
            }
        }
    }
    Ok(order.into_iter().map(|(_, index)| index).collect())
}

fn same_number(a: &str, b: &str) -> String {
    let (a, b) = (shown(a), shown(b));
    format!("columns `{a}` and `{b}` have the same number; rename one of them")
}

/// Checks that columns with several numbers are sorted row by row already: nothing
/// determines which number is that of the row.
fn row_by_row(names: &[String], pixels: &[usize], keys: &[&[u64]]) -> Result<Vec<usize>, String> {
    match keys.array_windows().position(|[one, next]| one >= next) {
        None => Ok(pixels.to_vec()),
        Some(index) => {
            let (a, b) = (&names[pixels[index]], &names[pixels[index + 1]]);
            let (a, b) = (shown(a), shown(b));
            Err(format!(
                "column `{b}` follows `{a}`; sort the columns in ascending order, row by row"
            ))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ordered(names: &[&str]) -> Result<Option<Vec<usize>>, String> {
        let names: Vec<String> = names.iter().map(ToString::to_string).collect();
        let all: Vec<usize> = (0..names.len()).collect();
        order(&names, &all)
    }

    #[test]
    fn numbers_say_the_order() {
        let cases: [(&[&str], &[usize]); 7] = [
            (&["pixel0", "pixel1", "pixel2"], &[0, 1, 2]),
            (
                &["1", "10", "2", "3", "4", "5", "6", "7", "8", "9"],
                &[0, 2, 3, 4, 5, 6, 7, 8, 9, 1],
            ),
            (&["784p2", "784p1"], &[1, 0]),
            (&["px03", "px01", "px02"], &[1, 2, 0]),
            (&["1x1", "1x2", "2x1", "2x2"], &[0, 1, 2, 3]),
            (&["0.0", "1.0"], &[0, 1]),
            (&["pixel7"], &[0]),
        ];
        for (names, order) in cases {
            assert_eq!(ordered(names), Ok(Some(order.to_vec())), "{names:?}");
        }
        assert_eq!(ordered(&["b", "a"]), Ok(None));
        assert_eq!(ordered(&["pixel", "pixel", "pixel"]), Ok(None));
    }

    #[test]
    fn what_is_not_certain_is_refused_by_name() {
        let cases: [&[&str]; 6] = [
            &["pixel0", "pixel1", "pixel3"],
            &["pixel0", "pixel1", "pixel01"],
            &["a", "b", "a"],
            &["ImageId", "pixel0", "pixel1"],
            &["pixel0", "pixel1", "area2"],
            &["1x1", "2x1", "1x2", "2x2"],
        ];
        let faults = cases.map(|names| ordered(names).unwrap_err());
        insta::assert_snapshot!(faults.join("\n"), @"
        no pixel between `pixel1` and `pixel3`; keep all pixels, or give columns names without numbers
        columns `pixel1` and `pixel01` have the same number; rename one of them
        two columns are called `a`; rename them
        columns `ImageId` and `pixel0` have names of different forms; remove the one that is no pixel, or number all pixels alike
        columns `area2` and `pixel0` have names of different forms; remove the one that is no pixel, or number all pixels alike
        column `1x2` follows `2x1`; sort the columns in ascending order, row by row
        ");
    }
}
