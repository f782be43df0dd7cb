//! Bodies of requests: JSON, or in lenient mode a form with flat fields (fact sheet 6.3).

use bytes::Bytes;
use serde_json::{Map, Value};
use simcore::base::map::IndexMap;
use simcore::contract::FORM;
use simcore::entity::model;
use simcore::entity::profile::{Field, FieldKind, Unknown};
use simcore::entity::validate::{self, Purpose};
use simcore::simulator::rest::{self, Unreadable};
use simcore::simulator::route::Call;
use simcore::{Ctx, Result};

use crate::{error, wire};

/// What a client sent.
pub(crate) struct Body {
    media: String,
    bytes: Bytes,
}

impl Body {
    /// That of a call.
    pub(crate) fn of(call: &Call) -> Self {
        Self { media: rest::media(&call.headers), bytes: call.body.clone() }
    }

    /// Whether there is nothing in it.
    pub(crate) fn is_blank(&self) -> bool {
        self.bytes.trim_ascii().is_empty()
    }

    /// The checked fields of a record: canonical names, normalised values; read-only fields are left out.
    ///
    /// # Errors
    /// 415, 413, 400 `BAD_JSON`, then what is wrong with the fields.
    pub(crate) fn record(
        &self,
        ctx: &Ctx,
        fields: &IndexMap<String, Field>,
        purpose: Purpose,
    ) -> Result<Map<String, Value>> {
        check(ctx, fields, self.object(ctx, fields)?, purpose)
    }

    /// The fields as they were sent.
    pub(crate) fn object(&self, ctx: &Ctx, fields: &IndexMap<String, Field>) -> Result<Map<String, Value>> {
        let is_form = self.media == FORM && !ctx.strict;
        if self.media != "application/json" && !is_form {
            return Err(error::media_type());
        }
        self.fits(ctx)?;
        let body = if is_form {
            let filled = |(name, value): (String, String)| {
                let own = wire::own_name(&ctx.settings, &name);
                let kind = model::field(fields, own).map(|(_, _, field)| field.kind);
                let value = typed(kind, value);
                (name, value)
            };
            rest::form(&self.bytes).into_iter().map(filled).collect()
        } else {
            self.json()?
        };
        Ok(wire::own_names(&ctx.settings, body))
    }

    /// Login and password: a form, in lenient mode JSON too (fact sheet 4).
    pub(crate) fn credentials(&self, ctx: &Ctx) -> Result<Map<String, Value>> {
        let is_json = self.media == "application/json" && !ctx.strict;
        if self.media != FORM && !is_json {
            return Err(error::media_type());
        }
        self.fits(ctx)?;
        if is_json {
            self.json()
        } else {
            Ok(rest::form(&self.bytes).into_iter().map(|(name, value)| (name, value.into())).collect())
        }
    }

    fn fits(&self, ctx: &Ctx) -> Result<()> {
        if fits(ctx, &self.bytes) { Ok(()) } else { Err(error::too_large()) }
    }

    fn json(&self) -> Result<Map<String, Value>> {
        match rest::json(&self.bytes)? {
            Value::Object(body) => Ok(body),
            _ => Err(Unreadable::Shape.into()),
        }
    }
}

/// Whether a body is no larger than the vendor takes.
pub(crate) fn fits(ctx: &Ctx, body: &Bytes) -> bool {
    let limit = usize::try_from(ctx.settings.integer("max_body_bytes")).unwrap_or_default();
    body.len() <= limit
}

/// A form's text as the field holds it; an empty one clears the field.
fn typed(kind: Option<FieldKind>, value: String) -> Value {
    match (kind, value.as_str()) {
        (_, "") => Value::Null,
        (Some(FieldKind::Boolean), "true" | "1") => true.into(),
        (Some(FieldKind::Boolean), "false" | "0") => false.into(),
        _ => value.into(),
    }
}

/// Checks fields against the profile. A field that is cleared takes its default, where it has one.
///
/// # Errors
/// 400 `MISSING_FIELD`, 422 `UNKNOWN_FIELD` (strict mode) or `VALIDATION`.
pub(crate) fn check(
    ctx: &Ctx,
    fields: &IndexMap<String, Field>,
    body: Map<String, Value>,
    purpose: Purpose,
) -> Result<Map<String, Value>> {
    let unknown = if ctx.strict { Unknown::Refuse } else { Unknown::Ignore };
    let mut checked = validate::check(fields, body, purpose, unknown).map_err(error::problems)?;
    for (name, value) in &mut checked {
        if value.is_null()
            && let Some(field) = fields.get(name)
        {
            value.clone_from(&field.default);
        }
    }
    Ok(checked)
}
