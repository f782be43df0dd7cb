//! Products: the group's description comes from the ERP (fact sheet 6.1).

use serde_json::{Map, Value};
use simcore::{Db, Result, said};

use crate::call::Call;
use crate::fill::is_absent;

pub(crate) fn complete(db: &Db<'_>, tenant: &str, record: &mut Map<String, Value>) -> Result<()> {
    describe_group(db, tenant, record)?;
    if is_absent(record, "_segmented") {
        record.insert("_segmented".to_owned(), false.into());
    }
    Ok(())
}

/// A document may only name products that exist and are active (Q34).
pub(crate) fn check(call: &Call, db: &Db<'_>, number: &str) -> Result<()> {
    match db.find(db.table("Product")?, &call.principal.tenant, "NoProduit", number)? {
        None => Err(said!(PRODUCT_NOT_FOUND, number = number).into()),
        Some(product) if product.values["EstActif"] == false => {
            Err(said!(PRODUCT_INACTIVE, number = number).into())
        }
        Some(_) => Ok(()),
    }
}

/// The group of a new or changed product must exist.
pub(crate) fn check_own_group(call: &Call, db: &Db<'_>, record: &Map<String, Value>) -> Result<()> {
    let group = record.get("GroupeProduit").and_then(|group| group["CodeGroupe"].as_str());
    match group.filter(|code| !code.is_empty()) {
        Some(code) if call.references_count() => check_group(call, db, code),
        _ => Ok(()),
    }
}

/// A product group exists when a product has it. A company without groups takes any.
pub(crate) fn check_group(call: &Call, db: &Db<'_>, code: &str) -> Result<()> {
    let groups = "SELECT 1 FROM Product WHERE _tenant = ?1 AND json_extract(GroupeProduit, '$.CodeGroupe')";
    let tenant = &call.principal.tenant;
    let is_known = db.conn.prepare_cached(&format!("{groups} = ?2 LIMIT 1"))?.exists((tenant, code))?;
    if is_known || !db.conn.prepare_cached(&format!("{groups} IS NOT NULL LIMIT 1"))?.exists([tenant])? {
        return Ok(());
    }
    Err(said!(GROUP_NOT_FOUND, code = code).into())
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
