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

/// The group of a new or changed product must exist; what it is called is known then.
pub(crate) fn check_own_group(call: &Call, db: &Db<'_>, record: &mut Map<String, Value>) -> Result<()> {
    let Some(Value::Object(group)) = record.get_mut("GroupeProduit") else { return Ok(()) };
    let code = group.get("CodeGroupe").and_then(Value::as_str).filter(|code| !code.is_empty());
    if let Some(code) = code.filter(|_| call.references_count())
        && let Some(description) = check_group(call, db, code)?
    {
        describe(group, description);
    }
    Ok(())
}

/// A product group exists when a product has it; what it is called there. A company without groups takes any.
pub(crate) fn check_group(call: &Call, db: &Db<'_>, code: &str) -> Result<Option<Value>> {
    let tenant = &call.principal.tenant;
    if let Some(description) = description(db, tenant, code)? {
        return Ok(Some(description));
    }
    let groups = "SELECT 1 FROM Product \
                  WHERE _tenant = ? AND json_extract(GroupeProduit, '$.CodeGroupe') IS NOT NULL LIMIT 1";
    if db.conn.prepare_cached(groups)?.exists([tenant])? {
        return Err(said!(GROUP_NOT_FOUND, code = code).into());
    }
    Ok(None)
}

/// `GroupeProduit.Description` is read-only: it is that of the group's other products.
pub(crate) fn describe_group(db: &Db<'_>, tenant: &str, record: &mut Map<String, Value>) -> Result<()> {
    let Some(Value::Object(group)) = record.get_mut("GroupeProduit") else { return Ok(()) };
    let Some(code) = group.get("CodeGroupe").and_then(Value::as_str) else { return Ok(()) };
    if is_absent(group, "Description") {
        let description = description(db, tenant, code)?.unwrap_or_default();
        describe(group, description);
    }
    Ok(())
}

fn describe(group: &mut Map<String, Value>, description: Value) {
    if is_absent(group, "Description") {
        group.insert("Description".to_owned(), description);
    }
}

/// What the first product of a group calls it, which may be nothing; nothing at all where no product has the group.
fn description(db: &Db<'_>, tenant: &str, code: &str) -> Result<Option<Value>> {
    let text = "SELECT json_extract(GroupeProduit, '$.Description') FROM Product \
                WHERE _tenant = ? AND json_extract(GroupeProduit, '$.CodeGroupe') = ? ORDER BY _id LIMIT 1";
    let mut statement = db.conn.prepare_cached(text)?;
    let mut rows = statement.query((tenant, code))?;
    let found = rows.next()?.map(|row| row.get::<_, Option<String>>(0)).transpose()?;
    Ok(found.map(Value::from))
}
