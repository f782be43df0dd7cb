//! Filter tree to `SQLite` SQL. Names come from [`Columns`] only, literals go
//! to binds only.

use crate::ast::{Expr, Function, Literal, Op, Path};
use crate::coerce::{self, Bind, ValueKind};
use crate::error::{Error, ErrorKind};
use crate::limits::{Budget, MAX_DEPTH, MAX_HEIGHT};
use crate::options::Order;

/// Where a field is found in the database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// SQL, trusted as it is.
    ///
    /// When `many` is false: a scalar expression that can stand next to an
    /// operator (a name, a call, or anything in parentheses). When `many` is
    /// true: what follows `FROM`, with a column `value` (a `json_each` call, a
    /// subquery in parentheses).
    pub sql: String,
    /// What it holds; `None` when unknown: compare by the literal's own type.
    pub kind: Option<ValueKind>,
    /// Whether the field has many values. A condition on such a field holds
    /// when it holds for any value; `eq null` when there is no value.
    pub many: bool,
}

/// The fields that can be used, and where they are found.
pub trait Columns {
    /// The column of a field; `None` when there is no such field.
    fn column(&self, path: &Path) -> Option<Column>;
}

/// A condition for `WHERE`.
#[derive(Debug, Clone, PartialEq)]
pub struct Sql {
    /// The SQL, with `?` for each bind in order. It can be joined to others by
    /// `AND` as it is.
    pub text: String,
    /// The values of the `?`.
    pub binds: Vec<Bind>,
}

impl Expr {
    /// The filter as SQL.
    ///
    /// Errors: `UnknownField`, `TypeMismatch` when a field does not take the
    /// value or the function (both at the position of the field), and `TooDeep`
    /// or `TooMany` for a tree that the parser would not have made.
    pub fn to_sql(&self, columns: &(impl Columns + ?Sized)) -> Result<Sql, Error> {
        let mut writer = Writer {
            columns,
            budget: Budget::default(),
            sql: Sql { text: String::new(), binds: Vec::new() },
        };
        writer.expr(self, 1)?;
        Ok(writer.sql)
    }
}

/// The orders as SQL for `ORDER BY`: `expr ASC, expr DESC`; empty without orders.
///
/// Errors: `UnknownField`, and `TypeMismatch` for a field of many values.
pub fn orderby_sql(orders: &[Order], columns: &(impl Columns + ?Sized)) -> Result<String, Error> {
    let terms: Result<Vec<String>, Error> = orders
        .iter()
        .map(|order| {
            let column = find(columns, &order.path)?;
            if column.many {
                return Err(mismatch(&order.path, "a field with a single value"));
            }
            let direction = if order.descending { "DESC" } else { "ASC" };
            Ok(format!("{} {direction}", column.sql))
        })
        .collect();
    Ok(terms?.join(", "))
}

fn find(columns: &(impl Columns + ?Sized), path: &Path) -> Result<Column, Error> {
    columns.column(path).ok_or_else(|| ErrorKind::UnknownField(path.to_string()).at(path.position))
}

fn mismatch(path: &Path, expected: &'static str) -> Error {
    let field = path.to_string();
    ErrorKind::TypeMismatch { field, expected }.at(path.position)
}

struct Writer<'a, C: ?Sized> {
    columns: &'a C,
    budget: Budget,
    sql: Sql,
}

