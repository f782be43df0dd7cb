//! Pages for people: which servers run, and the contract of each, read without a network.

use axum::extract::{Path, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use simcore::base::error::Result;

use crate::App;

/// Redoc 2.5.4, as its package ships it; `assets/LICENSE.redoc` is its licence.
const REDOC: &[u8] = include_bytes!("../assets/redoc.standalone.js.gz");

/// Nothing is fetched from elsewhere, whatever a page or its script asks for.
const POLICY: &str = "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; worker-src blob:";

const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:60rem;padding:0 1rem}\
    table{border-collapse:collapse;width:100%}td,th{border-bottom:1px solid #ccc;padding:.4rem;text-align:left}\
    pre{overflow:auto}";

/// The contract of one server: an OpenAPI document in Redoc, another language as text.
pub(crate) async fn contract(State(app): State<App>, Path(slug): Path<String>) -> Result<Response> {
    let (_, server) = app.server(&slug)?;
    let (slug, title) = (server.sim.slug, server.sim.title);
    let body = match &server.usual_contract().text {
        Some(text) => format!("<h1>{}</h1><pre>{}</pre>", escaped(title), escaped(text)),
        None => format!(
            "<div id=\"contract\" data-document=\"/servers/{slug}/contract\"></div>\
             <script src=\"/assets/redoc.js\"></script><script src=\"/assets/contract.js\"></script>"
        ),
    };
    Ok(page(title, &body))
}

/// The reader itself.
pub(crate) async fn redoc() -> impl IntoResponse {
    let headers = [
        (CONTENT_TYPE, "text/javascript; charset=utf-8"),
        (CONTENT_ENCODING, "gzip"),
        (CACHE_CONTROL, "max-age=86400"),
    ];
    (headers, REDOC)
}

/// What starts it, as a file: the page has no inline script.
pub(crate) async fn start() -> impl IntoResponse {
    ([(CONTENT_TYPE, "text/javascript; charset=utf-8")], include_str!("../assets/contract.js"))
}

fn page(title: &str, body: &str) -> Response {
    let headers = [(CONTENT_TYPE, "text/html; charset=utf-8"), (CONTENT_SECURITY_POLICY, POLICY)];
    let title = escaped(title);
    let html = format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>{title}</title><style>{STYLE}</style>{body}</html>"
    );
    (headers, html).into_response()
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
