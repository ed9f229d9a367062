use super::*;
use std::fs;
use tempfile::TempDir;

/// Writes a grey image of these levels, in rows of this width.
fn write(folder: &TempDir, name: &str, width: usize, levels: &[u8]) {
    let path = folder.path().join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    let (across, down) = (width as u32, (levels.len() / width) as u32);
    let mut bytes = Vec::new();
    let mut writer = png::Encoder::new(&mut bytes, across, down)
        .write_header()
        .unwrap();
    writer.write_image_data(levels).unwrap();
    writer.finish().unwrap();
    fs::write(path, bytes).unwrap();
}

fn folders() -> ImageFolders {
    ImageFolders {
        folder: PathBuf::from("f"),
        test_folder: None,
        levels: None,
    }
}

fn load(folder: &TempDir) -> Result<SourceRows, DataError> {
    Ok(FoundImages::find(&folders(), folder.path())?
        .load(None)?
        .train)
}

/// Two classes of 2 x 1 pixels.
fn pets() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, levels) in [
        ("dog/b.PNG", [3, 4]),
        ("dog/a.png", [1, 2]),
        ("cat/1.png", [5, 255]),
    ] {
        write(&folder, &format!("f/{name}"), 2, &levels);
    }
    folder
}

#[test]
fn rows_are_sorted_by_class_and_name() {
    let folder = pets();
    fs::write(folder.path().join("f/readme.txt"), "").unwrap();
    fs::write(folder.path().join("f/cat/.hidden"), "").unwrap();
    let rows = load(&folder).unwrap();
    assert_eq!(*rows.samples.pixels, [5, 255, 1, 2, 3, 4]);
    let labels: Vec<String> = rows
        .samples
        .labels
        .iter()
        .map(|&b| rows.label(b).to_string())
        .collect();
    assert_eq!(labels, ["cat", "dog", "dog"]);
    assert_eq!((rows.size.width, rows.size.height), (2, 1));
    let found = FoundImages::find(&folders(), folder.path()).unwrap();
    assert_eq!(found.names(), ["f/cat/", "f/dog/"]);
    let before = found.digests().unwrap();
    write(&folder, "f/cat/1.png", 2, &[5, 254]);
    assert_ne!(found.digests().unwrap(), before);
}

#[test]
fn numbers_are_labels_as_they_are() {
    let folder = tempfile::tempdir().unwrap();
    write(&folder, "f/10/a.png", 1, &[1]);
    write(&folder, "f/9/a.png", 1, &[2]);
    let rows = load(&folder).unwrap();
    assert_eq!(
        (&rows.samples.labels[..], rows.words.len()),
        (&[9, 10][..], 0)
    );
}

#[test]
fn faults_name_the_file_and_the_remedy() {
    let spoilt = |spoil: &dyn Fn(&TempDir)| {
        let folder = pets();
        spoil(&folder);
        let text = load(&folder).unwrap_err().to_string();
        text.replace(&folder.path().display().to_string(), "")
    };
    let touch = |name: &'static str| {
        move |folder: &TempDir| {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "x").unwrap();
        }
    };
    let faults = [
        spoilt(&|folder| fs::create_dir(folder.path().join("f/empty")).unwrap()),
        spoilt(&|folder| write(folder, "f/dog/c.png", 1, &[1, 2])),
        spoilt(&|folder| write(folder, "f/7/a.png", 2, &[1, 2])),
        spoilt(&|folder| write(folder, "f/CAT/a.png", 2, &[1, 2])),
        spoilt(&|folder| write(folder, "f/dog/more/a.png", 2, &[1, 2])),
        spoilt(&|folder| write(folder, "f/a.png", 2, &[1, 2])),
        spoilt(&touch("f/dog/a.jpg")),
        spoilt(&touch("f/dog/c.png")),
        spoilt(&touch("f/none/c.png")),
        spoilt(&|folder| fs::remove_dir_all(folder.path().join("f")).unwrap()),
        spoilt(&|folder| {
            fs::remove_dir_all(folder.path().join("f/cat")).unwrap();
            fs::remove_dir_all(folder.path().join("f/dog")).unwrap();
        }),
    ];
    insta::assert_snapshot!(faults.join("\n"), @"
    `/f/empty`: no PNG files; add some, or remove the folder
    `/f/dog/c.png`: expected images of 2 x 1 pixels, as in `/f/cat/1.png`; got 1 x 2; scale or crop them to one size
    `/f/7` and `/f/cat`: expected numbers for the names of all classes, or words; rename one of them
    `/f/CAT` and `/f/cat`: the names of classes differ at most by upper and lower case, or zeros; rename or join them
    `/f/dog/more`: a folder within that of a class; move its files one folder up
    `/f/a.png`: expected images in a folder per class; move it into that of its class
    `/f/dog/a.jpg`: expected PNG files only; convert it (`magick FILE FILE.png`), or remove it
    `/f/dog/c.png`: no PNG file, though it is called one; convert it, such as by `magick FILE PNG:FILE`
    `/f/none`: the name of a class must be a whole number from 0 to 255 or a word: tables keep this word for missing values and other classes; write another one; rename the folder
    cannot read `/f`
    `/f`: no folders; expected one per class, with its PNG files
    ");
}

#[cfg(unix)]
#[test]
fn links_do_not_lead_out_of_the_folder() {
    let folder = pets();
    let link = folder.path().join("f/dog/z.png");
    std::os::unix::fs::symlink(folder.path().join("f/dog/a.png"), &link).unwrap();
    assert_eq!(load(&folder).unwrap().samples.len(), 4);
    fs::remove_file(&link).unwrap();
    write(&folder, "g/a.png", 2, &[1, 2]);
    std::os::unix::fs::symlink(folder.path().join("g/a.png"), &link).unwrap();
    let fault = load(&folder).unwrap_err().to_string();
    assert!(
        fault.contains("z.png`: a link out of the folder"),
        "{fault}"
    );
}
