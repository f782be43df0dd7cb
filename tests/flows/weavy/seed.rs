//! The seed document, section by section: what the fact sheet carries as [seed], with its samples on the default data.

use reqwest::Method;
use serde_json::{Value, json};

use super::{FROZEN, Weavy, codes, login};
use crate::support::{App, send};

/// A server whose clock stands still at eight.
async fn frozen() -> App {
    App::scenario(&format!("name: x\n{FROZEN}")).await
}

/// Authentication (3): the token goes into `Authorization: Bearer` of every later call; the user has a company.
#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_sent_with_every_call() {
    let app = App::start().await;
    let token = login(&app, "api", "api").await.json();
    let keys: Vec<&String> = token.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["authToken", "expiresIn", "generatedTimeUTC", "passwordExpiryUTC"]);
    let weavy = Weavy::of(&app).await;
    let change = json!({ "city": "Ailleurs" });
    assert_eq!(weavy.put("Data/DEMO/customer/C0000001?companyCode=C02", change).await.status, 200);
    let own = weavy.get("Data/DEMO/customer?limit=1").await.json();
    assert_eq!(own, weavy.get("Data/DEMO/customer?limit=1&companyCode=C01").await.json());
    assert_ne!(own, weavy.get("Data/DEMO/customer?limit=1&companyCode=C02").await.json());
    assert_eq!(send(app.request("weavy", Method::GET, "/v1/Data/DEMO/customer")).await.status, 401);
}

/// Data formats (4): booleans, whole numbers, `YYYY-MM-DDTHH:MM:SS`, decimals with a dot, texts, Base64.
#[tokio::test(flavor = "multi_thread")]
async fn values_have_the_forms_of_the_table() {
    let app = App::start().await;
    let weavy = Weavy::of(&app).await;
    let sent = json!({
        "customeraddress_ID": "F1", "site": true, "gpsLatitude": 48.25, "gpsUpdateDate": "2024-05-02T08:30:00", "name": "Siège",
    });
    assert_eq!(weavy.post("Data/DEMO/customeraddress", sent.clone()).await.status, 200);
    let shown = weavy.record("customeraddress", "F1").await;
    for (name, value) in sent.as_object().unwrap() {
        assert_eq!(shown[name], *value, "{name}");
    }
    let mail = json!({ "email_ID": "F2", "body": "Qm9uam91cg==" });
    assert_eq!(weavy.post("Data/DEMO/email", mail).await.json()["body"], "Qm9uam91cg==");
    let product =
        weavy.post("Data/DEMO/productfamily", json!({ "productfamily_ID": "F3", "hierarchicalLevel": 2 }));
    assert_eq!(product.await.json()["hierarchicalLevel"], 2);
    let form =
        weavy.request(Method::POST, "Data/DEMO/customer").header("content-type", "text/plain").body("{}");
    assert_eq!(send(form).await.status, 415, "writes are JSON");
}

/// Discovery (5): the sample of one entity, translations in its order, foreign keys without a length.
#[tokio::test(flavor = "multi_thread")]
async fn the_dictionary_sample() {
    let app = App::start().await;
    let weavy = Weavy::of(&app).await;
    let customer = weavy.get("Dictionary/DEMO/customer").await.json();
    let words = |texts: [&str; 3]| {
        let texts = ["DE", "EN", "FR"].into_iter().zip(texts);
        Value::Array(
            texts.map(|(language, text)| json!({ "languageCode": language, "text": text })).collect(),
        )
    };
    assert_eq!(customer["entityName"], "customer");
    assert_eq!(customer["translations"], words(["Kunde", "Customer", "Client"]));
    let fields = customer["fields"].as_array().unwrap();
    let code = json!({
        "fieldName": "CodeCustomer", "translations": fields[0]["translations"], "fieldType": "text", "fieldLength": 255,
    });
    assert_eq!(fields[0], code);
    assert_eq!(fields[0]["translations"][1], json!({ "languageCode": "EN", "text": "Account code" }));
    let key = fields.iter().find(|it| it["fieldName"] == "baseuser_ID").expect("a foreign key");
    assert_eq!((&key["fieldType"], &key["fieldLength"]), (&json!("text(foreignkey)"), &Value::Null));
    let every = weavy.get("Dictionary/DEMO").await.json();
    assert!(every.as_array().unwrap().contains(&customer), "all entities, each as alone");
}

