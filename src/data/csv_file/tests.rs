use crate::data::Label;
use std::error::Error;

use super::*;
use proptest::prelude::*;

fn files() -> CsvFiles {
    CsvFiles {
        file: "train.csv".into(),
        test_file: None,
        width: None,
        height: None,
        levels: None,
    }
}

/// Files of images of so many pixels across and down.
fn sized(width: usize, height: usize) -> CsvFiles {
    CsvFiles {
        width: Some(width),
        height: Some(height),
        ..files()
    }
}

fn parsed(text: &[u8], files: &CsvFiles) -> Result<CsvImages, CsvError> {
    let table = parse(text, files, None)?;
    check_first_column(&table, &[0, 1].map(Label::Number))?;
    Ok(table)
}

fn samples(text: &str, files: &CsvFiles) -> Samples {
    parsed(text.as_bytes(), files).unwrap().samples
}

fn fault(text: &[u8], files: &CsvFiles) -> String {
    parsed(text, files).unwrap_err().to_string()
}

/// A row of two pixels each.
fn two(pixels: [u8; 4], labels: [u8; 2]) -> Samples {
    Samples {
        features: 2,
        pixels: Arc::new(pixels.to_vec()),
        labels: labels.to_vec(),
    }
}

#[test]
fn rows_come_with_or_without_header_and_however_lines_end() {
    let expected = two([0, 255, 7, 8], [5, 9]);
    let texts = [
        "5,0,255\n9,7,8\n",
        "5,0,255\n9,7,8",
        "5,0,255\r\n9,7,8\r\n",
        "label,pixel0,pixel1\n5,0,255\n9,7,8\n",
        "\"label\",\"1x1\",\"1x2\"\r\n\"5\",\"0\",\"255\"\r\n\"9\",\"7\",\"8\"\r\n",
        "\u{feff}5,0,255\n9,7,8\n",
        "\u{feff}\"label\",\"a\",\"b\"\n5,0,255\n9,7,8\n",
        "\n5, 0, 255\n\n  \n9, 007, 8\n\n",
        "\r\n5,0,255\r\n\r\n9,7,8\r\n\r\n",
        "label,a,b\n5.0,0.0,2.55e+02\n9.0,7.0,8.0\n",
        "5e0,0e0,255.\n 9.00 , \"7\" ,+8\n",
    ];
    for text in texts {
        assert_eq!(samples(text, &sized(2, 1)), expected, "{text:?}");
    }
}

#[test]
fn columns_are_found_by_their_names() {
    let expected = two([0, 255, 7, 8], [5, 9]);
    let texts = [
        "pixel1,pixel2,class\n0,255,5\n7,8,9\n",
        "a,Digit,b\n0,5,255\n7,9,8\n",
        " TARGET ,pixel1,pixel2\n5,0,255\n9,7,8\n",
        "0,1,label\n0,255,5\n7,8,9\n",
        "label,0,1\n5,0,255\n9,7,8\n",
        ",label,pixel0,pixel1\n0,5,0,255\n1,9,7,8\n",
        "Unnamed: 0,y,p0,p1\n17,5,0,255\n18,9,7,8\n",
        "id,label,p0,p1\ntrain_1.png,5,0,255\n,9,7,8\n",
        "p0,p1,label,Index\n0,255,5,1e9\n7,8,9,-1\n",
        "label,pixel0,pixel1,\n5,0,255,\n9,7,8,\n",
        "label,pixel1,pixel0\n5,255,0\n9,8,7\n",
    ];
    for text in texts {
        assert_eq!(samples(text, &sized(2, 1)), expected, "{text:?}");
    }
}

#[test]
fn what_was_done_to_columns_is_noted() {
    let text = "row,label,pixel10,pixel9\n0,5,1,2\n";
    let notes = parsed(text.as_bytes(), &sized(2, 1)).unwrap();
    assert_eq!(
        notes.columns.notes,
        [
            "column 1 (`row`) is left out: it counts or identifies rows",
            "pixel columns are put in the order of the numbers in their names"
        ]
    );
}

