//! What a refusal is about: the entity and the record that a request meant.

use axum::http::StatusCode;
use bytes::Bytes;
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};

use super::Exchange;
use crate::base::error::{Error, ErrorKind};
use crate::contract::Violation;
use crate::entity::model::{Model, Table};
use crate::simulator::ctx::Ctx;
use crate::store::effects::Refused;

impl Exchange {
    /// What of the request is outside the contract, as far as the refusal tells: a verb that another of the vendor's
    /// variants takes, a body that is not what its media type says.
    pub(super) fn violation(&self, error: &Error) -> Option<Violation> {
        let (method, path) = (&self.parts.method, self.parts.uri.path());
        let (rule, position, message) = match error.kind {
            ErrorKind::Route => ("path", path, format!("{path} is not documented")),
            ErrorKind::Method => {
                let said = error.outside.clone();
                let message = said.unwrap_or_else(|| format!("{method} is not documented for {path}"));
                ("verb", method.as_str(), message)
            }
            // A body that is not there has no media type; that it is missing has been said.
            ErrorKind::MediaType if self.body.as_ref().is_ok_and(Bytes::is_empty) => return None,
            ErrorKind::MediaType => {
                ("content-type", "content-type", format!("{method} {path} does not take this media type"))
            }
            ErrorKind::Syntax => {
                ("body", "body", format!("the body of {method} {path} is not what its media type says"))
            }
            _ => return None,
        };
        Some(Violation::new(rule, position, message, None))
    }

    /// Notes that a write was refused, unless what was refused has been noted already. What asks for credentials, for
    /// patience or for another path is no refusal of a record.
    pub(super) async fn note_refusal(&self, ctx: &Ctx, error: &Error) {
        let (method, path) = (&self.parts.method, self.parts.uri.path());
        let body = self.body.as_deref().unwrap_or_default();
        let is_sign_in =
            self.checked.operation.is_some_and(|place| self.contract.operations[place].sign_in.is_some());
        let is_about_a_record = match error.status {
            StatusCode::UNAUTHORIZED | StatusCode::TOO_MANY_REQUESTS | StatusCode::REQUEST_TIMEOUT => false,
            StatusCode::SERVICE_UNAVAILABLE | StatusCode::GATEWAY_TIMEOUT => true,
            status => status.is_client_error(),
        };
        let is_write = ctx.sim.habits.is_write(method, path, body) && !is_sign_in;
        if !is_write || !is_about_a_record || error.kind == ErrorKind::Route || self.trace.has_refusal() {
            return;
        }
        let content: Value = serde_json::from_slice(body).unwrap_or_default();
        let Some((table, key)) = meant(&ctx.model, path, &content) else { return };
        let company = ctx.principal().tenant;
        let exists = match &key {
            Some(key) => {
                ctx.read(|db| db.find_key_id(table, &company, key)).await.is_ok_and(|found| found.is_some())
            }
            None => false,
        };
        let is_busy = error.status.is_server_error() || error.status == StatusCode::LOCKED;
        self.trace.refuse(Refused {
            entity: table.name.clone(),
            company,
            key,
            reason: reason(error),
            is_temporary: error.is_temporary || is_busy,
            exists,
            ..Refused::default()
        });
    }
}

/// The vendor's code, or else what the status says.
pub(super) fn reason(error: &Error) -> String {
    if error.code.is_empty() {
        error.status.canonical_reason().unwrap_or(error.status.as_str()).to_owned()
    } else {
        error.code.clone().into_owned()
    }
}

/// The entity that the path names, or else the body, and the key that stands behind it or in the body.
pub(in crate::server) fn meant<'m>(
    model: &'m Model,
    path: &str,
    body: &Value,
) -> Option<(&'m Table, Option<String>)> {
    let segments: Vec<String> =
        path.split('/').map(|segment| percent_decode_str(segment).decode_utf8_lossy().into_owned()).collect();
    let named = |name: &String| model.table(name).filter(|table| !table.entity.back_office);
    let place = segments.iter().rposition(|segment| !segment.is_empty() && named(segment).is_some());
    let in_path = place.and_then(|place| {
        let key = segments.get(place + 1).filter(|key| !key.is_empty()).cloned();
        Some((named(&segments[place])?, key))
    });
    let (table, key) = in_path.or_else(|| Some((of_body(model, body)?, None)))?;
    let key =
        key.or_else(|| table.entity.keys.iter().find_map(|field| key_in(body.as_object()?, table, field)));
    Some((table, key))
}

/// The entity that a body names: `entityName`, or the one that its first member is called after.
fn of_body<'m>(model: &'m Model, body: &Value) -> Option<&'m Table> {
    let members = body.as_object()?;
    let named = members.iter().find(|(name, _)| name.eq_ignore_ascii_case("entityName"));
    match named.and_then(|(_, name)| name.as_str()) {
        Some(name) => model.table(name),
        None => members.keys().find_map(|name| model.table(name)),
    }
    .filter(|table| !table.entity.back_office)
}

fn key_in(body: &Map<String, Value>, table: &Table, field: &str) -> Option<String> {
    let value =
        body.iter().find(|(name, _)| table.field(name).is_some_and(|(_, known, _)| known == field))?.1;
    match value {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}
