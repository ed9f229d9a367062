//! `--set`: values of the command line, laid over the tree of a spec.

use super::bounds;
use super::names::{names_in_row, suggestion};
use super::tree::{self, Node, Place, TableEntry, Value, item_names};

/// A value is only tried in other spellings up to this length.
const MAX_RESPELT: usize = 1000;

/// The dotted key of a `--set` option.
pub fn key_of(option: &str) -> &str {
    option.split('=').next().unwrap_or_default().trim()
}

/// Lays `key=value` over the tree; without a value the key is removed. A key walks
/// tables by name and lists of tables by `name` or position: `train.epochs`,
/// `invert.empirical.pixels`, `invert.0.pixels`.
pub fn set(root: &mut Node, option: &str, index: usize) -> Result<(), String> {
    let place = Place::Set(index);
    let Some((path, text)) = option.split_once('=') else {
        return Err(format!(
            "must look like `key=value`, such as `train.epochs=5`; `--set {option}=` removes the key"
        ));
    };
    let (path, text) = (path.trim(), text.trim());
    let keys: Vec<&str> = path.split('.').map(str::trim).collect();
    if keys.iter().any(|key| key.is_empty()) {
        return Err(format!(
            "`{path}` is not a dotted key such as `train.epochs`"
        ));
    }
    if let Some(message) = bounds::fault_of_keys(&keys) {
        return Err(message);
    }
    match text {
        "" => remove(root, &keys),
        "null" => Err(format!(
            "`null` is not a value; `--set {path}=` removes the key, and \
             `--set '{path}=\"null\"'` is the text"
        )),
        text => put(root, &keys, value(text, place)),
    }
}

/// A value as it was typed: TOML, or else text.
fn value(text: &str, place: Place) -> Node {
    let parsed = tree::parse_value(text, place);
    let mut node = parsed.unwrap_or_else(|_| Node::new(Value::String(text.to_owned()), place));
    node.typed = Some(text.to_owned());
    node
}

/// Puts a value at a dotted key, in tables that are made if they are not there.
pub fn put(root: &mut Node, keys: &[&str], value: Node) -> Result<(), String> {
    let place = value.place;
    *walk(root, keys, place)? = value;
    Ok(())
}

/// Takes a key out of its table, which has to hold it.
fn remove(root: &mut Node, keys: &[&str]) -> Result<(), String> {
    let absent = |hint: &str| Err(format!("there is no `{}` to remove{hint}", keys.join(".")));
    let Some((last, above)) = keys.split_last() else {
        return absent("");
    };
    let mut node = root;
    for key in above {
        let Some(inner) = child(node, key) else {
            return absent("");
        };
        node = inner;
    }
    let Value::Table(entries) = &mut node.value else {
        return absent("");
    };
    match entries.iter().position(|entry| entry.key == *last) {
        Some(at) => {
            entries.remove(at);
            Ok(())
        }
        None => absent(&suggestion(
            last,
            entries.iter().map(|entry| entry.key.as_str()),
        )),
    }
}

/// Returns what a table or a list has under this key.
fn child<'a>(node: &'a mut Node, key: &str) -> Option<&'a mut Node> {
    match &mut node.value {
        Value::Table(entries) => {
            let entry = entries.iter_mut().find(|entry| entry.key == key)?;
            Some(&mut entry.node)
        }
        Value::Array(items) => {
            let at = position(items, key)?;
            items.get_mut(at)
        }
        Value::String(_)
        | Value::Integer(_)
        | Value::Float(_)
        | Value::Bool(_)
        | Value::Other(_) => None,
    }
}

/// The position of the item of this name or number.
fn position(items: &[Node], key: &str) -> Option<usize> {
    let named = items.iter().position(|item| item.name() == Some(key));
    let numbered = || key.parse().ok().filter(|&at: &usize| at < items.len());
    named.or_else(numbered)
}

