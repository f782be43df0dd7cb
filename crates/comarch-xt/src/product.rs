//! Products: the price rule and the code (fact sheet 4.1).

use rust_decimal::Decimal;
use serde_json::{Map, Value};
use simcore::base::decimal;
pub(crate) use simcore::base::decimal::{cents, rounded as scaled};
use simcore::entity::settings::Settings;
use simcore::{Db, Result, said};

use crate::call::{Call, Written};
use crate::edition::percentage;
use crate::{codes, error};

/// Where `$fts` looks.
pub(crate) const SEARCHED: &[&str] = &["Name", "Description", "ItemCode", "ProductCode"];

/// The greatest price or quantity; what is above is taken for a mistake, and sums stay exact.
pub(crate) const GREATEST: Decimal = Decimal::from_parts(1_000_000_000, 0, 0, false, 0);

/// Checks what a client wrote, in `record` as it will be; `given` is what the body named.
///
/// # Errors
/// 400 for a negative price or a code that another product has.
pub(crate) fn check(call: &Call, db: &Db<'_>, written: Written<'_>) -> Result<()> {
    let Written { record, given, stored } = written;
    let ctx = &call.ctx;
    for field in ["SaleNetPrice", "SaleGrossPrice"] {
        if given.get(field).and_then(decimal::from_json).is_some_and(|price| !is_price(price)) {
            return Err(error::invalid_field(field, said!(PRICE_RANGE)));
        }
    }
    codes::check(db, "products", "ProductCode", record, stored)?;
    let price = |field: &str| given.get(field).and_then(decimal::from_json);
    let keeps = stored.is_some() && ctx.settings.text("put_mode") == "partial";
    let (net, gross) = match (price("SaleNetPrice"), price("SaleGrossPrice")) {
        (None, None) if keeps && !given.contains_key("Rate") => return Ok(()),
        (None, None) if keeps => (record.get("SaleNetPrice").and_then(decimal::from_json), None),
        given => given,
    };
    let (net, gross) = prices(net, gross, rate(&ctx.settings, record));
    record.insert("SaleNetPrice".to_owned(), decimal::to_json(net));
    record.insert("SaleGrossPrice".to_owned(), decimal::to_json(gross));
    Ok(())
}

/// Whether a price may be: not negative (section 10, 21).
pub(crate) fn is_price(price: Decimal) -> bool {
    (Decimal::ZERO..=GREATEST).contains(&price)
}

/// The VAT percentage of a product.
pub(crate) fn rate(settings: &Settings, record: &Map<String, Value>) -> Decimal {
    record.get("Rate").and_then(Value::as_i64).map_or(Decimal::ZERO, |rate| percentage(settings, rate))
}

/// Net and gross price: the gross one follows from the net one unless only the gross one is given. A zero beside
/// another price counts as not given, since one client always sends both.
pub(crate) fn prices(net: Option<Decimal>, gross: Option<Decimal>, percent: Decimal) -> (Decimal, Decimal) {
    let is_given = |price: &Decimal| !price.is_zero();
    match (net.filter(is_given), gross.filter(is_given)) {
        (Some(net), _) => (cents(net), gross_of(cents(net), percent)),
        (None, Some(gross)) => (net_of(cents(gross), percent), cents(gross)),
        (None, None) => (cents(Decimal::ZERO), cents(Decimal::ZERO)),
    }
}

/// The price with VAT. The control API stores any amount, so that nothing here may overflow.
pub(crate) fn gross_of(net: Decimal, percent: Decimal) -> Decimal {
    cents(net.saturating_add(net.saturating_mul(percent / Decimal::ONE_HUNDRED)))
}

/// The price without VAT.
pub(crate) fn net_of(gross: Decimal, percent: Decimal) -> Decimal {
    cents(gross.saturating_mul(Decimal::ONE_HUNDRED) / (Decimal::ONE_HUNDRED + percent))
}

/// What is missing of a product; prices that are both there stay as they are.
pub(crate) fn complete(db: &Db<'_>, record: &mut Map<String, Value>) -> Result<()> {
    codes::complete(db, "products", "ProductCode", "P/", record)?;
    if record.get("Rate").is_none_or(Value::is_null) {
        record.insert("Rate".to_owned(), 9.into());
    }
    let price = |field: &str| record.get(field).and_then(decimal::from_json);
    let (net, gross) = match (price("SaleNetPrice"), price("SaleGrossPrice")) {
        (Some(net), Some(gross)) => (cents(net), cents(gross)),
        (net, gross) => prices(net, gross, rate(&db.settings(), record)),
    };
    record.insert("SaleNetPrice".to_owned(), decimal::to_json(net));
    record.insert("SaleGrossPrice".to_owned(), decimal::to_json(gross));
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn decimal(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    #[test]
    fn the_price_rule_of_the_sheet() {
        for (net, gross, percent, expected) in [
            (Some("40.00"), None, "19", ("40.00", "47.60")),
            (None, Some("100.00"), "23", ("81.30", "100.00")),
            (Some("20"), Some("99"), "19", ("20.00", "23.80")),
            (Some("0.0"), Some("25.00"), "19", ("21.01", "25.00")),
            (Some("20"), Some("0.0"), "0", ("20.00", "20.00")),
            (None, None, "19", ("0.00", "0.00")),
            (Some("0.125"), None, "0", ("0.13", "0.13")),
        ] {
            let (net, gross) = prices(net.map(decimal), gross.map(decimal), decimal(percent));
            assert_eq!((net.to_string().as_str(), gross.to_string().as_str()), expected);
        }
    }

    proptest! {
        #[test]
        fn net_and_gross_stay_within_a_cent(amount in 1i64..100_000_000_000, percent in 0i64..=100) {
            let (amount, percent) = (Decimal::new(amount, 2), Decimal::from(percent));
            let (net, gross) = prices(None, Some(amount), percent);
            prop_assert_eq!(gross, amount);
            prop_assert!(net <= gross);
            prop_assert!((gross_of(net, percent) - gross).abs() <= Decimal::new(1, 2));
            let (net, gross) = prices(Some(amount), None, percent);
            prop_assert_eq!(net, amount);
            prop_assert!(gross >= net);
            prop_assert!((net_of(gross, percent) - net).abs() <= Decimal::new(1, 2));
            prop_assert_eq!((net.scale(), gross.scale()), (2, 2));
        }
    }
}
