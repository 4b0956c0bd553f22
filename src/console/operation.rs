//! One operation of the JSON API as its document tells it. Each stands beside the handler that answers it; what it asks of
//! who comes is taken from the table of routes.

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde_json::{Map, Value, json};

/// Makes a shape with what else it needs.
type Shaped = fn(&mut SchemaGenerator) -> Schema;

/// The shape of what is asked: what has a default may be left out.
fn request<T: JsonSchema>(_: &mut SchemaGenerator) -> Schema {
    let settings = SchemaSettings::draft2020_12().with(|settings| {
        settings.inline_subschemas = true;
        settings.meta_schema = None;
    });
    let mut schema = settings.for_deserialize().into_generator().into_root_schema_for::<T>();
    schema.remove("title");
    if let Some(properties) = schema.get_mut("properties").and_then(Value::as_object_mut) {
        // Empty is left out: that goes without saying.
        let empty = |value: &mut Value| value.is_null() || value == "";
        properties.values_mut().filter_map(Value::as_object_mut).for_each(|property| {
            if property.get_mut("default").is_some_and(empty) {
                property.shift_remove("default");
            }
        });
    }
    schema
}

/// What a path, a method, an answer look like.
pub(super) struct Operation {
    pub method: &'static str,
    pub path: &'static str,
    summary: &'static str,
    told: &'static str,
    names: Vec<(&'static str, &'static str, Value)>,
    headers: Vec<(&'static str, &'static str)>,
    query: Option<Shaped>,
    body: Option<Shaped>,
    answer: Option<(Shaped, &'static str)>,
    /// What it answers with when it goes well.
    status: u16,
    refusals: Vec<(u16, &'static str, &'static str)>,
}

impl Operation {
    /// An operation that only reads.
    pub fn get(path: &'static str, summary: &'static str) -> Self {
        Self {
            method: "GET",
            path,
            summary,
            told: "",
            names: vec![],
            headers: vec![],
            query: None,
            body: None,
            answer: None,
            status: 200,
            refusals: vec![],
        }
    }

    /// One that changes something.
    pub fn post(path: &'static str, summary: &'static str) -> Self {
        Self { method: "POST", ..Self::get(path, summary) }
    }

    /// What else there is to say.
    pub fn told(self, told: &'static str) -> Self {
        Self { told, ..self }
    }

    /// A name in the path that is a UUID.
    pub fn id(mut self, name: &'static str, told: &'static str) -> Self {
        self.names.push((name, told, json!({ "type": "string", "format": "uuid" })));
        self
    }

    /// A name in the path that somebody gave.
    pub fn name(mut self, name: &'static str, told: &'static str) -> Self {
        self.names.push((name, told, json!({ "type": "string" })));
        self
    }

    /// A header that must be there.
    pub fn header(mut self, name: &'static str, told: &'static str) -> Self {
        self.headers.push((name, told));
        self
    }

    /// The fields of `T` are what the address can ask; none must be there.
    pub fn query<T: JsonSchema>(self) -> Self {
        Self { query: Some(request::<T>), ..self }.refuses(400, "unreadable", "the address asks for what there is not")
    }

    /// The body is a `T`.
    pub fn body<T: JsonSchema>(self) -> Self {
        Self { body: Some(request::<T>), ..self }
    }

    /// It answers with a `T`.
    pub fn answers<T: JsonSchema>(self, told: &'static str) -> Self {
        self.answers_as(SchemaGenerator::subschema_for::<T>, told)
    }

    /// It answers with a shape that is no type.
    pub fn answers_as(self, shaped: Shaped, told: &'static str) -> Self {
        Self { answer: Some((shaped, told)), ..self }
    }

    /// What it answers with is only begun then.
    pub fn accepted(self) -> Self {
        Self { status: 202, ..self }
    }

    /// It may refuse, with this word.
    pub fn refuses(mut self, status: u16, word: &'static str, when: &'static str) -> Self {
        self.refusals.push((status, word, when));
        self
    }

    /// What it is called by programs that are made from the document.
    pub fn called(&self) -> String {
        let path = self.path.trim_start_matches("/api/v1/").replace(['{', '}'], "").replace(['/', '.'], "-");
        format!("{}-{path}", self.method.to_lowercase())
    }

    /// As the document has it, without what the gate asks.
    pub fn written(&self, shapes: &mut SchemaGenerator) -> Map<String, Value> {
        let mut operation = Map::new();
        operation.insert("operationId".into(), json!(self.called()));
        operation.insert("summary".into(), json!(self.summary));
        if !self.told.is_empty() {
            operation.insert("description".into(), json!(self.told));
        }
        let parameters = self.parameters(shapes);
        if !parameters.is_empty() {
            operation.insert("parameters".into(), json!(parameters));
        }
        if let Some(body) = self.body {
            let body = json!({ "required": true, "content": { "application/json": { "schema": body(shapes) } } });
            operation.insert("requestBody".into(), body);
        }
        operation.insert("responses".into(), self.responses(shapes));
        operation
    }

    fn parameters(&self, shapes: &mut SchemaGenerator) -> Vec<Value> {
        let named = |place: &str, name: &str, told: &str, schema: &Value| json!({ "name": name, "in": place, "required": true, "description": told, "schema": schema });
        let text = json!({ "type": "string" });
        let mut parameters: Vec<Value> =
            self.names.iter().map(|(name, told, schema)| named("path", name, told, schema)).collect();
        parameters.extend(self.headers.iter().map(|(name, told)| named("header", name, told, &text)));
        let asked = self.query.map(|query| query(shapes).to_value()).unwrap_or_default();
        for (name, schema) in asked.get("properties").and_then(Value::as_object).into_iter().flatten() {
            let mut schema = schema.clone();
            // An address says nothing, or something: it has no null.
            if let Some(kinds) = schema.get_mut("type").filter(|kinds| kinds.is_array()) {
                *kinds = kinds[0].take();
            }
            let told = schema.as_object_mut().and_then(|schema| schema.remove("description")).unwrap_or_default();
            parameters.push(json!({
                "name": name, "in": "query", "required": false, "description": told, "schema": schema,
            }));
        }
        parameters
    }

    fn responses(&self, shapes: &mut SchemaGenerator) -> Value {
        let mut responses = Map::new();
        match self.answer {
            Some((answer, told)) => {
                let content = json!({ "application/json": { "schema": answer(shapes) } });
                responses.insert(self.status.to_string(), json!({ "description": told, "content": content }));
            }
            None => {
                responses.insert("204".into(), json!({ "description": "It is taken." }));
            }
        }
        let mut refusals: Vec<_> = self.refusals.clone();
        refusals.sort_by_key(|(status, ..)| *status);
        for (status, ..) in &refusals {
            let of_it = refusals.iter().filter(|(other, ..)| other == status);
            let told: Vec<String> = of_it.map(|(_, word, when)| format!("`{word}`: {when}.")).collect();
            let schema = shapes.subschema_for::<super::api::ErrorV1>();
            let content = json!({ "application/json": { "schema": schema } });
            responses.insert(status.to_string(), json!({ "description": told.join(" "), "content": content }));
        }
        Value::Object(responses)
    }
}
