//! JSON Schema of specs, from the declarations of their keys.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value as Json, json};

use super::{ITEM, KeyDeclaration, Presence};
use crate::config::fault::dotted;
use crate::config::schema::Schema;
use crate::config::sweep::{INVERT, SECTIONS};

/// JSON schema of specs, from the descriptions of their keys.
pub fn json_schema(keys: &[KeyDeclaration]) -> Json {
    let mut schema = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Spec of backquery",
    });
    if let (Some(whole), Json::Object(root)) = (schema.as_object_mut(), table_schema(keys, "")) {
        whole.extend(root);
    }
    schema["properties"]["sweep"] = sweep_schema(keys);
    // A comparison has the sections of the specs that it compares, and none of its own.
    let own = SECTIONS.into_iter().filter(|section| *section != "base");
    let own: BTreeMap<&str, bool> = own.map(|section| (section, false)).collect();
    schema["dependentSchemas"] = json!({ "compare": { "properties": own } });
    schema
}

/// JSON schema of a table. One without keys of its own takes any.
fn table_schema(keys: &[KeyDeclaration], table: &str) -> Json {
    let mut properties: BTreeMap<&str, Vec<Json>> = BTreeMap::new();
    let own = || keys.iter().filter(|key| key.table == table);
    for key in own() {
        properties
            .entry(key.key)
            .or_default()
            .push(key_schema(keys, key));
    }
    let one = |mut schemas: Vec<Json>| match schemas.len() {
        1 => schemas.remove(0),
        _ => json!({ "anyOf": schemas }),
    };
    let properties = properties
        .into_iter()
        .map(|(key, schemas)| (key.to_owned(), one(schemas)));
    let properties: serde_json::Map<String, Json> = properties.collect();
    let required = own().filter(|key| key.presence == Presence::Required && key.when.is_empty());
    let required: BTreeSet<&str> = required.map(|key| key.key).collect();
    if properties.is_empty() {
        return json!({ "type": "object" });
    }
    let mut schema = json!({
        "type": "object",
        "properties": properties,
        "additionalProperties": false,
    });
    // A base may have the other keys of a table, whereas it has a list as a whole.
    if table.ends_with(ITEM) && !required.is_empty() {
        schema["required"] = json!(required);
    }
    schema
}

fn key_schema(keys: &[KeyDeclaration], key: &KeyDeclaration) -> Json {
    let path = key.path();
    let table = match key.schema {
        Schema::Tables => dotted(&path, ITEM),
        _ => path,
    };
    let mut schema = key.schema.json(&table_schema(keys, &table));
    schema["description"] = key.about.into();
    if let Presence::Default(default) = &key.presence {
        schema["default"] = default.clone();
    }
    schema
}

/// JSON schema of `[sweep]`: the sections that can be swept, with a list of values or a range
/// for each key.
fn sweep_schema(keys: &[KeyDeclaration]) -> Json {
    let sections = SECTIONS.map(|section| {
        let schema = match section {
            "base" => json!({ "type": "array", "items": { "type": "string" }, "minItems": 1 }),
            INVERT => {
                let setting = swept_schema(keys, &dotted(INVERT, ITEM));
                json!({ "type": "object", "additionalProperties": setting })
            }
            section => swept_schema(keys, section),
        };
        (section.to_owned(), schema)
    });
    json!({
        "type": "object",
        "properties": serde_json::Map::from_iter(sections),
        "additionalProperties": false,
    })
}

/// JSON schema of a table with several values for each key.
fn swept_schema(keys: &[KeyDeclaration], table: &str) -> Json {
    let mut properties: BTreeMap<&str, Vec<Json>> = BTreeMap::new();
    for key in keys.iter().filter(|key| key.table == table) {
        let values = key_schema(keys, key);
        let list = json!({ "type": "array", "items": values, "minItems": 1 });
        let schemas = properties.entry(key.key).or_default();
        schemas.push(list);
        for schema in key.schema.alternatives() {
            match schema {
                Schema::Table => schemas.push(swept_schema(keys, &key.path())),
                Schema::Whole(..) | Schema::Number(..) => schemas.push(range_schema()),
                Schema::Flag
                | Schema::Text
                | Schema::Reference
                | Schema::Word(_)
                | Schema::Name(_)
                | Schema::List(_)
                | Schema::Tables
                | Schema::Any(_) => {}
            }
        }
    }
    let any_of = |(key, schemas): (&str, Vec<Json>)| (key.to_owned(), json!({ "anyOf": schemas }));
    let properties: serde_json::Map<String, Json> = properties.into_iter().map(any_of).collect();
    json!({ "type": "object", "properties": properties, "additionalProperties": false })
}

/// JSON schema of the values from one number to another.
fn range_schema() -> Json {
    json!({
        "type": "object",
        "properties": {
            "from": { "type": "number" },
            "to": { "type": "number" },
            "step": { "type": "number", "exclusiveMinimum": 0 },
        },
        "required": ["from", "to", "step"],
        "additionalProperties": false,
    })
}
