//! Records, past the public API's rules.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde_json::{Map, Value};
use simcore::base::error::{Error, Result};
use simcore::base::mistake::unknown;
use simcore::entity::model::Table;
use simcore::simulator::Loaded;
use simcore::simulator::data;
use simcore::simulator::extract::{Path, Query};
use simcore::{Ctx, Db};

use crate::App;
use crate::answer::{self, Body, bad_request};

/// Which records are meant, and what it takes to work on them.
struct Place<'a> {
    server: &'a Loaded,
    table: &'a Table,
    company: Option<String>,
    ctx: Ctx,
}

impl<'a> Place<'a> {
    async fn find(app: &'a App, name: &str, slug: &str, entity: &str, query: Query) -> Result<Self> {
        let sandbox = app.sandbox(name)?;
        let (index, server) = app.server(slug)?;
        let table = data::table(server, entity)?;
        let company = company(server, query)?;
        let ctx = sandbox.ctx(index, sandbox.prefix()).await?;
        Ok(Self { server, table, company, ctx })
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

pub(crate) async fn list(
    State(app): State<App>,
    Path((name, slug, entity)): Path<(String, String, String)>,
    query: Query,
) -> Result<Json<Value>> {
    let place = Place::find(&app, &name, &slug, &entity, query).await?;
    let records = place.ctx.read(|db| data::list(place.server, db, place.table, place.company())).await?;
    Ok(answer::list(records.into_iter().map(|record| place.shown(record.values, place.company()))))
}

/// Stores one record, or all of a list or none of them.
pub(crate) async fn create(
    State(app): State<App>,
    Path((name, slug, entity)): Path<(String, String, String)>,
    query: Query,
    body: Body,
) -> Result<(StatusCode, Json<Value>)> {
    let place = Place::find(&app, &name, &slug, &entity, query).await?;
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
    Ok((StatusCode::CREATED, Json(created)))
}

type Key = (String, String, String, String);

pub(crate) async fn show(
    State(app): State<App>,
    Path((name, slug, entity, key)): Path<Key>,
    query: Query,
) -> Result<Json<Value>> {
    let place = Place::find(&app, &name, &slug, &entity, query).await?;
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
    let place = Place::find(&app, &name, &slug, &entity, query).await?;
    let changes: Map<String, Value> = body.json()?;
    let change = |db: &Db<'_>| {
        let id = data::find(place.server, db, place.table, place.company(), &key)?.id;
        data::change(place.server, db, place.table, id, changes)?;
        db.load(place.table, id)
    };
    let record = place.ctx.write(change).await?;
    Ok(Json(place.shown(record.values, place.company())))
}

pub(crate) async fn remove(
    State(app): State<App>,
    Path((name, slug, entity, key)): Path<Key>,
    query: Query,
) -> Result<StatusCode> {
    let place = Place::find(&app, &name, &slug, &entity, query).await?;
    let remove = |db: &Db<'_>| {
        let id = data::find(place.server, db, place.table, place.company(), &key)?.id;
        db.delete(place.table, id)
    };
    place.ctx.write(remove).await?;
    Ok(StatusCode::NO_CONTENT)
}
