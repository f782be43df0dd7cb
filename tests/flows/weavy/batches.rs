//! Bulk import, relational data set, dataset delete, merge (fact sheet 11, 12, 13, 17).

use serde_json::{Value, json};

use super::{FROZEN, Weavy, codes, refusal};
use crate::support::App;

#[tokio::test(flavor = "multi_thread")]
async fn a_bulk_import_counts_rows() {
    let app = App::scenario(FROZEN).await;
    let weavy = Weavy::of(&app).await;
    let body = json!({ "entityName": "supplier", "serverExport": 0, "rows": [
        { "supplier_ID": "F001", "name": "Fournitures Aldane" }, { "supplier_ID": "NEW", "name": "Neu" } ] });
    let answer = weavy.post("Data/DEMO/BulkImport", body.clone()).await;
    let expected = json!({ "addedRow": 1, "updatedRow": 1, "statistics": {
        "queryCount": 12, "queryDurationTotal": "00:00:00.0162360", "executionDuration": "00:00:00.0325872" } });
    assert_eq!(answer.json(), expected, "a row that changes nothing counts as updated");
    let row = weavy.record("supplier", "F001").await;
    assert_eq!(
        (&row["srvExport"], &row["srvDateUTC"]),
        (&json!(0), &json!("2026-03-02T08:00:00")),
        "and moves its date"
    );
    assert_eq!(weavy.delete("Data/DEMO/supplier/NEW").await.status, 200);
    assert_eq!(
        weavy.put("Data/DEMO/BulkImport", body).await.json()["addedRow"],
        1,
        "PUT as well; a deleted code is new"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_bulk_row_cancels_all() {
    let app = App::start().await;
    let weavy = Weavy::of(&app).await;
    let before = weavy.everything().await;
    for (bad, status) in [
        (json!({ "deal_ID": "N1", "nope": 1 }), 400),
        (json!({ "deal_ID": "N1", "customer_ID": "NOBODY" }), 400),
        (json!({ "deal_ID": "GOOD" }), 400),
        (json!({ "label": "no code" }), 400),
        (json!(["list"]), 400),
    ] {
        let body =
            json!({ "entityName": "deal", "rows": [{ "deal_ID": "GOOD", "customer_ID": "C0000001" }, bad] });
        assert_eq!(refusal(&weavy.post("Data/DEMO/BulkImport", body).await).0, status, "{bad}");
    }
    for (body, status) in [
        (json!({ "rows": [] }), 400),
        (json!({ "entityName": "deal" }), 400),
        (json!({ "entityName": "nope", "rows": [] }), 404),
        (json!({ "entityName": "deal", "rows": {} }), 400),
    ] {
        assert_eq!(refusal(&weavy.post("Data/DEMO/BulkImport", body).await).0, status);
    }
    assert_eq!(weavy.everything().await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_may_refer_to_rows_further_down() {
    let app = App::start().await;
    let weavy = Weavy::of(&app).await;
    let body = json!({ "entityName": "productfamily", "rows": [
        { "productfamily_ID": "CHILD", "productfamily_ID_parentFamily": "PARENT" }, { "productfamily_ID": "PARENT" } ] });
    assert_eq!(weavy.post("Data/DEMO/BulkImport", body).await.json()["addedRow"], 2);
}

/// A benchmark, not an assertion: the vendor's own figure for 10,000 rows is 32.6 s.
#[tokio::test(flavor = "multi_thread")]
#[expect(clippy::print_stdout, reason = "a figure to read")]
async fn ten_thousand_rows_in_one_call() {
    let app = App::start().await;
    let weavy = Weavy::of(&app).await;
    let rows: Vec<Value> = (0..10_000)
        .map(|n| json!({ "customer_ID": format!("B{n}"), "name": format!("Bulk {n}"), "baseuser_ID": "ADMIN" }))
        .collect();
    let began = std::time::Instant::now();
    let answer = weavy.post("Data/DEMO/BulkImport", json!({ "entityName": "customer", "rows": rows })).await;
    let seconds = began.elapsed().as_secs_f64();
    assert_eq!(answer.json()["addedRow"], 10_000);
    println!("bulk import: {:.0} rows/s", 10_000.0 / seconds);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_relational_set_deletes_writes_and_relates() {
    let app = App::scenario(FROZEN).await;
    let weavy = Weavy::of(&app).await;
    assert_eq!(
        weavy.post("Data/DEMO/customer", json!({ "customer_ID": "MF01", "city": "Old" })).await.status,
        200
    );
    let body = json!({
        "data": { "customercontact": [{ "customercontact_ID": "K1", "lastName": "Doe" }],
                  "customer": [{ "customer_ID": "MF01", "name": "One" }, { "customer_ID": "C0000001", "name": "Kept" }] },
        "deletes": { "customer": ["MF01", "ABSENT"] },
        "Relations": [{ "SourceEntityName": "customer", "sourceRowCode": "MF01", "TargetEntityName": "customercontact",
                        "TargetRowCode": "K1", "TargetFieldName": "customer_ID" }] });
    let answer = weavy.post("Data/DEMO/RelationalDataSet", body.clone()).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let data = &answer.json()["data"];
    let entities: Vec<&String> = data.as_object().unwrap().keys().collect();
    assert_eq!(entities, ["customercontact", "customer"], "entities as sent");
    assert_eq!(codes(data["customer"].as_array().unwrap(), "customer_ID"), ["MF01", "C0000001"]);
    assert_eq!(data["customer"][0]["city"], Value::Null, "deleted and created again: a new record");
    assert_eq!(data["customer"][1]["city"], "Paris", "fields that were not given stay");
    assert_eq!(data["customercontact"][0], weavy.record("customercontact", "K1").await);
    assert_eq!(data["customercontact"][0]["customer_ID"], "MF01");

    let mut silent = body;
    silent["noResultData"] = true.into();
    let answer = weavy.post("Data/DEMO/RelationalDataSet", silent).await;
    assert_eq!((answer.status.as_u16(), answer.body.as_str()), (200, ""));
    assert_eq!(weavy.post("Data/DEMO/RelationalDataSet", json!({})).await.body, r#"{"data":{}}"#);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_relational_set_fails_as_a_whole() {
    let app = App::start().await;
    let weavy = Weavy::of(&app).await;
    let before = weavy.everything().await;
    let relation = |source: &str, target: &str, field: &str| {
        json!({ "deletes": { "supplier": ["F001"] }, "relations": [{ "SourceEntityName": "customer", "SourceRowCode": source,
            "TargetEntityName": "deal", "TargetRowCode": target, "TargetFieldName": field }] })
    };
    for (body, status) in [
        (relation("NOBODY", "D00001", "customer_ID"), 400),
        (relation("C0000001", "NOTHING", "customer_ID"), 400),
        (relation("C0000001", "D00001", "label"), 400),
        (relation("C0000001", "D00001", "generictype_ID_status"), 400),
        (json!({ "data": { "deal": [{ "deal_ID": "X" }, { "label": "no code" }] } }), 400),
        (json!({ "data": { "deal": [{ "deal_ID": "X", "customer_ID": "NOBODY" }] } }), 400),
        (json!({ "data": { "deal": [{ "deal_ID": "X" }], "nope": [] } }), 404),
        (json!({ "data": [] }), 400),
        (json!({ "deletes": { "supplier": "F001" } }), 400),
    ] {
        let answer = weavy.post("Data/DEMO/RelationalDataSet", body.clone()).await;
        assert_eq!(refusal(&answer).0, status, "{body}: {}", answer.body);
    }
    let used = json!({ "deletes": { "symptom": ["FUITE"], "customer": ["C0000001"] } });
    let answer = weavy.post("Data/DEMO/RelationalDataSet?deleteMode=Physical", used).await;
    assert_eq!(refusal(&answer).0, 409);
    assert_eq!(weavy.everything().await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dataset_is_deleted_in_either_form() {
    let app = App::start().await;
    let weavy = Weavy::of(&app).await;
    let rows = json!({ "entityName": "symptom", "rows": ["BRUIT", "ABSENT"] });
    let answer = weavy.post("Data/DEMO/DeleteDataSet", rows).await.json();
    assert_eq!((&answer["deletedRow"], &answer["statistics"]["queryCount"]), (&json!(1), &json!(12)));
    assert_eq!(weavy.record("symptom", "BRUIT").await["srvAttrib"], 1, "logical by default");
    let lists = json!({ "deleteMode": "Physical", "deletes": { "symptom": ["FUITE"], "planning": [] } });
    assert_eq!(weavy.post("Data/DEMO/DeleteDataSet", lists).await.json()["deletedRow"], 1);
    assert_eq!(weavy.get("Data/DEMO/symptom/FUITE").await.status, 404);
    let before = weavy.everything().await;
    for (body, status) in [
        (json!({ "deleteMode": 2, "deletes": { "symptom": ["PANNE"], "customer": ["C0000001"] } }), 409),
        (json!({ "deletes": { "symptom": ["PANNE"], "nope": [] } }), 404),
        (json!({ "entityName": "symptom" }), 400),
        (json!({ "rows": ["PANNE"] }), 400),
        (json!({ "entityName": "symptom", "rows": [{}] }), 400),
        (json!({ "entityName": "symptom", "rows": ["PANNE"], "deleteMode": "None" }), 400),
    ] {
        let answer = weavy.post("Data/DEMO/DeleteDataSet", body.clone()).await;
        assert_eq!(refusal(&answer).0, status, "{body}: {}", answer.body);
    }
    assert_eq!(weavy.everything().await, before);
    // Rows that refer to one another go together.
    let together =
        json!({ "deleteMode": "Physical", "deletes": { "equipmentkind": ["K"], "equipmenttype": ["T"] } });
    for (entity, body) in [
        ("equipmentkind", json!({ "equipmentkind_ID": "K" })),
        ("equipmenttype", json!({ "equipmenttype_ID": "T", "equipmentkind_ID": "K" })),
    ] {
        assert_eq!(weavy.post(&format!("Data/DEMO/{entity}"), body).await.status, 200);
    }
    assert_eq!(weavy.post("Data/DEMO/DeleteDataSet", together).await.json()["deletedRow"], 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn merging_repoints_what_referred_to_the_source() {
    let app = App::start().await;
    let weavy = Weavy::of(&app).await;
    let fill = json!({ "vatIntra": "FR00", "city": "Source" });
    assert_eq!(weavy.put("Data/DEMO/customer/C0000004", fill).await.status, 200);
    let contacts = |code: &str| json!({ "entityName": "customercontact", "filterFields": [{ "fieldName": "customer_ID", "operator": "Equal", "filterValues": [code] }] });
    let body = json!({ "sourceRowCode": "C0000004", "targetRowCode": "C0000001" });
    let answer = weavy.post("data/DEMO/customer/mergeData", body.clone()).await;
    assert_eq!((answer.status.as_u16(), answer.body.as_str()), (200, ""));
    assert_eq!(weavy.select(contacts("C0000004")).await.len(), 0);
    assert_eq!(weavy.select(contacts("C0000001")).await.len(), 4);
    let target = weavy.record("customer", "C0000001").await;
    assert_eq!(
        (&target["vatIntra"], &target["city"]),
        (&json!("FR00"), &json!("Paris")),
        "only what was null is taken"
    );
    assert_eq!(weavy.record("customer", "C0000004").await["srvAttrib"], 1);
    assert_eq!(weavy.record("deal", "D00002").await["customer_ID"], "C0000001");
    // A parent merged into its child: the child refers to nothing, not to itself.
    let child = json!({ "sourceRowCode": "QUINC", "targetRowCode": "VIS" });
    assert_eq!(weavy.post("data/DEMO/productfamily/mergeData", child).await.status, 200);
    assert_eq!(weavy.record("productfamily", "VIS").await["productfamily_ID_parentFamily"], Value::Null);
    for (body, status) in [
        (body, 404),
        (json!({ "sourceRowCode": "NOBODY", "targetRowCode": "C0000001" }), 404),
        (json!({ "sourceRowCode": "C0000001", "targetRowCode": "C0000001" }), 400),
        (json!({ "sourceRowCode": "C0000001" }), 400),
    ] {
        assert_eq!(refusal(&weavy.put("data/DEMO/customer/mergedata", body).await).0, status);
    }
    assert_eq!(weavy.get("Data/DEMO/customer/mergeData").await.status, 404, "a code, for GET");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_batch_takes_the_export_status_that_its_caller_gives() {
    let app = App::start().await;
    let weavy = Weavy::of(&app).await;
    let status = async |code: &str| weavy.record("customer", code).await["srvExport"].clone();
    for name in ["srvExport", "serverExport"] {
        for export in [0, 1] {
            let code = format!("X-{name}-{export}");
            let rows = json!([{ "customer_ID": code, "name": "One" }]);
            let body = json!({ "entityName": "customer", "rows": rows, name: export });
            assert_eq!(weavy.post("Data/DEMO/BulkImport", body).await.status, 200);
            assert_eq!(status(&code).await, export, "BulkImport {name}");
            let body =
                json!({ "data": { "customer": [{ "customer_ID": code, "name": "Two" }] }, name: export });
            assert_eq!(weavy.post("Data/DEMO/RelationalDataSet", body).await.status, 200);
            assert_eq!(status(&code).await, export, "RelationalDataSet {name}");
            let other = json!({ "customer_ID": format!("{code}-2"), "name": "Other" });
            assert_eq!(weavy.post("Data/DEMO/customer", other).await.status, 200);
            let body = json!({ "sourceRowCode": format!("{code}-2"), "targetRowCode": code, name: export });
            assert_eq!(weavy.post("Data/DEMO/customer/mergeData", body).await.status, 200);
            assert_eq!(status(&format!("{code}-2")).await, export, "mergeData {name}");
            let body = json!({ "entityName": "customer", "rows": [code], name: export });
            assert_eq!(weavy.post("Data/DEMO/DeleteDataSet", body).await.status, 200);
            assert_eq!(status(&code).await, export, "DeleteDataSet {name}");
        }
        let wrong = json!({ "entityName": "customer", "rows": [{ "customer_ID": "X" }], name: 7 });
        let (code, message) = refusal(&weavy.post("Data/DEMO/BulkImport", wrong).await);
        assert_eq!(code, 400);
        assert!(message.contains(name), "the caller's own word: {message}");
    }
}
