//! Processes and webhooks (fact sheet 19): subscribing to events; which webhook is meant.

use axum::response::Response;
use serde_json::{Map, Value, json};
use simcore::{Db, Result, Select, said};

use crate::body::{self, Envelope};
use crate::call::Call;
use crate::events::Raised;
use crate::{business, company, error, events, fetch};

/// Webhooks need no credentials: the standard ones of the business objects.
pub(crate) async fn webhook(call: &Call) -> Result<Response> {
    if !(call.names_project() || call.names_company()) {
        return Err(said!(PROJECT_UNKNOWN, project = &call.project).into());
    }
    let body = body::json(&call.headers, &call.body)?;
    let code = code(call)?;
    let table = business::entity(call, code).ok_or_else(|| said!(WEBHOOK_UNKNOWN, code = code))?;
    business::answer(call, table, body).await
}

/// The standard processes by which hooks are subscribed to.
pub(crate) async fn process(call: &Call) -> Result<Response> {
    let code = code(call)?.to_owned();
    let body = Envelope::of(body::json(&call.headers, &call.body)?, said!(THE_BODY))?;
    let answer = if code.eq_ignore_ascii_case("EPT_WebhookSubscribe") {
        let (event, url) = (event(&body)?, hook_url(&body)?);
        call.ctx.write(|db| subscribe(db, event, url)).await?
    } else if code.eq_ignore_ascii_case("EPT_WebhookUnsubscribe") {
        let subscription = body.mandatory("codeWebhookSubscription")?;
        call.ctx.write(|db| unsubscribe(db, subscription)).await?
    } else if code.eq_ignore_ascii_case("EPT_WebhookPerformList") {
        let event = event(&body)?;
        call.ctx.read(|db| sample(db, &call.principal.tenant, event)).await?
    } else {
        return Err(said!(PROCESS_UNKNOWN, code = &code).into());
    };
    Ok(fetch::json(json!({ "result": answer }).to_string()))
}

fn code(call: &Call) -> Result<&str> {
    call.query.get("c").filter(|code| !code.is_empty()).ok_or_else(|| error::missing("c"))
}

fn event(body: &Envelope) -> Result<&'static str> {
    let event = body.mandatory("event")?;
    let known = events::STANDARD.into_iter().find(|known| known.eq_ignore_ascii_case(event));
    known.ok_or_else(|| said!(EVENT_UNKNOWN, event = event).into())
}

fn hook_url(body: &Envelope) -> Result<&str> {
    let url = body.mandatory("hookUrl")?;
    let is_http = ["http://", "https://"].iter().any(|scheme| {
        url.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme))
            && url.len() > scheme.len()
    });
    if is_http && url.len() <= 2048 { Ok(url) } else { Err(error::bad_value("hookUrl", said!(EXPECTED_URL))) }
}

fn subscribe(db: &Db<'_>, event: &str, url: &str) -> Result<Value> {
    if db.may_not_be_posted_to(url) {
        return Err(error::bad_value("hookUrl", said!(EXPECTED_FOREIGN_URL)));
    }
    let code = format!("WHS-{:06}", db.next("subscription", 1)?);
    let record = Map::from_iter([
        ("codeWebhookSubscription".to_owned(), code.clone().into()),
        ("event".to_owned(), event.into()),
        ("hookUrl".to_owned(), url.into()),
    ]);
    db.insert(db.table("subscription")?, &company::home(db), &record)?;
    Ok(json!({ "codeWebhookSubscription": code }))
}

fn unsubscribe(db: &Db<'_>, code: &str) -> Result<Value> {
    let table = db.table("subscription")?;
    let found = db.find(table, &company::home(db), "codeWebhookSubscription", code)?;
    let found = found.ok_or_else(|| said!(SUBSCRIPTION_UNKNOWN, code = code))?;
    db.delete(table, found.id)?;
    Ok(json!({ "codeWebhookSubscription": code }))
}

/// What a hook would send of the newest record that fits; of an empty one when there is none.
fn sample(db: &Db<'_>, tenant: &str, event: &str) -> Result<Value> {
    let raised = Raised::raising(event).ok_or_else(|| said!(EVENT_NOT_RAISED, event = event))?;
    let select =
        Select { tenant: Some(tenant), order: "_id DESC".to_owned(), limit: Some(1000), ..Select::default() };
    let records = db.records(db.table(raised.entity)?, &select)?;
    let fits = |record: &Map<String, Value>| raised.event(db, record) == event;
    let newest = records.into_iter().map(|record| record.values).find(fits);
    raised.data(db, tenant, &newest.unwrap_or_default())
}
