//! Work orders: numbers, and the one condition that their filter may have (fact sheet 5.2, 6.7).

use odata::{Expr, Op};
use serde_json::{Map, Value};
use simcore::{Db, Result, said};

use crate::fill::is_absent;

/// One condition only, on three fields, each with its own operators (Q7).
pub(crate) fn check_filter(filter: &Expr) -> Result<()> {
    let (path, documented) = match filter {
        Expr::Compare { path, op, .. } => (path, operator_is_documented(&path.to_string(), *op)),
        Expr::In { path, .. } => (path, is_key(&path.to_string())),
        _ => {
            return Err(said!(FILTER_ONE_CONDITION).into());
        }
    };
    if documented {
        return Ok(());
    }
    Err(said!(FILTER_OPERATOR, path = path.to_string()).into())
}

fn is_key(field: &str) -> bool {
    field.eq_ignore_ascii_case("Id") || field.eq_ignore_ascii_case("WorkOrderNumber")
}

fn operator_is_documented(field: &str, op: Op) -> bool {
    if field.eq_ignore_ascii_case("LastModifiedDate") {
        matches!(op, Op::Gt | Op::Ge | Op::Lt | Op::Le)
    } else {
        is_key(field) && op == Op::Eq
    }
}

/// The next id, and the number made of it.
pub(crate) fn complete(db: &Db<'_>, tenant: &str, order: &mut Map<String, Value>) -> Result<()> {
    if is_absent(order, "Id") {
        let id = db.next_number(db.table("WorkOrder")?, tenant, "Id", 5101)?;
        order.insert("Id".to_owned(), id.into());
    }
    if is_absent(order, "WorkOrderNumber") {
        let id = order.get("Id").and_then(Value::as_i64).unwrap_or_default();
        order.insert("WorkOrderNumber".to_owned(), format!("BT-{id:06}").into());
    }
    Ok(())
}
