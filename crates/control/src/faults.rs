//! Fault rules in force.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde_json::Value;
use simcore::base::error::{Error, Result};
use simcore::simulator::extract::Path;
use simhost::judge::expectations;
use simhost::rules::fault::{MAX_FAULTS, Rule, RuleState};
use simhost::sandbox::events::Topic;

use crate::answer::{self, Body, absent, ended};
use crate::{App, answer::bad_request};

pub(crate) async fn list(State(app): State<App>, Path(name): Path<String>) -> Result<Json<Value>> {
    let world = app.sandbox(&name)?.world();
    let items: Vec<Value> = world.faults.rules().iter().map(expectations::fault).collect();
    Ok(answer::list(items))
}

/// Answers with the rule as the list shows it.
pub(crate) async fn add(
    State(app): State<App>,
    Path(name): Path<String>,
    body: Body,
) -> Result<(StatusCode, Json<Value>)> {
    let sandbox = app.sandbox(&name)?;
    let rule: Rule = body.json()?;
    rule.check(&app.slugs()).map_err(bad_request)?;
    sandbox.check_fault(&rule).await.map_err(bad_request)?;
    let added = sandbox.update_world(|world| {
        let rules = world.faults.rules();
        if rules.len() >= MAX_FAULTS && !rules.iter().any(|state| state.rule.id == rule.id) {
            let message = format!("a sandbox has {MAX_FAULTS} fault rules at most; delete one first");
            return Err(Error::vendor(StatusCode::CONFLICT, "too_many_faults", message));
        }
        let id = world.faults.add(rule);
        find(world.faults.rules(), &id)
    });
    let shown = added.await?;
    sandbox.tell(Topic::Fault, "added", shown["id"].as_str());
    Ok((StatusCode::CREATED, Json(shown)))
}

fn find(rules: &[RuleState], id: &str) -> Result<Value> {
    let state = rules.iter().find(|state| state.rule.id == id).ok_or_else(|| absent("fault rule", id))?;
    Ok(expectations::fault(state))
}

pub(crate) async fn clear(State(app): State<App>, Path(name): Path<String>) -> Result<StatusCode> {
    let sandbox = app.sandbox(&name)?;
    let cleared = sandbox.update_world(|world| {
        world.faults.clear();
        Ok(())
    });
    cleared.await?;
    sandbox.tell(Topic::Fault, "removed", None);
    Ok(StatusCode::NO_CONTENT)
}

pub(crate) async fn show(
    State(app): State<App>,
    Path((name, id)): Path<(String, String)>,
) -> Result<Json<Value>> {
    find(app.sandbox(&name)?.world().faults.rules(), &id).map(Json)
}

pub(crate) async fn remove(
    State(app): State<App>,
    Path((name, id)): Path<(String, String)>,
) -> Result<StatusCode> {
    let sandbox = app.sandbox(&name)?;
    sandbox.update_world(|world| ended(world.faults.remove(&id), "fault rule", &id)).await?;
    sandbox.tell(Topic::Fault, "removed", Some(&id));
    Ok(StatusCode::NO_CONTENT)
}
