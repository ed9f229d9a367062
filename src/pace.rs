//! How far a long computation is, reported from time to time.

use std::cell::Cell;
use std::time::{Duration, Instant};

/// Computations that end sooner report nothing.
const FIRST: Duration = Duration::from_secs(2);
/// From one report to the next.
const EVERY: Duration = Duration::from_secs(1);
/// Reports that are landmarks come twice as late each time, up to this.
const SELDOM: Duration = Duration::from_mins(1);

/// How far a computation is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reached {
    /// Parts that are done, such as classes.
    pub done: usize,
    /// Parts in all; 0 if that is not known.
    pub of: usize,
    /// Steps of the search that is going on.
    pub steps: usize,
    /// Whether it is worth a line of a log: that is a few times a minute, and later on
    /// once a minute.
    pub is_landmark: bool,
}

/// Reports how far one computation is.
pub struct Reporter<'a> {
    report: &'a dyn Fn(Reached),
    done: Cell<usize>,
    of: Cell<usize>,
    steps: Cell<usize>,
    next: Cell<Instant>,
    landmark: Cell<Instant>,
    /// From one landmark to the next.
    wait: Cell<Duration>,
}

impl<'a> Reporter<'a> {
    /// Starts with the computation.
    #[must_use]
    pub fn new(report: &'a dyn Fn(Reached)) -> Self {
        let first = Instant::now() + FIRST;
        Self {
            report,
            done: Cell::new(0),
            of: Cell::new(0),
            steps: Cell::new(0),
            next: Cell::new(first),
            landmark: Cell::new(first),
            wait: Cell::new(FIRST),
        }
    }

    /// What the computation calls as it goes on.
    #[must_use]
    pub fn pace(&'a self) -> Pace<'a> {
        Pace(Some(self))
    }

    fn tick(&self) {
        let now = Instant::now();
        if now < self.next.get() {
            return;
        }
        self.next.set(now + EVERY);
        let is_landmark = now >= self.landmark.get();
        if is_landmark {
            let wait = SELDOM.min(2 * self.wait.get());
            self.wait.set(wait);
            self.landmark.set(now + wait);
        }
        (self.report)(Reached {
            done: self.done.get(),
            of: self.of.get(),
            steps: self.steps.get(),
            is_landmark,
        });
    }
}

/// Called by a computation as it goes on, as often as it likes.
#[derive(Clone, Copy)]
pub struct Pace<'a>(Option<&'a Reporter<'a>>);

impl Pace<'_> {
    /// Reports nothing.
    pub const SILENT: Self = Self(None);

    /// So many of so many parts are done.
    pub fn at(self, done: usize, of: usize) {
        if let Some(reporter) = self.0 {
            reporter.done.set(done);
            reporter.of.set(of);
            reporter.steps.set(0);
            reporter.tick();
        }
    }

    /// Less than a step was done, but it may have taken long.
    pub fn tick(self) {
        if let Some(reporter) = self.0 {
            reporter.tick();
        }
    }

    /// Another step of the part that is going on.
    pub fn step(self) {
        if let Some(reporter) = self.0 {
            reporter.steps.set(reporter.steps.get() + 1);
            reporter.tick();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::RefCell;

    #[test]
    fn reports_begin_late_and_landmarks_get_rare() {
        let told = RefCell::new(Vec::new());
        let report = |reached| told.borrow_mut().push(reached);
        let reporter = Reporter::new(&report);
        let pace = reporter.pace();
        pace.at(3, 10);
        pace.step();
        assert!(told.borrow().is_empty(), "nothing takes long yet");
        let past = Instant::now();
        for _ in 0..8 {
            reporter.next.set(past);
            pace.step();
        }
        reporter.landmark.set(past);
        reporter.next.set(past);
        pace.step();
        let told = told.borrow();
        assert_eq!(told.len(), 9);
        let last = told[8];
        assert_eq!((last.done, last.of, last.steps), (3, 10, 10));
        assert!(told[..8].iter().all(|one| !one.is_landmark) && last.is_landmark);
        assert_eq!(reporter.wait.get(), 2 * FIRST);
    }

    #[test]
    fn silence_costs_nothing() {
        Pace::SILENT.at(1, 2);
        Pace::SILENT.step();
    }
}
