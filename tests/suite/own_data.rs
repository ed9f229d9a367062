//! Files of the user's own, with as few keys as possible: labels that are found, words,
//! test rows that are set aside, folders of images.

use serde_json::json;

use crate::data_files::{ROWS, SPEC, log, manifest, plain, row};
use crate::project::Project;

/// Spec without classes and test rows.
fn spec() -> String {
    SPEC.replace("classes = [0, 1]\n", "")
        .replace("test_file = \"test.csv\"\n", "")
}

/// Rows with these words for the labels 0 and 1.
fn words(names: [&str; 2]) -> String {
    let quoted = names.map(|name| format!("\"{}\"", name.replace('"', "\"\"")));
    let lines = (0..ROWS).map(|number| {
        let (label, [a, b, c, d]) = row(number);
        format!("{},{a},{b},{c},{d}\n", quoted[label])
    });
    format!("label,a,b,c,d\n{}", lines.collect::<String>())
}

fn project(train: impl AsRef<[u8]>) -> Project {
    Project::new()
        .with("spec.toml", spec())
        .with("train.csv", train)
}

/// Numbers of the inverses of the first replicate, without the header that names the source.
fn inverses(project: &Project) -> Vec<u8> {
    let bytes = std::fs::read(project.path("results/spec/seed-0/inverses.safetensors")).unwrap();
    let header = u64::from_le_bytes(bytes[..8].try_into().unwrap()) as usize;
    bytes[8 + header..].to_vec()
}

fn png(width: usize, levels: &[u8]) -> Vec<u8> {
    let (across, down) = (width as u32, (levels.len() / width) as u32);
    let mut bytes = Vec::new();
    let encoder = png::Encoder::new(&mut bytes, across, down);
    let mut writer = encoder.write_header().unwrap();
    writer.write_image_data(levels).unwrap();
    writer.finish().unwrap();
    bytes
}

/// Spec of a folder of images.
fn image_spec() -> String {
    spec()
        .replace("source = \"csv\"", "source = \"images\"")
        .replace("file = \"train.csv\"", "folder = \"pets\"")
}

/// The rows as images, in the folders `cat` and `dog`, with names in the order of the rows.
fn pets() -> Project {
    let mut project = Project::new().with("spec.toml", image_spec());
    for number in 0..ROWS {
        let (label, pixels) = row(number);
        let name = ["cat", "dog"][label];
        let levels = pixels.map(|pixel| pixel as u8);
        project = project.with(&format!("pets/{name}/{number:02}.png"), png(2, &levels));
    }
    project
}

#[test]
fn classes_are_found_in_the_file() {
    let more = format!("{}\n7,1,2,3,255\n7,1,2,3,250\n", plain());
    let project = project(more);
    project.succeed(&["run", "spec.toml"]);
    assert_eq!(
        manifest(&project)["spec"]["data"]["classes"],
        json!([0, 1, 7])
    );
    assert_eq!(manifest(&project)["data"]["classes"], json!([0, 1, 7]));
    let metrics = project.read("results/spec/seed-0/metrics.csv");
    assert!(metrics.contains(",7,target_probability,"), "{metrics}");
    // The samples and the network are those of a spec that lists them.
    let listed = "data.classes=[0, 1, 7]";
    let plan = project.run(&["plan", "spec.toml", "--set", listed]).out;
    assert!(
        plan.contains("done    data") && plan.contains("done    train"),
        "{plan}"
    );
}

