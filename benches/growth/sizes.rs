//! Work by size.

use std::collections::BTreeSet;
use std::fmt::Write;

/// Number of classes of the training rows.
pub const CLASSES: usize = 10;
/// Nonzero pixels per row, as [`samples`] draws them: the others
/// cost nothing.
///
/// [`samples`]: backquery_benches::samples
const LIT: usize = 160;

/// One experiment.
#[derive(Clone)]
pub struct Work {
    rows: usize,
    hidden: Vec<usize>,
    epochs: usize,
    seeds: usize,
    inversions: usize,
}

/// One experiment that grows in one way.
pub struct Growth {
    /// Name of the quantity that grows.
    pub name: &'static str,
    pub sizes: &'static [usize],
    pub work: fn(usize) -> Work,
    /// Minimum of operations, up to a factor.
    pub arithmetic: fn(&Work) -> usize,
}

pub const GROWTHS: [Growth; 5] = [
    Growth {
        name: "rows",
        sizes: &[2_000, 6_000, 20_000, 60_000],
        work: |rows| Work {
            rows,
            epochs: 10,
            ..Work::least()
        },
        arithmetic: |work| work.rows,
    },
    Growth {
        name: "width",
        sizes: &[30, 100, 300, 1_000],
        work: |width| Work {
            hidden: vec![width],
            epochs: 10,
            ..Work::least()
        },
        arithmetic: Work::products,
    },
    Growth {
        name: "depth",
        sizes: &[1, 2, 3, 4],
        work: |depth| Work {
            hidden: vec![300; depth],
            epochs: 10,
            ..Work::least()
        },
        arithmetic: Work::products,
    },
    Growth {
        name: "seeds",
        sizes: &[1, 2, 5, 10, 20, 50],
        work: |seeds| Work {
            seeds,
            ..Work::least()
        },
        arithmetic: |work| work.seeds,
    },
    Growth {
        name: "inversions",
        sizes: &[10, 30, 100, 300, 1_000],
        work: |inversions| Work {
            inversions,
            ..Work::least()
        },
        arithmetic: |work| work.inversions,
    },
];

/// Row counts of all data sets.
pub fn rows() -> BTreeSet<usize> {
    let all = GROWTHS.iter().flat_map(|growth| {
        let works = growth.sizes.iter().map(|&size| (growth.work)(size));
        works.map(|work| work.rows)
    });
    all.collect()
}

impl Work {
    fn least() -> Self {
        Self {
            rows: 2_000,
            hidden: vec![30, 30],
            epochs: 1,
            seeds: 1,
            inversions: 10,
        }
    }

    /// Multiplications of a row on its way through the network.
    fn products(&self) -> usize {
        let sizes: Vec<usize> = [&[LIT], &self.hidden[..], &[CLASSES]].concat();
        sizes.windows(2).map(|pair| pair[0] * pair[1]).sum()
    }

    /// Spec beside the folders of the data. Judges are left out: they are another
    /// training, of the same size whatever is trained here.
    pub fn spec(&self) -> String {
        let Self {
            rows,
            hidden,
            epochs,
            seeds,
            inversions,
        } = self;
        let mut percentiles = String::new();
        for n in 0..*inversions {
            let percentile = 50.0 * n as f64 / *inversions as f64;
            let _ = write!(percentiles, "{percentile:.3}, ");
        }
        format!(
            r#"
title   = "Growth"
seeds   = {seeds}
metrics = ["target_probability", "output_error", "l2_distance", "out_of_range",
           "class_mean_correlation", "total_variation", "empirical_overlap"]

[data]
source  = "idx"
folder  = "rows-{rows}"
classes = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]
range   = [-1.0, 1.0]

[model]
hidden     = {hidden:?}
activation = "leaky_relu"
output     = "softmax"

[train]
loss          = "cross_entropy"
optimizer     = "adam"
learning_rate = 0.001
batch_size    = 100
epochs        = {epochs}

[target]
logits = {{ on = 10.0, off = -10.0 }}

[sweep]
invert.middle.filter.percentile = [{percentiles}]

[[invert]]
name   = "middle"
method = "layered"
filter = {{ kind = "middle" }}

[[figure]]
name = "training"
kind = "curves"

[[figure]]
name    = "percentiles"
kind    = "sweep"
over    = "filter.percentile"
metrics = ["target_probability", "l2_distance"]
"#
        )
    }
}
