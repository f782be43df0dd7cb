//! A batch of records in one `POST` (fact sheet 6.2).

use axum::http::StatusCode;
use axum::response::Response;
use serde_json::{Value, json};
use simcore::store::effects::Refused;
use simcore::{Db, Error, Result, said};

use crate::call::Call;
use crate::{body, create, list};

/// Creates one record, or each of a list.
pub(crate) async fn create(call: &Call) -> Result<Response> {
    match body::json(call)? {
        Value::Array(items) => batch(call, &items).await,
        content => create::one(call, content).await,
    }
}

/// A batch: each item for itself, answered in the order of the request; 400 when none could be done (Q12).
async fn batch(call: &Call, items: &[Value]) -> Result<Response> {
    if items.is_empty() {
        return Err(said!(BATCH_EMPTY).into());
    }
    let whole = call.ctx.settings.text("batch_mode") == "all_or_nothing";
    let table = call.table()?;
    let (answers, done) = call
        .ctx
        .write(|db| {
            let mut answers: Vec<Value> = Vec::with_capacity(items.len());
            let mut done = 0;
            for (place, item) in items.iter().enumerate() {
                let record = body::record(item.clone());
                let stored = record.and_then(|record| create::store(call, db, table, record));
                match stored.map_err(|error| db.words().of(error)) {
                    Ok((shown, _)) => {
                        answers.push(serde_json::from_slice(&shown)?);
                        done += 1;
                    }
                    Err(error) if error.status == StatusCode::INTERNAL_SERVER_ERROR => return Err(error),
                    Err(error) if whole => {
                        let said = said!(BATCH_ITEM, place = place + 1, message = sentence(&error));
                        let message = db.words().sentence(&said);
                        return Err(Error { message, ..error });
                    }
                    Err(error) => {
                        note_refused(call, db, item, place, &error);
                        answers.push(json!({ "Message": sentence(&error) }));
                    }
                }
            }
            Ok((answers, done))
        })
        .await?;
    if done == 0 {
        let refusal = Error::from(said!(BATCH_REFUSED));
        let refused = answers.iter().enumerate().fold(refusal, |error, (place, answer)| {
            error.detail(format!("[{place}]"), answer["Message"].as_str().unwrap_or_default())
        });
        return Err(refused);
    }
    Ok(list::json(Value::Array(answers).to_string()))
}

/// The answer is a 200: that an item of the batch was refused stands inside it.
fn note_refused(call: &Call, db: &Db<'_>, item: &Value, place: usize, error: &Error) {
    db.note_refused(Refused {
        entity: call.entity.clone(),
        company: call.principal.tenant.clone(),
        key: item["NoProduit"].as_str().map(str::to_owned),
        index: Some(place),
        reason: error.status.canonical_reason().unwrap_or_default().to_owned(),
        is_temporary: error.is_temporary,
        ..Refused::default()
    });
}

/// What an item's answer says: the sentence, then each field that is wrong.
fn sentence(error: &Error) -> String {
    let details: Vec<String> =
        error.details.iter().map(|detail| format!("{} : {}", detail.field, detail.message)).collect();
    if details.is_empty() {
        error.message.clone()
    } else {
        format!("{} {}", error.message, details.join(" "))
    }
}
