//! The records that a GraphQL answer shows, for those who have only the answer: the path of a call says nothing of them.

use serde_json::{Map, Value, json};

/// Entity and record of everything in `answer` that has an id.
pub(crate) fn shown(_: &Value, answer: &Value) -> Vec<(&'static str, Map<String, Value>)> {
    let mut records = Vec::new();
    for (call, value) in answer["data"]["erpEnrAPI"].as_object().into_iter().flatten() {
        let rows = value.as_array().or_else(|| value["results"].as_array());
        for row in rows.into_iter().flatten().filter_map(Value::as_object) {
            match entity(call) {
                Some("folders") => folder(row, &mut records),
                Some("columns") => {
                    let mut column = row.clone();
                    if let Some(label) = row.get("label").and_then(Value::as_str) {
                        column.entry("name").or_insert_with(|| slug(label).into());
                    }
                    records.push(("columns", column));
                }
                Some(entity) => records.push((entity, row.clone())),
                None => {}
            }
        }
    }
    records
}

fn entity(call: &str) -> Option<&'static str> {
    let known = [
        ("Column", "columns"),
        ("Team", "teams"),
        ("User", "users"),
        ("Folder", "folders"),
        ("Values", "folders"),
    ];
    known.into_iter().find(|(word, _)| call.contains(word)).map(|(_, entity)| entity)
}

/// A folder, and the columns that its values name.
fn folder(row: &Map<String, Value>, records: &mut Vec<(&'static str, Map<String, Value>)>) {
    let mut values = Map::new();
    for (member, named_by_slug) in [("columns", false), ("values", true)] {
        for one in row.get(member).and_then(Value::as_array).into_iter().flatten() {
            let Some(name) = one["name"].as_str() else { continue };
            let key = if named_by_slug { name.to_owned() } else { slug(name) };
            let column = json!({ "id": format!("column-{key}"), "name": key, "label": name });
            records.extend(column.as_object().map(|column| ("columns", column.clone())));
            values.insert(key, one["value"].clone());
        }
    }
    let mut folder: Map<String, Value> =
        row.iter().filter(|(name, _)| *name == "id").map(|(name, id)| (name.clone(), id.clone())).collect();
    folder.insert("values".to_owned(), values.into());
    records.push(("folders", folder));
}

/// A name for a column of which only the label is known.
fn slug(label: &str) -> String {
    let letters = label.chars().map(|letter| if letter.is_alphanumeric() { letter } else { '_' });
    letters.collect::<String>().to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_are_found_in_answers() {
        let answer = json!({ "data": { "erpEnrAPI": {
            "getTeams": [{ "id": "1", "name": "A" }],
            "getFolders": { "totalCount": 1, "results": [{ "id": "f", "columns": [{ "name": "Nom du client", "value": "x" }] }] },
        } } });
        let records: Vec<String> = shown(&Value::Null, &answer)
            .into_iter()
            .map(|(entity, record)| format!("{entity} {}", Value::Object(record)))
            .collect();
        assert_eq!(records[0], r#"teams {"id":"1","name":"A"}"#);
        assert_eq!(records[2], r#"folders {"id":"f","values":{"nom_du_client":"x"}}"#);
    }
}