#[test]
fn columns_that_could_be_several_things_are_refused_by_name() {
    let numbers: Vec<String> = (0..17).map(|n| n.to_string()).collect();
    let numbers = numbers.join(",");
    let one = &sized(1, 1);
    let cases = [
        fault(b"label,p0,class\n1,2,3\n", one),
        fault(b"number,p0,p1\n1,2,3\n", one),
        fault(format!("{numbers}\n{numbers}\n").as_bytes(), one),
        fault(format!(",{numbers}\n0,{numbers}\n").as_bytes(), one),
        fault(b"id,label\n1,2\n", one),
        fault(b"label,pixel0,ImageId\n1,2,3\n", one),
        fault(b"label,a,b,a\n1,2,3,4\n", one),
        // Labels in the last column, as the UCI repository has them.
        fault(b"0,7,1\n0,9,0\n0,8,1\n", &sized(2, 1)),
        // Labels in either.
        fault(b"0,7,1\n1,9,0\n", &sized(2, 1)),
        // A background that is not black, and labels behind.
        fault(b"0,7,1\n1,9,0\n3,4,1\n9,5,0\n", &sized(2, 1)),
    ];
    insta::assert_snapshot!(cases.join("\n"), @"
    column 1 (`label`) and column 3 (`class`) could both be the labels; rename or remove one of them
    line 1: header without a label column (`number`, `p0`, `p1`); name it `label`, `class`, `target`, `y` or `digit`
    line 1: header without a label column (`0`, `1`, `2`, ...); name it `label`, `class`, `target`, `y` or `digit`
    line 1: header without a label column (``, `0`, `1`, ...); name it `label`, `class`, `target`, `y` or `digit`
    line 1: expected a label and at least one pixel, separated by commas; got no pixel columns
    the order of the pixels is ambiguous: columns `pixel0` and `ImageId` have names of different forms; remove the one that is no pixel, or number all pixels alike
    the order of the pixels is ambiguous: two columns are called `a`; rename them
    no header, and the labels could be in column 1 or in column 3, the last one; add a header that names one of them `label`, and the pixels `pixel0`, `pixel1` and so on
    no header, and the labels could be in column 1 or in column 3, the last one; add a header that names one of them `label`, and the pixels `pixel0`, `pixel1` and so on
    no header, and the labels could be in column 1 or in column 3, the last one; add a header that names one of them `label`, and the pixels `pixel0`, `pixel1` and so on
    ");
}

#[test]
fn pixels_at_the_end_of_a_row_may_look_like_labels() {
    // Grain from 0 to 3 in the last pixel, of classes 0 and 1.
    let text = "0,7,1\n1,9,0\n0,4,3\n1,5,2\n";
    assert_eq!(samples(text, &sized(2, 1)).labels, [0, 1, 0, 1]);
    // A black one.
    let text = "0,7,0\n1,9,0\n";
    assert_eq!(samples(text, &sized(2, 1)).labels, [0, 1]);
}

#[test]
fn images_are_square_or_as_large_as_the_spec_says() {
    let square = parsed(b"0,1,2,3,4\n", &files()).unwrap();
    assert_eq!(square.size.to_string(), "2 x 2");
    let wide = parsed(b"label,a,b,c,d,e,f\n1,1,2,3,4,5,6\n", &sized(3, 2)).unwrap();
    assert_eq!(wide.size.to_string(), "3 x 2");
    let cases = [
        fault(b"1,1,2,3,4,5,6\n", &files()),
        fault(b"1,1,2,3,4,5,6\n", &sized(2, 2)),
        fault(
            format!("1{}\n", ",0".repeat(301 * 301)).as_bytes(),
            &files(),
        ),
    ];
    insta::assert_snapshot!(cases.join("\n"), @"
    expected a square number of pixel columns, got 6; set `data.width` and `data.height` to numbers whose product is 6, or name other columns in a header (`label`, `id`)
    expected 4 pixel columns for `data.width` x `data.height` = 2 x 2, got 6
    images are too large; expected at most 300 x 300 pixels, got 301 x 301
    ");
}

#[test]
fn every_fault_names_the_line_and_what_was_expected() {
    let one = &sized(1, 1);
    let two = &sized(2, 1);
    let cases = [
        fault(b"", two),
        fault(b"\r\n\n", two),
        fault(b"label,pixel0\n\n", one),
        fault(b"\x1f\x8b\x08\x00,\x00", one),
        fault(b"\xff\xfel\0a\0b\0e\0l\0,\0", one),
        fault(b"5\n", one),
        fault(b"5 0 255\n", two),
        fault(b"5;0;255\n", two),
        fault(b"label;pixel0\n5;0\n", one),
        fault(b"5\t0\t255\n", two),
        fault(b"5,0,255\r9,7,8\r", two),
        fault(b"label,a,b\n5,0,1\n9,7\n", two),
        fault(b"label,a,b\n5,0\n", two),
        fault(b"5,0,1\n9,7,8,6", two),
        fault(b"5,0,1\r\n\r\n9,7\r\n", two),
        fault(b"5,0,1\n9,\"7,8\n1,2,3\n4,5,6\n", two),
        fault(b"5,0,1\n\n\n9,256,8\n", two),
        fault(b"-1,0,1\n", two),
        fault(b"cat,0,1\n7,0,1\n", two),
        fault(b"label,a,b\nnan,0,1\n", two),
        fault(b"0.5,0,1\n", two),
        fault(b"5,0,1\n9,7,0.5\n", two),
        fault(b"5,0,1\nlabel,7,8\n", two),
        fault(b"5,0,1\n9,,8\n", two),
        fault(b"5,0,1\n9,nan,8\n", two),
        fault(b"5,0,1\n9,-3,8\n", two),
        fault(b"5,0,1\n9,\xff\xfe,8\n", two),
        fault("5,0,1\n9,sieben und zwanzig M\u{e4}use,8\n".as_bytes(), two),
    ];
    insta::assert_snapshot!(cases.join("\n"), @r#"
    empty file; expected rows of a label and pixels
    empty file; expected rows of a label and pixels
    only a header; expected rows of a label and pixels
    line 1: expected UTF-8 text; is the file still packed?
    line 1: expected UTF-8 text; is the file still packed?
    line 1: expected a label and at least one pixel, separated by commas; got 1 column
    line 1: expected commas between columns, got spaces; convert the file
    line 1: expected commas between columns, got semicolons; convert the file
    line 1: expected commas between columns, got semicolons; convert the file
    line 1: expected commas between columns, got tabs; convert the file
    expected line feeds at line ends, got single carriage returns; convert the file
    line 3: expected 3 columns, as in line 1; got 2
    line 2: expected 3 columns, as in line 1; got 2
    line 2: expected 3 columns, as in line 1; got 4
    line 3: expected 3 columns, as in line 1; got 2
    line 2: expected 3 columns, as in line 1; got 2
    line 4, column 2: expected a whole number from 0 to 255, got `256`; if another level is white, set `data.levels` to it
    line 1, column 1: expected a label, a whole number from 0 to 255 or a word, got `-1`: another number; without a header the first column is the label
    line 2, column 1: expected a word as in line 1, got the label 7; write numbers in all rows, or words; without a header the first column is the label
    line 2, column 1: expected a label, a whole number from 0 to 255 or a word, got `nan`: tables keep this word for missing values and other classes; write another one
    line 1, column 1: expected a label, a whole number from 0 to 255 or a word, got `0.5`: another number; without a header the first column is the label
    line 2, column 3: expected a whole number from 0 to 255, got `0.5`; for fractions set `data.levels` to the level that is white, such as `levels = 1`
    line 2, column 1: expected a number as in line 1, got the label "label"; write numbers in all rows, or words; without a header the first column is the label
    line 2, column 2: expected a whole number from 0 to 255, got ``
    line 2, column 2: expected a whole number from 0 to 255, got `nan`
    line 2, column 2: expected a whole number from 0 to 255, got `-3`; levels start at 0, which is black
    line 2, column 2: expected a whole number from 0 to 255, got `\xff\xfe`
    line 2, column 2: expected a whole number from 0 to 255, got `sieben und zwanzig M`
    "#);
}

#[test]
fn another_level_may_be_white_and_then_there_are_fractions() {
    let white = |levels| CsvFiles {
        levels: Some(levels),
        ..sized(2, 1)
    };
    assert_eq!(
        samples("1,0,1\n0,0.5,1.0\n", &white(1.0)).pixels[..],
        [0, 255, 128, 255]
    );
    assert_eq!(
        samples("1,0,16\n0,8,4\n", &white(16.0)).pixels[..],
        [0, 255, 128, 64]
    );
    let table = parsed(b"1,0,65535\n0,257,514\n", &white(65535.0)).unwrap();
    assert_eq!(table.samples.pixels[..], [0, 255, 1, 2]);
    assert_eq!(
        (table.levels.largest, table.levels.rounding),
        (65535.0, 0.0)
    );
    let above = fault(b"label,a,b\n1,0,16\n0,8,17\n", &white(16.0));
    let expected = "line 3, column 3: expected a number from 0 to 16, got `17`; \
                    if another level is white, set `data.levels` to it";
    assert_eq!(above, expected);
}

#[test]
fn rows_to_test_on_have_the_same_columns_in_any_order() {
    let files = &sized(2, 1);
    let read = |text: &str, train: &str| {
        let train = parsed(train.as_bytes(), files).unwrap();
        let test = parse(text.as_bytes(), files, Some(&train));
        test.map(|table| table.samples.pixels.to_vec())
            .map_err(|error| error.to_string())
    };
    let named = "label,a,b\n0,1,2\n";
    let numbered = "label,pixel0,pixel1\n0,1,2\n";
    let bare = "0,1,2\n";
    assert_eq!(read("b,a,class\n4,3,0\n", named), Ok(vec![3, 4]));
    assert_eq!(read("id,p2,p1,y\nx,4,3,0\n", numbered), Ok(vec![3, 4]));
    assert_eq!(read("0,3,4\n", named), Ok(vec![3, 4]));
    assert_eq!(read(named, bare), Ok(vec![1, 2]));
    let cases = [
        read("label,a,c\n0,3,4\n", named),
        read("label,pixel0,pixel1\n0,3,4\n", named),
        read("0,3,4\n", "a,b,label\n1,2,0\n"),
        read("a,b,label\n1,2,0\n", bare),
        read("0,3,4,5\n", bare),
    ];
    let cases = cases.map(Result::unwrap_err);
    insta::assert_snapshot!(cases.join("\n"), @"
    columns differ from those of the training file: no column `b`
    columns differ from those of the training file: the pixels have other names
    columns differ from those of the training file: only one of them has a header; add one to both
    columns differ from those of the training file: only one of them has a header; add one to both
    columns differ from those of the training file: expected 2 pixel columns, got 3
    ");
}

/// A source that never ends is given up within a few megabytes.
#[test]
fn a_row_without_end_is_given_up() {
    let zeros = std::io::repeat(0);
    let first = parse(zeros, &FILES, None).unwrap_err();
    assert!(first.to_string().starts_with("cannot read on from line 1"));
    let open_quote = std::io::repeat(b'\n');
    let text = b"label,pixel0\n1,\"".chain(open_quote);
    let later = parse(text, &FILES, None).unwrap_err();
    let cause = later.source().unwrap().to_string();
    assert!(
        cause.starts_with("the row is longer than 4194304 bytes"),
        "{cause}"
    );
}

const FILES: CsvFiles = CsvFiles {
    file: std::path::PathBuf::new(),
    test_file: None,
    width: None,
    height: None,
    levels: None,
};

#[test]
fn a_folder_and_a_missing_file_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let missing = read(&folder.path().join("a.csv"), &FILES, None)
        .unwrap_err()
        .to_string();
    assert!(
        missing.starts_with("cannot open `") && missing.ends_with("a.csv`"),
        "{missing}"
    );
    assert!(read(folder.path(), &FILES, None).is_err());
}

#[test]
fn a_fault_stands_below_the_path() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.csv");
    std::fs::write(&path, "5,x\n").unwrap();
    let error = read(&path, &FILES, None).unwrap_err();
    assert!(error.to_string().starts_with("cannot use `"), "{error}");
    let cause = error.source().unwrap().to_string();
    assert!(cause.starts_with("line 1, column 2: expected"), "{cause}");
}

#[test]
fn the_digest_is_that_of_the_bytes_once_the_first_row_is_sound() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.csv");
    std::fs::write(&path, "label,p0\n5,1\n").unwrap();
    let expected = crate::digest::sha256([&b"label,p0\n5,1\n"[..]]);
    assert_eq!(digest(&path, &FILES).unwrap(), expected);
    std::fs::write(&path, "p0,p1\n5,1\n").unwrap();
    assert!(digest(&path, &FILES).is_err());
}

proptest! {
    #[test]
    fn what_is_written_is_read(
        features in 1usize..6,
        bytes: Vec<u8>,
        header: bool,
        crlf: bool,
        floats: bool,
    ) {
        let rows: Vec<&[u8]> = bytes.chunks_exact(features + 1).collect();
        prop_assume!(!rows.is_empty());
        let mut samples = Samples::empty(features);
        let mut lines = Vec::new();
        if header {
            let names = (0..features).map(|pixel| format!("pixel{pixel}"));
            lines.push(["label".to_owned()].into_iter().chain(names).collect());
        }
        for row in rows {
            samples.push(&row[1..], row[0]);
            let number = |byte: &u8| if floats { format!("{byte}.0") } else { byte.to_string() };
            lines.push(row.iter().map(number).collect::<Vec<String>>());
        }
        let lines: Vec<String> = lines.iter().map(|cells| cells.join(",")).collect();
        let text = lines.join(if crlf { "\r\n" } else { "\n" });
        let files = sized(features, 1);
        let read = parse(text.as_bytes(), &files, None);
        prop_assert_eq!(read.unwrap().samples, samples);
    }

    #[test]
    fn no_bytes_make_it_panic(bytes: Vec<u8>, line in "[0-9a,\"\r\n .xe-]{0,40}") {
        let files = files();
        let _ = (parsed(&bytes, &files), parsed(line.as_bytes(), &files));
        let headed = format!("label,{line}");
        let _ = parsed(headed.as_bytes(), &files);
    }
}
