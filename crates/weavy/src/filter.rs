//! `filterFields` and `filterGroups` as SQL (fact sheet 7.4, 7.5).

use std::collections::{HashMap, HashSet};

use odata::{Bind, Sql};
use serde_json::Value;
use simcore::Result;
use simcore::entity::model::Table;
use simcore::said;

use crate::body::Envelope;
use crate::column::Column;
use crate::error;
use crate::operators::{self, Operator};

/// How many values and how many conditions, counting repeated groups each time, one Select may have.
const MAX_VALUES: usize = 10_000;
const MAX_CONDITIONS: usize = 1_000;

/// How deep groups may nest.
const MAX_DEPTH: usize = 50;

/// One element of `filterFields`, compiled.
pub(crate) struct Condition {
    key: Option<String>,
    sql: Sql,
    /// The company that it is met in.
    pub(crate) company: Option<String>,
}

/// The conditions of a Select.
///
/// # Errors
/// 400 for an unknown field or operator, or values that it does not take.
pub(crate) fn conditions(table: &Table, fields: Vec<Value>, strict: bool) -> Result<Vec<Condition>> {
    let mut values = 0;
    let mut conditions = Vec::with_capacity(fields.len());
    for field in fields {
        let field = Envelope::of(field, said!(AN_ELEMENT, list = "filterFields"))?;
        let column = Column::find(table, field.mandatory("fieldName")?)?;
        let operator = Operator::find(field.mandatory("operator")?, strict)?;
        let given: &[Value] = match field.get("filterValues") {
            None => &[],
            Some(Value::Array(given)) => given,
            Some(one) => std::slice::from_ref(one),
        };
        values += given.len();
        if values > MAX_VALUES || conditions.len() == MAX_CONDITIONS {
            return Err(said!(FILTERS_TOO_MANY).into());
        }
        let company = field.text("companyCode")?.filter(|code| !code.is_empty()).map(str::to_owned);
        let sql = operators::compile(operator, &column, given, field.get("ifNullValue"))?;
        conditions.push(Condition {
            key: field.text("filterKey")?.map(str::to_owned),
            sql: match &company {
                Some(company) => within(company, sql),
                None => sql,
            },
            company,
        });
    }
    Ok(conditions)
}

/// A condition that is met only in a company: foreign keys lead to records of their own company, so what they
/// designate in another one is not what a record has.
fn within(company: &str, sql: Sql) -> Sql {
    let mut binds = vec![Bind::Text(company.to_owned())];
    binds.extend(sql.binds);
    Sql { text: format!("_tenant = ? AND ({})", sql.text), binds }
}

/// One element of `filterGroups`.
struct Group {
    key: Option<String>,
    is_or: bool,
    filters: Vec<String>,
    groups: Vec<String>,
}

/// The conditions joined as the groups say: the roots, and what no group names, are all to hold.
///
/// # Errors
/// 400 for a key that nothing has, a cycle, or an operator other than AND and OR.
pub(crate) fn grouped(conditions: &[Condition], groups: Vec<Value>) -> Result<Vec<Sql>> {
    let groups = groups.into_iter().map(group).collect::<Result<Vec<_>>>()?;
    let mut tree = Tree { conditions, groups: HashMap::new(), written: 0 };
    for group in groups.iter().filter(|group| group.key.is_some()) {
        let key = group.key.as_deref().unwrap_or_default();
        if tree.groups.insert(key, group).is_some() {
            return Err(said!(GROUP_TWICE, key = key).into());
        }
    }
    // Also what no root reaches must be free of cycles and unknown keys.
    for group in &groups {
        tree.written = 0;
        tree.sql(group, &mut Vec::new())?;
    }
    let named_filters: HashSet<&str> =
        groups.iter().flat_map(|group| &group.filters).map(String::as_str).collect();
    let named_groups: HashSet<&str> =
        groups.iter().flat_map(|group| &group.groups).map(String::as_str).collect();
    let free =
        |condition: &&Condition| condition.key.as_deref().is_none_or(|key| !named_filters.contains(key));
    let mut all: Vec<Sql> = conditions.iter().filter(free).map(|condition| condition.sql.clone()).collect();
    tree.written = 0;
    for group in &groups {
        if group.key.as_deref().is_none_or(|key| !named_groups.contains(key)) {
            all.extend(tree.sql(group, &mut Vec::new())?);
        }
    }
    Ok(all)
}

fn group(group: Value) -> Result<Group> {
    let mut group = Envelope::of(group, said!(AN_ELEMENT, list = "filterGroups"))?;
    let is_or = match group.text("groupLogicalOperator")? {
        None => false,
        Some(operator) if operator.eq_ignore_ascii_case("AND") => false,
        Some(operator) if operator.eq_ignore_ascii_case("OR") => true,
        Some(_) => return Err(error::bad_value("groupLogicalOperator", said!(EXPECTED_LOGICAL_OPERATOR))),
    };
    let key = group.text("groupKey")?.map(str::to_owned);
    let mut keys = |name: &str| -> Result<Vec<String>> {
        let keys = group.take_list(name)?.unwrap_or_default().into_iter();
        keys.map(|key| match key {
            Value::String(key) => Ok(key),
            _ => Err(error::bad_value(name, said!(EXPECTED_KEYS))),
        })
        .collect()
    };
    Ok(Group { filters: keys("filterKeys")?, groups: keys("groupKeys")?, key, is_or })
}

struct Tree<'a> {
    conditions: &'a [Condition],
    groups: HashMap<&'a str, &'a Group>,
    written: usize,
}

impl<'a> Tree<'a> {
    /// A group as SQL; nothing when there is nothing in it. A key of a filter means all conditions that carry it.
    fn sql(&mut self, group: &'a Group, above: &mut Vec<&'a str>) -> Result<Option<Sql>> {
        let mut parts = Vec::new();
        for key in &group.filters {
            let carrying = self.conditions.iter().filter(|condition| condition.key.as_ref() == Some(key));
            let carrying: Vec<Sql> = carrying.map(|condition| condition.sql.clone()).collect();
            self.written += carrying.len();
            let joined = joined(carrying, " AND ");
            parts.push(joined.ok_or_else(|| said!(FILTER_KEY_UNKNOWN, key = key))?);
        }
        for key in &group.groups {
            let inner = self.groups.get(key.as_str()).copied();
            let inner = inner.ok_or_else(|| said!(GROUP_KEY_UNKNOWN, key = key))?;
            if above.contains(&key.as_str()) || group.key.as_ref() == Some(key) {
                return Err(said!(GROUP_IN_ITSELF, key = key).into());
            }
            if above.len() == MAX_DEPTH || self.written > MAX_CONDITIONS {
                return Err(said!(GROUPS_TOO_MANY).into());
            }
            self.written += 1;
            above.push(key);
            parts.extend(self.sql(inner, above)?);
            above.pop();
        }
        Ok(joined(parts, if group.is_or { " OR " } else { " AND " }))
    }
}

fn joined(parts: Vec<Sql>, with: &str) -> Option<Sql> {
    let texts: Vec<String> = parts.iter().map(|sql| format!("({})", sql.text)).collect();
    let binds = parts.into_iter().flat_map(|sql| sql.binds).collect();
    (!texts.is_empty()).then(|| Sql { text: texts.join(with), binds })
}
