use super::*;
use crate::data::ImageSize;
use crate::data::files::{gzip, idx};
use proptest::prelude::*;

/// Two images, 3 pixels across and 2 down.
fn images() -> Vec<u8> {
    idx(&[2, 2, 3], *b"abcdefghijkl")
}

fn labels() -> Vec<u8> {
    idx(&[2], [46, 0])
}

fn folder(files: &[(&str, Vec<u8>)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes) in files {
        fs::write(folder.path().join(name), bytes).unwrap();
    }
    folder
}

fn asked(prefix: &str) -> IdxFolder {
    IdxFolder {
        folder: PathBuf::from("."),
        prefix: prefix.to_owned(),
        transpose: false,
        levels: None,
    }
}

fn message(folder: &tempfile::TempDir, error: &DataError) -> String {
    let path = folder.path().display().to_string();
    error.to_string().replace(&path, "FOLDER")
}

/// What is wrong with a folder of these files.
fn fault(files: &[(&str, Vec<u8>)], prefix: &str) -> String {
    let folder = folder(files);
    let loaded = match IdxFiles::find(&asked(prefix), folder.path()) {
        Ok(files) => files.load(&asked(prefix)),
        Err(missing) => Err(missing),
    };
    message(&folder, &loaded.unwrap_err())
}

const TRAIN_IMAGES: &str = "train-images-idx3-ubyte";
const TRAIN_LABELS: &str = "train-labels-idx1-ubyte";

#[test]
fn files_are_found_by_all_their_names() {
    let dash = |part: &str| {
        let names = [(IMAGES, "-idx3-ubyte"), (LABELS, "-idx1-ubyte.gz")];
        names.map(|(content, end)| format!("{part}-{content}{end}"))
    };
    let dot = |part: &str| {
        let names = [(IMAGES, ".idx3-ubyte.gz"), (LABELS, ".idx1-ubyte")];
        names.map(|(content, end)| format!("{part}-{content}{end}"))
    };
    for (prefix, train, test) in [
        ("", dash("train"), dash("t10k")),
        ("", dot("train"), dot("t10k")),
        ("e-b-", dash("e-b-train"), dot("e-b-test")),
    ] {
        let names = [&train[0], &train[1], &test[0], &test[1]].map(String::as_str);
        let contents = [images(), labels(), images(), labels()];
        let files: Vec<(&str, Vec<u8>)> = names
            .into_iter()
            .zip(contents)
            .map(|(name, bytes)| match name.strip_suffix(".gz") {
                Some(_) => (name, gzip(&bytes)),
                None => (name, bytes),
            })
            .collect();
        let folder = folder(&files);
        let files = IdxFiles::find(&asked(prefix), folder.path()).unwrap();
        let found = files
            .paths()
            .map(|path| path.strip_prefix(folder.path()).unwrap());
        let found: Vec<&str> = found.map(|path| path.to_str().unwrap()).collect();
        assert_eq!(found, names);
        let SourceData { train, test } = files.load(&asked(prefix)).unwrap();
        assert_eq!(train.size.to_string(), "3 x 2");
        let test = test.map(|test| test.samples);
        let train = train.samples;
        assert_eq!(
            (train.row(1), &*train.labels),
            (&b"ghijkl"[..], &[46, 0][..])
        );
        assert_eq!(test.as_ref(), Some(&train));
    }
}

#[test]
fn without_files_to_test_on_there_are_none() {
    let folder = folder(&[(TRAIN_IMAGES, images()), (TRAIN_LABELS, labels())]);
    let files = IdxFiles::find(&asked(""), folder.path()).unwrap();
    assert_eq!(files.paths().count(), 2);
    assert_eq!(files.load(&asked("")).unwrap().test, None);
}

#[test]
fn a_transposed_image_by_hand() {
    // abc    ad
    // def    be
    //        cf
    let folder = folder(&[(TRAIN_IMAGES, images()), (TRAIN_LABELS, labels())]);
    let files = IdxFiles::find(&asked(""), folder.path()).unwrap();
    let transposing = IdxFolder {
        transpose: true,
        ..asked("")
    };
    let train = files.load(&transposing).unwrap().train;
    assert_eq!(train.size.to_string(), "2 x 3");
    assert_eq!(*train.samples.pixels, b"adbecfgjhkil");
}

