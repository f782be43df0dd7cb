//! The document of a data set: one main record with linked records inside, to any depth (fact sheet 9.2, 9.3).

use std::collections::HashSet;

use serde_json::{Map, Value};
use simcore::Result;
use simcore::entity::model::{Model, Table};
use simcore::said;

use crate::record::code_of;
use crate::{error, tables};

/// How deep records may nest.
const MAX_DEPTH: usize = 30;

/// A document, parents before their children.
pub(crate) struct Document<'a> {
    pub(crate) rows: Vec<Row<'a>>,
    /// Entities whose rows the document lists below another, be the list empty.
    pub(crate) cited: Vec<&'a Table>,
    listed: HashSet<(&'a str, String)>,
}

/// One record of a document.
pub(crate) struct Row<'a> {
    pub(crate) table: &'a Table,
    pub(crate) code: String,
    pub(crate) record: Map<String, Value>,
}

impl<'a> Document<'a> {
    /// # Errors
    /// 400 for another shape, 404 for an unknown entity.
    pub(crate) fn read(model: &'a Model, body: Value) -> Result<Self> {
        let Value::Object(body) = body else {
            return Err(said!(NOT_OBJECT, what = said!(A_DATA_SET)).into());
        };
        let mut members = body.into_iter();
        let (Some((entity, main)), None) = (members.next(), members.next()) else {
            return Err(said!(ONE_MAIN_ENTITY).into());
        };
        let table = tables::find(model, &entity)?;
        let main = match main {
            Value::Array(mut records) if records.len() == 1 => records.remove(0),
            Value::Array(_) => {
                return Err(said!(ONE_MAIN_RECORD, entity = entity).into());
            }
            main => main,
        };
        let mut document = Self { rows: Vec::new(), cited: Vec::new(), listed: HashSet::new() };
        document.add(model, table, main, None, 0)?;
        Ok(document)
    }

    /// Whether the document lists the record.
    pub(crate) fn lists(&self, table: &'a Table, code: &str) -> bool {
        self.listed.contains(&(table.name.as_str(), code.to_owned()))
    }

    fn add(
        &mut self,
        model: &'a Model,
        table: &'a Table,
        record: Value,
        parent: Option<(&'a Table, &str)>,
        depth: usize,
    ) -> Result<()> {
        let name = &table.name;
        let Value::Object(mut record) = record else {
            return Err(said!(RECORD_NOT_OBJECT, entity = name).into());
        };
        if depth > MAX_DEPTH {
            return Err(said!(DATA_SET_TOO_DEEP).into());
        }
        let code = code_of(table, &record)?.ok_or_else(|| error::missing(tables::code_field(table)))?;
        if !self.listed.insert((name, code.clone())) {
            return Err(said!(RECORD_TWICE, entity = name, code = &code).into());
        }
        if let Some((parent, parent_code)) = parent {
            link(table, parent, parent_code, &mut record)?;
        }
        let is_child = |(name, value): &(String, Value)| value.is_array() && table.field(name).is_none();
        let (children, fields): (Vec<_>, Vec<_>) = record.into_iter().partition(is_child);
        self.rows.push(Row { table, code: code.clone(), record: fields.into_iter().collect() });
        for (entity, records) in children {
            let child = tables::find(model, &entity)?;
            if self.rows.first().is_some_and(|main| main.table.name == child.name) {
                return Err(said!(MAIN_ENTITY_AGAIN, entity = &child.name).into());
            }
            if tables::links(child, name).is_empty() {
                return Err(said!(NOT_LINKED, entity = &child.name, parent = name).into());
            }
            if !self.cited.iter().any(|cited| cited.name == child.name) {
                self.cited.push(child);
            }
            for record in records.as_array().into_iter().flatten() {
                self.add(model, child, record.clone(), Some((table, &code)), depth + 1)?;
            }
        }
        Ok(())
    }
}

/// Writes the parent's code into the field that links to it: the nesting wins over what the record says.
fn link(table: &Table, parent: &Table, code: &str, record: &mut Map<String, Value>) -> Result<()> {
    let links = tables::links(table, &parent.name);
    let given = |field: &str| {
        let named =
            record.iter().find(|(name, _)| table.field(name).is_some_and(|(_, known, _)| known == field));
        named.map(|(_, value)| value).filter(|value| !value.is_null() && **value != "")
    };
    // An entity can be linked in several roles: the one that names the parent is meant, or else one that is free.
    let named = links.iter().find(|field| given(field).is_some_and(|value| *value == code));
    let free = || links.iter().find(|field| given(field).is_none());
    let field = named.or_else(free).or(links.first());
    let field = *field.ok_or_else(|| error::bad_value(&table.name, said!(EXPECTED_LINKED_ENTITY)))?;
    record.retain(|name, _| table.field(name).is_none_or(|(_, known, _)| known != field));
    record.insert(field.to_owned(), code.into());
    Ok(())
}
