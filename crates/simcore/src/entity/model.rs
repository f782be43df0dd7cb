//! A profile made ready for work: the tables of its entities, with the SQL that does not change.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::Arc;

use crate::base::map::IndexMap;
use foldhash::fast::RandomState;
use serde_json::Value;

use crate::base::random::fingerprint;
use crate::base::text::{is_same, lower};
use crate::entity::consistency::{Consistency, Reference};
use crate::entity::order::Order;
use crate::entity::profile::{Entity, Field, FieldKind, Profile};

/// Tables that every simulator has, whatever its entities.
pub const CORE_TABLES: &str = "
CREATE TABLE _meta (name TEXT PRIMARY KEY, value) WITHOUT ROWID;
CREATE TABLE _counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE _settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE _tokens (
    token TEXT PRIMARY KEY, holder TEXT NOT NULL, issued_at INTEGER NOT NULL, used_at INTEGER NOT NULL
);
";

/// One column of an entity's table; its name is the vendor's field name.
#[derive(Debug)]
pub struct Column {
    /// The field's name.
    pub name: String,
    /// The name as a quoted SQL identifier.
    pub sql: String,
    /// The name as the key of a JSON object, comma and colon included.
    pub json_key: Vec<u8>,
    /// What it holds.
    pub kind: FieldKind,
    /// Whether answers leave it out: the simulator's own attributes, and fields that must be asked for.
    pub hidden: bool,
    /// Whether a user's profile has taken the field away: nobody is shown it.
    pub gone: bool,
    /// What a new record has in it that names no value: null, unless nobody can name one.
    pub default: Value,
}

/// An entity and its table.
#[derive(Debug)]
pub struct Table {
    /// The entity's name on the wire.
    pub name: String,
    /// The name as a quoted SQL identifier.
    pub sql: String,
    /// Its description.
    pub entity: Entity,
    /// Its columns, in the order of the wire.
    pub columns: Vec<Column>,
    /// `_id`, every column, `_extra`: what [`crate::store::rows`] reads.
    pub select: String,
    /// Inserts a row: tenant, every column, `_extra`.
    pub insert: String,
    /// For each key of the entity the place of its column, and what finds the first row of a tenant by it: as `select`, and
    /// the tenant.
    pub by_key: Vec<(usize, String)>,
    /// What finds the row of an id: as `select`, and the tenant.
    pub by_id: String,
}

/// A simulator's profile and all that follows from it.
#[derive(Debug)]
pub struct Model {
    /// The profile itself.
    pub profile: Arc<Profile>,
    /// The tables by entity name.
    pub tables: IndexMap<String, Table>,
    /// The places of tables by their names in small letters.
    places: HashMap<String, usize, RandomState>,
    /// The whole schema.
    pub ddl: String,
    /// Changes when the schema does: a data file with another stamp is refused.
    pub stamp: u64,
}

impl Model {
    /// Makes `profile` ready; `schema` is what its entities cannot say.
    pub fn new(profile: Profile, schema: &str) -> Self {
        let tables: IndexMap<_, _> =
            profile.entities.iter().map(|(name, entity)| (name.clone(), Table::new(name, entity))).collect();
        let mut places = HashMap::default();
        for (place, name) in tables.keys().enumerate() {
            places.entry(lower(name).into_owned()).or_insert(place);
        }
        let mut ddl = CORE_TABLES.to_owned();
        tables.values().for_each(|table| table.write_ddl(&mut ddl, &profile.entities));
        ddl.push_str(schema);
        let stamp = fingerprint(ddl.as_bytes());
        Self { profile: Arc::new(profile), tables, places, ddl, stamp }
    }

    /// The table of `entity`, whatever the case of its name.
    pub fn table(&self, entity: &str) -> Option<&Table> {
        let in_any_case = || Some(self.tables.get_index(*self.places.get(&*lower(entity))?)?.1);
        self.tables.get(entity).or_else(in_any_case)
    }
}

