//! The back office: what a person would do inside the ERP and the public API cannot.

use axum::http::StatusCode;
use serde_json::{Map, Value};

use crate::base::error::{Error, Result};
use crate::base::mistake::unknown;
use crate::entity::profile::ActionSpec;
use crate::entity::validate::normalise;
use crate::sandbox::Sandbox;
use crate::sandbox::events::Topic;

impl Sandbox {
    /// Runs an action of the simulator at `index`, in one transaction; gives what changed.
    ///
    /// # Errors
    /// 404 for an unknown action, 400 with every parameter that is wrong, or what the action says.
    pub async fn act(&self, index: usize, action: &str, with: Map<String, Value>) -> Result<Value> {
        let server = &self.shared().servers[index];
        let actions = &server.model.profile.actions;
        let work = server.sim.back_office.iter().find(|(known, _)| *known == action).map(|(_, work)| work);
        let (Some(spec), Some(work)) = (actions.get(action), work) else {
            let message = unknown("action", action, actions.keys().map(String::as_str));
            return Err(Error::vendor(StatusCode::NOT_FOUND, "unknown_action", message));
        };
        let parameters = checked(spec, with)?;
        let ctx = self.ctx(index, self.prefix()).await?;
        let changed = ctx.write(|db| work(&ctx, db, &parameters)).await?;
        self.tell(Topic::Action, "ran", Some(&format!("{}/{action}", server.sim.slug)));
        self.tell(Topic::Data, "changed", Some(server.sim.slug));
        Ok(changed)
    }
}

/// The parameters as the action takes them; null is as good as absent.
///
/// # Errors
/// 400 with every parameter that is wrong.
pub(crate) fn checked(spec: &ActionSpec, given: Map<String, Value>) -> Result<Map<String, Value>> {
    let refusal =
        Error::vendor(StatusCode::BAD_REQUEST, "invalid_parameters", "the action does not take this");
    let (mut error, mut parameters) = (refusal, Map::new());
    for (name, value) in given {
        match spec.parameters.get(&name) {
            None => {
                let message = unknown("parameter", &name, spec.parameters.keys().map(String::as_str));
                error = error.detail(name, message);
            }
            Some(_) if value.is_null() => {}
            Some(parameter) => match normalise(parameter.kind, value) {
                Some(value) => drop(parameters.insert(name, value)),
                None => error = error.detail(name, format!("must be of kind {}", parameter.kind.name())),
            },
        }
    }
    for (name, parameter) in &spec.parameters {
        let is_known_wrong = error.details.iter().any(|detail| detail.field == *name);
        if parameter.required && !parameters.contains_key(name) && !is_known_wrong {
            error = error.detail(name, "is missing");
        }
    }
    if error.details.is_empty() { Ok(parameters) } else { Err(error) }
}
