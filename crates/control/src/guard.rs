//! Who may call: a program on this machine, or one that has the token; never a web page of somebody else's.

use std::net::{IpAddr, SocketAddr};

use axum::extract::{Request, State};
use axum::http::header::{AUTHORIZATION, HOST, ORIGIN, WWW_AUTHENTICATE};
use axum::http::uri::Authority;
use axum::http::{HeaderMap, HeaderName, Method, StatusCode, Uri};
use axum::middleware::Next;
use axum::response::Response;
use percent_encoding::percent_decode_str;
use simcore::base::error::{Error, ErrorKind, Result};
use simcore::base::secret::is_secret;
use simhost::server::body;
use simhost::server::gate::MAX_HEADERS;

use crate::capsule::UnderWay;
use crate::{App, console};

/// Where the control API listens, and what it asks of those who call.
pub struct Access {
    /// What `--host` says: an address or a name.
    pub host: String,
    /// Under which names it answers besides (`--control-host`).
    pub names: Vec<String>,
    /// What it became.
    pub address: SocketAddr,
    /// The token that every call but `GET /healthz`, `GET /ca.pem` and the console's own files must bring, when there is
    /// one.
    pub token: Option<String>,
}

pub(crate) async fn check(State(app): State<App>, request: Request, next: Next) -> Result<Response> {
    let access = &app.access;
    let path = request.uri().path();
    let is_read = matches!(*request.method(), Method::GET | Method::HEAD);
    let is_open = is_read && (["/healthz", "/ca.pem"].contains(&path) || console::is_file(path));
    // Health is a fact about the machine, and who has the token is nobody's page: a front may call either by any name.
    if !(is_read && path == "/healthz" || access.is_token_given(request.headers())) {
        access.check_host(request.uri(), request.headers())?;
    }
    access.check_origin(request.headers())?;
    if !is_open && !access.admits_token(request.headers()) {
        return Err(Error::new(StatusCode::UNAUTHORIZED, ErrorKind::Auth).header(WWW_AUTHENTICATE, "Bearer"));
    }
    if percent_decode_str(path).decode_utf8().is_err() {
        let message = "the path is no UTF-8; a name in it is percent-encoded as UTF-8";
        return Err(Error::vendor(StatusCode::BAD_REQUEST, "bad_path", message));
    }
    let (parts, body) = request.into_parts();
    let size: usize = parts.headers.iter().map(|(name, value)| name.as_str().len() + value.len() + 4).sum();
    if size > MAX_HEADERS {
        return Err(Error::new(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE, ErrorKind::Headers));
    }
    // Whatever is asked for is done once all of the request is there, and not for one that breaks off.
    let options = &app.sandboxes.shared().options;
    let body = body::read(body, options.max_body, options.client_timeout).await?;
    let change = UnderWay::of(&app, &parts, &body);
    let answer = next.run(Request::from_parts(parts, body.into())).await;
    if let Some(change) = change {
        change.ended(answer.status());
    }
    Ok(answer)
}

fn forbidden(code: &'static str, message: &str) -> Error {
    Error::vendor(StatusCode::FORBIDDEN, code, message)
}

impl Access {
    fn check_host(&self, uri: &Uri, headers: &HeaderMap) -> Result<()> {
        let hosts = texts(headers, &HOST);
        let [Some(host)] = hosts[..] else {
            return Err(forbidden("bad_host", "the request does not name one host"));
        };
        if !self.admits_host(host) || uri.authority().is_some_and(|named| !self.admits_host(named.as_str())) {
            let message = "the control API answers only to loopback (127.0.0.1, [::1], localhost), to the name it is bound to \
                and to those that --control-host gives; it is told a sandbox in the path, not by a label in the host";
            return Err(forbidden("bad_host", message));
        }
        Ok(())
    }

    fn check_origin(&self, headers: &HeaderMap) -> Result<()> {
        let host = headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
        let is_own = |origin: Option<&str>| origin.is_some_and(|origin| self.admits_origin(origin, host));
        if texts(headers, &ORIGIN).into_iter().all(is_own) {
            return Ok(());
        }
        Err(forbidden("bad_origin", "the control API answers no web page but its own"))
    }

    /// Whether a `Host` means this server. A page whose name was made to point here (DNS rebinding) brings its own
    /// name, so a name is good only when it is ours or was given as one of ours. Bound to all addresses, any address may be ours; the token
    /// protects it there.
    fn admits_host(&self, authority: &str) -> bool {
        let Some((host, _)) = split(authority) else { return false };
        let bound = self.address.ip();
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        is_loopback(&host)
            || bare.eq_ignore_ascii_case(&self.host)
            || self.names.iter().any(|name| name.eq_ignore_ascii_case(bare))
            || address(&host).is_some_and(|ip| ip == bound || bound.is_unspecified())
    }

    /// Whether an `Origin` is this server's own: what `Host` says, or loopback under another of its names.
    fn admits_origin(&self, origin: &str, host: &str) -> bool {
        let Some((scheme, authority)) = origin.split_once("://") else { return false };
        let standard = match scheme {
            "http" => 80,
            "https" => 443,
            _ => return false,
        };
        let Some((name, port)) = split(authority) else { return false };
        authority.eq_ignore_ascii_case(host)
            || (is_loopback(&name) && port.unwrap_or(standard) == self.address.port())
    }

    fn admits_token(&self, headers: &HeaderMap) -> bool {
        self.token.is_none() || self.is_token_given(headers)
    }

    /// Whether there is a token and the request bears it.
    fn is_token_given(&self, headers: &HeaderMap) -> bool {
        let Some(token) = &self.token else { return false };
        let given = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
        let given = given.and_then(|value| value.split_once(' '));
        given.is_some_and(|(scheme, given)| {
            scheme.eq_ignore_ascii_case("bearer") && is_secret(given.trim().as_bytes(), token.as_bytes())
        })
    }
}

