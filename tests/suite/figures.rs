//! Figures as files: every SVG is read back, as a printer would see it.

use std::path::{Path, PathBuf};

use resvg::usvg::{Node, Options, Rect, Tree};

use crate::project::{Project, SMALL, files, judged};

/// Spec with a figure of every kind that one experiment can have.
const KINDS: &str = r#"
[[figure]]
name = "weights"
kind = "weights"
layer = 0
[[figure]]
name = "samples"
kind = "samples"
rows = [0, 1, 2, 3]
[[figure]]
name = "components"
kind = "components"
rows = [0, 1]
first = [1, 5]
[[figure]]
name = "bars"
kind = "bars"
inversions = ["empirical", "analytical"]
metrics = ["target_probability", "largest_magnitude", "roughness"]
[[figure]]
name = "strip"
kind = "strip"
inversions = ["empirical", "analytical"]
metrics = ["class_mean_correlation", "l2_distance"]
[[figure]]
name = "layers"
kind = "layers"
metrics = ["negative_trained", "distinct_units"]
[[figure]]
name = "beside"
kind = "beside"
rows = ["empirical", "analytical"]
metric = "class_mean_correlation"
mark_out_of_range = true
"#;

/// Smallest text, in points.
const MIN_POINTS: f64 = 6.5;
/// Dots per point.
const DOTS: f64 = 300.0 / 72.0;
/// Overlap of two boxes of text that is none: boxes have some air.
const AIR: f32 = 3.0;

struct Label {
    text: String,
    class: String,
    area: Rect,
}

/// Collects the texts of a drawing with their boxes.
fn labels(nodes: &[Node], found: &mut Vec<Rect>) {
    for node in nodes {
        match node {
            Node::Group(group) => labels(group.children(), found),
            Node::Text(text) => found.push(text.abs_bounding_box()),
            Node::Path(_) | Node::Image(_) => {}
        }
    }
}

