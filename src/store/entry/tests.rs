use super::super::Store;
use super::*;
use serde_json::json;
use std::fs;

struct Fixture {
    folder: tempfile::TempDir,
    key: StageKey,
    input: StageKey,
}

impl Fixture {
    fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
            key: StageKey::of(&json!({ "epochs": 3 })),
            input: StageKey::of(&json!("input")),
        }
    }

    fn entry(&self) -> Entry {
        Store::new(self.folder.path().join("store")).entry("train", &self.key)
    }

    fn make(&self) -> StoredEntry {
        let outputs = Outputs::from([
            ("weights".to_owned(), vec![1, 2, 3]),
            ("log".to_owned(), vec![]),
        ]);
        let digest = |bytes: &Vec<u8>| sha256([&bytes[..]]);
        let record = Record {
            material: json!({ "epochs": 3 }),
            inputs: BTreeMap::from([(self.input.clone(), "as it was".to_owned())]),
            outputs: outputs
                .iter()
                .map(|(n, b)| (n.clone(), digest(b)))
                .collect(),
            made_by: Value::Null,
            made_at: stamp(),
            seconds: 0.1,
        };
        let lock = self.entry().lock(&Locking::WAIT).unwrap();
        lock.save_checkpoint(b"half").unwrap();
        lock.finish(record, outputs).unwrap()
    }

    fn files(&self) -> Vec<PathBuf> {
        let mut files = Vec::new();
        let mut folders = vec![self.folder.path().to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in io::entries(&folder).unwrap() {
                if entry.path().is_dir() {
                    folders.push(entry.path());
                } else {
                    files.push(entry.path());
                }
            }
        }
        files.sort();
        files
    }
}

use super::super::stamp;

fn none() -> BTreeMap<StageKey, String> {
    BTreeMap::new()
}

#[test]
fn a_computed_entry_is_found_and_nothing_else_is_left() {
    let fixture = Fixture::new();
    assert_eq!(fixture.entry().find(&none()).unwrap_err(), CacheMiss::New);
    let made = fixture.make();
    let found = fixture.entry().find(&none()).unwrap();
    assert_eq!(found.outputs, made.outputs);
    assert_eq!(found.record, made.record);
    assert_eq!(fixture.files().len(), 3, "two outputs and the record");
}

#[test]
fn an_input_that_changed_makes_it_outdated() {
    let fixture = Fixture::new();
    fixture.make();
    let input = |digest: &str| BTreeMap::from([(fixture.input.clone(), digest.to_owned())]);
    assert!(fixture.entry().find(&input("as it was")).is_ok());
    let miss = fixture.entry().find(&input("something else")).unwrap_err();
    assert_eq!(miss, CacheMiss::Outdated(fixture.input.clone()));
}

/// Every file of an entry, damaged in every way.
#[test]
fn no_damage_is_a_hit() {
    type Damage = fn(&Path);
    let damages: [(&str, Damage); 5] = [
        ("gone", |path| fs::remove_file(path).unwrap()),
        ("cut", |path| {
            let bytes = fs::read(path).unwrap();
            fs::write(path, &bytes[..bytes.len().saturating_sub(1)]).unwrap();
        }),
        ("emptied", |path| fs::write(path, []).unwrap()),
        ("flipped", |path| {
            let mut bytes = fs::read(path).unwrap();
            let middle = bytes.len() / 2;
            bytes[middle] ^= 1;
            fs::write(path, bytes).unwrap();
        }),
        ("a folder", |path| {
            fs::remove_file(path).unwrap();
            fs::create_dir(path).unwrap();
        }),
    ];
    for (name, damage) in damages {
        for file in 0..3 {
            let fixture = Fixture::new();
            fixture.make();
            let path = fixture.files()[file].clone();
            if fs::read(&path).unwrap().is_empty() && name != "gone" && name != "a folder" {
                continue;
            }
            damage(&path);
            match fixture.entry().find(&none()).unwrap_err() {
                CacheMiss::Damaged { path: told, .. } => assert_eq!(told, path, "{name}"),
                other => panic!("{name}: {other:?}"),
            }
            fixture.make();
            assert!(fixture.entry().find(&none()).is_ok(), "{name}");
        }
    }
}

