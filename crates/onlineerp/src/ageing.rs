//! The ageing of what is due: five cycles by the days between a document's date and today in Québec, so that the clock
//! moves balances from one to the next (DECISIONS, second edition).

use std::collections::BTreeMap;

use jiff::civil::Date;
use rust_decimal::Decimal;
use serde_json::{Map, Value};
use simcore::base::decimal;
use simcore::entity::settings::Settings;
use simcore::{Db, Result};

use crate::amounts::{cents, sum};
use crate::fill::today_in_quebec;

/// The fields of `InfoAgeDesComptes`, the newest cycle first.
pub(crate) const CYCLES: [&str; 5] = [
    "MontantDu_Cycle1_Courant",
    "MontantDu_Cycle2",
    "MontantDu_Cycle3",
    "MontantDu_Cycle4",
    "MontantDu_Cycle5",
];

/// An amount for each cycle.
pub(crate) type Cycles = [Decimal; 5];

/// The balances of a customer: date of the document, what is due of it.
type Balances = Vec<(Date, Decimal)>;

/// Brings the cycles of all customers to today, once a day. What is due stays the same, so that nothing was changed by
/// anybody: the update passes by what notes changes.
pub(crate) fn catch_up(db: &Db<'_>) -> Result<()> {
    let settings = db.settings();
    let today = today_in_quebec(&settings, db);
    let Some(before) = aged(db)?.filter(|before| *before != today) else { return Ok(()) };
    for ((tenant, client), balances) in all(db)? {
        let (old, new) = (cycles(&settings, &balances, before), cycles(&settings, &balances, today));
        if old != new {
            let moved = std::array::from_fn(|cycle| new[cycle].saturating_sub(old[cycle]));
            add(db, &tenant, &client, moved)?;
        }
    }
    note(db, today)
}

/// Whether [`catch_up`] has something to do.
pub(crate) fn is_behind(db: &Db<'_>) -> Result<bool> {
    Ok(aged(db)?.is_some_and(|aged| aged != today_in_quebec(&db.settings(), db)))
}

/// Adds what is due of a new document to the cycle of its date.
pub(crate) fn post(db: &Db<'_>, tenant: &str, client: &str, date: &str, due: Decimal) -> Result<Cycles> {
    catch_up(db)?;
    let settings = db.settings();
    let date = date.parse().unwrap_or_default();
    Ok(with(&stored(db, tenant, client)?, cycles(&settings, &[(date, due)], today_in_quebec(&settings, db))))
}

/// The cycles follow from the documents, unless a customer was given others: that is kept, and does not add up.
pub(crate) fn start(db: &Db<'_>) -> Result<()> {
    let settings = db.settings();
    let today = today_in_quebec(&settings, db);
    for ((tenant, client), balances) in all(db)? {
        let (own, given) = (cycles(&settings, &balances, today), stored(db, &tenant, &client)?);
        let total = |cycles: &Cycles| sum(cycles.iter().copied());
        let (due, total) = (total(&own), total(&given));
        if total.is_zero() || total == due {
            add(db, &tenant, &client, std::array::from_fn(|cycle| own[cycle].saturating_sub(given[cycle])))?;
        }
    }
    note(db, today)
}

/// What is due of each customer with documents, by company and number.
pub(crate) fn all(db: &Db<'_>) -> Result<BTreeMap<(String, String), Balances>> {
    let text = "SELECT _tenant, json_extract(InfoClientFacturerA, '$.NoClient'), DateFacture, Solde \
                FROM CustomerInvoice WHERE TypeDoc = 'FACTURES' AND Solde <> '0'";
    let mut statement = db.conn.prepare_cached(text)?;
    let mut rows = statement.query([])?;
    let mut all: BTreeMap<(String, String), Balances> = BTreeMap::new();
    while let Some(row) = rows.next()? {
        let client: Option<String> = row.get(1)?;
        let date: Option<String> = row.get(2)?;
        let due: String = row.get(3)?;
        let date = date.and_then(|date| date.parse().ok()).unwrap_or_default();
        let due: Decimal = due.parse().unwrap_or_default();
        all.entry((row.get(0)?, client.unwrap_or_default())).or_default().push((date, due));
    }
    Ok(all)
}

/// Balances by cycle on a day: `ageing_days` are the last days of all cycles but the oldest.
pub(crate) fn cycles(settings: &Settings, balances: &[(Date, Decimal)], today: Date) -> Cycles {
    let limits = settings.value("ageing_days").as_array();
    let limits: Vec<i64> = limits.into_iter().flatten().filter_map(Value::as_i64).collect();
    let mut cycles = Cycles::default();
    for (date, due) in balances {
        let days = (today - *date).get_days();
        let cycle = limits.iter().filter(|limit| i64::from(days) > **limit).count().min(cycles.len() - 1);
        cycles[cycle] = cycles[cycle].saturating_add(*due);
    }
    cycles
}

/// What a customer's `InfoAgeDesComptes` says.
pub(crate) fn of(ageing: &Value) -> Cycles {
    CYCLES.map(|cycle| decimal::from_json(&ageing[cycle]).unwrap_or_default())
}

/// `InfoAgeDesComptes` of these cycles.
pub(crate) fn written(cycles: Cycles) -> Value {
    let fields = CYCLES.into_iter().zip(cycles);
    let fields: Map<String, Value> =
        fields.map(|(name, amount)| (name.to_owned(), decimal::to_json(cents(amount)))).collect();
    Value::Object(fields)
}

fn with(stored: &Cycles, more: Cycles) -> Cycles {
    std::array::from_fn(|cycle| stored[cycle].saturating_add(more[cycle]))
}

fn stored(db: &Db<'_>, tenant: &str, client: &str) -> Result<Cycles> {
    let text = "SELECT InfoAgeDesComptes FROM Customer WHERE _tenant = ? AND NoClient = ?";
    let mut statement = db.conn.prepare_cached(text)?;
    let mut rows = statement.query((tenant, client))?;
    let found: Option<String> = rows.next()?.map(|row| row.get(0)).transpose()?.flatten();
    let ageing = found.and_then(|text| serde_json::from_str::<Value>(&text).ok());
    Ok(of(&ageing.unwrap_or_default()))
}

fn add(db: &Db<'_>, tenant: &str, client: &str, moved: Cycles) -> Result<()> {
    let now = written(with(&stored(db, tenant, client)?, moved)).to_string();
    let text = "UPDATE Customer SET InfoAgeDesComptes = ? WHERE _tenant = ? AND NoClient = ?";
    db.conn.prepare_cached(text)?.execute((now, tenant, client))?;
    Ok(())
}

/// The day that the cycles stand for.
fn aged(db: &Db<'_>) -> Result<Option<Date>> {
    let text = "SELECT value FROM _meta WHERE name = 'aged'";
    let mut statement = db.conn.prepare_cached(text)?;
    let mut rows = statement.query([])?;
    let day: Option<String> = rows.next()?.map(|row| row.get(0)).transpose()?;
    Ok(day.and_then(|day| day.parse().ok()))
}

fn note(db: &Db<'_>, day: Date) -> Result<()> {
    let text = "INSERT OR REPLACE INTO _meta VALUES ('aged', ?)";
    db.conn.prepare_cached(text)?.execute([day.to_string()])?;
    Ok(())
}
