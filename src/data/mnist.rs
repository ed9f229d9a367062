//! The official MNIST: which files it is, and whether those in a folder are
//! the real ones.
//!
//! Every number of a run depends on these four files, and other data sets
//! (Fashion-MNIST among them) come under the very same names. So a file is
//! taken only if the SHA-256 of its unpacked content is that of the original;
//! the gzip around it differs from mirror to mirror.

use std::panic::resume_unwind;
use std::path::{Path, PathBuf};
use std::thread;

use super::candidates::{candidates, name_within};
use super::error::DataError;
use super::idx::{self, Content, Images};
use super::levels::Scale;
use crate::escape;

/// One of the files, by its unpacked content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct File {
    /// The name without `.gz`.
    pub name: &'static str,
    /// Unpacked bytes.
    pub bytes: usize,
    /// SHA-256 of the unpacked bytes, in lower-case hexadecimal.
    pub sha256: &'static str,
}

/// Training images, training labels, test images, test labels.
pub const FILES: [File; 4] = [
    File {
        name: "train-images-idx3-ubyte",
        bytes: 47_040_016,
        sha256: "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    },
    File {
        name: "train-labels-idx1-ubyte",
        bytes: 60_008,
        sha256: "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    },
    File {
        name: "t10k-images-idx3-ubyte",
        bytes: 7_840_016,
        sha256: "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    },
    File {
        name: "t10k-labels-idx1-ubyte",
        bytes: 10_008,
        sha256: "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
    },
];

/// Where the files can be had, each as `MIRROR/NAME.gz`.
pub const MIRRORS: [&str; 2] = [
    "https://ossci-datasets.s3.amazonaws.com/mnist",
    "https://storage.googleapis.com/cvdf-datasets/mnist",
];

/// A sound file whose content is not the official one.
#[derive(Debug, thiserror::Error)]
#[error(
    "`{}` is not the official MNIST file: expected sha256 {expected}, got {found}; \
     put the official file there or use another folder",
    escape::path(path)
)]
pub struct Unofficial {
    path: PathBuf,
    expected: &'static str,
    found: String,
}

impl File {
    /// The likeliest of the files in this folder that go by the name.
    #[must_use]
    pub fn within(&self, folder: &Path) -> Option<PathBuf> {
        candidates(folder, self.name).into_iter().next()
    }

    /// The name with `.gz`.
    #[must_use]
    pub fn packed_name(&self) -> String {
        format!("{}.gz", self.name)
    }

    /// Holds a SHA-256 against the official one; the path is for the error.
    ///
    /// # Errors
    /// If they differ.
    pub fn check(&self, path: &Path, sha256: &str) -> Result<(), Unofficial> {
        if sha256 == self.sha256 {
            return Ok(());
        }
        Err(Unofficial {
            path: path.to_owned(),
            expected: self.sha256,
            found: sha256.to_owned(),
        })
    }
}

/// The names of the official files in this folder.
pub fn names(folder: &Path) -> Vec<String> {
    let paths = FILES.iter().filter_map(|file| file.within(folder));
    paths.map(|path| name_within(folder, &path)).collect()
}

/// The training and the test images of the official MNIST in this folder.
///
/// # Errors
/// If a file is missing, unreadable, not sound IDX, or not the official one.
pub fn load(folder: &Path) -> Result<(Images, Images), DataError> {
    load_files(&FILES, folder)
}

/// [`load`] for any four files, in the order of [`FILES`].
fn load_files(files: &[File; 4], folder: &Path) -> Result<(Images, Images), DataError> {
    let read = thread::scope(|scope| {
        files
            .map(|file| scope.spawn(move || official(&file, folder)))
            .map(|thread| thread.join().unwrap_or_else(|panic| resume_unwind(panic)))
    });
    let [train_images, train_labels, test_images, test_labels] = read;
    let samples = |(image_path, images): (PathBuf, _), (label_path, labels): (PathBuf, _)| {
        idx::samples(
            (&image_path, images),
            (&label_path, labels),
            Scale::of(None),
        )
    };
    Ok((
        samples(train_images?, train_labels?)?,
        samples(test_images?, test_labels?)?,
    ))
}

/// The content of a file, if it is the official one. Of several files that go by its name
/// broken ones do not count where one is official.
fn official(file: &File, folder: &Path) -> Result<(PathBuf, Content), DataError> {
    let mut paths = candidates(folder, file.name).into_iter();
    // The attempt to open it reports that it is missing.
    let likeliest = paths
        .next()
        .unwrap_or_else(|| folder.join(file.packed_name()));
    let mut best = checked(file, likeliest);
    for path in paths {
        best = match (best, checked(file, path)) {
            (Ok((path, _)), Err(DataError::Unofficial(other)))
            | (Err(DataError::Unofficial(other)), Ok((path, _))) => {
                return Err(DataError::Ambiguous(path, other.path));
            }
            (Err(_), Ok(official)) => Ok(official),
            (best, _) => best,
        };
    }
    best
}

fn checked(file: &File, path: PathBuf) -> Result<(PathBuf, Content), DataError> {
    let content = Content::load(&path)?;
    file.check(&path, &content.sha256)?;
    Ok((path, content))
}

#[cfg(test)]
mod tests {
    use super::super::places::{Origin, Place, VARIABLE, find};
    use super::super::samples::Samples;
    use super::*;
    use crate::digest::sha256;
    use std::io::Write;
    use std::{env, fs};

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    /// Three training and two test images of 1 x 2 pixels, in the order of [`FILES`].
    const SMALL: [&[u8]; 4] = [
        b"\0\0\x08\x03\0\0\0\x03\0\0\0\x01\0\0\0\x02abcdef",
        b"\0\0\x08\x01\0\0\0\x03\x05\x00\x04",
        b"\0\0\x08\x03\0\0\0\x02\0\0\0\x01\0\0\0\x02ghij",
        b"\0\0\x08\x01\0\0\0\x02\x07\x02",
    ];

    /// A folder with the small files, the odd ones gzipped, and the files they are.
    fn small() -> (tempfile::TempDir, [File; 4]) {
        let folder = tempfile::tempdir().unwrap();
        let files = [0, 1, 2, 3].map(|index| File {
            name: FILES[index].name,
            bytes: SMALL[index].len(),
            sha256: sha256([SMALL[index]]).leak(),
        });
        for (index, file) in files.iter().enumerate() {
            let path = folder.path().join(file.name);
            match index % 2 {
                0 => fs::write(path, SMALL[index]).unwrap(),
                _ => fs::write(path.with_extension("gz"), gzip(SMALL[index])).unwrap(),
            }
        }
        (folder, files)
    }

    #[test]
    fn files_are_read_gzipped_or_not() {
        let (folder, files) = small();
        let (train, test) = load_files(&files, folder.path()).unwrap();
        let (train, test) = (train.samples, test.samples);
        assert_eq!((train.features, train.labels), (2, vec![5, 0, 4]));
        assert_eq!(*train.pixels, b"abcdef");
        assert_eq!((test.len(), test.row(1)), (2, &b"ij"[..]));
    }

    #[test]
    fn what_is_wrong_is_told_with_the_path() {
        let (folder, files) = small();
        let path = |index: usize| folder.path().join(files[index].name);
        let told = || {
            let error = load_files(&files, folder.path()).unwrap_err();
            error
                .to_string()
                .replace(&folder.path().display().to_string(), "FOLDER")
        };
        let mut cases = Vec::new();
        fs::write(path(0), [&SMALL[0][..21], b"X"].concat()).unwrap();
        cases.push(told());
        fs::write(path(0), SMALL[2]).unwrap();
        cases.push(told());
        fs::write(path(0), &SMALL[0][..20]).unwrap();
        cases.push(told());
        fs::remove_file(path(0)).unwrap();
        cases.push(told());
        insta::assert_snapshot!(cases.join("\n"), @r"
        `FOLDER/train-images-idx3-ubyte` is not the official MNIST file: expected sha256 435960098839cf23a2eb29cb6e4f16b028edaf0b4761556f38e1b902d766261c, got 475a5c3dda422b5e1e5f6197476f75046c3efccad97360d44f68578dd257602d; put the official file there or use another folder
        `FOLDER/train-images-idx3-ubyte` is not the official MNIST file: expected sha256 435960098839cf23a2eb29cb6e4f16b028edaf0b4761556f38e1b902d766261c, got 8d99391d45b2bb78a9e2d95cba34285c78593dfe3bb5e43b3f6914265b2e7fb3; put the official file there or use another folder
        cannot use `FOLDER/train-images-idx3-ubyte` as an IDX file
        cannot open `FOLDER/train-images-idx3-ubyte.gz`
        ");
    }

    #[test]
    fn of_several_files_the_official_one_is_taken_unless_another_is_sound() {
        let (folder, files) = small();
        let load = || load_files(&files, folder.path()).map(|(train, _)| train.samples.labels);
        // Beside the plain file of that name, which is the official one.
        let packed = folder.path().join("train-images-idx3-ubyte.gz");
        fs::write(&packed, &gzip(SMALL[0])[..20]).unwrap();
        assert_eq!(load().unwrap(), [5, 0, 4]);
        fs::write(&packed, gzip(SMALL[0])).unwrap();
        assert_eq!(load().unwrap(), [5, 0, 4]);
        fs::write(&packed, gzip(SMALL[2])).unwrap();
        let told = load().unwrap_err().to_string();
        assert!(
            told.contains("could both be meant") && told.contains("train-images-idx3-ubyte.gz"),
            "{told}"
        );
        fs::remove_file(&packed).unwrap();
        let own = folder.path().join(files[0].name);
        fs::rename(&own, folder.path().join("moved")).unwrap();
        fs::create_dir(&own).unwrap();
        let nested = own.join("train-images.idx3-ubyte");
        fs::rename(folder.path().join("moved"), nested).unwrap();
        assert_eq!(load().unwrap(), [5, 0, 4]);
    }

    #[test]
    fn the_official_files_load() {
        let Some(folder) = env::var_os(VARIABLE).map(PathBuf::from) else {
            println!("skipped: {VARIABLE} is not set");
            return;
        };
        let folder = find(&[Place {
            path: folder,
            origin: Origin::Variable,
        }])
        .unwrap();
        let since = std::time::Instant::now();
        let (train, test) = load(&folder).unwrap();
        let (train, test) = (train.samples, test.samples);
        println!("loaded in {:?}", since.elapsed());
        let ones = |samples: &Samples| {
            samples
                .labels
                .iter()
                .map(|&l| usize::from(l == 1))
                .sum::<usize>()
        };
        assert_eq!(
            (train.len(), train.features, ones(&train)),
            (60_000, 784, 6742)
        );
        assert_eq!(
            (test.len(), test.features, ones(&test)),
            (10_000, 784, 1135)
        );
        assert_eq!(train.pixels.len(), 60_000 * 784);
    }
}
