//! The trainings that are measured, on rows that are drawn here, so that no data
//! set is needed; and what else several programs need that measure.

pub mod hand;
pub mod idx;
pub mod inverses;
pub mod process;
pub mod report;

use backquery::config::PixelRange;
use backquery::data::{Dataset, ImageSize, Samples};
use backquery::model::{
    Activation, Backward, Device, DeviceKind, Init, Model, OnOff, Output, open,
};
use backquery::rng::stream;
use backquery::train::{Labels, Loss, Optimizer, Setup, Train};

/// Allocator of the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Rows a pass: as many as every batch size below divides.
pub const ROWS: usize = 19_200;

/// A network, how it is trained, and rows for it.
#[derive(Clone)]
pub struct Shape {
    pub name: &'static str,
    pub model: Model,
    pub train: Train,
    pub dataset: Dataset,
}

impl Shape {
    /// 784-30-30-5 in batches of 32: the MLP of Lai 2021.
    pub fn mlp() -> Self {
        let leaky = Activation::LeakyRelu { slope: 0.01 };
        Self::new("mlp", &[30, 30], leaky, (Output::Softmax, 5), 0.0, 32)
    }

    /// 784-5 in batches of 200, with l2: the SLP of Lai 2021.
    pub fn slp() -> Self {
        let none = Activation::Identity;
        Self::new("slp", &[], none, (Output::Logistic, 5), 1e-4, 200)
    }

    /// 784-32-10 in batches of 256: the size of the digits of Tashfeen 2020.
    pub fn digits() -> Self {
        let sigmoid = Activation::Sigmoid;
        Self::new("digits", &[32], sigmoid, (Output::Softmax, 10), 0.0, 256)
    }

    /// 784-W-W-5, the MLP with another width, on this number of rows.
    pub fn wide(width: usize, batch_size: usize, rows: usize) -> Self {
        let mut shape = Self::mlp();
        shape.model.hidden = vec![width; 2];
        shape.train.batch_size = batch_size;
        shape.dataset = dataset(5, rows);
        shape
    }

    /// 784-200-10 by single rows: the network and the training of Rashid's book.
    pub fn book() -> Self {
        let sigmoid = Activation::Sigmoid;
        let mut shape = Self::new("book", &[200], sigmoid, (Output::Logistic, 10), 0.0, 1);
        shape.model.bias_init = None;
        shape.train.loss = Loss::SquaredError { scale: 0.5 };
        shape.train.optimizer = Optimizer::Sgd { momentum: 0.0 };
        shape.train.learning_rate = 0.1;
        shape.train.targets = OnOff {
            on: 0.99,
            off: 0.01,
        };
        shape.train.backward = Backward::Weights;
        shape.dataset.range = PixelRange {
            low: 0.01,
            high: 1.0,
        };
        shape
    }

    /// Those that every contender can train.
    pub fn all() -> [Self; 3] {
        [Self::mlp(), Self::slp(), Self::digits()]
    }

    fn new(
        name: &'static str,
        hidden: &[usize],
        activation: Activation,
        (output, classes): (Output, usize),
        l2: f64,
        batch_size: usize,
    ) -> Self {
        let loss = match output {
            Output::Logistic => Loss::BinaryCrossEntropy,
            _ => Loss::CrossEntropy,
        };
        Self {
            name,
            model: Model {
                hidden: hidden.to_vec(),
                activation,
                output,
                init: Init::GlorotUniform,
                bias_init: Some(Init::Zeros),
            },
            train: Train {
                loss,
                optimizer: Optimizer::Adam { epsilon: 1e-7 },
                learning_rate: 0.001,
                l2,
                batch_size,
                epochs: usize::MAX,
                labels: Labels::True,
                targets: OnOff::ONE_HOT,
                backward: Backward::Gradient,
            },
            dataset: dataset(classes, ROWS),
        }
    }

    pub fn setup<'a>(&'a self, device: &'a Device) -> Setup<'a> {
        Setup {
            model: &self.model,
            train: &self.train,
            dataset: &self.dataset,
            times: None,
            seed: 0,
            device,
        }
    }
}

/// The device that is always there.
pub fn device() -> Device {
    open(DeviceKind::Flex).unwrap()
}

/// Dark images with a bright stroke of about a fifth of the pixels, whose position depends
/// on the class; a fifth as many test rows.
fn dataset(classes: usize, rows: usize) -> Dataset {
    let range = PixelRange {
        low: -1.0,
        high: 1.0,
    };
    Dataset {
        name: "drawn",
        stand_in_for: None,
        classes: (0..classes as u8).collect(),
        range,
        size: ImageSize::DIGITS,
        train: samples("train", classes, rows),
        test: Some(samples("test", classes, rows / 5)),
        reading: None,
    }
}

/// Rows of each class in turn, always the same of a name.
pub fn samples(name: &str, classes: usize, rows: usize) -> Samples {
    let features = ImageSize::DIGITS.pixels();
    let mut draws = stream(0, name);
    let mut samples = Samples::empty(features);
    let mut pixels = vec![0; features];
    for row in 0..rows {
        let class = row % classes;
        pixels.fill(0);
        let start = class * 60 + (draws.uniform() * 80.0) as usize;
        for pixel in &mut pixels[start..start + 160] {
            *pixel = (draws.uniform() * 256.0) as u8;
        }
        samples.push(&pixels, class as u8);
    }
    samples
}
