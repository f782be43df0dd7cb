//! All servers in this process, without sockets: what goes in passes the real gate.

use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};

use axum::body::Body;
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE};
use axum::http::{Method, Request};
use erpsatz::{Config, load_library, load_simulators, ready, registry};
use http_body_util::BodyExt;
use serde_json::Value;
use simhost::sandbox::names::DEFAULT;
use simhost::sandbox::sandboxes::{Sandboxes, Shared};
use simhost::server::gate::Gate;
use tokio::runtime::{Builder, Runtime};

const LICENCE: &str = "Basic REVNTy1MSUNFTkNFOmRlbW8tc2VjcmV0";

/// What every input starts from: the default data, signed in, under a clock that stands still.
const SCENARIO: &str = "name: fuzzed\nclock: { start: 2026-03-02T08:00:00Z, frozen: true }";
const SNAPSHOT: &str = "signed-in";

pub(crate) struct Host {
    runtime: Runtime,
    sandboxes: Arc<Sandboxes>,
    weavy: String,
}

static HOUSE: LazyLock<Mutex<Host>> = LazyLock::new(|| Mutex::new(Host::open()));

impl Host {
    pub(crate) fn lock() -> MutexGuard<'static, Self> {
        HOUSE.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn open() -> Self {
        let mut config = Config::default();
        // What a million inputs leave must not fill the memory.
        config.options.journal.entries = 10;
        let library = load_library(&config).expect("a library");
        let servers = load_simulators(&config).expect("the simulators");
        let initial = ready(SCENARIO, &library, &servers).expect("a scenario");
        let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
        let shared = Shared::new(servers, library, config.options);
        let sandboxes = runtime.block_on(Sandboxes::start(shared, initial)).expect("they start");
        let mut host = Self { runtime, sandboxes, weavy: String::new() };
        let login = br#"{"scope":"API","projectCode":"DEMO","userName":"api","password":"api"}"#;
        let answer = host.pass("weavy", Method::POST, "/v1/Authenticate", login.to_vec()).1;
        let answer: Value = serde_json::from_slice(&answer).expect("JSON");
        host.weavy = format!("Bearer {}", answer["authToken"].as_str().expect("a token"));
        let sandbox = host.runtime.block_on(host.sandboxes.open(DEFAULT)).expect("it is there");
        host.runtime.block_on(sandbox.take_snapshot(SNAPSHOT)).expect("it is kept");
        host
    }

    /// Asks as a signed-in client does, from the same state each time; a 500 is a defect.
    pub(crate) fn ask(&self, slug: &str, method: Method, path: &str, body: Vec<u8>) {
        let sandbox = self.runtime.block_on(self.sandboxes.open(DEFAULT)).expect("it is there");
        self.runtime.block_on(sandbox.restore(SNAPSHOT)).expect("it comes back");
        let (status, answer) = self.pass(slug, method, path, body);
        assert!(status < 500, "{status}: {}", String::from_utf8_lossy(&answer));
    }

    fn pass(&self, slug: &str, method: Method, path: &str, body: Vec<u8>) -> (u16, Vec<u8>) {
        let index = registry::ALL.iter().position(|sim| sim.slug == slug).expect("a server");
        let credentials = match slug {
            "onlineerp" => LICENCE,
            "weavy" => &self.weavy,
            _ => "Bearer demo-key",
        };
        let request = Request::builder().method(method).uri(path).header(CONTENT_TYPE, "application/json");
        let request = request.header(AUTHORIZATION, credentials).body(Body::from(body)).expect("a request");
        let gate = Gate::new(self.sandboxes.clone(), index);
        self.runtime.block_on(async {
            let response = gate.pass(request).await;
            let status = response.status().as_u16();
            (status, response.into_body().collect().await.expect("a body").to_bytes().to_vec())
        })
    }

    /// Reads and checks a scenario, and builds what it starts with.
    pub(crate) fn prepare(&self, text: &str) {
        let shared = self.sandboxes.shared();
        match ready(text, &shared.library, &shared.servers) {
            Ok(ready) => {
                let again = serde_json::to_string(&ready.scenario).expect("it can be written");
                let again = erpsatz::ready(&again, &shared.library, &shared.servers);
                assert!(again.is_ok(), "written and read again: {:?}", again.err());
            }
            Err(why) => assert!(!why.is_empty(), "a mistake has a name"),
        }
    }
}
