//! Reading: lists, one record, lookups by number and tax number (fact sheet 4.0).

use axum::response::Response;
use odata::{Bind, Sql};
use simcore::{Db, Result, Select};

use crate::call::{Call, Resource};
use crate::views::{Version, View};
use crate::wire::Wire;
use crate::{body, error, options};

/// `GET` on a collection: a bare array, or one object for `?number=` and `?nip=` from v1.2.
pub(crate) async fn list(call: &Call) -> Result<Response> {
    let named = lookup_option(call.resource, call.view);
    if let Some((field, value)) = named.and_then(|(name, field)| Some((field, call.option(name)?))) {
        return lookup(call, field, value).await;
    }
    let found = call.ctx.read(|db| written(call, db, &options::select(call, db)?)).await?;
    Ok(body::json(found))
}

/// The query parameter that looks up one record, and the field that it names: before v1.2 the path did that.
pub(crate) fn lookup_option(resource: &Resource, view: &View) -> Option<(&'static str, &'static str)> {
    let lookup = resource.lookup.filter(|_| view.version >= Version::V1_2);
    lookup.map(|lookup| (lookup.option, lookup.field))
}

/// `GET` of one record.
pub(crate) async fn one(call: &Call, id: i64) -> Result<Response> {
    let key = id.to_string();
    let found = call.ctx.read(|db| object(call, db, "Id", &key)).await?;
    Ok(body::json(found))
}

/// The first record by `Id` whose `field` is `value`, whatever its case (section 10, 12 and 13).
pub(crate) async fn lookup(call: &Call, field: &str, value: &str) -> Result<Response> {
    let as_array = call.view.version >= Version::V1_2 && call.ctx.settings.flag("lookup_as_array");
    let found = call
        .ctx
        .read(
            |db| if as_array { written(call, db, &by(field, value)) } else { object(call, db, field, value) },
        )
        .await?;
    Ok(body::json(found))
}

fn by(field: &str, value: &str) -> Select<'static> {
    let text = format!("{} COLLATE FOLD = ?", simcore::entity::model::quote(field));
    let filter = Sql { text, binds: vec![Bind::Text(value.to_owned())] };
    Select { tenant: Some(""), filters: vec![filter], order: "\"Id\"".to_owned(), ..Select::default() }
}

fn object(call: &Call, db: &Db<'_>, field: &str, value: &str) -> Result<Vec<u8>> {
    let unknown = || error::unknown_id(call.resource.singular, value);
    let table = call.table()?;
    let row = if field == "Id" {
        db.find_id(table, "", field, value)?.ok_or_else(unknown)?
    } else {
        let select = Select { limit: Some(1), ..by(field, value) };
        db.records(table, &select)?.into_iter().next().ok_or_else(unknown)?.id
    };
    let record = db.deliver_one(table, row, |row| simcore::store::rows::read(table, row))?;
    Ok(serde_json::to_vec(&Wire::new(call, db)?.single(record.values)?)?)
}

/// The records that `select` finds, as an array.
fn written(call: &Call, db: &Db<'_>, select: &Select<'_>) -> Result<Vec<u8>> {
    let table = call.table()?;
    let mut wire = Wire::new(call, db)?;
    let mut out = Vec::new();
    db.write_list(table, select, false, &mut out, |row, out| {
        let record = simcore::store::rows::read(table, row)?;
        Ok(serde_json::to_writer(out, &wire.element(record.values)?)?)
    })?;
    Ok(out)
}
