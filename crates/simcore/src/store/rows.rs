//! Rows on their way out: straight into the answer's bytes, or as a tree where a behaviour needs one.

use std::borrow::Cow;

pub use rusqlite::Row;
use rusqlite::types::{ToSqlOutput, ValueRef};
use serde_json::{Map, Number, Value};

use crate::base::decimal;
use crate::base::error::Result;
use crate::entity::model::Table;
use crate::entity::profile::FieldKind;

/// Which columns of a table an answer shows, in the order of the wire.
#[derive(Clone, Debug)]
pub struct ColumnSelection {
    /// Places of columns, with the JSON keys (comma and colon included) of those that show under another name.
    columns: Vec<(usize, Option<Vec<u8>>)>,
    extra: bool,
    /// Whether fields without a value are left out.
    is_sparse: bool,
}

impl ColumnSelection {
    /// What the vendor's API shows: no attribute of the simulator's own, and of the fields that must be asked for
    /// only those that `wanted` says yes to.
    pub fn public(table: &Table, wanted: impl Fn(&str) -> bool) -> Self {
        let shown = |column: &crate::entity::model::Column| {
            let on_demand = column.hidden && !column.gone && !column.name.starts_with('_');
            !column.hidden || on_demand && wanted(&column.name)
        };
        let mut columns = Vec::with_capacity(table.columns.len());
        let places = table.columns.iter().enumerate().filter(|(_, column)| shown(column));
        columns.extend(places.map(|(place, _)| (place, None)));
        Self { columns, extra: true, is_sparse: false }
    }

    /// What the vendor's API shows when nothing is asked for by name.
    pub fn plain(table: &Table) -> Self {
        Self::public(table, |_| false)
    }

    /// Everything there is.
    pub fn whole(table: &Table) -> Self {
        Self {
            columns: (0..table.columns.len()).map(|index| (index, None)).collect(),
            extra: true,
            is_sparse: false,
        }
    }

    /// What a record has a value for, as somebody would write it down: no attribute of the simulator's own.
    pub fn given(table: &Table) -> Self {
        let columns = (0..table.columns.len()).filter(|index| !table.columns[*index].name.starts_with('_'));
        Self { columns: columns.map(|index| (index, None)).collect(), extra: true, is_sparse: true }
    }

    /// Only the columns that `wanted` says yes to, without properties that no field describes.
    #[must_use]
    pub fn only(mut self, table: &Table, wanted: impl Fn(&str) -> bool) -> Self {
        self.columns.retain(|(index, _)| wanted(&table.columns[*index].name));
        self.extra = false;
        self
    }

    /// These columns in this order, each under the name beside its place in the table; nothing else.
    pub fn renamed<'n>(columns: impl IntoIterator<Item = (usize, &'n str)>) -> Self {
        let keyed = |(index, name)| (index, Some(format!(",{}:", Value::from(name)).into_bytes()));
        Self { columns: columns.into_iter().map(keyed).collect(), extra: false, is_sparse: false }
    }
}

/// Writes `row`, read with [`Table::select`], as a JSON object.
///
/// # Errors
/// When the database holds something that this program did not write.
pub fn write(table: &Table, shape: &ColumnSelection, row: &Row<'_>, out: &mut Vec<u8>) -> Result<()> {
    let begin = out.len();
    for (index, key) in &shape.columns {
        let (column, value) = (&table.columns[*index], row.get_ref(index + 1)?);
        if shape.is_sparse && value == ValueRef::Null {
            continue;
        }
        out.extend_from_slice(key.as_ref().unwrap_or(&column.json_key));
        write_value(column.kind, value, out)?;
    }
    if shape.extra
        && let ValueRef::Text(extra) = row.get_ref(table.columns.len() + 1)?
        && let extra = if shape.is_sparse { given(extra)? } else { extra.into() }
        && extra.len() > 2
    {
        out.push(b',');
        out.extend_from_slice(&extra[1..extra.len() - 1]);
    }
    // What begins a member begins the object, the first time.
    match out.get_mut(begin) {
        Some(first) => *first = b'{',
        None => out.push(b'{'),
    }
    out.push(b'}');
    Ok(())
}

/// Properties that no field describes, without those of the simulator's own and those without a value.
fn given(extra: &[u8]) -> Result<Cow<'_, [u8]>> {
    let mut extra: Map<String, Value> = serde_json::from_slice(extra)?;
    extra.retain(|name, value| !name.starts_with('_') && !value.is_null());
    Ok(Value::Object(extra).to_string().into_bytes().into())
}

fn write_value(kind: FieldKind, value: ValueRef<'_>, out: &mut Vec<u8>) -> Result<()> {
    match value {
        ValueRef::Null | ValueRef::Blob(_) => out.extend_from_slice(b"null"),
        ValueRef::Integer(number) if kind == FieldKind::Boolean => {
            out.extend_from_slice(if number == 0 { b"false" } else { b"true" });
        }
        ValueRef::Integer(number) => serde_json::to_writer(out, &number)?,
        ValueRef::Real(number) => serde_json::to_writer(out, &number)?,
        ValueRef::Text(text) => match kind {
            FieldKind::Decimal | FieldKind::Object | FieldKind::List => out.extend_from_slice(text),
            _ => write_text(text, out)?,
        },
    }
    Ok(())
}

