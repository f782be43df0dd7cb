//! How a client reached this server: what the absolute URLs in answers to it begin with.

use std::fmt::{self, Display, Formatter};
use std::net::IpAddr;
use std::str::FromStr;
use std::sync::Arc;

use axum::http::header::HOST;
use axum::http::uri::Authority;
use axum::http::{HeaderMap, HeaderName, Uri};
use ipnet::IpNet;

static FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
static FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");

/// Scheme and authority; shown as `https://host:port`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    scheme: &'static str,
    authority: Arc<str>,
}

/// Whose `X-Forwarded-Proto` and `X-Forwarded-Host` are believed: those of this machine, and these networks.
#[derive(Clone, Debug, Default)]
pub struct TrustedProxies(pub Arc<[Network]>);

/// An address, or a network as `10.0.0.0/8`.
#[derive(Clone, Copy, Debug)]
pub struct Network(IpNet);

impl FromStr for Network {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let network = text.parse().or_else(|_| text.parse::<IpAddr>().map(IpNet::from));
        network.map(Self).map_err(|_| "write an address or a network, such as 10.0.0.0/8".to_owned())
    }
}

impl TrustedProxies {
    /// Whether that one is believed.
    pub fn admits(&self, peer: IpAddr) -> bool {
        let peer = peer.to_canonical();
        peer.is_loopback() || self.0.iter().any(|network| network.0.contains(&peer))
    }
}

impl Default for Origin {
    fn default() -> Self {
        Self { scheme: "http", authority: Arc::from("localhost") }
    }
}

impl Display for Origin {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", self.scheme, self.authority)
    }
}

impl Origin {
    /// What a request says: its target, its `Host`, and what a proxy added where that is believed.
    pub fn of(uri: &Uri, headers: &HeaderMap, is_encrypted: bool, is_believed: bool) -> Self {
        let text = |name: &HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
        let first = |text: &str| text.split(',').next().unwrap_or_default().trim().to_owned();
        let forwarded = |name: &HeaderName| text(name).filter(|_| is_believed).map(first);
        let scheme = match forwarded(&FORWARDED_PROTO).map(|said| said.to_ascii_lowercase()).as_deref() {
            Some("https") => "https",
            Some("http") => "http",
            _ if is_encrypted => "https",
            _ => "http",
        };
        let named = || uri.authority().map(Authority::as_str).or_else(|| text(&HOST));
        let authority = match forwarded(&FORWARDED_HOST).filter(|host| is_host(host)) {
            Some(host) => Some(Arc::from(host)),
            None => named().filter(|host| is_host(host)).map(Arc::from),
        };
        Self { scheme, authority: authority.unwrap_or_else(|| Self::default().authority) }
    }

    /// The same scheme and host on another port.
    pub fn at(&self, port: u16) -> String {
        format!("{}://{}:{port}", self.scheme, self.host())
    }

    /// The same host by HTTPS, on another port.
    pub fn encrypted_at(&self, port: u16) -> String {
        format!("https://{}:{port}", self.host())
    }

    fn host(&self) -> String {
        self.authority
            .parse::<Authority>()
            .map_or_else(|_| "localhost".to_owned(), |whole| whole.host().to_owned())
    }
}

/// Whether it is a host, with or without a port, and nothing more.
fn is_host(text: &str) -> bool {
    // Letters, digits, points and hyphens, and a port: what nearly everybody sends needs no parser.
    let (name, port) = text.split_once(':').unwrap_or((text, "0"));
    let is_plain = !name.is_empty()
        && name.bytes().all(|sign| sign.is_ascii_alphanumeric() || matches!(sign, b'.' | b'-'))
        && (1..=5).contains(&port.len())
        && port.bytes().all(|sign| sign.is_ascii_digit());
    is_plain || text.parse::<Authority>().is_ok_and(|host| !host.as_str().contains('@'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origin(
        uri: &'static str,
        headers: &[(&'static str, &str)],
        is_encrypted: bool,
        is_believed: bool,
    ) -> String {
        let headers =
            headers.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect();
        Origin::of(&Uri::from_static(uri), &headers, is_encrypted, is_believed).to_string()
    }

    #[test]
    fn a_url_begins_as_the_clients_did() {
        let forwarded =
            [("host", "a:1"), ("x-forwarded-proto", "HTTPS, http"), ("x-forwarded-host", "b.example, c")];
        for (expected, uri, headers, is_encrypted, is_believed) in [
            ("http://a:1", "/x", &[("host", "a:1")][..], false, false),
            ("https://a:1", "/x", &[("host", "a:1")], true, false),
            ("https://b.example", "/x", &forwarded, false, true),
            ("http://a:1", "/x", &forwarded, false, false),
            ("https://app.example", "https://app.example/x", &[("host", "a:1")], true, false),
            ("http://localhost", "/x", &[], false, false),
            ("https://[::1]:8", "/x", &[("host", "[::1]:8")], true, false),
            ("http://a:1", "/x", &[("host", "a:1"), ("x-forwarded-host", "e@vil")], false, true),
            ("http://a:1", "/x", &[("host", "a:1"), ("x-forwarded-host", "e/vil?x")], false, true),
            ("https://a:1", "/x", &[("host", "a:1"), ("x-forwarded-proto", "gopher")], true, true),
        ] {
            assert_eq!(origin(uri, headers, is_encrypted, is_believed), expected, "{uri} {headers:?}");
        }
    }

    #[test]
    fn another_port_of_the_same_host() {
        let of = |host: &'static str| Origin { scheme: "http", authority: Arc::from(host) };
        assert_eq!(of("erp.test:8080").at(8081), "http://erp.test:8081");
        assert_eq!(of("[::1]:8080").encrypted_at(8081), "https://[::1]:8081");
        assert_eq!(of("erp.test").at(8081), "http://erp.test:8081");
    }

    #[test]
    fn proxies_are_believed_that_are_near_or_named() {
        let named: Vec<Network> = ["10.0.0.0/8", "fd00::7"].map(|text| text.parse().unwrap()).into();
        let trusted = TrustedProxies(named.into());
        for (peer, expected) in [
            ("127.0.0.1", true),
            ("::ffff:127.0.0.1", true),
            ("10.9.8.7", true),
            ("::ffff:10.9.8.7", true),
            ("fd00::7", true),
            ("fd00::8", false),
            ("192.0.2.1", false),
        ] {
            assert_eq!(trusted.admits(peer.parse().unwrap()), expected, "{peer}");
        }
        assert!("10.0.0.0/33".parse::<Network>().is_err() && "proxy".parse::<Network>().is_err());
    }
}
