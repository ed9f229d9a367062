use super::super::tests::{decode, style, svg};
use super::*;

fn line(says: &str, sense: Sense) -> VerdictLine {
    VerdictLine {
        says: says.to_owned(),
        word: "confirmed",
        sense,
        remark: "n = 10".to_owned(),
    }
}

#[test]
fn each_claim_has_one_line_with_its_mark() {
    let all = [Sense::For, Sense::NotAgainst, Sense::Against, Sense::Open];
    let lines = all.map(|sense| line("a sentence", sense)).to_vec();
    let drawing = draw(&Verdicts {
        style: style(),
        lines,
    });
    let drawing = drawing.unwrap();
    assert_eq!(svg(&drawing).matches(">a sentence</text>").count(), 4);
    // A disc, a square, a diamond and a ring.
    assert_eq!(svg(&drawing).matches("<circle").count(), 2);
    assert_eq!(svg(&drawing).matches("<polygon").count(), 2);
}

#[test]
fn long_sentences_are_cut_at_a_word_and_many_are_on_further_pages() {
    let long = "word ".repeat(60);
    let lines = vec![line(&long, Sense::For); 120];
    let drawing = draw(&Verdicts {
        style: style(),
        lines,
    });
    let pages = drawing.unwrap().pages;
    assert_eq!(pages.len(), 2);
    for page in pages {
        assert!(decode(&page.png).height <= 2717);
        let svg = String::from_utf8(page.svg).unwrap();
        assert!(svg.contains("word\u{2026}</text>"));
    }
    assert_eq!(
        cut("a bc def", |text| text.chars().count() <= 5),
        "a bc\u{2026}"
    );
}
