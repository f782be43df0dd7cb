//! `getFolders`: search, filter, sort, page, project (fact sheet 4 to 7).

use std::collections::HashSet;

use rusqlite::types::Value as Bound;
use rusqlite::{OptionalExtension, params_from_iter};
use serde_json::{Map, Value, json};

use simcore::store::effects::{Delivered, hash};

use crate::api::{Api, Asks, add_fields, slice};
use crate::column::ColumnType;
use crate::failure::Resolved;
use crate::search::Hit;
use crate::sql::Sql;
use crate::{filter, index, search, sort, value};

/// `{"totalCount", "results"}`; folders bring their columns when the query asks for them.
pub(crate) fn list(api: &Api<'_>, arguments: &Map<String, Value>, asks: Asks<'_>) -> Resolved {
    index::refresh(&api.db)?;
    let (offset, size) = slice(api, arguments)?;
    let given = |name: &str| arguments.get(name).unwrap_or(&Value::Null);
    let filter = filter::sql(api, given("filterColumns"))?;
    let order = sort::sql(api, given("sortBy"))?;
    let hits = search::search(api, given("search").as_str().unwrap_or_default())?;
    let shown = projection(api, given("columns"));
    let mut from = match &hits {
        None => Sql { text: "FROM folders f".to_owned(), binds: Vec::new() },
        Some(hits) => Sql {
            text: "FROM json_each(?) h JOIN folders f ON f._id = h.value ->> 0".to_owned(),
            binds: vec![Bound::Text(listed(hits))],
        },
    };
    if !filter.text.is_empty() {
        from.text.push_str(" WHERE ");
        from.text.push_str(&filter.text);
        from.binds.extend(filter.binds);
    }
    let count = format!("SELECT count(*) {}", from.text);
    let mut count = api.db.conn.prepare_cached(&count)?;
    let total: i64 = count.query_row(params_from_iter(&from.binds), |row| row.get(0))?;
    let relevance = if hits.is_some() { "h.value ->> 1, h.value ->> 2, " } else { "" };
    let order_text = if hits.is_some() && api.ctx.settings.flag("sort_after_relevance") {
        format!("h.value ->> 1, {} h.value ->> 2, ", order.text)
    } else {
        format!("{}{relevance}", order.text)
    };
    let usual = api.db.table("folders")?.usual_order("f.");
    let usual = if order_text.is_empty() && !usual.is_empty() { format!("{usual}, ") } else { String::new() };
    let text = format!("SELECT f._id, f.id {} ORDER BY {order_text}{usual}f._id LIMIT ? OFFSET ?", from.text);
    let mut binds = from.binds;
    binds.extend(order.binds);
    // The row before the page tells whether rows have moved since the page before.
    let passed = u64::from(offset > 0);
    let identity = hash(&(&text, format!("{binds:?}")));
    binds.push(Bound::Integer(i64::try_from(size.saturating_add(passed)).unwrap_or(i64::MAX)));
    binds.push(Bound::Integer(i64::try_from(offset - passed).unwrap_or(i64::MAX)));
    let mut statement = api.db.conn.prepare_cached(&text)?;
    let mut rows = statement.query(params_from_iter(&binds))?;
    let with_columns = asks(&["results", "columns"]);
    let mut results = Vec::new();
    let mut delivered = page(u64::try_from(total).unwrap_or_default(), offset, size, identity);
    let mut is_before = passed > 0;
    while let Some(row) = rows.next()? {
        let (row, id): (i64, String) = (row.get(0)?, row.get(1)?);
        if std::mem::take(&mut is_before) {
            delivered.before = Some(row);
            continue;
        }
        delivered.rows += 1;
        delivered.ids.push((row, 0));
        let columns = if with_columns { columns(api, row, shown.as_deref())? } else { Value::Null };
        let mut shown = json!({ "id": id, "columns": columns });
        add_fields(&api.db, "folders", row, &mut shown)?;
        results.push(shown);
    }
    api.db.note_delivered(delivered);
    Ok(json!({ "totalCount": total, "results": results }))
}

/// A page of folders before its first row.
fn page(total: u64, offset: u64, size: u64, list: u64) -> Delivered {
    let entity = "folders".to_owned();
    Delivered { entity, total, offset, limit: Some(size), list, ..Delivered::default() }
}

/// `[[folder, rank, exactness], …]` for SQLite to join with.
fn listed(hits: &[Hit]) -> String {
    let hits: Vec<String> =
        hits.iter().map(|hit| format!("[{},{},{}]", hit.folder, hit.rank, hit.inexact)).collect();
    format!("[{}]", hits.join(","))
}

/// The columns to show, by place, as asked: repeated ones once, unknown ones not at all (6.3); none for all.
fn projection(api: &Api<'_>, columns: &Value) -> Option<Vec<usize>> {
    let columns = columns.as_array().filter(|columns| !columns.is_empty())?;
    let mut seen = HashSet::new();
    let places = columns.iter().filter_map(Value::as_str).filter_map(|column| api.columns.find(column));
    Some(places.filter(|place| seen.insert(*place)).collect())
}

/// `Folder.columns` of one folder: each with its value, null where there is none.
fn columns(api: &Api<'_>, row: i64, places: Option<&[usize]>) -> Resolved {
    let text = "SELECT \"values\" FROM folders WHERE _id = ?";
    let mut statement = api.db.conn.prepare_cached(text)?;
    let stored: Option<Option<String>> = statement.query_row([row], |row| row.get(0)).optional()?;
    let stored: Value = serde_json::from_str(&stored.flatten().unwrap_or_else(|| "{}".to_owned()))?;
    let by_slug = api.ctx.settings.text("folder_column_name") == "slug";
    let with_files = api.ctx.settings.flag("expose_file_ids");
    let shown = |place: usize| {
        let column = api.columns.0.get(place)?;
        let held = &stored[column.slug.as_str()];
        let hidden = column.kind == ColumnType::File && !with_files;
        let value = if hidden { None } else { value::shown(column.kind, held) };
        let name = if by_slug { &column.slug } else { &column.label };
        Some(json!({ "id": column.id, "name": name, "value": value }))
    };
    Ok(match places {
        Some(places) => places.iter().copied().filter_map(shown).collect(),
        None => (0..api.columns.0.len()).filter_map(shown).collect(),
    })
}
