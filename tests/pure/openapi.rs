//! The document of the JSON API, as it is published. What changes in it changes for those who build on it: look at the
//! difference before it is taken. What a walk looks like stands in `walk_v1_schema`, and is left out here.

use serde_json::{Map, Value};

/// One line each: what is asked, what is answered, every field of every shape.
fn lines(api: &Value) -> String {
    let mut lines = vec![api["info"]["description"].as_str().unwrap().to_owned()];
    for (path, at) in api["paths"].as_object().unwrap() {
        for (method, operation) in at.as_object().unwrap() {
            lines.push(format!("\n{} {path}", method.to_uppercase()));
            lines.extend(fields(operation, &["parameters", "responses"]));
            lines.extend(operation["parameters"].as_array().into_iter().flatten().map(|one| format!("  asks {one}")));
            let responses = operation["responses"].as_object().unwrap();
            lines.extend(responses.iter().map(|(status, response)| format!("  {status} {response}")));
        }
    }
    lines.push("\nSECURITY".to_owned());
    lines.extend(fields(&api["components"]["securitySchemes"], &[]));
    for (name, shape) in api["components"]["schemas"].as_object().unwrap() {
        lines.push(format!("\nSHAPE {name}"));
        lines.extend(fields(shape, &["properties"]));
        let properties = shape.get("properties").and_then(Value::as_object).into_iter().flatten();
        lines.extend(properties.map(|(name, field)| format!("  .{name} {field}")));
    }
    lines.join("\n")
}

fn fields(of: &Value, but: &[&str]) -> Vec<String> {
    let all = of.as_object().unwrap().iter().filter(|(name, _)| !but.contains(&name.as_str()));
    all.map(|(name, value)| format!("  {name} {value}")).collect()
}

#[test]
fn the_document() {
    let text = gengfu::console::document();
    let mut api: Value = serde_json::from_str(text).unwrap();
    assert_eq!(serde_json::to_string_pretty(&api).unwrap(), text, "one key twice");
    assert_eq!(api["openapi"], "3.1.0");
    let walk: Value = serde_json::from_str(&gengfu::walk::v1::schema()).unwrap();
    let shapes: &mut Map<String, Value> = api["components"]["schemas"].as_object_mut().unwrap();
    for name in walk["$defs"].as_object().unwrap().keys().map(String::as_str).chain(["WalkV1"]) {
        assert!(shapes.shift_remove(name).is_some(), "{name}");
    }
    insta::assert_snapshot!(lines(&api));
}