impl Table {
    fn new(name: &str, entity: &Entity) -> Self {
        let shown = entity.fields.iter().map(|(name, field)| Column::new(name, field));
        let gone = entity.gone.iter().map(|(name, field)| Column::gone(name, field));
        let columns: Vec<Column> = shown.chain(gone).collect();
        let names: Vec<&str> = columns.iter().map(|column| column.sql.as_str()).collect();
        let names = names.join(", ");
        let marks = "?, ".repeat(columns.len());
        let sql = quote(name);
        let by_key = |key: &String| {
            let (place, _, _) = field(&entity.fields, key)?;
            let column = &columns[place].sql;
            let condition = format!("_tenant = ? AND {column} = ? ORDER BY _id LIMIT 1");
            Some((place, format!("SELECT _id, {names}, _extra, _tenant FROM {sql} WHERE {condition}")))
        };
        Self {
            by_key: entity.keys.iter().filter_map(by_key).collect(),
            by_id: format!("SELECT _id, {names}, _extra, _tenant FROM {sql} WHERE _id = ?"),
            select: format!("_id, {names}, _extra"),
            insert: format!("INSERT INTO {sql} (_tenant, {names}, _extra) VALUES (?, {marks}?)"),
            name: name.to_owned(),
            entity: entity.clone(),
            columns,
            sql,
        }
    }

    /// The field of that name, whatever its case, also by one of its aliases.
    pub fn field(&self, name: &str) -> Option<(usize, &str, &Field)> {
        field(&self.entity.fields, name)
    }

    fn write_ddl(&self, ddl: &mut String, entities: &IndexMap<String, Entity>) {
        let _ = write!(
            ddl,
            "CREATE TABLE {} (_id INTEGER PRIMARY KEY AUTOINCREMENT, _tenant TEXT NOT NULL",
            self.sql
        );
        for column in &self.columns {
            let _ = write!(ddl, ", {} {}", column.sql, column.kind.declaration());
        }
        ddl.push_str(", _extra TEXT");
        for (field, entity, key) in self.entity.foreign_keys(entities) {
            let (field, entity, key) = (quote(field), quote(entity), quote(key));
            let _ = write!(ddl, ", FOREIGN KEY ({field}, _tenant) REFERENCES {entity} ({key}, _tenant)");
        }
        ddl.push_str(");\n");
        self.write_views(ddl);
        // The tenant comes last: an index that began with it would be taken for every list, whose rows would then be
        // sorted, all of them, to find the first few.
        let mut index = |unique: &str, kind: &str, place: usize, fields: &[String]| {
            let columns: Vec<String> = fields.iter().map(|field| quote(field)).collect();
            let name = quote(&format!("{}_{kind}{place}", self.name));
            let columns = columns.join(", ");
            // Most fields that refer to others are empty, and nobody looks for the empty ones.
            let refers =
                |field: &String| self.entity.fields.get(field).is_some_and(|it| it.references.is_some());
            let is_partial = unique.is_empty() && fields.len() == 1 && fields.iter().all(refers);
            let only = if is_partial { format!(" WHERE {columns} IS NOT NULL") } else { String::new() };
            let _ = writeln!(ddl, "CREATE {unique} INDEX {name} ON {} ({columns}, _tenant){only};", self.sql);
        };
        for (place, fields) in self.entity.unique.iter().enumerate() {
            index("UNIQUE", "unique", place, fields);
        }
        for (place, fields) in self.entity.indexes.iter().enumerate() {
            index("", "index", place, fields);
        }
    }
}

impl Table {
    /// A view for each list of objects, a row an object, so that readers of a data file see lines of documents as
    /// tables: `invoices_Items`.
    fn write_views(&self, ddl: &mut String) {
        let lists = self
            .entity
            .fields
            .iter()
            .filter(|(_, field)| field.kind == FieldKind::List && !field.fields.is_empty());
        for (name, field) in lists {
            let view = quote(&format!("{}_{name}", self.name));
            let _ = write!(
                ddl,
                "CREATE VIEW {view} AS SELECT record._id AS _record, record._tenant, line.key AS _place"
            );
            for key in self.entity.keys.iter().filter(|key| !field.fields.contains_key(*key)) {
                let _ = write!(ddl, ", record.{}", quote(key));
            }
            for inner in field.fields.keys() {
                let path = format!("$.{}", Value::from(inner.as_str())).replace('\'', "''");
                let _ = write!(ddl, ", json_extract(line.value, '{path}') AS {}", quote(inner));
            }
            let _ = writeln!(ddl, " FROM {} AS record, json_each(record.{}) AS line;", self.sql, quote(name));
        }
    }
}

