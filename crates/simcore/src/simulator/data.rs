//! Records past the vendor's rules: for seed data, scenarios and the control API.

use crate::base::map::IndexMap;
use axum::http::StatusCode;
use odata::{Bind, Sql};
use serde_json::{Map, Value};

use crate::base::diagnostics::unknown;
use crate::base::error::{Error, Result};
use crate::entity::model::Table;
use crate::entity::profile::{Field, Unknown};
use crate::entity::required;
use crate::entity::validate::{self, AMOUNT_DIGITS, Problem, Purpose, Rule};
use crate::simulator::Loaded;
use crate::store::db::{Db, Select};
use crate::store::functions::fold;
use crate::store::rows::Record;

/// The table of `entity`.
///
/// # Errors
/// 404 that names the nearest entity there is.
pub fn table<'a>(server: &'a Loaded, entity: &str) -> Result<&'a Table> {
    server.model.table(entity).ok_or_else(|| {
        let message = unknown("entity", entity, server.model.tables.keys().map(String::as_str));
        Error::vendor(StatusCode::NOT_FOUND, "unknown_entity", message)
    })
}

/// The company that is meant: what the caller says, or the vendor's default; empty where there are no companies.
pub fn tenant(server: &Loaded, named: Option<&str>) -> String {
    let default = server.model.profile.tenant.as_ref().map(|tenant| tenant.default.as_str());
    default.map(|default| named.unwrap_or(default).to_owned()).unwrap_or_default()
}

/// Stores a record in wire form, completed by the simulator.
///
/// # Errors
/// 400 with the fields that are wrong, 409 when its key exists.
pub fn create(
    server: &Loaded,
    db: &Db<'_>,
    table: &Table,
    company: Option<&str>,
    record: Map<String, Value>,
) -> Result<i64> {
    let (tenant, record) = completed(server, db, table, company, record)?;
    db.insert(table, &tenant, &record)
}

/// Stores a record of the seed data that comes with the program: as [`create`], and it names every field that the server's
/// own profile requires. Without a value such a field is null there.
///
/// # Errors
/// As [`create`].
pub fn load(server: &Loaded, db: &Db<'_>, table: &Table, record: Map<String, Value>) -> Result<i64> {
    let (tenant, record) = completed(server, db, table, None, record)?;
    let mut problems = required::unnamed(&table.entity.fields, &record);
    if !problems.is_empty() {
        // What a user's profile requires it requires of clients.
        let own = server.own_model().table(&table.name);
        let own = own.map(|own| required::unnamed(&own.entity.fields, &record)).unwrap_or_default();
        problems.retain(|problem| own.contains(problem));
    }
    if problems.is_empty() { db.insert(table, &tenant, &record) } else { Err(refused(table, problems)) }
}

/// A record in wire form as it is stored, completed by the simulator, and its company.
fn completed(
    server: &Loaded,
    db: &Db<'_>,
    table: &Table,
    company: Option<&str>,
    mut record: Map<String, Value>,
) -> Result<(String, Map<String, Value>)> {
    let tenant = take_tenant(server, company, &mut record);
    let worded = |error| db.words().of(error);
    (server.sim.received)(db, &table.name, &mut record).map_err(worded)?;
    let mut record = check(server, table, record, Purpose::Load)?;
    (server.sim.complete)(db, &table.name, &tenant, &mut record).map_err(worded)?;
    Ok((tenant, record))
}

/// Writes the given fields into a record; the others stay. The simulator completes the whole again: parts that are
/// new get their keys, totals follow.
///
/// # Errors
/// 400 with the fields that are wrong, 409 when its key exists.
pub fn change(
    server: &Loaded,
    db: &Db<'_>,
    table: &Table,
    id: i64,
    mut changes: Map<String, Value>,
) -> Result<()> {
    take_tenant(server, None, &mut changes);
    let worded = |error| db.words().of(error);
    (server.sim.received)(db, &table.name, &mut changes).map_err(worded)?;
    let mut changes = check(server, table, changes, Purpose::Correct)?;
    let before = db.load(table, id)?;
    (server.sim.changed)(db, &table.name, &before, &mut changes).map_err(worded)?;
    let mut record = before.values;
    record.extend(changes);
    (server.sim.complete)(db, &table.name, &db.tenant(table, id)?, &mut record).map_err(worded)?;
    db.update(table, id, &record)
}

/// Deletes a record.
///
/// # Errors
/// When the database cannot be written.
pub fn remove(server: &Loaded, db: &Db<'_>, table: &Table, record: &Record) -> Result<()> {
    (server.sim.deleted)(db, &table.name, record).map_err(|error| db.words().of(error))?;
    db.delete(table, record.id)
}

/// The record that `key` names.
///
/// # Errors
/// 404 when there is none.
pub fn find(server: &Loaded, db: &Db<'_>, table: &Table, company: Option<&str>, key: &str) -> Result<Record> {
    let found = db.find_key(table, &tenant(server, company), key)?;
    found.ok_or_else(|| {
        Error::vendor(StatusCode::NOT_FOUND, "unknown_record", format!("no {} `{key}`", table.name))
    })
}

/// Which records of a list are meant.
#[derive(Clone, Debug, Default)]
pub struct Page {
    /// How many at most; all without it.
    pub limit: Option<u64>,
    /// How many are passed over first.
    pub offset: u64,
    /// A literal part of any field or of the key, in any case; empty for all records.
    pub containing: String,
}

