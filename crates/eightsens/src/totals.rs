//! Amounts: exact decimals, rounded half up to the cent where the sheet says so (fact sheet 6.7).

use rust_decimal::{Decimal, RoundingStrategy};
use serde_json::{Map, Value, json};
use simcore::base::decimal;
pub(crate) use simcore::base::decimal::cents;

/// Rounded half up to this many decimals; fewer stay as they are.
pub(crate) fn half_up(number: Decimal, decimals: u32) -> Decimal {
    number.round_dp_with_strategy(decimals, RoundingStrategy::MidpointAwayFromZero)
}

/// What a line amounts to without VAT: quantity times unit price less the discount, to the cent.
pub(crate) fn line_amount(quantity: Decimal, price: Decimal, discount: Decimal) -> Decimal {
    let kept = Decimal::ONE - discount / Decimal::ONE_HUNDRED;
    cents(quantity.saturating_mul(price).saturating_mul(kept))
}

/// A price with VAT, to the cent.
pub(crate) fn with_vat(price: Decimal, rate: Decimal) -> Decimal {
    cents(price.saturating_mul(Decimal::ONE + rate / Decimal::ONE_HUNDRED))
}

/// The back office may store amounts of any size: they saturate where lines of the API stay far below.
fn sum(amounts: impl Iterator<Item = Decimal>) -> Decimal {
    amounts.fold(Decimal::ZERO, Decimal::saturating_add)
}

/// The VAT of one rate.
#[derive(Debug, PartialEq)]
struct Vat {
    rate: Decimal,
    base: Decimal,
    amount: Decimal,
}

/// The totals of a document.
#[derive(Debug, PartialEq)]
pub(crate) struct Totals {
    before_vat: Decimal,
    vat: Vec<Vat>,
}

impl Totals {
    /// The totals of lines given as rate and amount; VAT is taken on the sum of each rate, the highest rate first.
    pub(crate) fn of(lines: impl Iterator<Item = (Decimal, Decimal)>) -> Self {
        let mut vat: Vec<Vat> = Vec::new();
        for (rate, amount) in lines {
            match vat.iter_mut().find(|vat| vat.rate == rate) {
                Some(vat) => vat.base = vat.base.saturating_add(amount),
                None => vat.push(Vat { rate, base: amount, amount: Decimal::ZERO }),
            }
        }
        for vat in &mut vat {
            vat.amount = cents(vat.base.saturating_mul(vat.rate) / Decimal::ONE_HUNDRED);
        }
        vat.sort_by_key(|vat| std::cmp::Reverse(vat.rate));
        Self { before_vat: sum(vat.iter().map(|vat| vat.base)), vat }
    }

    /// Writes `totalHT`, `totalTVA`, `totalTTC` and `tva` into a document.
    pub(crate) fn write(&self, document: &mut Map<String, Value>) {
        let vat = sum(self.vat.iter().map(|vat| vat.amount));
        let number = |amount| decimal::to_json(cents(amount));
        document.insert("totalHT".to_owned(), number(self.before_vat));
        document.insert("totalTVA".to_owned(), number(vat));
        document.insert("totalTTC".to_owned(), number(self.before_vat.saturating_add(vat)));
        let by_rate = self.vat.iter().map(|vat| {
            json!({ "taux": decimal::to_json(vat.rate), "baseHT": number(vat.base), "montant": number(vat.amount) })
        });
        document.insert("tva".to_owned(), by_rate.collect());
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn decimal(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    #[test]
    fn halves_go_up() {
        for (quantity, price, discount, amount) in [
            ("1", "0.125", "0", "0.13"),
            ("3", "0.335", "0", "1.01"),
            ("1", "0.005", "0", "0.01"),
            ("2.5", "19.99", "10", "44.98"),
            ("1", "100", "100", "0.00"),
            ("12", "8.333333333333334", "0", "100.00"),
            ("9999999.999", "99999999.9999", "0.0001", "999998999899000.10"),
        ] {
            let amount_of = line_amount(decimal(quantity), decimal(price), decimal(discount));
            assert_eq!(amount_of.to_string(), amount, "{quantity} × {price} − {discount} %");
        }
    }

    #[test]
    fn vat_is_taken_on_the_sum_of_a_rate_not_on_each_line() {
        let lines = vec![(decimal("20"), decimal("0.02")); 3];
        let mut document = Map::new();
        Totals::of(lines.into_iter()).write(&mut document);
        assert_eq!(
            Value::Object(document).to_string(),
            concat!(
                r#"{"totalHT":0.06,"totalTVA":0.01,"totalTTC":0.07,"#,
                r#""tva":[{"taux":20,"baseHT":0.06,"montant":0.01}]}"#
            )
        );
    }

    /// `numerator / 10^scale` in whole cents, halves up, by integers alone.
    fn cents_by_integers(numerator: i128, scale: u32) -> i128 {
        let unit = 10_i128.pow(scale - 2);
        (2 * numerator + unit).div_euclid(2 * unit)
    }

    proptest! {
        #[test]
        fn any_line_is_what_integers_say(
            quantity in 1..10_000_000_000_i64, price in 0..1_000_000_000_000_i64, discount in 0..=1_000_000_i64,
        ) {
            let amount = line_amount(Decimal::new(quantity, 3), Decimal::new(price, 4), Decimal::new(discount, 4));
            let exact = i128::from(quantity) * i128::from(price) * i128::from(1_000_000 - discount);
            prop_assert_eq!(amount.mantissa(), cents_by_integers(exact, 13));
            prop_assert_eq!(amount.scale(), 2);
        }

        #[test]
        fn totals_agree_to_the_cent(
            lines in prop::collection::vec((0..5_usize, 0..1_000_000_000_i64), 0..500),
        ) {
            let rates = [20_000, 10_000, 5_500, 2_100, 0];
            let of = lines.iter().map(|(rate, cents)| (Decimal::new(rates[*rate], 3), Decimal::new(*cents, 2)));
            let mut document = Map::new();
            Totals::of(of).write(&mut document);
            let base = |rate: usize| -> i128 {
                lines.iter().filter(|(own, _)| *own == rate).map(|(_, cents)| i128::from(*cents)).sum()
            };
            let before: i128 = (0..5).map(base).sum();
            let vat: i128 = (0..5).map(|rate| cents_by_integers(base(rate) * i128::from(rates[rate]), 7)).sum();
            let shown = |name: &str| decimal::from_json(&document[name]).unwrap().mantissa();
            prop_assert_eq!(shown("totalHT"), before);
            prop_assert_eq!(shown("totalTVA"), vat);
            prop_assert_eq!(shown("totalTTC"), before + vat);
        }
    }
}
