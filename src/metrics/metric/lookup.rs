//! Properties of metrics, read from their entries.

use std::ops::Range;

use super::Metric;
use super::entry::{Asked, Direction, Landmark, MetricEntry};
use super::requirement::{Measurable, Requirement};
use crate::config::{Bounds, Task, Tolerance};
use crate::metrics::measure::Image;

impl Metric {
    /// Returns the metrics that are measured where a spec names none, in the order of
    /// tables.
    #[must_use]
    pub fn usual(task: Task) -> Vec<Self> {
        let is_usual = |metric: &Self| {
            let entry = metric.entry();
            !entry.on_request
                && (task.reconstructs() || !entry.needs.contains(&Requirement::Originals))
        };
        Self::ALL.into_iter().filter(is_usual).collect()
    }

    /// Returns true if it is measured only where a spec names it: it answers the question
    /// of one source, or only makes sense for some specs.
    #[must_use]
    pub fn is_on_request(self) -> bool {
        self.entry().on_request
    }

    /// Returns the name in specs and tables.
    ///
    /// # Examples
    /// ```
    /// use backquery::metrics::Metric;
    ///
    /// assert_eq!(Metric::L2Distance.name(), "l2_distance");
    /// assert_eq!(Metric::named("l2_distance"), Some(Metric::L2Distance));
    /// ```
    #[must_use]
    pub fn name(self) -> &'static str {
        self.entry().name
    }

    /// Returns the label of axes: words, without unit and direction.
    #[must_use]
    pub fn label(self) -> &'static str {
        self.entry().label
    }

    /// Returns its definition in sentences, which name other metrics as specs do.
    #[must_use]
    pub fn about(self) -> String {
        let named = |text: String, metric: Self| {
            text.replace(
                &format!("[`Metric::{metric:?}`]"),
                &format!("`{}`", metric.name()),
            )
        };
        let text = self.comment().trim_start().to_owned();
        Self::ALL.into_iter().fold(text, named)
    }

    /// Returns the conditions without which no inverse has a value.
    #[must_use]
    pub fn needs(self) -> Vec<String> {
        self.entry().needs.iter().map(|need| need.text()).collect()
    }

    /// Returns the value of chance or of noise, if it is known whatever the data.
    #[must_use]
    pub fn reference(self) -> Option<Landmark> {
        self.entry().reference
    }

    /// Returns the unit.
    #[must_use]
    pub fn unit(self) -> &'static str {
        self.entry().unit
    }

    /// Returns the direction in which it is better.
    #[must_use]
    pub fn direction(self) -> Direction {
        self.entry().direction
    }

    /// Returns the lowest and the highest possible value; infinite without an end.
    #[must_use]
    pub fn bounds(self) -> Bounds {
        self.entry().bounds
    }

    /// Returns the best possible value: the bound in the better direction.
    ///
    /// # Examples
    /// ```
    /// use backquery::metrics::Metric;
    ///
    /// assert_eq!(Metric::TargetProbability.best(), 1.0);
    /// assert_eq!(Metric::L2Distance.best(), 0.0);
    /// ```
    #[must_use]
    pub fn best(self) -> f64 {
        let Bounds { low, high } = self.bounds();
        match self.direction() {
            Direction::Higher => high,
            Direction::Lower => low,
        }
    }

    /// Returns the difference that another machine may make.
    #[must_use]
    pub fn tolerance(self) -> Tolerance {
        self.entry().tolerance
    }

    /// Returns true for numbers of any magnitude, such as distances, which are drawn on
    /// logarithmic axes.
    #[must_use]
    pub fn is_logarithmic(self) -> bool {
        self.entry().is_logarithmic
    }

    /// Returns true if it needs the evaluators, or a search of the training images.
    #[must_use]
    pub fn needs_judges(self) -> bool {
        self.entry().asks == Asked::Judges
    }

    /// Returns true for the name of a metric that evaluators read in pictures.
    #[must_use]
    pub fn is_read_by_judges(name: &str) -> bool {
        Self::named(name).is_some_and(|metric| !metric.evaluators().is_empty())
    }

    /// Returns true if it needs companions: networks of the same spec and of other seeds.
    #[must_use]
    pub fn needs_companions(self) -> bool {
        self.entry().asks == Asked::Companions
    }

    /// Returns true if it needs the values that a layered inverse asks for on its
    /// backward pass.
    #[must_use]
    pub fn needs_backward_pass(self) -> bool {
        self.entry().needs.contains(&Requirement::BackwardPass)
    }

    /// Returns why no inverse of such a network has a value of this metric, to follow
    /// "undefined"; none if inverses can have one.
    #[must_use]
    pub fn undefined(self, of: &Measurable) -> Option<String> {
        self.entry().needs.iter().find_map(|need| need.unmet(of))
    }

    /// Returns the inverses that have no value of this metric although it is defined;
    /// none if every inverse has one.
    #[must_use]
    pub fn missing_for(self) -> Option<&'static str> {
        self.entry().missing
    }

    /// Returns a label for narrow places, such as under an image. Legibility is that of
    /// the image as drawn unless the label says otherwise.
    #[must_use]
    pub fn short(self) -> String {
        let MetricEntry { name, short, .. } = self.entry();
        short.map_or_else(|| name.replace('_', " "), str::to_owned)
    }

    /// Returns the metric with this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|metric| metric.name() == name)
    }

    /// Returns the value for an image; none where the metric is undefined or missing.
    pub(in crate::metrics) fn of(self, image: &Image<'_>) -> Option<f64> {
        if self.undefined(image.measurable).is_some() {
            return None;
        }
        match self.entry().legibility {
            Some(legibility) => {
                let values = legibility.by_evaluator(image)?;
                let weights = legibility.by.weights();
                Some(
                    values
                        .iter()
                        .zip(weights)
                        .map(|(value, weight)| value * weight)
                        .sum(),
                )
            }
            None => (self.entry().formula)(image),
        }
    }

    /// Returns the value for an image by each evaluator that has a part in it, in their
    /// order; empty for metrics that evaluators do not read, or without a value.
    pub(in crate::metrics) fn by_evaluator(self, image: &Image<'_>) -> Vec<f64> {
        let legibility = self.entry().legibility;
        legibility
            .and_then(|legibility| legibility.by_evaluator(image))
            .unwrap_or_default()
    }

    /// Returns the evaluators that read it, in their order; empty for other metrics.
    #[must_use]
    pub fn evaluators(self) -> Range<usize> {
        let legibility = self.entry().legibility;
        legibility.map_or(0..0, |legibility| legibility.by.evaluators())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Published tables have these, so that others are measured on request.
    #[test]
    fn metrics_without_a_request() {
        let usual = Metric::usual(Task::Reconstruct { layers: 1 });
        let names: Vec<&str> = usual.iter().map(|metric| metric.name()).collect();
        let expected = [
            "target_probability",
            "target_probability_clipped",
            "output_error",
            "l1_distance",
            "l2_distance",
            "l1_gap",
            "l2_gap",
            "out_of_range",
            "largest_magnitude",
            "class_mean_correlation",
            "class_mean_margin",
            "total_variation",
            "roughness",
            "empirical_overlap",
            "reconstruction_error",
            "nearest_distance",
            "legibility",
            "legibility_drawn",
            "legibility_read",
            "legibility_read_drawn",
            "legibility_conv",
            "legibility_knn",
            "legibility_conv_drawn",
            "legibility_knn_drawn",
            "legibility_any",
            "legibility_any_drawn",
            "legibility_told",
        ];
        assert_eq!(names, expected);
        let of_targets = Metric::usual(Task::Target);
        assert!(!of_targets.contains(&Metric::ReconstructionError));
        assert_eq!(of_targets.len(), expected.len() - 1);
    }

    #[test]
    fn definitions_are_sentences_that_name_metrics_as_specs_do() {
        for metric in Metric::ALL {
            let about = metric.about();
            assert!(about.len() > 10 && about.ends_with('.'), "{about}");
            assert!(!about.contains("::") && !about.contains("  "), "{about}");
        }
        let about = Metric::L2Gap.about();
        assert_eq!(about, "`l1_gap` of `l2_distance`.");
        assert_eq!(Metric::Ssim.needs()[1], "images of at least 11 x 11 pixels");
    }

    #[test]
    fn names_are_unique_and_the_best_value_is_within_the_bounds() {
        let names: std::collections::BTreeSet<_> = Metric::ALL.map(Metric::name).into();
        assert_eq!(names.len(), Metric::ALL.len());
        for metric in Metric::ALL {
            assert_eq!(Metric::named(metric.name()), Some(metric));
            assert!(!metric.label().is_empty(), "{metric:?}");
            assert!(metric.best().is_finite(), "{metric:?}");
            assert!(metric.tolerance().absolute > 0.0, "{metric:?}");
            let json = serde_json::to_value(metric).unwrap();
            assert_eq!(json, metric.name(), "one name everywhere");
        }
    }
}