/// Records of a company, in order of creation, and how many there are whatever the page.
pub fn page(
    server: &Loaded,
    db: &Db<'_>,
    table: &Table,
    company: Option<&str>,
    page: &Page,
) -> Result<(Vec<Record>, u64)> {
    let tenant = tenant(server, company);
    let mut select = Select { tenant: Some(&tenant), ..Select::default() };
    if !page.containing.is_empty() {
        select.filters.push(containing(table, &page.containing));
    }
    let total = db.count(table, &select)?;
    (select.limit, select.offset) = (page.limit, page.offset);
    let records = if page.limit == Some(0) { Vec::new() } else { db.records(table, &select)? };
    Ok((records, total))
}

/// Every record of every company by entity, as files of seed data hold them.
pub fn everything(server: &Loaded, db: &Db<'_>) -> Result<Map<String, Value>> {
    let attribute = server.model.profile.tenant.as_ref().map(|tenant| tenant.attribute.as_str());
    let mut entities = Map::new();
    for table in server.model.tables.values() {
        let mut records = Vec::new();
        for mut record in db.records(table, &Select::default())? {
            if let Some(attribute) = attribute {
                record.values.insert(attribute.to_owned(), db.tenant(table, record.id)?.into());
            }
            records.push(Value::Object(record.values));
        }
        entities.insert(table.name.clone(), records.into());
    }
    Ok(entities)
}

/// Whether a record, whose fields `value` gives, is one that the vendor only marks as deleted.
pub fn is_deleted<'v>(server: &Loaded, value: impl Fn(&str) -> Option<&'v Value>) -> bool {
    server.model.profile.deleted.iter().any(|(field, mark)| value(field) == Some(mark))
}

/// How many records a company has.
pub fn count(server: &Loaded, db: &Db<'_>, table: &Table, company: Option<&str>) -> Result<u64> {
    let tenant = tenant(server, company);
    db.count(table, &Select { tenant: Some(&tenant), ..Select::default() })
}

/// That some column holds `text`, whatever its case. Lists and objects are searched as they are stored, as JSON.
fn containing(table: &Table, text: &str) -> Sql {
    let columns = table.columns.iter().map(|column| column.sql.as_str()).chain(["_extra"]);
    let whole: Vec<String> = columns.map(|column| format!("coalesce({column}, '')")).collect();
    // A character that no text of a client has keeps the end of one column from the beginning of the next.
    let whole = whole.join(" || char(1) || ");
    Sql { text: format!("instr(fold({whole}), ?) > 0"), binds: vec![Bind::Text(fold(text))] }
}

/// Takes the attribute that carries the company out of `record` and gives the company that is meant: the record's
/// own, or `company`, or the vendor's default.
pub fn take_tenant(server: &Loaded, company: Option<&str>, record: &mut Map<String, Value>) -> String {
    let attribute = server.model.profile.tenant.as_ref().map(|tenant| tenant.attribute.as_str());
    let own = attribute.and_then(|attribute| record.remove(attribute));
    let own = own.map(|own| own.as_str().map_or_else(|| own.to_string(), str::to_owned));
    tenant(server, own.as_deref().or(company))
}

/// The record as it is stored, past the rules that the vendor has for clients.
///
/// # Errors
/// 400 with the fields that are wrong.
pub fn check(
    server: &Loaded,
    table: &Table,
    record: Map<String, Value>,
    purpose: Purpose,
) -> Result<Map<String, Value>> {
    let unknown = match server.model.profile.unknown_properties {
        Unknown::Keep => Unknown::Keep,
        Unknown::Ignore | Unknown::Refuse => Unknown::Refuse,
    };
    let fields = validate::fields_for(&table.entity, purpose);
    validate::check(&fields, record, purpose, unknown).map_err(|problems| refused(table, problems))
}

/// What is wrong with a record, in the core's words.
fn refused(table: &Table, problems: Vec<Problem>) -> Error {
    let error = Error::vendor(StatusCode::BAD_REQUEST, "invalid_record", format!("not a {}", table.name));
    problems.into_iter().fold(error, |error, problem| {
        let why = match &problem.rule {
            Rule::Required => "is missing".to_owned(),
            Rule::Kind(kind) => format!("must be of kind {}", kind.name()),
            Rule::OneOf(values) => format!("must be one of {}", Value::Array(values.clone())),
            Rule::TooLong(longest) => format!("has more than {longest} characters"),
            Rule::Least(least) => format!("must be at least {least}"),
            Rule::Greatest(greatest) => format!("must be at most {greatest}"),
            Rule::TooLarge => format!("has more than {AMOUNT_DIGITS} digits before the point"),
            Rule::TooPrecise => "has more digits than can be kept".to_owned(),
            Rule::Unknown => no_field(&table.entity.fields, &problem.path),
        };
        error.detail(problem.path, why)
    })
}

/// That `path` (`address.stret`, `lines[0].nme`) leads to no field, with the nearest one beside it.
fn no_field(fields: &IndexMap<String, Field>, path: &str) -> String {
    let (parents, name) = path.rsplit_once('.').unwrap_or(("", path));
    let mut beside = fields;
    for parent in parents.split('.').filter(|parent| !parent.is_empty()) {
        let parent = parent.split('[').next().unwrap_or_default();
        match beside.get(parent) {
            Some(field) => beside = &field.fields,
            None => break,
        }
    }
    unknown("field", name, beside.keys().map(String::as_str))
}
