//! `/api/Entity/{Entity}` and `/api/Entity/{Entity}/{id}`: which verb goes where (fact sheet 2 and 4).

use std::borrow::Cow;
use std::time::Duration;

use axum::http::StatusCode;
use axum::http::header::ALLOW;
use axum::response::{IntoResponse, Response};
use simcore::contract::Spelling;
use simcore::entity::model::{Model, Table as EntityTable};
use simcore::entity::profile::Evidence;
use simcore::entity::settings::Settings;
use simcore::simulator::route::{self, Handler, Route, Served, Table, Unserved};
use simcore::{Ctx, Error, Result, said};

use crate::call::{Call, Entity};
use crate::entities::{self, ENTITIES};
use crate::{auth, batch, create, error, list, update};

/// How the hub reads paths and verbs: fixed segments and entities whatever their case (fact sheet 2).
pub(crate) const TABLE: Table = Table {
    rows,
    spelling: Spelling { any_case: true, doubled_slashes: false },
    path,
    served,
    options: Some(options),
    unserved,
    ..Table::BASE
};

/// Which path of an entity is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    Collection,
    One,
}

impl Form {
    /// That of a row.
    pub(crate) fn of(route: &Route) -> Self {
        if route.path.ends_with('}') { Self::One } else { Self::Collection }
    }
}

macro_rules! on {
    ($call:ident => $answer:expr) => {
        |called| {
            Box::pin(async move {
                let $call = &entered(called).await?;
                $answer.await
            })
        }
    };
}

/// The verbs of each path, in the order of `Allow`.
const COLLECTION: [(&str, Handler); 4] = [
    ("GET", on!(call => list::list(call))),
    ("POST", on!(call => create::create(call))),
    ("PUT", on!(call => update::update(call, None))),
    ("DELETE", on!(call => update::delete(call, None))),
];
const ONE: [(&str, Handler); 3] = [
    ("GET", on!(call => list::one(call, &call.id))),
    ("PUT", on!(call => update::update(call, Some(&call.id)))),
    ("DELETE", on!(call => update::delete(call, Some(&call.id)))),
];
const BATCH: Handler = on!(call => batch::create(call));

/// What a path that takes no verb would be answered with.
const NOTHING: Handler = |_| Box::pin(async { Err(Error::internal("a path without a verb")) });

/// Every verb that any ERP supports, of every entity that any ERP has; the others are back office.
fn rows(model: &Model) -> Vec<Route> {
    let served = model.tables.values().enumerate().filter(|(_, table)| is_served(table));
    served.flat_map(|(place, table)| of_entity(place, table)).collect()
}

fn of_entity(place: usize, table: &EntityTable) -> Vec<Route> {
    let own = entities::place(&table.name);
    let subject = place * ENTITIES.len() + own;
    let own = &ENTITIES[own];
    let is_known =
        |verb: &str| verb == "DELETE" || table.entity.access.values().flatten().any(|known| known == verb);
    let mut rows = Vec::new();
    let mut add = |form: Form, verb: &'static str, handler: Handler| {
        let id = if form == Form::One { "/{id}" } else { "" };
        let path = Cow::Owned(format!("/api/Entity/{}{id}", table.name));
        let row = Route::new(verb, "", handler, subject).evidence(evidence(table, own, form, verb));
        rows.push(Route { path, ..row });
    };
    // The paths are there, whatever the company's ERP supports.
    add(Form::Collection, "", NOTHING);
    for (verb, handler) in COLLECTION.into_iter().filter(|(verb, _)| is_known(verb)) {
        add(Form::Collection, verb, if own.takes_batch && verb == "POST" { BATCH } else { handler });
    }
    if own.has_one {
        add(Form::One, "", NOTHING);
        for (verb, handler) in ONE.into_iter().filter(|(verb, _)| is_known(verb)) {
            add(Form::One, verb, handler);
        }
    }
    rows
}

