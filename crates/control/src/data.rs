//! Records, past the public API's rules.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde_json::{Map, Value, json};
use simcore::base::diagnostics::unknown;
use simcore::base::error::{Error, Result};
use simcore::entity::model::Table;
use simcore::simulator::Loaded;
use simcore::simulator::data;
use simcore::simulator::extract::{Path, Query};
use simcore::{Ctx, Db};
use simhost::sandbox::Sandbox;
use simhost::sandbox::events::Topic;

use crate::App;
use crate::answer::{self, Body, bad_request};

/// Which records are meant, and what it takes to work on them.
struct RecordAddress<'a> {
    server: &'a Loaded,
    sandbox: Arc<Sandbox>,
    table: &'a Table,
    company: Option<String>,
    ctx: Ctx,
}

impl<'a> RecordAddress<'a> {
    async fn find(app: &'a App, name: &str, slug: &str, entity: &str, query: Query) -> Result<Self> {
        let sandbox = app.sandbox(name)?;
        let (index, server) = app.server(slug)?;
        let table = data::table(server, entity)?;
        let company = company(server, query)?;
        let ctx = sandbox.ctx(index, sandbox.prefix()).await?;
        ctx.catch_up().await?;
        Ok(Self { server, sandbox, table, company, ctx })
    }

    fn changed(&self) {
        let id = format!("{}/{}", self.server.sim.slug, self.table.name);
        self.sandbox.tell(Topic::Data, "changed", Some(&id));
    }

    fn company(&self) -> Option<&str> {
        self.company.as_deref()
    }

    /// A record as users see it: whole, with the company it belongs to.
    fn shown(&self, mut record: Map<String, Value>, company: Option<&str>) -> Value {
        if let Some(tenant) = &self.server.model.profile.tenant {
            record.insert(tenant.attribute.clone(), data::tenant(self.server, company).into());
        }
        Value::Object(record)
    }

    fn create(&self, db: &Db<'_>, mut record: Map<String, Value>) -> Result<Value> {
        let company = data::take_tenant(self.server, self.company(), &mut record);
        let id = data::create(self.server, db, self.table, Some(&company), record)?;
        Ok(self.shown(db.load(self.table, id)?.values, Some(&company)))
    }
}

/// The company that the query names by the simulator's own parameter; nothing else may be asked.
fn company(server: &Loaded, query: Query) -> Result<Option<String>> {
    let parameter = server.model.profile.tenant.as_ref().map(|tenant| tenant.parameter.as_str());
    let mut company = None;
    for (name, value) in query.0 {
        match parameter {
            Some(parameter) if parameter == name => company = Some(value),
            Some(parameter) => return Err(bad_request(unknown("parameter", &name, [parameter].into_iter()))),
            None => return Err(bad_request(format!("unknown parameter `{name}`, there are none"))),
        }
    }
    Ok(company)
}

/// The same error, said of one of several records.
fn at(place: usize, mut error: Error) -> Error {
    error.message = format!("record {}: {}", place + 1, error.message);
    for detail in &mut error.details {
        detail.field = format!("[{place}].{}", detail.field);
    }
    error
}

/// Takes `limit`, `offset` and `q` out of the query; the rest is the company's.
fn page(query: &mut Query) -> Result<data::Page> {
    let mut page = data::Page::default();
    let mut refusal = None;
    query.0.retain(|(name, value)| {
        let number =
            || value.parse().map_err(|_| bad_request(format!("`{name}` is a whole number, not `{value}`")));
        match name.as_str() {
            "limit" => number().map(|number| page.limit = Some(number)),
            "offset" => number().map(|number| page.offset = number),
            "q" => {
                page.containing.clone_from(value);
                Ok(())
            }
            _ => return true,
        }
        .unwrap_or_else(|error| refusal = Some(error));
        false
    });
    refusal.map_or(Ok(page), Err)
}

/// The records in order of creation: all, or the page of those that contain `q`, with how many there are of them.
pub(crate) async fn list(
    State(app): State<App>,
    Path((name, slug, entity)): Path<(String, String, String)>,
    mut query: Query,
) -> Result<Json<Value>> {
    let page = page(&mut query)?;
    let place = RecordAddress::find(&app, &name, &slug, &entity, query).await?;
    let find = |db: &Db<'_>| data::page(place.server, db, place.table, place.company(), &page);
    let (records, total) = place.ctx.read(find).await?;
    let items: Value =
        records.into_iter().map(|record| place.shown(record.values, place.company())).collect();
    let mut list = json!({ "items": null, "total": total });
    list["items"] = items;
    Ok(Json(list))
}

