//! Outbox reports (fact sheet 16).

use serde_json::{Value, json};

use super::{Weavy, refusal};
use crate::support::App;

const PATH: &str = "data/DEMO/outbox/report/?eventActionCode=EVT_OUTBOX";

fn report() -> Value {
    json!({ "baseOutbox_ID": "OB-1", "confreport_ID": "RPT_CUSTOMER", "rowID": "C0000001", "sourceEntity": "customer",
        "baseUser_ID": "ADMIN", "isBodyHtml": "1", "print": 2, "emailto": ["a@x.example", "b@x.example"], "replyto": "c@x.example;d@x.example",
        "attachments": [{ "entity": "email", "dataColumn": "body", "rowID": "M00001", "name": "n", "mimeType": "text/plain" }] })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_is_queued_with_its_task() {
    let app = App::start().await;
    let weavy = Weavy::of(&app).await;
    let answer = weavy.post(PATH, report()).await;
    assert_eq!((answer.status.as_u16(), answer.json()), (200, json!({ "baseoutbox_ID": "OB-1" })));
    let row = weavy.record("baseoutbox", "OB-1").await;
    for (field, value) in [
        ("status", json!("Pending")),
        ("eventActionCode", json!("EVT_OUTBOX")),
        ("fromArchive", json!(0)),
        ("print", json!(2)),
        ("isBodyHtml", json!(true)),
        ("emailto", json!("a@x.example;b@x.example")),
        ("replyto", json!("c@x.example;d@x.example")),
        ("baseuser_ID", json!("ADMIN")),
        ("filename", Value::Null),
    ] {
        assert_eq!(row[field], value, "{field}");
    }
    assert_eq!(app.records("weavy", "baseoutbox").await[0]["_attachments"], report()["attachments"]);
    assert_eq!(app.records("weavy", "task").await[0]["code"], "EVT_OUTBOX");
    assert_eq!(refusal(&weavy.post(PATH, report()).await).0, 409);
    let mut second = report();
    second["baseOutbox_ID"] = "OB-2".into();
    assert_eq!(weavy.put(PATH, second).await.status, 200);
    assert_eq!(app.records("weavy", "task").await.len(), 1, "the task waits already");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_report_refers_to_must_exist() {
    let app = App::start().await;
    let weavy = Weavy::of(&app).await;
    let attachment = &report()["attachments"][0];
    for (name, value) in [
        ("baseOutbox_ID", Value::Null),
        ("confreport_ID", Value::Null),
        ("rowID", Value::Null),
        ("sourceEntity", Value::Null),
        ("baseUser_ID", Value::Null),
        ("confreport_ID", json!("NOPE")),
        ("baseUser_ID", json!("NOPE")),
        ("rowID", json!("NOPE")),
        ("sourceEntity", json!("nope")),
        ("fromArchive", json!(3)),
        ("print", json!(-1)),
        ("isBodyHtml", json!("yes")),
        ("emailto", json!([1])),
    ] {
        let mut body = report();
        body[name] = value.clone();
        assert_eq!(refusal(&weavy.post(PATH, body).await).0, 400, "{name} {value}");
    }
    for (name, value) in [
        ("entity", json!("nope")),
        ("dataColumn", json!("subject")),
        ("dataColumn", json!("nope")),
        ("rowID", json!("NOPE")),
        ("name", Value::Null),
        ("mimeType", Value::Null),
    ] {
        let mut attachment = attachment.clone();
        attachment[name] = value.clone();
        let mut body = report();
        body["attachments"] = json!([attachment]);
        assert_eq!(refusal(&weavy.post(PATH, body).await).0, 400, "{name} {value}");
    }
    for path in [
        "data/DEMO/outbox/report",
        "data/DEMO/outbox/report?eventActionCode=",
        "data/DEMO/outbox/report?eventActionCode=NOPE",
    ] {
        assert_eq!(refusal(&weavy.post(path, report()).await).0, 400, "{path}");
    }
    assert_eq!(app.records("weavy", "baseoutbox").await.len(), 0);
    assert_eq!(app.records("weavy", "task").await.len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_report_that_is_made_can_be_seen() {
    let app = App::start().await;
    let weavy = Weavy::of(&app).await;
    assert_eq!(weavy.post(PATH, report()).await.status, 200);
    assert!(app.records("weavy", "baseoutbox").await[0]["_report"].is_null(), "it waits for its task");
    app.act("weavy", "finish-task", json!({ "code": "EVT_OUTBOX" })).await;
    let row = app.records("weavy", "baseoutbox").await[0].clone();
    assert_eq!(row["status"], "Done");
    let made = &row["_report"];
    assert_eq!((&made["fileName"], &made["copies"]), (&json!("client.pdf"), &json!(2)), "{made}");
    assert_eq!(made["emailTo"], "a@x.example;b@x.example");
    let name = weavy.record("customer", "C0000001").await["name"].as_str().unwrap().to_owned();
    let text = made["text"].as_str().unwrap();
    assert!(text.starts_with("Fiche client\n") && text.contains(&format!("name: {name}\n")), "{text}");
    assert!(weavy.record("baseoutbox", "OB-1").await.get("_report").is_none(), "the API does not show it");
}