/// The values of a header; none stands for what is not ASCII.
fn texts<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Vec<Option<&'a str>> {
    headers.get_all(name).iter().map(|value| value.to_str().ok()).collect()
}

/// Host and port of an authority without user.
fn split(authority: &str) -> Option<(String, Option<u16>)> {
    let authority: Authority = authority.parse().ok()?;
    if authority.as_str().contains('@') {
        return None;
    }
    Some((authority.host().to_owned(), authority.port_u16()))
}

fn is_loopback(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost") || address(host).is_some_and(|ip| ip.to_canonical().is_loopback())
}

/// The address that a host is, where it is one and not a name.
fn address(host: &str) -> Option<IpAddr> {
    match host.strip_prefix('[') {
        Some(rest) => rest.strip_suffix(']')?.parse().ok().map(IpAddr::V6),
        None => host.parse().ok().map(IpAddr::V4),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bound(host: &str, address: &str) -> Access {
        let (names, token) = (vec!["erpsatz".to_owned()], Some("t0ken".to_owned()));
        Access { host: host.to_owned(), names, address: address.parse().unwrap(), token }
    }

    #[test]
    fn a_host_is_loopback_or_ours() {
        let local = bound("127.0.0.1", "127.0.0.1:8080");
        let named = bound("build.lan", "192.168.1.5:8080");
        let everywhere = bound("0.0.0.0", "0.0.0.0:8080");
        let six = bound("fd00::5", "[fd00::5]:8080");
        for (access, host, expected) in [
            (&local, "localhost", true),
            (&local, "LocalHost:1", true),
            (&local, "127.0.0.1:8080", true),
            (&local, "127.9.9.9", true),
            (&local, "[::1]:8080", true),
            (&local, "evil.example:8080", false),
            (&local, "localhost.evil.example", false),
            (&local, "evil@127.0.0.1", false),
            (&local, "127.1", false),
            (&local, "192.168.1.5", false),
            (&local, "0.0.0.0:8080", false),
            (&local, "", false),
            (&named, "build.lan:8080", true),
            (&named, "192.168.1.5:8080", true),
            (&named, "192.168.1.6:8080", false),
            (&named, "other.lan", false),
            (&everywhere, "10.1.2.3:8080", true),
            (&everywhere, "[fd00::1]:8080", true),
            (&everywhere, "evil.example:8080", false),
            (&everywhere, "erpsatz:8080", true),
            (&everywhere, "ERPSATZ", true),
            (&everywhere, "erpsatz.evil.example:8080", false),
            (&everywhere, "evil-erpsatz", false),
            (&six, "[fd00::5]:8080", true),
            (&six, "[fd00::6]:8080", false),
        ] {
            assert_eq!(access.admits_host(host), expected, "{} {host}", access.host);
        }
    }

    #[test]
    fn an_origin_is_our_own() {
        let access = bound("build.lan", "192.168.1.5:8080");
        for (origin, host, expected) in [
            ("http://build.lan:8080", "build.lan:8080", true),
            ("http://localhost:8080", "127.0.0.1:8080", true),
            ("http://127.0.0.1:8080", "build.lan:8080", true),
            ("http://localhost:3000", "localhost:8080", false),
            ("http://localhost", "localhost:8080", false),
            ("http://evil.example", "localhost:8080", false),
            ("http://evil.example:8080", "localhost:8080", false),
            ("ftp://localhost:8080", "localhost:8080", false),
            ("null", "localhost:8080", false),
            ("", "localhost:8080", false),
        ] {
            assert_eq!(access.admits_origin(origin, host), expected, "{origin} {host}");
        }
        let standard = bound("127.0.0.1", "127.0.0.1:80");
        assert!(standard.admits_origin("http://localhost", "127.0.0.1"));
    }

    #[test]
    fn a_request_names_one_host_and_no_other_origin() {
        let access = bound("127.0.0.1", "127.0.0.1:8080");
        let check = |uri: &'static str, pairs: &[(HeaderName, &'static str)]| {
            let mut headers = HeaderMap::new();
            for (name, value) in pairs {
                headers.append(name, value.parse().unwrap());
            }
            access
                .check_host(&Uri::from_static(uri), &headers)
                .and_then(|()| access.check_origin(&headers))
                .is_ok()
        };
        assert!(check("/", &[(HOST, "localhost:8080")]));
        assert!(check("/", &[(HOST, "localhost:8080"), (ORIGIN, "http://localhost:8080")]));
        assert!(!check("/", &[]));
        assert!(!check("/", &[(HOST, "localhost"), (HOST, "evil.example")]));
        assert!(!check("http://evil.example/", &[(HOST, "localhost")]));
        assert!(!check("/", &[(HOST, "localhost:8080"), (ORIGIN, "http://evil.example")]));
    }

    #[test]
    fn a_token_is_asked_for_when_there_is_one() {
        let mut access = bound("0.0.0.0", "0.0.0.0:8080");
        let mut headers = HeaderMap::new();
        assert!(!access.admits_token(&headers));
        for (value, expected) in [
            ("Bearer t0ken", true),
            ("bearer t0ken", true),
            ("Bearer t0ke", false),
            ("Bearer", false),
            ("Basic t0ken", false),
            ("t0ken", false),
        ] {
            headers.insert(AUTHORIZATION, value.parse().unwrap());
            assert_eq!(access.admits_token(&headers), expected, "{value}");
        }
        access.token = None;
        assert!(access.admits_token(&HeaderMap::new()));
    }
}
