//! Claims on one page: what was said, what was measured, and whether it holds.

mod gauge;
mod seal;
mod table;

use super::canvas::{self, Canvas};
use super::{Drawing, FigureError};
use table::Table;

/// What a ledger shows.
#[derive(Debug, Clone)]
pub struct Ledger<'a> {
    /// In bold above the rows.
    pub title: &'a str,
    /// Below the title, of any length; may be empty.
    pub caption: &'a str,
    /// In small type below the rows: where the data is from.
    pub note: &'a str,
    /// From top to bottom.
    pub rows: Vec<LedgerRow>,
}

/// One claim.
#[derive(Debug, Clone)]
pub struct LedgerRow {
    /// The claim in a sentence.
    pub says: String,
    /// In small type below the sentence: who says it, and where. May be empty.
    pub source: String,
    /// After the source: what it was tested on. May be empty.
    pub at: String,
    /// Whether it holds.
    pub verdict: Seal,
    /// In small type below the verdict; may be empty.
    pub reason: String,
    /// What was measured, from top to bottom; may be empty.
    pub tests: Vec<LedgerTest>,
}

/// Whether a claim holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seal {
    /// It does.
    Confirmed,
    /// It does not.
    Refuted,
    /// The data does not tell.
    Undecided,
}

/// What a claim says of one quantity, and what was measured of it.
#[derive(Debug, Clone)]
pub struct LedgerTest {
    /// The name of the quantity.
    pub quantity: String,
    /// The mean with its interval in letters.
    pub observed: String,
    /// The region in letters.
    pub claimed: String,
    /// The mean, as a dot. `None` and a value that is not finite draw nothing.
    pub mean: Option<f64>,
    /// The lower and the upper end of an interval around the mean, as a whisker. An end
    /// that is not finite is at the border.
    pub interval: Option<(f64, f64)>,
    /// From the least to the greatest value with which the claim is true, shaded. An
    /// infinite end is at the border.
    pub region: (f64, f64),
}

/// A quarter of the size can still be read.
const SMALLEST: u32 = 4;

/// Draws a ledger. Each test has a scale of its own, which holds the finite ends of its
/// region, its mean and its interval. Of very many claims the PNG is a half or a quarter
/// as large.
///
/// # Errors
/// If there are no rows, a region does not go from a lower to a higher value, or the
/// page would be too large.
pub fn draw(ledger: &Ledger<'_>) -> Result<Drawing, FigureError> {
    if ledger.rows.is_empty() {
        return Err(FigureError::Empty);
    }
    let tests = ledger.rows.iter().flat_map(|row| &row.tests);
    tests.into_iter().try_for_each(LedgerTest::check)?;
    let table = Table::new(&ledger.rows)?;
    let texts = [ledger.title, ledger.caption, ledger.note];
    let mut shrink = 1;
    loop {
        let paint = |canvas: &mut Canvas<'_>| table.paint(&canvas.area);
        match canvas::draw_at(shrink, texts, table.size(), paint) {
            Err(FigureError::TooLarge(..)) if shrink < SMALLEST => shrink *= 2,
            drawing => return drawing,
        }
    }
}

impl LedgerTest {
    fn check(&self) -> Result<(), FigureError> {
        let (low, high) = self.region;
        if low <= high {
            return Ok(());
        }
        Err(FigureError::Region {
            quantity: self.quantity.clone(),
            low,
            high,
        })
    }
}

impl Seal {
    /// The verdict in a word.
    fn word(self) -> &'static str {
        match self {
            Seal::Confirmed => "confirmed",
            Seal::Refuted => "refuted",
            Seal::Undecided => "undecided",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::canvas::decode;
    use super::*;

    const INFINITY: f64 = f64::INFINITY;

    #[test]
    fn a_ledger_too_long_for_a_page_is_drawn_smaller() {
        let width = |rows: usize| {
            let ledger = Ledger {
                title: "",
                caption: "",
                note: "",
                rows: vec![row(Seal::Confirmed, 0.7, (0.6, 0.8)); rows],
            };
            let png = draw(&ledger).unwrap().png;
            let reader = png::Decoder::new(std::io::Cursor::new(&png)).read_info();
            reader.unwrap().info().width
        };
        assert_eq!(width(400), width(1).div_ceil(2));
    }

    /// A claim with one test, that a value is at least 0.5.
    fn row(verdict: Seal, mean: f64, interval: (f64, f64)) -> LedgerRow {
        LedgerRow {
            says: "One & all are legible.".to_owned(),
            source: "Lai 2021, 1.3.1".to_owned(),
            at: "paper/slp".to_owned(),
            verdict,
            reason: String::new(),
            tests: vec![LedgerTest {
                quantity: "legibility".to_owned(),
                observed: format!("{mean} observed"),
                claimed: "at least 0.5".to_owned(),
                mean: Some(mean),
                interval: Some(interval),
                region: (0.5, INFINITY),
            }],
        }
    }

    fn ledger(rows: Vec<LedgerRow>) -> Ledger<'static> {
        Ledger {
            title: "Claims",
            caption: "",
            note: "synthetic, seed 0",
            rows,
        }
    }

