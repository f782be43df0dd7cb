//! The operators of a Select, each as SQL (fact sheet 7.4).

use odata::{Bind, Sql};
use serde_json::Value;
use simcore::Result;
use simcore::entity::profile::FieldKind;
use simcore::said;

use crate::column::Column;
use crate::error;

/// How a field is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operator {
    AnyOf,
    NoneOf,
    Compared(&'static str),
    StartWith,
    EndWith,
    Contain,
    NotContain,
    Between,
    IsNull,
    IsNotNull,
}

/// Names, and whether a source shows them.
pub(crate) const NAMES: &[(&str, Operator, bool)] = &[
    ("Equal", Operator::AnyOf, true),
    ("StartWith", Operator::StartWith, true),
    ("GreaterThanOrEqual", Operator::Compared(">="), true),
    ("GreaterThan", Operator::Compared(">"), true),
    ("LessThan", Operator::Compared("<"), true),
    ("LessThanOrEqual", Operator::Compared("<="), false),
    ("NotEqual", Operator::NoneOf, false),
    ("EndWith", Operator::EndWith, false),
    ("Contain", Operator::Contain, false),
    ("NotContain", Operator::NotContain, false),
    ("In", Operator::AnyOf, false),
    ("NotIn", Operator::NoneOf, false),
    ("Between", Operator::Between, false),
    ("IsNull", Operator::IsNull, false),
    ("IsNotNull", Operator::IsNotNull, false),
    ("StartsWith", Operator::StartWith, false),
    ("EndsWith", Operator::EndWith, false),
    ("Contains", Operator::Contain, false),
    ("NotContains", Operator::NotContain, false),
];

impl Operator {
    /// The operator of that name, whatever its case; in strict mode only those that a source shows.
    ///
    /// # Errors
    /// 400 when there is none.
    pub(crate) fn find(name: &str, strict: bool) -> Result<Self> {
        let mut known = NAMES.iter().filter(|(_, _, is_shown)| *is_shown || !strict);
        let found = known.find(|(known, _, _)| known.eq_ignore_ascii_case(name));
        found.map(|(_, operator, _)| *operator).ok_or_else(|| said!(OPERATOR_UNKNOWN, name = name).into())
    }
}

/// A condition on `column`. Null satisfies `IsNull` and the negations only, unless `if_null` stands in for it.
///
/// # Errors
/// 400 when the values do not fit the operator or the field.
pub(crate) fn compile(
    operator: Operator,
    column: &Column<'_>,
    values: &[Value],
    if_null: Option<&Value>,
) -> Result<Sql> {
    let (sql, leading) = match if_null {
        Some(value) => (format!("coalesce({}, ?)", column.sql), vec![column.bind(value)?]),
        None => (column.sql.to_owned(), Vec::new()),
    };
    let operand = Operand { column, sql, leading };
    let first = || values.first().ok_or_else(|| error::bad_value("filterValues", said!(EXPECTED_VALUE)));
    match operator {
        Operator::IsNull => Ok(operand.condition("IS NULL", Vec::new())),
        Operator::IsNotNull => Ok(operand.condition("IS NOT NULL", Vec::new())),
        Operator::AnyOf => {
            first()?;
            operand.among("IN", values)
        }
        Operator::NoneOf => {
            first()?;
            Ok(operand.or_null(operand.among("NOT IN", values)?))
        }
        Operator::Compared(sign) => Ok(operand.condition(&format!("{sign} ?"), vec![column.bind(first()?)?])),
        Operator::Between => match values {
            [low, high] => {
                Ok(operand.condition("BETWEEN ? AND ?", vec![column.bind(low)?, column.bind(high)?]))
            }
            _ => Err(error::bad_value("filterValues", said!(EXPECTED_TWO_VALUES))),
        },
        Operator::StartWith => operand.text("substr({}, 1, length({?}))", "= {?}", first()?),
        Operator::EndWith => operand.text("substr({}, -length({?}), length({?}))", "= {?}", first()?),
        Operator::Contain => operand.text("instr({}, {?})", "> 0", first()?),
        Operator::NotContain => Ok(operand.or_null(operand.text("instr({}, {?})", "= 0", first()?)?)),
    }
}

/// The left side of a condition.
struct Operand<'a> {
    column: &'a Column<'a>,
    sql: String,
    leading: Vec<Bind>,
}

impl Operand<'_> {
    fn condition(&self, rest: &str, values: Vec<Bind>) -> Sql {
        let binds = self.leading.iter().cloned().chain(values).collect();
        Sql { text: format!("{} {rest}", self.column.collated(&self.sql)), binds }
    }

    fn among(&self, how: &str, values: &[Value]) -> Result<Sql> {
        let binds = values.iter().map(|value| self.column.bind(value)).collect::<Result<Vec<_>>>()?;
        Ok(self.condition(&format!("{how} ({})", vec!["?"; binds.len()].join(", ")), binds))
    }

    /// The same, or null.
    fn or_null(&self, sql: Sql) -> Sql {
        let binds = self.leading.iter().cloned().chain(sql.binds).collect();
        Sql { text: format!("{} IS NULL OR {}", self.sql, sql.text), binds }
    }

    /// A condition on texts: `{}` stands for the field, `{?}` for the value.
    fn text(&self, left: &str, right: &str, value: &Value) -> Result<Sql> {
        if self.column.kind != FieldKind::Text {
            return Err(said!(FIELD_NOT_TEXT, field = &self.column.name).into());
        }
        let Bind::Text(value) = self.column.bind(value)? else {
            return Err(error::bad_value("filterValues", said!(EXPECTED_TEXT)));
        };
        let (field, value) = self.column.foldable(&self.sql, &value);
        let template = format!("{left} {right}");
        let places = template.matches("{?}").count();
        let mut binds = self.leading.clone();
        binds.extend(std::iter::repeat_n(Bind::Text(value), places));
        Ok(Sql { text: template.replace("{?}", "?").replace("{}", &field), binds })
    }
}
