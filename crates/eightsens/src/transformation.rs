//! The transformation of a quote into an order (fact sheet 6.8): one transaction, so that a refusal changes nothing
//! and uses up no number.

use axum::response::Response;
use serde_json::{Map, Value};
use simcore::base::decimal;
use simcore::entity::validate::Purpose;
use simcore::simulator::route::Call;
use simcore::store::rows::Record;
use simcore::{Ctx, Db, Result};

use crate::body::{self, Body};
use crate::record::{integer, text};
use crate::{dates, devis, error, ligne, numbering, record, reference, stock, wire};

/// What an order takes from its quote as it is.
const COPIED: [&str; 8] =
    ["cliID", "cliCode", "adresseFacturation", "adresseLivraison", "totalHT", "totalTVA", "totalTTC", "tva"];

/// `POST /v1/devis/{devID}/commande`, with an empty body or `cdeRefExterne`, `cdeDate`, `cdeCommentaire`.
pub(crate) async fn transform(call: Call) -> Result<Response> {
    let (ctx, id, sent) = (&call.ctx, call.variable("id"), Body::of(&call));
    let table = ctx.model.table("commande").ok_or(error::NOT_FOUND)?;
    let fields = &table.entity.fields;
    let header = if sent.is_blank() {
        body::check(ctx, fields, Map::new(), Purpose::Create)?
    } else {
        sent.record(ctx, fields, Purpose::Create)?
    };
    let (order, shown) = ctx
        .write(|db| {
            let quote = devis::visible(ctx, db, id)?;
            let order = order_of(ctx, db, &quote, header)?;
            let shown = record::shown(db, db.table("commande")?, order.id)?;
            Ok((order.values["cdeID"].to_string(), shown))
        })
        .await?;
    Ok(wire::created(ctx, &["commande", &order], shown))
}

/// Makes the order of a quote; `header` are the checked fields of the request.
///
/// # Errors
/// 409 when the quote is no longer open, 422 when it cannot become an order.
pub(crate) fn order_of(
    ctx: &Ctx,
    db: &Db<'_>,
    quote: &Record,
    mut header: Map<String, Value>,
) -> Result<Record> {
    may_become_order(ctx, db, quote)?;
    let transfo = reference::transfo(ctx, db)?;
    let racine = reference::racine(ctx, db, "racine_commande")?;
    if text(&header, "cdeDate").is_none() {
        header.insert("cdeDate".to_owned(), dates::today(&ctx.settings, db.now).to_string().into());
    }
    let copied = |name: &str| (name.to_owned(), quote.values.get(name).cloned().unwrap_or_default());
    header.extend(COPIED.into_iter().map(copied));
    let now = dates::stamp(&ctx.settings, db.now);
    let id = numbering::id(db, "commande")?;
    for (field, value) in [
        ("cdeID", id.into()),
        ("cdeCode", numbering::code(db, &racine, "commande", "cdeCode")?.into()),
        ("natureID", transfo.values["natureCibleID"].clone()),
        ("racineID", racine.values["racineID"].clone()),
        ("devID", quote.values["devID"].clone()),
        ("cdeEtat", "EN_COURS".into()),
        ("lignes", undelivered(db, quote)?),
        ("dateCreation", now.clone().into()),
        ("dateModif", now.clone().into()),
    ] {
        header.insert(field.to_owned(), value);
    }
    let table = db.table("commande")?;
    let row = db.insert(table, "", &header)?;
    let lines = record::items(&header, "lignes");
    stock::reserve(db, &stock::quantities(&lines, stock::outstanding))?;
    let mut change = Map::new();
    change.insert("devEtat".to_owned(), "TRANSFORME".into());
    change.insert("cdeID".to_owned(), id.into());
    change.insert("dateModif".to_owned(), now.into());
    db.update(db.table("devis")?, quote.id, &change)?;
    db.load(table, row)
}

/// The lines of the quote with ids of their own.
fn undelivered(db: &Db<'_>, quote: &Record) -> Result<Value> {
    let lines = record::items(&quote.values, "lignes").into_iter();
    lines
        .map(|mut line| {
            line.insert("ligID".to_owned(), db.next("ligID", 1)?.into());
            line.insert("quantiteLivree".to_owned(), decimal::to_json(0.into()));
            Ok(Value::Object(line))
        })
        .collect()
}

fn may_become_order(ctx: &Ctx, db: &Db<'_>, quote: &Record) -> Result<()> {
    match quote.text("devEtat") {
        "EN_COURS" => {}
        "TRANSFORME" => {
            let order = integer(&quote.values, "cdeID").unwrap_or_default();
            return Err(error::ALREADY_TRANSFORMED.because_of("cdeID", order));
        }
        _ => return Err(error::DEVIS_LOCKED.into()),
    }
    if record::items(&quote.values, "lignes").is_empty() {
        return Err(error::EMPTY_DOCUMENT.on("lignes"));
    }
    let client = integer(&quote.values, "cliID").unwrap_or_default();
    let client = record::known(db, "client", client)?.filter(|client| !client.flag("desactive"));
    let client = client.ok_or_else(|| error::DISABLED.on("cliID"))?;
    if devis::is_divers(ctx, &client) && !ctx.settings.flag("allow_divers_order") {
        return Err(error::CLIENT_DIVERS.on("cliID"));
    }
    ligne::all_usable(db, &quote.values)
}
