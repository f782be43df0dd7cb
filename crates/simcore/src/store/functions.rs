//! What SQLite lacks: exact decimals, texts without case, and every value that a path reaches in a JSON document.

use rusqlite::functions::FunctionFlags;
use rusqlite::{Connection, Result};
use rust_decimal::Decimal;
use serde_json::Value;

/// Registers the collations `DECIMAL` and `FOLD` and the functions `path_values(json, path)` and `fold(text)` on a
/// connection.
pub fn register(conn: &Connection) -> Result<()> {
    conn.create_collation("DECIMAL", |left, right| {
        let number = |text: &str| text.parse::<Decimal>().or_else(|_| Decimal::from_scientific(text));
        match (number(left), number(right)) {
            (Ok(left), Ok(right)) => left.cmp(&right),
            _ => left.cmp(right),
        }
    })?;
    conn.create_collation("FOLD", |left, right| {
        left.chars().flat_map(char::to_lowercase).cmp(right.chars().flat_map(char::to_lowercase))
    })?;
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
    conn.create_scalar_function("fold", 1, flags, |call| {
        let text: Option<String> = call.get(0)?;
        Ok(text.map(|text| fold(&text)))
    })?;
    conn.create_scalar_function("path_values", 2, flags, |call| {
        let document: Option<String> = call.get(0)?;
        let path: String = call.get(1)?;
        let document: Value = document.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default();
        let path: Vec<String> = serde_json::from_str(&path).unwrap_or_default();
        let mut values = Vec::new();
        collect(&document, &path, &mut values);
        Ok(serde_json::to_string(&values).unwrap_or_default())
    })
}

/// `text` as texts are compared without regard to case.
pub fn fold(text: &str) -> String {
    text.chars().flat_map(char::to_lowercase).collect()
}

/// Every value that `path` reaches, through lists, whatever the case of its names.
fn collect<'a>(document: &'a Value, path: &[String], values: &mut Vec<&'a Value>) {
    match (document, path.split_first()) {
        (Value::Array(items), _) => items.iter().for_each(|item| collect(item, path, values)),
        (Value::Object(members), Some((name, rest))) => {
            let name = name.to_lowercase();
            for (_, member) in members.iter().filter(|(key, _)| key.to_lowercase() == name) {
                collect(member, rest, values);
            }
        }
        (Value::Object(_), None) | (_, Some(_)) => {}
        (value, None) => values.push(value),
    }
}
