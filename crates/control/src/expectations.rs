//! Expectations in force: added to a living sandbox, looked at, removed; one judged at once.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde_json::{Value, json};
use simcore::base::error::Result;
use simcore::simulator::extract::Path;
use simhost::rules::expect::Expectation;

use crate::App;
use crate::answer::{self, Body, absent, bad_request, ended};

fn read(value: Value) -> Result<Expectation> {
    serde_json::from_value(value).map_err(|error| bad_request(answer::explain(&error)))
}

pub(crate) async fn list(State(app): State<App>, Path(name): Path<String>) -> Result<Json<Value>> {
    let sandbox = app.sandbox(&name)?;
    sandbox.play().await;
    Ok(answer::list(sandbox.expectations().await))
}

pub(crate) async fn show(
    State(app): State<App>,
    Path((name, id)): Path<(String, String)>,
) -> Result<Json<Value>> {
    let sandbox = app.sandbox(&name)?;
    sandbox.play().await;
    let found = sandbox.expectations().await.into_iter().find(|expectation| expectation["id"] == id.as_str());
    found.map(Json).ok_or_else(|| absent("expectation", &id))
}

/// Adds one or a list, all or none, and answers with their ids.
pub(crate) async fn add(
    State(app): State<App>,
    Path(name): Path<String>,
    body: Body,
) -> Result<(StatusCode, Json<Value>)> {
    let sandbox = app.sandbox(&name)?;
    let added = match body.json()? {
        Value::Array(added) => added.into_iter().map(read).collect::<Result<Vec<_>>>()?,
        one => vec![read(one)?],
    };
    let items = sandbox.expect(added).await?.into_iter().map(|(id, warning)| {
        let mut item = json!({ "id": id });
        if let Some(warning) = warning {
            item["warning"] = warning.into();
        }
        item
    });
    Ok((StatusCode::CREATED, answer::list(items)))
}

pub(crate) async fn remove(
    State(app): State<App>,
    Path((name, id)): Path<(String, String)>,
) -> Result<StatusCode> {
    ended(app.sandbox(&name)?.unexpect(&id).await?, "expectation", &id)
}

/// Judges one expectation over what the journal holds.
pub(crate) async fn verify(
    State(app): State<App>,
    Path(name): Path<String>,
    body: Body,
) -> Result<Json<Value>> {
    let sandbox = app.sandbox(&name)?;
    sandbox.play().await;
    let expectation = read(body.json()?)?;
    sandbox.verify(expectation).await.map(Json)
}
