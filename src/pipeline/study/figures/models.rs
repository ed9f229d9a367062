//! Models of a comparison beside each other: their pictures with a metric of these.

use super::FirstReplicate;
use super::axes::axis;
use super::means::{Means, readable};
use crate::config::{InverseGrid, Metric};
use crate::figures::beside::{Beside, MethodRows, ModelRow};
use crate::figures::{FigureError, Style};

impl Means<'_> {
    /// Returns the pictures of the first training of every member by each method, with the
    /// mean of a metric.
    pub fn beside<'s>(
        &self,
        style: Style<'s>,
        first: &[FirstReplicate<'_>],
        grid: &InverseGrid,
        metric: Metric,
    ) -> Result<Beside<'s>, FigureError> {
        let mut methods = Vec::new();
        for (name, label) in grid.rows.iter().zip(readable(&grid.rows)) {
            let mut models = Vec::new();
            for (nth, one) in first.iter().enumerate() {
                let rows = one.rows(grid, std::slice::from_ref(name))?;
                let row = rows.into_iter().next();
                models.push(ModelRow {
                    images: row.map_or_else(Vec::new, |row| row.images),
                    lane: self.lane(one.member, name, metric, nth),
                });
            }
            methods.push(MethodRows { label, models });
        }
        Ok(Beside {
            style,
            columns: first
                .first()
                .map_or_else(Vec::new, FirstReplicate::class_names),
            models: first.iter().map(|one| one.member.label()).collect(),
            methods,
            axis: axis(self.report, metric, &self.trainings(metric, &grid.rows)),
        })
    }
}
