//! The document of the control API: equal to the routes, and its schemas to what is answered.

use std::collections::BTreeSet;

use reqwest::Method;
use serde_json::{Value, json};

use super::{call, get};
use crate::support::{App, send};

const VERBS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

/// `GET /sandboxes/{s}`: every call of the document.
fn documented(document: &Value) -> BTreeSet<String> {
    let mut calls = BTreeSet::new();
    for (path, item) in document["paths"].as_object().expect("paths") {
        let verbs = VERBS.iter().filter(|verb| item.get(verb).is_some());
        calls.extend(verbs.map(|verb| format!("{} {path}", verb.to_uppercase())));
    }
    calls
}

/// The same of the router's own text; pages for people are no part of the API.
fn routed() -> BTreeSet<String> {
    let source = include_str!("../../crates/control/src/lib.rs");
    let (outer, inner) = source.split_once("fn inside()").expect("the routes inside a sandbox");
    let mut calls = BTreeSet::new();
    for (prefix, text) in [("", outer), ("/sandboxes/{s}", inner)] {
        for route in text.split(".route(\"").skip(1) {
            let (path, handlers) = route.split_once('"').expect("a path");
            let handlers = handlers.split("\n        .").next().unwrap_or_default();
            let is_page = prefix.is_empty()
                && (path == "/"
                    || ["/console/", "/contracts/", "/assets/"].iter().any(|at| path.starts_with(at)));
            let verbs = VERBS.iter().filter(|verb| !is_page && handlers.contains(&format!("{verb}(")));
            calls.extend(verbs.map(|verb| format!("{} {prefix}{path}", verb.to_uppercase())));
        }
    }
    calls
}

#[test]
fn the_document_names_every_call_and_no_other() {
    let (documented, routed) = (documented(&control::document("/")), routed());
    assert!(routed.len() > 40, "{routed:?}");
    assert_eq!(documented, routed);
}

#[test]
fn every_reference_of_the_document_resolves() {
    fn walk(value: &Value, root: &Value) {
        match value {
            Value::Object(members) => {
                if let Some(target) = members.get("$ref").and_then(Value::as_str) {
                    let found = target.strip_prefix('#').and_then(|pointer| root.pointer(pointer));
                    assert!(found.is_some(), "{target} is nowhere");
                }
                members.values().for_each(|member| walk(member, root));
            }
            Value::Array(items) => items.iter().for_each(|item| walk(item, root)),
            _ => {}
        }
    }
    let document = control::document("/");
    walk(&document, &document);
    let ids: Vec<&Value> = document["paths"]
        .as_object()
        .into_iter()
        .flatten()
        .flat_map(|(_, item)| VERBS.iter().filter_map(|verb| item.get(verb)))
        .map(|operation| &operation["operationId"])
        .collect();
    let different: BTreeSet<String> = ids.iter().map(ToString::to_string).collect();
    assert_eq!(ids.len(), different.len(), "two calls have one operationId: {ids:?}");
}

/// What of `value` is not as `schema` says: types, required members, values; members that it does not name at all.
fn differences(value: &Value, schema: &Value, root: &Value, at: &str, found: &mut Vec<String>) {
    if let Some(target) = schema["$ref"].as_str() {
        let target = root.pointer(&target[1..]).expect("a schema");
        return differences(value, target, root, at, found);
    }
    let is_of = |kind: &str| match kind {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "integer" => value.is_i64() || value.is_u64(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        other => panic!("{at}: the test knows no type {other}"),
    };
    let fits = match &schema["type"] {
        Value::String(kind) => is_of(kind),
        Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).any(is_of),
        _ => true,
    };
    if !fits {
        found.push(format!("{at} is {value}, not {}", schema["type"]));
    }
    if schema["enum"].as_array().is_some_and(|values| !values.contains(value)) {
        found.push(format!("{at} is {value}, none of {}", schema["enum"]));
    }
    for name in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        if value.get(name).is_none() {
            found.push(format!("{at}.{name} is missing"));
        }
    }
    for (index, item) in value.as_array().into_iter().flatten().enumerate() {
        differences(item, &schema["items"], root, &format!("{at}[{index}]"), found);
    }
    for (name, member) in value.as_object().into_iter().flatten() {
        match schema["properties"].get(name) {
            Some(schema) => differences(member, schema, root, &format!("{at}.{name}"), found),
            // A schema without properties describes nothing of what is in it, an open one not all.
            None if schema["properties"].is_object() && schema["additionalProperties"] != true => {
                found.push(format!("{at}.{name} is not described"));
            }
            None => {}
        }
    }
}

