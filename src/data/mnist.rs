//! The official MNIST files.
//!
//! Every number of a run depends on these four files, and other data sets, such as
//! Fashion-MNIST, have the same names. So a file is used only if the SHA-256 of its unpacked
//! content is the official one; the gzip around it differs between mirrors.

use std::panic::resume_unwind;
use std::path::{Path, PathBuf};
use std::thread;

use super::candidates::{candidates, name_within};
use super::error::DataError;
use super::idx::{IdxFile, source_rows};
use super::levels::LevelScale;
use super::samples::SourceData;
use crate::escape;

/// Official file, identified by its unpacked content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OfficialFile {
    /// Name without `.gz`.
    pub name: &'static str,
    /// Number of unpacked bytes.
    pub bytes: usize,
    /// SHA-256 of the unpacked bytes, in lower-case hexadecimal.
    pub sha256: &'static str,
}

/// Training images, training labels, test images, test labels.
pub const FILES: [OfficialFile; 4] = [
    OfficialFile {
        name: "train-images-idx3-ubyte",
        bytes: 47_040_016,
        sha256: "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    },
    OfficialFile {
        name: "train-labels-idx1-ubyte",
        bytes: 60_008,
        sha256: "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    },
    OfficialFile {
        name: "t10k-images-idx3-ubyte",
        bytes: 7_840_016,
        sha256: "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    },
    OfficialFile {
        name: "t10k-labels-idx1-ubyte",
        bytes: 10_008,
        sha256: "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
    },
];

/// Servers that offer each file as `MIRROR/NAME.gz`.
pub const MIRRORS: [&str; 2] = [
    "https://ossci-datasets.s3.amazonaws.com/mnist",
    "https://storage.googleapis.com/cvdf-datasets/mnist",
];

/// Valid IDX file whose content is not the official one.
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

impl OfficialFile {
    /// Returns the best match for this file in a folder.
    pub fn within(&self, folder: &Path) -> Option<PathBuf> {
        candidates(folder, self.name).into_iter().next()
    }

    /// Name with `.gz`.
    pub fn packed_name(&self) -> String {
        format!("{}.gz", self.name)
    }

    /// Compares the SHA-256 of the file at `path` with the official one.
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

/// Names of the official files within a folder.
pub fn names(folder: &Path) -> Vec<String> {
    let paths = FILES.iter().filter_map(|file| file.within(folder));
    paths.map(|path| name_within(folder, &path)).collect()
}

/// Loads the official MNIST from a folder.
///
/// # Errors
/// If a file is missing, unreadable, no valid IDX file, or not the official one.
pub fn load(folder: &Path) -> Result<SourceData, DataError> {
    load_files(&FILES, folder)
}

/// Loads any four files, in the order of [`FILES`].
fn load_files(files: &[OfficialFile; 4], folder: &Path) -> Result<SourceData, DataError> {
    let [train_images, train_labels, test_images, test_labels] = thread::scope(|scope| {
        files
            .map(|file| scope.spawn(move || official(&file, folder)))
            .map(|thread| thread.join().unwrap_or_else(|panic| resume_unwind(panic)))
    });
    let scale = LevelScale::of(None);
    Ok(SourceData {
        train: source_rows(train_images?, train_labels?, scale)?,
        test: Some(source_rows(test_images?, test_labels?, scale)?),
    })
}

/// Loads a file, if it is the official one. If several files match its name, broken ones
/// are ignored beside an official one.
fn official(file: &OfficialFile, folder: &Path) -> Result<IdxFile, DataError> {
    let mut paths = candidates(folder, file.name).into_iter();
    // Opening a missing file reports that it is missing.
    let first = paths
        .next()
        .unwrap_or_else(|| folder.join(file.packed_name()));
    let mut best = checked(file, &first);
    for path in paths {
        best = match (best, checked(file, &path)) {
            (Ok(official), Err(DataError::Unofficial(other)))
            | (Err(DataError::Unofficial(other)), Ok(official)) => {
                return Err(DataError::Ambiguous(official.path, other.path));
            }
            (Err(_), Ok(official)) => Ok(official),
            (best, _) => best,
        };
    }
    best
}

fn checked(file: &OfficialFile, path: &Path) -> Result<IdxFile, DataError> {
    let loaded = IdxFile::load(path)?;
    file.check(path, &loaded.content.sha256)?;
    Ok(loaded)
}

#[cfg(test)]
mod tests {
    use super::super::places::{FolderOrigin, SearchFolder, VARIABLE, find};
    use super::super::samples::Samples;
    use super::*;
    use crate::data::files::gzip;
    use crate::digest::sha256;
    use std::{env, fs};

    /// Three training and two test images of 1 x 2 pixels, in the order of [`FILES`].
    const SMALL: [&[u8]; 4] = [
        b"\0\0\x08\x03\0\0\0\x03\0\0\0\x01\0\0\0\x02abcdef",
        b"\0\0\x08\x01\0\0\0\x03\x05\x00\x04",
        b"\0\0\x08\x03\0\0\0\x02\0\0\0\x01\0\0\0\x02ghij",
        b"\0\0\x08\x01\0\0\0\x02\x07\x02",
    ];

    /// A folder with the small files, the odd ones gzipped, and the files they are.
    fn small() -> (tempfile::TempDir, [OfficialFile; 4]) {
        let folder = tempfile::tempdir().unwrap();
        let files = [0, 1, 2, 3].map(|index| OfficialFile {
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
        let SourceData { train, test } = load_files(&files, folder.path()).unwrap();
        let (train, test) = (train.samples, test.unwrap().samples);
        assert_eq!((train.features, train.labels), (2, vec![5, 0, 4]));
        assert_eq!(*train.pixels, b"abcdef");
        assert_eq!((test.len(), test.row(1)), (2, &b"ij"[..]));
    }

    #[test]
    fn faults_are_reported_with_the_path() {
        let (folder, files) = small();
        let path = |index: usize| folder.path().join(files[index].name);
        let message = || {
            let error = load_files(&files, folder.path()).unwrap_err();
            error
                .to_string()
                .replace(&folder.path().display().to_string(), "FOLDER")
        };
        let mut cases = Vec::new();
        fs::write(path(0), [&SMALL[0][..21], b"X"].concat()).unwrap();
        cases.push(message());
        fs::write(path(0), SMALL[2]).unwrap();
        cases.push(message());
        fs::write(path(0), &SMALL[0][..20]).unwrap();
        cases.push(message());
        fs::remove_file(path(0)).unwrap();
        cases.push(message());
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
        let load = || load_files(&files, folder.path()).map(|data| data.train.samples.labels);
        // Beside the plain file of that name, which is the official one.
        let packed = folder.path().join("train-images-idx3-ubyte.gz");
        fs::write(&packed, &gzip(SMALL[0])[..20]).unwrap();
        assert_eq!(load().unwrap(), [5, 0, 4]);
        fs::write(&packed, gzip(SMALL[0])).unwrap();
        assert_eq!(load().unwrap(), [5, 0, 4]);
        fs::write(&packed, gzip(SMALL[2])).unwrap();
        let message = load().unwrap_err().to_string();
        assert!(
            message.contains("could both be meant")
                && message.contains("train-images-idx3-ubyte.gz"),
            "{message}"
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
        let folder = find(&[SearchFolder {
            path: folder,
            origin: FolderOrigin::Variable,
        }])
        .unwrap();
        let since = std::time::Instant::now();
        let SourceData { train, test } = load(&folder).unwrap();
        let (train, test) = (train.samples, test.unwrap().samples);
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
