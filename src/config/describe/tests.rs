use std::ops::Bound;

use serde_json::json;

use super::super::fault::File;
use super::super::schema::{List, Order};
use super::*;

/// Keys with a bound that depends on other keys, and not on the schema alone.
const DEPENDENT: [&str; 7] = [
    "data.classes",
    "data.train_rows",
    "data.names",
    "data.per_class",
    "task.layers",
    "figure.NAME.layer",
    "claim.NAME.says",
];

/// Errors of a spec in which a key has this value.
fn errors(settings: &Settings, key: &str, value: &str) -> String {
    let own = settings.iter().filter(|(path, _)| path != key).cloned();
    let settings: Settings = own.chain([(key.to_owned(), value.to_owned())]).collect();
    let sets = settings.iter().map(|(key, value)| format!("{key}={value}"));
    let sets: Vec<String> = sets.collect();
    let faults = Faults::default();
    read(tree(&settings), &experiment(), &faults);
    let file = File {
        name: "spec.toml".to_owned(),
        text: String::new(),
        is_quoted: false,
    };
    faults.into_error(&[file], &sets).to_string()
}

/// Text of a spec of an experiment.
fn experiment() -> String {
    text(&Explorer::default().fill(Settings::new()).0)
}

/// Errors of a value at its own place, to follow its key.
fn refusals(key: &KeyDeclaration, settings: &Settings, value: &str) -> Vec<String> {
    let (path, shown) = (key.path(), errors(settings, &key.path(), value));
    let set: String = format!("{path}={value}").chars().take(200).collect();
    let (start, end) = (format!("--set {set}: `"), format!(".{}` ", key.key));
    let own = shown.lines().filter_map(|line| {
        let message = format!(".{}", line.strip_prefix(&start)?);
        let (_, refusal) = message.split_once(&end)?;
        Some(refusal.to_owned())
    });
    own.collect()
}

/// True for an error of the form of a value, not of its meaning.
fn is_of_form(refusal: &str) -> bool {
    refusal.starts_with("must be ") && refusal.contains(", got ")
}

/// Values of a schema, at its bounds; none of references, which have to exist.
fn inside(schema: &Schema) -> Vec<String> {
    match schema {
        Schema::Flag => vec!["true".to_owned(), "false".to_owned()],
        Schema::Text => vec!["\"a\"".to_owned()],
        Schema::Word(words) | Schema::Name(words) => {
            words.iter().map(|word| format!("{word:?}")).collect()
        }
        Schema::Whole(min, max) => vec![min.to_string(), max.unwrap_or(1 << 40).to_string()],
        Schema::Number(low, high) => {
            let low = match low {
                Bound::Included(low) => *low,
                Bound::Excluded(low) => low.next_up(),
                Bound::Unbounded => -1e300,
            };
            let high = match high {
                Bound::Included(high) => *high,
                Bound::Excluded(high) => high.next_down(),
                Bound::Unbounded => 1e300,
            };
            vec![format!("{low:?}"), format!("{high:?}")]
        }
        Schema::List(list) => lists_inside(list),
        Schema::Any(schemas) => schemas.iter().flat_map(inside).collect(),
        Schema::Reference | Schema::Table | Schema::Tables => Vec::new(),
    }
}

fn lists_inside(list: &List) -> Vec<String> {
    let items = inside(&list.items);
    if list.order == Order::Any {
        let long = |item: &String| vec![item.clone(); list.max.unwrap_or(50).min(2000)];
        let short = |item: &String| vec![item.clone(); list.min];
        let lists = items.iter().flat_map(|item| [short(item), long(item)]);
        lists
            .map(|items| format!("[{}]", items.join(", ")))
            .collect()
    } else if list.min <= items.len() {
        vec![format!("[{}]", items.join(", "))]
    } else {
        vec![Schema::List(Box::new(list.clone())).sample()]
    }
}

