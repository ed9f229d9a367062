use super::super::tests::{numbers, style, svg};
use super::*;
use crate::config::Bounds;

fn beside(methods: usize) -> Beside<'static> {
    let image = GridImage {
        width: 28,
        height: 28,
        levels: vec![7; 784],
        beyond: Vec::new(),
    };
    let row = |mean: f64| ModelRow {
        images: vec![image.clone(); 3],
        lane: Some(Lane {
            mean: Some(mean),
            interval: None,
            dots: Vec::new(),
        }),
    };
    let method = |nth: usize| MethodRows {
        label: format!("method {nth}"),
        models: vec![row(0.25), row(0.75)],
    };
    Beside {
        style: style(),
        columns: ["0", "1", "2"].map(str::to_owned).to_vec(),
        models: ["slp", "mlp"].map(str::to_owned).to_vec(),
        methods: (0..methods).map(method).collect(),
        axis: ValueAxis {
            title: "legibility".to_owned(),
            remark: String::new(),
            log: false,
            bounds: Bounds::CORRELATION,
            references: vec![0.0],
        },
    }
}

/// The mean of a model is in the middle of the row of its pictures.
#[test]
fn values_are_in_the_rows_of_their_pictures() {
    let drawing = draw(&beside(2)).unwrap();
    let images = numbers(svg(&drawing), "image", ["y", "height"]);
    assert_eq!(images.len(), 2 * 2 * 3);
    let means = numbers(svg(&drawing), "circle", ["cy"]).concat();
    for (nth, mean) in means.iter().enumerate() {
        let [y, height] = images[nth * 6];
        assert!((y + height / 2.0 - mean).abs() < 2.0, "{y} {height} {mean}");
    }
}

#[test]
fn many_methods_are_on_several_pages_with_their_axes() {
    let drawing = draw(&beside(12)).unwrap();
    assert!(drawing.pages.len() > 1);
    for page in &drawing.pages {
        let svg = std::str::from_utf8(&page.svg).unwrap();
        assert_eq!(svg.matches(">legibility</text>").count(), 1);
        assert!(svg.contains("class=\"tick\""));
    }
}

#[test]
fn a_model_without_the_method_keeps_its_row() {
    let mut beside = beside(1);
    beside.methods[0].models[1] = ModelRow {
        images: Vec::new(),
        lane: None,
    };
    let drawing = draw(&beside).unwrap();
    assert_eq!(numbers(svg(&drawing), "image", ["x"]).len(), 3);
    beside.methods[0].models.pop();
    let error = draw(&beside).unwrap_err().to_string();
    assert_eq!(
        error,
        "method `method 0` has 1 rows, must be 2, one per model"
    );
    beside.methods.clear();
    assert!(matches!(draw(&beside), Err(FigureError::Empty)));
}

#[test]
fn pictures_without_room_are_refused_with_the_remedy() {
    let mut beside = beside(1);
    beside.columns = (0..256).map(|class| class.to_string()).collect();
    for row in &mut beside.methods[0].models {
        row.images = vec![row.images[0].clone(); 256];
    }
    let error = draw(&beside).unwrap_err();
    assert!(error.is_of_content());
    let expected = "256 pictures side by side have no room; use a figure of the kind `grid`";
    assert_eq!(error.to_string(), expected);
}
