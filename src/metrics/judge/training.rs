//! Training of the convolutional evaluators, each on rows and pictures of its own.

use std::collections::BTreeMap;
use std::num::NonZero;
use std::sync::mpsc::{channel, sync_channel};
use std::thread::available_parallelism;

use burn::tensor::{Device, Tensor, TensorData};

use super::CONVS;
use super::calibration::{Scored, Temperature};
use super::conv::{Conv, Windows, tensor};
use super::digits::DigitRows;
use super::families::Family;
use super::look::Look;
use super::textures::Textures;
use crate::data::{Dataset, Samples};
use crate::model::{Output, is_host};
use crate::rng::{Stream, stream};
use crate::train::{Loss, Optimizer, OptimizerState};

/// Pictures per step; every second one has no class, as the odds of that are unknown.
const BATCH: usize = 64;
/// Minimum and maximum number of steps: one for each row of the data file.
const STEPS: [usize; 2] = [40, 4000];
/// Number of batches that are drawn ahead, while others are trained on.
const AHEAD: usize = 4;
/// Learning rate of the first step; it falls to 0 with the last.
const LEARNING_RATE: f64 = 4e-3;
/// Minimum and maximum number of pictures that an evaluator is calibrated on: one for each
/// row of the data file.
const CALIBRATED_ON: [usize; 2] = [200, 2000];

/// Draws pictures, in turn with a class and of a family that is trained on, with their
/// position among the outputs.
pub fn mixed(
    rows: &DigitRows<'_>,
    classes: usize,
    n: usize,
    stream: &mut Stream,
) -> (Vec<Vec<f32>>, Vec<usize>) {
    let families = Family::trained();
    let one = |i: usize| {
        if i.is_multiple_of(2) {
            let (picture, class) = rows.digit(stream);
            return (picture, usize::from(class));
        }
        let family = families[stream.below(families.len() as u64) as usize];
        let mut picture = family.draw(rows, stream);
        rows.degrade(&mut picture, stream);
        (picture, classes)
    };
    (0..n).map(one).unzip()
}

/// Draws the pictures that an evaluator is calibrated on, as [`mixed`] does.
pub fn calibration(
    unseen: &DigitRows<'_>,
    train: &Samples,
    classes: usize,
    stream: &mut Stream,
) -> (Vec<Vec<f32>>, Vec<usize>) {
    mixed(unseen, classes, clamped(train.len(), CALIBRATED_ON), stream)
}

fn clamped(rows: usize, [low, high]: [usize; 2]) -> usize {
    rows.clamp(low, high)
}

/// Draws rows for an evaluator with replacement, as many as there are. Returns them, and the
/// rows that were not drawn; those drawn twice, if every row was.
fn bootstrap(rows: usize, stream: &mut Stream) -> (Vec<usize>, Vec<usize>) {
    let drawn: Vec<usize> = (0..rows)
        .map(|_| stream.below(rows as u64) as usize)
        .collect();
    let mut is_drawn = vec![false; rows];
    for &row in &drawn {
        is_drawn[row] = true;
    }
    let out_of_bag: Vec<usize> = (0..rows).filter(|&row| !is_drawn[row]).collect();
    if out_of_bag.is_empty() {
        (drawn.clone(), drawn)
    } else {
        (drawn, out_of_bag)
    }
}

/// Trains all convolutional evaluators, several at a time in host memory. `on_trained` gets
/// the number of trained ones.
///
/// # Errors
/// If the device fails.
pub fn train_all(
    dataset: &Dataset,
    device: &Device,
    on_trained: &dyn Fn(usize),
) -> Result<Vec<(Conv, Temperature)>, String> {
    let threads = if is_host(device) {
        available_parallelism().map_or(1, NonZero::get)
    } else {
        1
    };
    let mut trained = BTreeMap::new();
    std::thread::scope(|scope| {
        let (sender, results) = channel();
        for first in 0..threads.min(CONVS) {
            let sender = sender.clone();
            scope.spawn(move || {
                for number in (first..CONVS).step_by(threads) {
                    if sender
                        .send((number, train(number, dataset, device)))
                        .is_err()
                    {
                        // Another one failed.
                        return;
                    }
                }
            });
        }
        drop(sender);
        for (number, result) in results {
            trained.insert(number, result?);
            on_trained(trained.len());
        }
        Ok::<(), String>(())
    })?;
    Ok(trained.into_values().collect())
}

/// Trains the evaluator with this number on the training rows of a data file, and calibrates
/// it on rows that it has not seen.
///
/// # Errors
/// If the device fails.
fn train(number: usize, dataset: &Dataset, device: &Device) -> Result<(Conv, Temperature), String> {
    let named = |name: &str| stream(number as u64, &format!("judge/{name}"));
    let textures = Textures::new(&mut named("textures"));
    let (drawn, out_of_bag) = bootstrap(dataset.train.len(), &mut named("rows"));
    let rows = |rows: &[usize]| {
        DigitRows::new(&dataset.train, rows, dataset.size, &textures)
            .ok_or_else(|| "evaluators: the data file has no training rows".to_owned())
    };
    let (drawn, out_of_bag) = (rows(&drawn)?, rows(&out_of_bag)?);
    let windows = Windows::new(Look::new(dataset.size).seen());
    let (classes, autodiff) = (dataset.classes.len(), device.clone().autodiff());
    let mut pictures = named("pictures");
    let steps = clamped(dataset.train.len(), STEPS);
    let conv = std::thread::scope(|scope| {
        let (sender, batches) = sync_channel(AHEAD);
        let windows = &windows;
        scope.spawn(move || {
            for _ in 0..steps {
                let (seen, truths) = mixed(&drawn, classes, BATCH, &mut pictures);
                if sender.send((windows.of(&seen), truths)).is_err() {
                    // The training ended early.
                    return;
                }
            }
        });
        let mut conv = Conv::drawn(number, windows, classes + 1, &autodiff);
        let mut adam = OptimizerState::new(Optimizer::ADAM, &autodiff);
        for (step, (windows, truths)) in batches.iter().enumerate() {
            let z = conv.logits(tensor(windows, &autodiff));
            let targets = one_hot(&truths, classes + 1, &autodiff);
            let loss = Loss::CrossEntropy.mean(Output::Softmax, z, targets);
            let rate = LEARNING_RATE * (1.0 - step as f64 / steps as f64);
            conv.step(loss.backward(), &mut |number, value, gradient| {
                adam.step(rate, number, value, gradient)
            })?;
        }
        Ok::<Conv, String>(conv)
    })?;
    let (seen, truths) = calibration(
        &out_of_bag,
        &dataset.train,
        classes,
        &mut named("calibration"),
    );
    let scores = conv.all_logits(&seen, &windows, device)?;
    let scored = scores.into_iter().zip(truths);
    let scored: Vec<Scored> = scored
        .map(|(scores, truth)| Scored { scores, truth })
        .collect();
    Ok((conv, Temperature::fitted(&scored)))
}

/// # Shapes
/// - targets: `[pictures, outputs]`
fn one_hot(truths: &[usize], outputs: usize, device: &Device) -> Tensor<2> {
    let mut values = vec![0.0f32; truths.len() * outputs];
    for (row, &truth) in truths.iter().enumerate() {
        values[row * outputs + truth] = 1.0;
    }
    Tensor::from_data(TensorData::new(values, [truths.len(), outputs]), device)
}
