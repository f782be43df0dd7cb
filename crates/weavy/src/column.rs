//! Fields as the columns that requests filter, sort and ask for (fact sheet 7.4).

use odata::Bind;
use serde_json::Value;
use simcore::base::decimal;
use simcore::entity::model::{self, Table};
use simcore::entity::profile::FieldKind;
use simcore::entity::validate::normalise;
use simcore::store::functions::fold;
use simcore::{Result, said};

use crate::body::boolean;
use crate::error;
use crate::write::date_of;

/// A field that can be filtered, sorted and returned.
pub(crate) struct Column<'a> {
    pub(crate) name: String,
    pub(crate) index: usize,
    pub(crate) sql: &'a str,
    pub(crate) kind: FieldKind,
    stored: &'a model::Column,
    /// Whether it holds codes, which compare exactly; texts compare whatever their case (Q20).
    is_code: bool,
}

impl<'a> Column<'a> {
    /// The field of that name; `srvDate` is the server's local twin of `srvDateUTC` (6.4).
    ///
    /// # Errors
    /// 400 when the entity has none.
    pub(crate) fn find(table: &'a Table, name: &str) -> Result<Self> {
        let is_twin = name.eq_ignore_ascii_case("srvDate");
        let found = table.field(if is_twin { "srvDateUTC" } else { name });
        let found = found.filter(|(_, name, _)| !name.starts_with('_'));
        let (index, known, field) =
            found.ok_or_else(|| said!(FIELD_UNKNOWN, field = name, entity = &table.name))?;
        let is_code = field.references.is_some() || table.entity.keys.iter().any(|key| key == known);
        let name = if is_twin { "srvDate" } else { known };
        let stored = &table.columns[index];
        Ok(Self { name: name.to_owned(), index, sql: &stored.sql, kind: field.kind, stored, is_code })
    }

    /// The column as it sorts and compares.
    pub(crate) fn folded(&self) -> String {
        self.collated(self.sql)
    }

    /// `sql`, an expression over the column, with its collation.
    pub(crate) fn collated(&self, sql: &str) -> String {
        self.stored.collated(sql, !self.is_code)
    }

    /// `sql` and a text as functions on texts compare them.
    pub(crate) fn foldable(&self, sql: &str, text: &str) -> (String, String) {
        if self.is_code { (sql.to_owned(), text.to_owned()) } else { (format!("fold({sql})"), fold(text)) }
    }

    /// A value of a request as the column holds such values.
    ///
    /// # Errors
    /// 400 when it cannot be converted.
    pub(crate) fn bind(&self, value: &Value) -> Result<Bind> {
        let value = match self.kind {
            FieldKind::Boolean => boolean(value).map(Value::from),
            FieldKind::DateTime | FieldKind::Date => date_of(value).map(Value::from),
            kind => normalise(kind, value.clone()),
        };
        let bind = value.and_then(|value| match (self.kind, value) {
            (FieldKind::Boolean, Value::Bool(flag)) => Some(Bind::Integer(flag.into())),
            (FieldKind::Integer, value) => value.as_i64().map(Bind::Integer),
            (FieldKind::Decimal, value) => {
                decimal::from_json(&value).map(|number| Bind::Text(number.to_string()))
            }
            (_, Value::String(text)) => Some(Bind::Text(text)),
            _ => None,
        });
        bind.ok_or_else(|| error::bad_value(&self.name, said!(EXPECTED_KIND, kind = self.kind.name())))
    }
}