    fn svg(rows: Vec<LedgerRow>) -> String {
        String::from_utf8(draw(&ledger(rows)).unwrap().svg).unwrap()
    }

    /// Left and right borders of the areas of a colour, in pixels.
    fn spans(svg: &str, fill: &str) -> Vec<(f64, f64)> {
        let tree = roxmltree::Document::parse(svg).unwrap();
        let ours = tree.descendants();
        let ours = ours.filter(|n| n.attribute("fill") == Some(fill));
        let span = |n: roxmltree::Node<'_, '_>| {
            let pixels = |name| Some(n.attribute(name)?.parse::<f64>().ok()? / 8.0);
            let left = pixels("x")?;
            Some((left, left + pixels("width")?))
        };
        ours.filter_map(span).collect()
    }

    /// The lines of a colour: their corners, in pixels.
    fn lines(svg: &str, stroke: &str) -> Vec<Vec<f64>> {
        let tree = roxmltree::Document::parse(svg).unwrap();
        let ours = tree.descendants();
        let ours = ours.filter(|n| n.attribute("stroke") == Some(stroke));
        let numbers = |text: &str| {
            let numbers = text.split([',', ' ']).filter_map(|n| n.parse::<f64>().ok());
            numbers.map(|units| units / 8.0).collect()
        };
        ours.filter_map(|n| n.attribute("points"))
            .map(numbers)
            .collect()
    }

    const GROUND: &str = "#F0F0F0";
    const REGION: &str = "#B8D4EA";
    const INK: &str = "#1A1A1A";

    fn near(a: f64, b: f64) -> bool {
        (a - b).abs() < 0.3
    }

    #[test]
    fn a_region_is_shaded_and_a_mean_stands_in_its_interval() {
        let drawing = draw(&ledger(vec![row(Seal::Confirmed, 0.75, (0.5, 1.5))])).unwrap();
        let svg = std::str::from_utf8(&drawing.svg).unwrap();
        // The first of each is in the legend.
        let (ground, region) = (spans(svg, GROUND)[0], spans(svg, REGION)[1]);
        let value = |part: f64| ground.0 + (ground.1 - ground.0) * (0.16 + part) / 1.32;
        assert!(near(region.0, value(0.0)) && near(region.1, ground.1));
        let ink = lines(svg, INK);
        let [whisker, low, high] = &ink[3..] else {
            panic!("not a whisker with two ends");
        };
        assert!(near(whisker[0], value(0.0)) && near(whisker[2], value(1.0)));
        assert!(near(low[0], value(0.0)) && near(high[0], value(1.0)));
        let (width, _, rgb) = decode(&drawing.png);
        let pixel = |x: f64, y: f64| &rgb[(y as usize * width + x as usize) * 3..][..3];
        assert_eq!(pixel(value(0.25), whisker[1]), [26; 3]);
        assert_eq!(pixel(value(0.25), whisker[1] + 12.0), [184, 212, 234]);
        assert_eq!(pixel(value(-0.08), whisker[1] + 12.0), [240; 3]);
        assert_eq!(lines(svg, "#005AA0").len(), 1);
    }

