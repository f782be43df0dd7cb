//! `/v1/login/user`: a token for a user's code and password, and its end (fact sheet 4 and 5).

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};
use simcore::base::secret::is_secret;
use simcore::simulator::route::Call;
use simcore::store::rows::Record;
use simcore::{Ctx, Db, Error, Result};

use crate::body::Body;
use crate::{auth, error, record, wire};

/// The four documented fields. API key, media type and fields are checked in this order, then the user.
pub(crate) async fn login(call: Call) -> Result<Response> {
    let (ctx, body) = (&call.ctx, Body::of(&call));
    auth::check_api_key(ctx, &call.headers)?;
    let credentials = body.credentials(ctx)?;
    let (code, password) = both(&credentials)?;
    let token = ctx.write(|db| open(ctx, db, &code, &password)).await?;
    let settings = &ctx.settings;
    let licensed = !settings.text("licence_number").is_empty() && !settings.text("access_code").is_empty();
    let answer = json!({
        "access_token": token,
        "paramRacineCliID": settings.integer("racine_client"),
        "paramRacinePecID": settings.integer("racine_prospect"),
        "g8CliCode": if licensed { settings.text("licence_number") } else { "DEMO" },
    });
    Ok(wire::json(ctx, StatusCode::OK, answer.to_string().into_bytes()))
}

/// Ends the session that asks.
pub(crate) async fn logout(call: Call) -> Result<Response> {
    let ctx = &call.ctx;
    ctx.write(|db| match auth::token(ctx, &call.headers) {
        Some(token) => db.end_token(token),
        None => Ok(false),
    })
    .await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// Both fields, or 400 with each that is absent or empty.
fn both(credentials: &Map<String, Value>) -> Result<(String, String)> {
    let field = |name: &str| match credentials.get(name) {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Number(number)) => number.to_string(),
        _ => String::new(),
    };
    let (code, password) = (field("login"), field("password"));
    let absent = [("login", &code), ("password", &password)].into_iter().filter(|(_, text)| text.is_empty());
    let refusal = absent.fold(Error::from(error::MISSING_FIELD), |error, (name, _)| error.detail(name, ""));
    if refusal.details.is_empty() { Ok((code, password)) } else { Err(refusal) }
}

fn invalid() -> Error {
    Error::from(error::INVALID_CREDENTIALS).about("login or password of the body")
}

fn open(ctx: &Ctx, db: &Db<'_>, code: &str, password: &str) -> Result<String> {
    let user = record::by_text(db, "user", "userCode", code)?.ok_or_else(invalid)?;
    let known = user.text("userMotDePasse");
    if !is_secret(password.as_bytes(), known.as_bytes()) {
        return Err(invalid());
    }
    let id = record::integer(&user.values, "userID").unwrap_or_default();
    admit(ctx, &user, id)?;
    if ctx.settings.flag("single_session") {
        db.end_tokens(Some(&id.to_string()))?;
    }
    let token: String = db.random::<16>()?.iter().map(|byte| format!("{byte:02x}")).collect();
    db.issue_token(&token, &id.to_string())?;
    Ok(token)
}

fn admit(ctx: &Ctx, user: &Record, id: i64) -> Result<()> {
    let is_runner = id == ctx.settings.integer("user_id");
    if user.flag("desactive") {
        Err(error::USER_DISABLED.into())
    } else if user.flag("userAdmin") {
        Err(error::ADMIN_NOT_ALLOWED.into())
    } else if !auth::has_rest(user) || (is_runner && ctx.settings.flag("refuse_runner_login")) {
        Err(error::REST_NOT_ALLOWED.into())
    } else if !ctx.settings.flag("rest_licence") {
        Err(error::LICENCE_INVALID.into())
    } else {
        Ok(())
    }
}
