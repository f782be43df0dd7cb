//! `/api/Entity/{Entity}` and `/api/Entity/{Entity}/{id}`: which verb goes where (fact sheet 2 and 4).

use std::time::Duration;

use axum::Router;
use axum::http::header::ALLOW;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use bytes::Bytes;
use simcore::entity::model::Table;
use simcore::entity::settings::Settings;
use simcore::simulator::ctx::Public;
use simcore::simulator::extract::{Path, Query};
use simcore::{Ctx, Error, ErrorKind, Principal, Result};

use crate::{auth, create, error, list, update};

/// The verbs of the API, in the order of `Allow`.
const VERBS: [&str; 4] = ["GET", "POST", "PUT", "DELETE"];

pub(crate) fn routes() -> Router {
    let (collection, one) = (any(collection).options(options), any(one).options(options));
    Router::new()
        .route("/{api}/{segment}/{entity}", collection.clone())
        .route("/{api}/{segment}/{entity}/", collection)
        .route("/{api}/{segment}/{entity}/{id}", one.clone())
        .route("/{api}/{segment}/{entity}/{id}/", one)
}

/// A call that has come as far as the ERP: the entity exists and the verb is supported.
pub(crate) struct Call {
    pub(crate) ctx: Ctx,
    pub(crate) principal: Principal,
    pub(crate) entity: String,
    pub(crate) headers: HeaderMap,
    pub(crate) query: Query,
    pub(crate) body: Bytes,
}

impl Call {
    pub(crate) fn table(&self) -> Result<&Table> {
        self.ctx.model.table(&self.entity).ok_or_else(|| error::unknown_entity(&self.entity))
    }

    /// The ERP behind the company.
    pub(crate) fn erp(&self) -> &str {
        auth::erp(&self.ctx, &self.principal)
    }
}

async fn collection(
    ctx: Ctx,
    method: Method,
    Path((api, segment, entity)): Path<(String, String, String)>,
    uri: Uri,
    headers: HeaderMap,
    query: Query,
    body: Bytes,
) -> Result<Response> {
    entity_path(&api, &segment)?;
    // A trailing slash means the same (fact sheet 2); two do not.
    if uri.path().ends_with("//") {
        return Err(Error::new(StatusCode::NOT_FOUND, ErrorKind::Route));
    }
    let call = Call { principal: ctx.principal(), ctx, entity, headers, query, body };
    let verb = supported(&call, &method, Form::Collection)?;
    robot(&call.ctx).await?;
    match verb {
        "GET" => list::list(&call).await,
        "POST" => create::create(&call).await,
        "PUT" => update::update(&call, None).await,
        _ => update::delete(&call, None).await,
    }
}

async fn one(
    ctx: Ctx,
    method: Method,
    Path((api, segment, entity, id)): Path<(String, String, String, String)>,
    headers: HeaderMap,
    query: Query,
    body: Bytes,
) -> Result<Response> {
    entity_path(&api, &segment)?;
    let call = Call { principal: ctx.principal(), ctx, entity, headers, query, body };
    if !has_one(call.table()?) {
        return Err(Error::new(StatusCode::NOT_FOUND, ErrorKind::Route));
    }
    let verb = supported(&call, &method, Form::One)?;
    robot(&call.ctx).await?;
    match verb {
        "GET" => list::one(&call, &id).await,
        "PUT" => update::update(&call, Some(&id)).await,
        _ => update::delete(&call, Some(&id)).await,
    }
}

/// `OPTIONS` is answered without credentials (Q32): with the verbs that any ERP supports.
async fn options(Public(ctx): Public, uri: Uri) -> Result<Response> {
    let segments: Vec<&str> = uri.path().split('/').filter(|segment| !segment.is_empty()).collect();
    let [api, segment, entity, ..] = segments[..] else {
        return Err(Error::new(StatusCode::NOT_FOUND, ErrorKind::Route));
    };
    entity_path(api, segment)?;
    let table = served(&ctx, entity)?;
    let form = if segments.len() > 3 { Form::One } else { Form::Collection };
    let mut allowed = allowed_anywhere(&ctx.settings, table, form);
    if allowed.contains(&"GET") {
        allowed.push("HEAD");
    }
    allowed.push("OPTIONS");
    Ok((StatusCode::NO_CONTENT, [(ALLOW, allowed.join(", "))]).into_response())
}

/// The fixed segments are matched whatever their case (fact sheet 2).
fn entity_path(api: &str, segment: &str) -> Result<()> {
    let known = api.eq_ignore_ascii_case("api") && segment.eq_ignore_ascii_case("Entity");
    if known { Ok(()) } else { Err(Error::new(StatusCode::NOT_FOUND, ErrorKind::Route)) }
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    Collection,
    One,
}

/// An entity that at least one ERP supports; the others are back office.
fn served<'a>(ctx: &'a Ctx, entity: &str) -> Result<&'a Table> {
    let table =
        ctx.model.table(entity).filter(|table| table.entity.access.values().any(|verbs| !verbs.is_empty()));
    table.ok_or_else(|| error::unknown_entity(entity))
}

/// Work orders and stock movements document no `/{id}` (fact sheet 2).
pub(crate) fn has_one(table: &Table) -> bool {
    !matches!(table.name.as_str(), "WorkOrder" | "ProductTrail")
}

/// The verbs that any ERP supports.
pub(crate) fn allowed_anywhere(settings: &Settings, table: &Table, form: Form) -> Vec<&'static str> {
    let any_erp = |verb: &str| table.entity.access.values().flatten().any(|known| known == verb);
    if table.entity.access.is_empty() { Vec::new() } else { allowed(settings, table, form, any_erp) }
}

fn allowed(
    settings: &Settings,
    table: &Table,
    form: Form,
    supports: impl Fn(&str) -> bool,
) -> Vec<&'static str> {
    let deleted = settings.texts("delete_enabled").any(|entity| entity.eq_ignore_ascii_case(&table.name));
    let known = |verb: &str| match verb {
        "DELETE" => deleted,
        "POST" => form == Form::Collection && supports(verb),
        _ => supports(verb),
    };
    VERBS.into_iter().filter(|verb| known(verb)).collect()
}

/// The verb, when the company's ERP supports it for this entity.
fn supported(call: &Call, method: &Method, form: Form) -> Result<&'static str> {
    let table = served(&call.ctx, &call.entity)?;
    let erp = call.erp();
    let verbs = table.entity.access.get(erp);
    let allowed = allowed(&call.ctx.settings, table, form, |verb| {
        verbs.is_some_and(|verbs| verbs.iter().any(|v| v == verb))
    });
    let verb = if method == Method::HEAD { "GET" } else { method.as_str() };
    allowed
        .iter()
        .find(|known| **known == verb)
        .copied()
        .ok_or_else(|| error::unsupported(&call.ctx, method.as_str(), &table.name, erp, &allowed))
}

/// The hub hands the call to the robot beside the ERP (fact sheet 8.6).
async fn robot(ctx: &Ctx) -> Result<()> {
    match ctx.settings.text("robot") {
        "offline" => Err(error::robot_offline()),
        "timeout" => {
            let wait = ctx.settings.integer("robot_timeout_ms").max(0).unsigned_abs();
            tokio::time::sleep(Duration::from_millis(wait)).await;
            Err(error::robot_timeout())
        }
        _ => Ok(()),
    }
}
