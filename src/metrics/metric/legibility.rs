//! Legibility: how evaluators read an image, as numbers.

use std::ops::Range;

use crate::metrics::judge::{CONVS, EVALUATORS, PictureReading, Readings, ViewedReadings};
use crate::metrics::measure::Image;

/// Class whose probability is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// Target class.
    Own,
    /// Class whose images carried the training label of the target class.
    Told,
    /// Any class of the data file.
    Any,
}

/// Rendering that is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum View {
    /// Clipped into the range of real images.
    Clipped,
    /// As a grid draws it.
    Drawn,
}

/// Evaluators that read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReadBy {
    /// All.
    All,
    /// Convolutional ones.
    Convs,
    /// k-NN classifier.
    Knn,
}

/// Definition of a number of legibility.
#[derive(Debug, Clone, Copy)]
pub struct Legibility {
    pub of: Subject,
    pub view: View,
    pub by: ReadBy,
    /// True to subtract the mean of the same class in the images of the other classes.
    pub is_specific: bool,
}

/// Specific legibility of the clipped image by all evaluators.
pub const SPECIFIC: Legibility = Legibility {
    of: Subject::Own,
    view: View::Clipped,
    by: ReadBy::All,
    is_specific: true,
};

/// Probability of the target class in the clipped image by all evaluators.
pub const OWN: Legibility = Legibility {
    is_specific: false,
    ..SPECIFIC
};

impl ReadBy {
    /// Returns the evaluators by number.
    pub fn evaluators(self) -> Range<usize> {
        match self {
            Self::All => 0..EVALUATORS,
            Self::Convs => 0..CONVS,
            Self::Knn => CONVS..EVALUATORS,
        }
    }

    /// Returns the weights of these evaluators, which sum to 1.
    pub fn weights(self) -> Vec<f64> {
        let own = &Readings::WEIGHTS[self.evaluators()];
        let sum: f64 = own.iter().sum();
        own.iter().map(|weight| weight / sum).collect()
    }
}

impl Legibility {
    /// Returns the value by each of its evaluators; none without readings, or where the
    /// value is missing.
    pub fn by_evaluator(self, image: &Image<'_>) -> Option<Vec<f64>> {
        let one = |evaluator| self.of_evaluator(image, evaluator);
        self.by.evaluators().map(one).collect()
    }

    fn of_evaluator(self, image: &Image<'_>, evaluator: usize) -> Option<f64> {
        let class = match self.of {
            Subject::Own => Some(image.class),
            Subject::Told => Some(image.relabelled),
            Subject::Any => None,
        };
        let read = |readings: &ViewedReadings| -> Option<f64> {
            let Readings(all) = match self.view {
                View::Clipped => &readings.clipped,
                View::Drawn => &readings.drawn,
            };
            let PictureReading { classes, none, .. } = all.get(evaluator)?;
            class.map_or(Some(1.0 - none), |class| classes.get(class).copied())
        };
        let own = read(image.readings.get(image.class)?)?;
        if !self.is_specific {
            return Some(own);
        }
        let others = image.readings.iter().enumerate();
        let others: Vec<f64> = others
            .filter(|(other, _)| *other != image.class)
            // An inverse that is missing has no readings.
            .filter_map(|(_, readings)| read(readings))
            .collect();
        if others.is_empty() {
            return None;
        }
        Some(own - others.iter().sum::<f64>() / others.len() as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_sum_to_one() {
        assert_eq!(ReadBy::Convs.weights(), [0.2; CONVS]);
        assert_eq!(ReadBy::Knn.weights(), [1.0]);
        let sum: f64 = ReadBy::All.weights().iter().sum();
        assert!((sum - 1.0).abs() < 1e-12);
    }
}
