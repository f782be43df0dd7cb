//! `getTeams`: all teams (fact sheet 9).

use serde_json::Value;
use simcore::Select;

use crate::api::Api;
use crate::failure::Resolved;

pub(crate) fn list(api: &Api<'_>) -> Resolved {
    let table = api.db.table("teams")?;
    let teams = api.db.records(table, &Select { order: table.usual_order(""), ..Select::default() })?;
    api.delivered("teams", teams.iter().map(|team| (team.id, 0)).collect(), teams.len(), None);
    Ok(teams.into_iter().map(|team| Value::Object(team.values)).collect())
}