/// Simple fetch (6): all fields, null ones too; by itself what is not deleted; never more than 1,000.
#[tokio::test(flavor = "multi_thread")]
async fn a_fetch_lists_all_fields_of_what_is_alive() {
    let app = App::start().await;
    let weavy = Weavy::of(&app).await;
    let list = weavy.get("Data/DEMO/customer?limit=2&offset=1").await.json();
    let list = list.as_array().expect("a bare array").clone();
    assert_eq!(codes(&list, "customer_ID"), ["C0000002", "C0000003"]);
    let first: Vec<&String> = list[0].as_object().unwrap().keys().take(4).collect();
    assert_eq!(first, ["srvExport", "srvDateUTC", "srvAttrib", "customer_ID"]);
    let described = weavy.get("Dictionary/DEMO/customer").await.json()["fields"].as_array().unwrap().len();
    assert_eq!(list[0].as_object().unwrap().len(), described + 3, "null ones too");
    assert!(list[0].as_object().unwrap().values().any(Value::is_null));
    assert_eq!(weavy.delete("Data/DEMO/customer/C0000002").await.status, 200);
    let alive = weavy.get("Data/DEMO/customer?limit=2&offset=1").await.json();
    assert_eq!(codes(alive.as_array().unwrap(), "customer_ID"), ["C0000003", "C0000004"]);
    let deleted = weavy.get("Data/DEMO/customer?srvAttrib=1").await.json();
    assert!(codes(deleted.as_array().unwrap(), "customer_ID").contains(&"C0000002".to_owned()));
    for name in ["serverExport", "srvExport"] {
        let open = weavy.get(&format!("Data/DEMO/customer?{name}=0")).await.json();
        assert!(open.as_array().unwrap().iter().all(|row| row["srvExport"] == 0), "{name}");
    }
    let rows: Vec<Value> = (0..1001).map(|n| json!({ "symptom_ID": format!("S{n:05}") })).collect();
    let made = weavy.post("Data/DEMO/BulkImport", json!({ "entityName": "symptom", "rows": rows })).await;
    assert_eq!(made.json()["addedRow"], 1001, "{}", made.body);
    let packet = weavy.get("Data/DEMO/symptom?limit=5000").await.json();
    assert_eq!(packet.as_array().map(Vec::len), Some(1000));
}

/// One record (8): created without a code in the URL; what is not given is null; a change names its fields alone.
#[tokio::test(flavor = "multi_thread")]
async fn one_record_is_created_read_changed_and_deleted() {
    let app = App::start().await;
    let weavy = Weavy::of(&app).await;
    let made = weavy.post("Data/DEMO/customer", json!({ "customer_ID": "C9", "name": "Neuf" })).await;
    assert_eq!((made.status.as_u16(), &made.json()["city"]), (200, &Value::Null));
    let own = weavy.post("Data/DEMO/customer", json!({ "name": "Sans code" })).await.json();
    assert!(own["customer_ID"].as_str().is_some_and(|code| code.parse::<u64>().is_ok()), "{own}");
    let changed = weavy.put("Data/DEMO/customer/C9", json!({ "city": "Nantes" })).await.json();
    assert_eq!((&changed["name"], &changed["city"]), (&json!("Neuf"), &json!("Nantes")));
    assert_eq!(weavy.record("customer", "C9").await, changed);
    assert_eq!(weavy.delete("Data/DEMO/customer/C9?deleteMode=Physical").await.status, 200);
    assert_eq!(weavy.get("Data/DEMO/customer/C9").await.status, 404);
    // A foreign key that leads nowhere cancels the whole.
    let before = weavy.everything().await;
    let wrong = json!({ "customer_ID": "C9", "baseuser_ID": "NOBODY" });
    assert_eq!(weavy.post("Data/DEMO/customer", wrong).await.status, 400);
    assert_eq!(weavy.everything().await, before);
}

