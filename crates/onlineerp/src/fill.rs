//! Fields that the ERP fills in where a record leaves them out: numbers, dates.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde_json::{Map, Value};
use simcore::entity::settings::Settings;
use simcore::{Db, Result};

/// Gives `field` the next number of its series, as text, unless it has one.
pub(crate) fn number(
    db: &Db<'_>,
    entity: &str,
    tenant: &str,
    record: &mut Map<String, Value>,
    field: &str,
    first: i64,
) -> Result<()> {
    if is_absent(record, field) {
        let number = db.next_number(db.table(entity)?, tenant, field, first)?;
        record.insert(field.to_owned(), number.to_string().into());
    }
    Ok(())
}

/// Gives `field` today's date, unless it has one.
pub(crate) fn today(settings: &Settings, db: &Db<'_>, record: &mut Map<String, Value>, field: &str) {
    if is_absent(record, field) {
        record.insert(field.to_owned(), local(settings, db).date().to_string().into());
    }
}

pub(crate) fn is_absent(record: &Map<String, Value>, field: &str) -> bool {
    record.get(field).is_none_or(Value::is_null)
}

/// The date and time in Québec, without an offset (Q26).
pub(crate) fn local_now(settings: &Settings, db: &Db<'_>) -> String {
    local(settings, db).strftime("%Y-%m-%dT%H:%M:%S").to_string()
}

/// Today in Québec.
pub(crate) fn today_in_quebec(settings: &Settings, db: &Db<'_>) -> Date {
    local(settings, db).date()
}

fn local(settings: &Settings, db: &Db<'_>) -> jiff::civil::DateTime {
    let zone = TimeZone::get(settings.text("time_zone")).unwrap_or(TimeZone::UTC);
    zone.to_datetime(db.now)
}
