//! What hooks are told: the standard events and their data (fact sheet 19.4).

use serde_json::{Map, Value, json};
use simcore::{Db, Result, Select};

use crate::body::boolean;

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

/// What a new record of an entity raises.
pub(crate) struct Raised {
    pub(crate) entity: &'static str,
    event: Event,
    data: fn(&Db<'_>, &str, &Map<String, Value>) -> Result<Value>,
}

enum Event {
    Always(&'static str),
    /// It depends on the record and the settings.
    By(fn(&Db<'_>, &Map<String, Value>) -> String),
}

/// The entities whose new records raise an event.
const RAISED: [Raised; 2] = [
    Raised { entity: "deal", event: Event::Always("NewOpportunity"), data: deal },
    Raised {
        entity: "customer",
        event: Event::By(event_of_customer),
        data: |_, _, record| Ok(customer(record)),
    },
];

impl Raised {
    /// What a record of `entity` raises.
    fn by(entity: &str) -> Option<&'static Self> {
        RAISED.iter().find(|raised| raised.entity == entity)
    }

    /// What can raise `event`.
    pub(crate) fn raising(event: &str) -> Option<&'static Self> {
        RAISED.iter().find(|raised| match raised.event {
            Event::Always(known) => known == event,
            Event::By(_) => true,
        })
    }

    /// The event that this record raises.
    pub(crate) fn event(&self, db: &Db<'_>, record: &Map<String, Value>) -> String {
        match self.event {
            Event::Always(event) => event.to_owned(),
            Event::By(event_of) => event_of(db, record),
        }
    }

    /// What the event says of this record: texts only, as webhooks have it (19.3).
    pub(crate) fn data(&self, db: &Db<'_>, tenant: &str, record: &Map<String, Value>) -> Result<Value> {
        (self.data)(db, tenant, record)
    }
}

/// Tells the hooks of a new record, once it stands.
pub(crate) fn created(db: &Db<'_>, tenant: &str, entity: &str, record: &Map<String, Value>) -> Result<()> {
    let Some(raised) = Raised::by(entity) else { return Ok(()) };
    // Looked at first, because batches are long and subscriptions rare.
    if !db.conn.prepare_cached("SELECT 1 FROM subscription")?.exists([])? {
        return Ok(());
    }
    let subscriptions = db.records(db.table("subscription")?, &Select::default())?;
    let event = raised.event(db, record);
    let body = json!({ "result": raised.data(db, tenant, record)? });
    for subscription in subscriptions.iter().filter(|it| event == it.text("event")) {
        db.post_after_commit(subscription.text("hookUrl"), &body);
    }
    Ok(())
}

fn event_of_customer(db: &Db<'_>, record: &Map<String, Value>) -> String {
    let kind = record.get("generictype_ID_customerType").and_then(Value::as_str).unwrap_or_default();
    let settings = db.settings();
    let event = settings.value("customer_type_events").get(kind).and_then(Value::as_str);
    event.unwrap_or("NewCustomer").to_owned()
}

fn text(record: &Map<String, Value>, name: &str) -> Value {
    spelled(record.get(name).unwrap_or(&Value::Null))
}

fn customer(record: &Map<String, Value>) -> Value {
    let mut told = Map::from_iter([("codecustomer".to_owned(), text(record, "customer_ID"))]);
    told.extend(CUSTOMER.iter().map(|name| ((*name).to_owned(), text(record, name))));
    Value::Object(told)
}

fn deal(db: &Db<'_>, tenant: &str, record: &Map<String, Value>) -> Result<Value> {
    let customer = record.get("customer_ID").and_then(Value::as_str).unwrap_or_default();
    let customer = db.find(db.table("customer")?, tenant, "customer_ID", customer)?;
    Ok(json!({
        "codedeal": text(record, "deal_ID"),
        "customerName": customer.map(|customer| customer.text("name").to_owned()).unwrap_or_default(),
        "label": text(record, "label"),
        "type": text(record, "generictype_ID_dealType"),
        "dealNumber": text(record, "dealNumber"),
        "status": text(record, "generictype_ID_status"),
        "creationDate": text(record, "creationDate"),
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
