//! HTTP Basic with the licence code and its secret key, and the company that `COMPANY_ID` chooses (fact sheet 3).

use axum::http::header::{AUTHORIZATION, WWW_AUTHENTICATE};
use axum::http::request::Parts;
use serde_json::Value;
use simcore::base::secret::{basic, is_secret};
use simcore::{Ctx, Db, Error, Principal, Result};

use crate::error;

/// Who is asking: 401 without good credentials (Q1), then 404 for a company that the licence does not have (Q2).
pub(crate) fn authenticate(ctx: &Ctx, _: &Db<'_>, parts: &Parts) -> Result<Principal> {
    let (place, licence) = licence(ctx, parts).ok_or_else(unauthorized)?;
    let company =
        parts.headers.get("COMPANY_ID").map_or("0", |value| value.to_str().unwrap_or_default().trim());
    if licence["companies"].get(company).is_none() {
        return Err(error::unknown_company(company));
    }
    let code = licence["code"].as_str().unwrap_or_default();
    // Records belong to a company of a licence; those of the first licence are what data routes and scenarios mean.
    let tenant = if place == 0 { company.to_owned() } else { format!("{code}/{company}") };
    Ok(Principal { name: format!("{code}/{company}"), tenant })
}

/// The ERP behind the company that is asked: a column of the support matrix (Q21).
pub(crate) fn erp<'a>(ctx: &'a Ctx, principal: &Principal) -> &'a str {
    let (code, company) = principal.name.rsplit_once('/').unwrap_or_default();
    let licence = licences(ctx).find(|licence| licence["code"] == code);
    licence.and_then(|licence| licence["companies"][company].as_str()).unwrap_or_default()
}

fn licences(ctx: &Ctx) -> impl Iterator<Item = &Value> {
    ctx.settings.value("licences").as_array().into_iter().flatten()
}

fn licence<'a>(ctx: &'a Ctx, parts: &Parts) -> Option<(usize, &'a Value)> {
    let header = parts.headers.get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, encoded) = header.trim().split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let (code, secret) = basic(encoded)?;
    licences(ctx).enumerate().find(|(_, licence)| {
        let known = licence["secret"].as_str().unwrap_or_default();
        licence["code"] == code && is_secret(secret.as_bytes(), known.as_bytes())
    })
}

/// What a client that does not sign in is asked for.
pub(crate) const CHALLENGE: &str = "Basic realm=\"OnlineERP\"";

fn unauthorized() -> Error {
    error::auth().header(WWW_AUTHENTICATE, CHALLENGE)
}
