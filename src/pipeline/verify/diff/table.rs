//! CSV tables, cell by cell.

use csv::{ErrorKind, ReaderBuilder, StringRecord};

use super::cells::{self, Cell};
use super::{Tolerance, Versions, quoted};
use crate::metrics::Metric;
use crate::pipeline::publish::readings::PROBABILITY;

/// Columns of whole numbers that identify a row.
const KEYS: [&str; 6] = ["epoch", "replicate", "seed", "class", "row", "times"];

/// Compares two tables. The tolerance of a number is that of its metric or column, and of
/// what an evaluator reads that of [`Metric::LegibilityRead`]; keys, names and empty cells
/// have none.
pub fn compare(
    versions: Versions<'_>,
    tolerance: Option<&dyn Fn(&str) -> Tolerance>,
) -> Result<(), String> {
    let [published, rerun] = versions.read(TableVersion::read)?;
    cells::compare(versions, published.cells(), rerun.cells(), tolerance)
}

struct TableVersion {
    header: StringRecord,
    /// Rows as long as the header.
    rows: Vec<StringRecord>,
    /// Column of the metric, if every row is one value of one metric.
    metric: Option<usize>,
}

impl TableVersion {
    fn read(bytes: &[u8]) -> Result<Self, String> {
        let fault = |error: csv::Error| format!("is not a CSV table: {}", describe(&error));
        let mut reader = ReaderBuilder::new().has_headers(false).from_reader(bytes);
        let mut records = reader.records();
        let header = records.next().ok_or("is not a CSV table: it is empty")?;
        let header = header.map_err(fault)?;
        let rows = records.collect::<Result<_, _>>().map_err(fault)?;
        // Every table ends with a line break. A number without its last digits could pass
        // for one within tolerance.
        if bytes.last() != Some(&b'\n') {
            return Err("is cut off: its last line has no end".to_owned());
        }
        let metric = header.iter().position(|name| name == "metric");
        let is_tidy = header.iter().any(|name| name == "value");
        Ok(Self {
            metric: metric.filter(|_| is_tidy),
            header,
            rows,
        })
    }

    /// Iterates over the names of columns, then over the cells, row by row.
    fn cells(&self) -> impl Iterator<Item = Cell> {
        let name = |(index, name): (usize, &str)| Cell {
            place: format!("name of column {}", index + 1),
            value: name.to_owned(),
            tolerance: None,
        };
        let names = self.header.iter().enumerate().map(name);
        names.chain(self.rows.iter().flat_map(|row| self.cells_of(row)))
    }

    fn cells_of<'a>(&'a self, row: &'a StringRecord) -> impl Iterator<Item = Cell> {
        let line = row.position().map_or(0, csv::Position::line);
        let metric = self.metric.and_then(|index| row.get(index));
        self.header.iter().zip(row).map(move |(column, value)| {
            let place = format!("line {line}, column {}", quoted(column));
            let tolerance = match metric {
                Some(metric) => (column == "value").then_some(metric),
                None => of_column(column),
            };
            Cell {
                place: metric.map_or(place.clone(), |metric| {
                    format!("{place} (metric {})", quoted(metric))
                }),
                value: value.to_owned(),
                tolerance: tolerance.map(str::to_owned),
            }
        })
    }
}

/// Name of the tolerance of a column's numbers; none for keys.
fn of_column(column: &str) -> Option<&str> {
    if column.starts_with(PROBABILITY) {
        return Some(Metric::LegibilityRead.name());
    }
    (!KEYS.contains(&column)).then_some(column)
}