/// A whole and sound entry, under the name of another.
#[test]
fn the_entry_of_another_key_is_damaged() {
    let fixture = Fixture::new();
    fixture.make();
    let store = Store::new(fixture.folder.path().join("store"));
    let other = store.entry("train", &fixture.input);
    fs::create_dir(&other.folder).unwrap();
    for file in ["weights", "log", "record"] {
        fs::copy(fixture.entry().folder.join(file), other.folder.join(file)).unwrap();
    }
    let miss = other.find(&none()).unwrap_err();
    assert!(matches!(
        miss,
        CacheMiss::Damaged {
            fault: "that of another entry",
            ..
        }
    ));
    // And its checkpoint.
    let lock = fixture.entry().lock(&Locking::WAIT).unwrap();
    lock.save_checkpoint(b"half").unwrap();
    let others = other.lock(&Locking::WAIT).unwrap();
    others.save_checkpoint(b"half").unwrap();
    fs::copy(lock.checkpoint_path(), others.checkpoint_path()).unwrap();
    let miss = others.checkpoint().unwrap_err();
    assert!(matches!(
        miss,
        CacheMiss::Damaged {
            fault: "that of another entry",
            ..
        }
    ));
}

#[test]
fn unexpected_files_are_reported_and_hidden_ones_are_not() {
    let fixture = Fixture::new();
    fixture.make();
    let folder = fixture.entry().folder;
    fs::write(folder.join(".nfs001"), "x").unwrap();
    assert!(fixture.entry().find(&none()).is_ok());
    fs::write(folder.join("notes.txt"), "x").unwrap();
    let miss = fixture.entry().find(&none()).unwrap_err();
    assert!(matches!(miss, CacheMiss::Damaged { path, .. } if path.ends_with("notes.txt")));
}

#[test]
fn touching_a_file_changes_nothing() {
    let fixture = Fixture::new();
    fixture.make();
    for path in fixture.files() {
        let file = fs::File::options().append(true).open(path).unwrap();
        file.set_modified(std::time::SystemTime::UNIX_EPOCH)
            .unwrap();
    }
    assert!(fixture.entry().find(&none()).is_ok());
}

#[test]
fn a_checkpoint_comes_back_whole_or_not_at_all() {
    let fixture = Fixture::new();
    let lock = fixture.entry().lock(&Locking::WAIT).unwrap();
    assert_eq!(lock.checkpoint(), Ok(None));
    lock.save_checkpoint(b"half").unwrap();
    drop(lock);
    let lock = fixture.entry().lock(&Locking::WAIT).unwrap();
    assert_eq!(lock.checkpoint(), Ok(Some(b"half".to_vec())));
    let path = lock.checkpoint_path();
    fs::write(&path, &fs::read(&path).unwrap()[..10]).unwrap();
    assert!(matches!(lock.checkpoint(), Err(CacheMiss::Damaged { .. })));
    fs::remove_file(&path).unwrap();
    fs::create_dir(&path).unwrap();
    assert!(matches!(lock.checkpoint(), Err(CacheMiss::Damaged { .. })));
    lock.save_checkpoint(b"more").unwrap();
    assert_eq!(lock.checkpoint(), Ok(Some(b"more".to_vec())));
}

#[test]
fn leftovers_of_a_process_killed_while_tidying_up_are_removed() {
    let fixture = Fixture::new();
    fixture.make();
    let entry = fixture.entry();
    fs::create_dir(&entry.unfinished).unwrap();
    fs::write(entry.unfinished.join("checkpoint"), "x").unwrap();
    fs::write(entry.lock_path(), "x").unwrap();
    entry.tidy().unwrap();
    assert_eq!(fixture.files().len(), 3);
}

#[test]
fn cleaning_keeps_what_is_referred_to_and_what_is_in_use() {
    let fixture = Fixture::new();
    fixture.make();
    let store = Store::new(fixture.folder.path().join("store"));
    let keep = std::collections::BTreeSet::from([fixture.key.clone()]);
    assert!(store.clean(&keep, false).unwrap().garbage.is_empty());
    let nothing = std::collections::BTreeSet::new();
    let mut usage = store.usage().unwrap();
    usage.add([&fixture.key]).unwrap();
    let cleaned = store.clean(&nothing, false).unwrap();
    assert_eq!((cleaned.garbage.len(), cleaned.in_use), (0, 1));
    drop(usage);
    let told = store.clean(&nothing, true).unwrap();
    assert!(
        fixture.entry().find(&none()).is_ok(),
        "a dry run removes nothing"
    );
    assert_eq!(store.clean(&nothing, false).unwrap(), told);
    assert_eq!(told.garbage.len(), 1);
    assert_eq!(fixture.files(), Vec::<PathBuf>::new());
}

#[test]
fn usages_of_killed_processes_are_ignored() {
    let fixture = Fixture::new();
    fixture.make();
    let store = Store::new(fixture.folder.path().join("store"));
    let running = fixture.folder.path().join("store/running");
    fs::create_dir_all(&running).unwrap();
    fs::write(running.join("process-dead"), format!("{}\n", fixture.key)).unwrap();
    let cleaned = store
        .clean(&std::collections::BTreeSet::new(), false)
        .unwrap();
    assert_eq!((cleaned.garbage.len(), cleaned.in_use), (1, 0));
    assert_eq!(fixture.files(), Vec::<PathBuf>::new());
}