#[test]
fn labels_that_cannot_be_found_are_a_fault_of_check() {
    let fault = |project: Project| project.fail(2, &["check", "spec.toml"]);
    let missing = fault(Project::new().with("spec.toml", spec()));
    assert!(
        missing.contains(
            "`data.file` has to be read for the labels, as the spec lists no `classes`: "
        ),
        "{missing}"
    );
    assert!(missing.contains("train.csv"), "{missing}");
    let one = fault(project("label,a,b,c,d\n3,1,2,3,4\n3,1,2,3,5\n"));
    assert!(
        one.contains("no two labels to tell apart; got [3]"),
        "{one}"
    );
    // Levels in the first column, and few labels in the last one.
    let last = (0..ROWS).map(|n| format!("{},0,0,9,{}\n", n * 10, n % 3));
    let last = last.collect::<Vec<_>>().concat();
    let last = fault(project(last));
    assert!(
        last.contains("the labels could be in column 1 or in column 5"),
        "{last}"
    );
    let listed = ["check", "spec.toml", "--set", "data.classes=[0, 1]"];
    Project::new().with("spec.toml", spec()).succeed(&listed);
}

#[test]
fn words_are_shown_wherever_numbers_are() {
    let claim = "[[claim]]\nsays = \"cats are right\"\nmetric = \"target_probability\"\n\
                 of = \"analytical\"\nclasses = [\"dog\", \"cat\"]\nat_least = 0.1\n\
                 threshold = \"source\"\n[[figure]]\nname = \"each\"\nkind = \"grid\"\n\
                 rows = [\"analytical\"]\n";
    let project = project(words(["cat", "dog"])).with("spec.toml", spec() + claim);
    project.succeed(&["run", "spec.toml", "--set", "seeds=2"]);
    assert_eq!(manifest(&project)["data"]["classes"], json!(["cat", "dog"]));
    let metrics = project.read("results/spec/seed-0/metrics.csv");
    assert!(metrics.contains(",cat,target_probability,"), "{metrics}");
    let figure = project.read("results/spec/seed-0/figures/each.svg");
    assert!(
        figure.contains(">cat</text>") && figure.contains(">dog</text>"),
        "{figure}"
    );
    let claims = project.succeed(&["claims", "spec.toml"]).out;
    assert!(claims.contains("mean of dog, cat"), "{claims}");
    project.succeed(&["verify", "spec.toml"]);
    let named = Project::new()
        .with("train.csv", words(["cat", "dog"]))
        .with("spec.toml", spec() + claim);
    let names = "data.names=[\"a cat\", \"a dog\"]";
    named.succeed(&["run", "spec.toml", "--set", names]);
    let figure = named.read("results/spec/seed-0/figures/each.svg");
    assert!(figure.contains(">a cat</text>"), "{figure}");
}

#[test]
fn classes_choose_and_order_words() {
    let more = words(["cat", "dog"]) + "cow,1,2,3,4\ncow,1,2,3,4\n";
    let project = project(more);
    let listed = ["--set", "data.classes=[\"dog\", \"cat\"]"];
    project.succeed(&[&["run", "spec.toml"], &listed[..]].concat());
    let data = &manifest(&project)["data"];
    assert_eq!(data["classes"], json!(["dog", "cat"]));
    assert_eq!(
        data["reading"]["training"]["kept"]["of_other_labels"],
        json!({ "cow": 2 })
    );
    let fails = |classes: &str| {
        let set = format!("data.classes={classes}");
        project.run(&["run", "spec.toml", "--set", &set]).err
    };
    let cases = [
        fails("[\"dog\", 1]"),
        fails("[\"dog\"]"),
        fails("[\"dog\", \"1\"]"),
        fails("[\"dog\", \"horse\"]"),
        fails("[0, 1]"),
    ];
    for (shown, expected) in cases.iter().zip([
        "from 0 to 255, or of words",
        "from 0 to 255, or of words",
        "from 0 to 255, or of words",
        "class horse: no rows; `data.classes` can be any of cat, cow, dog",
        "class 0: no rows; `data.classes` can be any of cat, cow, dog",
    ]) {
        assert!(shown.contains(expected), "{expected}: {shown}");
    }
}

