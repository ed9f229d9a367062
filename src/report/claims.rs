//! What results say of the claims of a source.

mod numbers;

use serde::{Serialize, Serializer};

use super::load::Results;
use super::per_replicate::agreement;
use crate::config::{Claim, Holds, Term, Within};
use crate::metrics::statistics::{Estimate, MIN_REPLICATES};
use numbers::{Side, bounds, estimate, fewest, replicates, sides};

/// What is to be said of a claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ruling {
    /// All of the interval is where the claim holds.
    Confirmed,
    /// None of it is.
    Refuted,
    /// Results do not tell, for this reason.
    Undecided(Doubt),
}

/// Why results do not tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Doubt {
    /// An experiment has only so many replicates: how far others would be off is not
    /// known.
    TooFew {
        /// How many.
        replicates: usize,
        /// What their mean is.
        mean: Point,
    },
    /// It is an index, which has no mean. How many replicates agree on which one.
    Index(String),
    /// The claim holds at one end of the interval and not at the other.
    Straddles,
    /// What it is measured by does not agree.
    Disagree,
    /// Other data stood in for those that the source speaks of.
    StandIn(String),
    /// Some replicate has no number, or none that is finite.
    NoValue,
    /// Training had no epoch of this number.
    NoEpoch(usize),
    /// The results do not have this metric.
    NotMeasured(String),
    /// There are no results, and why.
    NoResults(String),
}

/// A mean without an interval, which decides nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Point {
    /// It is where the claim holds.
    AsClaimed,
    /// It is not.
    Contrary,
    /// Several metrics do not agree.
    Mixed,
}

impl Point {
    /// In words.
    #[must_use]
    pub fn text(self) -> &'static str {
        match self {
            Self::AsClaimed => "as claimed",
            Self::Contrary => "contrary",
            Self::Mixed => "as claimed by some measures, contrary by others",
        }
    }
}

impl Ruling {
    /// In one word.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Confirmed => "confirmed",
            Self::Refuted => "refuted",
            Self::Undecided(_) => "undecided",
        }
    }

    /// Why it is undecided; empty if it is not.
    #[must_use]
    pub fn why(&self) -> String {
        let Self::Undecided(doubt) = self else {
            return String::new();
        };
        match doubt {
            Doubt::TooFew { replicates, mean } => {
                let noun = if *replicates == 1 {
                    "replicate"
                } else {
                    "replicates"
                };
                let point = mean.text();
                format!("{replicates} {noun} ({MIN_REPLICATES} needed); {point}")
            }
            Doubt::Index(agreement) => format!("an index has no mean; {agreement}"),
            Doubt::Straddles => "the interval straddles".to_owned(),
            Doubt::Disagree => "the measures do not agree".to_owned(),
            Doubt::StandIn(source) => format!("{source} stood in"),
            Doubt::NoValue => "a value is missing or not finite".to_owned(),
            Doubt::NoEpoch(epoch) => format!("training had no epoch {epoch}"),
            Doubt::NotMeasured(metric) => {
                format!("the results have no {metric} of all of them: run again")
            }
            Doubt::NoResults(why) => why.clone(),
        }
    }
}

impl Serialize for Ruling {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.word())
    }
}

/// A claim with what came of it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Judged {
    /// The study whose spec has it.
    pub study: String,
    /// The sentence.
    pub says: String,
    /// Where it stands.
    pub source: Option<String>,
    /// All that is measured, taken together.
    pub verdict: Ruling,
    /// Why it is undecided; empty if it is not.
    pub why: String,
    /// One for each metric.
    pub tests: Vec<Tested>,
}

/// One metric of a claim.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Tested {
    /// What was measured.
    pub metric: String,
    /// Of what: inversions and experiments, added and subtracted.
    pub of: String,
    /// `mean`, `mean of 3, 4`, `lowest` or `highest`; empty where classes have no
    /// numbers.
    pub classes: String,
    /// What it has to be.
    pub claimed: String,
    /// Where the claim holds: the ends, infinite if there is none.
    #[serde(skip)]
    pub region: (f64, f64),
    /// Over the replicates; none if it cannot be known.
    #[serde(flatten)]
    pub observed: Option<Estimate>,
    /// Seeds with their numbers, where all experiments have the same ones.
    pub replicates: Vec<(u64, f64)>,
    /// What this metric says.
    pub ruling: Ruling,
}

/// An experiment of a study: what it is called and its results, or why there are none.
pub struct Member<'a> {
    /// Empty if it is the only one.
    pub label: String,
    /// Its results.
    pub results: Result<&'a Results, String>,
}

