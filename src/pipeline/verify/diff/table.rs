//! CSV tables, cell by cell.

use std::fmt;

use csv::{ErrorKind, ReaderBuilder, StringRecord};

use super::tally::{Tally, distance};
use super::wording::{beyond, both, quoted, short};
use super::{Pair, Tolerance, bytes};

/// Columns of whole numbers that say which row this is.
const KEYS: [&str; 4] = ["epoch", "replicate", "seed", "class"];

/// What differs, byte for byte.
pub fn exact(pair: Pair<'_>) -> Vec<String> {
    if pair.has_same_bytes() {
        return Vec::new();
    }
    let ([published, again], mut whats) = match tables(pair) {
        Ok(tables) => tables,
        Err(faults) => return faults,
    };
    whats.extend(cell_differences(&published, &again));
    if whats.is_empty() {
        let place = bytes::first_difference(pair).unwrap_or_default();
        whats.push(format!(
            "the cells are equal, only how they are written differs, {place}"
        ));
    }
    whats
}

/// What differs by more than the tolerance of its metric or column, or is no
/// number and differs at all.
pub fn near(pair: Pair<'_>, tolerance: impl Fn(&str) -> Tolerance) -> Vec<String> {
    let ([published, again], mut whats) = match tables(pair) {
        Ok(tables) => tables,
        Err(faults) => return faults,
    };
    whats.extend(beyond_tolerance(&published, &again, tolerance));
    whats
}

/// Both tables and how their lengths differ; what differs if their columns do,
/// so that there are no cells to compare.
fn tables(pair: Pair<'_>) -> Result<([Table; 2], Vec<String>), Vec<String>> {
    let [published, again] = pair.read(Table::read)?;
    if let Some(header) = header_difference(&published, &again) {
        return Err(vec![header]);
    }
    let lengths = Vec::from_iter(length_difference(&published, &again));
    Ok(([published, again], lengths))
}

struct Table {
    header: StringRecord,
    /// As long as the header.
    rows: Vec<StringRecord>,
    /// Where the name of a metric stands, if every row is one value of one metric.
    metric: Option<usize>,
}

impl Table {
    fn read(bytes: &[u8]) -> Result<Self, String> {
        let fault = |error: csv::Error| format!("is no CSV table: {}", describe(&error));
        let mut reader = ReaderBuilder::new().has_headers(false).from_reader(bytes);
        let mut records = reader.records();
        let header = records.next().ok_or("is no CSV table: it is empty")?;
        let header = header.map_err(fault)?;
        let rows = records.collect::<Result<_, _>>().map_err(fault)?;
        // Every table ends with a line break. A number that lost its last
        // digits could pass for a number that is near.
        if bytes.last() != Some(&b'\n') {
            return Err("is cut off: its last line has no end".to_owned());
        }
        let metric = header.iter().position(|name| name == "metric");
        let tidy = header.iter().any(|name| name == "value");
        Ok(Self {
            metric: metric.filter(|_| tidy),
            header,
            rows,
        })
    }
}

fn describe(error: &csv::Error) -> String {
    let line = |pos: &Option<csv::Position>| pos.as_ref().map_or(0, csv::Position::line);
    match error.kind() {
        ErrorKind::Utf8 { pos, .. } => format!("line {} is not UTF-8", line(pos)),
        ErrorKind::UnequalLengths {
            pos,
            expected_len,
            len,
        } => format!("line {} has {len} cells, not {expected_len}", line(pos)),
        _ => error.to_string(),
    }
}

fn header_difference(published: &Table, again: &Table) -> Option<String> {
    let (ours, theirs) = (&published.header, &again.header);
    let mut names = ours.iter().zip(theirs).enumerate();
    let different = names.find(|(_, (a, b))| a != b);
    if let Some((index, (a, b))) = different {
        let names = both(quoted(a), quoted(b));
        return Some(format!(
            "the headers differ, first in column {}: {names}",
            index + 1
        ));
    }
    let lengths = both(ours.len(), theirs.len());
    (ours.len() != theirs.len()).then(|| format!("the number of columns differs: {lengths}"))
}

