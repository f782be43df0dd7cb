//! `WHK_*`: business objects behind webhooks, one for each entity of the API (fact sheet 19.1 to 19.3). Values are texts,
//! records carry `code<entity>`, and what goes wrong is said in `common`, with status 200 (assumed).

use axum::response::Response;
use serde_json::{Map, Value, json};
use simcore::entity::model::Table;
use simcore::entity::profile::FieldKind;
use simcore::{Db, Result, Select, said};

use crate::body::{self, Envelope};
use crate::call::Call;
use crate::column::Column;
use crate::events::spelled;
use crate::operators::{self, Operator};
use crate::record::code_of;
use crate::tables::{self, Access, code_field};
use crate::write::{Export, Outcome, Writer, next_code};
use crate::{company, definition, error, fetch};

/// How many records one PUT may hold, and what its answer says of it.
const MOST: usize = 10;

/// Codes that are not named after their entity.
const OTHERWISE: &[(&str, &str)] = &[("Request", "interventionrequest")];

/// A request, taken apart.
struct Request {
    table: String,
    tenant: String,
    verb: String,
    parameters: Envelope,
    data: Map<String, Value>,
    export: i64,
}

/// The entity of a webhook's code.
pub(crate) fn entity<'a>(call: &'a Call, code: &str) -> Option<&'a Table> {
    let name = code.get(..4).filter(|start| start.eq_ignore_ascii_case("WHK_")).and(code.get(4..))?;
    let other = OTHERWISE.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
    tables::find(&call.ctx.model, other.map_or(name, |(_, entity)| entity)).ok()
}

/// Answers a call of the webhook of `table`.
///
/// # Errors
/// 400 for a body that is no envelope; everything else that is wrong stands in the answer.
pub(crate) async fn answer(call: &Call, table: &Table, body: Value) -> Result<Response> {
    let request = read(call, table, body)?;
    let ctx = call.ctx.clone();
    let strict = call.ctx.strict;
    let done = match request.verb.as_str() {
        "LIST" | "GET" | "DEFINITION" => ctx.read(|db| looked_up(db, &request)).await,
        "PUT" | "DELETE" => ctx.write(|db| written(db, &request, strict)).await,
        verb => Err(said!(VERB_UNKNOWN, verb = verb).into()),
    };
    let result = match done.map_err(|error| call.ctx.words().of(error)) {
        Ok(result) => result,
        Err(refused) if refused.status.is_client_error() && !refused.message.is_empty() => {
            let common =
                json!({ "resultCode": refused.status.as_u16().to_string(), "errorMessage": refused.message });
            json!({ "common": common, "response": {} })
        }
        Err(error) => return Err(error),
    };
    Ok(fetch::json(json!({ "result": result }).to_string()))
}

fn read(call: &Call, table: &Table, body: Value) -> Result<Request> {
    let mut body = Envelope::of(body, said!(THE_BODY))?;
    let mut part = |name: &str| {
        let part = body.take(name).unwrap_or_else(|| json!({}));
        Envelope::of(part, said!(A_PROPERTY, name = name))
    };
    let (header, mut action) = (part("header")?, part("action")?);
    let parameters = Envelope::of(
        action.take("parameters").unwrap_or_else(|| json!({})),
        said!(A_PROPERTY, name = "parameters"),
    )?;
    let data = match body.take("data") {
        None => Map::new(),
        Some(Value::Object(data)) => data,
        Some(_) => return Err(error::bad_value("data", said!(EXPECTED_OBJECT))),
    };
    let export = match header.get("markForExport") {
        None => 1,
        Some(mark) => crate::record::export_value("markForExport", mark)?,
    };
    // A webhook is bound to a public account of the project, or of the company that its path names.
    let company = call.names_company() && !call.names_project();
    Ok(Request {
        table: table.name.clone(),
        tenant: if company { call.project.clone() } else { company::home_of(&call.ctx.model) },
        verb: action.mandatory("verb")?.to_ascii_uppercase(),
        parameters,
        data,
        export,
    })
}

fn fine() -> Value {
    json!({ "resultCode": "0", "errorMessage": "" })
}

fn looked_up(db: &Db<'_>, request: &Request) -> Result<Value> {
    let table = tables::find(db.model, &request.table)?;
    tables::demand(&db.settings(), table, Access::Read)?;
    let response = match request.verb.as_str() {
        "LIST" => list(db, table, request)?,
        "GET" => {
            let code = code(request)?;
            let found = db.find(table, &request.tenant, code_field(table), &code)?;
            let found = found.ok_or_else(|| error::unknown_record(&table.name, &code))?;
            json!({ "data": [shown(table, &found.values)] })
        }
        _ => definition::of(db, table, &request.tenant)?,
    };
    Ok(json!({ "common": fine(), "response": response }))
}

/// The code that GET and DELETE name.
fn code(request: &Request) -> Result<String> {
    let code = request.parameters.get("code").ok_or_else(|| error::missing("code"))?;
    body::code(code, "code")
}

