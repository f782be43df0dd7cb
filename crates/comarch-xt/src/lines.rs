//! Lines of documents, and what of them a client may write (fact sheet 4.5, section 10, 21).

use rust_decimal::Decimal;
use serde_json::{Map, Value};
use simcore::base::decimal;
use simcore::{Result, said};

use crate::error;
use crate::product::{self, GREATEST, scaled};

/// Quantities are more than 0, prices at least 0 (section 10, 21).
///
/// # Errors
/// 400 that names the first line that is wrong.
pub(crate) fn check(document: &Map<String, Value>) -> Result<()> {
    for (place, line) in of(document).enumerate() {
        let number = |field: &str| line.get(field).and_then(decimal::from_json);
        let quantity = number("Quantity").map(|quantity| scaled(quantity.min(GREATEST), 4));
        if quantity.is_some_and(|quantity| quantity <= Decimal::ZERO || quantity >= GREATEST) {
            return Err(error::invalid_field(&format!("Items[{place}].Quantity"), said!(QUANTITY_RANGE)));
        }
        for field in ["ProductCurrencyNetPrice", "ProductCurrencyPrice"] {
            if number(field).is_some_and(|price| !product::is_price(price)) {
                return Err(error::invalid_field(&format!("Items[{place}].{field}"), said!(PRICE_RANGE)));
            }
        }
    }
    Ok(())
}

/// The lines of a document.
pub(crate) fn of(document: &Map<String, Value>) -> impl Iterator<Item = &Map<String, Value>> {
    document.get("Items").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_object)
}
