use super::*;

fn at<'a>(node: &'a Node, key: &str) -> &'a Node {
    let Value::Table(entries) = &node.value else {
        panic!("not a table")
    };
    &entries.iter().find(|e| e.key == key).unwrap().node
}

#[test]
fn values_know_where_they_stand() {
    let tree = parse("a = 1\nb = { c = \"x\" }\n", 1).unwrap();
    assert_eq!(at(&tree, "a").place, Place::File(1, 4));
    assert_eq!(at(at(&tree, "b"), "c").place, Place::File(1, 16));
}

#[test]
fn every_syntax_fault_is_found() {
    let faults = parse("a = \nb = 1\nc = [1,\n", 0).unwrap_err();
    assert!(faults.len() >= 2, "{faults:?}");
}

#[test]
fn an_override_replaces_adds_and_reaches_into_lists() {
    let text = "[[invert]]\nname = \"e\"\npixels = 1\n[[invert]]\nname = \"f\"\npixels = 2\n";
    let mut tree = parse(text, 0).unwrap();
    set(&mut tree, "invert.f.pixels=7", 0).unwrap();
    set(&mut tree, "invert.0.pixels = 9", 1).unwrap();
    set(&mut tree, "model.activation=tanh", 2).unwrap();
    set(&mut tree, "data.file=../rows.csv", 3).unwrap();
    let items = at(&tree, "invert").items().unwrap();
    assert_eq!(at(&items[0], "pixels").count(), Some(9));
    assert_eq!(at(&items[1], "pixels").count(), Some(7));
    assert_eq!(at(&items[1], "pixels").place, Place::Set(0));
    let activation = at(at(&tree, "model"), "activation");
    assert_eq!(activation.text(), Some("tanh"));
    assert_eq!(at(at(&tree, "data"), "file").text(), Some("../rows.csv"));
}

#[test]
fn tables_are_laid_over_key_by_key_and_lists_as_a_whole() {
    let base = "a = [1, 2]\n[t]\nx = 1\ny = 2\n[u]\nz = 3\n";
    let mut tree = parse(base, 1).unwrap();
    overlay(&mut tree, parse("a = [3]\n[t]\ny = 4\n", 0).unwrap());
    assert_eq!(tree.value.label(), "{a=[3],t={x=1,y=4},u={z=3}}");
    assert_eq!(at(at(&tree, "t"), "x").place, Place::File(1, 19));
    assert_eq!(at(at(&tree, "t"), "y").place, Place::File(0, 16));
    assert!(tree.has("u") && tree.take("u").is_some() && !tree.has("u"));
}

#[test]
fn an_override_without_a_value_takes_the_key_away() {
    let mut tree = parse("[model]\nslope = 0.1\nbias = true\n", 0).unwrap();
    set(&mut tree, "model.slope=", 0).unwrap();
    let Value::Table(entries) = &at(&tree, "model").value else {
        panic!("not a table")
    };
    assert_eq!(entries.len(), 1);
    let fault = set(&mut tree, "model.slope=", 0).unwrap_err();
    assert_eq!(fault, "there is no `model.slope` to take away");
}

#[test]
fn an_override_that_leads_nowhere_says_so() {
    let mut tree = parse("seeds = 1\n[[invert]]\nname = \"e\"\n", 0).unwrap();
    let mut fault = |option| set(&mut tree, option, 0).unwrap_err();
    assert_eq!(fault("seeds.a=1"), "`seeds` is 1, not a table");
    assert_eq!(fault("invert.g.pixels=1"), "`invert` has no item `g`");
    assert!(fault("seeds").starts_with("must look like"));
    assert!(fault("seeds=[1,").starts_with("the value is not TOML"));
    assert!(fault("a..b=1").contains("not a dotted key"));
}
