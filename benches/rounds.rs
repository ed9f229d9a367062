//! The training step of one contender, to be alternated with others: reads the name of
//! a shape a line, trains a pass over the rows, and answers with the seconds it took and
//! the mean loss.
//!
//! `steps` are the steps alone, `epoch` those and the evaluation after them, `two` the
//! steps of two trainings at once on two threads, in seconds a pass, and `hand` those
//! of the loop written by hand.

mod common;

use std::io::{BufRead, stdin};
use std::time::Instant;

use backquery::model::Device;
use backquery::train::Training;

use common::hand::Hand;
use common::{Shape, device};

/// Trains a pass; the mean loss.
type Run<'a> = Box<dyn FnMut() -> f64 + 'a>;

fn main() {
    let contender = std::env::args().nth(1).unwrap();
    let (shapes, device) = (Shape::all(), device());
    let mut runs: Vec<Option<Run<'_>>> = shapes.iter().map(|_| None).collect();
    for name in stdin().lock().lines().map(Result::unwrap) {
        let place = shapes.iter().position(|shape| shape.name == name).unwrap();
        let shape = &shapes[place];
        let run = runs[place].get_or_insert_with(|| start(&contender, shape, &device));
        let began = Instant::now();
        let loss = run();
        println!("{} {loss}", began.elapsed().as_secs_f64());
    }
}

fn start<'a>(contender: &str, shape: &'a Shape, device: &'a Device) -> Run<'a> {
    let training = || Training::start(shape.setup(device));
    let mut one = training();
    let mut epochs = 1..;
    let mut next = move || epochs.next().unwrap();
    match contender {
        "steps" => Box::new(move || one.pass(next()).unwrap().loss),
        "epoch" => Box::new(move || one.epoch().unwrap().unwrap().running_loss.unwrap()),
        "two" => {
            let mut other = training();
            Box::new(move || {
                let epoch = next();
                std::thread::scope(|scope| {
                    let other = scope.spawn(|| other.pass(epoch).unwrap().loss);
                    one.pass(epoch).unwrap().loss.max(other.join().unwrap())
                })
            })
        }
        "hand" => {
            let mut hand = Hand::new(shape);
            Box::new(move || hand.pass().0)
        }
        other => panic!("no contender is called `{other}`: steps, epoch, two or hand"),
    }
}
