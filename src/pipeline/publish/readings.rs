//! Tables of what evaluators read, `readings.csv`, and of their agreement, `agreement.csv`.

use std::collections::BTreeMap;

use crate::config::Inversion;
use crate::data::Label;
use crate::metrics::judge::{
    AgreementRow, PictureReading, Readings, TOGETHER, ViewedReadings, agreement, evaluator_name,
};
use crate::pipeline::replicate::Replicate;

/// Views of an inverse: clipped into the pixel range, and as a grid draws it.
const VIEWS: [&str; 2] = ["clipped", "drawn"];

/// Prefix of the columns of probabilities, before the label of the class.
pub const PROBABILITY: &str = "p_";

impl Replicate {
    /// Returns the table: one row per inversion, setting, class, view and evaluator, the
    /// last evaluator being all together. None without readings.
    ///
    /// # Errors
    /// If it cannot be written as CSV.
    pub fn readings(&self, inversions: &[Inversion]) -> Result<Option<Vec<u8>>, csv::Error> {
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer.write_record(self.header())?;
        let mut is_empty = true;
        for (inversion, inverse) in inversions.iter().zip(&self.inverses) {
            let parameter = inversion.parameter();
            for (setting, measured) in inversion.settings.iter().zip(&inverse.measures) {
                for (class, readings) in self.data.classes.iter().zip(&measured.readings) {
                    is_empty = false;
                    let picture = [
                        inverse.name.clone(),
                        parameter.clone(),
                        setting.value.clone(),
                        class.to_string(),
                    ];
                    for row in rows(readings) {
                        writer.write_record(picture.iter().chain(&row))?;
                    }
                }
            }
        }
        if is_empty {
            return Ok(None);
        }
        let bytes = writer.into_inner();
        bytes.map(Some).map_err(|error| error.into_error().into())
    }

    /// Returns the agreement between evaluators on all inverses that are not missing, in each
    /// view.
    pub fn agreement(&self) -> Vec<AgreementRow> {
        let settings = self.inverses.iter().flat_map(|inverse| &inverse.measures);
        let all = settings.flat_map(|measured| &measured.readings);
        let read = all.filter(|readings| !readings.clipped.0.is_empty());
        let (clipped, drawn): (Vec<_>, Vec<_>) = read
            .map(|readings| (&readings.clipped, &readings.drawn))
            .unzip();
        let views = VIEWS.into_iter().zip([clipped, drawn]);
        views
            .flat_map(|(view, pictures)| agreement(view, &pictures))
            .collect()
    }

    fn header(&self) -> Vec<String> {
        let places = [
            "inversion",
            "parameter",
            "setting",
            "class",
            "view",
            "evaluator",
        ];
        let places = places.into_iter().map(str::to_owned);
        let classes = self.data.classes.iter().map(Label::to_string);
        let answers = classes.chain(["another", "none"].map(str::to_owned));
        let probabilities = answers.map(|answer| format!("{PROBABILITY}{answer}"));
        places.chain(probabilities).collect()
    }
}

/// Readings of the images of each inversion and setting, in the order of the classes.
pub type ReadingsBySetting = BTreeMap<[String; 2], Vec<ViewedReadings>>;

/// Reads a published table: the readings of images as they are drawn. Those that it does not
/// have are empty.
pub fn drawn_readings(table: &[u8], classes: &[Label]) -> ReadingsBySetting {
    let mut found = ReadingsBySetting::new();
    let mut reader = csv::Reader::from_reader(table);
    for row in reader.records().filter_map(Result::ok) {
        let cells: Vec<&str> = row.iter().collect();
        let [inversion, _, setting, class, view, evaluator, numbers @ ..] = &cells[..] else {
            continue;
        };
        let numbers: Option<Vec<f64>> = numbers.iter().map(|cell| cell.parse().ok()).collect();
        let label: Option<Label> = Label::parse(class).ok();
        let place = label.and_then(|label| classes.iter().position(|class| *class == label));
        // Anybody may have written the table: a row of another length has no place.
        if let (true, Some(numbers), Some(place)) = (*view == VIEWS[1], numbers, place)
            && *evaluator != TOGETHER
            && let [own @ .., another, none] = &numbers[..]
            && own.len() == classes.len()
        {
            let key = [inversion, setting].map(|name| (*name).to_owned());
            let empty = || vec![ViewedReadings::default(); classes.len()];
            let all = found.entry(key).or_insert_with(empty);
            all[place].drawn.0.push(PictureReading {
                classes: own.to_vec(),
                another: *another,
                none: *none,
            });
        }
    }
    found
}

