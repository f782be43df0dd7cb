//! `$select` and `$expand`: which parts of a record an answer shows (fact sheet 5.1).

use serde_json::{Map, Value};
use simcore::Result;
use simcore::entity::model::Table;
use simcore::store::rows::{self, ColumnSelection, Row};

use crate::call::Call;
use crate::list::paths;

/// What is shown of each record.
pub(crate) struct Projection {
    shape: ColumnSelection,
    /// Paths below the top level, or properties that no field describes: these need a tree.
    chosen: Option<Chosen>,
}

/// Names at one level: shown whole, or with what is chosen below them.
#[derive(Default)]
struct Chosen(Vec<(String, Option<Chosen>)>);

impl Projection {
    /// What the query asks for.
    pub(crate) fn new(call: &Call, table: &Table) -> Result<Self> {
        let expanded = paths(call, "$expand")?.unwrap_or_default();
        let shape = ColumnSelection::public(table, |name| {
            expanded.iter().any(|path| path.segments().first().is_some_and(|first| same(first, name)))
        });
        let Some(selected) = paths(call, "$select")?.filter(|paths| !paths.is_empty()) else {
            return Ok(Self::plain(shape));
        };
        let plain = |path: &odata::Path| {
            path.segments().len() == 1
                && path.segments().first().is_some_and(|name| table.field(name).is_some())
        };
        if selected.iter().all(plain) {
            let chosen: Vec<&str> =
                selected.iter().filter_map(|path| Some(table.field(path.segments().first()?)?.1)).collect();
            return Ok(Self::plain(shape.only(table, |name| chosen.contains(&name))));
        }
        let mut chosen = Chosen::default();
        for path in &selected {
            chosen.add(path.segments());
        }
        Ok(Self { shape, chosen: Some(chosen) })
    }

    /// All that `shape` has.
    pub(crate) fn plain(shape: ColumnSelection) -> Self {
        Self { shape, chosen: None }
    }

    /// Writes `row` as JSON.
    pub(crate) fn write(&self, table: &Table, row: &Row<'_>, out: &mut Vec<u8>) -> Result<()> {
        let Some(chosen) = &self.chosen else { return rows::write(table, &self.shape, row, out) };
        let mut whole = Vec::new();
        rows::write(table, &self.shape, row, &mut whole)?;
        let record: Map<String, Value> = serde_json::from_slice(&whole)?;
        serde_json::to_writer(out, &chosen.object(&record))?;
        Ok(())
    }
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
    left == right || left.to_lowercase() == right.to_lowercase()
}
