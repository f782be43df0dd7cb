//! What orders do to the stock (DECISIONS, second edition): an open order reserves what it has not delivered, a
//! delivery takes it from the depot. Only articles whose stock is kept.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde_json::{Map, Value};
use simcore::base::decimal;
use simcore::store::rows::{self, Record};
use simcore::{Db, Result, Select};

use crate::ligne::Line;
use crate::record::{self, integer};

/// Quantities by article.
pub(crate) type Quantities = BTreeMap<i64, Decimal>;

/// What a line has of each article, by the quantity that `of` says.
pub(crate) fn quantities(lines: &[Line], of: impl Fn(&Line) -> Decimal) -> Quantities {
    let mut all = Quantities::new();
    for line in lines {
        if let Some(article) = integer(line, "artID") {
            let sum = all.entry(article).or_default();
            *sum = sum.saturating_add(of(line));
        }
    }
    all
}

pub(crate) fn amount(line: &Line, field: &str) -> Decimal {
    line.get(field).and_then(decimal::from_json).unwrap_or_default()
}

/// What a line has not delivered.
pub(crate) fn outstanding(line: &Line) -> Decimal {
    amount(line, "quantite").saturating_sub(amount(line, "quantiteLivree")).max(Decimal::ZERO)
}

/// Whether the stock of an article is kept.
pub(crate) fn is_kept(article: &Record) -> bool {
    article.text("artTypeStock") == "GERE"
}

/// What can be sold becomes less.
pub(crate) fn reserve(db: &Db<'_>, quantities: &Quantities) -> Result<()> {
    change(db, "artStockDispo", quantities, Decimal::saturating_sub)
}

/// What is in the depot becomes less; it had been reserved.
pub(crate) fn take(db: &Db<'_>, quantities: &Quantities) -> Result<()> {
    change(db, "_stockReel", quantities, Decimal::saturating_sub)
}

fn change(
    db: &Db<'_>,
    field: &str,
    quantities: &Quantities,
    new: impl Fn(Decimal, Decimal) -> Decimal,
) -> Result<()> {
    if !db.settings().flag("move_stock") {
        return Ok(());
    }
    for (id, quantity) in quantities.iter().filter(|(_, quantity)| !quantity.is_zero()) {
        if let Some(article) = record::known(db, "article", *id)?.filter(is_kept) {
            let stock = new(article.decimal(field), *quantity);
            let change = Map::from_iter([(field.to_owned(), decimal::to_json(stock.normalize()))]);
            db.update(db.table("article")?, article.id, &change)?;
        }
    }
    Ok(())
}

/// What open orders have reserved.
pub(crate) fn reserved(db: &Db<'_>) -> Result<Quantities> {
    let mut all = Quantities::new();
    for order in db.records(db.table("commande")?, &Select::default())? {
        if matches!(order.text("cdeEtat"), "EN_COURS" | "PARTIELLE") && !order.flag("supprime") {
            for (article, quantity) in quantities(&record::items(&order.values, "lignes"), outstanding) {
                let sum = all.entry(article).or_default();
                *sum = sum.saturating_add(quantity);
            }
        }
    }
    Ok(all)
}

/// After orders were generated: the depot holds what they have reserved beside what can be sold.
pub(crate) fn reserve_all(db: &Db<'_>) -> Result<()> {
    if !db.settings().flag("move_stock") {
        return Ok(());
    }
    let (reserved, table) = (reserved(db)?, db.table("article")?);
    // There may be a million articles: they are looked at one at a time.
    let mut changes = Vec::new();
    db.each(table, &Select::default(), |row| {
        let article = rows::read(table, row)?;
        let id = integer(&article.values, "artID").unwrap_or_default();
        let real =
            article.decimal("artStockDispo").saturating_add(reserved.get(&id).copied().unwrap_or_default());
        if is_kept(&article) && real != article.decimal("_stockReel") {
            changes.push((article.id, real));
        }
        Ok(())
    })?;
    for (id, real) in changes {
        let change = Map::from_iter([("_stockReel".to_owned(), decimal::to_json(real.normalize()))]);
        db.update(table, id, &change)?;
    }
    Ok(())
}

/// What can be sold of an article when `real` is in the depot.
pub(crate) fn available(db: &Db<'_>, article: &Record, real: Decimal) -> Result<Value> {
    if !db.settings().flag("move_stock") || !is_kept(article) {
        return Ok(decimal::to_json(real));
    }
    let id = integer(&article.values, "artID").unwrap_or_default();
    let reserved = reserved(db)?.get(&id).copied().unwrap_or_default();
    Ok(decimal::to_json(real.saturating_sub(reserved).normalize()))
}
