//! The paths: the GraphQL endpoint with its playground, the download call and the links it gives (fact sheet 2).

use std::convert::Infallible;

use axum::Router;
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE};
use axum::http::{HeaderName, Method, StatusCode};
use axum::routing::{MethodRouter, any, get, options};
use tower_http::cors::{Any, CorsLayer};
use tower_http::set_status::SetStatusLayer;

use crate::{download, endpoint};

/// What every answer tells browsers of any origin, refusals and faults too (DECISIONS).
pub(crate) const HEADERS: &[(&str, &str)] =
    &[("access-control-allow-origin", "*"), ("access-control-expose-headers", "erpsatz-sandbox-id")];

/// The headers that choose a sandbox, and say which of its name: a page's client may send them too, and read the second.
const SANDBOX: [HeaderName; 2] =
    [HeaderName::from_static("erpsatz-sandbox"), HeaderName::from_static("erpsatz-sandbox-id")];

pub(crate) fn routes() -> Router {
    Router::new()
        .route("/api/external/graphql", any(endpoint::endpoint).merge(preflight()))
        .route("/api/downloadFile", any(download::link).merge(preflight()))
        .route("/__s3/{file}", get(download::content).merge(preflight()))
}

/// What browsers of any origin may send, without credentials.
fn preflight() -> MethodRouter {
    let [name, id] = SANDBOX;
    let cors = CorsLayer::new()
        .allow_origin(Any)
        .allow_methods([Method::GET, Method::POST, Method::OPTIONS])
        .allow_headers([AUTHORIZATION, CONTENT_TYPE, name, id]);
    let status = SetStatusLayer::new(StatusCode::NO_CONTENT);
    options(|| async {}).layer::<_, Infallible>(cors).layer(status)
}
