//! Journal entries balance (fact sheet 6.6).

use rust_decimal::Decimal;
use serde_json::{Map, Value};
use simcore::Result;
use simcore::base::decimal;
use simcore::said;

use crate::customer_invoice::items;
use crate::error;

/// At least two lines, every amount above zero, debits equal to credits.
pub(crate) fn check(entry: &mut Map<String, Value>) -> Result<()> {
    let (mut debit, mut credit, mut lines) = (Decimal::ZERO, Decimal::ZERO, 0);
    for (place, line) in items(entry, "LigneEcriture").enumerate() {
        let amount = line.get("Montant").and_then(decimal::from_json).unwrap_or_default();
        if amount <= Decimal::ZERO {
            let field = format!("LigneEcriture[{place}].Montant");
            return Err(error::bad_field(field, said!(AMOUNT_NOT_POSITIVE)));
        }
        let side = if line.get("Direction").and_then(Value::as_str) == Some("DEBIT") {
            &mut debit
        } else {
            &mut credit
        };
        *side = side.saturating_add(amount);
        lines += 1;
    }
    if lines < 2 {
        return Err(error::bad_field("LigneEcriture", said!(ENTRY_TOO_SHORT)));
    }
    if debit != credit {
        let message = said!(ENTRY_UNBALANCED, debit = debit, credit = credit);
        return Err(error::bad_field("LigneEcriture", message));
    }
    Ok(())
}
