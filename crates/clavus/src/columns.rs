//! `getColumns`: a bare slice of the readable columns (I-07).

use serde_json::{Map, Value, json};

use crate::api::{Api, add_fields, slice};
use crate::failure::Resolved;

/// `getColumns(page, itemParPage)`.
pub(crate) fn list(api: &Api<'_>, arguments: &Map<String, Value>) -> Resolved {
    let (offset, size) = slice(api, arguments)?;
    let clamped = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
    let page = api.columns.0.iter().skip(clamped(offset)).take(clamped(size));
    let ids: Vec<(i64, u64)> = page.clone().map(|column| (column.row, 0)).collect();
    api.delivered("columns", ids, api.columns.0.len(), Some((offset, size)));
    let mut columns = Vec::new();
    for column in page {
        let mut shown = json!({ "id": column.id, "label": column.label });
        add_fields(&api.db, "columns", column.row, &mut shown)?;
        columns.push(shown);
    }
    Ok(columns.into())
}
