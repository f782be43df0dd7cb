//! A small `SQLite` database with columns of every kind.

use std::str::FromStr;

use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};
use rust_decimal::Decimal;

use crate::{Bind, Column, Columns, Expr, Path, ValueKind};

/// The fields of the table.
pub(super) struct Shop;

impl Columns for Shop {
    fn column(&self, path: &Path) -> Option<Column> {
        let (sql, kind, many) = match path.to_string().as_str() {
            "Name" => ("name", Some(ValueKind::Text), false),
            "Loose" => ("name COLLATE NOCASE", Some(ValueKind::Text), false),
            "Qty" => ("qty", Some(ValueKind::Number), false),
            "Price" => ("price", Some(ValueKind::Decimal), false),
            "Active" => ("active", Some(ValueKind::Bool), false),
            "Day" => ("day", Some(ValueKind::Date), false),
            "Moment" => ("moment", Some(ValueKind::DateTime), false),
            "Doc.X" => ("json_extract(doc, '$.x')", None, false),
            "Tags" => ("json_each(doc, '$.tags')", Some(ValueKind::Text), true),
            "Lots" => ("json_each(doc, '$.lots')", Some(ValueKind::Number), true),
            "Mixed" => ("json_each(doc, '$.mixed')", None, true),
            _ => return None,
        };
        Some(Column { sql: sql.to_owned(), kind, many })
    }
}

/// Every field of [`Shop`].
pub(super) const FIELDS: [&str; 11] =
    ["Name", "Loose", "Qty", "Price", "Active", "Day", "Moment", "Doc.X", "Tags", "Lots", "Mixed"];

/// Rows 1 to 4 hold values, row 5 holds nothing but nulls.
const ROWS: &str = r#"
CREATE TABLE shop (id INTEGER PRIMARY KEY, name TEXT, qty INTEGER,
  price TEXT COLLATE DECIMAL, active INTEGER, day TEXT, moment TEXT, doc TEXT);
INSERT INTO shop VALUES
 (1, 'Café de l''Or', 10, '12345678901234567.89', 1, '2024-01-20', '2024-01-20T10:00:00',
  '{"x": 1, "tags": ["vip", "pro"], "lots": [1, 5], "mixed": [1, "a", null]}'),
 (2, 'café', 2, '12345678901234567.88', 0, '2024-02-29', '2024-02-29T00:00:00',
  '{"x": "un", "tags": ["pro"], "lots": [9], "mixed": [true]}'),
 (3, 'Thé 50%_\', -3, '9.5', 1, '2023-12-31', '2023-12-31T23:59:59',
  '{"x": 1.5, "tags": [], "lots": []}'),
 (4, '', 0, '100', 0, '2025-06-01', '2025-06-01T12:30:00', '{"x": null, "tags": [null]}'),
 (5, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
"#;

/// Opens the database.
pub(super) fn open() -> Connection {
    let db = Connection::open_in_memory().unwrap();
    db.create_collation("DECIMAL", |a, b| match (Decimal::from_str(a), Decimal::from_str(b)) {
        (Ok(a), Ok(b)) => a.cmp(&b),
        _ => a.cmp(b),
    })
    .unwrap();
    db.execute_batch(ROWS).unwrap();
    db
}

/// The identifiers of the rows that meet a filter.
pub(super) fn rows(db: &Connection, expr: &Expr) -> Result<Vec<i64>, String> {
    let sql = expr.to_sql(&Shop).map_err(|error| error.to_string())?;
    assert_eq!(sql.text.matches('?').count(), sql.binds.len());
    run(db, &sql.text, sql.binds).map_err(|error| format!("SQL: {error} in {}", sql.text))
}

fn run(db: &Connection, condition: &str, binds: Vec<Bind>) -> rusqlite::Result<Vec<i64>> {
    let binds = binds.into_iter().map(|bind| match bind {
        Bind::Null => Value::Null,
        Bind::Integer(value) => Value::Integer(value),
        Bind::Real(value) => Value::Real(value),
        Bind::Text(value) => Value::Text(value),
    });
    let sql = format!("SELECT id FROM shop WHERE {condition} AND id > 0 ORDER BY id");
    let mut statement = db.prepare(&sql)?;
    let rows = statement.query_map(params_from_iter(binds), |row| row.get(0))?;
    rows.collect()
}
