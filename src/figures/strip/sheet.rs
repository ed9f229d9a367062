//! Layout of the panels of a strip plot.

use super::Strip;
use super::panel::{MAX_COLOURS, REMARK, StripPanelLayout, styles_of};
use crate::figures::FigureError;
use crate::figures::canvas::{Area, At, INK, part, unit};
use crate::figures::chart::{NAME, TICK, numbers_below};
use crate::figures::frames::{Frames, WIDTH};
use crate::figures::legend::{self, Legend};
use crate::figures::marks::{STROKE, Style, mark, stroke};
use crate::figures::text::{Block, Type, greatest, longest, tallest};
use plotters::style::FontStyle;
use plotters::style::text_anchor::HPos;

/// Additional distance of numbers from each other and from the border of the page.
const CLEAR: f64 = 24.0;
/// Space between two panels below each other.
const BETWEEN: f64 = 40.0;
/// Space between the name of a panel, the names of its columns and its frames.
const BELOW_NAME: f64 = 6.0;
/// Radius of a dot in the legend.
const DOT: f64 = 10.0;
/// Half the length of the line of a mean in the legend.
const MEAN: f64 = 17.0;
/// Type of the names of columns.
const HEAD: Type = Type(32.0, FontStyle::Bold, INK);

/// Laid out panels.
pub struct StripSheet<'a> {
    frames: Frames,
    legend: Legend,
    /// Names of columns.
    heads: Vec<Block>,
    panels: Vec<TitledPanel<'a>>,
}

/// Panel with the texts above and below it.
struct TitledPanel<'a> {
    panel: StripPanelLayout<'a>,
    name: Block,
    left_out: Block,
}

impl<'a> StripSheet<'a> {
    pub fn new(strip: &'a Strip<'_>, classes: &'a [u8]) -> Result<Self, FigureError> {
        let panels: Vec<StripPanelLayout<'_>> = strip
            .panels
            .iter()
            .filter_map(|panel| StripPanelLayout::new(panel, classes).transpose())
            .collect::<Result<_, _>>()?;
        if panels.is_empty() {
            return Err(FigureError::Empty);
        }
        let frames = frames(&panels, strip.series.len())?;
        let titled = |panel: StripPanelLayout<'a>| {
            let inside = frames.end() - frames.left(0);
            Ok::<_, FigureError>(TitledPanel {
                name: Block::new(&panel.content.name, NAME, inside)?,
                left_out: Block::new(&panel.left_out(&strip.series), REMARK, inside)?,
                panel,
            })
        };
        Ok(Self {
            legend: legend(classes, frames.end())?,
            heads: Block::each(&strip.series, HEAD, frames.width)?,
            panels: panels.into_iter().map(titled).collect::<Result<_, _>>()?,
            frames,
        })
    }

    /// Width and height of the panels with the legend.
    pub fn size(&self) -> (f64, f64) {
        let height = self.y(self.panels.len()) - BETWEEN;
        (self.frames.whole, height)
    }

    /// Top of the name of a panel.
    fn y(&self, nth: usize) -> f64 {
        let above = self.panels.iter().take(nth).map(|titled| {
            let frame = titled.panel.lanes.height() + numbers_below();
            self.head(titled) + frame + titled.left_out.height + BETWEEN
        });
        self.legend.height + above.sum::<f64>()
    }

    /// Height of the names above the frames of a panel.
    fn head(&self, titled: &TitledPanel<'_>) -> f64 {
        let heads = match tallest(&self.heads) {
            0.0 => 0.0,
            height => height + BELOW_NAME,
        };
        titled.name.height + BELOW_NAME + heads
    }

    pub fn paint(&self, area: &Area<'_>) -> Result<(), FigureError> {
        self.paint_legend(area)?;
        for (nth, titled) in self.panels.iter().enumerate() {
            let (left, y) = (self.frames.left(0), self.y(nth));
            let top = y + self.head(titled);
            titled.name.paint(area, At(left, y), HPos::Left)?;
            titled.panel.lanes.paint_labels(area, At(left, top))?;
            for (column, head) in self.heads.iter().enumerate() {
                let at = At(self.frames.middle(column), top - BELOW_NAME - head.height);
                head.paint(area, at, HPos::Center)?;
                self.paint_frame(area, column, top, &titled.panel)?;
            }
            let foot = top + titled.panel.lanes.height() + numbers_below();
            titled.left_out.paint(area, At(left, foot), HPos::Left)?;
        }
        Ok(())
    }

    fn paint_legend(&self, area: &Area<'_>) -> Result<(), FigureError> {
        let classes = self.legend.len() - 1;
        let samples = styles_of(classes).map(Some).take(classes).chain([None]);
        let paint = |At(x, y): At, style: Option<Style>| {
            let x = unit(x + DOT);
            if let Some((colour, _)) = style {
                return mark(area, (x, unit(y)), DOT, (colour, None));
            }
            let line = [y - MEAN, y + MEAN].map(|y| (x, unit(y)));
            stroke(area, line.to_vec(), STROKE, (INK, None))
        };
        self.legend.paint(area, At(0.0, 0.0), samples, paint)
    }

    fn paint_frame(
        &self,
        area: &Area<'_>,
        column: usize,
        top: f64,
        panel: &StripPanelLayout<'_>,
    ) -> Result<(), FigureError> {
        let corner = At(self.frames.x(column) - TICK, top);
        let (width, height) = (self.frames.width, panel.lanes.height() + numbers_below());
        panel.paint(&part(area, corner, (TICK + width, height)), column, width)
    }
}

/// Lays out frames with space for all labels and numbers.
fn frames(panels: &[StripPanelLayout<'_>], series: usize) -> Result<Frames, FigureError> {
    let left = greatest(panels.iter().map(|panel| panel.lanes.left()));
    // On a wide axis numbers are close, and so as long as on any.
    let longest = longest(panels.iter().map(|panel| panel.axis(WIDTH)?.longest()))?;
    Ok(Frames::new(series, left, longest + CLEAR))
}

/// Lays out the legend of the classes and the mean.
fn legend(classes: &[u8], width: f64) -> Result<Legend, FigureError> {
    let names: Vec<String> = match classes {
        [first, .., last] if classes.len() > MAX_COLOURS => {
            let count = classes.len();
            vec![format!(
                "{count} classes, from {first} at the top to {last} at the bottom"
            )]
        }
        _ => classes
            .iter()
            .map(|class| format!("class {class}"))
            .collect(),
    };
    let names: Vec<String> = names
        .into_iter()
        .chain(["mean over replicates".to_owned()])
        .collect();
    Legend::new(names.iter().map(String::as_str), legend::SQUARE, width)
}
