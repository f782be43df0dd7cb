//! Switches of a server, at run time.

use axum::Json;
use axum::extract::State;
use serde_json::{Map, Value};
use simcore::base::error::Result;
use simcore::base::map::IndexMap;
use simcore::entity::settings::Settings;
use simcore::simulator::Loaded;
use simcore::simulator::extract::Path;

use crate::App;
use crate::answer::{Body, bad_request};

/// Every switch of `server` by name, as it stands; of an object what was not given is the default's.
fn effective(server: &Loaded, settings: &Settings) -> Value {
    let names = server.model.profile.settings.keys();
    names.map(|name| (name.clone(), whole(settings, name))).collect::<Map<_, _>>().into()
}

fn whole(settings: &Settings, name: &str) -> Value {
    match (settings.default(name), settings.value(name)) {
        (Some(Value::Object(default)), Value::Object(given)) => over(default, given),
        (_, value) => value.clone(),
    }
}

fn over(base: &Map<String, Value>, given: &Map<String, Value>) -> Value {
    let mut whole = base.clone();
    whole.extend(given.clone());
    Value::Object(whole)
}

pub(crate) async fn show(
    State(app): State<App>,
    Path((name, slug)): Path<(String, String)>,
) -> Result<Json<Value>> {
    let sandbox = app.sandbox(&name)?;
    let (index, server) = app.server(&slug)?;
    let store = sandbox.store(index).await?;
    Ok(Json(effective(server, &store.settings())))
}

/// Changes the switches that the body names, all or none: null brings the default back, members of an object are laid
/// over those it has. Answers with every switch, as [`show`] does.
pub(crate) async fn change(
    State(app): State<App>,
    Path((name, slug)): Path<(String, String)>,
    body: Body,
) -> Result<Json<Value>> {
    let sandbox = app.sandbox(&name)?;
    let (index, server) = app.server(&slug)?;
    let store = sandbox.store(index).await?;
    let now = store.settings();
    let changes: IndexMap<String, Value> = body.json()?;
    let laid = changes.into_iter().map(|(name, value)| {
        let value = match (value, server.model.profile.settings.contains_key(&name)) {
            (Value::Null, true) => now.default(&name).cloned().unwrap_or_default(),
            (Value::Object(given), true) => match whole(&now, &name) {
                Value::Object(base) => over(&base, &given),
                _ => Value::Object(given),
            },
            (value, _) => value,
        };
        (name, value)
    });
    let laid: IndexMap<String, Value> = laid.collect();
    server.check_settings(&laid).map_err(bad_request)?;
    store.change_settings(&laid).await?;
    Ok(Json(effective(server, &store.settings())))
}