fn describe(error: &csv::Error) -> String {
    let line = |pos: &Option<csv::Position>| pos.as_ref().map_or(0, csv::Position::line);
    match error.kind() {
        ErrorKind::Utf8 { pos, .. } => format!("line {} is not UTF-8", line(pos)),
        ErrorKind::UnequalLengths {
            pos,
            expected_len,
            len,
        } => format!(
            "expected {expected_len} cells in line {}, got {len}",
            line(pos)
        ),
        _ => error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str = "epoch,loss,accuracy,note\n1,0.5,0.9,\n2,0.25,0.95,\n";
    const METRICS: &str = "spec,replicate,inversion,class,metric,value,unit\n\
        slp,0,empirical,3,l1_distance,125.5,logits\n\
        slp,0,empirical,3,out_of_range,0.5,share\n\
        slp,0,empirical,3,target_probability,,probability\n";

    fn versions<'a>(published: &'a [u8], rerun: &'a [u8]) -> Versions<'a> {
        Versions { published, rerun }
    }

    fn found(result: Result<(), String>) -> String {
        result.err().unwrap_or_default()
    }

    /// Compares a table with itself after one replacement, exactly.
    fn exact(table: &str, from: &str, to: &str) -> String {
        let rerun = table.replacen(from, to, 1);
        let versions = versions(table.as_bytes(), rerun.as_bytes());
        if versions.are_same_bytes() {
            return String::new();
        }
        found(compare(versions, None))
    }

    /// Compares it within 0.01 of every number, of the loss within 0.1 more.
    fn near(table: &str, from: &str, to: &str) -> String {
        let rerun = table.replacen(from, to, 1);
        let tolerance = |name: &str| Tolerance {
            absolute: if name == "loss" { 0.1 } else { 0.0 },
            relative: if name == "out_of_range" { 0.0 } else { 0.01 },
        };
        let versions = versions(table.as_bytes(), rerun.as_bytes());
        found(compare(versions, Some(&tolerance)))
    }

    #[test]
    fn the_first_cell_that_differs_is_named_with_both_values() {
        assert_eq!(exact(TABLE, "", ""), "");
        insta::assert_snapshot!(exact(TABLE, "0.25", "0.26"), @"line 3, column `loss`: published `0.25`, rerun `0.26`");
        insta::assert_snapshot!(exact(TABLE, "1,0.5,0.9,", "1,0.6,0.1,x"), @"line 2, column `loss`: published `0.5`, rerun `0.6`; 2 more values differ");
        insta::assert_snapshot!(exact(TABLE, "0.9,", "0.9,a note"), @"line 2, column `note`: published nothing, rerun `a note`");
        insta::assert_snapshot!(exact(METRICS, "0.5", "0.75"), @"line 3, column `value` (metric `out_of_range`): published `0.5`, rerun `0.75`");
        insta::assert_snapshot!(exact(TABLE, "0.9,", "\"0.9\","), @"the bytes differ, although no value does");
    }

    #[test]
    fn numbers_may_differ_by_their_tolerance() {
        assert_eq!(near(TABLE, "0.25,0.95", "0.35,0.957"), "");
        insta::assert_snapshot!(near(TABLE, "0.25,0.95", "0.36,0.5"), @"line 3, column `loss`: published `0.25`, rerun `0.36`, more than 0.104 apart; 1 more value differs");
        assert_eq!(near(METRICS, "125.5", "124.5"), "");
        insta::assert_snapshot!(near(METRICS, "125.5", "124.0"), @"line 2, column `value` (metric `l1_distance`): published `125.5`, rerun `124.0`, more than 1.26 apart");
        insta::assert_snapshot!(near(METRICS, "0.5", "0.5000001"), @"line 3, column `value` (metric `out_of_range`): published `0.5`, rerun `0.5000001`, more than 0.0 apart");
    }

    /// Probabilities of 0.9 and 0.1, within 0.05.
    #[test]
    fn what_evaluators_read_has_the_tolerance_of_what_they_read_together() {
        const READINGS: &str = "class,view,evaluator,p_3,p_another,p_none\n\
            3,clipped,conv-0,0.9,0.1,0.0\n";
        let read = |rerun: &str| {
            let tolerance = |name: &str| Tolerance {
                absolute: if name == "legibility_read" { 0.05 } else { 0.0 },
                relative: 0.0,
            };
            let rerun = READINGS.replace("0.9,0.1,0.0", rerun);
            let versions = versions(READINGS.as_bytes(), rerun.as_bytes());
            found(compare(versions, Some(&tolerance)))
        };
        assert_eq!(read("0.86,0.06,0.04"), "");
        insta::assert_snapshot!(read("0.84,0.1,0.06"), @"line 2, column `p_3`: published `0.9`, rerun `0.84`, more than 0.05 apart; 1 more value differs");
    }

    #[test]
    fn names_keys_and_empty_cells_have_no_tolerance() {
        insta::assert_snapshot!(near(TABLE, "\n2,", "\n2.0000001,"), @"line 3, column `epoch`: published `2`, rerun `2.0000001`");
        insta::assert_snapshot!(near(TABLE, "0.9,", ","), @"line 2, column `accuracy`: published `0.9`, rerun nothing");
        insta::assert_snapshot!(near(METRICS, "logits", "levels"), @"line 2, column `unit` (metric `l1_distance`): published `logits`, rerun `levels`");
        insta::assert_snapshot!(near(METRICS, ",3,out_of_range", ",4,out_of_range"), @"line 3, column `class` (metric `out_of_range`): published `3`, rerun `4`");
        insta::assert_snapshot!(near(METRICS, ",,", ",0.0,"), @"line 4, column `value` (metric `target_probability`): published nothing, rerun `0.0`");
    }

    #[test]
    fn no_tolerance_covers_what_is_not_finite() {
        let table = TABLE.replace("0.25", "NaN").replace("0.95", "inf");
        insta::assert_snapshot!(near(&table, "", ""), @"line 3, column `loss`: published `NaN`, rerun `NaN`, which no tolerance covers");
        insta::assert_snapshot!(near(&table, "NaN,inf", "0.25,-inf"), @"line 3, column `loss`: published `NaN`, rerun `0.25`, which no tolerance covers; 1 more value differs");
        insta::assert_snapshot!(near(TABLE, "0.95", "inf"), @"line 3, column `accuracy`: published `0.95`, rerun `inf`, which no tolerance covers");
    }

    #[test]
    fn tables_of_another_shape_differ() {
        insta::assert_snapshot!(exact(TABLE, "loss", "running_loss"), @"name of column 2: published `loss`, rerun `running_loss`; 2 more values differ");
        insta::assert_snapshot!(exact(TABLE, TABLE, "epoch,loss\n1,0.5\n"), @"name of column 3: only published; 9 more values differ");
        insta::assert_snapshot!(near(TABLE, "2,0.25,0.95,\n", ""), @"line 3, column `epoch`: only published; 3 more values differ");
    }

    #[test]
    fn broken_tables_differ() {
        insta::assert_snapshot!(near(TABLE, TABLE, ""), @"the rerun's file is not a CSV table: it is empty");
        insta::assert_snapshot!(near(TABLE, "0.25,", ""), @"the rerun's file is not a CSV table: expected 4 cells in line 3, got 3");
        insta::assert_snapshot!(exact(TABLE, "0.95,\n", "0.95,"), @"the rerun's file is cut off: its last line has no end");
        let versions = versions(b"\xff\n", b"a,b\n1\n");
        insta::assert_snapshot!(found(compare(versions, None)), @"the published file is not a CSV table: line 1 is not UTF-8");
    }
}
