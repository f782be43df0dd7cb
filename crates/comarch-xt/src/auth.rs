//! The bearer token on every call but the token's own (fact sheet 3.4).

use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use serde_json::Value;
use simcore::entity::settings::Settings;
use simcore::{Ctx, Db, Principal, Result};

use crate::error;

/// Who is asking: 401 without a token that lives, then 403 unless the account is active.
pub(crate) fn authenticate(ctx: &Ctx, db: &Db<'_>, parts: &Parts) -> Result<Principal> {
    let bearer = scheme(&parts.headers, "bearer").ok_or_else(error::unauthorized)?;
    let token = db.token(bearer)?.ok_or_else(error::unauthorized)?;
    let lifetime = ctx.settings.integer("token_lifetime").saturating_mul(1000);
    // Its age counts, so that a lifetime changed in mid-run holds for tokens that are out already.
    if db.now.as_millisecond().saturating_sub(token.issued_at.as_millisecond()) >= lifetime {
        return Err(error::unauthorized().by_clock());
    }
    if !is_active(ctx) {
        return Err(error::forbidden(ctx));
    }
    Ok(Principal { name: token.holder, tenant: String::new() })
}

/// Whether the account may use the API at all.
pub(crate) fn is_active(ctx: &Ctx) -> bool {
    ctx.settings.text("account") == "active"
}

/// What `Authorization` carries under a scheme, whatever the scheme's case.
pub(crate) fn scheme<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let header = headers.get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, value) = header.trim().split_once(' ')?;
    scheme.eq_ignore_ascii_case(name).then(|| value.trim())
}

/// The clients that may ask for a token.
pub(crate) fn clients(settings: &Settings) -> impl Iterator<Item = &Value> {
    settings.value("clients").as_array().into_iter().flatten()
}

/// What the history of changes calls a client.
pub(crate) fn application<'a>(settings: &'a Settings, client: &'a str) -> &'a str {
    let known = clients(settings).find(|known| known["id"] == client);
    known.and_then(|known| known["application"].as_str()).unwrap_or(client)
}
