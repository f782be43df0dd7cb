//! What the ERP fills in by itself: technical keys, document numbers, dates, totals.

use serde_json::{Map, Value};
use simcore::{Db, Result};

use crate::entities::{self, ENTITIES};
use crate::fill::{is_absent, local_now, number};

/// Completes a new record, from a client, from seed data or from the control API. What is there stays.
pub(crate) fn complete(
    db: &Db<'_>,
    entity: &str,
    tenant: &str,
    record: &mut Map<String, Value>,
) -> Result<()> {
    (ENTITIES[entities::place(entity)].complete)(db, tenant, record)?;
    let table = db.table(entity)?;
    if table.field("NoUniqueSystemeSource").is_some() {
        number(db, entity, tenant, record, "NoUniqueSystemeSource", 1001)?;
    }
    for field in ["DateDerniereModification", "LastModifiedDate"] {
        if table.field(field).is_some() && is_absent(record, field) {
            record.insert(field.to_owned(), local_now(&db.settings(), db).into());
        }
    }
    Ok(())
}
