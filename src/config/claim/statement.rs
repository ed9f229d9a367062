//! Statement of a claim: its kind, its numbers, and where they are from.

use serde::Serialize;

use crate::claims::{Criterion, MOST, Printed, Statement, Threshold, Within};
use crate::config::form::{number, one_of, sentence, text};
use crate::config::names::one_of_names;
use crate::config::reader::Reader;
use crate::config::scale::Scale;
use crate::config::schema::Schema;

/// Statement with the origin of its numbers.
pub struct SourcedStatement {
    pub statement: Statement,
    pub threshold: Option<Threshold>,
}

/// Kind of a statement.
#[derive(Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum StatementKind {
    Mean,
    Share,
    Published,
}

/// Keys of criteria.
const CRITERIA: [&str; 6] = ["near", "within", "at_least", "at_most", "above", "below"];

/// Reads the statement of a claim about these metrics.
pub fn read(table: &Reader<'_>, metrics: Option<&[String]>) -> Option<SourcedStatement> {
    let kinds = one_of([
        ("mean", StatementKind::Mean),
        ("share", StatementKind::Share),
        ("published", StatementKind::Published),
    ]);
    let about = "Whether the mean over trainings satisfies the criterion (`mean`), each \
         training does or does not (`share`), or `printed` is the number of the author's own \
         run (`published`)";
    let kind = table.key("kind", kinds, about).or(StatementKind::Mean);
    check_indices(table, metrics.unwrap_or_default(), kind);
    if kind != StatementKind::Mean && metrics.is_some_and(|metrics| metrics.len() > 1) {
        table.fault(
            "metric",
            "must be a single one unless the claim is about a mean",
        );
    }
    let share = read_share(table, kind);
    let printed = read_printed(table, kind);
    let threshold = read_threshold(table);
    let statement = match kind {
        StatementKind::Published => {
            for key in CRITERIA {
                table.known(key);
                if table.has(key) {
                    table.fault(
                        key,
                        "has no meaning with `kind = \"published\"`: see `printed`",
                    );
                }
            }
            Statement::Published(printed?)
        }
        StatementKind::Mean => Statement::Mean(read_criterion(table)?),
        StatementKind::Share => Statement::Share {
            criterion: read_criterion(table)?,
            least: share,
        },
    };
    check_threshold(table, statement, threshold.is_some());
    Some(SourcedStatement {
        statement,
        threshold,
    })
}

/// Reports claims about an index that do not ask for a share of trainings: an index has no
/// mean that could be above or below another number.
fn check_indices(table: &Reader<'_>, metrics: &[String], kind: StatementKind) {
    let mut indices = metrics
        .iter()
        .filter(|name| Scale::of(name) == Scale::Index);
    if let Some(name) = indices.next()
        && (kind != StatementKind::Share || table.has("minus") || !table.has("near"))
    {
        let message = format!(
            "names {name:?}, an index, which has no mean, order or difference; say how many \
             trainings have which one, such as `kind = \"share\"`, `near = 9` and `within = 0`"
        );
        table.fault("metric", &message);
    }
}

fn read_share(table: &Reader<'_>, kind: StatementKind) -> f64 {
    let share = number("a share above 0, at most 1", 0.0..=1.0);
    let about = "Least share of trainings that satisfy the criterion [default: 0.5]";
    let least = table.key("share", share, about).optional();
    if kind != StatementKind::Share && table.has("share") {
        table.fault("share", "has no meaning without `kind = \"share\"`");
    }
    if least == Some(0.0) {
        table.fault(
            "share",
            "must be above 0: every claim holds for no training at all",
        );
    }
    least.unwrap_or(MOST)
}

fn read_printed(table: &Reader<'_>, kind: StatementKind) -> Option<Printed> {
    let form = text("a number in quotation marks, with the digits that the source prints");
    let about = "Number as the source prints it, in quotation marks and with all its digits: \
         `\"0.9428\"`; \"about 90\" is `\"9e1\"`";
    let given = table.key("printed", form, about).optional();
    match (kind, given) {
        (StatementKind::Published, Some(digits)) => {
            let printed = Printed::parse(&digits);
            if printed.is_none() {
                let message = format!("must be a number such as `\"0.9428\"`, got {digits:?}");
                table.fault("printed", &message);
            }
            printed
        }
        (StatementKind::Published, None) => {
            if !table.has("printed") {
                table.fault("printed", "is missing: the number that the source prints");
            }
            None
        }
        (StatementKind::Mean | StatementKind::Share, Some(_)) => {
            table.fault("printed", "has no meaning without `kind = \"published\"`");
            None
        }
        (StatementKind::Mean | StatementKind::Share, None) => None,
    }
}

