//! Simulated time.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};
use simcore::base::clock::{self, Clock};
use simcore::base::duration::Duration;
use simcore::base::error::{Error, Result};
use simcore::simulator::extract::Path;
use simhost::sandbox::events::Topic;

use simhost::rules::step::check_time;

use crate::App;
use crate::answer::{Body, bad_request};

/// What is to become of the clock, in the order in which it is done.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Change {
    #[serde(default, deserialize_with = "clock::read")]
    set: Option<Timestamp>,
    advance: Option<Duration>,
    frozen: Option<bool>,
}

impl Change {
    fn apply(&self, clock: &mut Clock) -> Result<(), String> {
        // Stopped before it is moved, not after: then it shows the very instant that was asked for.
        if self.frozen == Some(true) {
            clock.freeze(true);
        }
        if let Some(at) = self.set {
            clock.set(at)?;
        }
        if let Some(by) = self.advance {
            clock.advance(by.0)?;
        }
        if self.frozen == Some(false) {
            clock.freeze(false);
        }
        Ok(())
    }
}

pub(crate) fn to_json(clock: Clock) -> Value {
    json!({ "now": clock.now().to_string(), "frozen": clock.is_frozen() })
}

pub(crate) async fn show(State(app): State<App>, Path(name): Path<String>) -> Result<Json<Value>> {
    Ok(Json(to_json(app.sandbox(&name)?.world().clock)))
}

pub(crate) async fn change(
    State(app): State<App>,
    Path(name): Path<String>,
    body: Body,
) -> Result<Json<Value>> {
    let sandbox = app.sandbox(&name)?;
    let change: Change = body.json()?;
    if change.set.is_none() && change.advance.is_none() && change.frozen.is_none() {
        return Err(bad_request("the body names none of `set`, `advance` and `frozen`"));
    }
    let ready = sandbox.scenario();
    let changed = sandbox.update_world(|world| {
        // A copy is moved first: all or nothing.
        let mut clock = world.clock;
        change
            .apply(&mut clock)
            .and_then(|()| check_time(&ready.scenario.steps, &world.steps, clock.now(), world.started))
            .map_err(|why| Error::vendor(StatusCode::BAD_REQUEST, "bad_clock", why))?;
        world.clock = clock;
        Ok(())
    });
    changed.await?;
    // What falls due by it has happened before the answer goes out.
    sandbox.play().await;
    sandbox.tell(Topic::Clock, "changed", None);
    Ok(Json(to_json(sandbox.world().clock)))
}
