//! Documents in another currency: they can be written and listed from v1.4 (fact sheet 2.4, 4.5.1 and 4.5.4).

use rust_decimal::Decimal;
use serde_json::{Map, Value};
use simcore::base::decimal;
use simcore::entity::settings::Settings;
use simcore::{Ctx, Result, said};

use crate::call::Call;
use crate::edition;
use crate::error;
use crate::product::{GREATEST, cents, scaled};
use crate::views::Version;

/// The smallest numerator or denominator of a rate.
const LEAST: Decimal = Decimal::from_parts(1, 0, 0, false, 4);

/// Versions before 1.4 know the account's currency alone: they refuse another one rather than book it as their own
/// (DECISIONS).
///
/// # Errors
/// 400 for another currency in the body.
pub(crate) fn check_version(call: &Call, given: &Map<String, Value>) -> Result<()> {
    let own = edition::currency(&call.ctx.settings);
    let named = given.iter().find(|(name, _)| name.eq_ignore_ascii_case("CurrencyCode"));
    let named = named.and_then(|(_, code)| code.as_str()).map_or("", str::trim);
    if call.view.version >= Version::V1_4 || named.is_empty() || named.eq_ignore_ascii_case(own) {
        return Ok(());
    }
    Err(error::invalid_field("CurrencyCode", said!(CURRENCY_OF_VERSION, currency = own)))
}

/// Checks the currency of a document as it will be.
///
/// # Errors
/// 400 for a code that is none, and for another currency than the account's without its rate.
pub(crate) fn check(ctx: &Ctx, record: &mut Map<String, Value>) -> Result<()> {
    let code = record.get("CurrencyCode").and_then(Value::as_str).map_or("", str::trim).to_ascii_uppercase();
    if code.is_empty() {
        record.insert("CurrencyCode".to_owned(), Value::Null);
        return Ok(());
    }
    if code.len() != 3 || !code.bytes().all(|letter| letter.is_ascii_uppercase()) {
        return Err(error::invalid_field("CurrencyCode", said!(CURRENCY_LETTERS)));
    }
    let is_own = code.eq_ignore_ascii_case(edition::currency(&ctx.settings));
    record.insert("CurrencyCode".to_owned(), code.into());
    if is_own {
        return Ok(());
    }
    for (field, is_needed) in [("CurrencyRate", true), ("CurrencyConverter", false)] {
        match record.get(field).and_then(decimal::from_json) {
            Some(rate) if (LEAST..=GREATEST).contains(&rate) => {}
            None if !is_needed => {}
            _ => {
                return Err(error::invalid_field(field, said!(CURRENCY_RATE)));
            }
        }
    }
    Ok(())
}

/// What is missing of a document's currency. The account's own has no rate but 1.
pub(crate) fn complete(settings: &Settings, record: &mut Map<String, Value>) {
    let own = edition::currency(settings);
    let code = record.get("CurrencyCode").and_then(Value::as_str);
    let is_own = code.is_none_or(|code| code == own);
    let issued = record.get("IssueDate").cloned().unwrap_or_default();
    for (field, value) in [
        ("CurrencyCode", own.into()),
        // An average rate is looked up at the central bank, which nobody simulates: another one is manual.
        ("CurrencyRateType", i64::from(!is_own).into()),
        ("CurrencyRateDate", issued),
        ("CurrencyConverter", 1.into()),
        ("CurrencyRate", 1.into()),
    ] {
        if is_own || record.get(field).is_none_or(Value::is_null) {
            record.insert(field.to_owned(), value);
        }
    }
}

/// An amount of a document in the account's currency.
pub(crate) fn local(document: &Map<String, Value>, amount: Decimal) -> Decimal {
    let (numerator, denominator) = parts(document);
    cents(amount.saturating_mul(numerator) / denominator)
}

/// What one of a document's currency is worth, to the ten thousandth.
pub(crate) fn rate(document: &Map<String, Value>) -> Decimal {
    let (numerator, denominator) = parts(document);
    scaled(numerator / denominator, 4)
}

fn parts(document: &Map<String, Value>) -> (Decimal, Decimal) {
    let of = |field: &str| {
        let number = document.get(field).and_then(decimal::from_json);
        // The control API stores any number.
        number.filter(|number| (LEAST..=GREATEST).contains(number)).unwrap_or(Decimal::ONE)
    };
    (of("CurrencyRate"), of("CurrencyConverter"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_rate_is_a_numerator_and_a_denominator() {
        let local = |document: Value, amount: &str| {
            local(document.as_object().unwrap(), amount.parse().unwrap()).to_string()
        };
        assert_eq!(local(json!({ "CurrencyRate": 0.92, "CurrencyConverter": 1 }), "100.00"), "92.00");
        assert_eq!(local(json!({ "CurrencyRate": 4.05, "CurrencyConverter": 100 }), "1000"), "40.50");
        assert_eq!(local(json!({ "CurrencyRate": 0, "CurrencyConverter": 0 }), "1.005"), "1.01");
        assert_eq!(local(json!({}), "12.30"), "12.30");
    }
}
