//! The back office: what a person would do inside the ERP and the public API cannot.

use axum::Json;
use axum::extract::State;
use serde_json::{Map, Value, json};
use simcore::base::error::Result;
use simcore::entity::profile::ActionSpec;
use simcore::simulator::extract::Path;

use crate::App;
use crate::answer::{self, Body};

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
        let mut property = parameter.kind.schema();
        property["description"] = parameter.about.as_str().into();
        (name.clone(), property)
    });
    let properties: Map<String, Value> = properties.collect();
    let required =
        spec.parameters.iter().filter(|(_, parameter)| parameter.required).map(|(name, _)| name.as_str());
    let required: Vec<&str> = required.collect();
    json!({ "type": "object", "properties": properties, "required": required, "additionalProperties": false })
}

pub(crate) async fn run(
    State(app): State<App>,
    Path((name, slug, action)): Path<(String, String, String)>,
    body: Body,
) -> Result<Json<Value>> {
    let sandbox = app.sandbox(&name)?;
    let (index, _) = app.server(&slug)?;
    sandbox.act(index, &action, body.json_or_default()?).await.map(Json)
}
