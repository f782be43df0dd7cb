//! Whole sandboxes, kept and brought back.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use jiff::Timestamp;
use serde_json::{Value, json};
use simcore::base::error::Result;
use simcore::simulator::extract::Path;
use simhost::rules::values::check_length;
use simhost::sandbox::Sandbox;

use crate::App;
use crate::answer::{self, absent, bad_request, ended};

fn to_json((id, at): &(String, Timestamp)) -> Value {
    json!({ "id": id, "at": at.to_string() })
}

fn find(sandbox: &Sandbox, id: &str) -> Result<Json<Value>> {
    let snapshots = sandbox.snapshots();
    let snapshot = snapshots.iter().find(|(kept, _)| kept == id).ok_or_else(|| absent("snapshot", id))?;
    Ok(Json(to_json(snapshot)))
}

pub(crate) async fn list(State(app): State<App>, Path(name): Path<String>) -> Result<Json<Value>> {
    Ok(answer::list(app.sandbox(&name)?.snapshots().iter().map(to_json)))
}

pub(crate) async fn show(
    State(app): State<App>,
    Path((name, id)): Path<(String, String)>,
) -> Result<Json<Value>> {
    find(&*app.sandbox(&name)?, &id)
}

/// A snapshot of that id that exists already is replaced.
pub(crate) async fn take(
    State(app): State<App>,
    Path((name, id)): Path<(String, String)>,
) -> Result<(StatusCode, Json<Value>)> {
    let sandbox = app.sandbox(&name)?;
    check_length("id", &id).map_err(bad_request)?;
    let at = sandbox.take_snapshot(&id).await?;
    Ok((StatusCode::CREATED, Json(to_json(&(id, at)))))
}

pub(crate) async fn restore(
    State(app): State<App>,
    Path((name, id)): Path<(String, String)>,
) -> Result<StatusCode> {
    let found = app.sandbox(&name)?.restore(&id).await?;
    ended(found, "snapshot", &id)
}

pub(crate) async fn remove(
    State(app): State<App>,
    Path((name, id)): Path<(String, String)>,
) -> Result<StatusCode> {
    ended(app.sandbox(&name)?.delete_snapshot(&id)?, "snapshot", &id)
}
