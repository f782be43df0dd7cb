//! Products: the group's description comes from the ERP (fact sheet 6.1).

use serde_json::{Map, Value};
use simcore::{Db, Result};

use crate::fill::is_absent;

pub(crate) fn complete(db: &Db<'_>, tenant: &str, record: &mut Map<String, Value>) -> Result<()> {
    describe_group(db, tenant, record)?;
    if is_absent(record, "_segmented") {
        record.insert("_segmented".to_owned(), false.into());
    }
    Ok(())
}

/// `GroupeProduit.Description` is read-only: it is that of the group's other products.
pub(crate) fn describe_group(db: &Db<'_>, tenant: &str, record: &mut Map<String, Value>) -> Result<()> {
    let Some(Value::Object(group)) = record.get_mut("GroupeProduit") else { return Ok(()) };
    let Some(code) = group.get("CodeGroupe").and_then(Value::as_str) else { return Ok(()) };
    if !is_absent(group, "Description") {
        return Ok(());
    }
    let text = "SELECT json_extract(GroupeProduit, '$.Description') FROM Product \
                WHERE _tenant = ? AND json_extract(GroupeProduit, '$.CodeGroupe') = ? ORDER BY _id LIMIT 1";
    let mut statement = db.conn.prepare_cached(text)?;
    let mut rows = statement.query((tenant, code))?;
    let description: Option<String> = rows.next()?.map(|row| row.get(0)).transpose()?.flatten();
    group.insert("Description".to_owned(), description.into());
    Ok(())
}
