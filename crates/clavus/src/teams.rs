//! `getTeams`: all teams (fact sheet 9).

use serde_json::Value;
use simcore::Select;

use crate::api::Api;
use crate::failure::Resolved;

pub(crate) fn list(api: &Api<'_>) -> Resolved {
    let teams = api.db.records(api.db.table("teams")?, &Select::default())?;
    api.delivered("teams", teams.iter().map(|team| (team.id, 0)).collect(), teams.len(), None);
    Ok(teams.into_iter().map(|team| Value::Object(team.values)).collect())
}