/// Values just outside of a schema.
fn beyond(schema: &Schema) -> Vec<String> {
    let text = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
    match schema {
        Schema::Flag => text(&["1", "\"yes\""]),
        Schema::Text | Schema::Reference => text(&["3", "[]"]),
        Schema::Word(_) | Schema::Name(_) => text(&["\"no such word\"", "3"]),
        Schema::Whole(min, max) => {
            let below = (*min as i64 - 1).to_string();
            let above = max.map(|max| (max + 1).to_string());
            text(&["1.5", "\"a\""])
                .into_iter()
                .chain([below])
                .chain(above)
                .collect()
        }
        Schema::Number(low, high) => {
            let below = match low {
                Bound::Included(low) => Some(low.next_down()),
                Bound::Excluded(low) => Some(*low),
                Bound::Unbounded => None,
            };
            let above = match high {
                Bound::Included(high) => Some(high.next_up()),
                Bound::Excluded(high) => Some(*high),
                Bound::Unbounded => None,
            };
            let ends = below
                .into_iter()
                .chain(above)
                .map(|number| format!("{number:?}"));
            text(&["nan", "inf", "\"a\""])
                .into_iter()
                .chain(ends)
                .collect()
        }
        Schema::List(list) => lists_beyond(list),
        Schema::Any(schemas) => schemas.iter().flat_map(beyond).collect(),
        Schema::Table | Schema::Tables => text(&["3"]),
    }
}

fn lists_beyond(list: &List) -> Vec<String> {
    let item = list.items.sample();
    let of = |item: &str, count| format!("[{}]", vec![item; count].join(", "));
    let wrong = beyond(&list.items);
    let mut lists: Vec<String> = wrong.iter().map(|item| of(item, list.min.max(1))).collect();
    lists.extend(list.min.checked_sub(1).map(|count| of(&item, count)));
    lists.extend(list.max.map(|count| of(&item, count + 1)));
    if list.order != Order::Any {
        lists.push(of(&item, list.min.max(2)));
    }
    lists
}

/// A value of TOML as JSON.
fn json(value: &str) -> Json {
    let table: toml::Table = toml::from_str(&format!("x = {value}")).unwrap();
    serde_json::to_value(&table["x"]).unwrap()
}

/// True if a JSON schema takes a value.
fn takes(schema: &Json, value: &Json) -> bool {
    if let Some(alternatives) = schema["anyOf"].as_array() {
        return alternatives.iter().any(|schema| takes(schema, value));
    }
    if let Some(words) = schema["enum"].as_array() {
        return words.contains(value);
    }
    let number = |key: &str| schema[key].as_f64();
    let (len, x) = (value.as_array().map(Vec::len), value.as_f64());
    let is_of_type = match schema["type"].as_str() {
        Some("boolean") => value.is_boolean(),
        Some("string") => value.is_string(),
        Some("integer") => value.is_i64() || value.is_u64(),
        Some("number") => value.is_number(),
        Some("array") => value.is_array(),
        Some("object") => value.is_object(),
        _ => false,
    };
    let items = || value.as_array().into_iter().flatten();
    let is_repeated = items().any(|item| items().filter(|other| *other == item).count() > 1);
    is_of_type
        && number("minimum").is_none_or(|min| x.unwrap() >= min)
        && number("maximum").is_none_or(|max| x.unwrap() <= max)
        && number("exclusiveMinimum").is_none_or(|min| x.unwrap() > min)
        && number("exclusiveMaximum").is_none_or(|max| x.unwrap() < max)
        && number("minItems").is_none_or(|min| len.unwrap() as f64 >= min)
        && number("maxItems").is_none_or(|max| len.unwrap() as f64 <= max)
        && (schema["uniqueItems"] != true || !is_repeated)
        && items().all(|item| takes(&schema["items"], item))
}

/// The alternatives of a JSON schema, and the schema itself.
fn alternatives(schema: &Json) -> Vec<&Json> {
    let inner = schema["anyOf"].as_array().into_iter().flatten();
    [schema].into_iter().chain(inner).collect()
}

/// The JSON schemas of the key at a path, one for each declaration.
fn at<'a>(schema: &'a Json, path: &str) -> Vec<&'a Json> {
    path.split('.').fold(vec![schema], |tables, key| {
        let tables = tables.into_iter().flat_map(alternatives);
        let inner = tables.map(|table| match key {
            ITEM => &table["items"],
            key => &table["properties"][key],
        });
        inner.filter(|schema| !schema.is_null()).collect()
    })
}