/// Calls it, and holds the answer against the document.
async fn held(app: &App, method: Method, path: &str, described: &str, body: Option<Value>) {
    let document = control::document("/");
    let operation = &document["paths"][described][method.as_str().to_lowercase()];
    let responses =
        operation["responses"].as_object().unwrap_or_else(|| panic!("{described} is not described"));
    let (status, response) = responses.iter().next().expect("an answer");
    let answer = call(app, method, path, body, status.parse().expect("a status")).await;
    let schema = &response["content"]["application/json"]["schema"];
    assert!(!schema.is_null(), "{described} has no schema");
    let mut found = Vec::new();
    differences(&answer.json(), schema, &document, described, &mut found);
    assert!(found.is_empty(), "{described}: {found:#?}\n{}", answer.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_are_as_the_document_says() {
    let app = App::start().await;
    let expectation = json!({ "request": { "server": "weavy", "method": "POST", "path": "/v1/Authenticate" }, "times": { "exactly": 1 } });
    let fault =
        json!({ "id": "f", "server": "weavy", "when": { "method": "POST" }, "then": { "status": 500 } });
    held(&app, Method::POST, "/sandboxes", "/sandboxes", Some(json!({ "name": "t1" }))).await;
    let one = "/sandboxes/t1";
    for (path, body) in [("faults", &fault), ("expectations", &expectation), ("verify", &expectation)] {
        let described = format!("/sandboxes/{{s}}/{path}");
        held(&app, Method::POST, &format!("{one}/{path}"), &described, Some(body.clone())).await;
    }
    let login = format!("{}/~t1/v1/Authenticate", app.url("weavy"));
    send(reqwest::Client::new().post(login).json(&json!({ "projectCode": "DEMO" }))).await;
    held(&app, Method::PUT, "/sandboxes/t1/snapshots/s", "/sandboxes/{s}/snapshots/{id}", None).await;
    let patch = Some(json!({ "advance": "PT1M" }));
    held(&app, Method::PATCH, "/sandboxes/t1/clock", "/sandboxes/{s}/clock", patch).await;
    for path in ["/healthz", "/servers", "/scenarios", "/sandboxes", "/report", "/openapi.json"] {
        held(&app, Method::GET, path, path, None).await;
    }
    for path in [
        "",
        "/clock",
        "/faults",
        "/snapshots",
        "/expectations",
        "/report",
        "/journal",
        "/journal.har",
        "/data",
        "/actions",
    ] {
        let described = format!("/sandboxes/{{s}}{path}");
        held(&app, Method::GET, &format!("{one}{path}"), &described, None).await;
    }
    for (path, described) in [
        ("/faults/f", "/faults/{id}"),
        ("/journal/1", "/journal/{id}"),
        ("/expectations/expectation-1", "/expectations/{id}"),
        ("/data/weavy", "/data/{slug}"),
        ("/data/weavy/customer", "/data/{slug}/{entity}"),
        ("/settings/weavy", "/settings/{slug}"),
    ] {
        let described = format!("/sandboxes/{{s}}{described}");
        held(&app, Method::GET, &format!("{one}{path}"), &described, None).await;
    }
    let served = get(&app, "/openapi.json").await;
    assert_eq!(served, control::document("/"));
}
