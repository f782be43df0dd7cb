//! The paths: the GraphQL endpoint with its playground, the download call and the links it gives (fact sheet 2).

use axum::Router;
use axum::http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
};
use axum::http::{HeaderName, StatusCode};
use axum::routing::{any, get};

use crate::{download, endpoint};

/// What browsers of any origin may do.
pub(crate) const CORS: [(HeaderName, &str); 3] = [
    (ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
    (ACCESS_CONTROL_ALLOW_METHODS, "GET, POST, OPTIONS"),
    (ACCESS_CONTROL_ALLOW_HEADERS, "Authorization, Content-Type"),
];

pub(crate) fn routes() -> Router {
    let options = || async { (StatusCode::NO_CONTENT, CORS) };
    Router::new()
        .route("/api/external/graphql", any(endpoint::endpoint).options(options))
        .route("/api/downloadFile", any(download::link).options(options))
        .route("/__s3/{file}", get(download::content))
}
