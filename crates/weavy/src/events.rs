//! What hooks are told: the standard events and their data (fact sheet 19.4).

use serde_json::{Map, Value, json};
use simcore::{Db, Result, Select};

use crate::write::boolean;

/// The events that can be subscribed to.
pub(crate) const STANDARD: [&str; 4] = ["NewCustomer", "NewProspect", "NewSuspect", "NewOpportunity"];

/// What of a customer is told, besides its code.
pub(crate) const CUSTOMER: [&str; 10] = [
    "name",
    "address1",
    "address2",
    "address3",
    "postalCode",
    "city",
    "phoneNumber",
    "faxNumber",
    "mobilePhoneNumber",
    "email",
];

/// Tells the hooks of a new record, once it stands.
pub(crate) fn created(db: &Db<'_>, tenant: &str, entity: &str, record: &Map<String, Value>) -> Result<()> {
    if !matches!(entity, "customer" | "deal") {
        return Ok(());
    }
    // Looked at first, because batches are long and subscriptions rare.
    let subscriptions = db.records(db.table("subscription")?, &Select::default())?;
    if subscriptions.is_empty() {
        return Ok(());
    }
    let event = event_of(db, entity, record);
    let body = json!({ "result": data(db, tenant, entity, record)? });
    for subscription in subscriptions.iter().filter(|it| event.as_deref() == Some(it.text("event"))) {
        db.post_after_commit(subscription.text("hookUrl"), &body);
    }
    Ok(())
}

/// The event that a new record raises.
pub(crate) fn event_of(db: &Db<'_>, entity: &str, record: &Map<String, Value>) -> Option<String> {
    match entity {
        "customer" => {
            let kind = record.get("generictype_ID_customerType").and_then(Value::as_str).unwrap_or_default();
            let settings = db.settings();
            let event = settings.value("customer_type_events").get(kind).and_then(Value::as_str);
            Some(event.unwrap_or("NewCustomer").to_owned())
        }
        "deal" => Some("NewOpportunity".to_owned()),
        _ => None,
    }
}

/// What an event says of a record: texts only, as webhooks have it (19.3).
pub(crate) fn data(db: &Db<'_>, tenant: &str, entity: &str, record: &Map<String, Value>) -> Result<Value> {
    let text = |name: &str| spelled(record.get(name).unwrap_or(&Value::Null));
    if entity == "customer" {
        let mut told = Map::from_iter([("codecustomer".to_owned(), text("customer_ID"))]);
        told.extend(CUSTOMER.iter().map(|name| ((*name).to_owned(), text(name))));
        return Ok(Value::Object(told));
    }
    let customer = record.get("customer_ID").and_then(Value::as_str).unwrap_or_default();
    let customer = db.find(db.table("customer")?, tenant, "customer_ID", customer)?;
    Ok(json!({
        "codedeal": text("deal_ID"),
        "customerName": customer.map(|customer| customer.text("name").to_owned()).unwrap_or_default(),
        "label": text("label"),
        "type": text("generictype_ID_dealType"),
        "dealNumber": text("dealNumber"),
        "status": text("generictype_ID_status"),
        "creationDate": text("creationDate"),
        "url": "",
    }))
}

/// A value as webhooks write it: booleans "0" and "1", dates with a space, null empty.
pub(crate) fn spelled(value: &Value) -> Value {
    match value {
        Value::Null => "".into(),
        Value::Bool(_) => if boolean(value) == Some(true) { "1" } else { "0" }.into(),
        Value::String(text) => match simcore::entity::validate::datetime(text) {
            Some(at) if text.len() == 19 => at.strftime("%Y-%m-%d %H:%M:%S").to_string().into(),
            _ => text.clone().into(),
        },
        other => other.to_string().into(),
    }
}
