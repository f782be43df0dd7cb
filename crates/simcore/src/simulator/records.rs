//! Records of a REST server that is like most: what the usual calls on them do ([`Usual`]), each a handler of a row, and
//! what a contract says of these calls.
//!
//! [`usual!`](crate::usual) makes the rows. The refusals are the profile's: `NOT_FOUND` (`{entity}`, `{key}`), where a field refers to another
//! entity `NO_REFERENCE` (`{field}`, `{entity}`, `{key}`), and where clients name records `TAKEN` (`{entity}`, `{key}`); what is wrong with a body or a parameter is told by
//! [`Simulator::problems`](crate::Simulator).

use crate::base::map::IndexMap;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use odata::{Bind, Sql};
use serde_json::{Map, Value};

use crate::base::error::{Error, Result};
use crate::contract::{ExampleKeys, Holds, JSON, Operation, Parameter, Scalar, Shape, Usual};
use crate::entity::model::{Model, Table};
use crate::entity::profile::{Evidence, Field, FieldKind};
use crate::entity::validate::{Problem, Purpose, Rule, check_record, normalise};
use crate::simulator::ctx::Ctx;
use crate::simulator::lists::{Envelope, Paging, Part};
use crate::simulator::rest;
use crate::simulator::route::Call;
use crate::store::db::{Db, Select};
use crate::store::numbers::Code;
use crate::store::rows::{ColumnSelection, Record};

/// How the server keeps the records of an entity.
#[derive(Debug)]
pub struct Records {
    /// The entity in the profile.
    pub entity: &'static str,
    /// The field that names a record, and the variable of paths that holds it.
    pub key: &'static str,
    /// The codes that the server gives to new ones; nothing where the client names them.
    pub code: Option<Code<'static>>,
    /// Fields that are parameters of the list too: a record must have the value that the client names.
    pub filters: &'static [&'static str],
    /// How the list is asked for in parts.
    pub paging: Paging,
    /// What answers stand in; nothing where they are the bare record or list.
    pub envelope: Option<Envelope>,
    /// Whether a client may change a record, remove it or do something with it. Calls that look at this otherwise, as one
    /// that opens again what is closed, are rows of a second `Records` of the same entity.
    pub check_open: fn(&Ctx, &Record) -> Result<()>,
}

