//! What a project has from the start: settings that fit, and the accounts that they name.

use simcore::{Db, Result};

use crate::{account, company, hooks, routes};

/// Checks the settings and creates the accounts that they name.
pub(crate) fn check(db: &Db<'_>) -> Result<(), String> {
    let settings = db.settings();
    routes::check_renamed(&settings)?;
    let explain = |error: simcore::Error| error.cause.unwrap_or(error.message);
    let table = db.table("account").map_err(explain)?;
    for account in settings.value("accounts").as_array().into_iter().flatten() {
        let text = |name: &str| account[name].as_str().unwrap_or_default();
        let user = text("userName");
        if user.is_empty() {
            return Err("an account of the setting `accounts` has no userName".to_owned());
        }
        if account::find(db, user).map_err(explain)?.is_some() {
            continue;
        }
        let mut record = account.as_object().cloned().unwrap_or_default();
        hooks::complete_account(&mut record);
        db.insert(table, &company::home(db), &record).map_err(explain)?;
    }
    Ok(())
}