#[test]
fn missing_files_are_reported_with_their_possible_names() {
    let cases = [
        fault(&[], ""),
        fault(&[(TRAIN_IMAGES, images())], ""),
        fault(&[(TRAIN_LABELS, labels())], ""),
        fault(
            &[
                ("e-b-train-images-idx3-ubyte.gz", images()),
                ("e-l-train-images.idx3-ubyte", images()),
                (TRAIN_IMAGES, images()),
            ],
            "emnist-",
        ),
        fault(
            &[
                (TRAIN_IMAGES, images()),
                (TRAIN_LABELS, labels()),
                ("test-labels-idx1-ubyte", labels()),
            ],
            "",
        ),
    ];
    insta::assert_snapshot!(cases.join("\n"), @r#"
    `FOLDER/.`: files of the data set not found
      training images: expected one of `train-images-idx3-ubyte.gz`, `train-images-idx3-ubyte`, `train-images.idx3-ubyte.gz`, `train-images.idx3-ubyte`
      training labels: expected one of `train-labels-idx1-ubyte.gz`, `train-labels-idx1-ubyte`, `train-labels.idx1-ubyte.gz`, `train-labels.idx1-ubyte`
    `FOLDER/.`: files of the data set not found
      labels of `train-images-idx3-ubyte`: expected one of `train-labels-idx1-ubyte.gz`, `train-labels-idx1-ubyte`, `train-labels.idx1-ubyte.gz`, `train-labels.idx1-ubyte`
    `FOLDER/.`: files of the data set not found
      images of `train-labels-idx1-ubyte`: expected one of `train-images-idx3-ubyte.gz`, `train-images-idx3-ubyte`, `train-images.idx3-ubyte.gz`, `train-images.idx3-ubyte`
    `FOLDER/.`: files of the data set not found
      training images: expected one of `emnist-train-images-idx3-ubyte.gz`, `emnist-train-images-idx3-ubyte`, `emnist-train-images.idx3-ubyte.gz`, `emnist-train-images.idx3-ubyte`
      training labels: expected one of `emnist-train-labels-idx1-ubyte.gz`, `emnist-train-labels-idx1-ubyte`, `emnist-train-labels.idx1-ubyte.gz`, `emnist-train-labels.idx1-ubyte`
      files have another prefix: set `data.prefix` to `""` or `"e-b-"` or `"e-l-"`
    `FOLDER/.`: files of the data set not found
      images of `test-labels-idx1-ubyte`: expected one of `test-images-idx3-ubyte.gz`, `test-images-idx3-ubyte`, `test-images.idx3-ubyte.gz`, `test-images.idx3-ubyte`
    "#);
    let mut nowhere = asked("");
    nowhere.folder = PathBuf::from("nowhere");
    let missing = IdxFiles::find(&nowhere, Path::new("specs")).unwrap_err();
    assert_eq!(
        missing.to_string(),
        "`specs/nowhere`: folder not found; `data.folder` is relative to the spec"
    );
    let folder = folder(&[("file", Vec::new())]);
    nowhere.folder = PathBuf::from("file");
    let file = IdxFiles::find(&nowhere, folder.path()).unwrap_err();
    let text = message(&folder, &file);
    assert!(
        text.starts_with("`FOLDER/file`: cannot be read as a folder: "),
        "{text}"
    );
}

/// What Kaggle's archive holds, and what programs leave that unpack beside the archive.
#[test]
fn files_of_one_content_are_one_and_others_are_refused() {
    let nested = folder(&[]);
    for (name, bytes) in [(TRAIN_IMAGES, images()), (TRAIN_LABELS, labels())] {
        fs::create_dir(nested.path().join(name)).unwrap();
        fs::write(nested.path().join(name).join(name), bytes).unwrap();
    }
    let found = || IdxFiles::find(&asked(""), nested.path());
    let names = || found().unwrap().names(&asked(""), nested.path());
    assert_eq!(
        names(),
        [TRAIN_IMAGES, TRAIN_LABELS].map(|name| format!("{name}/{name}"))
    );
    let packed = nested.path().join("train-labels.idx1-ubyte.gz");
    fs::write(&packed, gzip(&labels())).unwrap();
    assert_eq!(names()[1], "train-labels.idx1-ubyte.gz");
    fs::write(&packed, gzip(&idx(&[2], [46, 1]))).unwrap();
    let refused = message(&nested, &found().unwrap_err());
    assert_eq!(
        refused,
        "`FOLDER/./train-labels.idx1-ubyte.gz` and \
         `FOLDER/./train-labels-idx1-ubyte/train-labels-idx1-ubyte` could both be meant, and \
         their contents differ; remove one of them"
    );
}

#[test]
fn test_files_of_both_names_must_be_the_same() {
    let with = |test: Vec<u8>| {
        let files = [
            (TRAIN_IMAGES, images()),
            (TRAIN_LABELS, labels()),
            ("t10k-images-idx3-ubyte", images()),
            ("t10k-labels-idx1-ubyte", labels()),
            ("test-images-idx3-ubyte", images()),
            ("test-labels-idx1-ubyte", test),
        ];
        let folder = folder(&files);
        IdxFiles::find(&asked(""), folder.path())
            .map(|files| files.names(&asked(""), folder.path())[2].clone())
            .map_err(|error| message(&folder, &error))
    };
    assert_eq!(with(labels()).unwrap(), "t10k-images-idx3-ubyte");
    assert_eq!(
        with(idx(&[2], [0, 0])).unwrap_err(),
        "`FOLDER/./t10k-labels-idx1-ubyte` and `FOLDER/./test-labels-idx1-ubyte` could both be \
         meant, and their contents differ; remove one of them"
    );
}

#[test]
fn unusable_files_are_reported() {
    let with = |test: Vec<u8>| {
        let files = [
            (TRAIN_IMAGES, images()),
            (TRAIN_LABELS, labels()),
            ("t10k-images-idx3-ubyte", test),
            ("t10k-labels-idx1-ubyte", labels()),
        ];
        fault(&files, "")
    };
    let cases = [
        with(idx(&[2, 3, 2], *b"abcdefghijkl")),
        with(idx(&[1, 2, 3], *b"abcdef")),
        with(idx(&[2, 1, 301], [0; 602])),
        with(b"<html>".to_vec()),
    ];
    insta::assert_snapshot!(cases.join("\n"), @"
    `FOLDER/./t10k-images-idx3-ubyte`: expected images of 3 x 2 pixels, as in `FOLDER/./train-images-idx3-ubyte`; got 2 x 3
    `FOLDER/./t10k-labels-idx1-ubyte`: expected one label per image of `FOLDER/./t10k-images-idx3-ubyte`; got 2 labels for 1 images
    `FOLDER/./t10k-images-idx3-ubyte`: images are too large; expected at most 300 x 300 pixels, got 301 x 1
    cannot use `FOLDER/./t10k-images-idx3-ubyte` as an IDX file
    ");
}

proptest! {
    /// Pixel x, y becomes y, x; and the other way round it is what it was.
    #[test]
    fn transposing_swaps_rows_and_columns(width in 1usize..9, height in 1usize..9, rows in 1usize..4) {
        let size = ImageSize { width, height };
        let mut samples = Samples::empty(size.pixels());
        for row in 0..rows {
            let pixels: Vec<u8> = (0..size.pixels()).map(|i| (i + row) as u8).collect();
            samples.push(&pixels, row as u8);
        }
        let images = |samples, size| SourceRows::synthetic(size, samples);
        let turned = transposed(images(samples.clone(), size));
        prop_assert_eq!(turned.size, size.transposed());
        let turned = turned.samples;
        for row in 0..rows {
            for (i, &pixel) in samples.row(row).iter().enumerate() {
                let (x, y) = (i % width, i / width);
                prop_assert_eq!(turned.row(row)[x * height + y], pixel);
            }
        }
        prop_assert_eq!(transposed(images(turned, size.transposed())).samples, samples);
    }
}
