//! The back office: what a person would do inside the ERP and the public API cannot.

use axum::http::StatusCode;
use serde_json::{Map, Value};

use crate::base::diagnostics::unknown;
use crate::base::error::{Error, Result};
use crate::sandbox::Sandbox;
use crate::sandbox::events::Topic;
use crate::simulator::parameters::checked;

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
