//! The body of refusals as a user has it who knows another than the vendor's: the setting `error_template`.

use axum::response::{IntoResponse, Response};
use http::header::CONTENT_TYPE;
use serde_json::{Map, Value, json};

use crate::base::error::Error;
use crate::base::text;
use crate::entity::settings::TEMPLATE;
use crate::simulator::ctx::Ctx;

/// The refusal in the form of the template, where there is one.
pub fn own(ctx: &Ctx, error: &Error) -> Option<Response> {
    ctx.model.profile.settings.get(TEMPLATE)?;
    let template = ctx.settings.value(TEMPLATE);
    template.as_object().filter(|members| !members.is_empty())?;
    let body = fill(template, ctx, error).unwrap_or_default();
    let content_type = [(CONTENT_TYPE, "application/json; charset=utf-8")];
    Some((error.status, content_type, body.to_string()).into_response())
}

/// The parts that are wrong, as most would write them: `[{"field", "message"}]`.
pub fn details(error: &Error) -> Value {
    error.details.iter().map(|detail| json!({ "field": detail.field, "message": detail.message })).collect()
}

/// What a template says: `{status}`, `{code}` and `{message}` in its texts; a text that is only `{details}`, or only
/// `{code}`, is left out where there are none.
fn fill(template: &Value, ctx: &Ctx, error: &Error) -> Option<Value> {
    match template {
        Value::String(text) if text == "{details}" => {
            (!error.details.is_empty()).then(|| (ctx.sim.details)(error))
        }
        Value::String(text) if text == "{code}" && error.code.is_empty() => None,
        Value::String(text) => Some(filled(text, error).into()),
        Value::Object(members) => {
            let filled =
                members.iter().filter_map(|(key, member)| Some((key.clone(), fill(member, ctx, error)?)));
            Some(Value::Object(filled.collect::<Map<_, _>>()))
        }
        Value::Array(items) => Some(items.iter().filter_map(|item| fill(item, ctx, error)).collect()),
        other => Some(other.clone()),
    }
}

fn filled(text: &str, error: &Error) -> String {
    text::fill(text, |name| match name {
        "status" => Some(error.status.as_str().into()),
        "code" => Some((*error.code).into()),
        "message" => Some(error.message.as_str().into()),
        _ => None,
    })
}
