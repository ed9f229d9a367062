//! Rows of grids of inverses.

use faer::Mat;

use crate::config::{ImageScale, InverseGrid, PixelRange, Spec, UnderImage};
use crate::data::Description;
use crate::figures::FigureError;
use crate::figures::grid::{
    Beyond, GreyScale, GridImage, GridRow, ScaleEnds, ShownScale, ends, levels,
};
use crate::invert::is_missing;
use crate::metrics::MeasuredSetting;
use crate::metrics::judge::PictureReading;
use crate::pipeline::replicate::Inverse;

/// Names the columns of a grid of classes.
pub fn class_names(spec: &Spec, data: &Description) -> Vec<String> {
    let classes = data.classes.iter().enumerate();
    classes
        .map(|(position, label)| spec.data.class_name(position, *label))
        .collect()
}

/// Rows of a grid: one per setting of each of these inversions that the experiment has.
pub fn rows_of(
    spec: &Spec,
    inverses: &[Inverse],
    data: &Description,
    grid: &InverseGrid,
    names: &[String],
) -> Result<Vec<GridRow>, FigureError> {
    let named = |name: &str| inverses.iter().find(|inverse| inverse.name == name);
    let like = match &grid.scale {
        ImageScale::Like { inversion, .. } => named(inversion).map(|like| pixels(&like.images[0])),
        ImageScale::Row | ImageScale::Image => None,
    };
    let mut rows = Vec::new();
    for inverse in names.iter().filter_map(|name| named(name)) {
        let inversion = spec.inversions.iter().find(|i| i.name == inverse.name);
        let settings = inversion.map_or(&[][..], |inversion| &inversion.settings);
        let found = inverse.images.iter().zip(&inverse.measures);
        for (setting, (images, measures)) in settings.iter().zip(found) {
            let label = format!("{} {}", inverse.name.replace('_', " "), setting.value);
            let row = ShownRow {
                spec,
                data,
                grid,
                images: &pixels(images),
                measures,
            };
            rows.push(row.drawn(label.trim_end(), like.as_deref())?);
        }
    }
    Ok(rows)
}

/// Inverses of one setting, to be drawn as a row.
struct ShownRow<'a> {
    spec: &'a Spec,
    data: &'a Description,
    grid: &'a InverseGrid,
    images: &'a [Vec<f64>],
    measures: &'a MeasuredSetting,
}

impl ShownRow<'_> {
    /// Returns the row, on the scale of the images of another inversion if they are given.
    fn drawn(&self, label: &str, like: Option<&[Vec<f64>]>) -> Result<GridRow, FigureError> {
        let like = like.unwrap_or_default();
        let scale = match &self.grid.scale {
            ImageScale::Row => GreyScale::Row,
            ImageScale::Image => GreyScale::Image,
            ImageScale::Like { overflow, .. } => GreyScale::Like(like, *overflow),
        };
        let levels = levels(self.images, scale)?;
        let shown = match &self.grid.scale {
            ImageScale::Row => row_scale(self.images),
            ImageScale::Image => image_scales(self.images, self.images),
            ImageScale::Like { .. } => image_scales(self.images, like),
        };
        let image = |(levels, pixels): (Vec<u8>, &Vec<f64>)| GridImage {
            width: self.data.size.width,
            height: self.data.size.height,
            levels,
            beyond: if self.grid.mark_out_of_range {
                beyond(pixels, self.spec.data.range)
            } else {
                Vec::new()
            },
        };
        let under = |class: usize| self.under(class);
        Ok(GridRow {
            label: label.to_owned(),
            remark: out_of_range(self.images, self.spec.data.range),
            images: levels.into_iter().zip(self.images).map(image).collect(),
            under: match self.grid.under.len() {
                0 => Vec::new(),
                _ => (0..self.images.len()).map(under).collect(),
            },
            scale: shown,
        })
    }

    /// Formats what is under the image of a class, such as `2, 0.93 · p 0.99`.
    fn under(&self, class: usize) -> String {
        let one = |under: &UnderImage| match under {
            UnderImage::Reading => {
                let reading = self.measures.readings.get(class);
                let reading = reading.filter(|reading| !reading.drawn.0.is_empty());
                reading.map_or_else(|| "–".to_owned(), |it| self.answer(&it.drawn.combined()))
            }
            UnderImage::Metric(metric) => {
                let mut values = self.measures.values.iter();
                let own = values.find(|one| one.class == class && one.metric == *metric);
                let value = own.and_then(|own| own.value);
                let value = value.map_or_else(|| "–".to_owned(), |value| format!("{value:.2}"));
                format!("{} {value}", metric.short())
            }
        };
        self.grid
            .under
            .iter()
            .map(one)
            .collect::<Vec<_>>()
            .join(" · ")
    }

    /// Formats the most probable answer of evaluators.
    fn answer(&self, reading: &PictureReading) -> String {
        let names = class_names(self.spec, self.data).into_iter();
        let names = names.chain(["another", "none"].map(str::to_owned));
        let numbers = reading.classes.iter().copied();
        let numbers = numbers.chain([reading.another, reading.none]);
        let best = names.zip(numbers).max_by(|a, b| a.1.total_cmp(&b.1));
        best.map_or_else(String::new, |(name, p)| format!("{name}, {p:.2}"))
    }
}

