//! The secrets that a sandbox knows before any client has said one.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::Sandbox;
use crate::journal::mask::{Known, forms};
use crate::journal::placeholders::Placeholders;
use crate::scenario::{Ready, Scenario};
use crate::simulator::Loaded;

/// Changes up to here are looked at for secrets: settings and rules are, a thousand records are not.
const MAX_CHANGE: usize = 64 << 10;

/// What a sandbox of this scenario begins with.
pub(super) fn known(ready: &Ready, servers: &[Loaded]) -> Arc<Known> {
    let known = Known::default();
    known.give(given(ready, servers));
    Arc::new(known)
}

/// The secrets of a scenario and of the profiles that are laid over.
pub(super) fn given(ready: &Ready, servers: &[Loaded]) -> Arc<[String]> {
    let look = || {
        let overlays = servers.iter().filter_map(|server| server.overlay.as_deref());
        let overlays: Vec<Value> =
            overlays.filter_map(|overlay| serde_saphyr::from_str(overlay).ok()).collect();
        let mut told = json!({ "scenario": said(&ready.scenario), "profiles": overlays });
        let mut found = Placeholders::default();
        found.json(&mut told, &names(servers));
        forms(found.all().map(|(secret, _)| secret.to_owned())).into()
    };
    ready.secrets.get_or_init(look).clone()
}

/// What of a scenario may hold secrets: all but its records, of which there may be a great many.
fn said(scenario: &Scenario) -> Value {
    let settings = scenario.servers.iter().map(|(slug, server)| (slug.clone(), json!(server.settings)));
    json!({
        "settings": settings.collect::<Map<_, _>>(),
        "faults": scenario.faults,
        "steps": scenario.steps,
        "expect": scenario.expect,
        "states": scenario.states,
    })
}

fn names(servers: &[Loaded]) -> Vec<&'static str> {
    servers.iter().flat_map(|server| server.sim.secrets).copied().collect()
}

impl Sandbox {
    /// The secrets of a call of control's.
    pub(super) fn meet_change(&self, path: &str, body: &[u8]) {
        let names = names(&self.shared.servers);
        self.known.meet_text(path, &names);
        if let Ok(text) = str::from_utf8(body)
            && body.len() <= MAX_CHANGE
        {
            self.known.meet_text(text, &names);
        }
    }
}
