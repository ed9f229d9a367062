//! Training images, as they are and in their principal components.

use faer::Mat;

use super::rows::pixels;
use crate::config::Spec;
use crate::data::Dataset;
use crate::figures::FigureError;
use crate::figures::grid::{self, GreyScale, GridImage, GridRow, ShownScale};
use crate::invert::{Components, SampleMoments};

/// Returns training images as they are, black 0 and white 255, with their labels.
pub fn samples(spec: &Spec, dataset: &Dataset, rows: &[usize]) -> Result<GridRow, FigureError> {
    let Dataset {
        train,
        size,
        classes,
        ..
    } = dataset;
    if rows.iter().any(|&row| row >= train.len()) {
        return Err(FigureError::Empty);
    }
    let image = |&row: &usize| GridImage {
        width: size.width,
        height: size.height,
        levels: train.row(row).to_vec(),
        beyond: Vec::new(),
    };
    let label = |&row: &usize| {
        let class = usize::from(train.labels[row]);
        format!("label {}", spec.data.class_name(class, classes[class]))
    };
    Ok(GridRow {
        label: "training image".to_owned(),
        remark: String::new(),
        scale: ShownScale::None,
        images: rows.iter().map(image).collect(),
        under: rows.iter().map(label).collect(),
    })
}

/// Returns training images, then one row per number of principal components: the images
/// projected on these, or whitened and scaled from black to white each.
pub fn components(
    spec: &Spec,
    dataset: &Dataset,
    rows: &[usize],
    counts: &[usize],
    whiten: bool,
) -> Result<Vec<GridRow>, FigureError> {
    let mut all = vec![samples(spec, dataset, rows)?];
    let Dataset {
        train, size, range, ..
    } = dataset;
    let moments = SampleMoments::of(train, *range, train.len());
    let found = Components::of(&moments).ok_or(FigureError::Empty)?;
    let images = Mat::from_fn(rows.len(), train.features, |n, i| {
        range.value(f64::from(train.row(rows[n])[i]))
    });
    for &count in counts {
        let levels = if whiten {
            grid::levels(&pixels(&found.whiten(&images, count)), GreyScale::Image)?
        } else {
            let images = pixels(&found.project(&images, count));
            let image = |image: Vec<f64>| image.into_iter().map(|x| range.level(x)).collect();
            images.into_iter().map(image).collect()
        };
        let image = |levels| GridImage {
            width: size.width,
            height: size.height,
            levels,
            beyond: Vec::new(),
        };
        let percent = 100.0 * found.explained(count);
        all.push(GridRow {
            label: match count {
                1 => "first component".to_owned(),
                count => format!("first {count} components"),
            },
            remark: format!("{percent:.1} % of the variance"),
            scale: ShownScale::None,
            images: levels.into_iter().map(image).collect(),
            under: Vec::new(),
        });
    }
    Ok(all)
}
