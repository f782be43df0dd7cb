//! Amounts of documents: sums that never overflow, cents, what a line comes to.

use rust_decimal::Decimal;
use serde_json::{Map, Value};
use simcore::base::decimal;
pub(crate) use simcore::base::decimal::cents;

/// The sum of amounts. What is beyond all bounds saturates, and is refused when it is stored.
pub(crate) fn sum(amounts: impl Iterator<Item = Decimal>) -> Decimal {
    amounts.fold(Decimal::ZERO, Decimal::saturating_add)
}

/// Quantity times price, to the cent.
pub(crate) fn amount(line: &Map<String, Value>) -> Decimal {
    let field = |name: &str| line.get(name).and_then(decimal::from_json);
    let (Some(quantity), Some(price)) = (field("QteFacture"), field("PrixFinal")) else {
        return Decimal::ZERO;
    };
    cents(quantity.saturating_mul(price))
}
