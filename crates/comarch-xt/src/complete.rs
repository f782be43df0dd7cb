//! What the ERP fills in by itself: ids, codes, numbers, dates, totals.

use serde_json::{Map, Value};
use simcore::{Db, Result};

use crate::series;

/// What a resource fills in on its own.
pub(crate) type Complete = fn(&Db<'_>, &mut Map<String, Value>) -> Result<()>;

/// Completes a record of `entity`, from a client, from seed data or from the control API. What is there stays, except
/// what follows from the rest.
pub(crate) fn complete(
    db: &Db<'_>,
    entity: &str,
    own: Complete,
    record: &mut Map<String, Value>,
) -> Result<()> {
    for (name, field) in &db.table(entity)?.entity.fields {
        if !field.default.is_null() && record.get(name).is_none_or(Value::is_null) {
            record.insert(name.clone(), field.default.clone());
        }
    }
    let key = db.table(entity)?.entity.keys.first().map_or("Id", String::as_str);
    series::identify_by(db, entity, key, record)?;
    own(db, record)
}