/// Values of black and white of a row.
fn row_scale(images: &[Vec<f64>]) -> ShownScale {
    let present = images.iter().filter(|image| !is_missing(image.iter()));
    let (black, white) = ends(present.flatten());
    if black.is_finite() && white.is_finite() {
        ShownScale::Row(ScaleEnds { black, white })
    } else {
        ShownScale::None
    }
}

/// Values of black and white of each image, on the scales of others.
fn image_scales(images: &[Vec<f64>], scales: &[Vec<f64>]) -> ShownScale {
    let scale = |(image, of): (&Vec<f64>, &Vec<f64>)| {
        let (black, white) = ends(of);
        let is_drawn = !is_missing(image.iter()) && black.is_finite() && white.is_finite();
        is_drawn.then_some(ScaleEnds { black, white })
    };
    ShownScale::Each(images.iter().zip(scales).map(scale).collect())
}

/// Sides of a range that pixels are beyond.
fn beyond(pixels: &[f64], range: PixelRange) -> Vec<Beyond> {
    let side = |value: &f64| {
        if *value < range.low {
            Beyond::Below
        } else if *value > range.high {
            Beyond::Above
        } else {
            Beyond::Within
        }
    };
    pixels.iter().map(side).collect()
}

/// Describes the pixels of a row that leave the range of the data; empty if none does.
fn out_of_range(images: &[Vec<f64>], range: PixelRange) -> String {
    let pixels: Vec<f64> = images.iter().flatten().copied().collect();
    let pixels: Vec<f64> = pixels
        .into_iter()
        .filter(|value| value.is_finite())
        .collect();
    let count = |side| {
        beyond(&pixels, range)
            .iter()
            .filter(|one| **one == side)
            .count()
    };
    let outside = count(Beyond::Below) + count(Beyond::Above);
    if outside == 0 {
        return String::new();
    }
    let percent = 100.0 * outside as f64 / pixels.len() as f64;
    let percent = if percent < 1.0 {
        "< 1".to_owned()
    } else {
        format!("{percent:.0}")
    };
    let PixelRange { low, high } = range;
    // No-break spaces keep the numbers together.
    let range = format!("{low}\u{a0}to\u{a0}{high}").replace('-', "\u{2212}");
    format!("{percent}\u{a0}% of pixels outside {range}")
}

/// Copies the pixels of each row.
pub fn pixels(images: &Mat<f64>) -> Vec<Vec<f64>> {
    let rows = images.row_iter();
    rows.map(|row| row.iter().copied().collect()).collect()
}
