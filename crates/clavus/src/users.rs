//! `getUsers(teamId)`: the active users of a team, or of all (fact sheet 9, I-13).

use std::collections::HashMap;

use serde_json::{Map, Value};
use simcore::{Db, Result, Select};

use crate::api::Api;
use crate::failure::Resolved;

pub(crate) fn list(api: &Api<'_>, arguments: &Map<String, Value>) -> Resolved {
    let team = arguments.get("teamId").and_then(Value::as_str);
    let table = api.db.table("users")?;
    let users = api.db.records(table, &Select { order: table.usual_order(""), ..Select::default() })?;
    let wanted = users.into_iter().filter(|user| {
        let teams = user.values.get("_teams").and_then(Value::as_array);
        let is_in = |team: &str| teams.into_iter().flatten().any(|known| known == team);
        user.flag("_active") && team.is_none_or(is_in)
    });
    let wanted: Vec<_> = wanted.collect();
    api.delivered("users", wanted.iter().map(|user| (user.id, 0)).collect(), wanted.len(), None);
    Ok(wanted.into_iter().map(|user| Value::Object(user.values)).collect())
}

/// The first name of each user, by id: what people see in a column of type user (I-09).
pub(crate) fn names(db: &Db<'_>) -> Result<HashMap<String, String>> {
    let users = db.records(db.table("users")?, &Select::default())?;
    let named = users.iter().filter(|user| !user.text("firstName").is_empty());
    Ok(named.map(|user| (user.text("id").to_owned(), user.text("firstName").to_owned())).collect())
}
