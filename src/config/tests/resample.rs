//! `data.resample`.

use super::*;
use crate::data::Resample;

const HALF: &str = "data.resample={kind=\"subsample\", fraction=0.5}";

#[test]
fn rows_are_drawn_only_if_the_spec_asks_for_it() {
    let plain = parse(&[]).unwrap();
    assert_eq!(plain.data.resample, None);
    let written = |spec: &Spec| serde_json::to_value(&spec.data).unwrap()["resample"].take();
    assert!(written(&plain).is_null());
    assert_eq!(plain.data.dataset_rows(), plain.data.per_class);
    assert_eq!(
        (plain.data.training_rows(), plain.data.epoch_rows()),
        (Some(60), Some(60))
    );

    let bootstrap = parse(&["data.resample=bootstrap"]).unwrap();
    assert_eq!(
        written(&bootstrap),
        serde_json::json!({ "kind": "bootstrap" })
    );
    assert_eq!(bootstrap, parse(&["data.resample.kind=bootstrap"]).unwrap());
    assert_eq!(bootstrap.data.dataset_rows(), PerClass::All);
    // Rows of the file, which the spec does not determine, and rows of an epoch.
    assert_eq!(
        (bootstrap.data.training_rows(), bootstrap.data.epoch_rows()),
        (None, Some(60))
    );

    let half = parse(&[HALF]).unwrap();
    assert_eq!(
        half.data.resample,
        Some(Resample::Subsample { fraction: 0.5 })
    );
    let expected = serde_json::json!({ "kind": "subsample", "fraction": 0.5 });
    assert_eq!(written(&half), expected);
    assert_eq!(half.data.epoch_rows(), Some(30));
    assert_eq!(
        parse(&[HALF, "data.per_class="]).unwrap().data.epoch_rows(),
        None
    );
}

#[test]
fn draws_that_cannot_be_are_faults_with_their_place() {
    let faults = |resample: &str, from: &str, to: &str| {
        let line = format!("source = \"mnist\"\nresample = {resample}");
        let text = GOOD.replace("source = \"mnist\"", &line).replace(from, to);
        spec("a.toml", &text, &[]).expect_err(resample).to_string()
    };
    let parity = "source = \"mnist\"\nresample = \"bootstrap\"\nstand_in = \"strokes\"\n\
                  classes = [0, 1, 2]\nper_class = [10, 20, 30]";
    let cases = [
        faults("\"bootstrp\"", "", ""),
        faults("\"subsample\"", "", ""),
        faults("{ kind = \"subsample\" }", "", ""),
        faults("{ kind = \"subsample\", fraction = 0 }", "", ""),
        faults("{ kind = \"subsample\", fraction = 1.5 }", "", ""),
        faults("{ kind = \"bootstrap\", fraction = 0.5 }", "", ""),
        faults("0.5", "", ""),
        faults(
            "\"bootstrap\"",
            parity,
            "source = \"parity\"\nresample = \"bootstrap\"",
        ),
        faults("\"bootstrap\"", "[10, 20, 30]", "4_000_000"),
    ];
    insta::assert_snapshot!(cases.join("\n"));
    parse(&["data.resample=bootstrap", "data.per_class=3000000"]).unwrap();
}
