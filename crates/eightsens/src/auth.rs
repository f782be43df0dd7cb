//! The API key and the token that every call but the login needs (fact sheet 5).

use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue};
use bytes::Bytes;
use simcore::base::secret::is_secret;
use simcore::store::rows::Record;
use simcore::{Ctx, Db, Error, Principal, Result};

use crate::body;
use crate::error::{self, Refusal};

/// Who is asking: 401 without the API key, then 401 without the token of a session that is alive.
pub(crate) fn authenticate(ctx: &Ctx, db: &Db<'_>, parts: &Parts) -> Result<Principal> {
    check_api_key(ctx, &parts.headers)?;
    let token = token(ctx, &parts.headers).ok_or_else(|| of_token(error::TOKEN_MISSING))?;
    let session = db.token(token)?.ok_or_else(|| of_token(error::TOKEN_INVALID))?;
    // Whole seconds: at the duration it is valid, one second later it is not.
    let idle = db.now.duration_since(session.used_at).as_secs();
    if idle > ctx.settings.integer("inactivity_seconds") {
        return Err(of_token(error::TOKEN_EXPIRED).by_clock());
    }
    let user = db.find(db.table("user")?, "", "userID", &session.holder)?;
    let Some(user) = user.filter(may_use_rest) else {
        db.end_token(token)?;
        return Err(of_token(error::TOKEN_INVALID));
    };
    Ok(Principal { name: user.text("userCode").to_owned(), tenant: String::new() })
}

fn of_token(refusal: Refusal) -> Error {
    Error::from(refusal).about("Authorization")
}

fn of_key(refusal: Refusal) -> Error {
    Error::from(refusal).about("api_key")
}

/// A call that may enter and was routed restarts the session's window of inactivity, whatever comes of it (DECISIONS);
/// one whose body is too large is let in nowhere.
pub(crate) fn entered(ctx: &Ctx, db: &Db<'_>, parts: &Parts, body: &Bytes) -> Result<()> {
    match token(ctx, &parts.headers) {
        Some(token) if body::fits(ctx, body) => db.touch_token(token),
        _ => Ok(()),
    }
}

/// 401 without the configured key; 503 when none is configured.
pub(crate) fn check_api_key(ctx: &Ctx, headers: &HeaderMap) -> Result<()> {
    let key = ctx.settings.text("api_key");
    if key.is_empty() {
        return Err(error::SERVER_NOT_READY.into());
    }
    let given = headers.get(ctx.settings.text("api_key_header")).map(HeaderValue::as_bytes);
    let given = given.filter(|given| !given.is_empty()).ok_or_else(|| of_key(error::API_KEY_MISSING))?;
    if is_secret(given, key.as_bytes()) { Ok(()) } else { Err(of_key(error::API_KEY_INVALID)) }
}

/// The token in the first of the headers that `token_header` allows.
pub(crate) fn token<'a>(ctx: &Ctx, headers: &'a HeaderMap) -> Option<&'a str> {
    let header = |name: &str| {
        let value = headers.get(name)?.to_str().ok()?.trim();
        (!value.is_empty()).then_some(value)
    };
    let authorization = || header(AUTHORIZATION.as_str()).map(bearer);
    match ctx.settings.text("token_header") {
        "any" => authorization().or_else(|| header("access_token")).or_else(|| header("token")),
        "authorization" => authorization(),
        other => header(other),
    }
}

/// What follows `Bearer`, or the whole value.
fn bearer(value: &str) -> &str {
    match value.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => token.trim(),
        _ => value,
    }
}

/// Whether the user has the right Autoriser REST, by itself or by its group.
pub(crate) fn has_rest(user: &Record) -> bool {
    user.flag("userAutoriserRest") || user.values["userGroupe"]["groupeAutoriserRest"] == true
}

fn may_use_rest(user: &Record) -> bool {
    has_rest(user) && !user.flag("userAdmin") && !user.flag("desactive") && !user.flag("supprime")
}
