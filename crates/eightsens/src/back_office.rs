//! What happens inside the ERP: deliveries, stock, prices, users, a restart.

use axum::http::StatusCode;
use rust_decimal::Decimal;
use serde_json::{Map, Value, json};
use simcore::base::decimal;
use simcore::store::rows::Record;
use simcore::{Ctx, Db, Error, Result};

use crate::ligne::Line;
use crate::record::integer;
use crate::stock::amount;
use crate::{article, dates, error, record, stock, totals};

fn refused(message: impl Into<String>) -> Error {
    Error::vendor(StatusCode::BAD_REQUEST, "REFUSED", message)
}

/// Delivers what `lignes` says, or everything outstanding; gives the order.
pub(crate) fn deliver_order(ctx: &Ctx, db: &Db<'_>, with: &Map<String, Value>) -> Result<Value> {
    let order = record::by_id(db, "commande", &integer(with, "cdeID").unwrap_or_default().to_string())?;
    if !matches!(order.text("cdeEtat"), "EN_COURS" | "PARTIELLE") {
        return Err(refused(format!("the order is {}", order.text("cdeEtat"))));
    }
    let mut lines = record::items(&order.values, "lignes");
    let before = stock::quantities(&lines, |line| amount(line, "quantiteLivree"));
    match with.get("lignes") {
        None => lines.iter_mut().for_each(|line| {
            let ordered = line.get("quantite").cloned().unwrap_or_default();
            line.insert("quantiteLivree".to_owned(), ordered);
        }),
        Some(_) => record::items(with, "lignes").iter().try_for_each(|part| deliver(&mut lines, part))?,
    }
    let is_outstanding = |line: &Line| amount(line, "quantiteLivree") < amount(line, "quantite");
    let is_touched = |line: &Line| amount(line, "quantiteLivree") > Decimal::ZERO;
    let state = match (lines.iter().any(is_outstanding), lines.iter().any(is_touched)) {
        (false, _) => "LIVREE",
        (true, true) => "PARTIELLE",
        (true, false) => "EN_COURS",
    };
    let mut delivered = stock::quantities(&lines, |line| amount(line, "quantiteLivree"));
    for (article, quantity) in &mut delivered {
        *quantity = quantity.saturating_sub(before.get(article).copied().unwrap_or_default());
    }
    stock::take(db, &delivered)?;
    let mut change = Map::new();
    change.insert("lignes".to_owned(), lines.into_iter().map(Value::Object).collect());
    change.insert("cdeEtat".to_owned(), state.into());
    changed(ctx, db, "commande", &order, change)
}

fn deliver(lines: &mut [Line], part: &Line) -> Result<()> {
    let id = integer(part, "ligID").ok_or_else(|| refused("a line to deliver has a ligID"))?;
    let line = lines.iter_mut().find(|line| integer(line, "ligID") == Some(id));
    let line = line.ok_or_else(|| refused(format!("the order has no line {id}")))?;
    let quantity = amount(part, "quantite");
    let delivered = amount(line, "quantiteLivree").saturating_add(quantity);
    if quantity <= Decimal::ZERO || delivered > amount(line, "quantite") {
        return Err(refused(format!("line {id}: {quantity} is not between 0 and what is outstanding")));
    }
    line.insert("quantiteLivree".to_owned(), decimal::to_json(delivered));
    Ok(())
}

/// Sets `stockReel`, `stockDispo` or both; gives the stock.
pub(crate) fn set_stock(ctx: &Ctx, db: &Db<'_>, with: &Map<String, Value>) -> Result<Value> {
    let found = article_of(db, with)?;
    let (real, mut available) = (with.get("stockReel"), with.get("stockDispo").cloned());
    if let (Some(real), None) = (real.and_then(decimal::from_json), &available) {
        available = Some(stock::available(db, &found, real)?);
    }
    if real.is_none() && available.is_none() {
        return Err(refused("stockReel or stockDispo is missing"));
    }
    let mut change = Map::new();
    if let Some(real) = real {
        change.insert("_stockReel".to_owned(), real.clone());
    }
    if let Some(available) = available {
        change.insert("artStockDispo".to_owned(), available);
    }
    changed(ctx, db, "article", &found, change)?;
    Ok(article::stock_of(&db.load(db.table("article")?, found.id)?))
}

/// Sets the price without VAT; gives the article.
pub(crate) fn set_price(ctx: &Ctx, db: &Db<'_>, with: &Map<String, Value>) -> Result<Value> {
    let found = article_of(db, with)?;
    let price = with.get("artPvHT").and_then(decimal::from_json).unwrap_or_default();
    if price < Decimal::ZERO {
        return Err(refused("a price is not negative"));
    }
    let mut change = Map::new();
    change.insert("artPvHT".to_owned(), decimal::to_json(price));
    let with_vat = totals::with_vat(price, found.decimal("artTauxTva"));
    change.insert("artPvTTC".to_owned(), decimal::to_json(with_vat));
    changed(ctx, db, "article", &found, change)
}

fn article_of(db: &Db<'_>, with: &Map<String, Value>) -> Result<Record> {
    record::by_id(db, "article", &integer(with, "artID").unwrap_or_default().to_string())
}

fn changed(
    ctx: &Ctx,
    db: &Db<'_>,
    entity: &str,
    record: &Record,
    mut change: Map<String, Value>,
) -> Result<Value> {
    let table = db.table(entity)?;
    change.insert("dateModif".to_owned(), dates::stamp(&ctx.settings, db.now).into());
    db.update(table, record.id, &change)?;
    Ok(Value::Object(db.load(table, record.id)?.values))
}

/// The user can no longer log in, and its sessions are no longer good.
pub(crate) fn disable_user(_: &Ctx, db: &Db<'_>, with: &Map<String, Value>) -> Result<Value> {
    set_disabled(db, with, true)
}

/// The user can log in again; its old sessions stay dead.
pub(crate) fn enable_user(_: &Ctx, db: &Db<'_>, with: &Map<String, Value>) -> Result<Value> {
    set_disabled(db, with, false)
}

fn set_disabled(db: &Db<'_>, with: &Map<String, Value>, disabled: bool) -> Result<Value> {
    let table = db.table("user")?;
    let key = with.get("user").and_then(Value::as_str).unwrap_or_default();
    let user = match record::by_text(db, "user", "userCode", key)? {
        Some(user) => user,
        None => db.find_key(table, "", key)?.ok_or(error::NOT_FOUND)?,
    };
    db.update(table, user.id, &[("desactive".to_owned(), disabled.into())].into_iter().collect())?;
    let id = user.values["userID"].to_string();
    if disabled {
        db.end_tokens(Some(&id))?;
    }
    Ok(json!({ "userID": user.values["userID"], "userCode": user.values["userCode"], "desactive": disabled }))
}

/// Every session ends, as when the real server starts again.
pub(crate) fn restart(_: &Ctx, db: &Db<'_>, _: &Map<String, Value>) -> Result<Value> {
    db.end_tokens(None)?;
    Ok(json!({ "sessions": 0 }))
}
