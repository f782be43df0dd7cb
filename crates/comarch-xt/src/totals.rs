//! What follows from the lines of a document: prices, ids, scales, and totals (fact sheet 4.5 and 5).

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde_json::{Map, Value};
use simcore::base::decimal;
use simcore::entity::settings::Settings;
use simcore::{Db, Result};

use crate::product::{self, cents, gross_of, net_of, scaled};
use crate::{currency, names, references, series, vat_rate};

/// The amounts of a document.
#[derive(Clone, Copy, Debug)]
struct Totals {
    net: Decimal,
    vat: Decimal,
    gross: Decimal,
}

/// Each line as quantity, price, and VAT percentage.
type Line = (Decimal, Decimal, Decimal);

/// The VAT percentage of a line: that of the rate it names, or else of its product; none for free text.
fn rate(db: &Db<'_>, settings: &Settings, line: &Map<String, Value>) -> Result<Decimal> {
    if let Some(rate) = vat_rate::of_line(db, line)? {
        return Ok(vat_rate::percentage(&rate));
    }
    let product = references::related(db, names::PRODUCT.0, line.get("ProductId"))?;
    Ok(product.map_or(Decimal::ZERO, |product| product::rate(settings, &product.values)))
}

/// Gives every line its id, its scale and both prices, and the document its totals.
pub(crate) fn complete(
    db: &Db<'_>,
    settings: &Settings,
    entity: &str,
    document: &mut Map<String, Value>,
) -> Result<()> {
    let is_gross = document.get("InvoiceType").and_then(Value::as_i64) == Some(1);
    let mut priced: Vec<Line> = Vec::new();
    let lines = document.entry("Items").or_insert(Value::Null);
    if !lines.is_array() {
        *lines = Value::Array(Vec::new());
    }
    for line in lines.as_array_mut().into_iter().flatten().filter_map(Value::as_object_mut) {
        let percent = rate(db, settings, line)?;
        let quantity = scaled(line.get("Quantity").and_then(decimal::from_json).unwrap_or_default(), 4);
        let price = complete_prices(line, is_gross, percent);
        line.insert("Quantity".to_owned(), decimal::to_json(quantity));
        for (field, default) in [("ProductDescription", Value::from("")), ("VatRateId", Value::from(0))] {
            if line.get(field).is_none_or(Value::is_null) {
                line.insert(field.to_owned(), default);
            }
        }
        series::identify(db, &format!("{entity}.Items"), line)?;
        priced.push((quantity, price, percent));
    }
    let Totals { net, vat, gross } = totals(&priced, is_gross);
    let local = |amount: Decimal| currency::local(document, amount);
    let (local_net, local_vat) = (local(net), local(vat));
    for (field, amount) in [
        ("CurrencyNetTotal", net),
        ("CurrencyVatTotal", vat),
        ("CurrencyGrossTotal", gross),
        ("NetTotal", local_net),
        ("VatTotal", local_vat),
        ("GrossTotal", local_net.saturating_add(local_vat)),
    ] {
        document.insert(field.to_owned(), decimal::to_json(amount));
    }
    Ok(())
}

/// The unversioned API knows the net price only, later versions the one that `InvoiceType` says: a line has both
/// (section 10, 36). Gives the one that the document counts with.
fn complete_prices(line: &mut Map<String, Value>, is_gross: bool, percent: Decimal) -> Decimal {
    let number = |field: &str| line.get(field).and_then(decimal::from_json);
    let (net, price) = (number("ProductCurrencyNetPrice"), number("ProductCurrencyPrice"));
    let (net, price) = if is_gross {
        let price = price.or_else(|| net.map(|net| gross_of(net, percent))).unwrap_or_default();
        (net_of(cents(price), percent), cents(price))
    } else {
        let net = cents(net.or(price).unwrap_or_default());
        (net, net)
    };
    line.insert("ProductCurrencyNetPrice".to_owned(), decimal::to_json(net));
    line.insert("ProductCurrencyPrice".to_owned(), decimal::to_json(price));
    price
}

/// Lines are rounded to the cent, VAT once for each rate.
fn totals(lines: &[Line], is_gross: bool) -> Totals {
    let mut by_rate: BTreeMap<Decimal, Decimal> = BTreeMap::new();
    for (quantity, price, percent) in lines {
        let sum = by_rate.entry(*percent).or_default();
        *sum = sum.saturating_add(cents(quantity.saturating_mul(*price)));
    }
    let parts = by_rate.into_iter().map(|(percent, sum)| {
        if is_gross { (net_of(sum, percent), sum) } else { (sum, gross_of(sum, percent)) }
    });
    let zero = cents(Decimal::ZERO);
    parts.fold(Totals { net: zero, vat: zero, gross: zero }, |totals, (net, gross)| Totals {
        net: totals.net.saturating_add(net),
        vat: totals.vat.saturating_add(gross - net),
        gross: totals.gross.saturating_add(gross),
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn vat_is_rounded_once_for_each_rate() {
        let decimal = |text: &str| text.parse::<Decimal>().unwrap();
        // Three lines of 0.05 at 19 % are 0.03 VAT, not three times 0.01.
        let line = (decimal("1"), decimal("0.05"), decimal("19"));
        let totals = totals(&[line, line, line], false);
        assert_eq!(
            (totals.net, totals.vat, totals.gross),
            (decimal("0.15"), decimal("0.03"), decimal("0.18"))
        );
    }

    proptest! {
        #[test]
        fn totals_add_up(
            lines in prop::collection::vec((1i64..1_000_000, 0i64..10_000_000, 0i64..=25), 0..20),
            is_gross: bool,
        ) {
            let lines: Vec<Line> = lines
                .into_iter()
                .map(|(quantity, price, percent)| {
                    (Decimal::new(quantity, 4), Decimal::new(price, 2), Decimal::from(percent))
                })
                .collect();
            let sum: Decimal = lines.iter().map(|(quantity, price, _)| cents(quantity * price)).sum();
            let totals = totals(&lines, is_gross);
            prop_assert_eq!(totals.net + totals.vat, totals.gross);
            prop_assert_eq!(if is_gross { totals.gross } else { totals.net }, sum);
            prop_assert!(totals.vat >= Decimal::ZERO);
        }
    }
}
