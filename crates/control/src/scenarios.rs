//! Scenarios: those that are known by name, and loading one.

use std::collections::VecDeque;
use std::sync::{Arc, MutexGuard, PoisonError};

use axum::Json;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize, Serializer};
use serde_json::{Value, json};
use simcore::base::error::{Error, Result};
use simcore::simulator::extract::Path;
use simhost::judge::life::{self, LIFE_HEADER};
use simhost::scenario::{Ready, Scenario};

use crate::answer::{self, Body};
use crate::caller::Caller;
use crate::{App, Control, sandboxes};

/// How many scenarios that were sent are kept ready.
const MAX_SENT: usize = 8;

/// `{"name": …}` with that key alone: one of the known.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Named {
    name: String,
}

impl Control {
    /// The scenario known as `name`.
    pub(crate) async fn known(&self, name: &str) -> Result<Arc<Ready>> {
        let cached = self.known.lock().unwrap_or_else(PoisonError::into_inner).get(name).cloned();
        if let Some(ready) = cached {
            return Ok(ready);
        }
        let text =
            self.sandboxes.shared().library.scenario(name).map_err(|why| refuse("unknown_scenario", why))?;
        let ready = self.prepare(text.to_owned()).await?;
        self.known.lock().unwrap_or_else(PoisonError::into_inner).insert(name.to_owned(), ready.clone());
        Ok(ready)
    }

    /// The scenario that `text` means: the name of a known one, or a scenario as YAML or JSON.
    pub(crate) async fn meant(&self, text: &str) -> Result<Arc<Ready>> {
        match serde_saphyr::from_str::<Named>(text) {
            Ok(Named { name }) => self.known(&name).await,
            Err(_) => self.prepare(text.to_owned()).await,
        }
    }

    async fn prepare(&self, text: String) -> Result<Arc<Ready>> {
        let sandboxes = self.sandboxes.clone();
        let sent = self.sent().clone();
        let prepared = tokio::task::spawn_blocking(move || {
            let (shared, initial) = (sandboxes.shared(), sandboxes.initial());
            let scenario = Scenario::parse(&text, &shared.library).ok();
            let is_same = |ready: &&Arc<Ready>| scenario.as_ref() == Some(&ready.scenario);
            match [initial].into_iter().chain(&sent).find(is_same) {
                Some(ready) => Ok(ready.clone()),
                None => Ready::read(&text, None, &shared.servers, &shared.library),
            }
        });
        let ready = prepared.await.map_err(Error::internal)?.map_err(|why| refuse("bad_scenario", why))?;
        let mut sent = self.sent();
        sent.retain(|other| !Arc::ptr_eq(other, &ready));
        sent.push_back(ready.clone());
        if sent.len() > MAX_SENT {
            sent.pop_front();
        }
        Ok(ready)
    }

    fn sent(&self) -> MutexGuard<'_, VecDeque<Arc<Ready>>> {
        self.sent.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn refuse(code: &'static str, why: String) -> Error {
    Error::vendor(StatusCode::BAD_REQUEST, code, why)
}

pub(crate) async fn list(State(app): State<App>) -> Json<Value> {
    let library = &app.sandboxes.shared().library;
    let items = library.scenarios.iter().map(|(name, text)| {
        let description = Scenario::parse(text, library).map(|scenario| scenario.description);
        json!({ "name": name, "description": description.unwrap_or_default() })
    });
    answer::list(items)
}

/// The text of a known scenario, as it was written.
pub(crate) async fn show(State(app): State<App>, Path(name): Path<String>) -> Result<Response> {
    let text = app.sandboxes.shared().library.scenario(&name);
    let text = text.map_err(|why| Error::vendor(StatusCode::NOT_FOUND, "unknown_scenario", why))?;
    Ok(yaml(text.to_owned()))
}

/// The scenario in force, with what it extends laid under it.
pub(crate) async fn in_force(State(app): State<App>, Path(name): Path<String>) -> Result<Response> {
    let ready = app.sandbox(&name)?.scenario();
    Ok(yaml(to_yaml(&ready.scenario)?))
}

/// A scenario as a file would have it.
pub(crate) fn to_yaml(scenario: &Scenario) -> Result<String> {
    yaml_of(&serde_json::to_value(scenario).map_err(Error::internal)?)
}

/// JSON as YAML, numbers as numbers.
///
/// # Errors
/// When it cannot be written.
pub fn yaml_of(value: &Value) -> Result<String> {
    serde_saphyr::to_string(&Plain(value)).map_err(Error::internal)
}

/// JSON whose numbers are numbers for other serializers too: `serde_json`'s own, which lose no digit, are objects there.
struct Plain<'a>(&'a Value);

impl Serialize for Plain<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Value::Number(number) => match (number.as_i64(), number.as_u64(), number.as_f64()) {
                (Some(number), ..) => to.serialize_i64(number),
                (_, Some(number), _) => to.serialize_u64(number),
                (.., Some(float)) if float.to_string() == number.to_string() => to.serialize_f64(float),
                // A text is read as the number that it says.
                _ => to.serialize_str(&number.to_string()),
            },
            Value::Array(items) => to.collect_seq(items.iter().map(Plain)),
            Value::Object(members) => {
                to.collect_map(members.iter().map(|(name, member)| (name, Plain(member))))
            }
            plain => plain.serialize(to),
        }
    }
}

fn yaml(text: String) -> Response {
    ([(CONTENT_TYPE, "application/yaml; charset=utf-8")], text).into_response()
}

/// Loads another scenario into a sandbox, which is made when there is none. The scenario is checked and its databases
/// are built first: a bad one changes nothing.
pub(crate) async fn load(
    State(app): State<App>,
    Path(name): Path<String>,
    Caller(origin): Caller,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<Value>> {
    let ready = app.meant(&body.text()?).await?;
    let sandbox = match app.sandboxes.get(&name) {
        Some(sandbox) => Some(sandbox),
        None if headers.contains_key(LIFE_HEADER) => return Err(life::another()),
        None => match app.sandboxes.create(&name, ready.clone(), None).await {
            Ok(created) => {
                created.was_sent();
                return Ok(Json(sandboxes::to_json(&app, &created, &origin).await));
            }
            // Another request was faster.
            Err(error) if error.status == StatusCode::CONFLICT => app.sandboxes.get(&name),
            Err(error) => return Err(error),
        },
    };
    let sandbox = sandbox.ok_or_else(|| Error::internal("a sandbox went as it came"))?;
    let seed = app.sandboxes.seed(&ready, None);
    sandbox.load(ready, seed).await?;
    Ok(Json(sandboxes::to_json(&app, &sandbox, &origin).await))
}
