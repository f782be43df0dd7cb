//! Print templates that users made (fact sheet 4.7): read only, and chosen with `customPrintId`.

use simcore::store::rows::Record;
use simcore::{Db, Result};

use crate::error;

/// Where `$fts` looks.
pub(crate) const SEARCHED: &[&str] = &["Name"];

/// The template of that id for documents of `kind`, its `Type`.
///
/// # Errors
/// 400 when there is none, or it is for another kind of document.
pub(crate) fn find(db: &Db<'_>, kind: i64, id: i64) -> Result<Record> {
    let unknown = || error::unknown_reference("CustomPrint", &id.to_string());
    let template = db.find(db.table("customprints")?, "", "Id", &id.to_string())?.ok_or_else(unknown)?;
    let fits = template.values.get("Type").and_then(serde_json::Value::as_i64) == Some(kind);
    if fits { Ok(template) } else { Err(unknown()) }
}
