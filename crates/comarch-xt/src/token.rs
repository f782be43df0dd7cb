//! `POST /api2/public/token`: OAuth 2.0 client credentials with the vendor's own answer (fact sheet 3).

use axum::http::HeaderMap;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, PRAGMA};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use percent_encoding::percent_decode_str;
use serde_json::json;
use simcore::base::secret::is_secret;
use simcore::base::urlencoded;
use simcore::simulator::route::Call;
use simcore::{Ctx, Db, Result, said};

use crate::{auth, body, error};

/// Base64 with or without `=` at its end: one client leaves it out (fact sheet 3.2).
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Answers with an opaque token. Its lifetime is in `expires`, never in the `expires_in` of the standard: that is how
/// the real service does it, and what OAuth libraries stumble over (fact sheet 3.3).
///
/// # Errors
/// 401, 403 or 400 of fact sheet 3.5, in this order.
pub(crate) async fn issue(call: Call) -> Result<Response> {
    let (ctx, headers, body) = (&call.ctx, &call.headers, &call.body);
    let client = client(ctx, headers).ok_or_else(error::invalid_client)?;
    if !auth::is_active(ctx) {
        return Err(error::access_denied(ctx));
    }
    match grant_type(headers, body).as_deref() {
        None | Some("") => return Err(said!(INVALID_REQUEST).into()),
        Some("client_credentials") => {}
        Some(_) => return Err(said!(UNSUPPORTED_GRANT_TYPE).into()),
    }
    let token = ctx
        .write(|db| {
            if ctx.settings.flag("single_token") {
                db.end_tokens(Some(&client))?;
            }
            let token = opaque(db)?;
            db.issue_token(&token, &client)?;
            Ok(token)
        })
        .await?;
    let answer = json!({
        "access_token": token,
        "token_type": "bearer",
        "expires": ctx.settings.integer("token_lifetime"),
    });
    let headers = [(CACHE_CONTROL, "no-store"), (PRAGMA, "no-cache")];
    Ok((headers, body::json(answer.to_string())).into_response())
}

/// 22 characters of Base64 and 10 hexadecimal digits, as in the fixture.
fn opaque(db: &Db<'_>) -> Result<String> {
    let secret: [u8; 21] = db.random()?;
    let digits: String = secret[16..].iter().map(|byte| format!("{byte:02x}")).collect();
    Ok(format!("{}{digits}", STANDARD_NO_PAD.encode(&secret[..16])))
}

/// The client that the Basic header names with its secret.
fn client(ctx: &Ctx, headers: &HeaderMap) -> Option<String> {
    let decoded = LENIENT.decode(auth::scheme(headers, "basic")?).ok()?;
    let decoded = String::from_utf8(decoded).ok()?;
    let (id, secret) = decoded.split_once(':')?;
    // As they are, or else form-encoded, as RFC 6749 asks of clients (2.3.1).
    known(ctx, id, secret).or_else(|| known(ctx, &form_decoded(id), &form_decoded(secret)))
}

fn form_decoded(text: &str) -> String {
    percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned()
}

fn known(ctx: &Ctx, id: &str, secret: &str) -> Option<String> {
    let known = auth::clients(&ctx.settings).find(|client| {
        let known = client["secret"].as_str().unwrap_or_default();
        client["id"] == id && is_secret(secret.as_bytes(), known.as_bytes())
    });
    known.map(|_| id.to_owned())
}

/// The grant type of a form; other fields beside it are ignored, other media types hold none.
fn grant_type(headers: &HeaderMap, body: &[u8]) -> Option<String> {
    let media = headers.get(CONTENT_TYPE)?.to_str().ok()?;
    let media = media.split(';').next().unwrap_or_default().trim();
    if !media.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
        return None;
    }
    let form = std::str::from_utf8(body).ok()?;
    let found = urlencoded::pairs(form).find(|(name, _)| name == "grant_type");
    found.map(|(_, value)| value.into_owned())
}
