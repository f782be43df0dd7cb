//! A run as one file: what a sandbox began with, everything that happened since, and what became of it.
//!
//! The file is gzip over lines of JSON: a head, an event a line (`request` or `change`), an end. Secrets are placeholders
//! ([`crate::journal::placeholders`]).

mod bounds;
mod events;

use std::collections::BTreeMap;
use std::io::Write as _;
use std::sync::Arc;

use axum::http::StatusCode;
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Map, Value, json};

use super::Sandbox;
use super::history::Run;
use crate::base::aside::aside;
use crate::base::error::{Error, Result};
use crate::journal::Kept;
use crate::journal::placeholders::Placeholders;
use crate::simulator::data;
use crate::store::Store;

pub use bounds::{Bounds, MAX_UNPACKED, MAX_VALUES};
pub use events::difference;

/// How many bytes a capsule may have.
pub const MAX_CAPSULE: usize = 64 << 20;

/// How many bytes the records of a world may take in it; beyond, they are left out.
const MAX_RECORDS: usize = 16 << 20;

/// The format that is written.
pub const FORMAT: u64 = 1;

/// A capsule, and what is to be said of it.
#[derive(Clone, Debug)]
pub struct Capsule {
    /// The file.
    pub bytes: Vec<u8>,
    /// How many requests are in it.
    pub requests: usize,
    /// How many requests there were once and are not in it.
    pub dropped: u64,
    /// Whether it begins with its scenario and lacks nothing, so that it can be played again.
    pub is_whole: bool,
}

impl Sandbox {
    /// What happened here as a file.
    ///
    /// # Errors
    /// 413 when it would be larger than [`MAX_CAPSULE`].
    pub async fn capsule(&self) -> Result<Capsule> {
        let stores = self.stores.read().await.clone();
        self.capsule_of(&stores).await
    }

    /// The same for somebody who holds the databases.
    pub(super) async fn capsule_of(&self, stores: &[Option<Arc<Store>>]) -> Result<Capsule> {
        let run = self.run();
        let (before, after) = (self.records_before(stores).await, self.records_now(stores).await?);
        let end = self.end_of_run(stores, after).await;
        aside(|| self.written(&run, before, end))
    }

    /// Everything with its secrets as placeholders: shown to them first, then written.
    fn written(&self, run: &Run, mut before: Value, mut end: Value) -> Result<Capsule> {
        let mut secrets = Placeholders::default();
        let mut head = self.head(run);
        let names: Vec<&str> =
            self.shared.servers.iter().flat_map(|server| server.sim.secrets).copied().collect();
        secrets.json(&mut head, &names);
        let mut connections = events::Connections::default();
        let mut request = |entry: &Kept, secrets: &mut Placeholders| {
            events::request(&entry.open(), secrets, &mut connections)
        };
        run.entries.iter().for_each(|entry| drop(request(entry, &mut secrets)));
        run.changes.iter().for_each(|change| drop(events::change(change, &mut secrets, &names)));
        secrets.json(&mut before, &names);
        secrets.json(&mut end, &names);
        secrets.finish();
        head["before"] = before;
        secrets.json(&mut head, &names);
        secrets.json(&mut end, &names);
        head["placeholders"] = self.told_placeholders(&secrets);
        let mut file = GzEncoder::new(Vec::new(), Compression::fast());
        let mut bounds = Bounds::default();
        let mut line = |value: &Value| {
            let text = value.to_string();
            bounds.count(text.as_bytes()).map_err(|much| too_large(&much))?;
            writeln!(file, "{text}").map_err(Error::internal)
        };
        line(&head)?;
        let mut changes = run.changes.iter().peekable();
        for entry in &run.entries {
            while let Some(change) = changes.next_if(|change| change.after < entry.id) {
                line(&events::change(change, &mut secrets, &names))?;
            }
            line(&request(entry, &mut secrets))?;
        }
        for change in changes {
            line(&events::change(change, &mut secrets, &names))?;
        }
        line(&json!({ "end": end }))?;
        let bytes = file.finish().map_err(Error::internal)?;
        if bytes.len() > MAX_CAPSULE {
            return Err(too_large(&format!("{} MiB, of {} at most", bytes.len() >> 20, MAX_CAPSULE >> 20)));
        }
        let (requests, dropped, is_whole) = (run.entries.len(), run.dropped, run.is_whole);
        Ok(Capsule { bytes, requests, dropped, is_whole })
    }

