//! Notes on a comparison, below its table.

use super::compare::{
    ComparisonRow, ExperimentComparison, Finding, NotCompared, NotComparedReason,
};
use super::render::is_symmetric;
use crate::metrics::statistics::{MIN_REPLICATES, SIGNIFICANT, Test};

/// Returns one text per note, each to start on a new line. Names from files go through
/// `escape`.
pub fn of(comparison: &ExperimentComparison, escape: fn(&str) -> String) -> Vec<String> {
    let mut notes: Vec<String> = [&comparison.data_difference, &comparison.device_difference]
        .into_iter()
        .flatten()
        .map(|note| escape(note))
        .collect();
    notes.extend(losses(comparison));
    notes.extend(left_out(comparison, escape));
    notes.extend(classes(&comparison.rows));
    if !comparison.rows.is_empty() {
        notes.extend(units(&comparison.rows, escape));
        notes.extend(intervals(&comparison.rows));
        notes.push(test(&comparison.rows));
        notes.extend(no_spread(&comparison.rows));
        notes.extend(chance(&comparison.rows));
    }
    notes
}

/// Warns of losses on different scales.
fn losses(comparison: &ExperimentComparison) -> Option<String> {
    let mut keys = comparison.spec_differences.iter().map(|d| &d.key);
    let other = keys.any(|key| key.starts_with("train.loss"));
    let shown = comparison
        .rows
        .iter()
        .any(|row| row.metric.ends_with("loss"));
    (other && shown)
        .then(|| "A and B minimise different losses: their losses are not on one scale.".to_owned())
}

/// Returns one note per reason and inversion.
fn left_out(comparison: &ExperimentComparison, escape: fn(&str) -> String) -> Vec<String> {
    fn key(left: &NotCompared) -> (&NotComparedReason, &str) {
        (&left.reason, &left.inversion)
    }
    let mut all: Vec<&NotCompared> = comparison.left_out.iter().collect();
    all.sort_by_key(|&left| key(left));
    let groups = all.chunk_by(|one, next| key(one) == key(next));
    let note = |group: &[&NotCompared]| {
        let metrics: Vec<String> = group.iter().map(|left| escape(&left.metric)).collect();
        let (reason, inversion) = group.first().map(|left| key(left))?;
        let whose = match inversion {
            "" => String::new(),
            inversion => format!(" (of {})", escape(inversion)),
        };
        let reason = capital(&reason.text());
        Some(format!("{reason}: {}{whose}", metrics.join(", ")))
    };
    groups.filter_map(note).collect()
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|letter| letter.to_ascii_uppercase());
    first.into_iter().chain(letters).collect()
}

/// Lists the averaged classes, if some are left out.
fn classes(rows: &[ComparisonRow]) -> Vec<String> {
    let mut notes = Vec::new();
    for row in rows.iter().filter(|row| !row.classes_left_out.is_empty()) {
        let note = format!(
            "Means are over the classes that every replicate has: {}. Left out: {}.",
            list(&row.classes),
            list(&row.classes_left_out)
        );
        if !notes.contains(&note) {
            notes.push(note);
        }
    }
    notes
}

fn list(classes: &[u8]) -> String {
    let labels: Vec<String> = classes.iter().map(u8::to_string).collect();
    labels.join(", ")
}

/// Lists the units of the metrics.
fn units(rows: &[ComparisonRow], escape: fn(&str) -> String) -> Option<String> {
    let mut units: Vec<(&str, Vec<&str>)> = Vec::new();
    for ComparisonRow { unit, metric, .. } in rows.iter().filter(|row| !row.unit.is_empty()) {
        match units.iter_mut().find(|(known, _)| known == unit) {
            Some((_, metrics)) if metrics.contains(&metric.as_str()) => {}
            Some((_, metrics)) => metrics.push(metric),
            None => units.push((unit, vec![metric])),
        }
    }
    let unit =
        |(unit, metrics): &(&str, Vec<&str>)| escape(&format!("{unit} ({})", metrics.join(", ")));
    let units: Vec<String> = units.iter().map(unit).collect();
    (!units.is_empty()).then(|| format!("Units: {}.", units.join("; ")))
}

fn intervals(rows: &[ComparisonRow]) -> Option<String> {
    let mut ends = rows.iter().flat_map(|row| {
        let ComparisonRow {
            a, b, difference, ..
        } = row;
        let all = [
            (a.mean, a.low.zip(a.high)),
            (b.mean, b.low.zip(b.high)),
            (difference.mean, difference.low.zip(difference.high)),
        ];
        all.into_iter()
            .filter_map(|(mean, ends)| Some((mean, ends?)))
    });
    let bounded = if ends.any(|(mean, (low, high))| !is_symmetric(mean, low, high)) {
        " ≥ or ≤: its other end, where one is the highest or lowest value that there can be."
    } else {
        ""
    };
    let any = rows.iter().any(|row| row.a.low.or(row.b.low).is_some());
    any.then(|| {
        format!("±: half the 95 % interval of the mean over replicates, by Student's t.{bounded}")
    })
}

/// Names the test. All rows have all replicates, so that one test is used for all.
fn test(rows: &[ComparisonRow]) -> String {
    let used = rows.first().and_then(|row| row.difference.test);
    let name = match used {
        Some(Test::Paired) => "paired t test over the seeds, the same in A and B",
        Some(Test::Welch) => "Welch's t test, as A and B have different seeds",
        None => {
            return format!(
                "No test: it needs at least {MIN_REPLICATES} seeds per side; \
                 add `--seed 0,1,2,3,4` to both runs."
            );
        }
    };
    format!("p: {name}. Below {SIGNIFICANT}, B is higher or lower.")
}

fn no_spread(rows: &[ComparisonRow]) -> Option<String> {
    let any = rows.iter().any(|row| row.verdict == Finding::NoSpread);
    any.then(|| {
        "No spread: the difference does not vary between replicates, so no test can weigh it."
            .to_owned()
    })
}

/// Estimates how many of the tests are significant by chance.
fn chance(rows: &[ComparisonRow]) -> Option<String> {
    // A difference that does not vary is not significant by chance.
    let varies = |row: &&ComparisonRow| {
        row.difference.p.is_some() && row.difference.low < row.difference.high
    };
    let made = rows.iter().filter(varies).count();
    let were = if made == 1 {
        "comparison was"
    } else {
        "comparisons were"
    };
    (made > 0).then(|| {
        format!(
            "{made} {were} tested. If nothing differed at all, one in twenty (here {:.1}) would \
             still pass for significant by chance.",
            made as f64 * SIGNIFICANT
        )
    })
}