/// Which verbs there are is documented with the entity, but no `DELETE` is (Q17).
fn evidence(table: &EntityTable, own: &Entity, form: Form, verb: &str) -> Evidence {
    let by_key = own.put_by_key.filter(|_| verb == "PUT" && form == Form::Collection);
    match verb {
        "DELETE" => Evidence::Assumed,
        _ => by_key.or(own.verbs).unwrap_or(table.entity.evidence),
    }
}

/// The table that a row is about.
pub(crate) fn table<'a>(model: &'a Model, route: &Route) -> Option<&'a EntityTable> {
    model.tables.get_index(route.subject / ENTITIES.len()).map(|(_, table)| table)
}

/// What is the own of the entity that a row is about.
pub(crate) fn own(subject: usize) -> &'static Entity {
    &ENTITIES[subject % ENTITIES.len()]
}

/// An entity that at least one ERP supports.
fn is_served(table: &EntityTable) -> bool {
    table.entity.access.values().any(|verbs| !verbs.is_empty())
}

/// `DELETE` is there only for the entities that `delete_enabled` lists.
fn path(settings: &Settings, route: &Route) -> Option<String> {
    let entity = route.path.split('/').nth(3).unwrap_or_default();
    let is_deleted = || settings.texts("delete_enabled").any(|listed| listed.eq_ignore_ascii_case(entity));
    (route.method != "DELETE" || is_deleted()).then(|| route.path.clone().into_owned())
}

/// Whether the company's ERP supports the verb for the entity.
fn served(ctx: &Ctx, route: &Route) -> Served {
    let erp = ctx.entry().map_or("", |principal| auth::erp(ctx, principal));
    let verbs = table(&ctx.model, route).and_then(|table| table.entity.access.get(erp));
    let is_supported = verbs.is_some_and(|verbs| verbs.iter().any(|known| known == route.method));
    if is_supported || route.method == "DELETE" { Served::Yes } else { Served::No }
}

/// `OPTIONS` is answered without credentials (Q32): with the verbs that any ERP supports.
fn options(verbs: &[&'static str]) -> Response {
    let head = verbs.contains(&"GET").then_some("HEAD");
    let allowed: Vec<&str> = verbs.iter().copied().chain(head).chain(["OPTIONS"]).collect();
    (StatusCode::NO_CONTENT, [(ALLOW, allowed.join(", "))]).into_response()
}

fn unserved(ctx: &Ctx, unserved: &Unserved<'_>) -> Error {
    let segments = unserved.segments();
    let [api, entity, name, ..] = &segments[..] else { return unserved.error() };
    let is_entity = api.eq_ignore_ascii_case("api") && entity.eq_ignore_ascii_case("Entity");
    if !is_entity || segments.len() > 4 || unserved.path.contains("//") {
        return unserved.error();
    }
    match (ctx.model.table(name).filter(|table| is_served(table)), &unserved.allowed) {
        (None, _) => error::unknown_entity(name),
        (Some(_), None) => unserved.error(),
        (Some(table), Some(allowed)) => {
            let principal = ctx.principal();
            let erp = auth::erp(ctx, &principal);
            error::unsupported(unserved.method, &table.name, (erp, &principal.tenant), allowed)
        }
    }
}

/// A call as the hub hands it to the robot.
async fn entered(call: route::Call) -> Result<Call> {
    robot(&call.ctx).await?;
    let table = call.ctx.model.tables.get_index(call.subject / ENTITIES.len());
    let entity = table.map(|(name, _)| name.clone()).unwrap_or_default();
    let id = call.variable("id").to_owned();
    let own = own(call.subject);
    let route::Call { ctx, headers, query, body, .. } = call;
    Ok(Call { principal: ctx.principal(), ctx, entity, own, headers, query, body, id })
}

/// The hub hands the call to the robot beside the ERP (fact sheet 8.6).
async fn robot(ctx: &Ctx) -> Result<()> {
    match ctx.settings.text("robot") {
        "offline" => Err(said!(ROBOT_OFFLINE).into()),
        "timeout" => {
            let wait = ctx.settings.integer("robot_timeout_ms").max(0).unsigned_abs();
            ctx.wait(Duration::from_millis(wait)).await;
            Err(said!(ROBOT_TIMEOUT).into())
        }
        _ => Ok(()),
    }
}
