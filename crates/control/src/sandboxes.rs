//! Sandboxes: list, create, look, remove, reset.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};
use simcore::base::error::{Error, Result};
use simcore::base::origin::Origin;
use simcore::simulator::extract::Path;
use simhost::judge::life::LIFE_HEADER;
use simhost::rules::fail_on::FailOn;
use simhost::sandbox::Sandbox;
use simhost::sandbox::names::{DEFAULT, prefix_of};
use simhost::scenario::{ClockStart, Ready};
use simhost::server::gate::SANDBOX_HEADER;

use crate::answer::{self, Body, bad_request};
use crate::caller::Caller;
use crate::peers::Asker;
use crate::peers::living::{Living, living};
use crate::{App, ServerInfo, clock};

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
        let mut shown = json!({ "slug": server.slug, "url": "", "created": created });
        place(&mut shown, server, &prefix, origin);
        shown
    });
    json!({
        "name": sandbox.name,
        "id": sandbox.id.to_str().unwrap_or_default(),
        "scenario": sandbox.scenario().scenario.name,
        "seed": world.seed,
        "strict": sandbox.is_strict(),
        "started": world.started.to_string(),
        "clock": clock::to_json(world.clock),
        "servers": servers.collect::<Value>(),
    })
}

/// Says where a server of a sandbox is.
fn place(shown: &mut Value, server: &ServerInfo, prefix: &str, origin: &Origin) {
    let server = server.seen_from(origin);
    shown["url"] = format!("{}{prefix}", server.url).into();
    if let Some(url) = server.https_url {
        shown["https_url"] = format!("{url}{prefix}").into();
    }
}

pub(crate) async fn list(
    State(app): State<App>,
    Caller(origin): Caller,
    asker: Asker,
) -> Result<Json<Value>> {
    let mut own = Vec::new();
    let listed = if asker == Asker::Own { Vec::new() } else { app.sandboxes.list() };
    for sandbox in listed {
        own.push(to_json(&app, &sandbox, &origin).await);
    }
    if asker != Asker::Client || app.peers.is_alone() {
        return Ok(answer::list(own));
    }
    let said = app.peers.ask(Method::GET, "/sandboxes").await?;
    let Living { mut items, surplus } = living(own, said.answers);
    for older in surplus {
        match older.peer {
            Some(peer) => app.peers.remove(&peer, &older.name, &older.id).await,
            None => drop(app.sandboxes.remove_life(&older.name, &older.id).await),
        }
    }
    // A peer was asked under its own name, which is no client's business.
    for item in &mut items {
        let prefix = prefix_of(item["name"].as_str().unwrap_or_default());
        for shown in item["servers"].as_array_mut().into_iter().flatten() {
            if let Some(server) = app.servers.iter().find(|server| shown["slug"] == server.slug) {
                place(shown, server, &prefix, &origin);
            }
        }
    }
    let mut list = answer::list(items);
    if !said.unreachable.is_empty() {
        list["unreachable"] = said.unreachable.into();
    }
    Ok(list)
}

pub(crate) async fn create(
    State(app): State<App>,
    Caller(origin): Caller,
    headers: HeaderMap,
    body: Body,
) -> Result<(StatusCode, [(HeaderName, HeaderValue); 1], Json<Value>)> {
    let wish: Wish = body.json_or_default()?;
    let name = name_of(&app, &wish, &headers)?;
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
    let sandbox = match &name {
        Some(name) => {
            let created = app.sandboxes.create(name, ready, wish.seed).await;
            created.map_err(|error| with_id(error, &app, name))?
        }
        None => create_unnamed(&app, &ready, wish.seed).await?,
    };
    if is_sent {
        sandbox.was_sent();
    }
    if let Some(fail_on) = wish.fail_on {
        sandbox.fail_on(fail_on);
    }
    let said = [(LIFE_HEADER, sandbox.id.clone())];
    Ok((StatusCode::CREATED, said, Json(to_json(&app, &sandbox, &origin).await)))
}

/// The name that a new sandbox is to have: of the body, or of the header that a front gives what it spreads by name.
fn name_of(app: &App, wish: &Wish, headers: &HeaderMap) -> Result<Option<String>> {
    let mut given = headers.get_all(SANDBOX_HEADER).iter();
    let given = match (given.next(), given.next()) {
        (Some(_), Some(_)) => return Err(bad_request("the request has two headers `Erpsatz-Sandbox`")),
        (header, _) => header.map(|name| String::from_utf8_lossy(name.as_bytes()).into_owned()),
    };
    match (&wish.name, given) {
        (Some(name), Some(given)) if *name != given => {
            let message = format!("the body names `{name}`, the header Erpsatz-Sandbox `{given}`");
            Err(bad_request(message))
        }
        (None, None) if !app.peers.is_alone() => Err(bad_request(
            "with --peers a new sandbox needs a name, in the body or in the header Erpsatz-Sandbox: a front spreads \
             sandboxes by it",
        )),
        (name, given) => Ok(name.clone().or(given)),
    }
}

/// The refusal of a name that exists is about that sandbox.
fn with_id(error: Error, app: &App, name: &str) -> Error {
    match app.sandboxes.get(name) {
        Some(sandbox) => error.header(LIFE_HEADER, sandbox.id.to_str().unwrap_or_default()),
        None => error,
    }
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
pub(crate) async fn remove_all(State(app): State<App>, asker: Asker) -> Result<StatusCode> {
    if asker != Asker::Own {
        for sandbox in app.sandboxes.list() {
            if sandbox.name != DEFAULT {
                app.sandboxes.remove(&sandbox.name).await;
            }
        }
        app.sandboxes.give_back().await;
    }
    everywhere(&app, asker, Method::DELETE, "/sandboxes").await
}

/// Resets every sandbox there is, one after the other.
pub(crate) async fn reset_all(State(app): State<App>, asker: Asker) -> Result<StatusCode> {
    if asker != Asker::Own {
        for sandbox in app.sandboxes.list() {
            sandbox.reset().await?;
        }
    }
    everywhere(&app, asker, Method::POST, "/reset").await
}

/// What has been done here is asked of the peers too, unless one of them has asked for it.
async fn everywhere(app: &App, asker: Asker, method: Method, path: &str) -> Result<StatusCode> {
    if asker == Asker::Client {
        app.peers.ask(method, path).await?;
    }
    Ok(StatusCode::NO_CONTENT)
}

pub(crate) async fn reset(State(app): State<App>, Path(name): Path<String>) -> Result<StatusCode> {
    app.sandbox(&name)?.reset().await?;
    Ok(StatusCode::NO_CONTENT)
}