/// Rows of one picture from its view on.
fn rows(readings: &ViewedReadings) -> Vec<Vec<String>> {
    let views = VIEWS.into_iter().zip([&readings.clipped, &readings.drawn]);
    if readings.clipped.0.is_empty() {
        return Vec::new();
    }
    let of_view = |(view, readings): (&'static str, &Readings)| -> Vec<Vec<String>> {
        let single = readings.0.iter().cloned().enumerate();
        let single = single.map(|(evaluator, reading)| (evaluator_name(evaluator), reading));
        let all = single.chain([(TOGETHER.to_owned(), readings.combined())]);
        all.map(|(evaluator, reading)| {
            let PictureReading {
                classes,
                another,
                none,
            } = reading;
            let numbers = classes.into_iter().chain([another, none]);
            let names = [view.to_owned(), evaluator];
            names
                .into_iter()
                .chain(numbers.map(|number| number.to_string()))
                .collect()
        })
        .collect()
    };
    views.flat_map(of_view).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rows of another length, view or class have no place, and nothing ends the program.
    #[test]
    fn a_table_by_anybody_is_read_as_far_as_it_is_one() {
        let table = "inversion,parameter,setting,class,view,evaluator,p_3,p_4,p_another,p_none\n\
                     a,,,4,drawn,conv-0,0.1,0.7,0.1,0.1\n\
                     a,,,4,clipped,conv-0,0.9,0.0,0.1,0.0\n\
                     a,,,9,drawn,conv-0,0.1,0.7,0.1,0.1\n\
                     a,,,3,drawn,TOGETHER,0.1,0.7,0.1,0.1\n\
                     a,,,3,drawn,conv-0,x,0.7,0.1,0.1\n"
            .replace("TOGETHER", TOGETHER);
        let found = drawn_readings(table.as_bytes(), &[3, 4].map(Label::Number));
        let key = ["a", ""].map(str::to_owned);
        let counts: Vec<usize> = found[&key].iter().map(|of| of.drawn.0.len()).collect();
        assert_eq!((found.len(), counts), (1, vec![0, 1]));
        assert_eq!(found[&key][1].drawn.0[0].classes, [0.1, 0.7]);
        assert!(drawn_readings(table.as_bytes(), &[3, 4, 5].map(Label::Number)).is_empty());
        assert!(drawn_readings(b"\xff,\n", &[Label::Number(3)]).is_empty());
    }

    /// Five evaluators that say class and one that says none: half and half together.
    #[test]
    fn rows_by_hand() {
        let reading = |classes: f64| PictureReading {
            classes: vec![classes],
            another: 0.0,
            none: 1.0 - classes,
        };
        let mut all = vec![reading(1.0); 5];
        all.push(reading(0.0));
        let readings = ViewedReadings {
            clipped: Readings(all.clone()),
            drawn: Readings(all),
            nearest: 0.0,
        };
        let rows = rows(&readings);
        assert_eq!(rows.len(), 14);
        assert_eq!(rows[0], ["clipped", "conv-0", "1", "0", "0"]);
        assert_eq!(rows[5], ["clipped", "knn", "0", "0", "1"]);
        assert_eq!(rows[13], ["drawn", "read", "0.5", "0", "0.5"]);
    }
}
