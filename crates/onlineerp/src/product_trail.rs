//! Stock movements: one, or a batch (fact sheet 6.2).

use axum::http::StatusCode;
use axum::response::Response;
use rust_decimal::Decimal;
use serde_json::{Map, Value, json};
use simcore::base::decimal;
use simcore::store::effects::Refused;
use simcore::store::rows::Record;
use simcore::{Db, Error, Result};

use crate::complete::is_absent;
use crate::routes::Call;
use crate::{back_office, create, error, list};

/// The product must be named, exist, and say which segment is meant when it is segmented.
pub(crate) fn check(call: &Call, db: &Db<'_>, movement: &mut Map<String, Value>) -> Result<()> {
    let tenant = &call.principal.tenant;
    let named = |field: &str| movement.get(field).and_then(Value::as_str).filter(|key| !key.is_empty());
    let key = named("NoProduit_NoUniqueSystemeSource").or(named("NoProduit")).map(str::to_owned);
    let Some(key) = key else { return Err(error::missing("NoProduit")) };
    let product = product(db, tenant, movement)?;
    let product =
        product.ok_or_else(|| error::refused(&call.ctx, format!("Le produit « {key} » n'existe pas.")))?;
    if product.flag("_segmented")
        && movement.get("Caracteristiques").and_then(Value::as_array).is_none_or(Vec::is_empty)
    {
        return Err(error::missing("Caracteristiques"));
    }
    if back_office::is_locked(db, "Product", tenant, product.id)? {
        return Err(error::locked(&call.ctx, "Product", &key));
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

/// A batch: each item for itself, answered in the order of the request; 400 when none could be done (Q12).
pub(crate) async fn batch(call: &Call, items: &[Value]) -> Result<Response> {
    if items.is_empty() {
        return Err(error::bad_request("Le lot est vide."));
    }
    let whole = call.ctx.settings.text("batch_mode") == "all_or_nothing";
    let table = call.table()?;
    let (answers, done) = call
        .ctx
        .write(|db| {
            let mut answers: Vec<Value> = Vec::with_capacity(items.len());
            let mut done = 0;
            for (place, item) in items.iter().enumerate() {
                let record = crate::body::record(item.clone());
                match record.and_then(|record| create::store(call, db, table, record)) {
                    Ok((shown, _)) => {
                        answers.push(serde_json::from_slice(&shown)?);
                        done += 1;
                    }
                    Err(error) if error.status == StatusCode::INTERNAL_SERVER_ERROR => return Err(error),
                    Err(error) if whole => {
                        let message = format!("Élément {} du lot : {}", place + 1, sentence(&error));
                        return Err(Error { message, ..error });
                    }
                    Err(error) => {
                        note_refused(call, db, item, place, &error);
                        answers.push(json!({ "Message": sentence(&error) }));
                    }
                }
            }
            Ok((answers, done))
        })
        .await?;
    if done == 0 {
        let refusal = error::bad_request("Aucun élément du lot n'a pu être traité.");
        let refused = answers.iter().enumerate().fold(refusal, |error, (place, answer)| {
            error.detail(format!("[{place}]"), answer["Message"].as_str().unwrap_or_default())
        });
        return Err(refused);
    }
    Ok(list::json(Value::Array(answers).to_string()))
}

/// The answer is a 200: that an item of the batch was refused stands inside it.
fn note_refused(call: &Call, db: &Db<'_>, item: &Value, place: usize, error: &Error) {
    db.note_refused(Refused {
        entity: call.entity.clone(),
        company: call.principal.tenant.clone(),
        key: item["NoProduit"].as_str().map(str::to_owned),
        index: Some(place),
        reason: error.status.canonical_reason().unwrap_or_default().to_owned(),
        is_temporary: error.is_temporary,
        ..Refused::default()
    });
}

/// What an item's answer says: the sentence, then each field that is wrong.
fn sentence(error: &Error) -> String {
    let details: Vec<String> =
        error.details.iter().map(|detail| format!("{} : {}", detail.field, detail.message)).collect();
    if details.is_empty() {
        error.message.clone()
    } else {
        format!("{} {}", error.message, details.join(" "))
    }
}
