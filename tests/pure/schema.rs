//! The journeys of this repository: each loads, and the schema for editors agrees with the reader about them.

use gengfu::config::DiskFiles;
use gengfu::journey::{self, Limits};
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

fn yaml_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(yaml_files(&path));
        } else if path.extension().is_some_and(|e| e == "yaml") {
            files.push(path);
        }
    }
    files.sort();
    files
}

fn is_part(path: &Path) -> bool {
    path.iter().any(|part| part == "shared" || part == "oracles")
}

#[test]
fn every_journey_loads() {
    let mut ids = BTreeSet::new();
    let folders = ["journeys", "benches/journeys"];
    for path in folders.iter().flat_map(|f| yaml_files(Path::new(f))).filter(|path| !is_part(path)) {
        let path = path.as_path();
        let (files, inside) = DiskFiles::around(path);
        let journey = journey::load(&inside, &files, &Limits::default()).unwrap_or_else(|problems| {
            panic!("{}", problems.iter().map(|p| p.render(false)).collect::<Vec<_>>().join("\n\n"))
        });
        let name = path.file_stem().unwrap().to_str().unwrap();
        assert!(journey.id.as_str().ends_with(name), "{} is called {}", path.display(), journey.id);
        assert!(ids.insert(journey.id.as_str().to_owned()), "two journeys are called {}", journey.id);
    }
    assert!(ids.len() >= 14, "{ids:?}");
}

#[test]
fn the_schema_agrees_with_the_reader() {
    let schema: Value = serde_json::from_str(&journey::schema()).unwrap();
    for path in yaml_files(Path::new("journeys")).into_iter().chain([PathBuf::from("tests/pure/whole.yaml")]) {
        let text = std::fs::read_to_string(&path).unwrap();
        let document: Value = serde_saphyr::from_str(&text).unwrap();
        if let Err(why) = (Schema { root: &schema }).admits(&schema, &document, "$") {
            panic!("{}: {why}", path.display());
        }
    }
    let refuses = |text: &str| {
        let document: Value = serde_saphyr::from_str(text).unwrap();
        assert!((Schema { root: &schema }).admits(&schema, &document, "$").is_err(), "{text}");
    };
    refuses("{journey: x, app: demo}");
    refuses("{oracle: x, app: demo, phrase: [{never: 稳赚}]}");
    refuses("{journey: x, app: demo, steps: [{tpa: 基金}]}");
    refuses("{journey: x, app: demo, steps: [{tap: {rol: button}}]}");
    refuses("{journey: x, app: demo, steps: [{tap: 基金, within: 5}]}");
    refuses("{journey: x, app: demo, device: iphone, steps: [{tap: 基金}]}");
    refuses("{part: x, app: demo, steps: [{tap: 基金}]}");
}

/// As much of JSON Schema as the schema uses; a keyword it does not know is a failure of the test.
struct Schema<'a> {
    root: &'a Value,
}

impl Schema<'_> {
    fn admits(&self, schema: &Value, value: &Value, at: &str) -> Result<(), String> {
        for (keyword, wanted) in schema.as_object().unwrap() {
            let right = match keyword.as_str() {
                "$schema" | "$id" | "$defs" | "title" | "description" | "then" | "else" => true,
                "$ref" => {
                    let name = wanted.as_str().unwrap().strip_prefix("#/$defs/").unwrap();
                    self.admits(&self.root["$defs"][name], value, at)?;
                    true
                }
                "if" => {
                    let branch = if self.admits(wanted, value, at).is_ok() { "then" } else { "else" };
                    self.admits(&schema[branch], value, at)?;
                    true
                }
                "type" => match wanted {
                    Value::Array(types) => types.iter().any(|t| has_type(value, t)),
                    one => has_type(value, one),
                },
                "enum" => wanted.as_array().unwrap().contains(value),
                "anyOf" => wanted.as_array().unwrap().iter().any(|s| self.admits(s, value, at).is_ok()),
                "required" => wanted.as_array().unwrap().iter().all(|k| value.get(k.as_str().unwrap()).is_some()),
                "pattern" => value
                    .as_str()
                    .is_some_and(|text| regex::Regex::new(wanted.as_str().unwrap()).unwrap().is_match(text)),
                "minimum" => value.as_u64() >= wanted.as_u64(),
                "maximum" => value.as_u64() <= wanted.as_u64(),
                "minLength" => value.as_str().is_some_and(|text| !text.is_empty()),
                "minItems" => value.as_array().is_some_and(|items| items.len() as u64 >= wanted.as_u64().unwrap()),
                "maxItems" => value.as_array().is_some_and(|items| items.len() as u64 <= wanted.as_u64().unwrap()),
                "minProperties" => value.as_object().is_some_and(|map| !map.is_empty()),
                "items" => {
                    for (i, item) in value.as_array().into_iter().flatten().enumerate() {
                        self.admits(wanted, item, &format!("{at}[{i}]"))?;
                    }
                    true
                }
                "properties" => {
                    for (key, item) in value.as_object().into_iter().flatten() {
                        if let Some(schema) = wanted.get(key) {
                            self.admits(schema, item, &format!("{at}.{key}"))?;
                        }
                    }
                    true
                }
                "additionalProperties" => self.others(schema, wanted, value, at)?,
                other => panic!("the schema uses `{other}`, which this test does not know"),
            };
            if !right {
                return Err(format!("{at}: `{keyword}` {wanted} refuses {value}"));
            }
        }
        Ok(())
    }

    fn others(&self, schema: &Value, wanted: &Value, value: &Value, at: &str) -> Result<bool, String> {
        for (key, item) in value.as_object().into_iter().flatten() {
            let known = schema.get("properties").is_some_and(|p| p.get(key).is_some());
            match wanted {
                Value::Bool(false) if !known => return Err(format!("{at}: no key `{key}`")),
                Value::Object(_) if !known => self.admits(wanted, item, &format!("{at}.{key}"))?,
                _ => {}
            }
        }
        Ok(true)
    }
}

fn has_type(value: &Value, name: &Value) -> bool {
    match name.as_str().unwrap() {
        "string" => value.is_string(),
        "number" => value.is_number(),
        "integer" => value.is_u64() || value.is_i64(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        other => panic!("no type {other}"),
    }
}
