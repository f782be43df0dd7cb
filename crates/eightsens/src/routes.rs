//! Which path leads where (fact sheet 4 and 6). `Allow` names the verbs of the sheet, so not `HEAD`.

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::StatusCode;
use axum::http::header::ALLOW;
use axum::http::uri::{PathAndQuery, Uri};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, any, delete, get, patch, post, put};
use indexmap::IndexMap;
use simcore::Result;
use simcore::simulator::ctx::Public;

use crate::{
    address, article, client, commande, devis, error, lignes, login, prospect, reference, transformation,
    wire,
};

pub(crate) fn routes() -> Router {
    Router::new().route("/", any(enter)).route("/{*path}", any(enter)).with_state(table())
}

/// One call: routes, `Allow` and the contract come from it.
pub(crate) struct Row {
    pub(crate) verb: &'static str,
    /// The path in the simulator's own words.
    pub(crate) path: &'static str,
    pub(crate) call: Call,
    handler: fn() -> MethodRouter,
}

/// What a call does, for the contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Call {
    Login,
    Logout,
    /// A list, one record by id, one by code, of an entity.
    List(&'static str),
    One(&'static str),
    ByCode(&'static str),
    Create(&'static str),
    Change(&'static str),
    Cancel,
    Price,
    Stock,
    /// A part of a record: entity, field.
    Parts(&'static str, &'static str),
    CreatePart(&'static str, &'static str),
    ChangePart(&'static str, &'static str),
    RemovePart(&'static str, &'static str),
    Convert,
    Identify,
    Transform,
}

const fn row(verb: &'static str, path: &'static str, call: Call, handler: fn() -> MethodRouter) -> Row {
    Row { verb, path, call, handler }
}

/// Every call of the API (fact sheet 4 and 6), in the order of the sheet; the end of the session comes last.
pub(crate) const ROWS: &[Row] = &[
    row("POST", "/v1/login/user", Call::Login, || post(login::login)),
    row("GET", "/v1/client", Call::List("client"), || get(client::list)),
    row("POST", "/v1/client", Call::Create("client"), || post(client::create)),
    row("GET", "/v1/client/{id}", Call::One("client"), || get(client::one)),
    row("PUT", "/v1/client/{id}", Call::Change("client"), || put(client::change)),
    row("PATCH", "/v1/client/{id}", Call::Change("client"), || patch(client::change)),
    row("GET", "/v1/client/code/{code}", Call::ByCode("client"), || get(client::by_code)),
    row("GET", "/v1/client/{id}/adresse", Call::Parts("client", "adresses"), || get(address::list)),
    row("POST", "/v1/client/{id}/adresse", Call::CreatePart("client", "adresses"), || post(address::create)),
    row("PUT", "/v1/client/{id}/adresse/{part}", Call::ChangePart("client", "adresses"), || {
        put(address::change)
    }),
    row("PATCH", "/v1/client/{id}/adresse/{part}", Call::ChangePart("client", "adresses"), || {
        patch(address::change)
    }),
    row("DELETE", "/v1/client/{id}/adresse/{part}", Call::RemovePart("client", "adresses"), || {
        delete(address::remove)
    }),
    row("GET", "/v1/prospect", Call::List("prospect"), || get(prospect::list)),
    row("POST", "/v1/prospect", Call::Create("prospect"), || post(prospect::create)),
    row("GET", "/v1/prospect/{id}", Call::One("prospect"), || get(prospect::one)),
    row("PUT", "/v1/prospect/{id}", Call::Change("prospect"), || put(prospect::change)),
    row("PATCH", "/v1/prospect/{id}", Call::Change("prospect"), || patch(prospect::change)),
    row("POST", "/v1/prospect/{id}/client", Call::Convert, || post(prospect::convert)),
    row("GET", "/v1/article", Call::List("article"), || get(article::list)),
    row("GET", "/v1/article/{id}", Call::One("article"), || get(article::one)),
    row("GET", "/v1/article/code/{code}", Call::ByCode("article"), || get(article::by_code)),
    row("GET", "/v1/article/{id}/tarif", Call::Price, || get(article::price)),
    row("GET", "/v1/article/{id}/stock", Call::Stock, || get(article::stock)),
    row("GET", "/v1/devis", Call::List("devis"), || get(devis::list)),
    row("POST", "/v1/devis", Call::Create("devis"), || post(devis::create)),
    row("GET", "/v1/devis/{id}", Call::One("devis"), || get(devis::one)),
    row("PUT", "/v1/devis/{id}", Call::Change("devis"), || put(devis::change)),
    row("PATCH", "/v1/devis/{id}", Call::Change("devis"), || patch(devis::change)),
    row("DELETE", "/v1/devis/{id}", Call::Cancel, || delete(devis::cancel)),
    row("POST", "/v1/devis/{id}/ligne", Call::CreatePart("devis", "lignes"), || post(lignes::create)),
    row("PUT", "/v1/devis/{id}/ligne/{part}", Call::ChangePart("devis", "lignes"), || put(lignes::change)),
    row("PATCH", "/v1/devis/{id}/ligne/{part}", Call::ChangePart("devis", "lignes"), || {
        patch(lignes::change)
    }),
    row("DELETE", "/v1/devis/{id}/ligne/{part}", Call::RemovePart("devis", "lignes"), || {
        delete(lignes::remove)
    }),
    row("PUT", "/v1/devis/{id}/client", Call::Identify, || put(devis::identify)),
    row("PATCH", "/v1/devis/{id}/client", Call::Identify, || patch(devis::identify)),
    row("POST", "/v1/devis/{id}/commande", Call::Transform, || post(transformation::transform)),
    row("GET", "/v1/commande", Call::List("commande"), || get(commande::list)),
    row("POST", ORDERS, Call::Create("commande"), || post(commande::create)),
    row("GET", "/v1/commande/{id}", Call::One("commande"), || get(commande::one)),
    row("PUT", "/v1/commande/{id}", Call::Change("commande"), || put(commande::change)),
    row("PATCH", "/v1/commande/{id}", Call::Change("commande"), || patch(commande::change)),
    row("GET", "/v1/commande/code/{code}", Call::ByCode("commande"), || get(commande::by_code)),
    row("GET", "/v1/racine", Call::List("racine"), || get(reference::list::<0>)),
    row("GET", "/v1/racine/{id}", Call::One("racine"), || get(reference::one::<0>)),
    row("GET", "/v1/nature", Call::List("nature"), || get(reference::list::<1>)),
    row("GET", "/v1/nature/{id}", Call::One("nature"), || get(reference::one::<1>)),
    row("GET", "/v1/transfo", Call::List("transfo"), || get(reference::list::<2>)),
    row("GET", "/v1/transfo/{id}", Call::One("transfo"), || get(reference::one::<2>)),
    row("DELETE", "/v1/login/user", Call::Logout, || delete(login::logout)),
];

/// The list of orders, whose verbs depend on a setting.
const ORDERS: &str = "/v1/commande";

/// The paths with their verbs: `OPTIONS` is answered without credentials, every other verb with 405.
fn table() -> Router {
    let mut paths: IndexMap<&str, (Vec<&str>, MethodRouter)> = IndexMap::new();
    for row in ROWS {
        let (verbs, router) = paths.entry(row.path).or_default();
        verbs.push(row.verb);
        *router = std::mem::take(router).merge((row.handler)());
    }
    let table = paths.into_iter().fold(Router::new(), |table, (path, (verbs, router))| {
        let router = if path == ORDERS {
            router.options(commande::options).fallback(commande::refuse)
        } else {
            let allow = verbs.join(", ");
            let refused = allow.clone();
            router
                .options(move || async move { allowed(&allow) })
                .fallback(move || async move { error::method(&refused) })
        };
        table.route(path, router)
    });
    // `max_body_bytes` and the gate say how large a body may be.
    table.fallback(|| async { error::no_route() }).layer(DefaultBodyLimit::disable())
}

/// The answer to `OPTIONS`.
pub(crate) fn allowed(allow: &str) -> Response {
    (StatusCode::NO_CONTENT, [(ALLOW, allow)]).into_response()
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