/// A sign that JSON writes otherwise.
const ESCAPED: u8 = 1;
/// A part of a letter beyond ASCII.
const LETTER: u8 = 2;

/// What each byte of a text is.
const SIGNS: [u8; 256] = {
    let mut signs = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        signs[byte] = match byte {
            0..0x20 | 0x22 | 0x5c => ESCAPED,
            0x80.. => LETTER,
            _ => 0,
        };
        byte += 1;
    }
    signs
};

/// A stored text as JSON. Nearly none has a sign that JSON writes otherwise, and most are ASCII: one look tells.
fn write_text(text: &[u8], out: &mut Vec<u8>) -> Result<()> {
    let signs = text.iter().fold(0, |signs, byte| signs | SIGNS[usize::from(*byte)]);
    if signs & ESCAPED != 0 || signs & LETTER != 0 && str::from_utf8(text).is_err() {
        return Ok(serde_json::to_writer(out, &readable(text))?);
    }
    out.reserve(text.len() + 2);
    out.push(b'"');
    out.extend_from_slice(text);
    out.push(b'"');
    Ok(())
}

/// A stored text. It is valid, as this program writes it, and found to be so faster than a lossy reading finds it.
fn readable(text: &[u8]) -> Cow<'_, str> {
    str::from_utf8(text).map_or_else(|_| String::from_utf8_lossy(text), Cow::Borrowed)
}

/// A record with its row id.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// The row id, in order of creation.
    pub id: i64,
    /// Every field and kept property; absent ones are null.
    pub values: Map<String, Value>,
}

impl Record {
    /// The text of a field, empty when it is null or absent.
    pub fn text(&self, field: &str) -> &str {
        self.values.get(field).and_then(Value::as_str).unwrap_or_default()
    }

    /// Whether a flag is set.
    pub fn flag(&self, field: &str) -> bool {
        self.values.get(field).and_then(Value::as_bool).unwrap_or_default()
    }

    /// The exact decimal of a field, zero when it is null or absent.
    pub fn decimal(&self, field: &str) -> rust_decimal::Decimal {
        self.values.get(field).and_then(decimal::from_json).unwrap_or_default()
    }
}

/// Reads `row`, read with [`Table::select`], as a tree.
///
/// # Errors
/// When the database holds something that this program did not write.
pub fn read(table: &Table, row: &Row<'_>) -> Result<Record> {
    let mut values = Map::with_capacity(table.columns.len());
    for (index, column) in table.columns.iter().enumerate() {
        values.insert(column.name.clone(), read_value(column.kind, row.get_ref(index + 1)?)?);
    }
    if let ValueRef::Text(extra) = row.get_ref(table.columns.len() + 1)? {
        let extra: Map<String, Value> = serde_json::from_slice(extra)?;
        values.extend(extra);
    }
    Ok(Record { id: row.get(0)?, values })
}

fn read_value(kind: FieldKind, value: ValueRef<'_>) -> Result<Value> {
    Ok(match value {
        ValueRef::Null | ValueRef::Blob(_) => Value::Null,
        ValueRef::Integer(number) if kind == FieldKind::Boolean => Value::Bool(number != 0),
        ValueRef::Integer(number) => number.into(),
        ValueRef::Real(number) => Number::from_f64(number).map_or(Value::Null, Value::Number),
        ValueRef::Text(text) => match kind {
            FieldKind::Decimal | FieldKind::Object | FieldKind::List => serde_json::from_slice(text)?,
            _ => readable(text).into(),
        },
    })
}

/// The values of a record by the places of their columns, and whether it has more than those. Tables have many more
/// columns than most records have fields, and fields mostly come in the order of columns.
pub(super) fn in_columns<'v>(
    table: &Table,
    record: &'v Map<String, Value>,
) -> (Vec<Option<&'v Value>>, bool) {
    let (mut values, mut has_more, mut next) = (vec![None; table.columns.len()], false, 0);
    for (name, value) in record {
        let is_next = table.columns.get(next).is_some_and(|column| column.name == *name);
        let place = if is_next { Some(next) } else { table.entity.column(name) };
        match place {
            Some(place) => (values[place], next) = (Some(value), place + 1),
            None => has_more = true,
        }
    }
    (values, has_more)
}

/// A JSON value as it is stored in a column of `kind`: null for what does not fit, which validation has refused
/// before.
pub fn to_sql(kind: FieldKind, value: &Value) -> ToSqlOutput<'_> {
    use rusqlite::types::Value as Sql;
    let sql = match (kind, value) {
        (_, Value::Null) => Sql::Null,
        (FieldKind::Object | FieldKind::List, value) => Sql::Text(value.to_string()),
        (FieldKind::Boolean, Value::Bool(flag)) => Sql::Integer((*flag).into()),
        (FieldKind::Integer, value) => value.as_i64().map_or(Sql::Null, Sql::Integer),
        (FieldKind::Decimal, value) => {
            if let Some((text, _)) = decimal::plain(value) {
                return text.into();
            }
            decimal::from_json(value).map_or(Sql::Null, |number| Sql::Text(number.to_string()))
        }
        (_, Value::String(text)) => return text.as_str().into(),
        (_, value) => Sql::Text(value.to_string()),
    };
    ToSqlOutput::Owned(sql)
}
