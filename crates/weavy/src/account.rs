//! An account as records have it, and the licences that active ones take (fact sheet 14).

use odata::{Bind, Sql};
use simcore::entity::settings::Settings;
use simcore::store::effects::LicenceNote;
use simcore::store::functions::fold;
use simcore::store::rows::Record;
use simcore::{Db, Result, Select};

use crate::tables;

/// The only status in which an account can be used, and which takes a licence.
pub(crate) const ACTIVE: &str = "Active";

/// The account of that name, whatever its case.
pub(crate) fn find(db: &Db<'_>, user: &str) -> Result<Option<Record>> {
    let named =
        Sql { text: "userName = ? COLLATE FOLD".to_owned(), binds: vec![Bind::Text(user.to_owned())] };
    let select = Select { filters: vec![named], limit: Some(1), ..Select::default() };
    Ok(db.records(db.table("account")?, &select)?.into_iter().next())
}

/// How many licences no active account has.
pub(crate) fn remaining_licences(settings: &Settings, db: &Db<'_>) -> Result<i64> {
    let select = Select { filters: vec![tables::equals("status", ACTIVE)], ..Select::default() };
    let taken = i64::try_from(db.count(db.table("account")?, &select)?).unwrap_or(i64::MAX);
    Ok(settings.integer("licences").saturating_sub(taken).max(0))
}

/// Notes that an account has taken a licence, or given it back, with its new status.
pub(crate) fn note_licence(db: &Db<'_>, user: &str, status: &str) {
    let user = fold(user);
    db.note_licence(if status == ACTIVE { LicenceNote::Taken(user) } else { LicenceNote::GivenBack(user) });
}
