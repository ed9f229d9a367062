//! Downloads from a real server on this machine, good and bad.

#[path = "../../../tests/suite/http.rs"]
mod http;

use std::cell::RefCell;
use std::fs;
use std::time::Instant;

use self::http::{Answer, Server};
use super::*;
use crate::data::files::gzip;
use crate::digest::sha256;

/// Quick to try again, but patient with a busy machine.
const PATIENT: Limits = Limits {
    attempts: 2,
    pause: Duration::from_millis(10),
    connect: Duration::from_secs(10),
    stall: Duration::from_secs(10),
    whole: Duration::from_secs(20),
};

/// For mirrors that would keep us waiting.
const HASTY: Limits = Limits {
    stall: Duration::from_millis(150),
    whole: Duration::from_millis(400),
    ..PATIENT
};

/// A label file with 600 labels that start with `first`.
fn labels(first: u8) -> Vec<u8> {
    let labels = (0..150u32).flat_map(|n| (n * n + u32::from(first)).to_le_bytes());
    b"\0\0\x08\x01\0\0\x02\x58"
        .iter()
        .copied()
        .chain(labels)
        .collect()
}

/// A file of that content, which is made up and official here.
fn file(name: &'static str, content: &[u8]) -> OfficialFile {
    OfficialFile {
        name,
        bytes: content.len(),
        sha256: sha256([content]).leak(),
    }
}

fn good() -> Vec<u8> {
    gzip(&labels(1))
}

/// Fetches `a`, which is `labels(1)`, into a folder of its own, from these servers.
fn fetch_a(servers: &[&Server], limits: &Limits) -> (tempfile::TempDir, Result<(), FetchError>) {
    let folder = tempfile::tempdir().unwrap();
    let mirrors: Vec<String> = servers.iter().map(|s| s.url()).collect();
    let files = [file("a", &labels(1))];
    let result = fetch(&files, &mirrors, folder.path(), limits, &|_| ());
    (folder, result)
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let names = entries.map(|e| e.unwrap().file_name().into_string().unwrap());
    names.collect()
}

/// What is said of a mirror that always answers like this, with nothing left in the folder.
fn fault(limits: &Limits, answer: impl Fn() -> Answer + Send + 'static) -> String {
    let server = Server::start(move |_, _| answer());
    let (folder, result) = fetch_a(&[&server], limits);
    assert_eq!(names(folder.path()), [""; 0]);
    assert_eq!(
        server.seen(),
        ["/a.gz"; 2],
        "each of the two rounds asks once"
    );
    match result.unwrap_err() {
        FetchError::Mirrors { faults, .. } => faults[0].1.to_string(),
        other => panic!("{other}"),
    }
}

#[test]
fn a_good_mirror_delivers_and_reports_progress() {
    let server = Server::start(|_, _| Answer::File(good()));
    let folder = tempfile::tempdir().unwrap();
    let into = folder.path().join("new/folder");
    let message = RefCell::new(Vec::new());
    let note = |r: Received<'_>| {
        message
            .borrow_mut()
            .push((r.file.to_owned(), r.bytes, r.of));
    };
    let files = [file("a", &labels(1))];
    fetch(&files, &[server.url() + "/"], &into, &PATIENT, &note).unwrap();
    assert_eq!(fs::read(into.join("a.gz")).unwrap(), good());
    let length = good().len() as u64;
    assert_eq!(
        message.borrow().last(),
        Some(&("a".to_owned(), length, Some(length)))
    );
    assert_eq!(server.seen(), ["/a.gz"]);
}

#[test]
fn a_mirror_need_not_report_the_length() {
    let server = Server::start(|_, _| Answer::Unmeasured(good()));
    let (folder, result) = fetch_a(&[&server], &PATIENT);
    result.unwrap();
    assert_eq!(names(folder.path()), ["a.gz"]);
}

