//! Calls on user accounts (fact sheet 14).

use axum::response::Response;
use serde_json::{Map, Value, json};
use simcore::entity::settings::Settings;
use simcore::store::effects::{LicenceNote, Refused};
use simcore::store::functions::fold;
use simcore::store::noting::Written;
use simcore::{Db, Result, said};

use crate::account::{ACTIVE, find, note_licence, remaining_licences};
use crate::body::{self, Envelope};
use crate::call::Call;
use crate::{company, error, fetch};

pub(crate) const STATUSES: [&str; 3] = [ACTIVE, "Disabled", "Locked"];

/// One account of a call, checked.
struct Asked {
    user: String,
    status: &'static str,
    record: Map<String, Value>,
}

/// Creates accounts; of those that exist, changes the status.
pub(crate) async fn write(call: &Call) -> Result<Response> {
    let Value::Array(items) = body::json(&call.headers, &call.body)? else {
        return Err(said!(NOT_ACCOUNTS).into());
    };
    let asked = items.into_iter().map(asked).collect::<Result<Vec<_>>>()?;
    let answer = call
        .ctx
        .write(|db| {
            let settings = db.settings();
            for (place, one) in asked.iter().enumerate() {
                let is_repeated = asked[..place].iter().any(|other| fold(&other.user) == fold(&one.user));
                if !is_repeated && find(db, &one.user)?.is_none() {
                    check_new(&settings, one)?;
                }
            }
            let shown = asked.into_iter().map(|asked| put(call, &settings, db, asked));
            let shown = shown.collect::<Result<Vec<_>>>()?;
            Ok(json!({ "accounts": shown, "remainingLicences": remaining_licences(&settings, db)? }))
        })
        .await?;
    Ok(fetch::json(answer.to_string()))
}

fn asked(item: Value) -> Result<Asked> {
    let item = Envelope::of(item, said!(AN_ACCOUNT))?;
    let user = item.mandatory("userName")?.to_owned();
    let status = item.mandatory("status")?;
    let status = STATUSES.into_iter().find(|known| known.eq_ignore_ascii_case(status));
    let status = status.ok_or_else(|| error::bad_value("status", said!(EXPECTED_ACCOUNT_STATUS)))?;
    let mut record = Map::new();
    for name in ["password", "email", "lastName", "firstName", "languageCode", "companyCode", "baseuser_ID"] {
        if let Some(text) = item.text(name)? {
            if text.chars().count() > 255 {
                return Err(error::bad_value(name, said!(EXPECTED_SHORT_TEXT)));
            }
            record.insert(name.to_owned(), text.into());
        }
    }
    Ok(Asked { user, status, record })
}

/// What is asked of an account that does not exist yet, before any is written.
fn check_new(settings: &Settings, asked: &Asked) -> Result<()> {
    if asked.record.get("password").and_then(Value::as_str).is_none_or(str::is_empty) {
        return Err(error::missing("password"));
    }
    match asked.record.get("companyCode").and_then(Value::as_str) {
        Some(company) if !settings.texts("companies").any(|known| known == company) => {
            Err(company::unknown(settings, company))
        }
        _ => Ok(()),
    }
}

fn put(call: &Call, settings: &Settings, db: &Db<'_>, asked: Asked) -> Result<Value> {
    let Asked { user, status: requested, mut record } = asked;
    let existing = find(db, &user)?;
    let before = existing.as_ref().map_or("", |account| account.text("status"));
    let granted = if requested == ACTIVE && before != ACTIVE && remaining_licences(settings, db)? == 0 {
        "Disabled"
    } else {
        requested
    };
    let table = db.table("account")?;
    if requested == ACTIVE && granted != ACTIVE {
        // The answer is a 200: that no licence was left stands inside it.
        db.note_refused(Refused {
            entity: "accounts".to_owned(),
            key: Some(user.clone()),
            reason: granted.to_owned(),
            ..Refused::default()
        });
        db.note_licence(LicenceNote::NoneLeft(fold(&user)));
    }
    if (before == ACTIVE) != (granted == ACTIVE) {
        note_licence(db, &user, granted);
    }
    let row = existing.as_ref().map_or(0, |account| account.id);
    let note = |what| db.note_written("accounts", &user, row, what);
    let action = match &existing {
        Some(_) if before == granted => {
            note(Written::Unchanged);
            "Unchanged"
        }
        Some(account) => {
            let change = Map::from_iter([("status".to_owned(), granted.into())]);
            db.update(table, account.id, &change)?;
            note(Written::Changed("status"));
            "Updated"
        }
        None => {
            record.insert("userName".to_owned(), user.clone().into());
            record.insert("status".to_owned(), granted.into());
            record.entry("companyCode").or_insert_with(|| call.principal.tenant.clone().into());
            record.insert("companies".to_owned(), Value::Array(Vec::new()));
            db.insert(table, &call.principal.tenant, &record)?;
            note(Written::Created);
            "Created"
        }
    };
    let name = existing.as_ref().map_or(user.as_str(), |account| account.text("userName"));
    Ok(json!({ "userName": name, "requestedStatus": requested, "status": granted, "action": action }))
}