/// Reads the word `source`, or `{ ours = "why" }`.
fn read_threshold(table: &Reader<'_>) -> Option<Threshold> {
    if let Some(own) = table.own_table("threshold") {
        let reason = sentence().where_known("a line of text", |text| !text.trim().is_empty());
        let ours = own
            .key("ours", reason, "Reason for a number of ours")
            .required();
        own.finish();
        return ours.map(Threshold::Ours);
    }
    let words = one_of([("source", Threshold::Source)])
        .or(Schema::Table)
        .hint("or `{ ours = \"why\" }`");
    let about = "Origin of the numbers of the claim: `\"source\"`, or `{ ours = \"why\" }`; \
         required with `source`, unless the claim has no number";
    table.key("threshold", words, about).optional()
}

/// Reports a number without an origin in the sentence of a source, and an origin without a
/// number. The numbers of a claim without a source are its author's.
fn check_threshold(table: &Reader<'_>, statement: Statement, is_given: bool) {
    let has_number = match statement {
        Statement::Mean(criterion) => has_number(criterion),
        Statement::Share { criterion, .. } => has_number(criterion) || table.has("share"),
        Statement::Published(_) => false,
    };
    if has_number && !table.has("threshold") && table.has("source") {
        table.fault(
            "threshold",
            "is missing: where is the number of the claim from? `\"source\"`, or \
             `{ ours = \"why\" }`",
        );
    }
    if !has_number && is_given {
        table.fault(
            "threshold",
            "has no meaning: the claim has no number of its own",
        );
    }
}

/// Returns false for a comparison with another number alone.
fn has_number(criterion: Criterion) -> bool {
    match criterion {
        Criterion::Above(margin) | Criterion::Below(margin) => margin != 0.0,
        Criterion::Near { .. } | Criterion::AtLeast(_) | Criterion::AtMost(_) => true,
    }
}

/// Reads the one criterion of a claim.
fn read_criterion(table: &Reader<'_>) -> Option<Criterion> {
    let number = |key, about| table.key(key, number("a number", ..), about).optional();
    let near = number("near", "Number of the source, to which the value is near");
    let within = read_within(table);
    let near = near.zip(within);
    let criteria = [
        (
            "near",
            near.map(|(value, within)| Criterion::Near { value, within }),
        ),
        (
            "at_least",
            number("at_least", "Lowest value").map(Criterion::AtLeast),
        ),
        (
            "at_most",
            number("at_most", "Highest value").map(Criterion::AtMost),
        ),
        ("above", Some(Criterion::Above(read_by(table, "above")))),
        // 0 minus 0 is not shown as -0.
        (
            "below",
            Some(Criterion::Below(0.0 - read_by(table, "below"))),
        ),
    ];
    let given: Vec<Option<Criterion>> = criteria
        .iter()
        .filter(|(key, _)| table.has(key))
        .map(|(_, criterion)| *criterion)
        .collect();
    let [criterion] = given[..] else {
        let all = one_of_names(criteria.map(|(key, _)| key));
        let message = format!("must have one of {all}, and has {}", given.len());
        table.fault_of_table(&message);
        return None;
    };
    if table.has("near") != table.has("within") {
        table.fault("within", "and `near` need each other");
    }
    if let Some((value, Within::Factor(_))) = near
        && value <= 0.0
    {
        table.fault("near", "must be above 0, as `within` is a factor");
    }
    criterion
}

/// Reads a number, or `{ factor = 2.0 }`.
fn read_within(table: &Reader<'_>) -> Option<Within> {
    if let Some(own) = table.own_table("within") {
        let at_least_one = number("a number of at least 1", 1.0..);
        let factor = own
            .key("factor", at_least_one, "Highest factor between the two")
            .required();
        own.finish();
        return factor.map(Within::Factor);
    }
    let distance = number("a number of at least 0, or `{ factor = 2.0 }`", 0.0..);
    let about = "Highest distance from `near`, or `{ factor = 2.0 }`";
    table
        .key("within", distance.or(Schema::Table), about)
        .optional()
        .map(Within::Distance)
}

/// Reads the margin of `above` or `below`; 0 without one.
fn read_by(table: &Reader<'_>, key: &'static str) -> f64 {
    let margin = number("a number of at least 0", 0.0..);
    let own = table.own_table(key);
    own.map_or(0.0, |own| {
        own.key("by", margin, "Lowest difference").or(0.0)
    })
}