/// The node at a dotted key, made if it is not there.
fn walk<'a>(root: &'a mut Node, keys: &[&str], place: Place) -> Result<&'a mut Node, String> {
    let mut node = root;
    for (depth, key) in keys.iter().enumerate() {
        let so_far = || keys[..depth].join(".");
        node = match &mut node.value {
            Value::Table(entries) => {
                let found = entries.iter().position(|entry| entry.key == *key);
                let at = found.unwrap_or_else(|| {
                    entries.push(TableEntry {
                        key: (*key).to_owned(),
                        place,
                        node: Node::new(Value::Table(Vec::new()), place),
                    });
                    entries.len() - 1
                });
                &mut entries[at].node
            }
            Value::Array(items) => {
                let at = position(items, key).ok_or_else(|| {
                    let names = item_names(items);
                    let names = || names.iter().map(String::as_str);
                    let (all, hint) = (names_in_row(names()), suggestion(key, names()));
                    format!("`{}` has no item `{key}`{hint} (there are {all})", so_far())
                })?;
                &mut items[at]
            }
            other => return Err(format!("`{}` is {}, not a table", so_far(), other.show())),
        };
    }
    Ok(node)
}

/// Says how to write what was typed so that it is accepted, if a spelling is: with
/// brackets, or with the quotes that a shell removes unless they are quoted.
pub fn spelling(key: &str, node: &Node, accepts: &dyn Fn(&Node) -> bool) -> Option<String> {
    let typed = node.typed.as_deref()?;
    if typed.len() > MAX_RESPELT || typed.contains('\'') {
        return None;
    }
    let quoted = quote_words(typed);
    let spellings = [format!("[{typed}]"), format!("[{quoted}]"), quoted];
    let accepted = spellings.into_iter().find(|text| {
        let parsed = tree::parse_value(text, node.place);
        parsed.is_ok_and(|node| accepts(&node))
    })?;
    Some(format!("; write `--set '{key}={accepted}'`"))
}

