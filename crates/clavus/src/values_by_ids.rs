//! `getValuesByIds`: every value of the given folders (fact sheet 9).

use std::collections::HashSet;

use serde_json::{Map, Value, json};

use crate::api::{Api, add_fields};
use crate::column::ColumnType;
use crate::failure::Resolved;
use crate::{users, value};

/// In the order of `ids`; unknown ones are left out, repeated ones answered once.
pub(crate) fn list(api: &Api<'_>, arguments: &Map<String, Value>) -> Resolved {
    let names = users::names(&api.db)?;
    let table = api.db.table("folders")?;
    let ids = arguments.get("ids").and_then(Value::as_array).into_iter().flatten();
    let mut seen = HashSet::new();
    let (mut folders, mut rows) = (Vec::new(), Vec::new());
    for id in ids.filter_map(Value::as_str).filter(|id| seen.insert(*id)) {
        let Some(folder) = api.db.find(table, "", "id", id)? else { continue };
        let stored = folder.values.get("values").and_then(Value::as_object);
        let mut values = Vec::new();
        for column in &api.columns.0 {
            if column.kind == ColumnType::File && !api.ctx.settings.flag("expose_file_ids") {
                continue;
            }
            let held = stored.and_then(|stored| stored.get(&column.slug)).unwrap_or(&Value::Null);
            let mut texts = value::elements(column.kind, held);
            if column.kind == ColumnType::User {
                // A user is shown by first name here, and by id in getFolders (I-09).
                for text in &mut texts {
                    if let Some(name) = names.get(text) {
                        text.clone_from(name);
                    }
                }
            }
            if !texts.is_empty() {
                values.push(json!({
                    "id": column.id,
                    "name": column.slug,
                    "label": column.label,
                    "value": texts.join(", "),
                }));
            }
        }
        let mut shown = json!({ "id": id, "values": values });
        add_fields(&api.db, "folders", folder.id, &mut shown)?;
        folders.push(shown);
        rows.push((folder.id, 0));
    }
    let total = rows.len();
    api.delivered("folders", rows, total, None);
    Ok(Value::Array(folders))
}
