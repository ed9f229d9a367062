//! Tables of a study report, and the page about a comparison.

use std::fmt::Write;

use super::report::StudyReport;
use crate::claims::{ClaimResult, page};
use crate::escape::{link, markdown};
use crate::pipeline::error::RunError;
use crate::pipeline::experiment::Experiment;
use crate::report::{
    self, Results, SummaryRow, compare, comparison_markdown, limit_rows, method_differences,
    pair_rows, pairs_markdown,
};
use crate::store::{DIFFERENCES, LIMITS, Outputs, PAIRS, SUMMARIES, SUMMARY};
use crate::table::to_csv;

/// Puts a text into brackets after another one; nothing for none.
fn in_brackets(text: &str) -> String {
    match text {
        "" => String::new(),
        text => format!(" ({text})"),
    }
}

impl StudyReport<'_> {
    pub(super) fn tables(
        &self,
        members: &[Results],
        rows: &[SummaryRow],
    ) -> Result<Outputs, RunError> {
        let mut tables = Outputs::from([(SUMMARIES.to_owned(), to_csv(rows)?)]);
        let mut add = |name: String, table: Vec<u8>| {
            // A table without rows has no header either.
            if !table.is_empty() {
                tables.insert(name, table);
            }
        };
        let differences: Vec<_> = members.iter().flat_map(method_differences).collect();
        add(DIFFERENCES.to_owned(), to_csv(&differences)?);
        let limits = members.iter().zip(&self.study.members);
        let limits = limits.flat_map(|(results, member)| limit_rows(results, &member.spec.limits));
        add(LIMITS.to_owned(), to_csv(&limits.collect::<Vec<_>>())?);
        if let Some(wanted) = &self.study.compare {
            add(PAIRS.to_owned(), to_csv(&pair_rows(wanted, members))?);
            for (name, comparison) in self.comparisons(members) {
                add(format!("{name}.csv"), comparison.csv()?);
            }
        }
        Ok(tables)
    }

    /// Compares the first experiment with each other one, unless pairs of their settings are
    /// compared.
    fn comparisons(&self, members: &[Results]) -> Vec<(String, report::ExperimentComparison)> {
        let pairs = self
            .study
            .compare
            .as_ref()
            .is_some_and(|wanted| !wanted.pairs.is_empty());
        let Some((first, others)) = members.split_first().filter(|_| !pairs) else {
            return Vec::new();
        };
        let labels = self.study.members.iter().skip(1).map(Experiment::label);
        let compared = others.iter().zip(labels);
        // Numbered, as different labels may give the same file name.
        let name = |place: usize, label: &str| match others.len() {
            1 => "comparison".to_owned(),
            _ => format!("comparison-{place}-{}", label.replace(['/', '.'], "-")),
        };
        (1..)
            .zip(compared)
            .map(|(place, (other, label))| (name(place, &label), compare(first, other)))
            .collect()
    }

    /// Returns the page about a comparison: its figures and tables.
    pub(super) fn text(
        &self,
        members: &[Results],
        judged: &[ClaimResult],
        files: &Outputs,
    ) -> String {
        let mut text = format!("# {}\n\n", markdown(&self.study.title));
        let members_of_study = self.study.members.iter().zip(&self.members);
        let members_of_study = members_of_study.zip(&self.extensions).zip(members);
        for (((member, own), extension), results) in members_of_study {
            let (varies, own) = (own.varies(member), own.replicates.iter());
            let seeds: Vec<String> = own.clone().map(|one| one.seed().to_string()).collect();
            let data = own.map(|one| member.describe(&one.data)).next();
            let varies = varies.map(|varies| format!("; what varies: {varies}"));
            let poor = results.poor_judges();
            let poor = poor.map(|poor| format!("; poor judges of legibility: {}", markdown(&poor)));
            // Writing to a string cannot fail.
            let _ = writeln!(
                text,
                "- **{}**: {}; seeds {}{}; data {}{}{}",
                markdown(&member.label()),
                markdown(&member.spec.title),
                seeds.join(" "),
                in_brackets(&extension.text()),
                markdown(&data.unwrap_or_default()),
                varies.unwrap_or_default(),
                poor.unwrap_or_default(),
            );
        }
        text.push('\n');
        let folder = self.study.name.rsplit('/').next().unwrap_or_default();
        if let Some(wanted) = self.study.compare.as_ref().filter(|c| !c.pairs.is_empty()) {
            text.push_str(&pairs_markdown(&pair_rows(wanted, members)));
            text.push('\n');
        }
        for figure in &self.study.figures {
            let caption = markdown(&figure.caption);
            for page in pages_of(&figure.name, files) {
                let path = link(&format!("{folder}/{SUMMARY}/{page}"));
                let _ = writeln!(text, "![{caption}]({path})\n");
            }
            if !caption.is_empty() {
                let _ = writeln!(text, "*{caption}*\n");
            }
        }
        if !judged.is_empty() {
            text.push_str(&page::markdown(judged));
            text.push('\n');
        }
        for (_, comparison) in self.comparisons(members) {
            text.push_str(&comparison_markdown(&comparison));
            text.push('\n');
        }
        format!("{}\n", text.trim_end())
    }
}

/// Lists the pages of a figure among the files of a summary, in their order.
fn pages_of(figure: &str, files: &Outputs) -> Vec<String> {
    let page = |stem: &str| format!("figures/{stem}.png");
    let whole = page(figure);
    if files.contains_key(&whole) {
        return vec![whole];
    }
    let pages = (1..).map(|number| page(&format!("{figure}-{number}")));
    pages.take_while(|page| files.contains_key(page)).collect()
}
