//! The console: a web application over this API, whose files are in the binary. They hold no data, so they need no token.

use std::collections::HashMap;
use std::sync::LazyLock;

use axum::extract::Path;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, HeaderName, IF_NONE_MATCH, VARY,
};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use include_dir::{Dir, include_dir};
use simcore::base::error::{Error, ErrorKind, Result};
use simcore::base::random::fingerprint;

static FILES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../../console");

/// Scripts and styles are files of ours, nothing is fetched from elsewhere, and no page may frame this one.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; \
    img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// What tells whether a browser's copy is this one.
static TAGS: LazyLock<HashMap<&str, HeaderValue>> = LazyLock::new(|| {
    let mut tags = HashMap::new();
    let mut folders = vec![&FILES];
    while let Some(folder) = folders.pop() {
        folders.extend(folder.dirs());
        for file in folder.files() {
            let tag = format!("\"{:016x}\"", fingerprint(file.contents()));
            if let (Some(path), Ok(tag)) = (file.path().to_str(), HeaderValue::try_from(tag)) {
                tags.insert(path, tag);
            }
        }
    }
    tags
});

/// What browsers are told of a file by its ending; other files are not served.
const MEDIA: [(&str, &str); 4] = [
    ("css", "text/css; charset=utf-8"),
    ("html", "text/html; charset=utf-8"),
    ("js", "text/javascript; charset=utf-8"),
    ("svg", "image/svg+xml"),
];

/// Whether a path is one of the console's, which anybody may read.
pub(crate) fn is_file(path: &str) -> bool {
    path == "/" || path.starts_with("/console/")
}

pub(crate) async fn page(headers: HeaderMap) -> Result<Response> {
    serve("index.html", &headers)
}

pub(crate) async fn file(Path(path): Path<String>, headers: HeaderMap) -> Result<Response> {
    serve(&path, &headers)
}

fn serve(path: &str, headers: &HeaderMap) -> Result<Response> {
    let absent = || Error::new(StatusCode::NOT_FOUND, ErrorKind::Route);
    let (_, ending) = path.rsplit_once('.').ok_or_else(absent)?;
    let (_, media) = MEDIA.iter().find(|(known, _)| *known == ending).ok_or_else(absent)?;
    let file = FILES.get_file(path).ok_or_else(absent)?;
    let tag = TAGS.get(path).ok_or_else(absent)?;
    let about: [(HeaderName, HeaderValue); 5] = [
        (CONTENT_TYPE, HeaderValue::from_static(media)),
        (ETAG, tag.clone()),
        // Asked for again each time, sent only when it is another: an upgrade is seen at once.
        (CACHE_CONTROL, HeaderValue::from_static("no-cache")),
        (CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY)),
        (VARY, HeaderValue::from_static("Accept-Encoding")),
    ];
    let known = headers.get(IF_NONE_MATCH).and_then(|known| known.to_str().ok()).unwrap_or_default();
    // A copy that was compressed on its way has a weak tag.
    let is_known =
        tag.to_str().is_ok_and(|tag| known.split(',').any(|one| one.trim().trim_start_matches("W/") == tag));
    if is_known {
        return Ok((StatusCode::NOT_MODIFIED, about).into_response());
    }
    Ok((about, file.contents()).into_response())
}
