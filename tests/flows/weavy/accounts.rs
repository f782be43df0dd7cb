//! Accounts, licences and tasks (fact sheet 14, 15).

use reqwest::Method;
use serde_json::{Value, json};

use super::{FROZEN, Weavy, login, refusal};
use crate::support::App;

fn statuses(answer: &Value) -> Vec<(String, String, String)> {
    let text = |account: &Value, name: &str| account[name].as_str().unwrap().to_owned();
    let accounts = answer["accounts"].as_array().unwrap();
    accounts.iter().map(|it| (text(it, "userName"), text(it, "status"), text(it, "action"))).collect()
}

fn expected(rows: &[(&str, &str, &str)]) -> Vec<(String, String, String)> {
    rows.iter().map(|(user, status, action)| ((*user).into(), (*status).into(), (*action).into())).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn licences_run_out_and_are_freed_within_one_call() {
    let app = App::start().await;
    let weavy = Weavy::of(&app).await;
    let ask =
        |user: &str, status: &str| json!({ "userName": user, "password": "Secret1!", "status": status });
    let five: Vec<Value> = (1..=5).map(|n| ask(&format!("u{n}"), "active")).collect();
    let answer = weavy.post("Accounts/DEMO", five.into()).await.json();
    assert_eq!(
        statuses(&answer)[3..],
        expected(&[("u4", "Active", "Created"), ("u5", "Disabled", "Created")])
    );
    assert_eq!(
        (&answer["remainingLicences"], &answer["accounts"][4]["requestedStatus"]),
        (&json!(0), &json!("Active"))
    );
    assert_eq!(login(&app, "u4", "Secret1!").await.status, 200);
    assert_eq!(login(&app, "u5", "Secret1!").await.status, 401);

    let swap = json!([
        ask("U1", "Locked"),
        ask("u5", "ACTIVE"),
        ask("u2", "Active"),
        ask("u3", "Disabled"),
        ask("u3", "Active")
    ]);
    let answer = weavy.put("Accounts/DEMO", swap).await.json();
    let swapped = [
        ("u1", "Locked", "Updated"),
        ("u5", "Active", "Updated"),
        ("u2", "Active", "Unchanged"),
        ("u3", "Disabled", "Updated"),
        ("u3", "Active", "Updated"),
    ];
    assert_eq!(statuses(&answer), expected(&swapped));
    assert_eq!(answer["remainingLicences"], 0);
    let other_password = json!([{ "userName": "u5", "password": "other", "status": "Active" }]);
    assert_eq!(
        weavy.post("Accounts/DEMO", other_password).await.json()["accounts"][0]["action"],
        "Unchanged"
    );
    assert_eq!(
        login(&app, "u5", "Secret1!").await.status,
        200,
        "of an existing account only the status changes"
    );
    assert_eq!(login(&app, "u1", "Secret1!").await.status, 401);

    let twice = json!([ask("New", "Disabled"), { "userName": "NEW", "status": "Locked" }]);
    let answer = weavy.post("Accounts/DEMO", twice).await.json();
    assert_eq!(statuses(&answer), expected(&[("New", "Disabled", "Created"), ("New", "Locked", "Updated")]));

    let changed = app.act("weavy", "set-licences", json!({ "licences": 7 })).await;
    assert_eq!(changed, json!({ "licences": 7, "remainingLicences": 2 }));
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_done_when_one_account_is_wrong() {
    let app = App::start().await;
    let weavy = Weavy::of(&app).await;
    let good = json!({ "userName": "good", "password": "p", "status": "Active" });
    for bad in [
        json!({ "password": "p", "status": "Active" }),
        json!({ "userName": "x", "password": "p" }),
        json!({ "userName": "x", "password": "p", "status": "Sleeping" }),
        json!({ "userName": "x", "status": "Active" }),
        json!({ "userName": "x", "password": "p", "status": "Active", "companyCode": "C99" }),
        json!("x"),
    ] {
        let answer = weavy.post("Accounts/DEMO", json!([good, bad])).await;
        assert_eq!(refusal(&answer).0, 400, "{bad}");
    }
    assert_eq!(weavy.post("Accounts/DEMO", good).await.status, 400, "a list, not an object");
    assert_eq!(app.records("weavy", "account").await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_waiting_task_is_not_created_again() {
    let app = App::scenario(FROZEN).await;
    let weavy = Weavy::of(&app).await;
    let task =
        |code: &str| json!({ "code": code, "status": "Pending", "createdDateUTC": "2026-03-02T08:00:00" });
    let body = json!({ "codes": ["EVT_IMPORT", "EVT_EXPORT", "EVT_IMPORT"] });
    let answer = weavy.post("Tasks/DEMO", body.clone()).await;
    assert_eq!(answer.json(), json!([task("EVT_IMPORT"), task("EVT_EXPORT")]));
    assert_eq!(weavy.post("Tasks/DEMO", body).await.body, "[]");
    assert_eq!(
        app.act("weavy", "finish-task", json!({ "code": "EVT_EXPORT" })).await,
        json!({ "finished": ["EVT_EXPORT"] })
    );
    assert_eq!(
        weavy.put("Tasks/DEMO", json!(["EVT_EXPORT", "EVT_IMPORT"])).await.json(),
        json!([task("EVT_EXPORT")])
    );
    for body in [json!({ "codes": ["EVT_OUTBOX", "EVT_NOPE"] }), json!({}), json!({ "codes": [1] }), json!(1)]
    {
        assert_eq!(refusal(&weavy.post("Tasks/DEMO", body).await).0, 400);
    }
    assert_eq!(app.records("weavy", "task").await.len(), 3);
    let nothing = app.control(Method::POST, "/sandboxes/default/actions/weavy/finish-task");
    let nothing = crate::support::send(nothing.json(&json!({ "code": "EVT_OUTBOX" }))).await;
    assert_eq!(nothing.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn tasks_end_by_themselves_when_told_so() {
    let app = App::scenario(&format!(
        "{FROZEN}\nservers: {{ weavy: {{ settings: {{ task_seconds: 60, event_codes: [] }} }} }}"
    ))
    .await;
    let weavy = Weavy::of(&app).await;
    assert_eq!(weavy.post("Tasks/DEMO", json!(["ANY"])).await.json().as_array().unwrap().len(), 1);
    app.advance("59s").await;
    assert_eq!(weavy.post("Tasks/DEMO", json!(["ANY"])).await.body, "[]");
    app.advance("1s").await;
    assert_eq!(weavy.post("Tasks/DEMO", json!(["ANY"])).await.json().as_array().unwrap().len(), 1);
}
