//! What the server fills in and notes of records that people write inside it.

use serde_json::{Map, Value};
use simcore::store::rows::Record;
use simcore::{Db, Result};

use crate::{auth, events, tables, write};

/// What else is filled in of records that the API has no entity for.
const BACK_OFFICE: [(&str, Complete); 2] = [
    ("task", |db, record| {
        if record.get("taskId").is_none_or(Value::is_null) {
            record.insert("taskId".to_owned(), db.next("task", 1)?.into());
        }
        Ok(())
    }),
    ("account", |_, record| {
        complete_account(record);
        Ok(())
    }),
];

type Complete = fn(&Db<'_>, &mut Map<String, Value>) -> Result<()>;

/// Fills in what an account has when nobody says otherwise.
pub(crate) fn complete_account(record: &mut Map<String, Value>) {
    for (name, value) in [("companyCode", "C01"), ("status", "Active")] {
        if record.get(name).is_none_or(Value::is_null) {
            record.insert(name.to_owned(), value.into());
        }
    }
    record.entry("companies").or_insert_with(|| Value::Array(Vec::new()));
}

/// Completes a record that a person creates inside the server: code and system fields.
pub(crate) fn complete(
    db: &Db<'_>,
    entity: &str,
    tenant: &str,
    record: &mut Map<String, Value>,
) -> Result<()> {
    let table = db.table(entity)?;
    let mut fill = |name: &str, value: Value| {
        if table.entity.fields.contains_key(name) && record.get(name).is_none_or(Value::is_null) {
            record.insert(name.to_owned(), value);
        }
    };
    if table.entity.back_office {
        fill("createdDateUTC", auth::second(db.now).into());
        let own = BACK_OFFICE.iter().find(|(name, _)| *name == entity);
        return own.map_or(Ok(()), |(_, complete)| complete(db, record));
    }
    fill("srvExport", 1.into());
    fill("srvAttrib", 0.into());
    fill("srvDateUTC", auth::second(db.now).into());
    let field = tables::code_field(table);
    if record.get(field).and_then(Value::as_str).is_none_or(str::is_empty) {
        record.insert(field.to_owned(), write::next_code(db, table, tenant)?.into());
    }
    // A change is completed as well; it creates nothing.
    let code = record.get(field).and_then(Value::as_str).unwrap_or_default();
    if db.find(table, tenant, field, code)?.is_some() {
        return Ok(());
    }
    events::created(db, tenant, &table.name, record)
}

/// A person changed a record inside the server: it is to be exported again, with a new date, unless the change says
/// otherwise itself (fact sheet 6.7).
pub(crate) fn changed(
    db: &Db<'_>,
    entity: &str,
    before: &Record,
    changes: &mut Map<String, Value>,
) -> Result<()> {
    let table = db.table(entity)?;
    let is_effective = |(name, value): (&String, &Value)| {
        !matches!(name.as_str(), "srvExport" | "srvDateUTC") && before.values.get(name) != Some(value)
    };
    if table.entity.back_office || !changes.iter().any(is_effective) {
        return Ok(());
    }
    changes.entry("srvExport").or_insert_with(|| 1.into());
    changes.entry("srvDateUTC").or_insert_with(|| write::next_date(db, before.text("srvDateUTC")).into());
    Ok(())
}
