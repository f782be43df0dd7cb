//! HTTPS beside HTTP on every port, with clients that verify.

mod faults;
mod hosts;
mod intercept;
mod record;
mod sessions;
mod upstream;

use std::sync::Arc;

use erpsatz::registry;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

use crate::support::{Answer, App, send};

/// Every port: those of the servers, and the control API's.
fn ports(app: &App) -> Vec<(&'static str, u16)> {
    let slugs = registry::ALL.iter().map(|sim| sim.slug).chain(["control"]);
    slugs.map(|slug| (slug, port(app, slug))).collect()
}

fn port(app: &App, slug: &str) -> u16 {
    let url = if slug == "control" { app.control_url().to_owned() } else { app.url(slug) };
    url.rsplit(':').next().and_then(|port| port.parse().ok()).expect("a port")
}

/// The root as the control API gives it to everybody.
async fn root(app: &App) -> String {
    let answer = send(app.control(reqwest::Method::GET, "/ca.pem")).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert!(answer.body.starts_with("-----BEGIN CERTIFICATE-----\n"), "{}", answer.body);
    answer.body
}

/// A client that trusts `root` alone.
struct Encrypted {
    root: String,
}

impl Encrypted {
    async fn of(app: &App) -> Self {
        Self { root: root(app).await }
    }

    /// What is answered to one request under the name of `host`, whose server is on `port` of this machine.
    async fn ask(&self, method: &str, host: &str, port: u16, path: &str, headers: &[(&str, &str)]) -> Answer {
        let mut stream = session(port, host, &self.root, &[]).await.expect("a session");
        let headers: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        let head =
            format!("{method} {path} HTTP/1.1\r\nHost: {host}:{port}\r\nConnection: close\r\n{headers}\r\n");
        stream.write_all(head.as_bytes()).await.expect("it is sent");
        let (answer, ended) = rest(&mut stream).await;
        ended.expect("a session that is closed");
        read(&answer)
    }
}

/// An answer with a length.
fn read(bytes: &[u8]) -> Answer {
    let text = String::from_utf8_lossy(bytes);
    let (head, body) = text.split_once("\r\n\r\n").expect("a head");
    let mut lines = head.lines();
    let status = lines.next().and_then(|line| line.split(' ').nth(1)).expect("a status");
    let headers = lines.filter_map(|line| line.split_once(": "));
    let headers =
        headers.map(|(name, value)| (name.parse().expect("a name"), value.parse().expect("a value")));
    Answer { status: status.parse().expect("a number"), headers: headers.collect(), body: body.to_owned() }
}

fn rustls_config(root: &str, alpn: &[Vec<u8>]) -> ClientConfig {
    let mut roots = RootCertStore::empty();
    for der in CertificateDer::pem_slice_iter(root.as_bytes()) {
        roots.add(der.expect("a certificate")).expect("a root");
    }
    let mut config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = alpn.to_vec();
    config
}

/// A session of a client that trusts `root`, under `name`.
async fn session(
    port: u16,
    name: &str,
    root: &str,
    alpn: &[Vec<u8>],
) -> std::io::Result<TlsStream<TcpStream>> {
    let connector = TlsConnector::from(Arc::new(rustls_config(root, alpn)));
    let stream = TcpStream::connect(("127.0.0.1", port)).await?;
    connector.connect(ServerName::try_from(name.to_owned()).expect("a name"), stream).await
}

/// What comes to the end of the connection, and how that ends.
async fn rest(stream: &mut TlsStream<TcpStream>) -> (Vec<u8>, std::io::Result<()>) {
    let mut all = Vec::new();
    let ended = stream.read_to_end(&mut all).await.map(drop);
    (all, ended)
}

/// What a request whose bytes these are is answered, and how the connection ends.
async fn asked(app: &App, slug: &str, bytes: &[u8]) -> (Vec<u8>, std::io::Result<()>) {
    let mut stream = session(port(app, slug), "localhost", &root(app).await, &[]).await.expect("a session");
    stream.write_all(bytes).await.expect("it is sent");
    rest(&mut stream).await
}
