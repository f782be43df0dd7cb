//! What happened.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde_json::{Value, json};
use simcore::base::diagnostics::unknown;
use simcore::base::error::Result;
use simcore::simulator::extract::{Path, Query};
use simhost::journal::har;
use simhost::journal::{Entry, Filter, Kept};
use simhost::sandbox::Sandbox;
use simhost::server::why;

use crate::App;
use crate::answer::{absent, bad_request};

/// How many entries an answer shows unless `limit` says otherwise.
pub const DEFAULT_LIMIT: usize = 1000;

/// The parameters of the query; `limit` comes last, where there is something to limit.
const PARAMETERS: [&str; 6] = ["server", "method", "path", "status", "since", "limit"];

/// Whether a list shows headers and bodies.
const BODIES: &str = "bodies";

/// The filter that the query describes, and its limit.
pub(crate) fn wanted(app: &App, query: Query, parameters: &[&str]) -> Result<(Filter, Option<usize>)> {
    let (mut filter, mut limit) = (Filter::default(), None);
    for (name, value) in query.0 {
        if !parameters.contains(&name.as_str()) {
            return Err(bad_request(unknown("parameter", &name, parameters.iter().copied())));
        }
        match name.as_str() {
            "server" if !app.slugs().contains(&value.as_str()) => {
                return Err(bad_request(unknown("server", &value, app.slugs().into_iter())));
            }
            "server" => filter.server = Some(value),
            "method" => filter.method = Some(value),
            "path" => filter.path = Some(value),
            "status" => filter.status = Some(number(&name, &value)?),
            "since" => filter.since = Some(number(&name, &value)?),
            _ => limit = Some(number(&name, &value)?),
        }
    }
    Ok((filter, limit))
}

pub(crate) fn number<T: std::str::FromStr>(name: &str, value: &str) -> Result<T> {
    value.parse().map_err(|_| bad_request(format!("`{name}` is a whole number, not `{value}`")))
}

/// What a query found.
struct Found {
    sandbox: Arc<Sandbox>,
    /// The newest, oldest first.
    entries: Vec<Arc<Kept>>,
    /// How many the filter means, whatever the limit.
    total: usize,
    dropped: u64,
}

fn find(app: &App, name: &str, query: Query, default_limit: usize) -> Result<Found> {
    let sandbox = app.sandbox(name)?;
    let (filter, limit) = wanted(app, query, &PARAMETERS)?;
    let (mut entries, dropped) = sandbox.journal(|journal| (journal.find(&filter), journal.dropped()));
    let total = entries.len();
    entries.drain(..total.saturating_sub(limit.unwrap_or(default_limit)));
    Ok(Found { sandbox, entries, total, dropped })
}

/// The newest entries, oldest first; without headers and bodies when `bodies=false`.
pub(crate) async fn list(
    State(app): State<App>,
    Path(name): Path<String>,
    mut query: Query,
) -> Result<Json<Value>> {
    let bodies = match query.get(BODIES) {
        None | Some("true") => true,
        Some("false") => false,
        Some(other) => return Err(bad_request(format!("`{BODIES}` is true or false, not `{other}`"))),
    };
    query.0.retain(|(name, _)| name != BODIES);
    let found = find(&app, &name, query, DEFAULT_LIMIT)?;
    let mut shown = json!({ "entries": null, "total": found.total, "dropped": found.dropped });
    let show = |kept: &Arc<Kept>| {
        let entry = kept.open();
        if bodies { entry.to_json() } else { entry.summary() }
    };
    shown["entries"] = found.entries.iter().map(show).collect();
    Ok(Json(shown))
}

/// The entry of that id.
fn entry(sandbox: &Sandbox, id: &str) -> Result<Entry> {
    let wanted: u64 = number("id", id)?;
    sandbox.journal(|journal| journal.get(wanted)).ok_or_else(|| absent("journal entry", id))
}

/// One entry.
pub(crate) async fn show(
    State(app): State<App>,
    Path((name, id)): Path<(String, String)>,
) -> Result<Json<Value>> {
    let entry = entry(&*app.sandbox(&name)?, &id)?;
    Ok(Json(entry.to_json()))
}

/// Why it was answered so.
pub(crate) async fn why(
    State(app): State<App>,
    Path((name, id)): Path<(String, String)>,
) -> Result<Json<Value>> {
    let sandbox = app.sandbox(&name)?;
    let entry = entry(&sandbox, &id)?;
    let told = why::why(&sandbox, &entry).await;
    told.map(Json).ok_or_else(|| absent("server", entry.server))
}

/// As an HTTP Archive: all there is, unless `limit` says otherwise.
pub(crate) async fn archive(
    State(app): State<App>,
    Path(name): Path<String>,
    query: Query,
) -> Result<Json<Value>> {
    let found = find(&app, &name, query, usize::MAX)?;
    let prefix = found.sandbox.prefix();
    Ok(Json(har::archive(found.entries.iter().map(|kept| kept.open()), |slug| {
        let server = app.servers.iter().find(|server| server.slug == slug);
        format!("{}{prefix}", server.map(|server| server.url.as_str()).unwrap_or_default())
    })))
}

/// Empties it, or removes what the filter means. A limit is refused: it would not say which entries stay.
pub(crate) async fn clear(
    State(app): State<App>,
    Path(name): Path<String>,
    query: Query,
) -> Result<StatusCode> {
    let sandbox = app.sandbox(&name)?;
    let (filter, _) = wanted(&app, query, &PARAMETERS[..5])?;
    sandbox.journal(|journal| journal.remove(&filter));
    Ok(StatusCode::NO_CONTENT)
}