impl Table {
    /// `ORDER BY` terms of lists for which nobody asks another order, each column with `of` before it: those of a user's
    /// profile, without case and numbers as numbers; empty without.
    pub fn usual_order(&self, of: &str) -> String {
        let terms = self.entity.order.iter().flat_map(Order::terms).filter_map(|(field, direction)| {
            let column = &self.columns[self.entity.column(field)?];
            Some(format!("{} {direction}", column.collated(&format!("{of}{}", column.sql), true)))
        });
        terms.collect::<Vec<_>>().join(", ")
    }

    /// The same where a server goes by the key of its records when nobody says otherwise.
    pub fn usual_order_or_key(&self) -> String {
        let usual = self.usual_order("");
        if usual.is_empty() { self.key_order() } else { usual }
    }

    /// `ORDER BY` terms by the first key; empty where there is none.
    pub fn key_order(&self) -> String {
        self.entity.keys.first().map(|key| quote(key)).unwrap_or_default()
    }
}

impl Entity {
    /// The key that a field of that name holds when it refers to this entity: what tells its records apart and has the
    /// same name, else the first.
    pub fn key_named_by<'a>(&'a self, field: &'a str) -> &'a str {
        if self.keys.iter().chain(self.unique.iter().flatten()).any(|key| key == field) {
            return field;
        }
        self.keys.first().map_or("", String::as_str)
    }

    /// Which columns name a record of which entity, by which of its columns. SQLite wants that one to be unique.
    fn foreign_keys<'a>(&'a self, all: &'a IndexMap<String, Entity>) -> Vec<(&'a str, &'a str, &'a str)> {
        let fields = self.fields.iter().filter_map(|(name, field)| {
            let target = field.references.as_deref()?;
            Some((name.as_str(), target, all.get(target)?.key_named_by(name)))
        });
        let rules = self.consistency.iter().filter_map(|rule| match rule {
            Consistency::Reference(Reference { field, to, .. }) if to.len() == 1 => {
                let (target, key) = to[0].split_once('.')?;
                Some((field.as_str(), target, key))
            }
            _ => None,
        });
        let mut keys: Vec<(&str, &str, &str)> = Vec::new();
        for (field, target, key) in rules.chain(fields) {
            let is_unique = |it: &Entity| it.unique.iter().any(|one| one[..] == [key]);
            let is_column = self.fields.contains_key(field) && all.get(target).is_some_and(is_unique);
            if is_column && !keys.iter().any(|(known, ..)| *known == field) {
                keys.push((field, target, key));
            }
        }
        keys
    }
}

impl Column {
    fn new(name: &str, field: &Field) -> Self {
        let json_key = format!(",{}:", Value::from(name)).into_bytes();
        let hidden = field.on_demand || name.starts_with('_');
        let (name, sql) = (name.to_owned(), quote(name));
        Self { name, sql, json_key, kind: field.kind, hidden, gone: false, default: Value::Null }
    }

    fn gone(name: &str, field: &Field) -> Self {
        Self { hidden: true, gone: true, default: field.default.clone(), ..Self::new(name, field) }
    }

    /// `sql`, an expression over the column, as it compares and sorts: decimals, which are stored as texts, as numbers, and
    /// texts with their case or without.
    pub fn collated(&self, sql: &str, any_case: bool) -> String {
        match self.kind {
            FieldKind::Decimal => format!("{sql} COLLATE DECIMAL"),
            FieldKind::Text if any_case => format!("{sql} COLLATE FOLD"),
            _ => sql.to_owned(),
        }
    }
}

impl FieldKind {
    /// How a column of this kind is declared. Decimals are text, so that they stay exact. No collation of ours is
    /// declared: any SQLite opens the files. Queries that compare decimals name `DECIMAL`.
    fn declaration(self) -> &'static str {
        match self {
            Self::Integer | Self::Boolean => "INTEGER",
            Self::Decimal
            | Self::Text
            | Self::Date
            | Self::DateTime
            | Self::Binary
            | Self::Object
            | Self::List => "TEXT",
        }
    }
}

/// The field of `fields` that `name` means, whatever its case, also by one of its aliases.
pub fn field<'a>(fields: &'a IndexMap<String, Field>, name: &str) -> Option<(usize, &'a str, &'a Field)> {
    if let Some((index, key, field)) = fields.get_full(name) {
        return Some((index, key, field));
    }
    let same = |other: &str| is_same(other, name);
    fields
        .iter()
        .enumerate()
        .find(|(_, (key, field))| same(key) || field.aliases.iter().any(|alias| same(alias)))
        .map(|(index, (key, field))| (index, key.as_str(), field))
}

/// `name` as an SQL identifier.
pub fn quote(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
