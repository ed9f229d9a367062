//! Times of the parts: `make bench`.

use std::hint::black_box;
use std::sync::Arc;

use backquery::config::{
    Data, DataSource, MapEstimate, Margin, Method, PerClass, PriorOf, Setting,
};
use backquery::data::Loader;
use backquery::figures::Texts;
use backquery::figures::grid::{self, Grid, GridImage, GridRow};
use backquery::invert::{Inverter, Knowledge, Prior, Search};
use backquery::model::{Network, draw};
use backquery::pace::Pace;
use backquery::rng::stream;
use backquery::train::{Batches, Training};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};

use backquery_benches::hand::Hand;
use backquery_benches::inverses::{layered, targets};
use backquery_benches::{ROWS, Shape, device};

/// Steps alone, by hand, and a whole epoch with its evaluation.
fn training(criterion: &mut Criterion) {
    let device = device();
    for shape in Shape::all() {
        let mut group = criterion.benchmark_group(format!("training/{}", shape.name));
        group.sample_size(10);
        group.throughput(Throughput::Elements((ROWS / shape.train.batch_size) as u64));
        let mut ours = Training::start(shape.setup(&device));
        let mut epochs = 1..;
        let mut pass = || ours.pass(epochs.next().unwrap()).unwrap();
        group.bench_function("steps", |b| b.iter(&mut pass));
        let mut hand = Hand::new(&shape);
        group.bench_function("steps by hand", |b| b.iter(|| hand.pass()));
        group.bench_function("epoch", |b| b.iter(|| ours.epoch().unwrap().is_some()));
    }
}

fn gathering(criterion: &mut Criterion) {
    let (shape, device) = (Shape::mlp(), device());
    let samples = &shape.dataset.train;
    let mut order: Vec<usize> = (0..ROWS).collect();
    stream(0, "gather").shuffle(&mut order);
    let batches = Batches::new(&shape.dataset, samples, shape.train.targets, &device);
    let mut group = criterion.benchmark_group("gathering");
    for size in [32, 256] {
        let mut chunks = order.chunks(size).cycle();
        group.throughput(Throughput::Elements(size as u64));
        group.bench_function(format!("{size} rows"), |b| {
            b.iter(|| black_box(batches.gather(chunks.next().unwrap())));
        });
    }
}

/// Only where MNIST is at hand: nothing is downloaded here.
fn loading(criterion: &mut Criterion) {
    let data = Data {
        source: DataSource::Mnist,
        stand_in: None,
        classes: (0..10).collect(),
        per_class: PerClass::All,
        resample: None,
        range: Shape::mlp().dataset.range,
    };
    if Loader::new(None).mnist_folder().is_none() {
        return;
    }
    let mut group = criterion.benchmark_group("loading");
    group.sample_size(10);
    group.bench_function("mnist", |b| {
        b.iter(|| {
            Loader::new(None)
                .load(&data, ".".as_ref(), &|_| ())
                .unwrap()
        });
    });
}

/// A fresh inverter each time: it keeps its pseudo-inverses.
fn inverting(criterion: &mut Criterion) {
    let (shape, device) = (Shape::mlp(), device());
    let parameters = draw(&shape.model, 784, 5, 0);
    let network = Network::new(&parameters, shape.model.activation, shape.model.output);
    let dataset = Arc::new(shape.dataset);
    let range = dataset.range;
    let of = PriorOf::default();
    let prior = Arc::new(Prior::of(&dataset.train, range, of, Pace::SILENT).unwrap());
    let targets = targets();
    let invert = |setting: &Setting| {
        let search = Search {
            width: 28,
            seed: 0,
            device: &device,
        };
        let inverter = Inverter::new(&network, range, search);
        let known = || Knowledge::new(dataset.clone(), vec![(of, prior.clone())]);
        inverter.know(|| Ok::<_, ()>(known())).unwrap();
        inverter.invert(setting, &targets, Pace::SILENT).unwrap()
    };
    let analytical = layered(None);
    let gaussian = Setting {
        method: Method::Gaussian(MapEstimate {
            margin: Some(Margin::Logits(20.0)),
            shrinkage: 0.05,
            in_range: false,
            prior_only: false,
            prior: of,
        }),
        ..layered(None)
    };
    let mut group = criterion.benchmark_group("inverting");
    group.sample_size(20);
    group.bench_function("pseudo-inverse", |b| b.iter(|| invert(&analytical)));
    group.bench_function("gaussian", |b| b.iter(|| invert(&gaussian)));
}

fn drawing(criterion: &mut Criterion) {
    let mut draws = stream(0, "pictures");
    let mut image = |_| GridImage {
        width: 28,
        height: 28,
        levels: (0..784).map(|_| (draws.uniform() * 256.0) as u8).collect(),
    };
    let row = |_| GridRow {
        label: "analytical".to_owned(),
        images: (0..5).map(&mut image).collect(),
        under: Vec::new(),
    };
    let grid = Grid {
        texts: Texts {
            title: "Inverses",
            caption: "Five classes, four methods",
            note: "drawn",
        },
        columns: (0..5).map(|class| class.to_string()).collect(),
        rows: (0..4).map(row).collect(),
    };
    let mut group = criterion.benchmark_group("drawing");
    group.sample_size(10);
    group.bench_function("grid", |b| b.iter(|| grid::draw(&grid).unwrap()));
}

criterion_group!(benches, training, gathering, loading, inverting, drawing);
criterion_main!(benches);
