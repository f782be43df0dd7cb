//! Bodies: JSON, with the comments that clients paste from the vendor's samples (fact sheet 8.9).

use serde_json::{Map, Value};
use simcore::Result;
use simcore::said;
use simcore::simulator::rest;

use crate::call::Call;
use crate::error;

/// The JSON of a call's body.
///
/// # Errors
/// 415 when it is announced as something else, 400 when it is none.
pub(crate) fn json(call: &Call) -> Result<Value> {
    let media = rest::media(&call.headers);
    if media != "application/json" && media != "text/json" && !media.ends_with("+json") {
        return Err(error::media_type());
    }
    // The contract has read it already, unless it has comments.
    if let Some(json) = call.ctx.trace.as_ref().and_then(|trace| trace.json_of(&call.body)) {
        return Ok(json.clone());
    }
    let text = std::str::from_utf8(&call.body).map_err(|_| error::not_json(said!(JSON_NOT_UTF8)))?;
    let mut text = text.strip_prefix('\u{feff}').unwrap_or(text).to_owned();
    if text.contains('/') {
        json_strip_comments::strip(&mut text).map_err(|_| error::not_json(said!(JSON_OPEN_COMMENT)))?;
    }
    serde_json::from_str(&text)
        .map_err(|why| error::not_json(said!(JSON_PLACE, line = why.line(), column = why.column())))
}

/// The one record that a body holds.
///
/// # Errors
/// 400 when it holds something else.
pub(crate) fn record(body: Value) -> Result<Map<String, Value>> {
    match body {
        Value::Object(record) => Ok(record),
        _ => Err(said!(BODY_NOT_OBJECT).into()),
    }
}

/// The document inside `{"Facture": {…}}`, with the payments that stand beside it; a bare document as it is (Q33).
pub(crate) fn unwrapped(mut record: Map<String, Value>) -> Map<String, Value> {
    let named = |record: &Map<String, Value>, name: &str| {
        record.keys().find(|key| key.eq_ignore_ascii_case(name)).cloned()
    };
    let Some(wrapper) = named(&record, "Facture") else { return record };
    let Some(Value::Object(mut document)) = record.remove(&wrapper) else { return record };
    if let Some(payments) = named(&record, "ListeModePaiements")
        && let Some(payments) = record.remove(&payments)
    {
        document.entry("ListeModePaiements").or_insert(payments);
    }
    document
}