#[test]
fn labels_that_are_none_name_their_line() {
    let fault = |rows: &str| {
        let project = project(format!("label,a,b,c,d\ncat,1,2,3,4\ndog,1,2,3,5\n{rows}\n"));
        project.fail(2, &["check", "spec.toml"])
    };
    let long = "x".repeat(61);
    for (rows, expected) in [
        (
            "7,1,2,3,4",
            "line 4, column 1: expected a word as in line 2, got the label 7",
        ),
        (
            ",1,2,3,4",
            "line 4, column 1: expected a label, a whole number from 0 to 255 or a word, got ``: blank",
        ),
        (
            "Dog,1,2,3,4",
            "the label \"Dog\" differs from \"dog\" in line 3 only by upper and lower case",
        ),
        (
            &format!("{long},1,2,3,4"),
            "too long; a word has at most 60 bytes",
        ),
        ("\"a\nb\",1,2,3,4", "got `a\\nb`: more than a line of text"),
        ("none,1,2,3,4", "tables keep this word for missing values"),
    ] {
        let shown = fault(rows);
        assert!(shown.contains(expected), "{expected}: {shown}");
    }
}

#[test]
fn words_are_escaped_wherever_they_are_shown() {
    let odd = "<script>, \"|`x`";
    let grid = "[[figure]]\nname = \"each\"\nkind = \"grid\"\nrows = [\"analytical\"]\n";
    let project = project(words([odd, "b"])).with("spec.toml", spec() + grid);
    project.succeed(&["run", "spec.toml", "--set", "seeds=2"]);
    assert_eq!(manifest(&project)["data"]["classes"], json!([odd, "b"]));
    for path in crate::project::files(&project.path("results")) {
        let is_page = [".svg", ".md", ".html"]
            .iter()
            .any(|ending| path.ends_with(ending));
        if is_page {
            let text = project.read(&format!("results/{path}"));
            assert!(!text.contains("<script>"), "{path}: {text}");
        }
    }
    project.succeed(&["verify", "spec.toml"]);
}

#[test]
fn test_rows_are_set_aside_from_every_class() {
    let project = project(words(["cat", "dog"]));
    let fraction = ["--set", "data.test_fraction=0.25"];
    project.succeed(&[&["run", "spec.toml", "--set", "seeds=2"], &fraction[..]].concat());
    let data = &manifest(&project)["data"];
    assert_eq!(
        (&data["training_rows"], &data["test_rows"]),
        (&json!(18), &json!(6))
    );
    assert_eq!(data["reading"]["test"]["kept"]["per_class"], json!([3, 3]));
    let second = project.json("results/spec/seed-1/manifest.json");
    assert_eq!(second["data"]["sha256"], data["sha256"]);
    assert_eq!(manifest(&project)["spec"]["data"]["test_fraction"], 0.25);
    let line = "data: training rows: `data.test_fraction` = 0.25 sets 6 of 24 rows aside to test \
                on: cat (3 of 12), dog (3 of 12)";
    assert!(log(&project).contains(line), "{}", log(&project));
    let accuracy = project.read("results/spec/seed-0/accuracy.csv");
    assert!(
        accuracy.lines().next().unwrap().contains("test_accuracy"),
        "{accuracy}"
    );
}

#[test]
fn fractions_that_cannot_be_kept_are_faults() {
    let fails = |code, train: &str, sets: &[&str]| {
        let sets = sets.iter().flat_map(|set| ["--set", set]);
        let arguments: Vec<&str> = ["run", "spec.toml"].into_iter().chain(sets).collect();
        project(train)
            .with("test.csv", plain())
            .fail(code, &arguments)
    };
    let lone = plain() + "\n7,1,2,3,4\n";
    for (shown, expected) in [
        (
            fails(2, &plain(), &["data.test_fraction=0"]),
            "must be a number above 0 and below 1",
        ),
        (
            fails(2, &plain(), &["data.test_fraction=1"]),
            "must be a number above 0 and below 1",
        ),
        (
            fails(
                2,
                &plain(),
                &["data.test_fraction=0.5", "data.test_file=test.csv"],
            ),
            "is for files without test rows",
        ),
        (
            fails(3, &lone, &["data.test_fraction=0.5"]),
            "class 7: `data.test_fraction` needs at least 2 rows",
        ),
    ] {
        assert!(shown.contains(expected), "{expected}: {shown}");
    }
    let strokes = "source = \"strokes\"\ntest_fraction = 0.5\n";
    let spec = spec().replace("source = \"csv\"\nfile = \"train.csv\"\n", strokes);
    let shown = Project::new()
        .with("spec.toml", spec)
        .fail(2, &["check", "spec.toml"]);
    assert!(
        shown.contains("is for files of your own: `strokes` has test rows"),
        "{shown}"
    );
}

