//! A claim as its spec states it.

use serde::Serialize;

use crate::report::Classes;

/// One entry of `[[claim]]`.
#[derive(Debug, Clone, PartialEq)]
pub struct Claim {
    /// Sentence of the source.
    pub says: String,
    /// Source and place in it.
    pub source: Option<String>,
    /// Part of the source that the claim follows, where its parts contradict each other.
    pub reading: Option<SourcePart>,
    /// Names of metrics, of columns of the accuracy log, or of numbers of the network, of
    /// its layers or of pairs of inverses. All of them have to agree.
    pub metrics: Vec<String>,
    /// Numbers to add and to subtract; the first is added.
    pub terms: Vec<Term>,
    /// Reduction from classes to one number per replicate. Differences between inversions
    /// of one experiment are computed per class first.
    pub classes: Classes,
    /// Statement about that number.
    pub statement: Statement,
    /// Generality of the sentence.
    pub about: About,
    /// Origin of the numbers in the statement; none without any.
    pub threshold: Option<Threshold>,
}

/// Part of a source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SourcePart {
    /// Its text.
    Text,
    /// Its code.
    Code,
}

/// Generality of a sentence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum About {
    /// Trainings on these rows: the mean of further ones like those that were run.
    Rows,
    /// The method on rows of this kind. Trainings on parts of one data set are independent
    /// only given that data set, so that the interval is that of one further training.
    Method,
}

/// Statement about one number per training.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Statement {
    /// The mean over trainings satisfies a criterion.
    Mean(Criterion),
    /// At least this share of trainings satisfies a criterion.
    Share {
        /// Condition on the number of one training.
        criterion: Criterion,
        /// Share of trainings, above 0 and at most 1.
        least: f64,
    },
    /// The author's training gave this number.
    Published(Printed),
}

/// Number as a source prints it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Printed {
    /// Value.
    pub value: f64,
    /// Half of its last digit.
    pub half_digit: f64,
}

/// Origin of a number in a claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Threshold {
    /// The source gives it.
    Source,
    /// It is ours, for this reason.
    Ours(String),
}

/// One number of every replicate of an experiment.
#[derive(Debug, Clone, PartialEq)]
pub struct Term {
    /// Subtracts the number instead of adding it.
    pub subtracted: bool,
    /// Position of the experiment in the study.
    pub experiment: usize,
    /// Name of the inversion; empty for numbers of the network.
    pub inversion: String,
    /// Setting of a swept inversion, or the layer for numbers of layers.
    pub setting: String,
    /// Other inversion of a pair; empty for numbers of one inversion.
    pub with: String,
    /// Epoch of a column of the accuracy log; the last one without it.
    pub epoch: Option<usize>,
}

/// Condition that a number satisfies or not.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Criterion {
    /// At most `within` away from `value`.
    Near {
        /// Number that the source gives.
        value: f64,
        /// Largest accepted deviation.
        within: Within,
    },
    /// Greater than or equal to a bound.
    AtLeast(f64),
    /// Less than or equal to a bound.
    AtMost(f64),
    /// Greater than a bound.
    Above(f64),
    /// Less than a bound.
    Below(f64),
}

/// Largest accepted deviation from a number.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Within {
    /// Absolute difference, at least 0.
    Distance(f64),
    /// Ratio in either direction, at least 1.
    Factor(f64),
}

/// Share of trainings that "every training" stands for where the source gives none: most.
pub const MOST: f64 = 0.5;

impl SourcePart {
    /// Name in specs and tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Code => "code",
        }
    }
}

impl About {
    /// Name in specs and tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::Rows => "rows",
            Self::Method => "method",
        }
    }
}

impl Threshold {
    /// Text for tables.
    pub fn text(&self) -> String {
        match self {
            Self::Source => "source".to_owned(),
            Self::Ours(why) => format!("ours: {why}"),
        }
    }
}

impl Statement {
    /// Name of the kind in specs and tables.
    pub fn kind(self) -> &'static str {
        match self {
            Self::Mean(_) => "mean",
            Self::Share { .. } => "share",
            Self::Published(_) => "published",
        }
    }

    /// Text for tables.
    pub fn text(self) -> String {
        match self {
            Self::Mean(criterion) => criterion.text(),
            Self::Share { criterion, least } => {
                format!("{} in a share of at least {least}", criterion.text())
            }
            Self::Published(Printed { value, .. }) => format!("{value}, as printed"),
        }
    }
}

impl Printed {
    /// Reads a number as it is printed: `0.9428` has a last digit of 0.0001, `90` of 1 and
    /// `9e1`, for "about 90", of 10.
    ///
    /// # Examples
    /// ```
    /// use backquery::claims::Printed;
    ///
    /// let printed = Printed::parse("0.9428").unwrap();
    /// assert_eq!((printed.value, printed.half_digit), (0.9428, 0.00005));
    /// assert_eq!(Printed::parse("9e1").unwrap().half_digit, 5.0);
    /// assert_eq!(Printed::parse("many"), None);
    /// ```
    pub fn parse(text: &str) -> Option<Self> {
        let value: f64 = text.parse().ok().filter(|value: &f64| value.is_finite())?;
        let (number, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
        let decimals = number
            .split_once('.')
            .map_or(0, |(_, decimals)| decimals.len());
        let exponent: i32 = exponent.parse().ok()?;
        let last = exponent.checked_sub(i32::try_from(decimals).ok()?)?;
        // Parsed, as a power of ten is rounded twice.
        let half_digit: f64 = format!("5e{}", last.checked_sub(1)?).parse().ok()?;
        half_digit.is_finite().then_some(Self { value, half_digit })
    }
}

impl Criterion {
    /// Text for tables.
    pub fn text(self) -> String {
        match self {
            Self::Near { value, within } => match within {
                Within::Distance(distance) => format!("{value} ± {distance}"),
                Within::Factor(factor) => format!("{value} × or ÷ {factor}"),
            },
            Self::AtLeast(bound) => format!("at least {bound}"),
            Self::AtMost(bound) => format!("at most {bound}"),
            Self::Above(bound) => format!("above {bound}"),
            Self::Below(bound) => format!("below {bound}"),
        }
    }

    /// Returns the numbers that satisfy it.
    pub fn accepted(self) -> AcceptedRange {
        let (low, high, is_open) = match self {
            Self::Near { value, within } => match within {
                Within::Distance(distance) => (value - distance, value + distance, false),
                Within::Factor(factor) => (value / factor, value * factor, false),
            },
            Self::AtLeast(bound) => (bound, f64::INFINITY, false),
            Self::AtMost(bound) => (f64::NEG_INFINITY, bound, false),
            Self::Above(bound) => (bound, f64::INFINITY, true),
            Self::Below(bound) => (f64::NEG_INFINITY, bound, true),
        };
        AcceptedRange { low, high, is_open }
    }
}

/// Numbers that satisfy a criterion.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AcceptedRange {
    /// Lower end; infinite without one.
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// Excludes both ends.
    pub is_open: bool,
}

impl AcceptedRange {
    /// Returns true if a number is in the range.
    pub fn contains(self, x: f64) -> bool {
        let is_end = x == self.low || x == self.high;
        self.low <= x && x <= self.high && !(self.is_open && is_end)
    }
}
