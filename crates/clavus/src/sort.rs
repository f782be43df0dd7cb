//! `sortBy`: keys one after the other, as SQL over the index of values (fact sheet 7).

use rusqlite::types::Value as Bound;
use serde_json::Value;

use simcore::said;

use crate::api::Api;
use crate::failure::Failure;
use crate::sql::Sql;

/// Terms of `ORDER BY`, each with its comma: folders without the value last in both directions; numbers as numbers,
/// dates as dates, other texts without case and accents.
///
/// # Errors
/// `BAD_USER_INPUT` for a column or direction that cannot be used.
pub(crate) fn sql(api: &Api<'_>, keys: &Value) -> Result<Sql, Failure> {
    let mut order = Sql::default();
    for key in keys.as_array().into_iter().flatten().filter(|key| !key.is_null()) {
        let reference = key["column"].as_str().unwrap_or_default();
        let column = api.columns.comparable(reference);
        let column = column.ok_or_else(|| said!(COLUMN_UNKNOWN, column = reference))?;
        let direction = match key["direction"].as_str() {
            None => "ASC",
            Some(asc) if asc.eq_ignore_ascii_case("asc") => "ASC",
            Some(desc) if desc.eq_ignore_ascii_case("desc") => "DESC",
            Some(other) => return Err(said!(SORT_DIRECTION, direction = other).into()),
        };
        // A list counts by its first element.
        for (what, direction) in [
            ("count(*) = 0", "ASC"),
            ("CASE WHEN v.number IS NOT NULL THEN 0 WHEN v.moment IS NOT NULL THEN 1 ELSE 2 END", direction),
            ("v.number", direction),
            ("v.moment", direction),
            ("v.fold", direction),
        ] {
            let collation = if what == "v.number" { " COLLATE DECIMAL" } else { "" };
            let term = format!(
                "(SELECT {what} FROM _values v WHERE v.\"column\" = ? AND v.folder = f._id AND v.element = 0){collation} {direction}, "
            );
            order.text.push_str(&term);
            order.binds.push(Bound::Integer(column.row));
        }
    }
    Ok(order)
}
