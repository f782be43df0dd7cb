//! A line of a quote: how it is built, numbered and totalled (fact sheet 6.7).

use rust_decimal::Decimal;
use serde_json::{Map, Value};
use simcore::base::decimal;
use simcore::{Db, Result, said};

use crate::record::integer;
use crate::totals::{self, Totals};
use crate::{article, error, numbering, record};

/// A line: its fields by name.
pub(crate) type Line = Map<String, Value>;

/// Decimals of quantities, as the établissement has them (fact sheet 6.1); more are rounded half up.
const QUANTITY_DECIMALS: u32 = 3;

/// Quantities and prices stay below these, so that amounts never overflow.
const QUANTITY_END: i64 = 10_000_000;
const PRICE_END: i64 = 100_000_000;

pub(crate) fn merged(stored: &Line, mut changes: Line) -> Line {
    changes.remove("ligID");
    let differs =
        |name: &str| changes.get(name).is_some_and(|new| !new.is_null() && Some(new) != stored.get(name));
    let is_other_article = differs("artID") || (differs("artCode") && !changes.contains_key("artID"));
    let kept: &[&str] = if is_other_article {
        &["ligID", "quantite"]
    } else {
        &["ligID", "artID", "quantite", "puHT", "remisePct", "ligLib"]
    };
    let mut line: Line = stored
        .iter()
        .filter(|(name, _)| kept.contains(&name.as_str()))
        .map(|(n, v)| (n.clone(), v.clone()))
        .collect();
    line.extend(changes.into_iter().filter(|(name, value)| !(value.is_null() && name.starts_with("art"))));
    line
}

/// Puts lines, numbered, and their totals into a document. `ligID` is kept where it is one of `known`.
pub(crate) fn put(
    db: &Db<'_>,
    document: &mut Map<String, Value>,
    lines: Vec<Line>,
    known: &[Line],
) -> Result<Vec<Value>> {
    let mut stored = Vec::with_capacity(lines.len());
    let mut known = numbering::part_ids("ligID", known);
    for (place, mut line) in lines.into_iter().enumerate() {
        let id = numbering::part_id(db, "ligID", &mut line, &mut known)?;
        let mut numbered = Map::new();
        numbered.insert("ligID".to_owned(), id.into());
        numbered.insert("ligNumero".to_owned(), (place + 1).into());
        line.remove("ligNumero");
        numbered.extend(line);
        stored.push(Value::Object(numbered));
    }
    total(&stored).write(document);
    document.insert("lignes".to_owned(), Value::Array(stored.clone()));
    Ok(stored)
}

/// The totals of stored lines.
fn total(lines: &[Value]) -> Totals {
    let amount = |line: &Value, field: &str| decimal::from_json(&line[field]).unwrap_or_default();
    Totals::of(lines.iter().map(|line| (amount(line, "tauxTva"), amount(line, "montantHT"))))
}

/// A line as it is stored, from the checked fields of a request: what it does not say comes from the article. `at` is
/// where the line stands in the request (`lignes[0].`, or nothing).
///
/// # Errors
/// 400 without an article, 422 for the article, the discount or the numbers.
pub(crate) fn build(db: &Db<'_>, mut sent: Line, at: &str) -> Result<Line> {
    let article = article::of_line(db, &sent, at)?;
    let given = |field: &str| sent.get(field).and_then(decimal::from_json);
    let quantity = totals::half_up(given("quantite").unwrap_or_default(), QUANTITY_DECIMALS);
    let price = given("puHT").unwrap_or_else(|| article.decimal("artPvHT"));
    let discount = given("remisePct").unwrap_or_default();
    for (field, fits) in [
        ("quantite", quantity > Decimal::ZERO && quantity < Decimal::from(QUANTITY_END)),
        ("puHT", price >= Decimal::ZERO && price < Decimal::from(PRICE_END)),
        ("remisePct", (Decimal::ZERO..=Decimal::ONE_HUNDRED).contains(&discount)),
    ] {
        if !fits {
            return Err(error::invalid(format!("{at}{field}"), said!(RULE_RANGE)));
        }
    }
    if !discount.is_zero() && !article.flag("artRemisable") {
        return Err(error::NOT_DISCOUNTABLE.on(format!("{at}remisePct")));
    }
    let label = record::text(&sent, "ligLib").unwrap_or_else(|| article.text("artLib")).to_owned();
    let mut line = Map::new();
    if let Some(id) = sent.remove("ligID").filter(|id| !id.is_null()) {
        line.insert("ligID".to_owned(), id);
    }
    line.insert("artID".to_owned(), article.values["artID"].clone());
    line.insert("artCode".to_owned(), article.values["artCode"].clone());
    line.insert("ligLib".to_owned(), label.into());
    line.insert("quantite".to_owned(), decimal::to_json(quantity));
    line.insert("puHT".to_owned(), decimal::to_json(price));
    line.insert("remisePct".to_owned(), decimal::to_json(discount));
    line.insert("tauxTva".to_owned(), decimal::to_json(article.decimal("artTauxTva")));
    line.insert("montantHT".to_owned(), decimal::to_json(totals::line_amount(quantity, price, discount)));
    Ok(line)
}

/// The lines of a request's `lignes`.
pub(crate) fn build_all(db: &Db<'_>, document: &Map<String, Value>) -> Result<Vec<Line>> {
    let sent = record::items(document, "lignes").into_iter().enumerate();
    sent.map(|(place, line)| build(db, line, &format!("lignes[{place}]."))).collect()
}

/// Whether an article of the lines can no longer be sold: 422 `DISABLED`.
pub(crate) fn all_usable(db: &Db<'_>, document: &Map<String, Value>) -> Result<()> {
    for (place, line) in record::items(document, "lignes").iter().enumerate() {
        let id = integer(line, "artID").unwrap_or_default();
        if record::known(db, "article", id)?.is_none_or(|article| article.flag("desactive")) {
            return Err(error::DISABLED.on(format!("lignes[{place}].artID")));
        }
    }
    Ok(())
}