fn length_difference(published: &Table, again: &Table) -> Option<String> {
    let (ours, theirs) = (published.rows.len(), again.rows.len());
    let lengths = both(ours, theirs);
    (ours != theirs).then(|| format!("the number of rows differs: {lengths}"))
}

/// A cell of the published table and the one in its place.
#[derive(Clone, Copy)]
struct Cell<'a> {
    line: u64,
    column: &'a str,
    metric: Option<&'a str>,
    published: &'a str,
    again: &'a str,
}

impl fmt::Display for Cell<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}", self.line, quoted(self.column))?;
        if let Some(metric) = self.metric {
            write!(f, " (metric {})", quoted(metric))?;
        }
        write!(f, ": {}", both(quoted(self.published), quoted(self.again)))
    }
}

impl<'a> Cell<'a> {
    /// By which name the tolerance of this cell goes, if it can have any.
    fn tolerance_name(self) -> Option<&'a str> {
        match self.metric {
            Some(metric) => (self.column == "value").then_some(metric),
            None => (!KEYS.contains(&self.column)).then_some(self.column),
        }
    }

    fn numbers(self) -> Option<(f64, f64)> {
        Some((self.published.parse().ok()?, self.again.parse().ok()?))
    }

    fn how_far(self, tolerance: Tolerance, excess: f64) -> String {
        match self.numbers() {
            Some((a, b)) if a.is_finite() && b.is_finite() => {
                let beyond = beyond(excess, tolerance.allowed(a, b));
                format!("{} apart, {beyond}", short(distance(a, b)))
            }
            _ => "which no tolerance covers".to_owned(),
        }
    }
}

/// The cells of the rows that both tables have, row by row. The headers are equal.
fn cells<'a>(published: &'a Table, again: &'a Table) -> impl Iterator<Item = Cell<'a>> {
    let rows = published.rows.iter().zip(&again.rows);
    rows.flat_map(|(ours, theirs)| {
        let metric = published.metric.and_then(|index| ours.get(index));
        let line = ours.position().map_or(0, csv::Position::line);
        let values = ours.iter().zip(theirs);
        published
            .header
            .iter()
            .zip(values)
            .map(move |(column, (published, again))| Cell {
                line,
                column,
                metric,
                published,
                again,
            })
    })
}

/// How many cells differ, the first of them and the one that differs most.
fn cell_differences(published: &Table, again: &Table) -> Option<String> {
    let mut tally = Tally::new();
    for cell in cells(published, again) {
        if cell.published == cell.again {
            tally.same();
        } else {
            tally.different(cell, cell.numbers().map(|(a, b)| distance(a, b)));
        }
    }
    let most = match tally.largest() {
        None => String::new(),
        Some((apart, _)) if tally.is_single() => format!(", {} apart", short(apart)),
        Some((apart, cell)) => format!("; the largest difference is {}, on {cell}", short(apart)),
    };
    let (first, on) = (tally.first()?, tally.on(" first"));
    Some(format!("{}{on} {first}{most}", tally.counted("cells")))
}

