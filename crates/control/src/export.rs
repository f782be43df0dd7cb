//! A sandbox as files would hold it: a scenario, and sets of seed data.

use axum::Json;
use axum::extract::State;
use serde_json::{Map, Value, json};
use simcore::Db;
use simcore::base::error::Result;
use simcore::simulator::data;
use simcore::simulator::extract::Path;
use simhost::scenario::{ClockStart, Server};

use crate::App;
use crate::scenarios::to_yaml;

/// The scenario in force (YAML) starts where the clock is now, with the switches as they are and with a set of the
/// sandbox's name for each server; faults, steps and expectations are the scenario's own.
pub(crate) async fn show(State(app): State<App>, Path(name): Path<String>) -> Result<Json<Value>> {
    let sandbox = app.sandbox(&name)?;
    let (mut scenario, clock) = (sandbox.scenario().scenario.clone(), sandbox.world().clock);
    let mut sets = Map::new();
    for (index, server) in app.sandboxes.shared().servers.iter().enumerate() {
        let (slug, own) = (server.sim.slug.to_owned(), server.clone());
        let settings = sandbox.store(index).await?.settings().all_given().clone();
        let start = Server { settings, data: Some(name.clone()), ..Server::default() };
        scenario.servers.insert(slug.clone(), start);
        // Large tables are read beside the runtime.
        let ctx = sandbox.ctx(index, sandbox.prefix()).await?;
        let entities = ctx.write_long(move |db: &Db<'_>| data::everything(&own, db)).await?;
        sets.insert(slug, Value::Object(entities));
    }
    scenario.name = name;
    scenario.extends = None;
    scenario.clock = Some(ClockStart { start: Some(clock.now()), frozen: clock.is_frozen() });
    Ok(Json(json!({ "scenario": to_yaml(&scenario)?, "data": sets })))
}
