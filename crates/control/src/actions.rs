//! The back office: what a person would do inside the ERP and the public API cannot.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde_json::{Map, Value, json};
use simcore::error::{Error, Result};
use simcore::extract::Path;
use simcore::profile::{ActionSpec, Kind};
use simcore::scenario::unknown;
use simcore::validate::normalise;

use crate::answer::{self, Body};
use crate::{App, sandboxes};

pub(crate) async fn list(State(app): State<App>, Path(name): Path<String>) -> Result<Json<Value>> {
    app.sandbox(&name)?;
    let servers = app.sandboxes.shared().servers.iter();
    let items = servers.flat_map(|server| {
        server.model.profile.actions.iter().map(|(action, spec)| {
            json!({
                "server": server.sim.slug,
                "action": action,
                "description": spec.about,
                "parameters": schema(spec),
            })
        })
    });
    Ok(answer::list(items))
}

/// The parameters of an action as JSON Schema.
fn schema(spec: &ActionSpec) -> Value {
    let properties = spec.parameters.iter().map(|(name, parameter)| {
        let mut property = match parameter.kind {
            Kind::Text => json!({ "type": "string" }),
            Kind::Integer => json!({ "type": "integer" }),
            Kind::Decimal => json!({ "type": "number" }),
            Kind::Boolean => json!({ "type": "boolean" }),
            Kind::Date => json!({ "type": "string", "format": "date" }),
            // Without a zone it is not what JSON Schema calls a date-time.
            Kind::DateTime => json!({ "type": "string", "examples": ["2026-03-02T08:00:00"] }),
            Kind::Binary => json!({ "type": "string", "contentEncoding": "base64" }),
            Kind::Object => json!({ "type": "object" }),
            Kind::List => json!({ "type": "array" }),
        };
        property["description"] = parameter.about.as_str().into();
        (name.clone(), property)
    });
    let properties: Map<String, Value> = properties.collect();
    let required =
        spec.parameters.iter().filter(|(_, parameter)| parameter.required).map(|(name, _)| name.as_str());
    let required: Vec<&str> = required.collect();
    json!({ "type": "object", "properties": properties, "required": required, "additionalProperties": false })
}

/// The parameters as the action takes them; null is as good as absent.
///
/// # Errors
/// 400 with every parameter that is wrong.
fn checked(spec: &ActionSpec, given: Map<String, Value>) -> Result<Map<String, Value>> {
    let refusal =
        Error::vendor(StatusCode::BAD_REQUEST, "invalid_parameters", "the action does not take this");
    let (mut error, mut parameters) = (refusal, Map::new());
    for (name, value) in given {
        match spec.parameters.get(&name) {
            None => {
                let message = unknown("parameter", &name, spec.parameters.keys().map(String::as_str));
                error = error.detail(name, message);
            }
            Some(_) if value.is_null() => {}
            Some(parameter) => match normalise(parameter.kind, value) {
                Some(value) => drop(parameters.insert(name, value)),
                None => error = error.detail(name, format!("must be of kind {}", parameter.kind.name())),
            },
        }
    }
    for (name, parameter) in &spec.parameters {
        let is_known_wrong = error.details.iter().any(|detail| detail.field == *name);
        if parameter.required && !parameters.contains_key(name) && !is_known_wrong {
            error = error.detail(name, "is missing");
        }
    }
    if error.details.is_empty() { Ok(parameters) } else { Err(error) }
}

pub(crate) async fn run(
    State(app): State<App>,
    Path((name, slug, action)): Path<(String, String, String)>,
    body: Body,
) -> Result<Json<Value>> {
    let sandbox = app.sandbox(&name)?;
    let (index, server) = app.server(&slug)?;
    let actions = &server.model.profile.actions;
    let work = server.sim.back_office.iter().find(|(known, _)| *known == action).map(|(_, work)| work);
    let (Some(spec), Some(work)) = (actions.get(&action), work) else {
        let message = unknown("action", &action, actions.keys().map(String::as_str));
        return Err(Error::vendor(StatusCode::NOT_FOUND, "unknown_action", message));
    };
    let parameters = checked(spec, body.json_or_default()?)?;
    let ctx = sandbox.ctx(index, sandboxes::prefix(&sandbox).into()).await?;
    ctx.write(|db| work(&ctx, db, &parameters)).await.map(Json)
}