/// What becomes of a record when a client does something with it: the fields that change.
pub type Act = fn(&Ctx, &Db<'_>, &Record) -> Result<Map<String, Value>>;

/// What a row of a usual call is about: whose records, and what it does with them.
pub type Subject = (&'static Records, Usual);

/// The row of a usual call, so that what answers it and what the contract says of it are one:
/// `usual!(List, "/api/tickets", TICKETS)`, `usual!(Act, "/api/tickets/{number}/close", TICKETS, close, "Close it")`. A call of the
/// vendor's own stands among them as `usual!(Own, "GET", "/api/tickets/{number}/age", TICKETS, age, "How old it is")`: its
/// handler gives [`Records::answer`], and the vendor's contract adds what it takes and gives.
#[macro_export]
macro_rules! usual {
    (List, $path:literal, $of:ident) => { $crate::usual!(@ "GET", $path, $of, List, list) };
    (Create, $path:literal, $of:ident) => { $crate::usual!(@ "POST", $path, $of, Create, create) };
    (Read, $path:literal, $of:ident) => { $crate::usual!(@ "GET", $path, $of, Read, read) };
    (Change, $path:literal, $of:ident) => { $crate::usual!(@ "PATCH", $path, $of, Change, change) };
    (Remove, $path:literal, $of:ident) => { $crate::usual!(@ "DELETE", $path, $of, Remove, remove) };
    (Act, $path:literal, $of:ident, $act:path, $about:literal) => {
        $crate::simulator::route::Route::assumed(
            "POST",
            $path,
            $crate::handler!($crate::simulator::records::act, &$of, $act),
            (&$of, $crate::contract::Usual::Act($about)),
        )
    };
    (Own, $verb:literal, $path:literal, $of:ident, $handler:path, $about:literal) => {
        $crate::simulator::route::Route::assumed(
            $verb,
            $path,
            $crate::handler!($handler),
            (&$of, $crate::contract::Usual::Own($about)),
        )
    };
    (@ $verb:literal, $path:literal, $of:ident, $does:ident, $handler:ident) => {
        $crate::simulator::route::Route::assumed(
            $verb,
            $path,
            $crate::handler!($crate::simulator::records::$handler, &$of),
            (&$of, $crate::contract::Usual::$does),
        )
    };
}

/// Records in order of creation, those that the parameters choose.
pub async fn list(call: Call, of: &'static Records) -> Result<Response> {
    let tenant = call.ctx.principal().tenant;
    let listed = call.ctx.read(|db| {
        let table = db.table(of.entity)?;
        let (select, part) = of.select(&call, table, &tenant)?;
        let list = db.list(table, &ColumnSelection::plain(table), &select)?;
        let Some(envelope) = of.envelope else { return Ok(list) };
        let total = if envelope.meta.is_empty() { 0 } else { db.count(table, &select)? };
        Ok(envelope.around_list(&list, of.paging, part, total))
    });
    Ok(rest::answer(listed.await?))
}

/// The record that the path names.
pub async fn read(call: Call, of: &'static Records) -> Result<Response> {
    let tenant = call.ctx.principal().tenant;
    let found = call.ctx.read(|db| of.shown(db, of.find(db, &tenant, call.variable(of.key))?.id));
    Ok(of.answer(found.await?))
}

/// A new record, completed by the simulator: 201 with its path.
pub async fn create(call: Call, of: &'static Records) -> Result<Response> {
    let body = rest::object(&call.headers, &call.body, &[JSON])?;
    let tenant = call.ctx.principal().tenant;
    let created = call.ctx.write(|db| {
        let table = db.table(of.entity)?;
        let mut record = of.checked(&call.ctx, db, &tenant, body, Purpose::Create)?;
        (call.ctx.sim.complete)(db, of.entity, &tenant, &mut record)?;
        let key = record.get(of.key).map(text).unwrap_or_default();
        let id = db.insert(table, &tenant, &record).map_err(|error| of.taken(db, error, &key))?;
        Ok((of.shown(db, id)?, key))
    });
    let (shown, key) = created.await?;
    let operation = call.found.operation.and_then(|place| call.contract.operations.get(place));
    let path = operation.map_or("", |operation| operation.path.as_str());
    Ok(rest::created(&format!("{}{path}/{}", call.ctx.prefix, rest::segment(&key)), of.enveloped(shown)))
}

/// Changes what the body names of a record that is open.
pub async fn change(call: Call, of: &'static Records) -> Result<Response> {
    let body = rest::object(&call.headers, &call.body, &[JSON])?;
    let tenant = call.ctx.principal().tenant;
    let changed = call.ctx.write(|db| {
        let record = of.find_open(&call, db, &tenant)?;
        let changes = of.checked(&call.ctx, db, &tenant, body, Purpose::Change)?;
        of.change(&call.ctx, db, record, changes)
    });
    Ok(of.answer(changed.await?))
}

/// Does something with a record that is open, and shows it.
pub async fn act(call: Call, of: &'static Records, act: Act) -> Result<Response> {
    let tenant = call.ctx.principal().tenant;
    let done = call.ctx.write(|db| {
        let record = of.find_open(&call, db, &tenant)?;
        let changes = act(&call.ctx, db, &record)?;
        of.change(&call.ctx, db, record, changes)
    });
    Ok(of.answer(done.await?))
}

/// Removes a record that is open: 204.
pub async fn remove(call: Call, of: &'static Records) -> Result<Response> {
    let tenant = call.ctx.principal().tenant;
    let removed = call.ctx.write(|db| {
        let record = of.find_open(&call, db, &tenant)?;
        (call.ctx.sim.deleted)(db, of.entity, &record)?;
        db.delete(db.table(of.entity)?, record.id)
    });
    removed.await.map(|()| StatusCode::NO_CONTENT.into_response())
}

/// What the server fills in of records of `entity`, wherever they come from: the code of one that has none.
pub fn complete(
    all: &[&Records],
    db: &Db<'_>,
    entity: &str,
    tenant: &str,
    record: &mut Map<String, Value>,
) -> Result<()> {
    let Some(of) = all.iter().find(|of| of.entity == entity) else { return Ok(()) };
    if let Some(code) = of.code.filter(|_| record.get(of.key).is_none_or(Value::is_null)) {
        let code = db.next_code(db.table(entity)?, tenant, of.key, code)?;
        record.insert(of.key.to_owned(), code.into());
    }
    Ok(())
}

impl Records {
    /// Those of `entity`, which `key` names, as most servers keep them.
    pub const fn of(entity: &'static str, key: &'static str) -> Self {
        let paging = Paging::Offset(["limit", "offset"]);
        Self { entity, key, code: None, filters: &[], paging, envelope: None, check_open: |_, _| Ok(()) }
    }

    /// The same with codes that the server gives: `prefix` and a number of at least four digits, from 1.
    #[must_use]
    pub const fn coded(self, prefix: &'static str) -> Self {
        Self { code: Some(Code { prefix, digits: 4, first: 1 }), ..self }
    }

    /// The record of that key.
    ///
    /// # Errors
    /// `NOT_FOUND`.
    pub fn find(&self, db: &Db<'_>, tenant: &str, key: &str) -> Result<Record> {
        let found = db.find(db.table(self.entity)?, tenant, self.key, key)?;
        found.ok_or_else(|| said!(NOT_FOUND, entity = self.entity, key = key).into())
    }

    /// Changes a stored record, completed by the simulator, and gives it as it is shown.
    pub fn change(
        &self,
        ctx: &Ctx,
        db: &Db<'_>,
        stored: Record,
        changes: Map<String, Value>,
    ) -> Result<Vec<u8>> {
        let (table, id, mut record) = (db.table(self.entity)?, stored.id, stored.values);
        record.extend(changes);
        (ctx.sim.complete)(db, self.entity, &db.tenant(table, id)?, &mut record)?;
        let key = record.get(self.key).map(text).unwrap_or_default();
        db.update(table, id, &record).map_err(|error| self.taken(db, error, &key))?;
        self.shown(db, id)
    }

    /// 200 with the JSON of a record, or of something about one, in the envelope.
    pub fn answer(&self, shown: Vec<u8>) -> Response {
        rest::answer(self.enveloped(shown))
    }

    /// What a contract says of the body of [`Records::answer`].
    pub fn shape(&self, shape: Shape, evidence: Evidence) -> Shape {
        match &self.envelope {
            Some(envelope) => envelope.shape(shape, None, evidence),
            None => shape,
        }
    }

    /// What a contract says of a usual call on them.
    pub fn described(
        &self,
        operation: Operation,
        does: Usual,
        model: &Model,
        keys: &mut ExampleKeys,
    ) -> Operation {
        let Some(table) = model.table(self.entity) else { return operation };
        debug_assert!(
            self.is_worded(model, table),
            "the errors of a profile lack NOT_FOUND, NO_REFERENCE or TAKEN, which its records need"
        );
        debug_assert!(
            self.filters.iter().all(|name| table.field(name).is_some()),
            "a filter of records names a field that their entity does not have"
        );
        let evidence = operation.evidence;
        let operation = operation.usual(does, table, self.key, keys);
        let operation = match &self.envelope {
            Some(envelope) => envelope.operation(operation, does, self.paging),
            None => operation,
        };
        if does != Usual::List {
            return operation;
        }
        let filters = self.filters.iter().filter_map(|name| {
            let (_, _, field) = table.field(name)?;
            let scalar = match Shape::of_field(field, Purpose::Answer) {
                Shape::Value(scalar) => scalar,
                _ => Scalar::of(field.kind),
            };
            let example = field.values.first().or_else(|| table.entity.example.get(name));
            let about = format!("Only records with this {name}.").into();
            let filter = Parameter { about, ..Parameter::query(*name, Holds::Value(scalar), evidence) };
            Some(filter.example(example.cloned().unwrap_or_default()))
        });
        self.paging.described(operation.with(filters), evidence)
    }

    fn enveloped(&self, shown: Vec<u8>) -> Vec<u8> {
        match &self.envelope {
            Some(envelope) => envelope.around(&shown),
            None => shown,
        }
    }

    /// A refusal of the store in the vendor's words, where it is that another record has the place of this one.
    fn taken(&self, db: &Db<'_>, error: Error, key: &str) -> Error {
        let is_worded = db.model.profile.errors.contains_key("TAKEN");
        if error.status == StatusCode::CONFLICT && is_worded {
            return said!(TAKEN, entity = self.entity, key = key).into();
        }
        error
    }

    /// Whether the profile has what is said of records that are not there, or there already.
    fn is_worded(&self, model: &Model, table: &Table) -> bool {
        let has = |name| model.profile.errors.contains_key(name);
        let is_named_by_clients = self.code.is_none();
        has("NOT_FOUND")
            && (has("NO_REFERENCE") || !refers(&table.entity.fields))
            && (has("TAKEN") || !is_named_by_clients)
    }

    fn find_open(&self, call: &Call, db: &Db<'_>, tenant: &str) -> Result<Record> {
        let record = self.find(db, tenant, call.variable(self.key))?;
        (self.check_open)(&call.ctx, &record).map(|()| record)
    }

    fn shown(&self, db: &Db<'_>, id: i64) -> Result<Vec<u8>> {
        let table = db.table(self.entity)?;
        db.shown(table, &ColumnSelection::plain(table), id)
    }

    /// A body against the entity, and what it refers to against what is there.
    fn checked(
        &self,
        ctx: &Ctx,
        db: &Db<'_>,
        tenant: &str,
        body: Map<String, Value>,
        purpose: Purpose,
    ) -> Result<Map<String, Value>> {
        let table = db.table(self.entity)?;
        let record = check_record(db.model, table, body, purpose).map_err(ctx.sim.problems)?;
        hold_references(db, tenant, &table.entity.fields, &record).map(|()| record)
    }

    fn select<'a>(&self, call: &Call, table: &Table, tenant: &'a str) -> Result<(Select<'a>, Part)> {
        let mut problems = Vec::new();
        let part = self.paging.part(&call.query, &mut problems);
        let mut filters = Vec::new();
        for name in self.filters {
            let (Some(given), Some((index, _, field))) = (call.query.get(name), table.field(name)) else {
                continue;
            };
            match bind(field.kind, given) {
                Some(bind) => {
                    let column = &table.columns[index];
                    let text = format!("{} = ?", column.collated(&column.sql, false));
                    filters.push(Sql { text, binds: vec![bind] });
                }
                None => problems.push(Problem { path: (*name).to_owned(), rule: Rule::Kind(field.kind) }),
            }
        }
        if !problems.is_empty() {
            return Err((call.ctx.sim.problems)(problems));
        }
        let Part { limit, offset, .. } = part;
        let order = table.usual_order("");
        Ok((Select { tenant: Some(tenant), filters, order, limit, offset }, part))
    }
}

/// The value of a parameter as a column of this kind holds it; nothing where it cannot.
fn bind(kind: FieldKind, given: &str) -> Option<Bind> {
    let value = normalise(kind, given.into())?;
    Some(match &value {
        Value::Bool(flag) => Bind::Integer((*flag).into()),
        value => value
            .as_i64()
            .filter(|_| kind == FieldKind::Integer)
            .map_or_else(|| Bind::Text(text(value)), Bind::Integer),
    })
}

/// A value as a key in a path.
fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// Whether one of the fields, or of those inside, refers to another entity.
fn refers(fields: &IndexMap<String, Field>) -> bool {
    fields.values().any(|field| field.references.is_some() || refers(&field.fields))
}

/// What a record refers to, its lines too, must be there.
fn hold_references(
    db: &Db<'_>,
    tenant: &str,
    fields: &IndexMap<String, Field>,
    record: &Map<String, Value>,
) -> Result<()> {
    for (name, field) in fields {
        match (record.get(name), &field.references) {
            (None | Some(Value::Null), _) => {}
            (Some(key), Some(target)) => {
                let key = text(key);
                if db.find_key_id(db.table(target)?, tenant, &key)?.is_none() {
                    return Err(said!(NO_REFERENCE, field = name, entity = target, key = key).into());
                }
            }
            (Some(Value::Object(inner)), None) => hold_references(db, tenant, &field.fields, inner)?,
            (Some(Value::Array(items)), None) => {
                let lines = items.iter().filter_map(Value::as_object);
                lines.into_iter().try_for_each(|line| hold_references(db, tenant, &field.fields, line))?;
            }
            (Some(_), None) => {}
        }
    }
    Ok(())
}
