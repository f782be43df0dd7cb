//! Whose records a call means (fact sheet 3.5, Q21).

use serde_json::Value;
use simcore::entity::model::Model;
use simcore::entity::settings::Settings;
use simcore::{Db, Error, Result, said};

use crate::call::Call;
use crate::{account, error};

/// The company that a call names in its body or in the option `companyCode`, or else the user's own.
///
/// # Errors
/// 400 for a company that the project does not have, 403 for one that the account does not open.
pub(crate) fn of_call(call: &Call, db: &Db<'_>, in_body: Option<&Value>) -> Result<String> {
    let named = match in_body {
        Some(Value::String(code)) => Some(code.as_str()),
        Some(_) => return Err(error::bad_value("companyCode", said!(EXPECTED_COMPANY))),
        None => call.query.get("companyCode"),
    };
    let Some(code) = named.filter(|code| !code.is_empty()) else { return Ok(call.principal.tenant.clone()) };
    check(call, db, code)?;
    Ok(code.to_owned())
}

/// # Errors
/// As [`of_call`].
pub(crate) fn check(call: &Call, db: &Db<'_>, code: &str) -> Result<()> {
    if !call.ctx.settings.texts("companies").any(|company| company == code) {
        return Err(unknown(&call.ctx.settings, code));
    }
    let account = account::find(db, &call.principal.name)?;
    let companies = account.as_ref().and_then(|account| account.values.get("companies")?.as_array());
    let is_listed = companies.into_iter().flatten().any(|company| company == code);
    if code != call.principal.tenant && !is_listed {
        return Err(said!(COMPANY_CLOSED, company = code).into());
    }
    Ok(())
}

/// 400 for a company that the project does not have.
pub(crate) fn unknown(settings: &Settings, code: &str) -> Error {
    let known: Vec<&str> = settings.texts("companies").collect();
    Error::from(said!(COMPANY_UNKNOWN, company = code)).nearest(known.join(", "))
}

/// The company of records that belong to none.
pub(crate) fn home(db: &Db<'_>) -> String {
    home_of(db.model)
}

/// The same, of a model.
pub(crate) fn home_of(model: &Model) -> String {
    model.profile.tenant.as_ref().map(|tenant| tenant.default.clone()).unwrap_or_default()
}
