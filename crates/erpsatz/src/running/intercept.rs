//! The proxy that answers for the vendors' hosts.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;

use simhost::sandbox::sandboxes::Sandboxes;
use simhost::server::Listening;
use simhost::server::gate::Gate;
use simhost::server::proxy::credentials::Admission;
use simhost::server::proxy::record::{Recorder, Recording};
use simhost::server::proxy::target::VendorHost;
use simhost::server::proxy::upstream::Upstream;
use simhost::server::proxy::{Proxy, Wanted};
use tokio::net::TcpListener;

use super::listen::bind;
use super::{Config, StartError};
use crate::registry;

/// How the vendors' hosts are intercepted.
#[derive(Debug, Default)]
pub struct Intercept {
    /// The proxy's port; 0 for a free one.
    pub port: u16,
    /// More hosts, and the slugs of the servers that answer for them.
    pub hosts: Vec<(String, String)>,
    /// Whether clients are asked for credentials.
    pub asks: bool,
    /// The address to bind to in the place of loopback; clients then need the control API's token as password.
    pub bind: Option<String>,
    /// How other hosts are reached; they are refused without it.
    pub others: Option<Upstream>,
    /// Where what the vendors' real services say is written, in the place of the servers' answers.
    pub record: Option<Record>,
}

/// How the real services are recorded.
#[derive(Clone, Debug, Default)]
pub struct Record {
    /// The HTTP archive that is written.
    pub file: PathBuf,
    /// Whether requests pass that may write.
    pub writes: bool,
    /// Addresses in the place of those that hosts resolve to: of twins on this machine.
    pub addresses: Vec<(String, SocketAddr)>,
    /// More roots besides the system's, as DER.
    pub roots: Vec<Vec<u8>>,
    /// Told how many requests have been recorded, and how many refused.
    pub progress: Option<fn(u64, u64)>,
}

impl Record {
    fn recorder(self) -> Result<Recorder, String> {
        let system = rustls_native_certs::load_native_certs().certs;
        let roots = system.iter().map(|root| root.to_vec()).chain(self.roots).collect();
        let told =
            Recording { writes: self.writes, roots, addresses: self.addresses, progress: self.progress };
        Recorder::new(&self.file, told)
    }
}

/// A proxy that listens already.
pub(super) struct Asked {
    pub(super) intercept: Intercept,
    /// Patterns of hosts, and the slugs of the servers that answer for them.
    pub(super) hosts: Vec<(String, String)>,
    pub(super) listeners: Vec<TcpListener>,
}

/// The vendors' hosts, those that the user adds first.
pub(super) fn hosts(config: &Config) -> Vec<(String, String)> {
    let added = config.intercept.iter().flat_map(|intercept| intercept.hosts.iter().cloned());
    let simulators = registry::ALL.iter().chain(&config.more);
    let known =
        simulators.flat_map(|sim| sim.hosts.iter().map(|host| ((*host).to_owned(), sim.slug.to_owned())));
    added.chain(known).collect()
}

/// What cannot be asked for.
pub(super) fn check(config: &Config) -> Result<(), StartError> {
    let Some(intercept) = &config.intercept else { return Ok(()) };
    if config.no_tls {
        let message = "--intercept answers for hosts that are reached by https: take --no-tls away";
        return Err(StartError::Misused(message.to_owned()));
    }
    if intercept.record.is_some() && !config.options.reach.anywhere {
        let message = "--record passes requests to the vendors' real services: it needs --allow-outbound";
        return Err(StartError::Misused(message.to_owned()));
    }
    let known = |slug: &str| config.more.iter().any(|sim| sim.slug == slug);
    for (_, slug) in intercept.hosts.iter().filter(|(_, slug)| !known(slug)) {
        registry::find(slug).map_err(StartError::Misused)?;
    }
    Ok(())
}

/// Where the proxy listens.
pub(super) async fn listen(intercept: &Intercept) -> Result<Vec<TcpListener>, StartError> {
    let loopback = Ipv4Addr::LOCALHOST.to_string();
    let host = intercept.bind.as_deref().map_or(loopback.as_str(), |host| host.trim_matches(['[', ']']));
    bind(host, intercept.port, "the proxy").await
}

/// The proxy over the servers that run.
pub(super) fn proxy(
    Asked { intercept, hosts, listeners }: Asked,
    token: Option<&str>,
    sandboxes: &Arc<Sandboxes>,
    control: &[TcpListener],
    listening: Listening,
) -> io::Result<(Arc<Proxy>, Vec<TcpListener>)> {
    let servers = &sandboxes.shared().servers;
    let host = |(pattern, slug): &(String, String)| VendorHost {
        pattern: pattern.clone(),
        slug: slug.clone(),
        server: servers.iter().position(|server| server.sim.slug == slug),
    };
    let is_public = intercept.bind.is_some();
    let admission = match token {
        Some(token) if is_public => Admission::Password(token.to_owned()),
        _ if intercept.asks => Admission::Named,
        _ => Admission::All,
    };
    let ports = listeners.iter().chain(control);
    let ports = ports.map(|listener| Ok(listener.local_addr()?.port())).collect::<io::Result<_>>()?;
    let recorder = intercept.record.map(Record::recorder).transpose().map_err(io::Error::other)?;
    let wanted = Wanted {
        hosts: hosts.iter().map(host).collect(),
        admission,
        others: intercept.others,
        is_public,
        closed_ports: ports,
        recorder: recorder.map(Arc::new),
        max_body: sandboxes.shared().options.max_body,
    };
    let gates = (0..servers.len()).map(|index| Gate::new(sandboxes.clone(), index)).collect();
    Ok((Arc::new(Proxy::new(wanted, gates, listening)), listeners))
}
