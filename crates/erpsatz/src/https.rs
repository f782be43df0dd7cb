//! The control API by `https`. reqwest comes without TLS, so that there is one crypto library and whoever depends on this
//! crate chooses its own.

#![expect(clippy::disallowed_methods, reason = "the root that variables of this process name")]

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use axum::http::header::HOST;
use axum::http::{HeaderValue, Request as Asked, Uri};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use reqwest::{Body, Client, Request, RequestBuilder, Response, Url};
use simhost::tls::pem;
use simhost::tls::root::CERTIFICATE_FILE;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, Error as TlsError, RootCertStore};

use crate::attached::is_local;

/// Sends a request of [`crate::http_client`]'s, by https too.
///
/// The certificate is verified against the system's roots, the file that `ERPSATZ_CA` names, and the roots kept in
/// `ERPSATZ_CA_DIR` and `ERPSATZ_DATA_DIR`. On this machine the server's own root counts too.
///
/// # Errors
/// Why there is no answer.
pub async fn send(request: RequestBuilder) -> Result<Response, String> {
    let (client, request) = request.build_split();
    let request = request.map_err(|error| error.to_string())?;
    if request.url().scheme() != "https" {
        return client.execute(request).await.map_err(|error| error.to_string());
    }
    match request.timeout().copied() {
        Some(patience) => {
            let answer = timeout(patience, encrypted(&client, request)).await;
            answer.unwrap_or_else(|_| Err("it takes too long".to_owned()))
        }
        None => encrypted(&client, request).await,
    }
}

/// Over a connection of its own.
async fn encrypted(client: &Client, request: Request) -> Result<Response, String> {
    let url = request.url().clone();
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']).to_owned();
    let port = url.port_or_known_default().unwrap_or(443);
    let connector = connector(roots(client, &url).await)?;
    let stream = TcpStream::connect((host.as_str(), port)).await.map_err(|error| error.to_string())?;
    let name = ServerName::try_from(host).map_err(|error| error.to_string())?;
    let stream = connector.connect(name, stream).await.map_err(|error| no_session(&error))?;
    let (mut sender, connection) =
        http1::handshake(TokioIo::new(stream)).await.map_err(|error| error.to_string())?;
    tokio::spawn(connection);
    let mut asked: Asked<Body> = request.try_into().map_err(|error: reqwest::Error| error.to_string())?;
    let path = asked.uri().path_and_query().map_or("/", |path| path.as_str()).parse::<Uri>();
    *asked.uri_mut() = path.map_err(|error| error.to_string())?;
    let named = HeaderValue::from_str(url.authority()).map_err(|error| error.to_string())?;
    asked.headers_mut().insert(HOST, named);
    let answer = sender.send_request(asked).await.map_err(|error| error.to_string())?;
    Ok(Response::from(answer.map(Body::wrap)))
}

/// Why there is no session, and what to do.
fn no_session(error: &io::Error) -> String {
    match error.get_ref().and_then(|cause| cause.downcast_ref()) {
        Some(TlsError::InvalidCertificate(_)) => {
            format!("{error}; ERPSATZ_CA names a file with the root to trust, which `erpsatz ca` prints")
        }
        Some(TlsError::InvalidMessage(_)) => "it speaks no TLS: write http://".to_owned(),
        _ => error.to_string(),
    }
}

fn connector(roots: RootCertStore) -> Result<TlsConnector, String> {
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(TlsConnector::from(Arc::new(config)))
}

/// Whom to believe. Of this machine's own servers the root is asked by http: what is on the way there could answer by https
/// just as well.
async fn roots(client: &Client, url: &Url) -> RootCertStore {
    let variable = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let folders = ["ERPSATZ_CA_DIR", "ERPSATZ_DATA_DIR"].into_iter().filter_map(variable);
    let files = variable("ERPSATZ_CA").into_iter().chain(folders.map(|folder| folder.join(CERTIFICATE_FILE)));
    let mut texts: Vec<String> = files.filter_map(|file| std::fs::read_to_string(file).ok()).collect();
    let mut own = url.clone();
    if is_local(url.as_str()) && own.set_scheme("http").is_ok() {
        own.set_path("/ca.pem");
        own.set_query(None);
        if let Ok(answer) = client.get(own).send().await
            && answer.status().is_success()
        {
            texts.extend(answer.text().await);
        }
    }
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    for der in texts.iter().filter_map(|text| pem::certificates(text).ok()).flatten() {
        // What is no root is nobody's.
        let _ = roots.add(CertificateDer::from(der));
    }
    roots
}