    #[test]
    fn what_is_unknown_is_not_drawn() {
        let shapes = |mean, interval| {
            let mut row = row(Seal::Undecided, 0.75, (0.5, 1.5));
            (row.tests[0].mean, row.tests[0].interval) = (mean, interval);
            let svg = svg(vec![row]);
            // Without those of the legend.
            (
                svg.matches("<circle").count() - 1,
                lines(&svg, INK).len() - 3,
            )
        };
        assert_eq!(shapes(None, None), (0, 0));
        assert_eq!(shapes(Some(f64::NAN), Some((f64::NAN, 1.0))), (0, 0));
        assert_eq!(shapes(Some(1.0), Some((-INFINITY, 2.0))), (1, 2));
    }

    #[test]
    fn a_verdict_is_a_word_and_only_those_decided_are_filled() {
        for (seal, word, fill) in [
            (Seal::Confirmed, "confirmed", "#007456"),
            (Seal::Refuted, "refuted", "#BC4600"),
            (Seal::Undecided, "undecided", "none"),
        ] {
            let mut row = row(seal, 1.0, (0.0, 2.0));
            row.reason = "one replicate".to_owned();
            let svg = svg(vec![row]);
            let tree = roxmltree::Document::parse(&svg).unwrap();
            let tall = |n: &roxmltree::Node<'_, '_>| {
                let points = n.attribute("points").unwrap_or_default();
                points.split_whitespace().count() > 40
            };
            let pill = tree.descendants().find(tall).unwrap();
            assert_eq!(pill.attribute("fill"), Some(fill));
            for text in [word, "one replicate"] {
                assert_eq!(svg.matches(&format!("\n{text}\n")).count(), 1);
            }
        }
    }

    #[test]
    fn texts_of_a_column_start_below_each_other() {
        let mut rows = vec![row(Seal::Confirmed, 1.0, (0.0, 2.0)); 3];
        let test = rows[0].tests[0].clone();
        rows[1].tests.push(test);
        rows[1].says = "many words that take lines of their own ".repeat(4);
        rows[2].tests.clear();
        rows[2].at.clear();
        let svg = svg(rows);
        let tree = roxmltree::Document::parse(&svg).unwrap();
        let places = |text: &str| {
            let ours = tree.descendants().filter(roxmltree::Node::is_element);
            let ours = ours.filter(|n| n.text().map(str::trim) == Some(text));
            let places = ours
                .map(|n| ["x", "y"].map(|name| n.attribute(name).unwrap().parse::<i32>().unwrap()));
            places.collect::<Vec<_>>()
        };
        for (head, text) in [
            ("quantity", "legibility"),
            ("claimed", "at least 0.5"),
            ("observed", "1 observed"),
        ] {
            let [[left, _]] = places(head)[..] else {
                panic!("not one head");
            };
            let places = places(text);
            assert!(places.len() == 3 && places.iter().all(|[x, _]| *x == left));
            assert!(places.windows(2).all(|pair| pair[0][1] < pair[1][1]));
        }
        assert_eq!(places("Lai 2021, 1.3.1 \u{b7} paper/slp").len(), 2);
        assert_eq!(places("Lai 2021, 1.3.1").len(), 1);
    }

    #[test]
    fn forty_claims_fit_a_page_and_give_the_same_bytes() {
        let size = |count: usize| {
            let ledger = ledger(vec![row(Seal::Refuted, 0.1, (0.0, 0.2)); count]);
            let drawing = draw(&ledger).unwrap();
            assert_eq!(drawing, draw(&ledger).unwrap());
            let (width, height, _) = decode(&drawing.png);
            (width, height)
        };
        let (one, two, forty) = (size(1), size(2), size(40));
        assert_eq!((one.0, one.0), (two.0, forty.0));
        assert_eq!(forty.1 - one.1, 39 * (two.1 - one.1));
        assert!(forty.1 < 5000, "{forty:?}");
    }

    #[test]
    fn a_region_that_holds_no_value_is_refused_by_name() {
        let fault = |region| {
            let mut row = row(Seal::Refuted, 0.1, (0.0, 0.2));
            row.tests[0].region = region;
            draw(&ledger(vec![row])).map_err(|error| error.to_string())
        };
        assert_eq!(
            fault((1.0, 0.5)).unwrap_err(),
            "the region of `legibility` is from 1 to 0.5, must be from low to high"
        );
        assert!(fault((f64::NAN, 0.5)).is_err());
        assert!(fault((0.5, 0.5)).is_ok() && fault((-INFINITY, INFINITY)).is_ok());
        assert!(matches!(draw(&ledger(vec![])), Err(FigureError::Empty)));
    }
}
