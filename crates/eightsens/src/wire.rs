//! Answers as bytes, and the names on the wire where a user has corrected the assumed ones.

use axum::http::StatusCode;
use axum::response::Response;
use serde_json::{Map, Value};
use simcore::Ctx;
use simcore::entity::settings::Settings;
use simcore::simulator::rest::{self, answer_with};

use crate::routes::path_name;

/// An answer with a JSON body; `ids_as_strings` and `field_names` are applied here.
pub(crate) fn json(ctx: &Ctx, status: StatusCode, body: Vec<u8>) -> Response {
    answer_with(status, renamed(&ctx.settings, body))
}

/// 201 with the new record and where it is: the words of `path`, such as `["client", "88"]`.
pub(crate) fn created(ctx: &Ctx, path: &[&str], body: Vec<u8>) -> Response {
    let path: Vec<&str> = ["v1"].iter().chain(path).map(|word| path_name(&ctx.settings, word)).collect();
    rest::created(&format!("{}/{}", ctx.prefix, path.join("/")), renamed(&ctx.settings, body))
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
