//! The JSON Schema of journey files, made from the tables the reader reads by, so that editors know what it knows.

use super::read::{HEADER, KINDS, LOCATOR, ORACLE, PART, STEP};
use super::shape::{Field, Shape};
use serde_json::{Map, Value, json};

/// The schema of journeys, of the parts they use and of the oracles they are held to, for editors.
pub fn schema() -> String {
    let schema = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "https://gengfu.example/journey.v1.json",
        "title": "Gengfu journey",
        "description": "A journey, a part that journeys use, or an oracle that they are held to",
        "if": {"required": ["part"]},
        "then": object(&[&PART]),
        "else": {"if": {"required": ["oracle"]}, "then": object(&[&ORACLE]), "else": object(&[&HEADER])},
        "$defs": {"locator": locator(), "step": step()},
    });
    serde_json::to_string_pretty(&schema).expect("invariant: a tree of texts and numbers can be written")
}

fn step() -> Value {
    let mut properties = Map::new();
    for kind in KINDS {
        properties.insert(kind.key.to_owned(), described(kind.shape, kind.help));
    }
    for field in &STEP {
        properties.insert(field.key.to_owned(), described(field.shape, field.help));
    }
    json!({"type": "object", "properties": properties, "additionalProperties": false, "minProperties": 1})
}

fn object(tables: &[&[Field]]) -> Value {
    let mut properties = Map::new();
    let mut required = Vec::new();
    // The first table wins: a verb may give a key of locators another meaning.
    for field in tables.iter().flat_map(|table| table.iter()) {
        properties.entry(field.key).or_insert_with(|| described(field.shape, field.help));
        if field.required {
            required.push(field.key);
        }
    }
    json!({"type": "object", "properties": properties, "required": required, "additionalProperties": false})
}

fn locator() -> Value {
    json!({"anyOf": [shape(Shape::Text), object(&[&LOCATOR])]})
}

fn described(of: Shape, help: &str) -> Value {
    let mut value = shape(of);
    if let Some(map) = value.as_object_mut() {
        map.insert("description".into(), help.into());
    }
    value
}

fn shape(of: Shape) -> Value {
    match of {
        Shape::Text => json!({"type": ["string", "number", "boolean"]}),
        Shape::Slug => json!({"type": "string", "pattern": "^[a-z0-9][a-z0-9_-]{0,79}$"}),
        Shape::Word(words) => json!({"enum": words}),
        Shape::Whole(least, most) => json!({"type": "integer", "minimum": least, "maximum": most}),
        Shape::Truth => json!({"type": "boolean"}),
        Shape::Duration => json!({"type": "string", "pattern": "^[0-9]+(ms|s|m|h)$"}),
        Shape::Pattern | Shape::Expression => json!({"type": "string", "minLength": 1}),
        Shape::Nothing => json!({"type": "null"}),
        Shape::Pixels => json!({"type": "array", "items": {"type": "integer"}, "minItems": 2, "maxItems": 2}),
        Shape::Locator => json!({"$ref": "#/$defs/locator"}),
        Shape::LocatorAnd(more) => object(&[more, &LOCATOR]),
        Shape::Map(fields) => object(&[fields]),
        Shape::Named(inner) => json!({"type": "object", "additionalProperties": shape(*inner), "minProperties": 1}),
        Shape::List(inner) => json!({"type": "array", "items": shape(*inner), "minItems": 1}),
        Shape::Steps => json!({"type": "array", "items": {"$ref": "#/$defs/step"}, "minItems": 1}),
        Shape::Any(shapes) => json!({"anyOf": shapes.iter().map(|s| shape(*s)).collect::<Vec<_>>()}),
    }
}
