//! Addresses of a client or a prospect (fact sheet 6.4).

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value};
use simcore::base::map::IndexMap;
use simcore::entity::profile::Field;
use simcore::entity::validate::Purpose;
use simcore::simulator::route::Call;
use simcore::store::rows::Record;
use simcore::{Ctx, Db, Result};

use crate::body::Body;
use crate::record::integer;
use crate::{dates, error, list, numbering, record, reference, wire};

/// What a document keeps of an address.
const IN_DOCUMENTS: [&str; 6] = ["adrNom", "adrLigne1", "adrLigne2", "adrCodePostal", "adrVille", "adrPays"];

type Fields = Map<String, Value>;

/// The addresses of a client, in pages as every list.
pub(crate) async fn list(call: Call) -> Result<Response> {
    let (ctx, id) = (&call.ctx, call.variable("id"));
    let client = ctx.read(|db| record::by_id(db, "client", id)).await?;
    list::of_items(ctx, &call.query, record::items(&client.values, "adresses"))
}

pub(crate) async fn create(call: Call) -> Result<Response> {
    let (ctx, id, body) = (&call.ctx, call.variable("id"), Body::of(&call));
    let address = body.record(ctx, fields(ctx)?, Purpose::Create)?;
    let (id, part, shown) = ctx
        .write(|db| {
            let client = changeable(ctx, db, id)?;
            let mut addresses = record::items(&client.values, "adresses");
            addresses.push(address);
            let last = addresses.len() - 1;
            store(ctx, db, &client, addresses, Some(last))?;
            let stored = record::items(&db.load(db.table("client")?, client.id)?.values, "adresses");
            let address = stored.get(last).cloned().unwrap_or_default();
            let part = integer(&address, "adrID").unwrap_or_default();
            Ok((client.values["cliID"].to_string(), part.to_string(), Value::Object(address)))
        })
        .await?;
    Ok(wire::created(ctx, &["client", &id, "adresse", &part], shown.to_string().into_bytes()))
}

pub(crate) async fn change(call: Call) -> Result<Response> {
    let (ctx, id, part, body) = (&call.ctx, call.variable("id"), call.variable("part"), Body::of(&call));
    let mut changes = body.record(ctx, fields(ctx)?, Purpose::Change)?;
    changes.remove("adrID");
    let shown = ctx
        .write(|db| {
            let client = changeable(ctx, db, id)?;
            let mut addresses = record::items(&client.values, "adresses");
            let place = record::place(&addresses, "adrID", part)?;
            addresses[place].extend(changes);
            let shown = Value::Object(addresses[place].clone());
            store(ctx, db, &client, addresses, Some(place))?;
            Ok(shown)
        })
        .await?;
    Ok(wire::json(ctx, StatusCode::OK, shown.to_string().into_bytes()))
}

pub(crate) async fn remove(call: Call) -> Result<Response> {
    let (ctx, id, part) = (&call.ctx, call.variable("id"), call.variable("part"));
    ctx.write(|db| {
        let client = changeable(ctx, db, id)?;
        let mut addresses = record::items(&client.values, "adresses");
        addresses.remove(record::place(&addresses, "adrID", part)?);
        store(ctx, db, &client, addresses, None)
    })
    .await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

fn fields(ctx: &Ctx) -> Result<&IndexMap<String, Field>> {
    let list = ctx.model.table("client").and_then(|table| table.entity.fields.get("adresses"));
    list.map(|list| &list.fields).ok_or_else(|| error::NOT_FOUND.into())
}

fn changeable(ctx: &Ctx, db: &Db<'_>, id: &str) -> Result<Record> {
    let client = record::by_id(db, "client", id)?;
    reference::may_change(ctx, &client)?;
    Ok(client)
}

/// Writes the addresses of a client; when the one at `changed` is the default, it is the only one of its type.
fn store(
    ctx: &Ctx,
    db: &Db<'_>,
    client: &Record,
    mut addresses: Vec<Fields>,
    changed: Option<usize>,
) -> Result<()> {
    if let Some(address) = changed.and_then(|place| addresses.get(place)).cloned()
        && address.get("adrDefaut") == Some(&Value::Bool(true))
    {
        let others = addresses.iter_mut().enumerate().filter(|(place, _)| Some(*place) != changed);
        others
            .filter(|(_, other)| other.get("adrType") == address.get("adrType"))
            .for_each(|(_, other)| drop(other.insert("adrDefaut".to_owned(), false.into())));
    }
    let list = with_ids(db, addresses, &record::items(&client.values, "adresses"))?;
    let mut change = Map::new();
    change.insert("adresses".to_owned(), list);
    change.insert("dateModif".to_owned(), dates::stamp(&ctx.settings, db.now).into());
    db.update(db.table("client")?, client.id, &change)
}

/// Addresses as they are stored: `adrID` first, kept where it is one of `known`, new otherwise.
pub(crate) fn with_ids(db: &Db<'_>, addresses: Vec<Fields>, known: &[Fields]) -> Result<Value> {
    let mut list = Vec::with_capacity(addresses.len());
    let mut known = numbering::part_ids("adrID", known);
    for mut address in addresses {
        let id = numbering::part_id(db, "adrID", &mut address, &mut known)?;
        let mut stored = Map::new();
        stored.insert("adrID".to_owned(), id.into());
        for name in [
            "adrType",
            "adrNom",
            "adrLigne1",
            "adrLigne2",
            "adrCodePostal",
            "adrVille",
            "adrPays",
            "adrDefaut",
        ] {
            stored.insert(name.to_owned(), address.remove(name).unwrap_or_default());
        }
        list.push(Value::Object(stored));
    }
    Ok(Value::Array(list))
}

/// The address of `kind` that a document takes over from its client: the default one, or the first; a delivery goes
/// to the billing address where there is no other. Null when the client has none.
pub(crate) fn for_document(client: &Record, kind: &str) -> Value {
    let addresses = record::items(&client.values, "adresses");
    let of_kind = || addresses.iter().filter(|address| address.get("adrType").is_some_and(|own| own == kind));
    let default = of_kind().find(|address| address.get("adrDefaut") == Some(&Value::Bool(true)));
    match default.or_else(|| of_kind().next()) {
        Some(address) => in_document(address),
        None if kind == "LIVRAISON" => for_document(client, "FACTURATION"),
        None => Value::Null,
    }
}

/// The part of an address that a document keeps.
fn in_document(address: &Fields) -> Value {
    let kept = |name: &str| (name.to_owned(), address.get(name).cloned().unwrap_or_default());
    Value::Object(IN_DOCUMENTS.into_iter().map(kept).collect())
}
