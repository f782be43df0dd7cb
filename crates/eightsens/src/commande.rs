//! Orders (fact sheet 6.9): made by the transformation, changed in the ERP.

use axum::http::StatusCode;
use axum::response::Response;
use odata::Bind;
use simcore::entity::validate::Purpose;
use simcore::simulator::route::Call;
use simcore::store::rows::Record;
use simcore::{Ctx, Db, Result};

use crate::body::Body;
use crate::list::Filters;
use crate::record::integer;
use crate::{dates, devis, error, record, transformation, wire};

/// The fields of an order that its creation may name.
const HEADER: [&str; 3] = ["cdeRefExterne", "cdeDate", "cdeCommentaire"];

/// Only orders of the configured racine.
pub(crate) async fn list(call: Call) -> Result<Response> {
    let ctx = &call.ctx;
    let racine = Bind::Integer(ctx.settings.integer("racine_commande"));
    let filters = Filters::new(ctx, &call.query)
        .alive_since()?
        .always("racineID = ?", vec![racine])
        .id("cliID")?
        .id("devID")?
        .choice("etat", "commande", "cdeEtat")?
        .equal("refExterne", "cdeRefExterne");
    filters.answer("commande").await
}

pub(crate) async fn one(call: Call) -> Result<Response> {
    let (ctx, id) = (&call.ctx, call.variable("id"));
    let shown = ctx.read(|db| show(ctx, db, record::by_id(db, "commande", id)?));
    Ok(wire::json(ctx, StatusCode::OK, shown.await?))
}

pub(crate) async fn by_code(call: Call) -> Result<Response> {
    let (ctx, code) = (&call.ctx, call.variable("code"));
    let shown = ctx.read(|db| {
        let found = record::by_text(db, "commande", "cdeCode", code)?;
        show(ctx, db, found.ok_or(error::NOT_FOUND)?)
    });
    Ok(wire::json(ctx, StatusCode::OK, shown.await?))
}

/// Only comment and external reference can be changed; other fields are read-only.
pub(crate) async fn change(call: Call) -> Result<Response> {
    let (ctx, id, body) = (&call.ctx, call.variable("id"), Body::of(&call));
    let table = ctx.model.table("commande").ok_or(error::NOT_FOUND)?;
    let mut changes = body.record(ctx, &table.entity.fields, Purpose::Change)?;
    let shown = ctx
        .write(|db| {
            let order = visible(ctx, record::by_id(db, "commande", id)?)?;
            changes.insert("dateModif".to_owned(), dates::stamp(&ctx.settings, db.now).into());
            db.update(db.table("commande")?, order.id, &changes)?;
            record::shown(db, db.table("commande")?, order.id)
        })
        .await?;
    Ok(wire::json(ctx, StatusCode::OK, shown))
}

/// Direct creation: a quote and its order in one go. There is no such call unless `direct_order` says so.
pub(crate) async fn create(call: Call) -> Result<Response> {
    let (ctx, body) = (&call.ctx, Body::of(&call));
    let orders = ctx.model.table("commande").ok_or(error::NOT_FOUND)?;
    let mut fields = devis::fields(ctx)?.clone();
    for name in HEADER {
        fields.extend(
            orders.entity.fields.get_key_value(name).map(|(name, field)| (name.clone(), field.clone())),
        );
    }
    let mut quote = body.record(ctx, &fields, Purpose::Create)?;
    let header = HEADER.into_iter().filter_map(|name| Some((name.to_owned(), quote.remove(name)?))).collect();
    let (id, shown) = ctx
        .write(|db| {
            let quote = devis::store(ctx, db, quote)?;
            let order = transformation::order_of(ctx, db, &quote, header)?;
            Ok((order.values["cdeID"].to_string(), record::shown(db, orders, order.id)?))
        })
        .await?;
    Ok(wire::created(ctx, &["commande", &id], shown))
}

fn visible(ctx: &Ctx, order: Record) -> Result<Record> {
    let is_configured = integer(&order.values, "racineID") == Some(ctx.settings.integer("racine_commande"));
    if is_configured { Ok(order) } else { Err(error::NOT_FOUND.into()) }
}

fn show(ctx: &Ctx, db: &Db<'_>, order: Record) -> Result<Vec<u8>> {
    let order = visible(ctx, order)?;
    record::shown(db, db.table("commande")?, order.id)
}
