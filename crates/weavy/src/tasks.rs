//! Event tasks (fact sheet 15).

use axum::response::Response;
use jiff::SignedDuration;
use odata::{Bind, Sql};
use serde_json::{Map, Value};
use simcore::entity::settings::Settings;
use simcore::{Db, Result, Select, said};

use crate::body::{self, Envelope};
use crate::call::Call;
use crate::{auth, error, fetch, hooks, outbox, tables, task};

/// Creates a task for each code that has none waiting; answers with those created.
pub(crate) async fn start(call: &Call) -> Result<Response> {
    let codes = match body::json(&call.headers, &call.body)? {
        Value::Array(codes) => codes,
        other => {
            let mut body = Envelope::of(other, said!(THE_BODY))?;
            body.take_list("codes")?.ok_or_else(|| error::missing("codes"))?
        }
    };
    let codes: Vec<String> = codes
        .into_iter()
        .map(|code| match code {
            Value::String(code) if !code.is_empty() => Ok(code),
            _ => Err(error::bad_value("codes", said!(EXPECTED_EVENT_CODES))),
        })
        .collect::<Result<_>>()?;
    let answer = call
        .ctx
        .write(|db| {
            let settings = db.settings();
            codes.iter().try_for_each(|code| task::check(&settings, code))?;
            let mut created = Vec::new();
            for code in &codes {
                created.extend(task::create(db, code)?);
            }
            Ok(Value::Array(created))
        })
        .await?;
    Ok(fetch::json(answer.to_string()))
}

/// Tasks that have waited for `task_seconds` are done. Each call of a client begins with this.
pub(crate) fn finish_overdue(settings: &Settings, db: &Db<'_>) -> Result<()> {
    let seconds = settings.integer("task_seconds");
    let Some(since) = Some(seconds)
        .filter(|seconds| *seconds > 0)
        .and_then(|seconds| db.now.checked_sub(SignedDuration::from_secs(seconds)).ok())
    else {
        return Ok(());
    };
    let overdue =
        Sql { text: "createdDateUTC <= ?".to_owned(), binds: vec![Bind::Text(auth::second(since))] };
    finish(db, vec![overdue]).map(drop)
}

/// The waiting tasks that meet `filters` are done, and with them the reports that waited for them; gives their codes.
pub(crate) fn finish(db: &Db<'_>, mut filters: Vec<Sql>) -> Result<Vec<String>> {
    let table = db.table("task")?;
    filters.push(tables::equals("status", "Pending"));
    let waiting = db.records(table, &Select { filters, ..Select::default() })?;
    let done = Map::from_iter([("status".to_owned(), "Done".into())]);
    for task in &waiting {
        db.update(table, task.id, &done)?;
        send_reports(db, task.text("code"))?;
    }
    Ok(waiting.iter().map(|task| task.text("code").to_owned()).collect())
}

/// The outbox rows that the event `code` was to process are done.
fn send_reports(db: &Db<'_>, code: &str) -> Result<()> {
    let table = db.table("baseoutbox")?;
    let filters = vec![tables::equals("eventActionCode", code), tables::equals("status", "Pending")];
    for report in db.records(table, &Select { filters, ..Select::default() })? {
        let mut change = Map::from_iter([("status".to_owned(), "Done".into())]);
        change.insert("_report".to_owned(), outbox::made(db, &report)?);
        hooks::changed(db, "baseoutbox", &report, &mut change)?;
        db.update(table, report.id, &change)?;
    }
    Ok(())
}
