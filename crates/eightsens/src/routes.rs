//! Which path leads where (fact sheet 4 and 6). `Allow` names the verbs of the sheet, so not `HEAD`.

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::header::ALLOW;
use axum::http::uri::{PathAndQuery, Uri};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, any, get, post, put};
use simcore::Result;
use simcore::ctx::Public;

use crate::{
    address, article, client, commande, devis, error, lignes, login, prospect, reference, transformation,
    wire,
};

pub(crate) fn routes() -> Router {
    Router::new().route("/", any(enter)).route("/{*path}", any(enter)).with_state(table())
}

/// Every path of the API, in the simulator's own words.
fn table() -> Router {
    let mut table = Router::new()
        .route("/v1/login/user", only("POST, DELETE", post(login::login).delete(login::logout)))
        .route("/v1/client", only("GET, POST", get(client::list).post(client::create)))
        .route(
            "/v1/client/{id}",
            only("GET, PUT, PATCH", get(client::one).put(client::change).patch(client::change)),
        )
        .route("/v1/client/code/{code}", only("GET", get(client::by_code)))
        .route("/v1/client/{id}/adresse", only("GET, POST", get(address::list).post(address::create)))
        .route(
            "/v1/client/{id}/adresse/{part}",
            only("PUT, PATCH, DELETE", put(address::change).patch(address::change).delete(address::remove)),
        )
        .route("/v1/prospect", only("GET, POST", get(prospect::list).post(prospect::create)))
        .route(
            "/v1/prospect/{id}",
            only("GET, PUT, PATCH", get(prospect::one).put(prospect::change).patch(prospect::change)),
        )
        .route("/v1/prospect/{id}/client", only("POST", post(prospect::convert)))
        .route("/v1/article", only("GET", get(article::list)))
        .route("/v1/article/{id}", only("GET", get(article::one)))
        .route("/v1/article/code/{code}", only("GET", get(article::by_code)))
        .route("/v1/article/{id}/tarif", only("GET", get(article::price)))
        .route("/v1/article/{id}/stock", only("GET", get(article::stock)))
        .route("/v1/devis", only("GET, POST", get(devis::list).post(devis::create)))
        .route(
            "/v1/devis/{id}",
            only(
                "GET, PUT, PATCH, DELETE",
                get(devis::one).put(devis::change).patch(devis::change).delete(devis::cancel),
            ),
        )
        .route("/v1/devis/{id}/ligne", only("POST", post(lignes::create)))
        .route(
            "/v1/devis/{id}/ligne/{part}",
            only("PUT, PATCH, DELETE", put(lignes::change).patch(lignes::change).delete(lignes::remove)),
        )
        .route("/v1/devis/{id}/client", only("PUT, PATCH", put(devis::identify).patch(devis::identify)))
        .route("/v1/devis/{id}/commande", only("POST", post(transformation::transform)))
        .route(
            "/v1/commande",
            get(commande::list).post(commande::create).options(commande::options).fallback(commande::refuse),
        )
        .route(
            "/v1/commande/{id}",
            only("GET, PUT, PATCH", get(commande::one).put(commande::change).patch(commande::change)),
        )
        .route("/v1/commande/code/{code}", only("GET", get(commande::by_code)));
    for kind in reference::KINDS {
        let path = format!("/v1/{}", kind.entity);
        table = table
            .route(&path, only("GET", get(move |ctx, query| reference::list(kind, ctx, query))))
            .route(&format!("{path}/{{id}}"), only("GET", get(move |ctx, id| reference::one(kind, ctx, id))));
    }
    // `max_body_bytes` and the gate say how large a body may be.
    table.fallback(|| async { error::no_route() }).layer(DefaultBodyLimit::disable())
}

/// The verbs of one path: `OPTIONS` is answered without credentials, every other verb with 405.
fn only(allow: &'static str, verbs: MethodRouter) -> MethodRouter {
    verbs.options(move || async move { allowed(allow) }).fallback(move || async move { error::method(allow) })
}

/// The answer to `OPTIONS`.
pub(crate) fn allowed(allow: &'static str) -> Response {
    (StatusCode::NO_CONTENT, [(ALLOW, HeaderValue::from_static(allow))]).into_response()
}

/// Reads the path as the profile spells it, then leaves it to the table.
async fn enter(State(mut table): State<Router>, Public(ctx): Public, request: Request) -> Result<Response> {
    let (mut parts, body) = request.into_parts();
    let path = wire::canonical_path(&ctx, parts.uri.path())?;
    let target = match parts.uri.query() {
        Some(query) => format!("{path}?{query}"),
        None => path,
    };
    let target = PathAndQuery::try_from(target).map_err(|_| error::no_route())?;
    parts.uri = Uri::from(target);
    // The variables of the path that led here are not the table's.
    parts.extensions.clear();
    parts.extensions.insert(ctx);
    match tower_service::Service::call(&mut table, Request::from_parts(parts, body)).await {
        Ok(response) => Ok(response.into_response()),
        Err(never) => match never {},
    }
}
