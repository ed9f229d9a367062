//! CSV tables of typed rows. A missing value is an empty cell, never a zero. Numbers have
//! enough digits to be read back exactly.

use serde::Serialize;
use serde::de::DeserializeOwned;

/// Writes rows as CSV, with a header of the field names.
///
/// # Errors
/// If a row has a field that is not a number, a string or nothing.
pub fn to_csv<T: Serialize>(rows: &[T]) -> Result<Vec<u8>, csv::Error> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    for row in rows {
        writer.serialize(row)?;
    }
    writer
        .into_inner()
        .map_err(|error| error.into_error().into())
}

/// Reads the rows of a CSV file with a header.
///
/// # Errors
/// If a row has other fields.
pub fn from_csv<T: DeserializeOwned>(bytes: &[u8]) -> Result<Vec<T>, csv::Error> {
    csv::Reader::from_reader(bytes).deserialize().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[derive(Serialize)]
    struct Row {
        name: &'static str,
        value: Option<f64>,
    }

    #[test]
    fn missing_values_are_empty_cells_and_names_are_quoted() {
        let rows = [
            Row {
                name: "a, b",
                value: Some(0.1),
            },
            Row {
                name: "c",
                value: None,
            },
        ];
        let csv = String::from_utf8(to_csv(&rows).unwrap()).unwrap();
        assert_eq!(csv, "name,value\n\"a, b\",0.1\nc,\n");
    }

    proptest! {
        #[test]
        fn numbers_come_back_as_they_were(value: f64) {
            prop_assume!(value.is_finite());
            let csv = to_csv(&[Row { name: "x", value: Some(value) }]).unwrap();
            let text = String::from_utf8(csv).unwrap();
            let cell = text.lines().nth(1).unwrap().strip_prefix("x,").unwrap();
            prop_assert_eq!(cell.parse::<f64>().unwrap().to_bits(), value.to_bits());
        }
    }
}
