//! Quotes (fact sheet 6.7).

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use odata::Bind;
use serde_json::{Map, Value};
use simcore::base::map::IndexMap;
use simcore::entity::profile::Field;
use simcore::entity::validate::Purpose;
use simcore::simulator::route::Call;
use simcore::store::rows::Record;
use simcore::{Ctx, Db, Result};

use crate::body::Body;
use crate::list::Filters;
use crate::record::{integer, text};
use crate::{address, dates, error, ligne, numbering, record, reference, wire};

/// Only quotes of the configured nature and racine.
pub(crate) async fn list(call: Call) -> Result<Response> {
    let ctx = &call.ctx;
    let configured = ["nature_devis", "racine_devis"].map(|name| Bind::Integer(ctx.settings.integer(name)));
    let filters = Filters::new(ctx, &call.query)
        .alive_since()?
        .always("natureID = ? AND racineID = ?", configured.into())
        .id("cliID")?
        .id("pecID")?
        .choice("etat", "devis", "devEtat")?
        .equal("refExterne", "devRefExterne");
    filters.answer("devis").await
}

pub(crate) async fn one(call: Call) -> Result<Response> {
    let (ctx, id) = (&call.ctx, call.variable("id"));
    let shown = ctx.read(|db| record::shown(db, db.table("devis")?, visible(ctx, db, id)?.id));
    Ok(wire::json(ctx, StatusCode::OK, shown.await?))
}

pub(crate) async fn create(call: Call) -> Result<Response> {
    let (ctx, body) = (&call.ctx, Body::of(&call));
    let sent = body.record(ctx, fields(ctx)?, Purpose::Create)?;
    let (id, shown) = ctx
        .write(|db| {
            let quote = store(ctx, db, sent)?;
            let shown = record::shown(db, db.table("devis")?, quote.id)?;
            Ok((quote.values["devID"].to_string(), shown))
        })
        .await?;
    Ok(wire::created(ctx, &["devis", &id], shown))
}

/// Changes header fields; `lignes`, when it is there, replaces all lines.
pub(crate) async fn change(call: Call) -> Result<Response> {
    let (ctx, id, body) = (&call.ctx, call.variable("id"), Body::of(&call));
    let mut changes = body.record(ctx, fields(ctx)?, Purpose::Change)?;
    let shown = ctx
        .write(|db| {
            let quote = open(ctx, db, id)?;
            reference_is_free(db, &changes, Some(quote.id))?;
            if changes.contains_key("lignes") {
                let lines = ligne::build_all(db, &changes)?;
                ligne::put(db, &mut changes, lines, &record::items(&quote.values, "lignes"))?;
            }
            if changes.get("devDate").is_some_and(Value::is_null) {
                changes.insert("devDate".to_owned(), dates::today(&ctx.settings, db.now).to_string().into());
            }
            changes.insert("dateModif".to_owned(), dates::stamp(&ctx.settings, db.now).into());
            db.update(db.table("devis")?, quote.id, &changes)?;
            record::shown(db, db.table("devis")?, quote.id)
        })
        .await?;
    Ok(wire::json(ctx, StatusCode::OK, shown))
}

