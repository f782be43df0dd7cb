//! A simulator of nothing in particular: the core is tested without a vendor.

use std::sync::Arc;

use crate::sandbox::sandboxes::{Options, Sandboxes, Shared};
use crate::scenario::{Library, Ready, Scenario};
use crate::simulator::{Loaded, Simulator};

const PROFILE: &str = "
settings:
  mood: { kind: text, default: calm, evidence: assumed, about: How it feels. }
entities:
  Thing:
    about: A thing.
    evidence: assumed
    keys: [Id]
    unique: [[Id]]
    fields:
      Id: { kind: integer, required: true, evidence: assumed }
      Price: { kind: decimal, evidence: assumed }
";

pub(crate) const TOY: Simulator =
    Simulator { slug: "toy", title: "A toy", profile: PROFILE, ..Simulator::BASE };

/// The sandboxes of a process that serves the toy alone.
pub(crate) async fn sandboxes(scenario: Scenario) -> Arc<Sandboxes> {
    let servers = vec![Loaded::new(&TOY, None).expect("a good profile")];
    let library = Library::default();
    let initial = Ready::new(scenario, &servers, &library).expect("a good scenario");
    Sandboxes::start(Shared::new(servers, library, Options::default()), initial).await.expect("it starts")
}
