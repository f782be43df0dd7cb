//! OData paths to the columns of a table, for filters and orders.

use odata::{Column, Columns, Path, ValueKind};

use crate::entity::model::{Table, field};
use crate::entity::profile::{Field, FieldKind, Unknown};
use crate::store::db::Db;

/// What a client may name in `$filter` and `$orderby`: the fields of one table and, where the vendor keeps them,
/// properties that some stored record of the company has.
pub struct Fields<'a> {
    /// The database.
    pub db: Db<'a>,
    /// The table.
    pub table: &'a Table,
    /// The company.
    pub tenant: &'a str,
    /// Whether texts compare whatever their case.
    pub any_case: bool,
}

impl Columns for Fields<'_> {
    fn column(&self, path: &Path) -> Option<Column> {
        let segments: Vec<&str> = path.segments().iter().map(String::as_str).collect();
        let (first, rest) = segments.split_first()?;
        if first.starts_with('_') {
            return None;
        }
        let Some((index, _, field)) = self.table.field(first) else { return self.kept(&segments) };
        let stored = &self.table.columns[index];
        let column = &stored.sql;
        if !rest.is_empty() && !is_described(field, rest) && !self.is_stored(column, rest) {
            return None;
        }
        if rest.is_empty() {
            return Some(Column {
                sql: stored.collated(column, self.any_case),
                kind: literal(field.kind),
                many: false,
            });
        }
        nested(column, field, rest)
    }
}

impl Fields<'_> {
    /// A property that no field describes: known when a stored record has it.
    fn kept(&self, segments: &[&str]) -> Option<Column> {
        if self.db.model.profile.unknown_properties != Unknown::Keep {
            return None;
        }
        let values = values_of("_extra", segments);
        let known = self.is_stored("_extra", segments);
        known.then(|| Column { sql: format!("json_each({values})"), kind: None, many: true })
    }

    /// Whether the column of some record holds something at that path: what no field describes is known only so.
    fn is_stored(&self, column: &str, segments: &[&str]) -> bool {
        let text = format!(
            "SELECT 1 FROM {} WHERE _tenant = ? AND {column} IS NOT NULL AND {} <> '[]' LIMIT 1",
            self.table.sql,
            values_of(column, segments)
        );
        let known = self.db.conn.prepare(&text).and_then(|mut statement| statement.exists([self.tenant]));
        known.unwrap_or(false)
    }
}

/// Whether the profile says what is at that path of a field.
fn is_described(mut of: &Field, rest: &[&str]) -> bool {
    rest.iter().all(|name| match field(&of.fields, name) {
        Some((_, _, inner)) => {
            of = inner;
            true
        }
        None => false,
    })
}

/// A path inside an object or list column: one value when the profile describes each step as an object, otherwise
/// every value that the path reaches.
fn nested(column: &str, mut of: &Field, rest: &[&str]) -> Option<Column> {
    if !matches!(of.kind, FieldKind::Object | FieldKind::List) {
        return None;
    }
    let mut spelled = Vec::new();
    let mut described = true;
    let mut many = of.kind == FieldKind::List;
    for name in rest {
        match field(&of.fields, name).filter(|_| described) {
            Some((_, name, inner)) => {
                spelled.push(name);
                many |= inner.kind == FieldKind::List;
                of = inner;
            }
            None => {
                spelled.push(name);
                described = false;
            }
        }
    }
    let kind = if described { literal(of.kind).map(number_in_json) } else { None };
    if described && !many {
        let path: String =
            spelled.iter().map(|name| format!(".{}", serde_json::Value::from(*name))).collect();
        return Some(Column {
            sql: format!("json_extract({column}, {})", text(&format!("${path}"))),
            kind,
            many,
        });
    }
    Some(Column { sql: format!("json_each({})", values_of(column, &spelled)), kind, many: true })
}

/// Inside JSON, SQLite's own numbers are compared.
fn number_in_json(kind: ValueKind) -> ValueKind {
    if kind == ValueKind::Decimal { ValueKind::Number } else { kind }
}

fn literal(kind: FieldKind) -> Option<ValueKind> {
    match kind {
        FieldKind::Text => Some(ValueKind::Text),
        FieldKind::Integer => Some(ValueKind::Number),
        FieldKind::Decimal => Some(ValueKind::Decimal),
        FieldKind::Boolean => Some(ValueKind::Bool),
        FieldKind::Date => Some(ValueKind::Date),
        FieldKind::DateTime => Some(ValueKind::DateTime),
        FieldKind::Binary | FieldKind::Object | FieldKind::List => None,
    }
}

/// The call of the function that [`crate::store::functions`] registers.
fn values_of(column: &str, segments: &[&str]) -> String {
    format!("path_values({column}, {})", text(&serde_json::Value::from(segments.to_vec()).to_string()))
}

fn text(value: &str) -> String {
    format!("'{}'", value.replace('\'', "''"))
}
