//! Whose request it is.

use std::borrow::Cow;
use std::sync::Arc;

use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::http::uri::{PathAndQuery, Uri};

use crate::base::error::{Error, Result};
use crate::sandbox::sandboxes::DEFAULT;
use crate::server::gate::SANDBOX_HEADER;

/// Which sandbox a request means, and what its URLs begin with. The prefix is taken off the path, the header off
/// the headers: the simulator knows of neither.
pub(super) fn sandbox_of(parts: &mut Parts) -> Result<(Cow<'static, str>, Arc<str>)> {
    let mut named = parts.headers.get_all(SANDBOX_HEADER).iter();
    if let Some(first) = named.next()
        && let Some(other) = named.find(|other| *other != first)
    {
        let [first, other] = [first, other].map(|name| String::from_utf8_lossy(name.as_bytes()));
        let message = format!("the request names two sandboxes, `{first}` and `{other}`");
        return Err(Error::vendor(StatusCode::BAD_REQUEST, "two_sandboxes", message));
    }
    let header = parts.headers.remove(SANDBOX_HEADER);
    let Some(rest) = parts.uri.path().strip_prefix("/~") else {
        let name = header.map(|name| String::from_utf8_lossy(name.as_bytes()).into_owned());
        return Ok((name.map_or(Cow::Borrowed(DEFAULT), Cow::Owned), Arc::default()));
    };
    let (name, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let name = name.to_owned();
    let path = if path.is_empty() { "/" } else { path };
    let target = match parts.uri.query() {
        Some(query) => format!("{path}?{query}"),
        None => path.to_owned(),
    };
    let mut uri = std::mem::take(&mut parts.uri).into_parts();
    uri.path_and_query = Some(PathAndQuery::try_from(target).map_err(|_| bad_path())?);
    parts.uri = Uri::from_parts(uri).map_err(|_| bad_path())?;
    let prefix = Arc::from(format!("/~{name}"));
    Ok((name.into(), prefix))
}

fn bad_path() -> Error {
    Error::vendor(StatusCode::BAD_REQUEST, "bad_path", "the path cannot be read")
}