/// Checks one SVG.
fn check(path: &Path) {
    let faults = faults(path);
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// Lists faults of one SVG: sizes, places, overlaps and titles of axes.
fn faults(path: &Path) -> Vec<String> {
    let mut faults = Vec::new();
    let mut expect = |holds: bool, fault: String| {
        if !holds {
            faults.push(format!("{}: {fault}", path.display()));
        }
    };
    let svg = std::fs::read_to_string(path).unwrap();
    let tree = roxmltree::Document::parse(&svg).unwrap();
    let root = tree.root_element();
    let mm = |key| -> f64 {
        let text = root.attribute(key).unwrap().strip_suffix("mm").unwrap();
        text.parse().unwrap()
    };
    let fits = mm("width") <= 400.1 && mm("height") <= 230.1;
    expect(fits, "it is larger than a page".to_owned());
    let mut options = Options::default();
    for face in [ttf_noto_sans::REGULAR, ttf_noto_sans::BOLD] {
        options.fontdb_mut().load_font_data(face.to_vec());
    }
    let drawn = Tree::from_str(&svg, &options).unwrap();
    let mut areas = Vec::new();
    labels(drawn.root().children(), &mut areas);
    let texts = tree
        .descendants()
        .filter(|n| n.has_tag_name(("http://www.w3.org/2000/svg", "text")));
    let texts: Vec<_> = texts
        .filter(|n| !n.text().unwrap_or("").trim().is_empty())
        .collect();
    assert_eq!(texts.len(), areas.len(), "{}", path.display());
    let scale = drawn.size().width() / view_width(&root);
    let all: Vec<Label> = texts
        .iter()
        .zip(areas)
        .map(|(node, area)| Label {
            text: node.text().unwrap().to_owned(),
            class: node.attribute("class").unwrap_or("").to_owned(),
            area,
        })
        .collect();
    for node in &texts {
        let size: f64 = node.attribute("font-size").unwrap().parse().unwrap();
        let fault = format!("{:?} has {:.1} points", node.text(), size / DOTS);
        expect(size / DOTS >= MIN_POINTS, fault);
    }
    let page = drawn.size();
    for (nth, one) in all.iter().enumerate() {
        let inside = one.area.left() >= 0.0
            && one.area.top() >= 0.0
            && one.area.right() <= page.width()
            && one.area.bottom() <= page.height();
        expect(inside, format!("{:?} leaves the page", one.text));
        for other in &all[nth + 1..] {
            let fault = format!("{:?} and {:?} overlap", one.text, other.text);
            expect(!one.is_over(other, AIR * scale), fault);
        }
    }
    for at in untitled(&tree, &all, scale) {
        expect(false, format!("an axis at {at:?} has no title"));
    }
    faults
}

impl Label {
    /// Returns true if two labels share more than some air across and down.
    fn is_over(&self, other: &Self, air: f32) -> bool {
        let (one, other) = (self.area, other.area);
        let across = one.right().min(other.right()) - one.left().max(other.left());
        let down = one.bottom().min(other.bottom()) - one.top().max(other.top());
        across > air && down > air
    }
}

fn view_width(root: &roxmltree::Node<'_, '_>) -> f32 {
    let view = root.attribute("viewBox").unwrap();
    view.split(' ').nth(2).unwrap().parse().unwrap()
}

/// Upper left corners of the frames of plots without a title of an axis above.
fn untitled(tree: &roxmltree::Document<'_>, all: &[Label], scale: f32) -> Vec<[f32; 2]> {
    let is_frame = |n: &roxmltree::Node<'_, '_>| {
        n.tag_name().name() == "polyline"
            && n.attribute("stroke") == Some("#8c8c8c")
            && n.attribute("points").unwrap().split(' ').count() == 3
    };
    let frames = tree.descendants().filter(is_frame).map(|frame| {
        let points = frame.attribute("points").unwrap().split(' ');
        let point = |point: &str| {
            let (x, y) = point.split_once(',').unwrap();
            [x, y].map(|v| v.parse::<f32>().unwrap() * scale)
        };
        points.map(point).collect::<Vec<_>>()
    });
    let is_titled = |points: &Vec<[f32; 2]>| {
        let ([left, top], right) = (points[0], points[2][0]);
        all.iter().any(|label| {
            label.class == "axis-title"
                && label.area.left() < right
                && label.area.right() > left
                && label.area.bottom() <= top + 1.0
        })
    };
    frames
        .filter(|frame| !is_titled(frame))
        .map(|points| points[0])
        .collect()
}

/// SVG files below a folder.
fn svgs(folder: &Path) -> Vec<PathBuf> {
    let all = files(folder).into_iter().map(|file| folder.join(file));
    all.filter(|file| file.extension().is_some_and(|ending| ending == "svg"))
        .collect()
}

#[test]
fn every_kind_of_figure_can_be_printed() {
    let spec = format!("seeds = 3\n{SMALL}{KINDS}");
    for width in ["", "[figures]\nwidth = \"column\"\nfont = 7\n"] {
        let project = Project::new().with("a.toml", format!("{spec}{width}"));
        project.succeed(&["run", "a.toml"]);
        let all = svgs(&project.path("results"));
        assert!(all.len() >= 3 * 6 + 4, "{}", all.len());
        for path in &all {
            check(path);
        }
        for svg in all {
            let pdf = std::fs::read(svg.with_extension("pdf")).unwrap();
            assert!(pdf.starts_with(b"%PDF-"), "{}", svg.display());
            assert!(svg.with_extension("png").exists());
        }
    }
}

/// Figures of a whole folder of results, named by `BACKQUERY_FIGURES`.
#[test]
fn published_figures_can_be_printed() {
    if let Some(folder) = std::env::var_os("BACKQUERY_FIGURES") {
        let all = svgs(Path::new(&folder));
        assert!(!all.is_empty());
        // The store has the same figures.
        let published = all
            .iter()
            .filter(|path| !path.components().any(|c| c.as_os_str() == ".store"));
        let faults: Vec<String> = published.flat_map(|path| faults(path)).collect();
        assert!(
            faults.is_empty(),
            "{} faults\n{}",
            faults.len(),
            faults.join("\n")
        );
    }
}

#[test]
fn classes_have_their_names_and_pictures_what_judges_read() {
    let spec = judged()
        .replace(
            "classes = [0, 1, 2]",
            "classes = [0, 1, 2]\nnames = [\"nought\", \"one\", \"two\"]",
        )
        .replace(
            "scale = \"image\"",
            "scale = \"image\"\nunder = [\"reading\", \"target_probability\"]",
        );
    let project = Project::new()
        .with("small.toml", &spec)
        .with("wide.toml", "base = \"small.toml\"\nmodel.hidden = [12]\n")
        .with(
            "both.toml",
            "title = \"Both\"\n[compare]\nexperiments = [\"small\", \"wide\"]\n[[figure]]\n\
             name = \"grid\"\nkind = \"grid\"\nrows = [\"analytical\"]\nunder = [\"reading\"]\n",
        );
    project.succeed(&["run", "both.toml"]);
    let readings = |path: &str| -> Vec<String> {
        let svg = project.read(path);
        assert!(svg.contains(">nought</text>"), "{svg}");
        let tree = roxmltree::Document::parse(&svg).unwrap();
        let texts = tree.descendants().filter(|n| n.tag_name().name() == "text");
        let texts = texts.filter_map(|n| n.text().map(str::to_owned));
        let words = ["nought,", "one,", "two,", "another,", "none,"];
        texts
            .filter(|text| words.iter().any(|word| text.starts_with(word)))
            .collect()
    };
    let one = readings("results/small/seed-0/figures/each.svg");
    let two = readings("results/both/summary/figures/grid.svg");
    assert_eq!((one.len(), two.len()), (3, 6));
    // The same pictures, read back from the published table.
    let first: Vec<&str> = one
        .iter()
        .map(|text| text.split(" \u{b7}").next().unwrap())
        .collect();
    assert_eq!(first, two[..3]);
}

#[test]
fn a_bare_figure_has_its_texts_in_its_metadata_only() {
    let project = Project::new().with("small.toml", SMALL);
    project.succeed(&["run", "small.toml", "--bare"]);
    let svg = project.read("results/small/seed-0/figures/each.svg");
    assert!(svg.contains("<title>A small network</title>"));
    assert!(!svg.contains(">A small network</text>"));
    check(&project.path("results/small/seed-0/figures/each.svg"));
}

#[test]
fn verdicts_are_drawn_by_source() {
    let claim = "\n[[claim]]\nsays = \"it learns\"\nsource = \"Lai 2021, 1\"\n\
                 metric = \"train_accuracy\"\nat_least = 0.1\nthreshold = \"source\"\n";
    let project = Project::new().with("small.toml", format!("seeds = 3\n{SMALL}{claim}"));
    project.succeed(&["run", "small.toml"]);
    project.succeed(&["claims", "small.toml", "--draw", "drawn"]);
    let path = project.path("drawn/verdicts-lai-2021.svg");
    check(&path);
    let svg = std::fs::read_to_string(path).unwrap();
    assert!(
        svg.contains(">it learns</text>") && svg.contains(">confirmed</text>"),
        "{svg}"
    );
}

#[test]
fn faults_of_looks_and_names_are_reported_together() {
    let figures = "\n[figures]\nwidth = \"wide\"\nfont = 3\nframes = true\n\
                   [[figure]]\nname = \"each-2\"\nkind = \"grid\"\nrows = [\"empirical\"]\n\
                   under = [\"reading\"]\n\
                   [[figure]]\nname = \"other\"\nkind = \"grid\"\nrows = [\"empirical\"]\n\
                   under = [\"readng\"]\n";
    let spec = SMALL.replace(
        "classes = [0, 1, 2]",
        "classes = [0, 1, 2]\nnames = [\"a\"]",
    );
    let project = Project::new().with("small.toml", format!("{spec}{figures}"));
    let ran = project.run(&["check", "small.toml"]);
    assert_eq!(ran.code, Some(2));
    for fault in [
        "`data.names` must be a list of 3 names, one for each class",
        "`figures.width` must be `column`, `page` or a width in millimetres, such as `{ mm = 120 }`",
        "`figures.font` must be a size in points, from 7 to 14, got 3",
        "unknown key `figures.frames`; did you mean `frame`?",
        "numbers after a dash are for the pages of a figure, and there is one called \"each\"",
        "has \"reading\", but no metric that evaluators read is measured",
        "did you mean `reading`?",
    ] {
        assert!(ran.err.contains(fault), "{fault}\n{}", ran.err);
    }
}