/// `DELETE` cancels: the quote stays readable.
pub(crate) async fn cancel(call: Call) -> Result<Response> {
    let (ctx, id) = (&call.ctx, call.variable("id"));
    ctx.write(|db| {
        let quote = open(ctx, db, id)?;
        let mut change = Map::new();
        change.insert("devEtat".to_owned(), "ANNULE".into());
        change.insert("dateModif".to_owned(), dates::stamp(&ctx.settings, db.now).into());
        db.update(db.table("devis")?, quote.id, &change)
    })
    .await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// `{"cliID": n}`: says who the customer of an anonymous quote is.
pub(crate) async fn identify(call: Call) -> Result<Response> {
    let (ctx, id, body) = (&call.ctx, call.variable("id"), Body::of(&call));
    let mut field = fields(ctx)?.get("cliID").cloned().ok_or(error::NOT_FOUND)?;
    field.required = true;
    let sent = body.record(ctx, &IndexMap::from_iter([("cliID".to_owned(), field)]), Purpose::Create)?;
    let client = integer(&sent, "cliID").unwrap_or_default();
    let shown = ctx
        .write(|db| {
            let quote = open(ctx, db, id)?;
            let client = usable(db, "client", client, "cliID")?;
            if is_divers(ctx, &client) {
                return Err(error::CLIENT_DIVERS.on("cliID"));
            }
            give_to(ctx, db, &quote, &client)?;
            record::shown(db, db.table("devis")?, quote.id)
        })
        .await?;
    Ok(wire::json(ctx, StatusCode::OK, shown))
}

/// The fields of a quote.
pub(crate) fn fields(ctx: &Ctx) -> Result<&IndexMap<String, Field>> {
    ctx.model.table("devis").map(|table| &table.entity.fields).ok_or_else(|| error::NOT_FOUND.into())
}

/// The quote that `id` names, of the configured nature and racine.
///
/// # Errors
/// 404.
pub(crate) fn visible(ctx: &Ctx, db: &Db<'_>, id: &str) -> Result<Record> {
    let quote = record::by_id(db, "devis", id)?;
    let is =
        |field: &str, setting: &str| integer(&quote.values, field) == Some(ctx.settings.integer(setting));
    if is("natureID", "nature_devis") && is("racineID", "racine_devis") {
        Ok(quote)
    } else {
        Err(error::NOT_FOUND.into())
    }
}

/// The quote that `id` names, while it may still be written.
///
/// # Errors
/// 404, or 409 `DEVIS_LOCKED`.
pub(crate) fn open(ctx: &Ctx, db: &Db<'_>, id: &str) -> Result<Record> {
    let quote = visible(ctx, db, id)?;
    if quote.text("devEtat") == "EN_COURS" { Ok(quote) } else { Err(error::DEVIS_LOCKED.into()) }
}

/// Whether this is the client that anonymous quotes are given to.
pub(crate) fn is_divers(ctx: &Ctx, client: &Record) -> bool {
    integer(&client.values, "cliID") == Some(ctx.settings.integer("client_divers"))
}

/// Stores a new quote from the checked fields of a request.
///
/// # Errors
/// 422 for client, prospect or lines, 409 for a reference that exists; then nothing is written.
pub(crate) fn store(ctx: &Ctx, db: &Db<'_>, mut quote: Map<String, Value>) -> Result<Record> {
    let settings = &ctx.settings;
    let (client, addressee) = parties(ctx, db, &quote)?;
    reference_is_free(db, &quote, None)?;
    let lines = ligne::build_all(db, &quote)?;
    let racine = reference::racine(ctx, db, "racine_devis")?;
    let nature =
        db.find(db.table("nature")?, "", "natureID", &settings.integer("nature_devis").to_string())?;
    let nature = nature.ok_or(error::SERVER_NOT_READY)?;
    ligne::put(db, &mut quote, lines, &[])?;
    for (field, kind) in [("adresseFacturation", "FACTURATION"), ("adresseLivraison", "LIVRAISON")] {
        if quote.get(field).is_none_or(Value::is_null) {
            quote.insert(field.to_owned(), address::for_document(&addressee, kind));
        }
    }
    let date = text(&quote, "devDate").and_then(|date| date.parse().ok());
    let date = date.unwrap_or_else(|| dates::today(settings, db.now));
    quote.insert("devDate".to_owned(), date.to_string().into());
    if text(&quote, "devDateValidite").is_none() {
        quote.insert("devDateValidite".to_owned(), dates::valid_until(settings, date).to_string().into());
    }
    let now = dates::stamp(settings, db.now);
    let code = numbering::code(db, &racine, "devis", "devCode")?;
    for (field, value) in [
        ("devID", numbering::id(db, "devis")?.into()),
        ("devCode", code.into()),
        ("natureID", nature.values["natureID"].clone()),
        ("racineID", racine.values["racineID"].clone()),
        ("cliID", client.values["cliID"].clone()),
        ("cliCode", client.values["cliCode"].clone()),
        ("clientDivers", is_divers(ctx, &client).into()),
        ("devEtat", "EN_COURS".into()),
        ("dateCreation", now.clone().into()),
        ("dateModif", now.into()),
    ] {
        quote.insert(field.to_owned(), value);
    }
    let table = db.table("devis")?;
    db.load(table, db.insert(table, "", &quote)?)
}

/// The client of a new quote, and whose addresses it takes over: the client divers when nobody is named, also for a
/// prospect that has not become a client.
fn parties(ctx: &Ctx, db: &Db<'_>, quote: &Map<String, Value>) -> Result<(Record, Record)> {
    match (integer(quote, "cliID"), integer(quote, "pecID")) {
        (Some(_), Some(_)) => Err(error::CLIENT_AND_PROSPECT.into()),
        (Some(client), None) => {
            let client = usable(db, "client", client, "cliID")?;
            Ok((client.clone(), client))
        }
        (None, Some(prospect)) => {
            let prospect = usable(db, "prospect", prospect, "pecID")?;
            let client = match integer(&prospect.values, "cliID") {
                Some(client) => usable(db, "client", client, "pecID")?,
                None => reference::client_divers(ctx, db)?,
            };
            Ok((client, prospect))
        }
        (None, None) => {
            let client = reference::client_divers(ctx, db)?;
            Ok((client.clone(), client))
        }
    }
}

fn usable(db: &Db<'_>, entity: &str, id: i64, field: &str) -> Result<Record> {
    let found = record::known(db, entity, id)?.ok_or_else(|| error::CLIENT_UNKNOWN.on(field))?;
    if found.flag("desactive") { Err(error::DISABLED.on(field)) } else { Ok(found) }
}

/// 409 with the quote that has the external reference already, so that a retry is safe.
fn reference_is_free(db: &Db<'_>, quote: &Map<String, Value>, row: Option<i64>) -> Result<()> {
    let Some(reference) = text(quote, "devRefExterne") else { return Ok(()) };
    match numbering::same_reference(db, "devis", "devRefExterne", reference, row)? {
        Some(other) => {
            let id = integer(&other.values, "devID").unwrap_or_default();
            Err(error::DUPLICATE_REF.because_of("devID", id))
        }
        None => Ok(()),
    }
}

/// Makes `client` the customer of a quote. Addresses that were only taken over from the customer before become the
/// new one's.
pub(crate) fn give_to(ctx: &Ctx, db: &Db<'_>, quote: &Record, client: &Record) -> Result<()> {
    let before = integer(&quote.values, "cliID").unwrap_or_default();
    let before = record::known(db, "client", before)?;
    let mut change = Map::new();
    for (field, kind) in [("adresseFacturation", "FACTURATION"), ("adresseLivraison", "LIVRAISON")] {
        let own = quote.values.get(field).cloned().unwrap_or_default();
        let taken_over = before.as_ref().map(|before| address::for_document(before, kind));
        if own.is_null() || Some(own) == taken_over {
            change.insert(field.to_owned(), address::for_document(client, kind));
        }
    }
    change.insert("cliID".to_owned(), client.values["cliID"].clone());
    change.insert("cliCode".to_owned(), client.values["cliCode"].clone());
    change.insert("clientDivers".to_owned(), is_divers(ctx, client).into());
    change.insert("dateModif".to_owned(), dates::stamp(&ctx.settings, db.now).into());
    db.update(db.table("devis")?, quote.id, &change)
}