#[test]
fn a_value_beyond_a_bound_is_refused_at_its_place_and_by_the_schema() {
    let all = explore();
    let keys: Vec<KeyDeclaration> = all.iter().map(|(key, _)| key.clone()).collect();
    let whole = json_schema(&keys);
    let (mut refused, mut accepted) = (0, Vec::new());
    for (key, settings) in &all {
        let path = key.path();
        let alternatives_of_key = key.schema.alternatives();
        if alternatives_of_key
            .iter()
            .any(|schema| matches!(schema, Schema::Table | Schema::Tables))
        {
            continue;
        }
        let schema = key.schema.json(&Json::Null);
        let shows_all = |found: &&Json| {
            let mut bounds = schema.as_object().unwrap().iter();
            bounds.all(|(bound, value)| found[bound] == *value)
        };
        let mut found = at(&whole, &path).into_iter().flat_map(alternatives);
        if !found.any(|found| shows_all(&found)) {
            accepted.push(format!("{path}: the schema does not show {schema}"));
        }
        for value in beyond(&key.schema) {
            let starts = ["names ", "has no meaning"];
            let is_refusal = |refusal: &String| {
                is_of_form(refusal) || starts.iter().any(|start| refusal.starts_with(start))
            };
            if takes(&schema, &json(&value)) {
                continue;
            }
            if refusals(key, settings, &value).iter().any(is_refusal) {
                refused += 1;
            } else {
                accepted.push(format!("{path} = {value}"));
            }
        }
    }
    assert!(accepted.is_empty(), "{}", accepted.join("\n"));
    assert!(refused > 500, "{refused}");
}

/// A bound that is read and not declared refuses a value that the schema takes.
#[test]
fn a_value_within_the_bounds_is_read() {
    let mut refused = Vec::new();
    for (key, settings) in explore() {
        let path = key.path();
        // An epoch and a value are of different kinds, which no list of one form shows.
        if DEPENDENT.contains(&path.as_str()) || key.table.ends_with(".printed") {
            continue;
        }
        let schema = key.schema.json(&json!({ "type": "object" }));
        let default = match &key.presence {
            Presence::Default(default) => Some(default.to_string()),
            Presence::Required | Presence::Optional => None,
        };
        for value in inside(&key.schema).into_iter().chain(default) {
            let refusals = refusals(&key, &settings, &value);
            let refusal = refusals.into_iter().find(|refusal| is_of_form(refusal));
            refused.extend(refusal.map(|refusal| format!("{path} = {value} {refusal}")));
            if !takes(&schema, &json(&value)) {
                refused.push(format!("{path} = {value}: {schema}"));
            }
        }
    }
    assert!(refused.is_empty(), "{}", refused.join("\n"));
}

#[test]
fn every_key_that_may_be_there_has_a_description() {
    let all = explore();
    let declared: BTreeSet<String> = all.iter().map(|(key, _)| key.path()).collect();
    let mut silent = BTreeSet::new();
    for (key, settings) in &all {
        let about = key.about;
        let is_line = !about.trim().is_empty() && !about.contains('\n') && !about.ends_with('.');
        assert!(is_line, "{}: {about:?}", key.path());
        let faults = Faults::with_declarations();
        read(tree(settings), &experiment(), &faults);
        silent.extend(faults.known_paths().difference(&declared).cloned());
    }
    assert!(silent.is_empty(), "without a description: {silent:?}");
}

#[test]
fn keys_depend_on_the_choices_of_their_table() {
    let when = |path: &str| {
        let keys = keys().into_iter().filter(|key| key.path() == path);
        let mut when: Vec<Choices> = keys.flat_map(|key| key.when).collect();
        when.sort();
        serde_json::to_value(when).unwrap()
    };
    assert_eq!(when("train.l2"), json!([]));
    assert_eq!(when("pair"), json!([{ "compare": "{}" }]));
    assert_eq!(when("invert.NAME.steps"), json!([{ "method": "gradient" }]));
    let shrinkage = json!([
        { "layer": "gaussian", "method": "layered" },
        { "method": "gaussian" },
        { "method": "mixture" },
    ]);
    assert_eq!(when("invert.NAME.shrinkage"), shrinkage);
    assert_eq!(
        when("invert.NAME.filter.pixels"),
        json!([{ "kind": "top_pixels" }])
    );
}

#[test]
fn every_key_has_a_line() {
    let line = |key: KeyDeclaration| {
        let need = match &key.presence {
            Presence::Required => "required".to_owned(),
            Presence::Optional => "optional".to_owned(),
            Presence::Default(default) => format!("default {default}"),
        };
        let when: Vec<String> = key.when.iter().map(|when| format!(" {when:?}")).collect();
        let (path, about) = (key.path(), key.about);
        format!(
            "{path}{}: {about} ({need}; {:?})",
            when.join(" or"),
            key.schema
        )
    };
    let shown = |key: &KeyDeclaration| {
        let of_many = ["verify.", "figure.NAME.printed."];
        of_many.iter().all(|table| !key.path().starts_with(table))
            && !matches!(key.schema, Schema::Name(_))
    };
    let lines: Vec<String> = keys().into_iter().filter(shown).map(line).collect();
    insta::assert_snapshot!(lines.join("\n"));
}