/// What the results of a study's experiments say of its claims.
#[must_use]
pub fn judge_claims(study: &str, claims: &[Claim], members: &[Member<'_>]) -> Vec<Judged> {
    let judge = |claim: &Claim| {
        let metrics = claim.metrics.iter();
        let tests: Vec<Tested> = metrics.map(|name| test(claim, name, members)).collect();
        let verdict = together(&tests);
        Judged {
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

/// A verdict that all metrics agree on. Where one confirms and another does not,
/// they do not agree, whatever more replicates would say.
fn together(tests: &[Tested]) -> Ruling {
    let rulings: Vec<&Ruling> = tests.iter().map(|test| &test.ruling).collect();
    let cannot_tell = |ruling: &&&Ruling| {
        let straddles = Ruling::Undecided(Doubt::Straddles);
        matches!(ruling, Ruling::Undecided(_)) && **ruling != &straddles
    };
    match rulings[..] {
        [] => Ruling::Undecided(Doubt::NoValue),
        [first, ref rest @ ..] if rest.iter().all(|other| *other == first) => first.clone(),
        _ => match rulings.iter().find(cannot_tell) {
            None => Ruling::Undecided(Doubt::Disagree),
            Some(Ruling::Undecided(Doubt::TooFew { replicates, .. })) => {
                Ruling::Undecided(Doubt::TooFew {
                    replicates: *replicates,
                    mean: Point::Mixed,
                })
            }
            Some(doubt) => (**doubt).clone(),
        },
    }
}

fn test(claim: &Claim, metric: &str, members: &[Member<'_>]) -> Tested {
    let sides = sides(claim, metric, members);
    let observed = sides.as_ref().map_err(Clone::clone).and_then(|sides| {
        let agreement = || agreement(&replicates(sides));
        let bounds = bounds(claim, metric).ok_or_else(|| Doubt::Index(agreement()))?;
        Ok((estimate(sides, bounds)?, fewest(sides)))
    });
    let ruling = match &observed {
        Ok((estimate, fewest)) => match stand_in(claim, members) {
            Some(source) => Ruling::Undecided(Doubt::StandIn(source)),
            None => decide(claim.holds, estimate, *fewest),
        },
        Err(doubt) => Ruling::Undecided(doubt.clone()),
    };
    let is_of_inverses = claim.terms.iter().any(|term| !term.inversion.is_empty());
    let sides: &[Side] = sides.as_deref().unwrap_or_default();
    Tested {
        metric: metric.to_owned(),
        of: of(claim, members),
        classes: if is_of_inverses {
            claim.classes.text()
        } else {
            String::new()
        },
        claimed: claim.holds.text(),
        region: region(claim.holds),
        observed: observed.ok().map(|(estimate, _)| estimate),
        replicates: replicates(sides),
        ruling,
    }
}

/// Where a claim holds.
fn region(holds: Holds) -> (f64, f64) {
    match holds {
        Holds::Near { value, within } => match within {
            Within::Distance(distance) => (value - distance, value + distance),
            Within::Factor(factor) => (value / factor, value * factor),
        },
        Holds::AtLeast(bound) | Holds::Above(bound) => (bound, f64::INFINITY),
        Holds::AtMost(bound) | Holds::Below(bound) => (f64::NEG_INFINITY, bound),
    }
}

/// What an estimate says. Without an interval, of fewer than [`MIN_REPLICATES`]
/// replicates, it decides nothing, however the claim is spelt.
fn decide(holds: Holds, estimate: &Estimate, replicates: usize) -> Ruling {
    if let Some(interval) = estimate.low.zip(estimate.high) {
        return rule(holds, interval);
    }
    let mean = match rule(holds, (estimate.mean, estimate.mean)) {
        Ruling::Confirmed => Point::AsClaimed,
        Ruling::Refuted | Ruling::Undecided(_) => Point::Contrary,
    };
    Ruling::Undecided(Doubt::TooFew { replicates, mean })
}

/// What an interval says: confirmed if the claim holds on all of it, refuted if on none
/// of it.
#[must_use]
pub fn rule(holds: Holds, (low, high): (f64, f64)) -> Ruling {
    let region = region(holds);
    let is_open = matches!(holds, Holds::Above(_) | Holds::Below(_));
    let inside = |x: f64| {
        let within = region.0 <= x && x <= region.1;
        let at_an_end = x == region.0 || x == region.1;
        within && !(is_open && at_an_end)
    };
    let outside = if is_open {
        high <= region.0 || low >= region.1
    } else {
        high < region.0 || low > region.1
    };
    match (inside(low) && inside(high), outside) {
        (true, _) => Ruling::Confirmed,
        (_, true) => Ruling::Refuted,
        _ => Ruling::Undecided(Doubt::Straddles),
    }
}

/// What stood in for the data of any experiment that the claim is about.
fn stand_in(claim: &Claim, members: &[Member<'_>]) -> Option<String> {
    claim.terms.iter().find_map(|term| {
        let results = members.get(term.experiment)?.results.as_ref().ok()?;
        let data = results.data.as_ref()?;
        data.stand_in_for.is_some().then(|| data.source.clone())
    })
}

/// `empirical − analytical`, with the experiments where there are several.
fn of(claim: &Claim, members: &[Member<'_>]) -> String {
    let mut text = String::new();
    for term in &claim.terms {
        if !text.is_empty() {
            text.push_str(if term.subtracted { " − " } else { " + " });
        }
        text.push_str(&name(term, members));
    }
    text
}

fn name(term: &Term, members: &[Member<'_>]) -> String {
    let label = members
        .get(term.experiment)
        .map_or("", |member| &member.label);
    let epoch = term.epoch.map(|epoch| format!("epoch {epoch}"));
    let epoch = epoch.unwrap_or_default();
    // Without an inversion it is a layer.
    let setting = match (term.inversion.as_str(), term.setting.as_str()) {
        ("", layer) if !layer.is_empty() => format!("layer {layer}"),
        (_, setting) => setting.to_owned(),
    };
    let mut parts: Vec<&str> = vec![label, &term.inversion, &setting, &epoch];
    parts.retain(|part| !part.is_empty());
    let mut name = parts.join(" ");
    if !term.with.is_empty() {
        name.push_str(" with ");
        name.push_str(&term.with);
    }
    name
}

#[cfg(test)]
mod tests;
