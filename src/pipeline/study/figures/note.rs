//! Note under a study figure: data and seeds.

use std::collections::BTreeSet;

use super::FirstReplicate;
use crate::grouped::grouped;
use crate::metrics::statistics::MIN_REPLICATES;
use crate::pipeline::study::published::{PublishedReplicate, list};
use crate::pipeline::study::report::StudyReport;

/// Content of a figure: means, or single values.
#[derive(Clone, Copy)]
pub enum ShownValues {
    /// Means over the replicates.
    Means,
    /// Values of every replicate.
    Every,
}

/// Returns the data and seeds of all replicates.
pub fn note(report: &StudyReport<'_>, shown: ShownValues) -> String {
    let seeds = |member: usize| -> Vec<u64> {
        let own = report.members[member].replicates.iter();
        own.map(PublishedReplicate::seed).collect()
    };
    let describe = |seeds: &[u64]| {
        let list: Vec<String> = seeds.iter().map(u64::to_string).collect();
        let how = match (shown, seeds.len()) {
            (ShownValues::Every, _) => {
                " (a dot per class and replicate; lines: means over replicates)".to_owned()
            }
            (ShownValues::Means, 1) => " (one replicate, so no intervals)".to_owned(),
            (ShownValues::Means, n) if n < MIN_REPLICATES => {
                format!(" (means over {n} replicates; intervals need {MIN_REPLICATES})")
            }
            (ShownValues::Means, n) => format!(" (means over {n} replicates with 95 % intervals)"),
        };
        let seeds = if seeds.len() == 1 { "seed" } else { "seeds" };
        format!("{seeds} {}{how}", list.join(" "))
    };
    let members = &report.study.members;
    let all: Vec<String> = (0..members.len())
        .map(|member| describe(&seeds(member)))
        .collect();
    let seeds = if all.windows(2).all(|pair| pair[0] == pair[1]) {
        all.first().cloned().unwrap_or_default()
    } else {
        let each = members.iter().zip(&all);
        let each = each.map(|(member, seeds)| format!("{}: {seeds}", member.label()));
        each.collect::<Vec<_>>().join("; ")
    };
    let (data, name) = (data(report), &report.study.name);
    format!(
        "Data: {data}. {}. Spec {name}{}.{}",
        capital(&seeds),
        overrides(report),
        left_out(report)
    )
}

/// Returns the data of all replicates, and the seeds of those shown.
pub fn note_of_first(report: &StudyReport<'_>, first: &[FirstReplicate<'_>]) -> String {
    let seed =
        |one: &FirstReplicate<'_>| format!("{} {}", one.member.label(), one.replicate.seed());
    let seeds: BTreeSet<u64> = first.iter().map(|one| one.replicate.seed()).collect();
    let seeds = match Vec::from_iter(seeds)[..] {
        [seed] => seed.to_string(),
        _ => first.iter().map(seed).collect::<Vec<_>>().join(", "),
    };
    let (data, name) = (data(report), &report.study.name);
    format!(
        "Data: {data}. Seed {seeds}. Spec {name}{}.",
        overrides(report)
    )
}

/// Capitalizes a text that starts with `seed`, not one that starts with a name.
fn capital(text: &str) -> String {
    match text.strip_prefix("seed") {
        Some(rest) => format!("Seed{rest}"),
        None => text.to_owned(),
    }
}

/// Describes the data of the members, and what makes them controls, each once.
fn data(report: &StudyReport<'_>) -> String {
    let members = report.study.members.iter().zip(&report.members);
    let mut all: Vec<(String, Option<String>)> = Vec::new();
    for (member, own) in members {
        for one in &own.replicates {
            let described = (member.describe_data(&one.data), member.spec.control());
            if !all.contains(&described) {
                all.push(described);
            }
        }
    }
    // Each data set once, with all that is a control on it.
    let line = |(data, controls): (String, Vec<Option<String>>)| {
        let plain = controls.contains(&None);
        let controls: Vec<String> = controls.into_iter().flatten().collect();
        match (&controls[..], plain) {
            ([], _) => data,
            (_, false) => format!("{data}, CONTROL: {}", controls.join("; ")),
            (_, true) => format!("{data}, and as CONTROL: {}", controls.join("; ")),
        }
    };
    grouped(all)
        .into_iter()
        .map(line)
        .collect::<Vec<_>>()
        .join("; ")
}

fn overrides(report: &StudyReport<'_>) -> String {
    let first = report.study.members.first();
    match first.map_or(&[][..], |member| &member.overrides) {
        [] => String::new(),
        overrides => format!(" with {}", overrides.join(", ")),
    }
}

/// Returns a sentence about published replicates that are left out.
fn left_out(report: &StudyReport<'_>) -> String {
    let left_out = report.left_out();
    if left_out.is_empty() {
        return String::new();
    }
    format!(" Left out: {}.", list(&left_out, &report.study.name))
}
