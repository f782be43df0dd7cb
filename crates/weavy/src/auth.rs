//! `POST /v1/Authenticate` and the token it gives (fact sheet 3).

use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use axum::response::Response;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::json;
use simcore::base::secret::is_secret;
use simcore::store::rows::Record;
use simcore::{Ctx, Db, Principal, Result, said};

use crate::body::{self, Envelope};
use crate::call::Call;
use crate::{account, error, fetch, jwt};

/// What a token says.
#[derive(Debug, Serialize, Deserialize)]
struct Claims {
    sub: String,
    project: String,
    company: String,
    iat: i64,
    exp: i64,
}

/// Gives a token for a user and password of the project.
pub(crate) async fn login(call: &Call) -> Result<Response> {
    let body = Envelope::of(body::json(&call.headers, &call.body)?, said!(THE_BODY))?;
    let scope = body.text("scope")?;
    if scope.is_some_and(|scope| scope != "API") || (scope.is_none() && call.ctx.strict) {
        return Err(error::bad_value("scope", said!(EXPECTED_API_SCOPE)));
    }
    let project = body.mandatory("projectCode")?;
    let (user, password) = (body.mandatory("userName")?, body.mandatory("password")?);
    let settings = &call.ctx.settings;
    let answer = call
        .ctx
        .write(|db| {
            let account = account::find(db, user)?;
            let known = account.as_ref().map_or("", |account| account.text("password"));
            let is_good = is_secret(password.as_bytes(), known.as_bytes());
            let account = account.filter(|_| is_good && project == settings.text("project"));
            let account = account.ok_or_else(|| error::login_refused(said!(CREDENTIALS_INVALID)))?;
            usable(db, &account)?;
            let token = issue(&call.ctx, db, &account)?;
            let expiry = account.text("passwordExpiryUTC");
            Ok(json!({
                "authToken": token,
                "expiresIn": lifetime(&call.ctx),
                "generatedTimeUTC": instant(db.now),
                "passwordExpiryUTC": (!expiry.is_empty()).then(|| format!("{expiry}.0000000Z")),
            }))
        })
        .await?;
    Ok(fetch::json(answer.to_string()))
}

fn lifetime(ctx: &Ctx) -> i64 {
    ctx.settings.integer("token_lifetime")
}

/// # Errors
/// 401 for an account that is not active, or whose password has expired (Q26).
fn usable(db: &Db<'_>, account: &Record) -> Result<()> {
    if account.text("status") != "Active" {
        return Err(error::login_refused(said!(ACCOUNT_DISABLED)));
    }
    let expiry = account.text("passwordExpiryUTC");
    if !expiry.is_empty() && expiry <= second(db.now).as_str() {
        return Err(error::login_refused(said!(PASSWORD_EXPIRED)).by_clock());
    }
    Ok(())
}

fn issue(ctx: &Ctx, db: &Db<'_>, account: &Record) -> Result<String> {
    let iat = db.now.as_second();
    let user = account.text("userName");
    let claims = Claims {
        sub: user.to_owned(),
        project: ctx.settings.text("project").to_owned(),
        company: account.text("companyCode").to_owned(),
        iat,
        exp: iat.saturating_add(lifetime(ctx)),
    };
    let token = jwt::sign(&claims, ctx.settings.text("token_key"))?;
    db.issue_token(&token, user)?;
    Ok(token)
}

/// Who is asking: the token must be one that this sandbox gave, not expired, of an account that is still active (Q27).
pub(crate) fn authenticate(ctx: &Ctx, db: &Db<'_>, parts: &Parts) -> Result<Principal> {
    let denied = || error::unauthorized(said!(UNAUTHORIZED));
    let header = parts.headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok()).ok_or_else(denied)?;
    let (scheme, token) = header.trim().split_once(' ').ok_or_else(denied)?;
    let token = token.trim();
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(denied());
    }
    let claims = claims(ctx, token).ok_or_else(denied)?;
    if claims.exp <= db.now.as_second() {
        return Err(error::unauthorized(said!(TOKEN_EXPIRED)).by_clock());
    }
    let account = account::find(db, &claims.sub)?.filter(|account| account.text("status") == "Active");
    let account = account.filter(|_| claims.project == ctx.settings.text("project")).ok_or_else(denied)?;
    if db.token(token)?.is_none() {
        return Err(denied());
    }
    Ok(Principal { name: account.text("userName").to_owned(), tenant: claims.company })
}

/// What a well-signed token says. Its expiry is compared with the sandbox's clock, not here.
fn claims(ctx: &Ctx, token: &str) -> Option<Claims> {
    jwt::verify(token, ctx.settings.text("token_key"))
}

/// A UTC date-time with seven digits after the second, as .NET writes it.
pub(crate) fn instant(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S.%9f").to_string().chars().take(27).chain(['Z']).collect()
}

/// A UTC date-time to the second, as fields hold it (fact sheet 4).
pub(crate) fn second(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S").to_string()
}
