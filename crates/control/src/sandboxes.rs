//! Sandboxes: list, create, look, remove, reset.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};
use simcore::base::error::{Error, Result};
use simcore::base::origin::Origin;
use simcore::simulator::extract::Path;
use simhost::rules::fail_on::FailOn;
use simhost::sandbox::Sandbox;
use simhost::sandbox::sandboxes::DEFAULT;
use simhost::scenario::{ClockStart, Ready};

use crate::answer::{self, Body, bad_request};
use crate::caller::Caller;
use crate::{App, clock};

/// What a new sandbox is asked to be.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Wish {
    name: Option<String>,
    /// A known name or a whole scenario, also as YAML in a text of several lines; the one given to `serve` without it.
    scenario: Value,
    seed: Option<u64>,
    /// Where its clock starts, also in the past; where the scenario says without it.
    clock: Option<ClockStart>,
    /// What makes it fail; beats the scenario's and the command's.
    fail_on: Option<FailOn>,
}

/// A sandbox as users see it. A server is `created` once something has used its database.
pub(crate) async fn to_json(app: &App, sandbox: &Sandbox, origin: &Origin) -> Value {
    let (world, prefix) = (sandbox.world(), sandbox.prefix());
    let opened = sandbox.opened().await;
    let servers = app.servers.iter().zip(opened).map(|(server, created)| {
        let server = server.seen_from(origin);
        let mut shown =
            json!({ "slug": server.slug, "url": format!("{}{prefix}", server.url), "created": created });
        if let Some(url) = server.https_url {
            shown["https_url"] = format!("{url}{prefix}").into();
        }
        shown
    });
    json!({
        "name": sandbox.name,
        "scenario": sandbox.scenario().scenario.name,
        "seed": world.seed,
        "strict": sandbox.is_strict(),
        "started": world.started.to_string(),
        "clock": clock::to_json(world.clock),
        "servers": servers.collect::<Value>(),
    })
}

pub(crate) async fn list(State(app): State<App>, Caller(origin): Caller) -> Json<Value> {
    let mut items = Vec::new();
    for sandbox in app.sandboxes.list() {
        items.push(to_json(&app, &sandbox, &origin).await);
    }
    answer::list(items)
}

pub(crate) async fn create(
    State(app): State<App>,
    Caller(origin): Caller,
    body: Body,
) -> Result<(StatusCode, Json<Value>)> {
    let wish: Wish = body.json_or_default()?;
    let ready = match &wish.scenario {
        Value::Null => app.sandboxes.initial().clone(),
        Value::String(text) if text.contains('\n') => app.meant(text).await?,
        Value::String(name) => app.known(name).await?,
        // Written out line by line, so that a mistake has a place.
        Value::Object(_) => app.meant(&format!("{:#}", wish.scenario)).await?,
        _ => return Err(bad_request("`scenario` is the name of one or a whole one")),
    };
    let ready = match wish.clock {
        Some(clock) => ready.starting(clock),
        None => ready,
    };
    let is_sent = !wish.scenario.is_null();
    let sandbox = match &wish.name {
        Some(name) => app.sandboxes.create(name, ready, wish.seed).await?,
        None => create_unnamed(&app, &ready, wish.seed).await?,
    };
    if is_sent {
        sandbox.was_sent();
    }
    if let Some(fail_on) = wish.fail_on {
        sandbox.fail_on(fail_on);
    }
    Ok((StatusCode::CREATED, Json(to_json(&app, &sandbox, &origin).await)))
}

/// Under the next name that is free; a name is not given twice, so that tests do not meet in one sandbox.
async fn create_unnamed(app: &App, ready: &Arc<Ready>, seed: Option<u64>) -> Result<Arc<Sandbox>> {
    loop {
        let name = format!("sandbox-{}", app.named.fetch_add(1, Ordering::Relaxed) + 1);
        match app.sandboxes.create(&name, ready.clone(), seed).await {
            Err(error) if error.status == StatusCode::CONFLICT => {}
            created => return created,
        }
    }
}

pub(crate) async fn show(
    State(app): State<App>,
    Path(name): Path<String>,
    Caller(origin): Caller,
) -> Result<Json<Value>> {
    let sandbox = app.sandbox(&name)?;
    Ok(Json(to_json(&app, &sandbox, &origin).await))
}

pub(crate) async fn remove(State(app): State<App>, Path(name): Path<String>) -> Result<StatusCode> {
    if name == DEFAULT {
        let message = "the sandbox `default` always exists; reset it instead";
        return Err(Error::vendor(StatusCode::CONFLICT, "default_sandbox", message));
    }
    app.sandbox(&name)?;
    answer::ended(app.sandboxes.remove(&name).await, "sandbox", &name)
}

/// Removes all but `default`. One that goes meanwhile is no harm.
pub(crate) async fn remove_all(State(app): State<App>) -> StatusCode {
    for sandbox in app.sandboxes.list() {
        if sandbox.name != DEFAULT {
            app.sandboxes.remove(&sandbox.name).await;
        }
    }
    StatusCode::NO_CONTENT
}

/// Resets every sandbox there is, one after the other.
pub(crate) async fn reset_all(State(app): State<App>) -> Result<StatusCode> {
    for sandbox in app.sandboxes.list() {
        sandbox.reset().await?;
    }
    Ok(StatusCode::NO_CONTENT)
}

pub(crate) async fn reset(State(app): State<App>, Path(name): Path<String>) -> Result<StatusCode> {
    app.sandbox(&name)?.reset().await?;
    Ok(StatusCode::NO_CONTENT)
}
