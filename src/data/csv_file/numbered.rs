//! Names of pixels that carry numbers: `pixel17`, `17`, `3x4`, `pixel_3_4`.

use super::rows::shown;

/// A name taken apart.
#[derive(Debug, PartialEq, Eq)]
struct Parts {
    /// The name with `#` for every number.
    form: String,
    numbers: Vec<u64>,
}

/// The columns of pixels in the order of the numbers in their names; none if the names
/// carry no numbers.
///
/// # Errors
/// If some names carry numbers and others do not, two are the same, or the numbers are not
/// those of all pixels of an image, for people.
pub fn order(names: &[String], pixels: &[usize]) -> Result<Option<Vec<usize>>, String> {
    let mut parts: Vec<Parts> = pixels.iter().map(|&index| parts(&names[index])).collect();
    let is_plain = |parts: &Parts| parts.numbers.is_empty();
    // One word above all pixels says no more than no header.
    if parts
        .iter()
        .all(|parts| is_plain(parts) && parts.form == names[pixels[0]])
    {
        return Ok(None);
    }
    check_different(names, pixels)?;
    if parts.iter().all(is_plain) {
        return Ok(None);
    }
    if let Some((a, b)) = odd_pair(&parts) {
        let (a, b) = (shown(&names[pixels[a]]), shown(&names[pixels[b]]));
        return Err(format!(
            "columns `{a}` and `{b}` are called in different ways; remove the one that is no \
             pixel, or number all pixels alike"
        ));
    }
    drop_constants(&mut parts);
    let keys: Vec<&[u64]> = parts.iter().map(|parts| &parts.numbers[..]).collect();
    match keys.first().map_or(0, |key| key.len()) {
        // One pixel, or several with one number.
        0 if pixels.len() == 1 => Ok(Some(pixels.to_vec())),
        0 => Err(same(&names[pixels[0]], &names[pixels[1]])),
        1 => counted(names, pixels, &keys).map(Some),
        _ => rowwise(names, pixels, &keys).map(Some),
    }
}

fn check_different(names: &[String], pixels: &[usize]) -> Result<(), String> {
    let mut sorted: Vec<&String> = pixels.iter().map(|&index| &names[index]).collect();
    sorted.sort();
    match sorted.windows(2).find(|pair| pair[0] == pair[1]) {
        Some(pair) => Err(format!(
            "two columns are called `{}`; rename them",
            shown(pair[0])
        )),
        None => Ok(()),
    }
}

fn parts(name: &str) -> Parts {
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
    Parts { form, numbers }
}

/// The first name that has another form than most others, with one of those.
fn odd_pair(parts: &[Parts]) -> Option<(usize, usize)> {
    let same = |form: &str| parts.iter().filter(|parts| parts.form == form).count();
    let different = parts.iter().position(|other| other.form != parts[0].form)?;
    if same(&parts[0].form) * 2 > parts.len() {
        Some((different, 0))
    } else {
        Some((0, different))
    }
}

/// Takes away numbers that are the same in all names, as in `mnist784_pixel1`.
fn drop_constants(parts: &mut [Parts]) {
    let Some(first) = parts.first().map(|parts| parts.numbers.clone()) else {
        return;
    };
    let varies = |place: usize| {
        parts
            .iter()
            .any(|parts| parts.numbers[place] != first[place])
    };
    let kept: Vec<usize> = (0..first.len()).filter(|&place| varies(place)).collect();
    for parts in parts {
        parts.numbers = kept.iter().map(|&place| parts.numbers[place]).collect();
    }
}

/// Columns by their number, of which none may be missing.
fn counted(names: &[String], pixels: &[usize], keys: &[&[u64]]) -> Result<Vec<usize>, String> {
    let mut order: Vec<(u64, usize)> = keys
        .iter()
        .zip(pixels)
        .map(|(key, &index)| (key[0], index))
        .collect();
    order.sort_unstable();
    for pair in order.windows(2) {
        let [(before, a), (after, b)] = [pair[0], pair[1]];
        match after - before {
            0 => return Err(same(&names[a], &names[b])),
            1 => {}
            _ => {
                let (a, b) = (shown(&names[a]), shown(&names[b]));
                return Err(format!(
                    "there is no pixel between `{a}` and `{b}`; keep all pixels, or give columns \
                     names without numbers"
                ));
            }
        }
    }
    Ok(order.into_iter().map(|(_, index)| index).collect())
}

fn same(a: &str, b: &str) -> String {
    let (a, b) = (shown(a), shown(b));
    format!("columns `{a}` and `{b}` have the same number; rename one of them")
}

/// Columns with several numbers each, which must stand row by row: which number is that of
/// the row nothing else tells.
fn rowwise(names: &[String], pixels: &[usize], keys: &[&[u64]]) -> Result<Vec<usize>, String> {
    match keys.windows(2).position(|pair| pair[0] >= pair[1]) {
        None => Ok(pixels.to_vec()),
        Some(place) => {
            let (a, b) = (&names[pixels[place]], &names[pixels[place + 1]]);
            let (a, b) = (shown(a), shown(b));
            Err(format!(
                "column `{b}` stands behind `{a}`; put the columns in rising order, row by row"
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
        insta::assert_snapshot!(faults.join("\n"), @r"
        there is no pixel between `pixel1` and `pixel3`; keep all pixels, or give columns names without numbers
        columns `pixel1` and `pixel01` have the same number; rename one of them
        two columns are called `a`; rename them
        columns `ImageId` and `pixel0` are called in different ways; remove the one that is no pixel, or number all pixels alike
        columns `area2` and `pixel0` are called in different ways; remove the one that is no pixel, or number all pixels alike
        column `1x2` stands behind `2x1`; put the columns in rising order, row by row
        ");
    }
}