#[test]
fn images_give_the_same_bytes_as_rows_of_a_table() {
    let mut rows: Vec<usize> = (0..ROWS).collect();
    rows.sort_by_key(|&number| row(number).0);
    let line = |number: usize| {
        let (label, [a, b, c, d]) = row(number);
        format!("{},{a},{b},{c},{d}\n", ["cat", "dog"][label])
    };
    let lines: String = rows.into_iter().map(line).collect();
    let table = project(format!("label,a,b,c,d\n{lines}"));
    let images = pets();
    let split = ["run", "spec.toml", "--set", "data.test_fraction=0.25"];
    table.succeed(&split);
    images.succeed(&split);
    assert_eq!(inverses(&table), inverses(&images));
    let [of_table, of_images] = [&table, &images].map(|project| manifest(project)["data"].clone());
    assert_eq!(of_table["sha256"], of_images["sha256"]);
    assert_eq!(of_images["files"], json!(["pets/cat/", "pets/dog/"]));
    // Another pixel is another data set.
    let (_, pixels) = row(0);
    let mut levels = pixels.map(|pixel| pixel as u8);
    levels[0] -= 1;
    let changed = images.with("pets/cat/00.png", png(2, &levels));
    let plan = changed.run(&["plan", "spec.toml", "--set", "data.test_fraction=0.25"]);
    assert!(plan.out.contains("run     data"), "{}", plan.out);
}

#[test]
fn test_images_come_from_a_folder_of_their_own() {
    let test = ["cat", "dog"].map(|name| (format!("test/{name}/a.png"), png(2, &[9, 8, 7, 200])));
    let project = test
        .into_iter()
        .fold(pets(), |project, (path, bytes)| project.with(&path, bytes));
    project.succeed(&["run", "spec.toml", "--set", "data.test_folder=test"]);
    assert_eq!(manifest(&project)["data"]["test_rows"], 2);
    let narrow = pets().with("test/dog/a.png", png(1, &[9, 8]));
    let shown = narrow.fail(3, &["run", "spec.toml", "--set", "data.test_folder=test"]);
    assert!(
        shown.contains("test`: expected images of 2 x 2 pixels, as in "),
        "{shown}"
    );
}

#[test]
fn images_that_are_not_grey_are_told_or_refused() {
    let coloured = |levels: [u8; 3]| {
        let mut bytes = Vec::new();
        let mut encoder = png::Encoder::new(&mut bytes, 2, 2);
        encoder.set_color(png::ColorType::Rgb);
        let mut writer = encoder.write_header().unwrap();
        writer.write_image_data(&levels.repeat(4)).unwrap();
        writer.finish().unwrap();
        bytes
    };
    let grey = pets().with("pets/cat/zz.png", coloured([9; 3]));
    grey.succeed(&["run", "spec.toml"]);
    let line =
        "training rows: 1 of 25 files have colours or a palette, and all are grey: read as grey";
    assert!(log(&grey).contains(line), "{}", log(&grey));
    let shown = pets()
        .with("pets/cat/zz.png", coloured([9, 9, 8]))
        .fail(3, &["run", "spec.toml"]);
    assert!(
        shown.contains(
            "zz.png`: row 0, column 0 (counted from 0): expected grey, got the colour #090908"
        ),
        "{shown}"
    );
    assert!(shown.contains("magick mogrify"), "{shown}");
    let broken = pets().with("pets/dog/<b>.png", "no image");
    let shown = broken.fail(3, &["run", "spec.toml"]);
    assert!(
        shown.contains("<b>.png`: no PNG file, though it is called one"),
        "{shown}"
    );
}