impl<C: Columns + ?Sized> Writer<'_, C> {
    fn expr(&mut self, expr: &Expr, height: usize) -> Result<(), Error> {
        if height > MAX_HEIGHT {
            return Err(ErrorKind::TooDeep { limit: MAX_DEPTH }.at(0));
        }
        match expr {
            Expr::All(parts) => self.list(parts, " AND ", "1", height),
            Expr::Any(parts) => self.list(parts, " OR ", "0", height),
            Expr::Not(inner) => {
                // A comparison with NULL is NULL, and so would be its negation.
                self.sql.text.push_str("NOT COALESCE((");
                self.expr(inner, height + 1)?;
                self.sql.text.push_str("), 0)");
                Ok(())
            }
            Expr::Compare { path, op, value } => self.compare(path, *op, value),
            Expr::In { path, values } => self.is_in(path, values),
            Expr::Call { function, path, text } => self.call(*function, path, text),
        }
    }

    /// The parts as a balanced tree: `SQLite` would read `a AND b AND c…` as a
    /// tree as high as the list is long, and refuses those above 1,000.
    fn list(&mut self, parts: &[Expr], operator: &str, empty: &str, height: usize) -> Result<(), Error> {
        match parts {
            [] => {
                self.budget.condition(0)?;
                self.sql.text.push_str(empty);
                Ok(())
            }
            [only] => self.expr(only, height + 1),
            _ => {
                let (left, right) = parts.split_at(parts.len() / 2);
                self.sql.text.push('(');
                self.list(left, operator, empty, height)?;
                self.sql.text.push_str(operator);
                self.list(right, operator, empty, height)?;
                self.sql.text.push(')');
                Ok(())
            }
        }
    }

    fn compare(&mut self, path: &Path, op: Op, value: &Literal) -> Result<(), Error> {
        let column = self.leaf(path)?;
        let test = match (op, value) {
            (Op::Eq, Literal::Null) => is_null(&column),
            (Op::Ne, Literal::Null) => is_not_null(&column),
            _ => {
                self.bind(path, &column, value)?;
                let operator = match op {
                    Op::Eq => "IS",
                    Op::Ne => "IS NOT",
                    Op::Gt => ">",
                    Op::Ge => ">=",
                    Op::Lt => "<",
                    Op::Le => "<=",
                };
                some_value(&column, |value| format!("{value} {operator} ?"))
            }
        };
        self.sql.text.push_str(&test);
        Ok(())
    }

    fn is_in(&mut self, path: &Path, values: &[Literal]) -> Result<(), Error> {
        let column = self.leaf(path)?;
        let mut binds = 0;
        for (index, value) in values.iter().enumerate() {
            self.budget.value(index + 1, path.position)?;
            if *value != Literal::Null {
                self.bind(path, &column, value)?;
                binds += 1;
            }
        }
        let marks = vec!["?"; binds].join(",");
        // `IN ()` is false for every row, null or not.
        let mut test = some_value(&column, |value| format!("{value} IN ({marks})"));
        if binds < values.len() {
            test = format!("({test} OR {})", is_null(&column));
        }
        self.sql.text.push_str(&test);
        Ok(())
    }

    fn call(&mut self, function: Function, path: &Path, text: &str) -> Result<(), Error> {
        let column = self.leaf(path)?;
        if let Some(ValueKind::Number | ValueKind::Decimal | ValueKind::Bool) = column.kind {
            return Err(mismatch(path, "a field that holds text"));
        }
        let wanted = Bind::Text(text.to_owned());
        let condition = match function {
            Function::Contains => {
                self.sql.binds.push(wanted);
                some_value(&column, |value| format!("instr({value}, ?) > 0"))
            }
            Function::StartsWith => {
                self.sql.binds.push(wanted);
                some_value(&column, |value| format!("instr({value}, ?) = 1"))
            }
            // `substr` from 0 would be the whole text.
            Function::EndsWith if text.is_empty() => is_not_null(&column),
            Function::EndsWith => {
                let length = i64::try_from(text.chars().count()).unwrap_or(i64::MAX);
                self.sql.binds.extend([Bind::Integer(-length), wanted]);
                // The caller's expression may carry a collation that folds case.
                some_value(&column, |value| format!("substr({value}, ?) COLLATE BINARY = ?"))
            }
        };
        self.sql.text.push_str(&condition);
        Ok(())
    }

    /// Counts a condition and finds its column.
    fn leaf(&mut self, path: &Path) -> Result<Column, Error> {
        self.budget.condition(path.position)?;
        find(self.columns, path)
    }

    fn bind(&mut self, path: &Path, column: &Column, value: &Literal) -> Result<(), Error> {
        let bind = coerce::bind(value, column.kind).map_err(|expected| mismatch(path, expected))?;
        self.sql.binds.push(bind);
        Ok(())
    }
}

/// The test on the column, or on any of its values.
fn some_value(column: &Column, test: impl FnOnce(&str) -> String) -> String {
    if column.many {
        let test = test("value");
        format!("EXISTS (SELECT 1 FROM {} WHERE {test})", column.sql)
    } else {
        test(&column.sql)
    }
}

fn is_not_null(column: &Column) -> String {
    some_value(column, |value| format!("{value} IS NOT NULL"))
}

/// For a field of many values: none of them is there.
fn is_null(column: &Column) -> String {
    if column.many { format!("NOT {}", is_not_null(column)) } else { format!("{} IS NULL", column.sql) }
}