/// A page of the records that are alive and meet `filters`, each a field and its value or values.
fn list(db: &Db<'_>, table: &Table, request: &Request) -> Result<Value> {
    let parameters = &request.parameters;
    let mut filters = vec![tables::alive()];
    match parameters.get("filters") {
        None => {}
        Some(Value::Object(asked)) => {
            for (name, value) in asked {
                let column = Column::find(table, &field_name(table, name))?;
                let values = value.as_array().cloned().unwrap_or_else(|| vec![value.clone()]);
                filters.push(operators::compile(Operator::AnyOf, &column, &values, None)?);
            }
        }
        Some(_) => return Err(error::bad_value("filters", said!(EXPECTED_FILTERS))),
    }
    let order = match parameters.text("orderBy")?.filter(|order| !order.is_empty()) {
        None => table.usual_order(""),
        Some(order) => {
            let ends = |end: &str| {
                let start = order.len().checked_sub(end.len())?;
                let is_end = order.get(start..)?.eq_ignore_ascii_case(end);
                is_end.then(|| &order[..start])
            };
            let (name, direction) = match (ends("Desc"), ends("Asc")) {
                (Some(name), _) => (name, "DESC"),
                (None, name) => (name.unwrap_or(order), "ASC"),
            };
            format!("{} {direction}", Column::find(table, &field_name(table, name))?.folded())
        }
    };
    let page = match parameters.get("pageNumber") {
        None => 1,
        Some(page) => body::integer(page)
            .filter(|page| *page > 0)
            .ok_or_else(|| error::bad_value("pageNumber", said!(EXPECTED_FROM_ONE)))?,
    };
    let size = u64::try_from(db.settings().integer("webhook_page_size")).unwrap_or(1).max(1);
    let select = Select { tenant: Some(&request.tenant), filters, order, ..Select::default() };
    let count = db.count(table, &select)?;
    let offset = (u64::try_from(page).unwrap_or(1) - 1).saturating_mul(size).min(i64::MAX as u64);
    let found = db.records(table, &Select { limit: Some(size), offset, ..select })?;
    let data: Vec<Value> = found.iter().map(|record| shown(table, &record.values)).collect();
    Ok(json!({ "data": data, "maxPageNumber": count.div_ceil(size).max(1).to_string() }))
}

/// A field by its own name or, of the record's code, by the one that webhooks have for it.
fn field_name(table: &Table, name: &str) -> String {
    let is_code = name.eq_ignore_ascii_case(&format!("code{}", table.name));
    if is_code { code_field(table).to_owned() } else { name.to_owned() }
}

/// `{ "<entity>": {fields} }`.
fn shown(table: &Table, values: &Map<String, Value>) -> Value {
    let own = values.get(code_field(table)).map_or(Value::Null, spelled);
    let mut fields = Map::from_iter([(format!("code{}", table.name), own)]);
    let visible = table.entity.fields.keys().filter(|name| !name.starts_with('_'));
    fields.extend(visible.map(|name| (name.clone(), spelled(values.get(name).unwrap_or(&Value::Null)))));
    json!({ table.name.as_str(): fields })
}

fn written(db: &Db<'_>, request: &Request, strict: bool) -> Result<Value> {
    let table = tables::find(db.model, &request.table)?;
    let mut writer = Writer::new(db, &request.tenant, Export::Unless(Some(request.export)), strict);
    if request.verb == "DELETE" {
        let code = code(request)?;
        let before = writer.find_alive(table, &code)?;
        let before = before.ok_or_else(|| error::unknown_record(&table.name, &code))?;
        writer.delete(table, &before, false)?;
        writer.finish()?;
        return Ok(json!({ "common": fine(), "response": {} }));
    }
    let given = request.data.iter().find(|(name, _)| name.eq_ignore_ascii_case(&table.name));
    let records = match given {
        Some((_, Value::Array(records))) => records.clone(),
        Some((_, record)) => vec![record.clone()],
        None => return Err(error::missing(&table.name)),
    };
    if records.len() > MOST {
        return Err(error::bad_value(&table.name, said!(EXPECTED_TEN_RECORDS)));
    }
    let mut done = Vec::with_capacity(records.len());
    for record in records {
        let Value::Object(mut record) = record else {
            return Err(error::bad_value(&table.name, said!(EXPECTED_RECORD)));
        };
        record.iter_mut().for_each(|(name, value)| unspell(table, name, value));
        let code = match code_of(table, &record)? {
            Some(code) => code,
            None => next_code(db, table, &request.tenant)?,
        };
        let action = match writer.upsert(table, &code, record, false)? {
            Outcome::Added => "inserted",
            Outcome::Updated | Outcome::Unchanged => "updated",
        };
        let mut line = Map::from_iter([("action".to_owned(), Value::from(action))]);
        line.insert(code_field(table).to_owned(), code.clone().into());
        line.insert(format!("code{}", table.name), code.into());
        done.push(Value::Object(line));
    }
    writer.finish()?;
    let response = json!({ "maxElementAtOnce": MOST.to_string(), "data": done });
    Ok(json!({ "results": [{ "common": fine(), "response": response }] }))
}

/// Texts of webhooks as the records have them: what is empty is nothing, where a field is no text.
fn unspell(table: &Table, name: &str, value: &mut Value) {
    let kind = table.field(name).map(|(_, _, field)| field.kind);
    match (kind, value.as_str()) {
        (Some(kind), Some("")) if kind != FieldKind::Text => *value = Value::Null,
        (Some(FieldKind::Boolean), Some("0" | "1")) => *value = (*value == "1").into(),
        _ => {}
    }
}