/// What differs of the cells that no tolerance applies to, then of the others.
fn beyond_tolerance(
    published: &Table,
    again: &Table,
    tolerance: impl Fn(&str) -> Tolerance,
) -> impl Iterator<Item = String> {
    let (mut fixed, mut measured) = (Tally::new(), Tally::new());
    for cell in cells(published, again) {
        match cell.tolerance_name().zip(cell.numbers()) {
            Some((name, (a, b))) => {
                let tolerance = tolerance(name);
                match tolerance.excess(a, b) {
                    None => measured.same(),
                    excess => measured.different((cell, tolerance), excess),
                }
            }
            None if cell.published == cell.again => fixed.same(),
            None => fixed.different(cell, None),
        }
    }
    let fixed = fixed.first().map(|first| {
        let counted = fixed.counted("names, keys and empty cells");
        format!("{counted}{} {first}", fixed.on(" first"))
    });
    let measured = measured.largest().map(|(excess, (cell, tolerance))| {
        let counted = measured.counted("numbers");
        let (on, how_far) = (measured.on(" worst"), cell.how_far(tolerance, excess));
        format!("{counted} by more than the tolerance{on} {cell}, {how_far}")
    });
    fixed.into_iter().chain(measured)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str = "epoch,loss,accuracy,note\n1,0.5,0.9,\n2,0.25,0.95,\n";
    const METRICS: &str = "spec,replicate,inversion,class,metric,value,unit\n\
        slp,0,empirical,3,l1_distance,125.5,logits\n\
        slp,0,empirical,3,out_of_range,0.5,share\n\
        slp,0,empirical,3,target_probability,,probability\n";

    /// TABLE or METRICS, and the same with one thing replaced by another.
    fn told(table: &str, from: &str, to: &str) -> String {
        let again = table.replacen(from, to, 1);
        let (published, again) = (table.as_bytes(), again.as_bytes());
        exact(Pair { published, again }).join("\n")
    }

    /// The same; 0.01 of every number is allowed, of the loss also 0.1.
    fn told_within(table: &str, from: &str, to: &str) -> String {
        let again = table.replacen(from, to, 1);
        let (published, again) = (table.as_bytes(), again.as_bytes());
        let tolerance = |name: &str| Tolerance {
            absolute: if name == "loss" { 0.1 } else { 0.0 },
            relative: if name == "out_of_range" { 0.0 } else { 0.01 },
        };
        near(Pair { published, again }, tolerance).join("\n")
    }

    #[test]
    fn every_cell_that_differs_is_counted() {
        assert_eq!(told(TABLE, "", ""), "");
        insta::assert_snapshot!(told(TABLE, "0.25", "0.26"), @"1 of 8 cells differs, on line 3, column `loss`: published `0.25`, rerun `0.26`, 0.01 apart");
        insta::assert_snapshot!(told(TABLE, "1,0.5,0.9,", "1,0.6,0.1,x"), @"3 of 8 cells differ, first on line 2, column `loss`: published `0.5`, rerun `0.6`; the largest difference is 0.8, on line 2, column `accuracy`: published `0.9`, rerun `0.1`");
        insta::assert_snapshot!(told(TABLE, "0.9,", "0.9,a note"), @"1 of 8 cells differs, on line 2, column `note`: published nothing, rerun `a note`");
        insta::assert_snapshot!(told(TABLE, "0.25,0.95", "0.26,NaN"), @"2 of 8 cells differ, first on line 3, column `loss`: published `0.25`, rerun `0.26`; the largest difference is NaN, on line 3, column `accuracy`: published `0.95`, rerun `NaN`");
        insta::assert_snapshot!(told(METRICS, "0.5", "0.75"), @"1 of 21 cells differs, on line 3, column `value` (metric `out_of_range`): published `0.5`, rerun `0.75`, 0.25 apart");
        insta::assert_snapshot!(told(TABLE, "0.9,", "\"0.9\","), @"the cells are equal, only how they are written differs, from byte 31 (line 2) on; published 49 bytes, rerun 51");
    }

    #[test]
    fn only_numbers_beyond_their_tolerance_are_counted() {
        assert_eq!(told_within(TABLE, "0.25,0.95", "0.35,0.957"), "");
        insta::assert_snapshot!(told_within(TABLE, "0.25,0.95", "0.36,0.5"), @"2 of 4 numbers differ by more than the tolerance, worst on line 3, column `accuracy`: published `0.95`, rerun `0.5`, 0.45 apart, 47.4 times the tolerance of 0.0095");
        assert_eq!(told_within(METRICS, "125.5", "124.5"), "");
        insta::assert_snapshot!(told_within(METRICS, "125.5", "124.0"), @"1 of 2 numbers differs by more than the tolerance, on line 2, column `value` (metric `l1_distance`): published `125.5`, rerun `124.0`, 1.5 apart, 1.2 times the tolerance of 1.26");
        insta::assert_snapshot!(told_within(METRICS, "0.5", "0.5000001"), @"1 of 2 numbers differs by more than the tolerance, on line 3, column `value` (metric `out_of_range`): published `0.5`, rerun `0.5000001`, 1e-7 apart, where no difference is allowed");
    }

    #[test]
    fn names_keys_and_empty_cells_have_no_tolerance() {
        insta::assert_snapshot!(told_within(TABLE, "\n2,", "\n2.0000001,"), @"1 of 4 names, keys and empty cells differs, on line 3, column `epoch`: published `2`, rerun `2.0000001`");
        insta::assert_snapshot!(told_within(TABLE, "0.9,", ","), @"1 of 5 names, keys and empty cells differs, on line 2, column `accuracy`: published `0.9`, rerun nothing");
        insta::assert_snapshot!(told_within(METRICS, "logits", "levels"), @"1 of 19 names, keys and empty cells differs, on line 2, column `unit` (metric `l1_distance`): published `logits`, rerun `levels`");
        insta::assert_snapshot!(told_within(METRICS, ",3,out_of_range,0.5", ",4,out_of_range,0.6"), @r#"
1 of 19 names, keys and empty cells differs, on line 3, column `class` (metric `out_of_range`): published `3`, rerun `4`
1 of 2 numbers differs by more than the tolerance, on line 3, column `value` (metric `out_of_range`): published `0.5`, rerun `0.6`, 0.1 apart, where no difference is allowed
"#);
        insta::assert_snapshot!(told_within(METRICS, ",,", ",0.0,"), @"1 of 19 names, keys and empty cells differs, on line 4, column `value` (metric `target_probability`): published nothing, rerun `0.0`");
    }

    #[test]
    fn a_number_that_is_none_is_near_nothing() {
        let table = TABLE.replace("0.25", "NaN").replace("0.95", "inf");
        insta::assert_snapshot!(told_within(&table, "", ""), @"1 of 4 numbers differs by more than the tolerance, on line 3, column `loss`: published `NaN`, rerun `NaN`, which no tolerance covers");
        insta::assert_snapshot!(told_within(&table, "NaN,inf", "0.25,-inf"), @"2 of 4 numbers differ by more than the tolerance, worst on line 3, column `loss`: published `NaN`, rerun `0.25`, which no tolerance covers");
        insta::assert_snapshot!(told_within(TABLE, "0.95", "inf"), @"1 of 4 numbers differs by more than the tolerance, on line 3, column `accuracy`: published `0.95`, rerun `inf`, which no tolerance covers");
    }

    #[test]
    fn tables_of_other_shape_are_told() {
        insta::assert_snapshot!(told(TABLE, "loss", "running_loss"), @"the headers differ, first in column 2: published `loss`, rerun `running_loss`");
        insta::assert_snapshot!(told(TABLE, TABLE, "epoch,loss\n1,0.5\n"), @"the number of columns differs: published 4, rerun 2");
        insta::assert_snapshot!(told_within(TABLE, "2,0.25,0.95,\n", ""), @"the number of rows differs: published 2, rerun 1");
        insta::assert_snapshot!(told_within(TABLE, "1,0.5", "1,0.1"), @"1 of 4 numbers differs by more than the tolerance, on line 2, column `loss`: published `0.5`, rerun `0.1`, 0.4 apart, 3.8 times the tolerance of 0.105");
    }

    #[test]
    fn broken_tables_are_told() {
        insta::assert_snapshot!(told_within(TABLE, TABLE, ""), @"the rerun's file is no CSV table: it is empty");
        insta::assert_snapshot!(told_within(TABLE, "0.25,", ""), @"the rerun's file is no CSV table: line 3 has 3 cells, not 4");
        insta::assert_snapshot!(told(TABLE, "5,\n", "5"), @"the rerun's file is no CSV table: line 3 has 3 cells, not 4");
        insta::assert_snapshot!(told(TABLE, "0.95,\n", "0.95,"), @"the rerun's file is cut off: its last line has no end");
        let (published, again) = (&b"\xff\n"[..], &b"a,b\n1\n"[..]);
        insta::assert_snapshot!(exact(Pair { published, again }).join("\n"), @r#"
the published file is no CSV table: line 1 is not UTF-8
the rerun's file is no CSV table: line 2 has 1 cells, not 2
"#);
    }
}
