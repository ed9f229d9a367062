//! Judgement of claims by the results of a study.

use serde::Serialize;

use super::correction::correct;
use super::evidence::{Evidence, IntervalOf, PValues};
use super::form::{Claim, SourcePart, Statement, Term, Threshold};
use super::numbers::{bounds, of_experiments, of_seeds};
use super::verdict::{MAX_MORE, PointEstimate, UndecidedReason, Verdict};
use crate::config::{Bounds, Metric, NumberScale, Scale, default_tolerance};
use crate::metrics::statistics::{Estimate, ONE_SIDED, TrainingNumber};
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
    /// Part of the source that it follows, where its parts contradict each other.
    pub reading: Option<SourcePart>,
    /// Kind of the statement: `mean`, `share` or `published`.
    pub kind: &'static str,
    /// Generality of the sentence: `rows` or `method`.
    pub about: &'static str,
    /// Origin of the numbers of the statement; empty without any.
    pub threshold: String,
    /// Verdict of all metrics together, by the corrected p value.
    pub verdict: Verdict,
    /// Text beside the verdict.
    pub why: String,
    /// One-sided p value that decides, against "it is false" or "it is true".
    pub p: Option<f64>,
    /// The same after correction for the number of claims of the source.
    pub corrected_p: Option<f64>,
    /// Number of claims that it is corrected for.
    pub family: usize,
    /// True if readings of the sentence have different verdicts.
    pub depends_on_reading: bool,
    /// Description of what varies between the trainings that it is judged by.
    pub varies: String,
    /// Description of seeds added after a look; empty without any.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub extended: String,
    /// Description of the evaluators that read a metric of it, if they are poor.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub poor_judges: String,
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
    /// Text of the statement.
    pub claimed: String,
    /// Observed number with its interval; none if it is unknown.
    #[serde(flatten)]
    pub observed: Option<Estimate>,
    /// Quantity of the interval; none without an observed number.
    pub interval: Option<IntervalOf>,
    /// Seeds with their numbers, if all experiments have the same seeds.
    pub replicates: Vec<(u64, f64)>,
    /// Verdict of this metric alone, by its own p value.
    #[serde(rename = "ruling")]
    pub verdict: Verdict,
    /// Evidence, or the reason why there is none.
    #[serde(skip)]
    pub evidence: Result<Evidence, UndecidedReason>,
}

/// Experiment of a study with its results.
pub struct ExperimentResults<'a> {
    /// Label in the study; empty for the only experiment.
    pub label: String,
    /// Description of what varies between its trainings.
    pub varies: String,
    /// Description of seeds added after a look; empty without any.
    pub extended: String,
    /// Description of the evaluators that read its inverses; empty unless they are poor.
    pub poor_judges: String,
    /// Results, or the reason why there are none.
    pub results: Result<&'a Results, String>,
}

/// Judges the claims of a study by the results of its experiments, in their order. Verdicts
/// are corrected for the claims of the study; those of a longer ledger by [`correct`].
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
        let threshold = claim.threshold.as_ref();
        let mut names = claim.metrics.iter();
        let is_read = names.any(|metric| Metric::is_read_by_judges(metric));
        ClaimResult {
            study: study.to_owned(),
            says: claim.says.clone(),
            source: claim.source.clone(),
            reading: claim.reading,
            kind: claim.statement.kind(),
            about: claim.about.name(),
            threshold: threshold.map_or_else(String::new, Threshold::text),
            verdict: Verdict::Undecided(UndecidedReason::NoValue),
            why: String::new(),
            p: None,
            corrected_p: None,
            family: 0,
            depends_on_reading: false,
            varies: texts(claim, experiments, |one| &one.varies),
            extended: texts(claim, experiments, |one| &one.extended),
            poor_judges: if is_read {
                texts(claim, experiments, |one| &one.poor_judges)
            } else {
                String::new()
            },
            tests,
        }
    };
    let mut judged: Vec<ClaimResult> = claims.iter().map(judge).collect();
    correct(&mut judged);
    judged
}

impl ClaimResult {
    /// Returns the p values of all metrics together after `more` further trainings; none
    /// if any metric has none.
    pub(super) fn p_values(&self, more: usize) -> Option<PValues> {
        let p = |test: &MetricResult| test.evidence.as_ref().ok()?.p(more);
        let mut all = self.tests.iter().map(p);
        let first = all.next()??;
        all.try_fold(first, |both, other| Some(both.of_both(other?)))
    }

