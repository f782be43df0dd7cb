//! Stock movements: one, or a batch (fact sheet 6.2).

use rust_decimal::Decimal;
use serde_json::{Map, Value};
use simcore::base::decimal;
use simcore::store::rows::Record;
use simcore::{Db, Result, said};

use crate::call::Call;
use crate::fill::is_absent;
use crate::{back_office, error};

/// The product must be named, exist, and say which segment is meant when it is segmented.
pub(crate) fn check(call: &Call, db: &Db<'_>, movement: &mut Map<String, Value>) -> Result<()> {
    let tenant = &call.principal.tenant;
    let named = |field: &str| movement.get(field).and_then(Value::as_str).filter(|key| !key.is_empty());
    let key = named("NoProduit_NoUniqueSystemeSource").or(named("NoProduit")).map(str::to_owned);
    let Some(key) = key else { return Err(error::missing("NoProduit")) };
    let product = product(db, tenant, movement)?;
    let product = product.ok_or_else(|| said!(PRODUCT_NOT_FOUND, number = &key))?;
    if product.flag("_segmented")
        && movement.get("Caracteristiques").and_then(Value::as_array).is_none_or(Vec::is_empty)
    {
        return Err(error::missing("Caracteristiques"));
    }
    if back_office::is_locked(db, "Product", tenant, product.id)? {
        return Err(error::locked("Product", &key));
    }
    for field in ["NoProduit", "NoUniqueSystemeSource"] {
        let target = if field == "NoProduit" { field } else { "NoProduit_NoUniqueSystemeSource" };
        movement.insert(target.to_owned(), product.values.get(field).cloned().unwrap_or_default());
    }
    Ok(())
}

/// The quantity is added to the product's stock.
pub(crate) fn post(db: &Db<'_>, tenant: &str, movement: &Map<String, Value>) -> Result<()> {
    let quantity = movement.get("Quantitee").and_then(decimal::from_json).unwrap_or_default();
    match product(db, tenant, movement)? {
        Some(product) => move_stock(db, &product, quantity),
        None => Ok(()),
    }
}

/// Adds `quantity` to what is in stock; it may become negative.
pub(crate) fn move_stock(db: &Db<'_>, product: &Record, quantity: Decimal) -> Result<()> {
    let stock = product.decimal("QteEnMain") + quantity;
    let mut change = Map::new();
    change.insert("QteEnMain".to_owned(), decimal::to_json(stock));
    db.update(db.table("Product")?, product.id, &change)
}

/// The technical key wins over the number when both are given.
fn product(db: &Db<'_>, tenant: &str, movement: &Map<String, Value>) -> Result<Option<Record>> {
    let table = db.table("Product")?;
    if is_absent(movement, "NoProduit_NoUniqueSystemeSource") {
        let number = movement.get("NoProduit").and_then(Value::as_str).unwrap_or_default();
        return db.find(table, tenant, "NoProduit", number);
    }
    let key = movement.get("NoProduit_NoUniqueSystemeSource").and_then(Value::as_str).unwrap_or_default();
    db.find(table, tenant, "NoUniqueSystemeSource", key)
}
