//! `getTeams`: all teams (fact sheet 9).

use serde_json::Value;
use simcore::Select;

use crate::api::Api;
use crate::failure::Resolved;

pub(crate) fn list(api: &Api<'_>) -> Resolved {
    let teams = api.db.records(api.db.table("teams")?, &Select::default())?;
    Ok(teams.into_iter().map(|team| Value::Object(team.values)).collect())
}
