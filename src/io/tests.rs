use super::*;

#[test]
fn a_written_file_has_the_content_and_leaves_nothing_beside_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.csv");
    write_atomic(&path, b"old").unwrap();
    write_atomic(&path, b"new").unwrap();
    assert_eq!(read(&path).unwrap(), b"new");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn a_failed_write_keeps_the_old_content_and_no_temporary_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.csv");
    write_atomic(&path, b"old").unwrap();
    let failed = replace(&path, |file| {
        file.write_all(b"half")?;
        Err(io::Error::from(io::ErrorKind::StorageFull))
    });
    assert!(failed.is_err());
    assert_eq!(read(&path).unwrap(), b"old");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn a_file_is_read_up_to_its_limit_and_not_beyond() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.csv");
    fs::write(&path, b"1234").unwrap();
    assert_eq!(read_at_most(&path, 4).unwrap(), b"1234");
    let error = read_at_most(&path, 3).unwrap_err();
    let cause = std::error::Error::source(&error).unwrap().to_string();
    assert_eq!(cause, "it has 4 bytes, and the limit is 3");
}

#[cfg(unix)]
#[test]
fn what_is_not_a_plain_file_is_not_waited_for() {
    for path in ["/dev/zero", "/"] {
        assert!(read(Path::new(path)).is_err(), "{path}");
        assert!(open(Path::new(path)).is_err(), "{path}");
        assert!(read_to_string(Path::new(path)).is_err(), "{path}");
    }
}

#[test]
fn what_a_killed_writer_left_is_removed_and_not_what_is_being_written() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.csv");
    fs::write(folder.path().join(".writing-x1"), b"half").unwrap();
    let written = replace(&path, |file| {
        file.write_all(b"whole")?;
        remove_unfinished(folder.path());
        assert_eq!(fs::read_dir(folder.path())?.count(), 1);
        Ok(())
    });
    written.unwrap();
    assert_eq!(read(&path).unwrap(), b"whole");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[cfg(any(target_os = "linux", target_os = "macos"))]
#[test]
fn folders_change_names_in_one_step() {
    let folder = tempfile::tempdir().unwrap();
    let [one, other] = ["one", "other"].map(|name| folder.path().join(name));
    fs::create_dir(&one).unwrap();
    assert!(exchange(&one, &other).is_err() && one.exists());
    fs::create_dir(&other).unwrap();
    fs::write(one.join("new"), "").unwrap();
    exchange(&one, &other).unwrap();
    assert!(other.join("new").exists() && !one.join("new").exists());
}

#[test]
fn an_error_names_the_action_and_the_path() {
    let error = read(Path::new("no/such/file")).unwrap_err();
    assert_eq!(error.to_string(), "cannot read `no/such/file`");
    assert!(error.is_not_found());
}
