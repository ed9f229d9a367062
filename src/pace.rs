//! Progress of long computations, reported from time to time.

use std::cell::Cell;
use std::time::{Duration, Instant};

/// Time before the first report; computations that end sooner report nothing.
const FIRST_REPORT: Duration = Duration::from_secs(2);
/// Time from one report to the next.
const INTERVAL: Duration = Duration::from_secs(1);
/// Maximum time between landmarks, which doubles each time.
const MAX_LANDMARK_INTERVAL: Duration = Duration::from_mins(1);

/// Progress of a computation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reached {
    /// Number of finished parts, such as classes.
    pub done: usize,
    /// Number of parts; 0 if it is not known.
    pub of: usize,
    /// Number of steps of the current part.
    pub steps: usize,
    /// True if it is worth a line of a log: a few times a minute at first, later once a
    /// minute.
    pub is_landmark: bool,
}

/// Reports the progress of one computation.
pub struct Reporter<'a> {
    report: &'a dyn Fn(Reached),
    done: Cell<usize>,
    of: Cell<usize>,
    steps: Cell<usize>,
    next: Cell<Instant>,
    landmark: Cell<Instant>,
    /// Time from one landmark to the next.
    wait: Cell<Duration>,
}

impl<'a> Reporter<'a> {
    /// Starts the clock of a computation.
    pub fn new(report: &'a dyn Fn(Reached)) -> Self {
        let first = Instant::now() + FIRST_REPORT;
        Self {
            report,
            done: Cell::new(0),
            of: Cell::new(0),
            steps: Cell::new(0),
            next: Cell::new(first),
            landmark: Cell::new(first),
            wait: Cell::new(FIRST_REPORT),
        }
    }

    /// Returns the handle that the computation calls.
    pub fn pace(&'a self) -> Pace<'a> {
        Pace(Some(self))
    }

    fn tick(&self) {
        let now = Instant::now();
        if now < self.next.get() {
            return;
        }
        self.next.set(now + INTERVAL);
        let is_landmark = now >= self.landmark.get();
        if is_landmark {
            let wait = MAX_LANDMARK_INTERVAL.min(2 * self.wait.get());
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

/// Handle by which a computation reports progress, as often as it likes.
#[derive(Clone, Copy)]
pub struct Pace<'a>(Option<&'a Reporter<'a>>);

impl Pace<'_> {
    /// Reports nothing.
    pub const SILENT: Self = Self(None);

    /// Reports that `done` of `of` parts are finished.
    pub fn at(self, done: usize, of: usize) {
        if let Some(reporter) = self.0 {
            reporter.done.set(done);
            reporter.of.set(of);
            reporter.steps.set(0);
            reporter.tick();
        }
    }

    /// Reports that less than a step was done, which may have taken long.
    pub fn tick(self) {
        if let Some(reporter) = self.0 {
            reporter.tick();
        }
    }

    /// Reports another step of the current part.
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
        let reports = RefCell::new(Vec::new());
        let report = |reached| reports.borrow_mut().push(reached);
        let reporter = Reporter::new(&report);
        let pace = reporter.pace();
        pace.at(3, 10);
        pace.step();
        assert!(reports.borrow().is_empty(), "nothing takes long yet");
        let past = Instant::now();
        for _ in 0..8 {
            reporter.next.set(past);
            pace.step();
        }
        reporter.landmark.set(past);
        reporter.next.set(past);
        pace.step();
        let reports = reports.borrow();
        assert_eq!(reports.len(), 9);
        let last = reports[8];
        assert_eq!((last.done, last.of, last.steps), (3, 10, 10));
        assert!(reports[..8].iter().all(|one| !one.is_landmark) && last.is_landmark);
        assert_eq!(reporter.wait.get(), 2 * FIRST_REPORT);
    }

    #[test]
    fn silence_costs_nothing() {
        Pace::SILENT.at(1, 2);
        Pace::SILENT.step();
    }
}
