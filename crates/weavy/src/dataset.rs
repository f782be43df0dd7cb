//! `POST /v1/Data/P/DataSet`: one document, atomically and differentially (fact sheet 9).

use std::collections::HashSet;

use axum::response::Response;
use serde_json::json;
use simcore::entity::model::Table;
use simcore::store::rows::Record;
use simcore::{Db, Result};

use crate::call::Call;
use crate::dataset_document::Document;
use crate::record::{DeleteMode, delete_option, export_option};
use crate::write::{Export, Outcome, Writer, alive_by};
use crate::{body, company, error, fetch, statistics, tables};

pub(crate) async fn import(call: Call) -> Result<Response> {
    let content = body::json(&call.headers, &call.body)?;
    let mode = delete_option(&call)?.ok_or_else(|| error::missing("deleteMode"))?;
    let export = export_option(&call)?.ok_or_else(|| error::missing("serverExport"))?;
    let ctx = call.ctx.clone();
    let answer = ctx
        .write_long(move |db| {
            let tenant = company::of_call(&call, db, None)?;
            let document = Document::read(db.model, content)?;
            let mut writer = Writer::new(db, &tenant, Export::Always(export), call.ctx.strict);
            let (mut added, mut updated) = (0, 0);
            for row in &document.rows {
                match writer.upsert(row.table, &row.code, row.record.clone(), false)? {
                    Outcome::Added => added += 1,
                    Outcome::Updated => updated += 1,
                    Outcome::Unchanged => {}
                }
            }
            let physically = mode == DeleteMode::Physical;
            let logically = mode == DeleteMode::Logical && writer.settings.flag("dataset_logical_delete");
            let absent = if physically || logically { absent(db, &tenant, &document)? } else { Vec::new() };
            for (table, record) in &absent {
                writer.delete(table, record, physically)?;
            }
            writer.finish()?;
            Ok(json!({
                "addedRow": added,
                "updatedRow": updated,
                "deletedRow": absent.len(),
                "statistics": statistics::of(document.rows.len()),
            }))
        })
        .await?;
    Ok(fetch::json(answer.to_string()))
}

/// The rows of every cited entity that are linked to a record of the document and that the document does not list.
fn absent<'a>(db: &Db<'a>, tenant: &str, document: &Document<'a>) -> Result<Vec<(&'a Table, Record)>> {
    let (mut absent, mut seen) = (Vec::new(), HashSet::new());
    for parent in &document.rows {
        for cited in &document.cited {
            for field in tables::links(cited, &parent.table.name) {
                for record in alive_by(db, tenant, cited, field, &parent.code)? {
                    let is_listed = document.lists(cited, record.text(tables::code_field(cited)));
                    if !is_listed && seen.insert((&cited.name, record.id)) {
                        absent.push((*cited, record));
                    }
                }
            }
        }
    }
    Ok(absent)
}
