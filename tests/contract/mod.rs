//! Checks that every simulator passes, whatever its vendor.

mod dialect;
mod documents;
mod edges;
mod examples;
mod faults;
mod files;
mod journal;
mod kit;
mod lives;
mod samples;
mod sandboxes;
mod schemas;
mod template;
mod violations;

pub(crate) use files::tables;

use erpsatz::{Config, registry};
use simcore::Simulator;

use crate::support::App;

/// The simulators that these checks run on: all there are, and the template of a further one.
fn everyone() -> impl Iterator<Item = &'static Simulator> {
    registry::ALL.iter().copied().chain([&vendor_template::SIMULATOR])
}

/// All of them, running, each with its seed data.
async fn app_of_all() -> App {
    let data = concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/vendor-template/seed-data");
    let more = vec![&vendor_template::SIMULATOR];
    App::with(Config { more, seed_data: Some(data.into()), ..Config::default() }).await
}