/// Which entities there are, each with how many records: of one server, or of all.
async fn counted(app: &App, name: &str, slug: Option<&str>, query: Query) -> Result<Json<Value>> {
    let sandbox = app.sandbox(name)?;
    let only = slug.map(|slug| app.server(slug)).transpose()?.map(|(index, _)| index);
    let mut items = Vec::new();
    for (index, server) in app.sandboxes.shared().servers.iter().enumerate() {
        if only.is_some_and(|only| only != index) {
            continue;
        }
        let company = if only.is_some() { company(server, Query(query.0.clone()))? } else { None };
        let ctx = sandbox.ctx(index, sandbox.prefix()).await?;
        let count = |db: &Db<'_>| {
            let tables = server.model.tables.values();
            tables.map(|table| Ok((table, data::count(server, db, table, company.as_deref())?))).collect()
        };
        let counts: Vec<(&Table, u64)> = ctx.read(count).await?;
        let slug = server.sim.slug;
        items.extend(
            counts.iter().map(|(table, count)| json!({ "server": slug, "entity": table.name, "count": count, "keys": table.entity.keys })),
        );
    }
    Ok(answer::list(items))
}

pub(crate) async fn overview(State(app): State<App>, Path(name): Path<String>) -> Result<Json<Value>> {
    counted(&app, &name, None, Query(Vec::new())).await
}

pub(crate) async fn overview_of(
    State(app): State<App>,
    Path((name, slug)): Path<(String, String)>,
    query: Query,
) -> Result<Json<Value>> {
    counted(&app, &name, Some(&slug), query).await
}

/// Stores one record, or all of a list or none of them.
pub(crate) async fn create(
    State(app): State<App>,
    Path((name, slug, entity)): Path<(String, String, String)>,
    query: Query,
    body: Body,
) -> Result<(StatusCode, Json<Value>)> {
    let place = RecordAddress::find(&app, &name, &slug, &entity, query).await?;
    let created = match body.json()? {
        Value::Object(record) => place.ctx.write(|db| place.create(db, record)).await?,
        Value::Array(records) => {
            let create = |db: &Db<'_>, (index, record)| match record {
                Value::Object(record) => place.create(db, record).map_err(|error| at(index, error)),
                _ => Err(at(index, bad_request("a record is a JSON object"))),
            };
            let all =
                |db: &Db<'_>| records.into_iter().enumerate().map(|record| create(db, record)).collect();
            place.ctx.write(all).await?
        }
        _ => return Err(bad_request("the body is a record or a list of records")),
    };
    place.changed();
    Ok((StatusCode::CREATED, Json(created)))
}

type Key = (String, String, String, String);

pub(crate) async fn show(
    State(app): State<App>,
    Path((name, slug, entity, key)): Path<Key>,
    query: Query,
) -> Result<Json<Value>> {
    let place = RecordAddress::find(&app, &name, &slug, &entity, query).await?;
    let find = |db: &Db<'_>| data::find(place.server, db, place.table, place.company(), &key);
    let record = place.ctx.read(find).await?;
    Ok(Json(place.shown(record.values, place.company())))
}

/// Writes the fields that the body names; the others stay.
pub(crate) async fn change(
    State(app): State<App>,
    Path((name, slug, entity, key)): Path<Key>,
    query: Query,
    body: Body,
) -> Result<Json<Value>> {
    let place = RecordAddress::find(&app, &name, &slug, &entity, query).await?;
    let changes: Map<String, Value> = body.json()?;
    let change = |db: &Db<'_>| {
        let id = data::find(place.server, db, place.table, place.company(), &key)?.id;
        data::change(place.server, db, place.table, id, changes)?;
        db.load(place.table, id)
    };
    let record = place.ctx.write(change).await?;
    place.changed();
    Ok(Json(place.shown(record.values, place.company())))
}

pub(crate) async fn remove(
    State(app): State<App>,
    Path((name, slug, entity, key)): Path<Key>,
    query: Query,
) -> Result<StatusCode> {
    let place = RecordAddress::find(&app, &name, &slug, &entity, query).await?;
    let remove = |db: &Db<'_>| {
        let record = data::find(place.server, db, place.table, place.company(), &key)?;
        data::remove(place.server, db, place.table, &record)
    };
    place.ctx.write(remove).await?;
    place.changed();
    Ok(StatusCode::NO_CONTENT)
}