/// Data sets (9): one main record; rows that are as they were are not updated; what is linked to a record of the document,
/// of an entity that it cites, and not listed, goes; nothing cascades.
#[tokio::test(flavor = "multi_thread")]
async fn a_data_set_is_atomic_and_differential() {
    let app = frozen().await;
    let weavy = Weavy::of(&app).await;
    let document = |parts: Value| {
        json!({ "intervention": { "intervention_ID": "I-001", "customeraddress_ID": "A0000001",
            "startDate": "2024-05-02 08:30:00", "endDate": "2024-05-02 17:00:00",
            "interventionpart": parts, "interventionequipment": [] } })
    };
    let part = |code: &str| json!({ "interventionpart_ID": code });
    let import = async |mode: u8, body: Value| {
        let answer = weavy.post(&format!("Data/DEMO/DataSet?deleteMode={mode}&serverExport=0"), body).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        let done = answer.json();
        ["addedRow", "updatedRow", "deletedRow"].map(|name| done[name].as_i64().expect("a count"))
    };
    let both = document(json!([part("I-001-1"), part("I-001-2")]));
    assert_eq!(import(2, both.clone()).await, [3, 0, 0]);
    let before = weavy.everything().await;
    assert_eq!(import(2, both).await, [0, 0, 0]);
    assert_eq!(weavy.everything().await, before, "what is the same is not touched");
    let shown = weavy.record("interventionpart", "I-001-1").await;
    assert_eq!((&shown["intervention_ID"], &shown["srvExport"]), (&json!("I-001"), &json!(0)));
    assert_eq!(import(2, document(json!([part("I-001-2")]))).await, [0, 0, 1]);
    assert_eq!(weavy.get("Data/DEMO/interventionpart/I-001-1").await.status, 404);
    assert_eq!(import(0, document(json!([]))).await, [0, 0, 0], "mode 0 deletes nothing");
    // An entity that the document does not cite keeps its rows.
    assert_eq!(import(2, json!({ "intervention": { "intervention_ID": "I-001" } })).await, [0, 0, 0]);
    assert_eq!(import(2, document(json!([]))).await, [0, 0, 1]);
    let before = weavy.everything().await;
    for wrong in [
        json!({ "intervention": { "intervention_ID": "I-2", "interventionpart": [{ "interventionpart_ID": "P", "interventiontype_ID": "x" }] } }),
        json!({ "intervention": { "intervention_ID": "I-2", "interventiontype_ID": "NONE" } }),
        json!({ "intervention": [{ "intervention_ID": "I-2" }, { "intervention_ID": "I-3" }] }),
    ] {
        assert_eq!(weavy.post("Data/DEMO/DataSet?deleteMode=0&serverExport=0", wrong).await.status, 400);
    }
    assert_eq!(weavy.everything().await, before);
}

/// Export validation (10): by code and the date that was read, of one entity or of several.
#[tokio::test(flavor = "multi_thread")]
async fn what_was_read_is_validated_and_what_changed_meanwhile_is_not() {
    let app = frozen().await;
    let weavy = Weavy::of(&app).await;
    for code in ["V1", "V2"] {
        assert_eq!(weavy.post("Data/DEMO/customer", json!({ "customer_ID": code })).await.status, 200);
    }
    let row = async |code: &str| json!({ "rowCode": code, "srvDateUTC": weavy.record("customer", code).await["srvDateUTC"] });
    let read = [row("V1").await, row("V2").await];
    assert_eq!(weavy.put("Data/DEMO/customer/V2", json!({ "city": "Brest" })).await.status, 200);
    let one = json!({ "companyCode": "C01", "entityName": "customer", "srvExport": 0, "rows": read });
    let done = weavy.put("Data/DEMO/ServerExport", one.clone()).await.json();
    assert_eq!((&done["updatedRow"], &done["rejectedRows"][0]["rowCode"]), (&json!(1), &json!("V2")));
    let export = async |code: &str| weavy.record("customer", code).await["srvExport"].clone();
    assert_eq!((export("V1").await, export("V2").await), (json!(0), json!(1)));
    let several = json!([{ "entityName": "customer", "srvExport": 0, "rows": [row("V2").await] },
        { "entityName": "product", "srvExport": 0, "rows": [{ "rowCode": "P00001", "srvDateUTC": weavy.record("product", "P00001").await["srvDateUTC"] }] }]);
    assert_eq!(weavy.put("Data/DEMO/ServerExports", several).await.json()["updatedRow"], 2);
    assert_eq!(export("V2").await, 0);
}