    /// Returns the verdict by corrected p values; none if the claim has no test.
    pub(super) fn decided(&self, corrected: Option<PValues>) -> Verdict {
        let mut own = Vec::new();
        for test in &self.tests {
            match &test.evidence {
                Ok(evidence) => own.push(evidence),
                Err(reason) => return Verdict::Undecided(reason.clone()),
            }
        }
        let Some(first) = own.first() else {
            return Verdict::Undecided(UndecidedReason::NoValue);
        };
        let verdict = first.verdict(corrected);
        match verdict {
            Verdict::Point { trainings, .. } => self.point(trainings),
            Verdict::Undecided(UndecidedReason::Open { trainings, .. }) => {
                Verdict::Undecided(self.open(trainings, corrected))
            }
            Verdict::Confirmed
            | Verdict::Refuted
            | Verdict::Consistent
            | Verdict::Inconsistent
            | Verdict::NotRefuted { .. }
            | Verdict::Undecided(_) => verdict,
        }
    }

    /// Returns the side of trainings that are too few, on which all metrics have to agree.
    fn point(&self, trainings: usize) -> Verdict {
        let mut own = self.tests.iter().map(|test| &test.verdict);
        let first = own.next();
        match first.filter(|first| own.all(|other| other == *first)) {
            Some(verdict) => verdict.clone(),
            None => Verdict::Point {
                point: PointEstimate::Mixed,
                trainings,
            },
        }
    }

    /// Returns why a claim is open: metrics disagree, whatever further trainings would show,
    /// or there are too few trainings.
    fn open(&self, trainings: usize, corrected: Option<PValues>) -> UndecidedReason {
        let has = |wanted: &Verdict| self.tests.iter().any(|test| test.verdict == *wanted);
        if has(&Verdict::Confirmed) && has(&Verdict::Refuted) {
            return UndecidedReason::Disagree;
        }
        let both = corrected.zip(self.p_values(0));
        let factor = both.map_or(1.0, |(corrected, raw)| corrected.smaller() / raw.smaller());
        let decides = |more: &usize| {
            let later = self.p_values(*more).map(PValues::smaller);
            later.is_some_and(|p| p * factor <= ONE_SIDED)
        };
        let more = (1..=MAX_MORE).find(decides);
        UndecidedReason::Open { trainings, more }
    }
}

/// Joins the different texts about the experiments of a claim.
fn texts<'a>(
    claim: &Claim,
    experiments: &'a [ExperimentResults<'a>],
    text: impl Fn(&'a ExperimentResults<'a>) -> &'a str,
) -> String {
    let mut all: Vec<&str> = Vec::new();
    for term in &claim.terms {
        let own = experiments.get(term.experiment).map(&text);
        all.extend(own.filter(|own| !own.is_empty() && !all.contains(own)));
    }
    all.join("; ")
}

fn judge_metric(
    claim: &Claim,
    metric: &str,
    experiments: &[ExperimentResults<'_>],
) -> MetricResult {
    let numbers = of_experiments(claim, metric, experiments);
    let replicates = of_seeds(numbers.as_deref().unwrap_or_default());
    let found = numbers.and_then(|numbers| {
        let scale = number_scale(claim, metric, &replicates)?;
        Evidence::new(claim.statement, claim.about, &numbers, scale)
    });
    let observed = found.as_ref().ok().map(|found| found.observed);
    let interval = found.as_ref().ok().map(|found| found.interval);
    let evidence = match fallback_data(claim, experiments) {
        Some(source) => found.and(Err(UndecidedReason::StandIn(source))),
        None => found,
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
        claimed: claim.statement.text(),
        observed,
        interval,
        replicates: replicates.iter().map(|one| (one.seed, one.value)).collect(),
        verdict: match &evidence {
            Ok(found) => found.verdict(found.p(0)),
            Err(reason) => Verdict::Undecided(reason.clone()),
        },
        evidence,
    }
}

/// Returns the scale of the sum that a claim is about. An index has only shares.
fn number_scale(
    claim: &Claim,
    metric: &str,
    replicates: &[TrainingNumber],
) -> Result<NumberScale, UndecidedReason> {
    let bounds = match (bounds(claim, metric), claim.statement) {
        (Some(bounds), _) => bounds,
        (None, Statement::Share { .. }) => Bounds::NONE,
        (None, Statement::Mean(_) | Statement::Published(_)) => {
            return Err(UndecidedReason::Index(agreement(replicates)));
        }
    };
    Ok(NumberScale {
        bounds,
        tolerance: default_tolerance(metric),
        is_epoch: Scale::of(metric) == Scale::Epoch,
    })
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
