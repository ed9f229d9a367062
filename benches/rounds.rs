//! One contender, to be alternated with others: reads a task and a number of repetitions
//! per line, and answers with the seconds taken and a number that shows that it did the
//! task.
//!
//! - `steps`: the steps of a pass over the rows of a shape; the mean loss
//! - `epoch`: those of an epoch, and beside them the evaluation after the one before
//! - `two`: the steps of two trainings at once on two threads, in seconds a pass
//! - `hand`: the steps of the loop written by hand
//! - `inverses`: a trained network run backwards, by the task `analytical` or with
//!   `filters`; the mean magnitude of a pixel
//!
//! `weights FILE` writes the network that is run backwards, and nothing else.

use std::collections::HashMap;
use std::io::{BufRead, stdin};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::Instant;

use backquery::model::{Device, Network};
use backquery::train::Training;

use backquery_benches::hand::Hand;
use backquery_benches::inverses::{filters, invert, layered, trained};
use backquery_benches::{Shape, device};

/// Does a task once; its answer.
type Run<'a> = Box<dyn FnMut() -> f64 + 'a>;

fn main() {
    let mut arguments = std::env::args().skip(1);
    let contender = arguments.next().unwrap();
    let shapes: Vec<Shape> = Shape::all().into_iter().chain([Shape::book()]).collect();
    let device = device();
    if contender == "weights" {
        write_weights(&arguments.next().unwrap(), &device);
        return;
    }
    let mut runs: HashMap<String, Run<'_>> = HashMap::new();
    for line in stdin().lock().lines().map(Result::unwrap) {
        let (task, times) = line.split_once(' ').unwrap();
        let run = runs
            .entry(task.to_owned())
            .or_insert_with(|| start(&contender, task, &shapes, &device));
        let began = Instant::now();
        let answers = (0..times.parse().unwrap()).map(|_| run());
        let answer = answers.last().unwrap();
        println!("{} {answer}", began.elapsed().as_secs_f64());
    }
}

/// Weights and biases of each layer in turn, as bytes.
fn write_weights(path: &str, device: &Device) {
    let layers = trained(&Shape::mlp(), device);
    let numbers = layers
        .into_iter()
        .flat_map(|layer| layer.weight.into_iter().chain(layer.bias.unwrap()));
    let bytes: Vec<u8> = numbers.flat_map(f32::to_ne_bytes).collect();
    std::fs::write(path, bytes).unwrap();
}

fn start<'a>(contender: &str, task: &str, shapes: &'a [Shape], device: &'a Device) -> Run<'a> {
    if contender == "inverses" {
        return inverses(task, device);
    }
    let shape = shapes.iter().find(|shape| shape.name == task).unwrap();
    let training = || Training::start(shape.setup(device));
    let mut one = training();
    let mut epochs = 1..;
    let mut next = move || epochs.next().unwrap();
    match contender {
        "steps" => Box::new(move || one.pass(next()).unwrap().loss),
        "epoch" => Box::new(move || one.epoch().unwrap().unwrap().running_loss.unwrap()),
        "two" => {
            let pair = [0; 2].map(|_| elsewhere(shape));
            Box::new(move || {
                let epoch = next();
                let answers: Vec<_> = pair.iter().map(|ask| ask(epoch)).collect();
                answers
                    .into_iter()
                    .map(|answer| answer.recv().unwrap())
                    .fold(0.0, f64::max)
            })
        }
        "hand" => {
            let mut hand = Hand::new(shape);
            Box::new(move || hand.pass().0)
        }
        other => {
            panic!("no contender is called `{other}`: steps, epoch, two, hand or inverses")
        }
    }
}

/// A training on a thread of its own, to be asked for the pass of an epoch.
fn elsewhere(shape: &Shape) -> impl Fn(usize) -> Receiver<f64> {
    let (shape, (ask, asked)) = (shape.clone(), channel::<(usize, Sender<f64>)>());
    thread::spawn(move || {
        let device = device();
        let mut training = Training::start(shape.setup(&device));
        for (epoch, answer) in asked {
            answer.send(training.pass(epoch).unwrap().loss).unwrap();
        }
    });
    move |epoch| {
        let (answer, answered) = channel();
        ask.send((epoch, answer)).unwrap();
        answered
    }
}

fn inverses<'a>(task: &str, device: &'a Device) -> Run<'a> {
    let shape = Shape::mlp();
    let parameters = trained(&shape, device);
    let network = Network::new(&parameters, shape.model.activation, shape.model.output);
    let settings = match task {
        "analytical" => vec![layered(None)],
        "filters" => filters(),
        other => panic!("no inversion is called `{other}`: analytical or filters"),
    };
    Box::new(move || invert(&network, &shape, device, &settings))
}