/// Puts quotes around all that is neither TOML nor a key within brackets.
fn quote_words(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while !rest.is_empty() {
        let end = rest.find(|c| "[]{},=\"".contains(c)).unwrap_or(rest.len());
        let (word, behind) = rest.split_at(end);
        let trimmed = word.trim();
        let is_value = tree::parse_value(trimmed, Place::Set(0)).is_ok();
        if trimmed.is_empty() || is_value || behind.starts_with(['=', '"']) {
            out.push_str(word);
        } else {
            out.push_str(&word.replace(trimmed, &format!("\"{trimmed}\"")));
        }
        let mark = match behind.strip_prefix('"') {
            Some(quoted) => quoted.find('"').map_or(behind.len(), |end| end + 2),
            None => behind.chars().next().map_or(0, char::len_utf8),
        };
        out.push_str(&behind[..mark]);
        rest = &behind[mark..];
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use tree::parse;

    /// The tree with these overrides.
    fn with(text: &str, options: &[&str]) -> Node {
        let mut tree = parse(text, 0).unwrap();
        for (index, option) in options.iter().enumerate() {
            set(&mut tree, option, index).unwrap();
        }
        tree
    }

    #[test]
    fn an_override_replaces_adds_and_reaches_into_lists() {
        let text = "[[invert]]\nname = \"e\"\npixels = 1\n[[invert]]\nname = \"f\"\npixels = 2\n";
        let options = [
            "invert.f.pixels=7",
            "invert.0.pixels = 9",
            "model.activation=tanh",
        ];
        let tree = with(text, &options);
        let items = tree.get("invert").unwrap().items().unwrap();
        assert_eq!(items[0].get("pixels").unwrap().count(), Some(9));
        assert_eq!(items[1].get("pixels").unwrap().count(), Some(7));
        assert_eq!(items[1].get("pixels").unwrap().place, Place::Set(0));
        let activation = tree.get("model").unwrap().get("activation").unwrap();
        assert_eq!(activation.text(), Some("tanh"));
    }

    /// A key that takes text takes what was typed; others take what TOML makes of it.
    #[test]
    fn a_value_is_toml_and_text_as_it_was_typed() {
        for (typed, text) in [
            ("Hello, world", "Hello, world"),
            ("100 %", "100 %"),
            ("lr=0.1", "lr=0.1"),
            ("2024", "2024"),
            ("1e3", "1e3"),
            ("true", "true"),
            ("[1, 2]", "[1, 2]"),
            ("[draft]", "[draft]"),
            ("O'Brien 2021", "O'Brien 2021"),
            ("../rows.csv", "../rows.csv"),
            (" a ", "a"),
            ("\"2024\"", "2024"),
            ("'null'", "null"),
        ] {
            let tree = with("", &[&format!("k={typed}")]);
            assert_eq!(tree.get("k").unwrap().text(), Some(text), "{typed}");
        }
        let value = |typed| with("", &[typed]).get("k").unwrap().clone();
        assert_eq!(value("k=2024").count(), Some(2024));
        assert!(matches!(value("k=true").value, Value::Bool(true)));
        assert_eq!(value("k=[1, 2]").list(Node::count), Some(vec![1, 2]));
        let within = value("k=[1, 2]").items().unwrap()[0]
            .text()
            .map(str::to_owned);
        assert_eq!(within, None, "a number in a list is no text");
    }

    #[test]
    fn an_override_without_a_value_removes_the_key() {
        let text = "[model]\nslope = 0.1\nbias = true\n";
        let mut tree = with(text, &["model.slope="]);
        assert!(!tree.get("model").unwrap().has("slope"));
        assert!(tree.get("model").unwrap().has("bias"));
        let mut fault = |option| set(&mut tree, option, 0).unwrap_err();
        assert_eq!(fault("model.slope="), "there is no `model.slope` to remove");
        assert_eq!(
            fault("model.bais="),
            "there is no `model.bais` to remove; did you mean `bias`?"
        );
        assert_eq!(
            fault("train.epochs="),
            "there is no `train.epochs` to remove"
        );
        assert!(!tree.has("train"));
    }

    #[test]
    fn an_override_that_leads_nowhere_is_a_fault() {
        let mut tree = parse("seeds = 1\n[[invert]]\nname = \"emp\"\n", 0).unwrap();
        let mut fault = |option: &str| set(&mut tree, option, 0).unwrap_err();
        assert_eq!(fault("seeds.a=1"), "`seeds` is 1, not a table");
        assert_eq!(
            fault("invert.epm.pixels=1"),
            "`invert` has no item `epm`; did you mean `emp`? (there are `emp`)"
        );
        assert_eq!(
            fault("seeds"),
            "must look like `key=value`, such as `train.epochs=5`; `--set seeds=` removes the key"
        );
        assert_eq!(
            fault("source=null"),
            "`null` is not a value; `--set source=` removes the key, and \
             `--set 'source=\"null\"'` is the text"
        );
        for option in ["a..b=1", "=1", " = 1", ".a=1", "a.=1"] {
            assert!(fault(option).contains("not a dotted key"), "{option}");
        }
        let deep = format!("{}a=1", "a.".repeat(100_000));
        assert_eq!(fault(&deep), "a dotted key of more than 16 parts");
        let long = fault(&format!("{}=1", "k".repeat(100_000)));
        assert!(long.contains("has 100000 bytes; at most 200"), "{long}");
    }

    #[test]
    fn a_spelling_is_named_that_is_accepted() {
        let spelling = |typed: &str, accepts: &dyn Fn(&Node) -> bool| {
            let tree = with("", &[&format!("k={typed}")]);
            spelling("k", tree.get("k").unwrap(), accepts)
        };
        let counts = |node: &Node| node.list(Node::count).is_some();
        let hint = |text: &str| Some(format!("; write `--set 'k={text}'`"));
        assert_eq!(spelling("100", &counts), hint("[100]"));
        assert_eq!(spelling("100,50", &counts), hint("[100,50]"));
        assert_eq!(spelling("many", &counts), None);
        let names = |node: &Node| node.list(|v| v.text().map(str::to_owned)).is_some();
        assert_eq!(spelling("[a, b c]", &names), hint("[\"a\", \"b c\"]"));
        assert_eq!(spelling("a,\"b\"", &names), hint("[\"a\",\"b\"]"));
        let table = |node: &Node| node.has("kind");
        assert_eq!(
            spelling("{kind=normal,std=1.5}", &table),
            hint("{kind=\"normal\",std=1.5}")
        );
    }
}
