//! Comparison as a table of LaTeX.

use super::compare::{ComparisonRow, ExperimentComparison, Side};
use super::layout::wrap;
use super::markdown::p;
use super::notes::Notes;
use super::render::{digits, place, plain, reads_symmetric};
use crate::escape::latex;

impl ExperimentComparison {
    /// Writes a `tabular` with the rules of the package booktabs, and notes as comments. Shows
    /// the rows that are decided, or `all`.
    pub fn latex(&self, all: bool) -> String {
        let shown = self.shown(all);
        let notes = Notes {
            comparison: self,
            rows: shown,
            sides: true,
            escape: plain,
        };
        let mut lines = vec!["% Needs \\usepackage{booktabs}.".to_owned()];
        lines.extend(side("A", &self.a));
        lines.extend(side("B", &self.b));
        if !shown.is_empty() {
            lines.extend(comment(&self.headline()));
            lines.extend(self.tabular(shown));
        }
        let below = self.hidden(shown).into_iter().chain(notes.texts());
        lines.extend(below.flat_map(|note| comment(&note)));
        lines.join("\n")
    }

    /// Writes the table. Without a test it has no columns of p.
    fn tabular(&self, shown: &[ComparisonRow]) -> Vec<String> {
        let is_tested = self.tests.is_some_and(|tests| tests > 0);
        let (columns, titles) = if is_tested {
            ("llrrrrr", r" & $p$ & $p_\mathrm{Holm}$")
        } else {
            ("llrrr", "")
        };
        let [a, b] = [&self.a, &self.b].map(|side| side.seeds.len());
        let mut lines = vec![
            format!(r"\begin{{tabular}}{{{columns}}}"),
            r"\toprule".to_owned(),
            format!(
                r"inversion & metric & A ($n = {a}$) & B ($n = {b}$) & $\mathrm{{B}} - \mathrm{{A}}$"
            ) + titles
                + r" \\",
            r"\midrule".to_owned(),
        ];
        lines.extend(shown.iter().map(|row| line(row, is_tested)));
        lines.extend([r"\bottomrule", r"\end{tabular}"].map(str::to_owned));
        lines
    }
}

/// Formats a text as comments.
fn comment(text: &str) -> Vec<String> {
    let lines = wrap(text, 0).into_iter();
    lines.map(|line| format!("% {line}")).collect()
}

fn side(letter: &str, side: &Side) -> Vec<String> {
    let seeds: Vec<String> = side.seeds.iter().map(u64::to_string).collect();
    comment(&format!(
        "{letter}: {}, seeds {}",
        plain(&side.name),
        seeds.join(" ")
    ))
}

fn line(row: &ComparisonRow, is_tested: bool) -> String {
    let difference = &row.difference;
    let mut cells = vec![
        latex(place(row)),
        latex(&row.metric),
        with_ends(row.a.mean, row.a.low.zip(row.a.high)),
        with_ends(row.b.mean, row.b.low.zip(row.b.high)),
        with_ends(difference.mean, difference.low.zip(difference.high)),
    ];
    if is_tested {
        let cell = |value: Option<f64>| match value {
            None => "--".to_owned(),
            Some(_) => format!("${}$", p(value)),
        };
        cells.extend([cell(difference.p), cell(row.p_holm)]);
    }
    cells.join(" & ") + r" \\"
}

/// Formats a mean with half of its interval, or with both ends if the halves differ.
fn with_ends(mean: f64, ends: Option<(f64, f64)>) -> String {
    let mean_text = math(mean);
    match ends {
        None => format!("${mean_text}$"),
        Some((low, high)) if reads_symmetric(mean, low, high) => {
            format!(r"${mean_text} \pm {}$", math(high - mean))
        }
        Some((low, high)) => format!("${mean_text}$ (${}$ to ${}$)", math(low), math(high)),
    }
}

/// Formats a number for mathematics: `3.67 \times 10^{-4}`.
fn math(number: f64) -> String {
    let text = digits(number);
    match text.split_once('e') {
        None => text,
        Some((factor, exponent)) => format!(r"{factor} \times 10^{{{exponent}}}"),
    }
}

#[cfg(test)]
mod tests {
    use super::super::compare::compare;
    use super::super::fixture::{in_memory, measurement};
    use super::super::load::Results;

    fn results(name: &str, values: [f64; 3]) -> Results {
        let seeds = (0..).zip(values);
        let one = |(seed, x): (u64, f64)| {
            let values = vec![
                measurement("top_&_bottom", "target_probability", 0, x),
                measurement("[50%", "l1#", 0, 1e-5 * x),
            ];
            (seed, values)
        };
        let mut results = in_memory(&seeds.map(one).collect::<Vec<_>>());
        name.clone_into(&mut results.name);
        results
    }

    #[test]
    fn a_table_is_escaped_and_its_numbers_are_mathematics() {
        let a = results("a_%\n\\x", [0.0, 0.0, 0.2]);
        let b = results("b", [1.0, 0.9, 1.0]);
        insta::assert_snapshot!(compare(&a, &b).corrected().latex(false), @r"
        % Needs \usepackage{booktabs}.
        % A: a_%\n\x, seeds 0 1 2
        % B: b, seeds 0 1 2
        % 2 of 2 tests find a difference (corrected p < 0.05):
        \begin{tabular}{llrrrrr}
        \toprule
        inversion & metric & A ($n = 3$) & B ($n = 3$) & $\mathrm{B} - \mathrm{A}$ & $p$ & $p_\mathrm{Holm}$ \\
        \midrule
        {[}50\% & l1\# & $6.67 \times 10^{-7} \pm 2.87 \times 10^{-6}$ & $9.67 \times 10^{-6} \pm 1.43 \times 10^{-6}$ & $9.00 \times 10^{-6} \pm 2.48 \times 10^{-6}$ & $0.004$ & $0.008$ \\
        top\_\&\_bottom & target\_probability & $0.0667$ ($7.10 \times 10^{-4}$ to $0.8777$) & $0.9667$ ($0.2528$ to $0.9996$) & $0.9000$ ($0.1633$ to $0.9923$) & $0.040$ & $0.040$ \\
        \bottomrule
        \end{tabular}
        % ±: half the 95 % interval of the mean over replicates, not corrected. (a to b): both ends, where the
        %   halves differ.
        % p: paired t test over the seeds, the same in A and B. Holm: p corrected for the number of tests, 2
        %   (Holm 1979); below 0.05, B is higher or lower.
        ");
        let mut short = a;
        short.replicates.truncate(1);
        insta::assert_snapshot!(compare(&short, &b).corrected().latex(true), @r"
        % Needs \usepackage{booktabs}.
        % A: a_%\n\x, seeds 0
        % B: b, seeds 0 1 2
        % No test is possible. Means over the seeds:
        \begin{tabular}{llrrr}
        \toprule
        inversion & metric & A ($n = 1$) & B ($n = 3$) & $\mathrm{B} - \mathrm{A}$ \\
        \midrule
        top\_\&\_bottom & target\_probability & $0$ & $0.9667$ ($0.2528$ to $0.9996$) & $0.9667$ \\
        {[}50\% & l1\# & $0$ & $9.67 \times 10^{-6} \pm 1.43 \times 10^{-6}$ & $9.67 \times 10^{-6}$ \\
        \bottomrule
        \end{tabular}
        % ±: half the 95 % interval of the mean over replicates, not corrected. (a to b): both ends, where the
        %   halves differ.
        ");
    }
}
