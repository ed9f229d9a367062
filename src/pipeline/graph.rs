//! Graph: all stages of one replicate, with their keys.

use super::experiment::Experiment;
use super::source::Source;
use super::stage::Stage;
use super::stages::figure::ShownStages;
use super::stages::measure::MeasureInputs;
use super::stages::{data, figure, invert, judge, measure, prior, randomise, train};
use crate::config::PriorOf;
use crate::model::DeviceKind;

/// Stages of one replicate. Inverses and measures are in the order of the spec's
/// inversions, figures in that of its figures.
#[derive(Debug, Clone, PartialEq)]
pub struct Graph {
    /// Samples.
    pub data: Stage,
    /// Network as it was trained.
    pub train: Stage,
    /// Network with its last layers shuffled, if the spec asks for it.
    pub randomise: Option<Stage>,
    /// Companions with their seeds, if a metric needs them.
    pub companions: Vec<(u64, Stage)>,
    /// Judges of the inverses, if a metric needs them.
    pub judge: Option<Stage>,
    /// Priors over images that inversions need.
    pub priors: Vec<(PriorOf, Stage)>,
    /// One per inversion.
    pub inverses: Vec<Stage>,
    /// One per inversion.
    pub measures: Vec<Stage>,
    /// One per figure of a single replicate.
    pub figures: Vec<Stage>,
}

impl Graph {
    /// Returns the stages of the replicate with this seed, on these samples.
    pub fn new(experiment: &Experiment, seed: u64, source: &Source, device: DeviceKind) -> Self {
        let spec = &experiment.spec;
        let data = data::stage(spec, source);
        let train = train::stage(spec, seed, device, &data);
        let randomise = randomise::stage(spec, seed, &data, &train);
        let network = randomise.as_ref().unwrap_or(&train);
        let companions = train::companions(spec, seed, device, &data);
        let judge = judge::needed(spec, device, source);
        let priors = prior::stages(spec, &data);
        let inverses: Vec<Stage> = spec
            .inversions
            .iter()
            .map(|inversion| invert::stage(spec, inversion, network, &priors))
            .collect();
        let measured_with = MeasureInputs {
            data: &data,
            network,
            judge: judge.as_ref(),
            companions: &companions,
        };
        let measures = measure::stages(spec, device, measured_with, &inverses);
        let shown = ShownStages {
            data: &data,
            network,
            inverses: &inverses,
            measures: &measures,
        };
        let figures = spec
            .replicate_figures()
            .map(|figure| figure::stage(experiment, seed, figure, &shown))
            .collect();
        Self {
            data,
            train,
            randomise,
            companions,
            judge,
            priors,
            inverses,
            measures,
            figures,
        }
    }

    /// Iterates over the stages in the order in which they are computed.
    pub fn stages(&self) -> impl Iterator<Item = &Stage> {
        let pairs = self.inverses.iter().zip(&self.measures);
        [&self.data, &self.train]
            .into_iter()
            .chain(&self.randomise)
            .chain(self.companions.iter().map(|(_, stage)| stage))
            .chain(&self.judge)
            .chain(self.priors.iter().map(|(_, stage)| stage))
            .chain(pairs.flat_map(|(inverse, measure)| [inverse, measure]))
            .chain(&self.figures)
    }
}

#[cfg(test)]
mod tests;
