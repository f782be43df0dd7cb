//! Prospects, and how one becomes a client (fact sheet 6.5).

use axum::response::Response;
use odata::Bind;
use serde_json::{Map, Value};
use simcore::base::map::IndexMap;
use simcore::entity::profile::Field;
use simcore::entity::validate::Purpose;
use simcore::simulator::route::Call;
use simcore::store::rows::Record;
use simcore::{Ctx, Db, Result, Select};

use crate::body::Body;
use crate::party::{CLIENT, PROSPECT};
use crate::record::{condition, integer};
use crate::{dates, devis, error, record, wire};

/// What a prospect and the client that it becomes have in common, without their prefixes.
const COPIED: [&str; 11] = [
    "Type",
    "RaisonSociale",
    "Civilite",
    "Nom",
    "Prenom",
    "Email",
    "Tel",
    "Mobile",
    "Siret",
    "TvaIntra",
    "RefExterne",
];

pub(crate) async fn list(call: Call) -> Result<Response> {
    let ctx = &call.ctx;
    PROSPECT.list(ctx, &call.query).await
}

pub(crate) async fn one(call: Call) -> Result<Response> {
    let (ctx, id) = (&call.ctx, call.variable("id"));
    PROSPECT.one(ctx, id).await
}

pub(crate) async fn create(call: Call) -> Result<Response> {
    let (ctx, body) = (&call.ctx, Body::of(&call));
    PROSPECT.create(ctx, &body).await
}

/// A converted prospect stays as it was: 409.
pub(crate) async fn change(call: Call) -> Result<Response> {
    let (ctx, id, body) = (&call.ctx, call.variable("id"), Body::of(&call));
    PROSPECT.change(ctx, id, &body, not_converted).await
}

fn not_converted(prospect: &Record) -> Result<()> {
    match integer(&prospect.values, "cliID") {
        Some(client) => Err(error::ALREADY_CONVERTED.because_of("cliID", client)),
        None => Ok(()),
    }
}

/// Makes a client of a prospect: its attributes are copied, its quotes become the client's. A body is needed only for
/// the `cliCode` of a client racine that is not automatic.
pub(crate) async fn convert(call: Call) -> Result<Response> {
    let (ctx, id, body) = (&call.ctx, call.variable("id"), Body::of(&call));
    let clients = ctx.model.table("client").ok_or(error::NOT_FOUND)?;
    let code = clients.entity.fields.get_key_value("cliCode");
    let fields: IndexMap<String, Field> =
        code.into_iter().map(|(name, field)| (name.clone(), field.clone())).collect();
    let mut sent = if body.is_blank() { Map::new() } else { body.record(ctx, &fields, Purpose::Create)? };
    let code = sent.remove("cliCode").unwrap_or_default();
    let (client, shown) = ctx
        .write(|db| {
            let prospect = record::by_id(db, "prospect", id)?;
            not_converted(&prospect)?;
            if prospect.flag("desactive") {
                return Err(error::DISABLED.on("pecID"));
            }
            let row = CLIENT.store(ctx, db, attributes(&prospect, code))?;
            let client = db.load(db.table("client")?, row)?;
            mark(ctx, db, &prospect, &client)?;
            let shown = record::shown(db, db.table("client")?, row)?;
            Ok((integer(&client.values, "cliID").unwrap_or_default(), shown))
        })
        .await?;
    Ok(wire::created(ctx, &["client", &client.to_string()], shown))
}

fn attributes(prospect: &Record, code: Value) -> Map<String, Value> {
    let value = |name: &str| prospect.values.get(name).cloned().unwrap_or_default();
    let mut client: Map<String, Value> =
        COPIED.into_iter().map(|name| (CLIENT.field(name), value(&PROSPECT.field(name)))).collect();
    client.insert("cliCode".to_owned(), code);
    client.insert("adresses".to_owned(), value("adresses"));
    client.insert("pecID".to_owned(), value("pecID"));
    for flag in ["cliDivers", "desactive", "supprime"] {
        client.insert(flag.to_owned(), false.into());
    }
    client
}

/// The prospect names its client, and every quote of the prospect becomes that client's.
fn mark(ctx: &Ctx, db: &Db<'_>, prospect: &Record, client: &Record) -> Result<()> {
    let now = dates::stamp(&ctx.settings, db.now);
    let mut change = Map::new();
    change.insert("cliID".to_owned(), client.values["cliID"].clone());
    change.insert("dateConversion".to_owned(), now.clone().into());
    change.insert("dateModif".to_owned(), now.into());
    db.update(db.table("prospect")?, prospect.id, &change)?;
    let id = integer(&prospect.values, "pecID").unwrap_or_default();
    let select =
        Select { filters: vec![condition("pecID = ?", vec![Bind::Integer(id)])], ..Select::default() };
    for quote in db.records(db.table("devis")?, &select)? {
        devis::give_to(ctx, db, &quote, client)?;
    }
    Ok(())
}