/// Bulk import (11) and data set delete (13): their samples, counters and statistics of rows plus ten queries.
#[tokio::test(flavor = "multi_thread")]
async fn the_samples_of_bulk_import_and_of_data_set_delete() {
    let app = App::start().await;
    let weavy = Weavy::of(&app).await;
    let rows: Vec<Value> =
        (0..10_000).map(|n| json!({ "symptom_ID": format!("B{n}"), "label": "x" })).collect();
    let body = json!({ "entityName": "symptom", "serverExport": 0, "rows": rows });
    for (added, updated) in [(10_000, 0), (0, 10_000)] {
        let done = weavy.post("Data/DEMO/BulkImport", body.clone()).await.json();
        let keys: Vec<&String> = done.as_object().unwrap().keys().collect();
        assert_eq!(keys, ["addedRow", "updatedRow", "statistics"]);
        assert_eq!((&done["addedRow"], &done["updatedRow"]), (&json!(added), &json!(updated)));
        statistics(&done["statistics"], 10_010);
    }
    let deleted = json!({ "entityName": "symptom", "rows": ["B1", "B2", "NOTHING"] });
    let done = weavy.post("Data/DEMO/DeleteDataSet", deleted).await.json();
    assert_eq!(done["deletedRow"], 2);
    statistics(&done["statistics"], 13);
    let before = weavy.everything().await;
    let wrong = json!({ "entityName": "symptom", "rows": [{ "symptom_ID": "OK" }, { "symptom_ID": "BAD", "nope": 1 }] });
    assert_eq!(weavy.post("Data/DEMO/BulkImport", wrong).await.status, 400);
    assert_eq!(weavy.everything().await, before, "all or nothing");
}

#[track_caller]
fn statistics(found: &Value, queries: i64) {
    assert_eq!(found["queryCount"], queries);
    for name in ["queryDurationTotal", "executionDuration"] {
        let duration = found[name].as_str().expect("a duration");
        assert!(duration.len() == 16 && duration.starts_with("00:00:"), "{duration}");
    }
}

/// Relational data set (12): records by entity, deletions, relations; with `noResultData` nothing comes back.
#[tokio::test(flavor = "multi_thread")]
async fn a_relational_data_set() {
    let app = App::start().await;
    let weavy = Weavy::of(&app).await;
    let body = json!({
        "noResultData": false,
        "data": { "customer": [{ "customer_ID": "MF01", "name": "One" }, { "customer_ID": "MF02", "name": "Two" }],
            "customercontact": [{ "customercontact_ID": "K1", "lastName": "Doe" }] },
        "deletes": { "customer": ["MF03"], "customercontact": ["K8", "K9"] },
        "relations": [{ "SourceEntityName": "customer", "SourceRowCode": "MF01", "TargetEntityName": "customercontact",
            "TargetRowCode": "K1", "TargetFieldName": "customer_ID" }],
    });
    let done = weavy.post("Data/DEMO/RelationalDataSet", body.clone()).await.json();
    assert_eq!(done["data"]["customercontact"][0], weavy.record("customercontact", "K1").await);
    assert_eq!(done["data"]["customercontact"][0]["customer_ID"], "MF01");
    assert_eq!(done["data"]["customer"].as_array().map(Vec::len), Some(2));
    let mut silent = body.clone();
    silent["noResultData"] = true.into();
    assert_eq!(weavy.post("Data/DEMO/RelationalDataSet", silent).await.body, "");
    let before = weavy.everything().await;
    let mut nameless = body;
    nameless["data"]["customer"][0] = json!({ "name": "no code" });
    assert_eq!(weavy.post("Data/DEMO/RelationalDataSet", nameless).await.status, 400);
    assert_eq!(weavy.everything().await, before);
}

/// Accounts (14): of a known one only the status counts; without a licence `active` becomes `disabled`, and leaving it
/// frees one. Tasks (15): none that waits already, none twice.
#[tokio::test(flavor = "multi_thread")]
async fn accounts_and_tasks() {
    let app = App::start().await;
    let weavy = Weavy::of(&app).await;
    let account = |name: &str, status: &str| {
        json!({ "userName": name, "password": "Secret1!", "email": "j@example.com", "lastName": "Doe", "firstName": "John",
            "languageCode": "FR", "companyCode": "C01", "status": status })
    };
    let names: Vec<String> = (1..=5).map(|n| format!("user{n}")).collect();
    let all: Vec<Value> = names.iter().map(|name| account(name, "Active")).collect();
    let done = weavy.post("Accounts/DEMO", Value::Array(all)).await.json();
    let statuses = |done: &Value| codes(done["accounts"].as_array().unwrap(), "status");
    assert_eq!(statuses(&done), ["Active", "Active", "Active", "Active", "Disabled"]);
    assert_eq!(done["remainingLicences"], 0);
    let mut other = account("user1", "Disabled");
    other["email"] = "other@example.com".into();
    let done = weavy.post("Accounts/DEMO", json!([other, account("user5", "Active")])).await.json();
    assert_eq!(statuses(&done), ["Disabled", "Active"], "the licence of one is the other's");
    let stored = app.records("weavy", "account").await;
    let first = stored.iter().find(|it| it["userName"] == "user1").expect("the account");
    assert_eq!(first["email"], "j@example.com", "all but the status is ignored");
    let ask = async |codes: &[&str]| weavy.post("Tasks/DEMO", json!({ "codes": codes })).await.json();
    let made = ask(&["EVT_EXPORT", "EVT_IMPORT", "EVT_EXPORT"]).await;
    assert_eq!(codes(made.as_array().unwrap(), "code"), ["EVT_EXPORT", "EVT_IMPORT"]);
    assert_eq!(ask(&["EVT_EXPORT"]).await, json!([]));
    app.act("weavy", "finish-task", json!({ "code": "EVT_EXPORT" })).await;
    assert_eq!(ask(&["EVT_EXPORT"]).await[0]["code"], "EVT_EXPORT");
}

