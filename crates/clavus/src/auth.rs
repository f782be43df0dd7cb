//! The API key is the bearer token (fact sheet 2.2).

use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use serde_json::Value;
use simcore::base::secret::is_secret;
use simcore::{Ctx, Db, Principal, Result, Select};

use crate::error;

/// Who is asking: the user of an active key. Missing, malformed, unknown, suspended: the same 401 (10.2).
pub(crate) fn authenticate(_: &Ctx, db: &Db<'_>, parts: &Parts) -> Result<Principal> {
    let key = bearer(parts).ok_or_else(error::unauthorized)?;
    let known = db.records(db.table("keys")?, &Select::default())?;
    let known = known.iter().find(|record| is_secret(key.as_bytes(), record.text("key").as_bytes()));
    let record = known.filter(|record| record.text("_state") == "active").ok_or_else(error::unauthorized)?;
    // The journal names the key's user, never the key.
    let user = record.text("user");
    let name = if user.is_empty() { format!("key {}", record.id) } else { user.to_owned() };
    Ok(Principal { name, tenant: record.id.to_string() })
}

/// The token of `Authorization: Bearer TOKEN`: the scheme in any case, one space, blanks around trimmed.
fn bearer(parts: &Parts) -> Option<&str> {
    let header = parts.headers.get(AUTHORIZATION)?.to_str().ok()?.trim();
    let (scheme, key) = header.split_once(' ')?;
    let good = scheme.eq_ignore_ascii_case("bearer") && !key.is_empty() && !key.contains(char::is_whitespace);
    good.then_some(key)
}

/// The columns that the key may not read, as the key's record names them.
pub(crate) fn denied(db: &Db<'_>, principal: &Principal) -> Result<Vec<String>> {
    let Ok(id) = principal.tenant.parse() else { return Ok(Vec::new()) };
    let record = db.load(db.table("keys")?, id)?;
    let denied = record.values.get("_denied_columns").and_then(Value::as_array);
    Ok(denied.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect())
}
