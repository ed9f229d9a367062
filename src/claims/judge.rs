//! Judgement of claims by the results of a study.

use serde::Serialize;

use super::form::{Claim, Term};
use super::numbers::{ExperimentNumbers, bounds, estimate, fewest, of_experiments, of_seeds};
use super::verdict::{PointEstimate, UndecidedReason, Verdict};
use crate::metrics::statistics::Estimate;
use crate::report::Results;
use crate::report::per_replicate::agreement;

/// Claim with its verdict.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ClaimResult {
    /// Study whose spec has the claim.
    pub study: String,
    /// Sentence of the source.
    pub says: String,
    /// Source and place in it.
    pub source: Option<String>,
    /// Verdict of all metrics together.
    pub verdict: Verdict,
    /// Reason for an undecided claim; empty for others.
    pub why: String,
    /// One result per metric.
    pub tests: Vec<MetricResult>,
}

/// One metric of a claim.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MetricResult {
    /// Name of the metric.
    pub metric: String,
    /// Inversions and experiments, added and subtracted.
    pub of: String,
    /// `mean`, `mean of 3, 4`, `lowest` or `highest`; empty for numbers without classes.
    pub classes: String,
    /// Text of the criterion.
    pub claimed: String,
    /// Mean over the replicates; none if it is unknown.
    #[serde(flatten)]
    pub observed: Option<Estimate>,
    /// Seeds with their numbers, if all experiments have the same seeds.
    pub replicates: Vec<(u64, f64)>,
    /// Verdict of this metric alone.
    #[serde(rename = "ruling")]
    pub verdict: Verdict,
}

/// Experiment of a study with its results.
pub struct ExperimentResults<'a> {
    /// Label in the study; empty for the only experiment.
    pub label: String,
    /// Results, or the reason why there are none.
    pub results: Result<&'a Results, String>,
}

/// Judges the claims of a study by the results of its experiments, in their order.
#[must_use]
pub fn judge_claims(
    study: &str,
    claims: &[Claim],
    experiments: &[ExperimentResults<'_>],
) -> Vec<ClaimResult> {
    let judge = |claim: &Claim| {
        let metrics = claim.metrics.iter();
        let tests: Vec<MetricResult> = metrics
            .map(|metric| judge_metric(claim, metric, experiments))
            .collect();
        let verdict = combined(&tests);
        ClaimResult {
            study: study.to_owned(),
            says: claim.says.clone(),
            source: claim.source.clone(),
            why: verdict.why(),
            verdict,
            tests,
        }
    };
    claims.iter().map(judge).collect()
}

/// Returns the verdict that all metrics agree on. If one confirms and another does not, they
/// disagree, whatever more replicates would show.
fn combined(tests: &[MetricResult]) -> Verdict {
    let Some((first, others)) = tests.split_first() else {
        return Verdict::Undecided(UndecidedReason::NoValue);
    };
    if others.iter().all(|other| other.verdict == first.verdict) {
        return first.verdict.clone();
    }
    let mut reasons = tests.iter().filter_map(|test| test.verdict.reason());
    Verdict::Undecided(
        match reasons.find(|reason| **reason != UndecidedReason::Straddles) {
            None => UndecidedReason::Disagree,
            Some(UndecidedReason::TooFew { replicates, .. }) => UndecidedReason::TooFew {
                replicates: *replicates,
                mean: PointEstimate::Mixed,
            },
            Some(other) => other.clone(),
        },
    )
}

fn judge_metric(
    claim: &Claim,
    metric: &str,
    experiments: &[ExperimentResults<'_>],
) -> MetricResult {
    let numbers = of_experiments(claim, metric, experiments);
    let observed = numbers
        .as_ref()
        .map_err(Clone::clone)
        .and_then(|numbers| observe(claim, metric, numbers));
    let verdict = match (&observed, fallback_data(claim, experiments)) {
        (Ok(_), Some(source)) => Verdict::Undecided(UndecidedReason::StandIn(source)),
        (Ok(observed), None) => {
            let numbers = numbers.as_deref().unwrap_or_default();
            claim.criterion.decide(observed, fewest(numbers))
        }
        (Err(reason), _) => Verdict::Undecided(reason.clone()),
    };
    let is_of_inverses = claim.terms.iter().any(|term| !term.inversion.is_empty());
    MetricResult {
        metric: metric.to_owned(),
        of: sum_text(claim, experiments),
        classes: if is_of_inverses {
            claim.classes.text()
        } else {
            String::new()
        },
        claimed: claim.criterion.text(),
        observed: observed.ok(),
        replicates: of_seeds(numbers.as_deref().unwrap_or_default()),
        verdict,
    }
}

fn observe(
    claim: &Claim,
    metric: &str,
    numbers: &[ExperimentNumbers],
) -> Result<Estimate, UndecidedReason> {
    let bounds = bounds(claim, metric)
        .ok_or_else(|| UndecidedReason::Index(agreement(&of_seeds(numbers))))?;
    estimate(numbers, bounds)
}

/// Returns the fallback data set of an experiment that the claim is about, if any.
fn fallback_data(claim: &Claim, experiments: &[ExperimentResults<'_>]) -> Option<String> {
    claim.terms.iter().find_map(|term| {
        let results = experiments.get(term.experiment)?.results.as_ref().ok()?;
        let data = results.data.as_ref()?;
        data.stand_in_for.is_some().then(|| data.source.clone())
    })
}

/// Names the terms: `empirical − analytical`, with the experiments of a study of several.
fn sum_text(claim: &Claim, experiments: &[ExperimentResults<'_>]) -> String {
    let mut text = String::new();
    for term in &claim.terms {
        if !text.is_empty() {
            text.push_str(if term.subtracted { " − " } else { " + " });
        }
        let experiment = experiments.get(term.experiment);
        text.push_str(&term.text(experiment.map_or("", |one| &one.label)));
    }
    text
}

impl Term {
    fn text(&self, experiment: &str) -> String {
        let epoch = self.epoch.map(|epoch| format!("epoch {epoch}"));
        let setting = if self.inversion.is_empty() && !self.setting.is_empty() {
            format!("layer {}", self.setting)
        } else {
            self.setting.clone()
        };
        let mut parts = vec![experiment, &self.inversion, &setting];
        parts.extend(epoch.as_deref());
        parts.retain(|part| !part.is_empty());
        let mut text = parts.join(" ");
        if !self.with.is_empty() {
            text.push_str(" with ");
            text.push_str(&self.with);
        }
        text
    }
}
