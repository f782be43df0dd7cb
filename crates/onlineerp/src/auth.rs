//! HTTP Basic with the licence code and its secret key, and the company that `COMPANY_ID` chooses (fact sheet 3).

use std::collections::HashMap;

use axum::http::header::{AUTHORIZATION, HeaderName, WWW_AUTHENTICATE};
use axum::http::request::Parts;
use serde_json::Value;
use simcore::base::secret::{basic, is_secret};
use simcore::entity::settings::Settings;
use simcore::{Ctx, Db, Error, Principal, Result};

use crate::error;

/// The company of the licence that is meant.
const COMPANY: HeaderName = HeaderName::from_static("company_id");

/// The setting `licences`, read.
struct Licences(Vec<Licence>);

struct Licence {
    code: String,
    secret: String,
    /// The ERP behind each company.
    companies: HashMap<String, String>,
}

impl Licences {
    fn read(settings: &Settings) -> Self {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let all = settings.value("licences").as_array().into_iter().flatten();
        let all = all.map(|licence| Licence {
            code: text(&licence["code"]),
            secret: text(&licence["secret"]),
            companies: licence["companies"]
                .as_object()
                .into_iter()
                .flatten()
                .map(|(company, erp)| (company.clone(), text(erp)))
                .collect(),
        });
        Self(all.collect())
    }

    fn of(settings: &Settings) -> &[Licence] {
        settings.derived(Self::read).map_or(&[], |licences| &licences.0)
    }
}

/// Who is asking: 401 without good credentials (Q1), then 404 for a company that the licence does not have (Q2).
pub(crate) fn authenticate(ctx: &Ctx, _: &Db<'_>, parts: &Parts) -> Result<Principal> {
    let (place, licence) = licence(ctx, parts).ok_or_else(unauthorized)?;
    let company = parts.headers.get(COMPANY).map_or("0", |value| value.to_str().unwrap_or_default().trim());
    if !licence.companies.contains_key(company) {
        return Err(error::unknown_company(company, licence.companies.keys()));
    }
    let name = [&licence.code, company].join("/");
    // Records belong to a company of a licence; those of the first licence are what data routes and scenarios mean.
    let tenant = if place == 0 { company.to_owned() } else { name.clone() };
    Ok(Principal { name, tenant })
}

/// The ERP behind the company that is asked: a column of the support matrix (Q21).
pub(crate) fn erp<'a>(ctx: &'a Ctx, principal: &Principal) -> &'a str {
    let (code, company) = principal.name.rsplit_once('/').unwrap_or_default();
    let licence = Licences::of(&ctx.settings).iter().find(|licence| licence.code == code);
    licence.and_then(|licence| licence.companies.get(company)).map_or("", String::as_str)
}

fn licence<'a>(ctx: &'a Ctx, parts: &Parts) -> Option<(usize, &'a Licence)> {
    let header = parts.headers.get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, encoded) = header.trim().split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let (code, secret) = basic(encoded)?;
    Licences::of(&ctx.settings)
        .iter()
        .enumerate()
        .find(|(_, licence)| licence.code == code && is_secret(secret.as_bytes(), licence.secret.as_bytes()))
}

/// What a client that does not sign in is asked for.
pub(crate) const CHALLENGE: &str = "Basic realm=\"OnlineERP\"";

fn unauthorized() -> Error {
    error::auth().header(WWW_AUTHENTICATE, CHALLENGE)
}
