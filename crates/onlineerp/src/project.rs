//! `$select` and `$expand`: which parts of a record an answer shows (fact sheet 5.1).

use odata::parse_paths;
use serde_json::{Map, Value};
use simcore::entity::model::Table;
use simcore::entity::profile::FieldKind;
use simcore::store::rows::{self, ColumnSelection, Row};
use simcore::{Db, Result, said};

use crate::call::{Call, Expand};
use crate::error;

/// What is shown of each record.
pub(crate) struct Projection {
    shape: ColumnSelection,
    /// Paths below the top level, or properties that no field describes: these need a tree.
    chosen: Option<Chosen>,
    /// Other records to show: these need a tree too.
    expands: Vec<&'static Expand>,
}

/// Names at one level: shown whole, or with what is chosen below them.
#[derive(Default)]
struct Chosen(Vec<(String, Option<Chosen>)>);

impl Projection {
    /// What the query asks for.
    ///
    /// # Errors
    /// 400 for a part that `$expand` does not know.
    pub(crate) fn new(call: &Call, table: &Table) -> Result<Self> {
        let expanded = paths(call, "$expand")?.unwrap_or_default();
        let expands = expands(call, table, &expanded)?;
        let shape = ColumnSelection::public(table, |name| {
            expanded.iter().any(|path| path.segments().first().is_some_and(|first| same(first, name)))
        });
        let Some(selected) = paths(call, "$select")?.filter(|paths| !paths.is_empty()) else {
            return Ok(Self { expands, ..Self::plain(shape) });
        };
        let plain = |path: &odata::Path| {
            path.segments().len() == 1
                && path.segments().first().is_some_and(|name| table.field(name).is_some())
        };
        if expands.is_empty() && selected.iter().all(plain) {
            let chosen: Vec<&str> =
                selected.iter().filter_map(|path| Some(table.field(path.segments().first()?)?.1)).collect();
            return Ok(Self::plain(shape.only(table, |name| chosen.contains(&name))));
        }
        let mut chosen = Chosen::default();
        for path in &selected {
            chosen.add(path.segments());
        }
        Ok(Self { shape, chosen: Some(chosen), expands })
    }

    /// All that `shape` has.
    pub(crate) fn plain(shape: ColumnSelection) -> Self {
        Self { shape, chosen: None, expands: Vec::new() }
    }

    /// Writes `row` as JSON.
    pub(crate) fn write(
        &self,
        db: &Db<'_>,
        tenant: &str,
        table: &Table,
        row: &Row<'_>,
        out: &mut Vec<u8>,
    ) -> Result<()> {
        if self.chosen.is_none() && self.expands.is_empty() {
            return rows::write(table, &self.shape, row, out);
        }
        let mut whole = Vec::new();
        rows::write(table, &self.shape, row, &mut whole)?;
        let mut record: Map<String, Value> = serde_json::from_slice(&whole)?;
        for expand in &self.expands {
            match expand.within {
                None => add(db, tenant, expand, &mut record)?,
                Some(list) => {
                    let items = record.get_mut(list).and_then(Value::as_array_mut).into_iter().flatten();
                    items
                        .filter_map(Value::as_object_mut)
                        .try_for_each(|item| add(db, tenant, expand, item))?;
                }
            }
        }
        let record = self.chosen.as_ref().map(|chosen| chosen.object(&record)).unwrap_or(record);
        serde_json::to_writer(out, &record)?;
        Ok(())
    }
}

/// The other records that `$expand` asks for. It also names parts of the record itself: those that are not always
/// shown, and, as a way to them, lists.
fn expands(call: &Call, table: &Table, asked: &[odata::Path]) -> Result<Vec<&'static Expand>> {
    let mut found = Vec::new();
    for path in asked {
        let path = path.to_string();
        match call.own.expands.iter().find(|expand| same(&expand.path(), &path)) {
            Some(expand) => found.push(expand),
            None if table.field(&path).is_some() => {}
            None => {
                let parts = table.entity.fields.iter().filter(|(name, field)| {
                    matches!(field.kind, FieldKind::Object | FieldKind::List) && !name.starts_with('_')
                });
                let known: Vec<String> = parts
                    .map(|(name, _)| name.clone())
                    .chain(call.own.expands.iter().map(Expand::path))
                    .collect();
                let refusal =
                    if known.is_empty() { said!(EXPAND_NOTHING_KNOWN) } else { said!(EXPAND_UNKNOWN) };
                return Err(refusal.with("path", path).with("known", known.join(", ")).into());
            }
        }
    }
    Ok(found)
}

/// Puts the record that `holder` names into it; null where there is none.
fn add(db: &Db<'_>, tenant: &str, expand: &Expand, holder: &mut Map<String, Value>) -> Result<()> {
    let (entity, field) = expand.of;
    let table = db.table(entity)?;
    let found = match holder.get(expand.by).and_then(Value::as_str) {
        Some(name) => db.find_id(table, tenant, field, name)?,
        None => None,
    };
    let record = match found {
        Some(id) => {
            let mut shown = Vec::new();
            db.row(table, id, |row| rows::write(table, &ColumnSelection::plain(table), row, &mut shown))?;
            serde_json::from_slice(&shown)?
        }
        None => Value::Null,
    };
    holder.insert(expand.name.to_owned(), record);
    Ok(())
}

impl Chosen {
    /// Several paths below one name merge into one object.
    fn add(&mut self, segments: &[String]) {
        let Some((first, rest)) = segments.split_first() else { return };
        let known = self.0.iter().position(|(name, _)| same(name, first));
        let place = known.unwrap_or_else(|| {
            self.0.push((first.clone(), Some(Self::default())));
            self.0.len() - 1
        });
        match &mut self.0[place].1 {
            below if rest.is_empty() => *below = None,
            Some(below) => below.add(rest),
            None => {}
        }
    }

    /// The record with what is chosen, in the order of the record; unknown names show nothing.
    fn object(&self, record: &Map<String, Value>) -> Map<String, Value> {
        let mut shown = Map::new();
        for (name, value) in record {
            let Some((_, below)) = self.0.iter().find(|(chosen, _)| same(chosen, name)) else { continue };
            let value = match below {
                None => value.clone(),
                Some(below) => below.value(value),
            };
            shown.insert(name.clone(), value);
        }
        shown
    }

    /// The nesting is kept, also through lists.
    fn value(&self, value: &Value) -> Value {
        match value {
            Value::Object(record) => Value::Object(self.object(record)),
            Value::Array(items) => items.iter().map(|item| self.value(item)).collect(),
            other => other.clone(),
        }
    }
}

fn same(left: &str, right: &str) -> bool {
    simcore::base::text::is_same(left, right)
}

/// The paths of `$select` or `$expand`.
fn paths(call: &Call, name: &str) -> Result<Option<Vec<odata::Path>>> {
    let paths = call.query.get(name).map(parse_paths).transpose();
    paths.map_err(|error| error::option(name, &error))
}
