//! One replicate: from a data set and a seed to the content of every file.
//! Nothing here touches the disk.

use std::time::Instant;

use super::drawing::{self, Drawer};
use super::error::RunError;
use super::event::Event;
use super::experiment::Experiment;
use super::files;
use super::products::{Inverse, Product, Replicate, Summary, Timing};
use crate::invert::invert;
use crate::metrics::{Measured, MetricRow, measure};
use crate::model::Network;
use crate::spec::Inversion;
use crate::table::to_csv;
use crate::train::{Setup, Trained, Training};

/// Runs all stages behind the data set.
///
/// # Errors
/// If a stage fails.
pub fn replicate(
    experiment: &Experiment,
    setup: &Setup<'_>,
    on_event: &mut dyn FnMut(Event<'_>),
) -> Result<Replicate, RunError> {
    let mut clock = Clock::start();
    let of = setup.train.epochs;
    let mut training = Training::start(*setup);
    while let Some(row) = training.epoch()? {
        on_event(Event::Epoch { row, of });
    }
    let trained = training.finish()?;
    clock.lap("training");

    let network = Network::new(
        &trained.parameters,
        setup.model.activation,
        setup.model.output,
    );
    let (inverses, metrics) = invert_all(experiment, setup, &network, on_event)?;
    clock.lap("inversion and measurement");

    let mut products = tables(setup, &trained, &inverses, &metrics)?;
    let drawer = Drawer {
        experiment,
        setup,
        history: &trained.history,
        inverses: &inverses,
    };
    products.extend(draw_all(&drawer, on_event)?);
    clock.lap("figures");
    Ok(Replicate {
        products,
        timings: clock.laps,
        summary: Summary {
            seed: setup.seed,
            data: setup.dataset.describe(),
            history: trained.history,
            metrics,
        },
    })
}

/// The tables and array files; those of inverses if there are any.
fn tables(
    setup: &Setup<'_>,
    trained: &Trained,
    inverses: &[Inverse<'_>],
    metrics: &[MetricRow],
) -> Result<Vec<Product>, RunError> {
    let weights = files::weights(setup, &trained.parameters)?;
    let mut products = vec![
        Product::new("accuracy.csv", to_csv(&trained.history)?),
        Product::new("weights.safetensors", weights),
    ];
    if !inverses.is_empty() {
        products.push(Product::new("metrics.csv", to_csv(metrics)?));
        let arrays = files::inverses(setup, inverses)?;
        products.push(Product::new("inverses.safetensors", arrays));
    }
    Ok(products)
}

fn invert_all<'a>(
    experiment: &'a Experiment,
    setup: &Setup<'_>,
    network: &Network,
    on_event: &mut dyn FnMut(Event<'_>),
) -> Result<(Vec<Inverse<'a>>, Vec<MetricRow>), RunError> {
    let range = setup.dataset.range;
    let target = experiment.spec.target;
    let targets = target.map(|target| target.logits(network.output, network.outputs()));
    let targets = targets.unwrap_or_default();
    let (mut inverses, mut metrics) = (Vec::new(), Vec::new());
    for inversion in &experiment.spec.inversions {
        let name = &inversion.name;
        let images = invert(network, inversion.method, &targets, range)
            .map_err(|source| RunError::Invert(name.clone(), source))?;
        let measured = measure(network, &images, &targets, range);
        let row = |measured: &Measured| metric_row(experiment, setup, inversion, measured);
        metrics.extend(measured.iter().map(row));
        on_event(Event::Inverted(name));
        inverses.push(Inverse { name, images });
    }
    Ok((inverses, metrics))
}

fn metric_row(
    experiment: &Experiment,
    setup: &Setup<'_>,
    inversion: &Inversion,
    measured: &Measured,
) -> MetricRow {
    MetricRow {
        spec: experiment.name.clone(),
        replicate: setup.seed,
        inversion: inversion.name.clone(),
        class: setup.dataset.classes[measured.class],
        metric: measured.metric.name(),
        value: measured.value,
        unit: measured.metric.unit(),
    }
}

fn draw_all(
    drawer: &Drawer<'_>,
    on_event: &mut dyn FnMut(Event<'_>),
) -> Result<Vec<Product>, RunError> {
    let mut products = Vec::new();
    for figure in &drawer.experiment.spec.figures {
        let name = &figure.name;
        let drawing = drawing::draw(drawer, figure)
            .map_err(|source| RunError::Figure(name.clone(), source))?;
        products.push(Product::new(format!("figures/{name}.png"), drawing.png));
        products.push(Product::new(format!("figures/{name}.svg"), drawing.svg));
        on_event(Event::Drawn(name));
    }
    Ok(products)
}

/// Measures stage after stage.
struct Clock {
    last: Instant,
    laps: Vec<Timing>,
}

impl Clock {
    fn start() -> Self {
        Self {
            last: Instant::now(),
            laps: Vec::new(),
        }
    }

    fn lap(&mut self, stage: &'static str) {
        let seconds = self.last.elapsed().as_secs_f64();
        self.laps.push(Timing { stage, seconds });
        self.last = Instant::now();
    }
}
