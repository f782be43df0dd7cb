//! `filterColumns`: conditions on values, as SQL over the index of values (fact sheet 6).

use rusqlite::types::Value as Bound;
use serde_json::Value;

use simcore::said;

use crate::api::Api;
use crate::column::{Column, ColumnType};
use crate::failure::Failure;
use crate::search::token::folded;
use crate::sql::Sql;
use crate::value;

/// All of `filters` as one condition on `f`; empty when there are none.
///
/// # Errors
/// `BAD_USER_INPUT` for a column, operator or value that cannot be used.
pub(crate) fn sql(api: &Api<'_>, filters: &Value) -> Result<Sql, Failure> {
    let mut all = Sql::default();
    for filter in filters.as_array().into_iter().flatten().filter(|filter| !filter.is_null()) {
        let reference = filter["column"].as_str().unwrap_or_default();
        let column = api.columns.comparable(reference);
        let column = column.ok_or_else(|| said!(COLUMN_UNKNOWN, column = reference))?;
        let operator = filter["operator"].as_str().unwrap_or_default();
        let known = known(operator, api.ctx.strict);
        let known = known.ok_or_else(|| {
            let valid = OPERATORS.join(", ");
            said!(OPERATOR_UNKNOWN, operator = operator, valid = valid)
        })?;
        let condition = condition(api, column, known, &filter["value"])?;
        if !all.text.is_empty() {
            all.text.push_str(" AND ");
        }
        all.text.push_str("f._id IN (SELECT v.folder FROM _values v WHERE v.\"column\" = ? AND (");
        all.text.push_str(&condition.text);
        all.text.push_str("))");
        all.binds.push(Bound::Integer(column.row));
        all.binds.extend(condition.binds);
    }
    Ok(all)
}

/// The operators that are documented.
pub(crate) const OPERATORS: [&str; 7] = ["=", "<", ">", "<=", ">=", "IN", "CONTAINS"];

/// The operator as the sheet spells it; other spellings only when the simulator is lenient (6.3).
fn known(operator: &str, strict: bool) -> Option<&'static str> {
    let exact = OPERATORS.into_iter().find(|known| *known == operator);
    exact.or(meant(operator).filter(|_| !strict))
}

/// The operator that another spelling means.
pub(crate) fn meant(operator: &str) -> Option<&'static str> {
    match operator {
        "in" => Some("IN"),
        "contains" => Some("CONTAINS"),
        "==" => Some("="),
        _ => None,
    }
}

fn condition(api: &Api<'_>, column: &Column, operator: &str, value: &Value) -> Result<Sql, Failure> {
    if value.is_null() {
        return Err(said!(OPERATOR_WITHOUT_VALUE, operator = operator).into());
    }
    let text = |value: &Value| match value {
        Value::String(text) => text.trim().to_owned(),
        other => other.to_string(),
    };
    if operator == "IN" {
        let mut any = Sql { text: "0".to_owned(), binds: Vec::new() };
        for item in items(value) {
            let one = equal(api, column, &item);
            any.text.push_str(" OR ");
            any.text.push_str(&one.text);
            any.binds.extend(one.binds);
        }
        return Ok(any);
    }
    if value.is_array() {
        return Err(said!(OPERATOR_WITH_LIST, operator = operator).into());
    }
    Ok(match operator {
        "=" => equal(api, column, &text(value)),
        "CONTAINS" => {
            let needle = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            Sql { text: "instr(v.fold, ?) > 0".to_owned(), binds: vec![Bound::Text(folded(&needle))] }
        }
        _ => compare(operator, &text(value), ""),
    })
}

/// What `IN` looks for: a list, a JSON array in a string, or a string with commas.
fn items(value: &Value) -> Vec<String> {
    let text = |value: &Value| match value {
        Value::Null => None,
        Value::String(text) => Some(text.trim().to_owned()),
        other => Some(other.to_string()),
    };
    match value {
        Value::Array(items) => items.iter().filter_map(text).collect(),
        Value::String(list) => match serde_json::from_str(list) {
            Ok(Value::Array(items)) => items.iter().filter_map(text).collect(),
            _ => list.split(',').map(|item| item.trim().to_owned()).collect(),
        },
        other => text(other).into_iter().collect(),
    }
}

fn equal(api: &Api<'_>, column: &Column, text: &str) -> Sql {
    let collation = if api.ctx.settings.flag("filter_case_insensitive") { " COLLATE FOLD" } else { "" };
    let mut equal = compare("=", text, collation);
    if column.kind == ColumnType::User && !api.ctx.strict {
        // Filters compare ids; the name that people see is accepted too (I-09).
        equal.text.push_str(" OR v.name = ?");
        equal.text.push_str(collation);
        equal.binds.push(Bound::Text(text.to_owned()));
    }
    equal
}

/// As numbers if both are, else as dates if both are, else as texts (6.3).
fn compare(operator: &str, text: &str, collation: &str) -> Sql {
    let plain = format!("v.text {operator} ?{collation}");
    let (kind, bind) = match (value::as_number(text), value::as_instant(text)) {
        (Some(number), _) => ("number", Bound::Text(number.to_string())),
        (None, Some(instant)) => ("moment", Bound::Integer(instant)),
        (None, None) => return Sql { text: plain, binds: vec![Bound::Text(text.to_owned())] },
    };
    let numbers = if kind == "number" { " COLLATE DECIMAL" } else { "" };
    let text_sql =
        format!("CASE WHEN v.{kind} IS NOT NULL THEN v.{kind}{numbers} {operator} ? ELSE {plain} END");
    Sql { text: text_sql, binds: vec![bind, Bound::Text(text.to_owned())] }
}
