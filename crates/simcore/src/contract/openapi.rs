//! The contract as an OpenAPI 3.1 document.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::{Answer, Contract, Holds, Operation, Parameter, ParameterLocation};
use crate::entity::profile::FieldKind;

/// The dialect of the schemas.
const VERSION: &str = "3.1.0";

/// The scheme of calls that give a token for Basic credentials.
const SIGN_IN: &str = "signIn";

impl Contract {
    /// The document; `url` is where the server is, without a path.
    pub fn openapi(&self, title: &str, url: &str) -> Value {
        let known = self.security.iter().flatten();
        let known = known.map(|scheme| (scheme.name.to_owned(), scheme.openapi.clone()));
        let basic = self.operations.iter().any(asks_basic);
        let basic = basic.then(|| (SIGN_IN.to_owned(), json!({ "type": "http", "scheme": "basic" })));
        let schemes: Map<String, Value> = known.chain(basic).collect();
        let schemas: Map<String, Value> = self
            .components
            .iter()
            .map(|(name, object)| (name.clone(), super::Shape::Object(object.clone()).schema()))
            .collect();
        let mut paths: Map<String, Value> = Map::new();
        for operation in &self.operations {
            let path = operation.path.replace("*}", "}");
            let entry = paths.entry(path).or_insert_with(|| json!({}));
            entry[operation.method.to_lowercase()] = self.operation(operation);
        }
        let mut seen = BTreeSet::new();
        let tags: Vec<Value> = self
            .operations
            .iter()
            .filter(|operation| seen.insert(operation.tag.as_str()))
            .map(|operation| json!({ "name": operation.tag }))
            .collect();
        json!({
            "openapi": VERSION,
            "info": { "title": title, "version": self.version, "description": self.about },
            "servers": [{ "url": url }],
            "security": self.required_schemes(),
            "tags": tags,
            "paths": paths,
            "components": { "securitySchemes": schemes, "schemas": schemas },
        })
    }

    fn required_schemes(&self) -> Value {
        let together = |schemes: &Vec<super::Scheme>| -> Map<String, Value> {
            schemes.iter().map(|scheme| (scheme.name.to_owned(), json!([]))).collect()
        };
        self.security.iter().map(together).map(Value::from).collect()
    }

    fn operation(&self, operation: &Operation) -> Value {
        let mut shown = json!({
            "operationId": operation.id,
            "tags": [operation.tag],
            "summary": operation.about,
            "x-evidence": operation.evidence,
        });
        if asks_basic(operation) {
            shown["security"] = json!([{ SIGN_IN: [] }]);
        } else if operation.is_open {
            shown["security"] = json!([]);
        }
        if !operation.parameters.is_empty() {
            shown["parameters"] = operation.parameters.iter().map(parameter).collect();
        }
        if let Some(content) = &operation.body {
            let mut body = json!({ "schema": content.shape.schema() });
            if !content.example.is_null() {
                body["example"] = content.example.clone();
            }
            let media: Map<String, Value> =
                content.media.iter().map(|media| ((*media).to_owned(), body.clone())).collect();
            shown["requestBody"] = json!({ "required": content.required, "content": media });
        }
        let answers = self.answers(operation);
        shown["responses"] = answers.map(|answer| (answer.status.to_string(), response(answer))).collect();
        shown
    }
}

/// Whether a call that gives a token asks for Basic, which no other call takes.
fn asks_basic(operation: &Operation) -> bool {
    operation.sign_in.is_some_and(|sign_in| sign_in.basic.is_some())
}

fn parameter(parameter: &Parameter) -> Value {
    let place = match parameter.location {
        ParameterLocation::Path => "path",
        ParameterLocation::Query => "query",
        ParameterLocation::Header => "header",
    };
    let schema = match &parameter.holds {
        Holds::Value(scalar) => super::Shape::Value(scalar.clone()).schema(),
        Holds::Filter(_) | Holds::Order(_) | Holds::Paths => super::Shape::kind(FieldKind::Text).schema(),
    };
    let mut shown = json!({
        "name": parameter.name,
        "in": place,
        "required": parameter.required,
        "schema": schema,
        "x-evidence": parameter.evidence,
    });
    if !parameter.about.is_empty() {
        shown["description"] = parameter.about.as_ref().into();
    }
    if !parameter.example.is_null() {
        shown["example"] = parameter.example.clone();
    }
    shown
}

fn response(answer: &Answer) -> Value {
    let mut shown = json!({ "description": answer.about, "x-evidence": answer.evidence });
    if let Some((media, shape)) = &answer.content {
        shown["content"] = json!({ *media: { "schema": shape.schema() } });
    }
    if !answer.headers.is_empty() {
        let header = |(name, about): &(&str, &str)| {
            (
                (*name).to_owned(),
                json!({ "description": about, "required": true, "schema": { "type": "string" } }),
            )
        };
        shown["headers"] = Value::Object(answer.headers.iter().map(header).collect());
    }
    shown
}