#[test]
fn every_fault_of_a_mirror_is_reported_and_nothing_is_stored() {
    let broken = [
        fault(&PATIENT, || Answer::Status(404)),
        fault(&PATIENT, || Answer::Status(503)),
        fault(&PATIENT, || Answer::Cut(good())),
        fault(&PATIENT, || {
            Answer::Unmeasured(good()[..good().len() / 2].to_vec())
        }),
        fault(&PATIENT, || Answer::File(b"<html>sorry</html>".to_vec())),
        fault(&PATIENT, || Answer::File(gzip(b"<html>sorry</html>"))),
        fault(&PATIENT, || Answer::File(Vec::new())),
        fault(&PATIENT, || Answer::File(vec![0; 100_000])),
        fault(&PATIENT, || Answer::File(gzip(&labels(9)))),
    ];
    insta::assert_snapshot!(broken.join("\n"), @"
    status 404
    status 503
    connection lost after 190 bytes: Peer disconnected
    unusable answer: gzip content is incomplete or corrupt
    unusable answer: no IDX file; expected it to start with 0x00000803 (images) or 0x00000801 (labels), got 0x3c68746d
    unusable answer: no IDX file; expected it to start with 0x00000803 (images) or 0x00000801 (labels), got 0x3c68746d
    unusable answer: incomplete header; expected 4 bytes, got 0
    answer too long; expected at most 1638 bytes
    another file, with sha256 7afea2dbfd8c0368f92a3facd7d57f177e51beff422f76b9dd7c2b25a4b9fb1e
    ");
}

#[test]
fn a_mirror_that_hangs_is_given_up() {
    let since = Instant::now();
    let hanging = thread::scope(|scope| {
        let silence = scope.spawn(|| fault(&HASTY, || Answer::Silence));
        let stall = scope.spawn(|| fault(&HASTY, || Answer::Stall(good())));
        let drip = scope.spawn(|| fault(&HASTY, || Answer::Drip(good())));
        [silence, stall, drip].map(|thread| thread.join().unwrap())
    });
    insta::assert_snapshot!(hanging.join("\n"), @"
    no data for 150ms
    no data for 150ms
    not complete after 400ms
    ");
    assert!(since.elapsed() < PATIENT.stall, "{:?}", since.elapsed());
}

#[test]
fn the_next_mirror_helps_out() {
    let bad = Server::start(|_, _| Answer::Cut(good()));
    let better = Server::start(|_, _| Answer::File(good()));
    let (folder, result) = fetch_a(&[&bad, &better], &PATIENT);
    result.unwrap();
    assert_eq!(names(folder.path()), ["a.gz"]);
    assert_eq!((bad.seen().len(), better.seen().len()), (1, 1));
}

#[test]
fn a_second_round_helps_and_fetched_files_are_not_fetched_again() {
    let server = Server::start(|path, before| match (path, before) {
        ("/b.gz", 0) => Answer::Status(500),
        ("/b.gz", _) => Answer::File(gzip(&labels(2))),
        _ => Answer::File(good()),
    });
    let folder = tempfile::tempdir().unwrap();
    let files = [file("a", &labels(1)), file("b", &labels(2))];
    let again = || fetch(&files, &[server.url()], folder.path(), &PATIENT, &|_| ());
    again().unwrap();
    assert_eq!(server.seen(), ["/a.gz", "/b.gz", "/b.gz"]);
    again().unwrap();
    assert_eq!(server.seen().len(), 3, "all is there");
}

#[test]
fn files_that_are_there_stay_and_broken_ones_are_replaced() {
    let server = Server::start(|_, _| Answer::File(good()));
    let folder = tempfile::tempdir().unwrap();
    let files = [file("a", &labels(1)), file("b", &labels(2))];
    fs::write(folder.path().join("a.gz"), &good()[..50]).unwrap();
    fs::write(folder.path().join("b"), labels(2)).unwrap();
    fetch(&files, &[server.url()], folder.path(), &PATIENT, &|_| ()).unwrap();
    assert_eq!(server.seen(), ["/a.gz"]);
    assert_eq!(fs::read(folder.path().join("a.gz")).unwrap(), good());
}

#[test]
fn another_data_set_under_the_same_names_is_left_alone() {
    let server = Server::start(|_, _| Answer::File(good()));
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("a.gz"), gzip(&labels(9))).unwrap();
    let files = [file("a", &labels(1))];
    let error = fetch(&files, &[server.url()], folder.path(), &PATIENT, &|_| ()).unwrap_err();
    assert!(matches!(error, FetchError::Unofficial(_)), "{error}");
    assert_eq!(
        fs::read(folder.path().join("a.gz")).unwrap(),
        gzip(&labels(9))
    );
}

#[test]
fn a_folder_that_cannot_be_made_fails_before_any_download() {
    let server = Server::start(|_, _| Answer::File(good()));
    let folder = tempfile::tempdir().unwrap();
    let into = folder.path().join("file/folder");
    fs::write(folder.path().join("file"), "").unwrap();
    let files = [file("a", &labels(1))];
    let error = fetch(&files, &[server.url()], &into, &PATIENT, &|_| ()).unwrap_err();
    assert!(matches!(error, FetchError::Io(_)), "{error}");
    assert_eq!(server.seen(), [""; 0]);
}

#[test]
fn a_mirror_that_does_not_exist_is_reported() {
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", nobody.local_addr().unwrap());
    drop(nobody);
    let folder = tempfile::tempdir().unwrap();
    let files = [file("a", &labels(1))];
    let error = fetch(&files, &[url], folder.path(), &PATIENT, &|_| ()).unwrap_err();
    let message = error.to_string();
    assert!(message.to_lowercase().contains("refused"), "{message}");
    assert_eq!(names(folder.path()), [""; 0]);
}

#[test]
fn the_error_lists_the_mirrors() {
    let server = Server::start(|_, _| Answer::Status(404));
    let other = Server::start(|_, _| Answer::File(gzip(&labels(9))));
    let (folder, result) = fetch_a(&[&server, &other], &PATIENT);
    let message = result.unwrap_err().to_string();
    let message = message
        .replace(&folder.path().display().to_string(), "FOLDER")
        .replace(&server.url(), "http://one")
        .replace(&other.url(), "http://two");
    insta::assert_snapshot!(message, @"
    cannot download `a.gz`:
      http://one: status 404
      http://two: another file, with sha256 7afea2dbfd8c0368f92a3facd7d57f177e51beff422f76b9dd7c2b25a4b9fb1e
    ");
}
