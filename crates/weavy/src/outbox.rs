//! `POST /v1/data/P/outbox/report/?eventActionCode=`: a report to be made and sent (fact sheet 16).

use axum::response::Response;
use serde_json::{Map, Value, json};
use simcore::entity::model::Table;
use simcore::entity::profile::FieldKind;
use simcore::entity::validate::Purpose;
use simcore::store::rows::Record;
use simcore::{Db, Result, said};

use crate::body::{self, Envelope};
use crate::call::Call;
use crate::record::export_of;
use crate::tables::Access;
use crate::write::{Export, Writer};
use crate::{company, error, fetch, tables, task};

/// Properties that must be there.
const MANDATORY: [&str; 5] = ["baseOutbox_ID", "confreport_ID", "rowID", "sourceEntity", "baseUser_ID"];

/// Properties of an attachment, all mandatory.
const ATTACHMENT: [&str; 5] = ["entity", "dataColumn", "rowID", "name", "mimeType"];

pub(crate) async fn report(call: &Call) -> Result<Response> {
    let table = tables::open(&call.ctx, "baseoutbox", Access::Insert)?;
    let mut body = body::json(&call.headers, &call.body)?;
    if let Value::Object(properties) = &mut body {
        spell_lists(properties);
    }
    let mut body = Envelope::of(body, said!(THE_BODY))?;
    let event = call.query.get("eventActionCode").filter(|code| !code.trim().is_empty());
    let event = event.ok_or_else(|| error::missing("eventActionCode"))?;
    for name in MANDATORY {
        let value = body.get(name).ok_or_else(|| error::missing(name))?;
        body::code(value, name)?;
    }
    let attachments = body.take_list("attachments")?.unwrap_or_default();
    let export = Export::Unless(export_of(call, &body)?);
    let answer = call
        .ctx
        .write(|db| {
            task::check(&db.settings(), event)?;
            let tenant = company::of_call(call, db, body.get("companyCode"))?;
            let mut writer = Writer::new(db, &tenant, export, call.ctx.strict);
            let mut record = record(table, &body)?;
            let code = body::code(body.get("baseOutbox_ID").unwrap_or(&Value::Null), "baseOutbox_ID")?;
            record.insert("eventActionCode".to_owned(), event.into());
            record.insert("status".to_owned(), "Pending".into());
            let mut record = writer.check(table, &code, record, Purpose::Create)?;
            if !matches!(record.get("fromArchive").and_then(Value::as_i64), None | Some(0..=2)) {
                return Err(error::bad_value("fromArchive", said!(EXPECTED_ARCHIVE)));
            }
            let text = |name: &str| record.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
            exists(&writer, "sourceEntity", &text("sourceEntity"), &text("rowID"))?;
            attachments.iter().try_for_each(|attachment| attached(&writer, attachment))?;
            record.insert("_attachments".to_owned(), Value::Array(attachments.clone()));
            writer.create(table, &code, record)?;
            writer.finish()?;
            task::create(db, event)?;
            Ok(json!({ "baseoutbox_ID": code }))
        })
        .await?;
    Ok(fetch::json(answer.to_string()))
}

/// What of the body is written into the outbox row.
fn record(table: &Table, body: &Envelope) -> Result<Map<String, Value>> {
    let mut record = Map::new();
    for column in table.columns.iter().filter(|column| !column.hidden) {
        if let Some(value) = body.get(&column.name) {
            record.insert(column.name.clone(), value.clone());
        }
    }
    // What is exported is the caller's word, see `export_of`.
    record.remove("srvExport");
    record.remove("srvDateUTC");
    record.remove("srvAttrib");
    if record.get("print").and_then(body::integer).is_some_and(i64::is_negative) {
        return Err(error::bad_value("print", said!(EXPECTED_COPIES)));
    }
    record.entry("fromArchive").or_insert_with(|| 0.into());
    record.entry("print").or_insert_with(|| 0.into());
    record.entry("isBodyHtml").or_insert_with(|| false.into());
    Ok(record)
}

/// The longest text of a report, in characters.
const LONGEST: usize = 10_000;

/// The report that an outbox row asks for, as far as it can be seen: which file, for whom, and the fields of its record as
/// text. The control API shows it; layouts of reports are not simulated.
pub(crate) fn made(db: &Db<'_>, row: &Record) -> Result<Value> {
    let tenant = db.tenant(db.table("baseoutbox")?, row.id)?;
    let find = |entity: &str, code: &str| match tables::find(db.model, entity) {
        Ok(table) => db.find(table, &tenant, tables::code_field(table), code),
        Err(_) => Ok(None),
    };
    let definition = find("confreport", row.text("confreport_ID"))?;
    let of_definition = |name: &str| definition.as_ref().map(|it| it.text(name)).unwrap_or_default();
    let source = find(row.text("sourceEntity"), row.text("rowID"))?;
    let filled = |(name, value): (&String, &Value)| {
        let is_shown = !value.is_null() && !name.starts_with('_') && !name.starts_with("srv");
        is_shown
            .then(|| format!("{name}: {}\n", value.as_str().map_or_else(|| value.to_string(), str::to_owned)))
    };
    let mut text = format!("{}\n", of_definition("label"));
    text.extend(source.iter().flat_map(|source| source.values.iter()).filter_map(filled));
    let text: String = text.chars().take(LONGEST).collect();
    let name = Some(row.text("filename")).filter(|name| !name.is_empty());
    Ok(json!({
        "fileName": name.unwrap_or(of_definition("filename")),
        "pathExport": row.text("pathExport"),
        "copies": row.values.get("print"),
        "emailTo": row.text("emailto"),
        "text": text,
    }))
}

/// Lists of addresses are kept as one text.
fn spell_lists(properties: &mut Map<String, Value>) {
    for (name, value) in properties {
        let is_list = ["replyto", "emailto"].iter().any(|known| name.eq_ignore_ascii_case(known));
        if let (true, Value::Array(items)) = (is_list, &*value) {
            let addresses: Option<Vec<&str>> = items.iter().map(Value::as_str).collect();
            if let Some(addresses) = addresses {
                *value = addresses.join(";").into();
            }
        }
    }
}

/// # Errors
/// 400 when there is no such record.
fn exists<'a>(writer: &Writer<'a>, property: &str, entity: &str, code: &str) -> Result<&'a Table> {
    let unknown = |_| said!(PROPERTY_ENTITY_UNKNOWN, property = property, entity = entity);
    let table = tables::find(writer.db.model, entity).map_err(unknown)?;
    match writer.find_alive(table, code)? {
        Some(_) => Ok(table),
        None => Err(said!(CODE_UNKNOWN, entity = entity, code = code).into()),
    }
}

/// # Errors
/// 400 when an attachment is not whole, or its record or its column does not exist.
fn attached(writer: &Writer<'_>, attachment: &Value) -> Result<()> {
    let attachment = Envelope::of(attachment.clone(), said!(AN_ATTACHMENT))?;
    for name in ATTACHMENT {
        attachment.get(name).ok_or_else(|| error::missing(name))?;
    }
    let code = body::code(attachment.get("rowID").unwrap_or(&Value::Null), "rowID")?;
    let table = exists(writer, "attachments", attachment.mandatory("entity")?, &code)?;
    let column = attachment.mandatory("dataColumn")?;
    if table.field(column).is_none_or(|(_, _, field)| field.kind != FieldKind::Binary) {
        return Err(said!(NO_BINARY_FIELD, entity = &table.name, field = column).into());
    }
    Ok(())
}
