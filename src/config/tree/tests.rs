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
fn items_are_called_by_names_that_only_they_have() {
    let text = "[[i]]\nname = \"a\"\n[[i]]\nname = \"b\"\n[[i]]\nname = \"b\"\n[[i]]\nname = \"c d\"\n[[i]]\n";
    let tree = parse(text, 0).unwrap();
    let names = item_names(at(&tree, "i").items().unwrap());
    assert_eq!(names, ["a", "1", "2", "3", "4"]);
}
