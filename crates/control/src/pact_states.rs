//! What Pact's verifier calls before and after an interaction.

use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use simcore::base::diagnostics::unknown;
use simcore::base::error::{Error, Result};
use simcore::simulator::extract::Path;

use crate::App;
use crate::answer::Body;

/// A change of state, as Pact words it. What else it sends (the consumer, parameters) says nothing here.
#[derive(Deserialize)]
struct Change {
    state: String,
    #[serde(default)]
    action: Action,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Action {
    #[default]
    Setup,
    Teardown,
}

/// A state is a key under `states` of the scenario in force, or of the one that sandboxes start from, whose steps are
/// done; or the name of a known scenario, which is loaded. Its teardown brings the sandbox back to a fresh start: of
/// the scenario in force, or of the usual one where the state had loaded another. No state (`""`) is no change.
pub(crate) async fn change(
    State(app): State<App>,
    Path(name): Path<String>,
    body: Body,
) -> Result<StatusCode> {
    let sandbox = app.sandbox(&name)?;
    let Change { state, action } = body.json()?;
    let (in_force, initial) = (sandbox.scenario(), app.sandboxes.initial().clone());
    let steps =
        [&in_force, &initial].into_iter().find_map(|ready| ready.scenario.states.get(&state)).cloned();
    let is_known = app.sandboxes.shared().library.scenarios.contains_key(state.as_str());
    if !state.is_empty() && steps.is_none() && !is_known {
        let states =
            in_force.scenario.states.keys().chain(initial.scenario.states.keys()).map(String::as_str);
        let known = states.chain(app.sandboxes.shared().library.scenarios.keys().map(String::as_str));
        let why = unknown("state", &state, known);
        return Err(Error::vendor(StatusCode::BAD_REQUEST, "unknown_state", why));
    }
    match (action, steps) {
        (Action::Setup, _) if state.is_empty() => {}
        (Action::Setup, Some(steps)) => sandbox.enact(&steps).await?,
        (Action::Setup, None) => {
            let ready = app.known(&state).await?;
            let seed = app.sandboxes.seed(&ready, None);
            sandbox.load(ready, seed).await?;
        }
        (Action::Teardown, None) if in_force.scenario.name == state && !state.is_empty() => {
            let seed = app.sandboxes.seed(&initial, None);
            sandbox.load(initial, seed).await?;
        }
        (Action::Teardown, _) => sandbox.reset().await?,
    }
    Ok(StatusCode::NO_CONTENT)
}
