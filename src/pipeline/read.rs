//! Reading of any pictures by the evaluators of a data file.

use super::context::Context;
use super::error::RunError;
use super::event::{Emit, Event};
use super::experiment::Experiment;
use super::runner::Runner;
use super::samples::LazyDataset;
use super::source::Source;
use super::stages::judge::{self, JudgeWork};
use crate::data::Label;
use crate::metrics::judge::{Judges, Readings, poor_judges};
use crate::model::open;
use crate::pace::Pace;

/// Picture to read: grey levels from 0 to 255, row by row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// Width in pixels.
    pub width: usize,
    /// Levels.
    pub levels: Vec<u8>,
}

/// What the evaluators of a data file read in pictures.
#[derive(Debug)]
pub struct PictureReadings {
    /// Labels of the data file, in the order of the readings.
    pub classes: Vec<Label>,
    /// One per picture.
    pub readings: Vec<Readings>,
    /// Description of poor evaluators; none if they are not.
    pub poor_judges: Option<String>,
}

/// Reads pictures with the evaluators of the data file of an experiment, which are trained
/// unless the store has them. Pictures of other sizes are scaled to that of the data.
///
/// # Errors
/// If the data is unavailable, or the device or the store fails.
pub fn read(
    experiment: &Experiment,
    context: &Context,
    pictures: &[Picture],
    emit: Emit<'_>,
) -> Result<PictureReadings, RunError> {
    let requested = Source::requested(experiment, context)?;
    match read_on(&requested, experiment, context, pictures, emit) {
        Err(RunError::Fallback(reason)) if context.may_fall_back => {
            emit(Event::Fallback(&reason));
            let source = Source::fallback(experiment, reason);
            read_on(&source, experiment, context, pictures, emit)
        }
        result => result,
    }
}

fn read_on(
    source: &Source,
    experiment: &Experiment,
    context: &Context,
    pictures: &[Picture],
    emit: Emit<'_>,
) -> Result<PictureReadings, RunError> {
    let kind = context.device_of(experiment);
    let device = &open(kind)?;
    let dataset = &LazyDataset::new(experiment, context, source, emit);
    let stage = judge::stage(&experiment.spec, kind, source);
    let mut usage = context.store.usage()?;
    usage.add([&stage.key])?;
    let mut runner = Runner::new(context, &experiment.folder, emit).on(device);
    let judge = runner.get(&stage, &JudgeWork { dataset, device })?;
    let file = dataset.load_file()?;
    let judges = Judges::new(&judge.parameters, &file, device)
        .ok_or_else(|| RunError::Unreadable("judge".to_owned()))?;
    let scaled: Vec<Vec<u8>> = pictures
        .iter()
        .map(|picture| picture.scaled(file.size.width, file.size.height))
        .collect();
    let lent: Vec<&[u8]> = scaled.iter().map(Vec::as_slice).collect();
    let readings = judges.read(&lent, &file.classes, Pace::SILENT);
    Ok(PictureReadings {
        classes: file.classes.clone(),
        readings: readings.map_err(RunError::Judge)?,
        poor_judges: poor_judges(&judge.controls),
    })
}

impl Picture {
    /// Returns the levels at another size: each pixel is the mean of the area that it
    /// covers.
    fn scaled(&self, width: usize, height: usize) -> Vec<u8> {
        let own_height = self.levels.len() / self.width.max(1);
        let covered = |place: usize, of: usize, own: usize| {
            let scale = own as f64 / of as f64;
            let (from, to) = (place as f64 * scale, (place + 1) as f64 * scale);
            let parts = (from as usize..own.min(to.ceil() as usize)).map(move |pixel| {
                let (low, high) = (pixel as f64, (pixel + 1) as f64);
                (pixel, (to.min(high) - from.max(low)).max(0.0) / scale)
            });
            parts.collect::<Vec<_>>()
        };
        let columns: Vec<_> = (0..width).map(|x| covered(x, width, self.width)).collect();
        let rows = (0..height).map(|y| covered(y, height, own_height));
        let level = |column: &Vec<(usize, f64)>, row: &Vec<(usize, f64)>| {
            let parts = row.iter().flat_map(|(y, down)| {
                let of_row = column.iter();
                of_row.map(move |(x, across)| {
                    down * across * f64::from(self.levels[y * self.width + x])
                })
            });
            parts.sum::<f64>().round() as u8
        };
        rows.flat_map(|row| columns.iter().map(move |column| level(column, &row)))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_are_scaled_by_the_area_that_pixels_cover() {
        let picture = |width, levels: &[u8]| Picture {
            width,
            levels: levels.to_vec(),
        };
        let square = picture(2, &[0, 200, 100, 40]);
        assert_eq!(square.scaled(2, 2), [0, 200, 100, 40]);
        assert_eq!(square.scaled(1, 1), [85]);
        assert_eq!(square.scaled(4, 1), [50, 50, 120, 120]);
        // Three pixels over two: the middle one is shared.
        assert_eq!(picture(3, &[0, 90, 180]).scaled(2, 1), [30, 150]);
    }
}
