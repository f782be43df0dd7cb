//! The contract as an OpenAPI 3.1 document, as generators of clients like it: what several operations say alike is said
//! once, and a call that takes an entity's name in its path is written once for each.

mod expand;
mod lift;

use std::collections::BTreeSet;

use http::StatusCode;
use serde_json::{Map, Value, json};

use super::shape::schema_name;
use super::shared::Shared;
use super::{Answer, Content, Contract, Header, Holds, Operation, Parameter, ParameterLocation, Shape};
use crate::entity::profile::FieldKind;

/// The dialect of the schemas.
const VERSION: &str = "3.1.0";

/// The scheme of calls that give a token for Basic credentials.
const SIGN_IN: &str = "signIn";

impl Contract {
    /// The document; `url` is where the server is, without a path.
    pub fn openapi(&self, title: &str, url: &str) -> Value {
        let operations: Vec<Operation> = self.operations.iter().flat_map(|one| self.expanded(one)).collect();
        let mut document = Document { contract: self, operations: &operations, shared: Shared::default() };
        let mut paths: Map<String, Value> = Map::new();
        for operation in &operations {
            let entry = paths.entry(operation.path.replace("*}", "}")).or_insert_with(|| json!({}));
            entry[operation.method.to_lowercase()] = document.operation(operation);
        }
        let Document { shared, .. } = document;
        let mut components = Map::from_iter([
            ("securitySchemes".to_owned(), self.schemes().into()),
            ("schemas".to_owned(), self.schemas(&operations).into()),
        ]);
        components.extend(shared.into_components());
        json!({
            "openapi": VERSION,
            "info": {
                "title": package(title),
                "version": self.version,
                "description": self.about,
                "license": { "name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0" },
            },
            "servers": [{ "url": url }],
            "security": self.required_schemes(),
            "tags": self.tags(&operations),
            "paths": paths,
            "components": components,
        })
    }

    fn schemes(&self) -> Map<String, Value> {
        let known = self.security.iter().flatten();
        let known = known.map(|scheme| (scheme.name.to_owned(), scheme.openapi.clone()));
        let basic = self.operations.iter().any(asks_basic);
        let basic = basic.then(|| (SIGN_IN.to_owned(), json!({ "type": "http", "scheme": "basic" })));
        known.chain(basic).collect()
    }

    fn required_schemes(&self) -> Value {
        let together = |schemes: &Vec<super::Scheme>| -> Map<String, Value> {
            schemes.iter().map(|scheme| (scheme.name.to_owned(), json!([]))).collect()
        };
        self.security.iter().map(together).map(Value::from).collect()
    }

    /// The headings; one that is named after an entity says what that is.
    fn tags(&self, operations: &[Operation]) -> Vec<Value> {
        let mut seen = BTreeSet::new();
        let tags = operations.iter().map(|operation| operation.tag.as_str());
        tags.filter(|tag| seen.insert(*tag))
            .map(|tag| {
                let entity = |object: &&super::Object| object.record.as_ref().is_some_and(|of| of.0 == tag);
                match self.components.values().find(entity).map(|object| &object.about) {
                    Some(about) if !about.is_empty() => json!({ "name": tag, "description": about }),
                    _ => json!({ "name": tag }),
                }
            })
            .collect()
    }

    /// The components that some operation leads to.
    fn schemas(&self, operations: &[Operation]) -> Map<String, Value> {
        let mut names = BTreeSet::new();
        for operation in operations {
            operation.body.iter().for_each(|content| content.shape.names(self, &mut names));
            let contents = self.answers(operation).filter_map(|answer| answer.content.as_ref());
            contents.for_each(|(_, shape)| shape.names(self, &mut names));
        }
        let used = self.components.iter().filter(|(name, _)| names.contains(name.as_str()));
        let schema = |(name, object): (&String, &super::Object)| {
            (schema_name(name), Shape::Object(object.clone()).schema())
        };
        lift::lifted(used.map(schema).collect())
    }
}

/// A document under way.
struct Document<'a> {
    contract: &'a Contract,
    operations: &'a [Operation],
    shared: Shared,
}

