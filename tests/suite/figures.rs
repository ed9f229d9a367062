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

/// Checks one SVG: sizes, places, overlaps and titles of axes.
fn check(path: &Path) {
    let svg = std::fs::read_to_string(path).unwrap();
    let name = path.display();
    let tree = roxmltree::Document::parse(&svg).unwrap();
    let root = tree.root_element();
    let mm = |key| -> f64 {
        let text = root.attribute(key).unwrap().strip_suffix("mm").unwrap();
        text.parse().unwrap()
    };
    assert!(mm("width") <= 400.1 && mm("height") <= 230.1, "{name}");
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
    assert_eq!(texts.len(), areas.len(), "{name}");
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
        assert!(
            size / DOTS >= MIN_POINTS,
            "{name}: {:?} has {size}",
            node.text()
        );
    }
    let page = drawn.size();
    for label in &all {
        let inside = label.area.left() >= 0.0
            && label.area.top() >= 0.0
            && label.area.right() <= page.width()
            && label.area.bottom() <= page.height();
        assert!(inside, "{name}: {:?} leaves the page", label.text);
    }
    for (nth, one) in all.iter().enumerate() {
        for other in &all[nth + 1..] {
            let across =
                one.area.right().min(other.area.right()) - one.area.left().max(other.area.left());
            let down =
                one.area.bottom().min(other.area.bottom()) - one.area.top().max(other.area.top());
            let both = across > AIR * scale && down > AIR * scale;
            assert!(!both, "{name}: {:?} and {:?} overlap", one.text, other.text);
        }
    }
    check_axes(&tree, &all, scale, &path.display().to_string());
}

fn view_width(root: &roxmltree::Node<'_, '_>) -> f32 {
    let view = root.attribute("viewBox").unwrap();
    view.split(' ').nth(2).unwrap().parse().unwrap()
}

/// Every frame of a plot has a title of an axis above it.
fn check_axes(tree: &roxmltree::Document<'_>, all: &[Label], scale: f32, name: &str) {
    let is_frame = |n: &roxmltree::Node<'_, '_>| {
        n.tag_name().name() == "polyline"
            && n.attribute("stroke") == Some("#8c8c8c")
            && n.attribute("points").unwrap().split(' ').count() == 3
    };
    for frame in tree.descendants().filter(is_frame) {
        let points = frame.attribute("points").unwrap().split(' ');
        let points: Vec<[f32; 2]> = points
            .map(|point| {
                let (x, y) = point.split_once(',').unwrap();
                [x, y].map(|v| v.parse::<f32>().unwrap() * scale)
            })
            .collect();
        let (left, top, right) = (points[0][0], points[0][1], points[2][0]);
        let is_title = |label: &&Label| {
            label.class == "axis-title"
                && label.area.left() < right
                && label.area.right() > left
                && label.area.bottom() <= top + 1.0
        };
        assert!(
            all.iter().any(|label| is_title(&label)),
            "{name}: no title at {left} {top}"
        );
    }
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
        for path in &all {
            check(path);
        }
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
                   under = [\"reading\"]\n";
    let spec = SMALL.replace(
        "classes = [0, 1, 2]",
        "classes = [0, 1, 2]\nnames = [\"a\"]",
    );
    let project = Project::new().with("small.toml", format!("{spec}{figures}"));
    let ran = project.run(&["check", "small.toml"]);
    assert_eq!(ran.code, Some(2));
    for fault in [
        "`data.names` must be a list of 3 names, one for each class",
        "`figures.width` must be",
        "`figures.font` must be a size in points, from 7 to 14, got 3",
        "unknown key `figures.frames`; did you mean `frame`?",
        "numbers after a dash are for the pages of a figure, and there is one called \"each\"",
        "has \"reading\", but no metric that evaluators read is measured",
    ] {
        assert!(ran.err.contains(fault), "{fault}\n{}", ran.err);
    }
}
