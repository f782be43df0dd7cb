//! `erpsatz servers`.

use control::{ServerInfo, contract_kind};
use erpsatz::{Config, load_simulators};
use serde_json::Value;
use simcore::simulator::Loaded;

use crate::Failure;
use crate::args::{CONTROL_PORT, ServersArgs};
use crate::commands::say;

pub(crate) fn run(args: &ServersArgs) -> Result<(), Failure> {
    let loaded = load_simulators(&Config::default())?;
    let usual = |server: &Loaded| {
        let port = server.sim.port;
        ServerInfo::new(server, &format!("127.0.0.1:{port}"), port, true)
    };
    if args.json {
        let items: Vec<Value> = loaded.iter().map(|server| usual(server).to_json(server)).collect();
        say(&Value::from(items).to_string());
    } else if args.env {
        say(&format!("ERPSATZ_CONTROL_URL=http://127.0.0.1:{CONTROL_PORT}"));
        for (name, value) in loaded.iter().flat_map(|server| variables(&usual(server))) {
            say(&format!("{name}={value}"));
        }
    } else {
        for server in &loaded {
            let sim = server.sim;
            let fields = [sim.slug, &sim.port.to_string(), sim.base_path, contract_kind(server), sim.title];
            say(&fields.join("\t"));
        }
    }
    Ok(())
}

/// Where a server is and what a client of its default data signs in with, as variables: `ERPSATZ_{SLUG}_URL`,
/// `ERPSATZ_{SLUG}_HTTPS_URL`, …
pub(crate) fn variables(server: &ServerInfo) -> Vec<(String, String)> {
    let credentials = server.credentials.iter().map(|(key, value)| (*key, *value));
    let https = server.https_url.as_deref().map(|url| ("HTTPS_URL", url));
    let all = [("URL", server.url.as_str())].into_iter().chain(https).chain(credentials);
    all.map(|(key, value)| (variable(server.slug, key), value.to_owned())).collect()
}

/// The variable of what a server is known by: `ERPSATZ_{SLUG}_{KEY}`.
pub(crate) fn variable(slug: &str, key: &str) -> String {
    format!("ERPSATZ_{}_{key}", slug.to_uppercase().replace('-', "_"))
}
