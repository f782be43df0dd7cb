//! Whose request it is.

use std::borrow::Cow;
use std::net::IpAddr;
use std::sync::Arc;

use axum::http::header::{ACCESS_CONTROL_REQUEST_METHOD, HOST, ORIGIN};
use axum::http::request::Parts;
use axum::http::uri::{Authority, PathAndQuery, Uri};
use axum::http::{HeaderName, Method, StatusCode};

use crate::base::error::{Error, Result};
use crate::sandbox::names::{DEFAULT, is_name, no_name};
use crate::sandbox::sandboxes::Options;
use crate::server::gate::SANDBOX_HEADER;
use crate::server::transport::Transport;

static SANDBOX: HeaderName = HeaderName::from_static(SANDBOX_HEADER);

/// Which sandbox a request means, and what its URLs begin with: path prefix, then host label, then the proxy's user, then
/// header. The prefix is taken off the path, the header off the headers: the simulator knows of neither.
pub(super) fn sandbox_of(parts: &mut Parts, options: &Options) -> Result<(Cow<'static, str>, Arc<str>)> {
    let mut named = parts.headers.get_all(&SANDBOX).iter();
    if let Some(first) = named.next()
        && let Some(other) = named.find(|other| *other != first)
    {
        let [first, other] = [first, other].map(|name| String::from_utf8_lossy(name.as_bytes()));
        let message = format!("the request names two sandboxes, `{first}` and `{other}`");
        return Err(Error::vendor(StatusCode::BAD_REQUEST, "two_sandboxes", message));
    }
    let header = parts.headers.remove(&SANDBOX);
    if let Some(rest) = parts.uri.path().strip_prefix("/~") {
        let name = rest.split('/').next().unwrap_or_default().to_owned();
        let path = rest[name.len()..].to_owned();
        without_prefix(parts, &path)?;
        let prefix = Arc::from(format!("/~{name}"));
        return Ok((name.into(), prefix));
    }
    let user = || parts.extensions.get::<Transport>()?.user.as_ref().map(ToString::to_string);
    let header = || header.map(|name| String::from_utf8_lossy(name.as_bytes()).into_owned());
    let label = host_label(parts, &options.label_hosts);
    if let Some(label) = label.as_ref().filter(|label| !is_name(label)) {
        let message = format!("what stands before our name in the host names a sandbox: {}", no_name(label));
        return Err(Error::vendor(StatusCode::BAD_REQUEST, "bad_name", message));
    }
    match label.or_else(user).or_else(header) {
        Some(name) => Ok((name.into(), Arc::default())),
        None if options.require_sandbox && !is_preflight(parts) => Err(unnamed()),
        None => Ok((DEFAULT.into(), Arc::default())),
    }
}

fn without_prefix(parts: &mut Parts, path: &str) -> Result<()> {
    let path = if path.is_empty() { "/" } else { path };
    let target = match parts.uri.query() {
        Some(query) => format!("{path}?{query}"),
        None => path.to_owned(),
    };
    let mut uri = std::mem::take(&mut parts.uri).into_parts();
    uri.path_and_query = Some(PathAndQuery::try_from(target).map_err(|_| bad_path())?);
    parts.uri = Uri::from_parts(uri).map_err(|_| bad_path())?;
    Ok(())
}

/// What stands before `localhost`, or before one of `hosts`, in the host that the request names.
fn host_label(parts: &Parts, hosts: &[String]) -> Option<String> {
    let header = || parts.headers.get(HOST)?.to_str().ok();
    let named = parts.uri.authority().map(Authority::as_str).or_else(header)?;
    // Nearly every request names an address: that is seen before anything is taken apart.
    if !hosts.iter().map(String::as_str).chain(["localhost"]).any(|base| is_below(named, base)) {
        return None;
    }
    let named: Authority = named.parse().ok()?;
    let host = named.host().trim_end_matches('.').to_ascii_lowercase();
    let names = hosts.iter().filter(|name| name.parse::<IpAddr>().is_err());
    let bases: Vec<String> =
        names.map(|name| name.to_ascii_lowercase()).chain(["localhost".to_owned()]).collect();
    if bases.contains(&host) {
        return None;
    }
    let labels = bases.iter().filter_map(|base| host.strip_suffix(base.as_str())?.strip_suffix('.'));
    labels.min_by_key(|label| label.len()).map(str::to_owned)
}

/// Whether `base` stands in `authority` after a point, whatever the case.
fn is_below(authority: &str, base: &str) -> bool {
    let rest = || authority.bytes().enumerate().filter(|(_, sign)| *sign == b'.').map(|(place, _)| place + 1);
    let begins = |rest: &str| rest.get(..base.len()).is_some_and(|start| start.eq_ignore_ascii_case(base));
    rest().filter_map(|place| authority.get(place..)).any(begins)
}

/// Browsers ask so before they ask anything; they cannot be told to name a sandbox then.
fn is_preflight(parts: &Parts) -> bool {
    parts.method == Method::OPTIONS
        && parts.headers.contains_key(ORIGIN)
        && parts.headers.contains_key(ACCESS_CONTROL_REQUEST_METHOD)
}

fn unnamed() -> Error {
    let message = "the request names no sandbox: begin its path with /~NAME (a path that begins with a slash takes a base \
        URL's prefix away), or name it in the host (NAME.localhost), as the user of the proxy (--intercept) or in the header \
        Erpsatz-Sandbox";
    Error::vendor(StatusCode::BAD_REQUEST, "no_sandbox", message)
}

fn bad_path() -> Error {
    Error::vendor(StatusCode::BAD_REQUEST, "bad_path", "the path cannot be read")
}

#[cfg(test)]
mod tests {
    use axum::http::Request;

    use super::*;

    #[test]
    fn a_label_stands_before_a_name_of_ours() {
        let hosts = ["erp.test", "more.erp.test", "10.0.0.7"].map(str::to_owned);
        for (host, expected) in [
            ("t42.localhost:8083", Some("t42")),
            ("T42.LOCALHOST", Some("t42")),
            ("t42.localhost.", Some("t42")),
            ("a.b.localhost", Some("a.b")),
            ("t42.erp.test:1", Some("t42")),
            ("t42.more.erp.test", Some("t42")),
            ("more.erp.test", None),
            ("erp.test", None),
            ("localhost:8083", None),
            ("t42.10.0.0.7", None),
            ("10.0.0.7", None),
            ("127.0.0.1", None),
            ("[::1]:1", None),
            ("xlocalhost", None),
            ("app.vendor.example", None),
        ] {
            let request = Request::builder().header(HOST, host).body(()).unwrap();
            assert_eq!(host_label(&request.into_parts().0, &hosts).as_deref(), expected, "{host}");
        }
        let absolute =
            Request::builder().uri("http://t1.localhost/x").header(HOST, "t2.localhost").body(()).unwrap();
        assert_eq!(host_label(&absolute.into_parts().0, &[]).as_deref(), Some("t1"));
    }
}