impl Document<'_> {
    fn operation(&mut self, operation: &Operation) -> Value {
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
        let (told, typed): (Vec<_>, Vec<_>) =
            operation.parameters.iter().partition(|one| one.reshapes.is_some());
        if !told.is_empty() {
            let lines = told.iter().map(|one| format!("Beside these it takes `{}`: {}", one.name, one.about));
            shown["description"] = lines.collect::<Vec<_>>().join("\n\n").into();
        }
        if !typed.is_empty() {
            shown["parameters"] = typed.into_iter().map(|one| self.parameter(one)).collect();
        }
        if let Some(content) = &operation.body {
            shown["requestBody"] = self.request_body(content);
        }
        let mut answers: Vec<&Answer> = self.contract.answers(operation).collect();
        answers.sort_by_key(|answer| answer.status);
        let answers = answers.into_iter().map(|answer| (answer.status.to_string(), self.response(answer)));
        shown["responses"] = Value::Object(answers.collect());
        shown
    }

    fn request_body(&self, content: &Content) -> Value {
        let mut body = json!({ "schema": content.shape.schema() });
        let own = (!content.example.is_null()).then(|| content.example.clone());
        if let Some(example) = own.or_else(|| self.contract.example_body(&content.shape)) {
            body["example"] = example;
        }
        let media = content.media.iter().map(|media| ((*media).to_owned(), body.clone()));
        json!({ "required": content.required, "content": Value::Object(media.collect()) })
    }

    /// A parameter; one that stands in several operations is said once, unless it is the key of another record in each.
    fn parameter(&mut self, parameter: &Parameter) -> Value {
        let is_same =
            |other: &&Parameter| other.name == parameter.name && other.location == parameter.location;
        let all = self.operations.iter().flat_map(|operation| &operation.parameters);
        let is_key = parameter.location == ParameterLocation::Path
            && matches!(&parameter.holds, Holds::Value(scalar) if scalar.values.is_empty());
        let is_often = !is_key && all.filter(is_same).count() > 1;
        let shown = written(parameter);
        if is_often { self.shared.refer("parameters", &parameter.name, shown) } else { shown }
    }

    /// An answer; refusals are said once.
    fn response(&mut self, answer: &Answer) -> Value {
        let mut shown = json!({ "description": answer.about, "x-evidence": answer.evidence });
        if !answer.headers.is_empty() {
            let headers = answer.headers.iter().map(|header| (header.name.to_owned(), self::header(header)));
            shown["headers"] = Value::Object(headers.collect());
        }
        if let Some((media, shape)) = &answer.content {
            let mut body = json!({ "schema": shape.schema() });
            match (self.contract.example_of(answer), named(shape)) {
                (Some(example), Some(name)) if answer.status < 300 => {
                    let example = self.shared.refer("examples", &name, json!({ "value": example }));
                    body["examples"] = json!({ "seed": example });
                }
                (Some(example), _) => body["example"] = example,
                (None, _) => {}
            }
            shown["content"] = json!({ *media: body });
        }
        let is_refusal = answer.status >= 400;
        if is_refusal { self.shared.refer("responses", &reason(answer.status), shown) } else { shown }
    }
}

/// A title that generators can call a package: no name of one begins with a digit.
fn package(title: &str) -> String {
    let is_name = title.starts_with(|letter: char| letter.is_alphabetic());
    if is_name { title.to_owned() } else { format!("ERP {title}") }
}

/// Whether a call that gives a token asks for Basic, which no other call takes.
fn asks_basic(operation: &Operation) -> bool {
    operation.sign_in.is_some_and(|sign_in| sign_in.basic.is_some())
}

/// The component that a body is, or is a list of.
fn named(shape: &Shape) -> Option<String> {
    match shape {
        Shape::Named(name) => Some(name.clone()),
        Shape::List(of) => Some(format!("{}List", named(of)?)),
        _ => None,
    }
}

/// A status in words: `NotFound`.
fn reason(status: u16) -> String {
    let known = StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason());
    known.map_or_else(|| format!("Status{status}"), |reason| reason.replace([' ', '-'], ""))
}

fn written(parameter: &Parameter) -> Value {
    let place = match parameter.location {
        ParameterLocation::Path => "path",
        ParameterLocation::Query => "query",
        ParameterLocation::Header => "header",
    };
    let schema = match &parameter.holds {
        Holds::Value(scalar) => Shape::Value(scalar.clone()).schema(),
        Holds::Filter(_) | Holds::Order(_) | Holds::Paths | Holds::Selection => {
            Shape::kind(FieldKind::Text).schema()
        }
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

fn header(header: &Header) -> Value {
    let mut shown = json!({ "description": header.about, "schema": { "type": "string" } });
    if header.is_always {
        shown["required"] = true.into();
    }
    shown
}
