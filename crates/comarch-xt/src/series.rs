//! Counters of the sandbox: ids, codes and document numbers, none of which is given twice (fact sheet 4.0 and 5).

use serde_json::{Map, Value};
use simcore::{Db, Result};

/// Where the ids of each kind begin: six to eight digits, as in the samples (fact sheet 4).
const FIRST: &[(&str, i64)] = &[
    ("products", 10_906_701),
    ("customers", 529_801),
    ("customers.Address", 530_001),
    ("paymenttypes", 10_260_101),
    ("bankaccounts", 10_176_501),
    ("invoices", 18_369_501),
    ("invoices.Items", 27_761_001),
    ("proformas", 2_721_201),
    ("proformas.Items", 4_421_301),
    ("customprints", 10_161_101),
    ("history", 100_001),
    // Both are longer than the dictionary of `Rate` keys (section 10, 34).
    ("vatrates", 61),
    ("payments", 20_471_101),
];

/// Gives `record` the next `Id` of `series`, or notes the one that it has.
pub(crate) fn identify(db: &Db<'_>, series: &str, record: &mut Map<String, Value>) -> Result<()> {
    identify_by(db, series, "Id", record)
}

/// The same, of the field `key`.
pub(crate) fn identify_by(
    db: &Db<'_>,
    series: &str,
    key: &str,
    record: &mut Map<String, Value>,
) -> Result<()> {
    let first = FIRST.iter().find(|(name, _)| *name == series).map_or(100_001, |(_, first)| *first);
    let name = format!("{series}.{key}");
    match record.get(key).and_then(Value::as_i64) {
        Some(id) => db.advance(&name, id.max(first - 1)).map(drop),
        None => {
            record.insert(key.to_owned(), db.next(&name, first)?.into());
            Ok(())
        }
    }
}