/// Outbox reports (16), with every property of the table, and merging (17): 200 when nothing is wrong.
#[tokio::test(flavor = "multi_thread")]
async fn an_outbox_report_and_a_merge() {
    let app = App::start().await;
    let weavy = Weavy::of(&app).await;
    let file = json!({ "textblockdetaildocument_ID": "TD1", "file": "Qm9uam91cg==", "fileName": "a.txt" });
    assert_eq!(weavy.post("Data/DEMO/textblockdetaildocument", file).await.status, 200);
    let body = json!({
        "baseOutbox_ID": "OB-1", "confreport_ID": "RPT_CUSTOMER", "rowID": "C0000001", "sourceEntity": "customer",
        "baseUser_ID": "ADMIN", "fromArchive": 1, "print": 2, "messageSubject": "Sujet", "messageBody": "<p>Texte</p>",
        "filename": "fiche.pdf", "pathExport": "fiches", "isBodyHtml": "1", "replyto": "a@example.com",
        "emailto": ["b@example.com", "c@example.com"],
        "attachments": [{ "entity": "textblockdetaildocument", "dataColumn": "file", "rowID": "TD1", "name": "a.txt", "mimeType": "text/plain" }],
    });
    let path = "data/DEMO/outbox/report/?eventActionCode=EVT_OUTBOX";
    assert_eq!(weavy.post(path, body.clone()).await.json(), json!({ "baseoutbox_ID": "OB-1" }));
    let row = weavy.record("baseoutbox", "OB-1").await;
    for (name, value) in [
        ("print", json!(2)),
        ("isBodyHtml", json!(true)),
        ("pathExport", json!("fiches")),
        ("fromArchive", json!(1)),
    ] {
        assert_eq!(row[name], value, "{name}");
    }
    for name in ["baseOutbox_ID", "confreport_ID", "rowID", "sourceEntity", "baseUser_ID"] {
        let mut without = body.clone();
        without.as_object_mut().unwrap().remove(name);
        without["messageSubject"] = "x".into();
        assert_eq!(weavy.post(path, without).await.status, 400, "{name} is mandatory");
    }
    let merge = json!({ "sourceRowCode": "C0000002", "targetRowCode": "C0000001" });
    let merged = weavy.post("data/DEMO/customer/mergeData", merged_into(merge)).await;
    assert_eq!((merged.status.as_u16(), merged.body.as_str()), (200, ""));
    let moved = weavy.select(json!({ "entityName": "customeraddress", "filterFields": [{ "filterKey": "k", "fieldName": "customer_ID", "operator": "Equal", "filterValues": ["C0000002"] }] })).await;
    assert!(moved.is_empty(), "what named the one names the other");
}

/// The company is said where a project has several.
fn merged_into(mut body: Value) -> Value {
    body["companyCode"] = "C01".into();
    body
}

/// Quota (18): a limit applies to the calls of one address.
#[tokio::test(flavor = "multi_thread")]
async fn calls_of_one_address_have_a_limit() {
    let app = App::scenario(&format!(
        "name: x\n{FROZEN}\nservers: {{ weavy: {{ settings: {{ quota: {{ enabled: true, per_second: 0, per_minute: 3, per_hour: 0 }} }} }} }}"
    ))
    .await;
    let weavy = Weavy::of(&app).await;
    let statuses = [
        weavy.get("Dictionary/DEMO").await,
        weavy.get("Dictionary/DEMO").await,
        weavy.get("Dictionary/DEMO").await,
    ];
    assert_eq!(statuses.each_ref().map(|it| it.status.as_u16()), [200, 200, 429]);
    assert!(statuses[2].header("retry-after").parse::<u64>().is_ok());
}
