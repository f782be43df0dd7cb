//! The proxy that answers for the vendors' hosts.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;

use control::ServerInfo;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use simcore::base::diagnostics::short;
use simhost::sandbox::names::DEFAULT;
use simhost::sandbox::sandboxes::Sandboxes;
use simhost::server::Listening;
use simhost::server::gate::Gate;
use simhost::server::proxy::credentials::Admission;
use simhost::server::proxy::record::{Recorder, Recording};
use simhost::server::proxy::target::VendorHost;
use simhost::server::proxy::upstream::Upstream;
use simhost::server::proxy::{Proxy, Wanted};
use simhost::tls::names::fits;
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

/// What the proxy was used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProxyUse {
    /// How many tunnels and requests were asked of it.
    pub asked: u64,
    /// How many of them were for the servers.
    pub came: u64,
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
    for (host, slug) in &intercept.hosts {
        if !is_host(host) {
            let message = format!(
                "--intercept-host `{}`: write a host alone, without scheme, port and path, as erp.example.com=SLUG or \
                 *.example.com=SLUG; this machine's own names are reached without a proxy",
                short(host, 100)
            );
            return Err(StartError::Misused(message));
        }
        if !known(slug) {
            registry::find(slug).map_err(StartError::Misused)?;
        }
        if !config.only.is_empty() && !config.only.contains(slug) {
            let message =
                format!("--intercept-host {host}={slug}: {slug} does not run here, add it to --only");
            return Err(StartError::Misused(message));
        }
    }
    Ok(())
}

/// Whether a pattern is one host, or those below one: a name that is not this machine's, or an address beyond it.
fn is_host(pattern: &str) -> bool {
    if let Ok(address) = pattern.parse::<IpAddr>() {
        return !address.to_canonical().is_loopback() && !address.is_unspecified();
    }
    let name = pattern.strip_prefix("*.").unwrap_or(pattern);
    let letters =
        |label: &str| label.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
    let is_label = |label: &str| (1..=63).contains(&label.len()) && letters(label);
    let is_near = fits("localhost", name) || fits("*.localhost", name);
    name.len() <= 253 && name.split('.').all(is_label) && !is_near
}

/// Where a command on this machine finds the proxy, and what it must bring: most clients send no credentials that they
/// were not given.
pub(super) fn url(address: SocketAddr, password: Option<&str>) -> String {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    let address = SocketAddr::new(ip, address.port());
    match password {
        Some(password) => {
            format!("http://{DEFAULT}:{}@{address}", utf8_percent_encode(password, NON_ALPHANUMERIC))
        }
        None => format!("http://{address}"),
    }
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
    (sandboxes, running): (&Arc<Sandboxes>, &[ServerInfo]),
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
    // Only those that loopback leads to: the same port of another address is somebody else's.
    let is_near = |ip: IpAddr| ip.is_loopback() || ip.is_unspecified();
    let address =
        |info: &ServerInfo| info.url.rsplit("//").next().and_then(|at| at.parse::<SocketAddr>().ok());
    let own = running.iter().enumerate().filter_map(|(place, info)| Some((address(info)?, place)));
    let own =
        own.filter(|(address, _)| is_near(address.ip())).map(|(address, place)| (address.port(), place));
    let recorder = intercept.record.map(Record::recorder).transpose().map_err(io::Error::other)?;
    let wanted = Wanted {
        own_ports: own.collect(),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_a_name_and_nothing_else() {
        for (pattern, expected) in [
            ("erp.example.com", true),
            ("*.example.com", true),
            ("erp", true),
            ("10.0.0.7", true),
            ("fd00::7", true),
            ("https://a.b/", false),
            ("a.b:8443", false),
            ("a b", false),
            ("", false),
            ("*", false),
            ("*.", false),
            ("a.*.b", false),
            ("a..b", false),
            ("a.b.", false),
            ("127.0.0.1", false),
            ("0.0.0.0", false),
            ("localhost", false),
            ("*.localhost", false),
            ("bücher.example", false),
        ] {
            assert_eq!(is_host(pattern), expected, "{pattern}");
        }
    }

    #[test]
    fn a_command_reaches_the_proxy_with_what_it_asks_for() {
        let url = |address: &str, password| url(address.parse().unwrap(), password);
        assert_eq!(url("127.0.0.1:8079", None), "http://127.0.0.1:8079");
        assert_eq!(url("0.0.0.0:1", Some("a/b@c")), "http://default:a%2Fb%40c@127.0.0.1:1");
        assert_eq!(url("[::]:1", Some("x")), "http://default:x@[::1]:1");
        assert_eq!(url("10.0.0.7:1", Some("x")), "http://default:x@10.0.0.7:1");
    }
}