    fn head(&self, run: &Run) -> Value {
        let (ready, world) = (self.scenario(), self.world());
        let servers = &self.shared.servers;
        let profiles = servers.iter().filter_map(|server| {
            let profile = serde_saphyr::from_str::<Value>(server.overlay.as_deref()?).ok()?;
            Some((server.sim.slug.to_owned(), profile))
        });
        let versions = servers.iter().map(|server| {
            let contract = server.usual_contract();
            (server.sim.slug.to_owned(), Value::from(contract.version))
        });
        json!({
            "capsule": FORMAT,
            "erpsatz": env!("CARGO_PKG_VERSION"),
            "servers": versions.collect::<Map<_, _>>(),
            "sandbox": self.name,
            "scenario": ready.scenario,
            "strict": self.shared.options.strict,
            "max_body": self.shared.options.max_body,
            "own_ports": self.shared.options.reach.own_ports,
            "seed": world.seed,
            "clock": {
                "made": ready.made_at().to_string(),
                "started": run.started.to_string(),
                "now": world.clock.now().to_string(),
                "frozen": world.clock.is_frozen(),
            },
            "profiles": profiles.collect::<Map<_, _>>(),
            "requests": run.entries.len(),
            "dropped": run.dropped,
            "whole": run.is_whole,
        })
    }

    /// The placeholders of what everybody knows: those who play it again put in what is known.
    fn told_placeholders(&self, secrets: &Placeholders) -> Value {
        let told = secrets.all().map(|(value, placeholder)| {
            let mut told = json!({ "placeholder": placeholder });
            for server in &self.shared.servers {
                let known = server.sim.credentials.iter().find(|(_, known)| *known == value);
                if let Some((name, _)) = known {
                    told["server"] = server.sim.slug.into();
                    told["credential"] = (*name).into();
                    break;
                }
            }
            told
        });
        told.collect()
    }

    async fn end_of_run(&self, stores: &[Option<Arc<Store>>], records: Value) -> Value {
        let result = self.result_with(stores).await;
        let (world, ready) = (self.world(), self.scenario());
        json!({
            "clock": { "now": world.clock.now().to_string(), "frozen": world.clock.is_frozen() },
            "faults": world.faults.rules().iter().map(|state| &*state.rule).collect::<Vec<_>>(),
            "expectations": world.expectations.states().iter().map(|state| &*state.expectation).collect::<Vec<_>>(),
            "fail_on": ready.scenario.fail_on,
            "report": result.report,
            "records": records,
        })
    }

    /// The records as the scenario starts them, of the servers that were used.
    async fn records_before(&self, stores: &[Option<Arc<Store>>]) -> Value {
        let ready = self.scenario();
        let seed = self.world().seed;
        let mut all = BTreeMap::new();
        for (index, server) in self.shared.servers.iter().enumerate() {
            if stores[index].is_none() {
                continue;
            }
            let Ok(image) = self.image(&ready, index) else { continue };
            let Ok(store) = self.shared.in_memory(index, &image, seed) else { continue };
            let read = store.read(ready.made_at(), |db| data::everything(server, db)).await;
            all.extend(read.ok().map(|records| (server.sim.slug, records)));
        }
        bounded(json!(all))
    }

    async fn records_now(&self, stores: &[Option<Arc<Store>>]) -> Result<Value> {
        let mut all = BTreeMap::new();
        for (server, store) in self.shared.servers.iter().zip(stores) {
            if let Some(store) = store {
                let records = store.read(self.now(), |db| data::everything(server, db)).await?;
                all.insert(server.sim.slug, records);
            }
        }
        Ok(bounded(json!(all)))
    }
}

fn too_large(much: &str) -> Error {
    let message = format!("the capsule would have {much}; empty the journal, or reset");
    Error::vendor(StatusCode::PAYLOAD_TOO_LARGE, "capsule_too_large", message)
}

/// Nothing in the place of what is too much.
fn bounded(records: Value) -> Value {
    let mut counted = Counted(0);
    let is_small = serde_json::to_writer(&mut counted, &records).is_ok();
    if is_small { records } else { Value::Null }
}

/// Counts what is written up to [`MAX_RECORDS`].
struct Counted(usize);

impl std::io::Write for Counted {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0 += bytes.len();
        if self.0 > MAX_RECORDS { Err(std::io::ErrorKind::WriteZero.into()) } else { Ok(bytes.len()) }
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Sandbox {
    /// The clock stands where a recorded world began.
    ///
    /// # Errors
    /// When `--data-dir` could not be written.
    pub async fn begin_at(&self, started: jiff::Timestamp) -> Result<()> {
        self.update_world(|world| {
            world.clock = crate::base::clock::Clock::new(Some(started), true);
            world.started = started;
            Ok(())
        })
        .await
    }

    /// The clock stands at this time from now on, unless it is later already.
    ///
    /// # Errors
    /// When `--data-dir` could not be written.
    pub async fn stand_at(&self, at: jiff::Timestamp) -> Result<()> {
        self.update_world(|world| {
            if at > world.clock.now() {
                world.clock = crate::base::clock::Clock::new(Some(at), true);
            }
            Ok(())
        })
        .await
    }
}
