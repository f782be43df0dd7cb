//! Answers as bytes, and the names on the wire where a user has corrected the assumed ones.

use axum::http::StatusCode;
use axum::http::header::{CONTENT_TYPE, HeaderValue, LOCATION};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value};
use simcore::entity::settings::Settings;
use simcore::{Ctx, Result};

use crate::error;

/// An answer with a JSON body; `ids_as_strings` and `field_names` are applied here.
pub(crate) fn json(ctx: &Ctx, status: StatusCode, body: Vec<u8>) -> Response {
    plain_json(status, renamed(&ctx.settings, body))
}

/// An answer with a JSON body as it is.
pub(crate) fn plain_json(status: StatusCode, body: Vec<u8>) -> Response {
    (status, [(CONTENT_TYPE, "application/json; charset=utf-8")], body).into_response()
}

/// 201 with the new record and where it is: the words of `path`, such as `["client", "88"]`.
pub(crate) fn created(ctx: &Ctx, path: &[&str], body: Vec<u8>) -> Response {
    let mut response = json(ctx, StatusCode::CREATED, body);
    let names = ctx.settings.value("path_names");
    let wire = |word: &str| names[word].as_str().unwrap_or(word).to_owned();
    let path: Vec<String> = ["v1"].iter().chain(path).map(|word| wire(word)).collect();
    if let Ok(location) = HeaderValue::from_str(&format!("{}/{}", ctx.prefix, path.join("/"))) {
        response.headers_mut().insert(LOCATION, location);
    }
    response
}

/// The path that the routes know for one that a client wrote: without a slash at its end, each segment in the
/// simulator's own word.
///
/// # Errors
/// 404 when a segment has another name on the wire.
pub(crate) fn canonical_path(ctx: &Ctx, path: &str) -> Result<String> {
    let names = ctx.settings.value("path_names").as_object();
    let aliases = ctx.settings.value("path_aliases").as_object().filter(|_| !ctx.strict);
    let path = path.strip_suffix('/').unwrap_or(path);
    let mut canonical = String::with_capacity(path.len());
    for segment in path.split('/').skip(1) {
        // What follows is a code, whatever it reads.
        if canonical.ends_with("/code") {
            canonical.push('/');
            canonical.push_str(segment);
            continue;
        }
        let own = aliases.and_then(|aliases| aliases.get(segment)).and_then(Value::as_str).unwrap_or(segment);
        let known = names.into_iter().flatten().find(|(_, wire)| *wire == own);
        if known.is_none() && names.is_some_and(|names| names.contains_key(own)) {
            return Err(error::no_route());
        }
        canonical.push('/');
        canonical.push_str(known.map_or(own, |(word, _)| word.as_str()));
    }
    Ok(canonical)
}

/// The simulator's own name of a field or query parameter that a client wrote.
pub(crate) fn own_name<'a>(settings: &'a Settings, name: &'a str) -> &'a str {
    let names = settings.value("field_names").as_object();
    let known = names.into_iter().flatten().find(|(_, wire)| *wire == name);
    known.map_or(name, |(own, _)| own.as_str())
}

/// The wire's name of a field.
pub(crate) fn name<'a>(settings: &'a Settings, own: &'a str) -> &'a str {
    settings.value("field_names")[own].as_str().unwrap_or(own)
}

/// The names of every object in a body, as the simulator knows them.
pub(crate) fn own_names(settings: &Settings, body: Map<String, Value>) -> Map<String, Value> {
    if settings.value("field_names").as_object().is_none_or(Map::is_empty) {
        return body;
    }
    let own = |value: Value| match value {
        Value::Object(inner) => Value::Object(own_names(settings, inner)),
        Value::Array(items) => items
            .into_iter()
            .map(|item| match item {
                Value::Object(inner) => Value::Object(own_names(settings, inner)),
                item => item,
            })
            .collect(),
        value => value,
    };
    body.into_iter().map(|(name, value)| (own_name(settings, &name).to_owned(), own(value))).collect()
}

fn renamed(settings: &Settings, body: Vec<u8>) -> Vec<u8> {
    let names = settings.value("field_names").as_object().filter(|names| !names.is_empty());
    let texts = settings.flag("ids_as_strings");
    if names.is_none() && !texts {
        return body;
    }
    match serde_json::from_slice(&body) {
        Ok(tree) => shown(names, texts, tree).to_string().into_bytes(),
        Err(_) => body,
    }
}

fn shown(names: Option<&Map<String, Value>>, texts: bool, value: Value) -> Value {
    match value {
        Value::Array(items) => items.into_iter().map(|item| shown(names, texts, item)).collect(),
        Value::Object(members) => Value::Object(
            members
                .into_iter()
                .map(|(name, member)| {
                    let member = match member {
                        Value::Number(id) if texts && name.ends_with("ID") => id.to_string().into(),
                        member => shown(names, texts, member),
                    };
                    let wire = names.and_then(|names| names.get(&name)).and_then(Value::as_str);
                    (wire.map_or(name.clone(), str::to_owned), member)
                })
                .collect(),
        ),
        value => value,
    }
}
