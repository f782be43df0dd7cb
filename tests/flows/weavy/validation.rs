//! Export validation (fact sheet 10).

use serde_json::{Value, json};

use super::{FROZEN, Weavy, refusal};
use crate::support::App;

fn rows_of(fetched: &Value) -> Vec<Value> {
    let row = |row: &Value| json!({ "rowCode": row["supplier_ID"], "srvDateUTC": row["srvDateUTC"] });
    fetched.as_array().unwrap().iter().map(row).collect()
}

/// Three rows to be exported, fetched; one of them modified since.
async fn fetched_then_modified(weavy: &Weavy<'_>) -> Vec<Value> {
    let ids = ["F001", "F002", "F003"];
    let rows: Vec<Value> = ids.iter().map(|id| json!({ "supplier_ID": id, "name": "again" })).collect();
    let import = json!({ "entityName": "supplier", "rows": rows });
    assert_eq!(weavy.post("Data/DEMO/BulkImport", import).await.status, 200);
    let fetched = weavy.get("Data/DEMO/supplier?serverExport=1").await.json();
    assert_eq!(weavy.put("Data/DEMO/supplier/F002", json!({ "name": "meanwhile" })).await.status, 200);
    rows_of(&fetched)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_modified_in_between_stays_to_be_exported() {
    let app = App::scenario(FROZEN).await;
    let weavy = Weavy::of(&app).await;
    let mut rows = fetched_then_modified(&weavy).await;
    rows.push(json!({ "rowCode": "ABSENT", "srvDateUTC": "2026-03-02 08:00:00" }));
    let body = json!({ "entityName": "supplier", "srvExport": 0, "rows": rows });
    let answer = weavy.put("Data/DEMO/ServerExport", body.clone()).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let expected = json!([
        { "entityName": "supplier", "rowCode": "F002", "srvDateUTC": "2026-03-02T08:00:01", "reason": "Modified" },
        { "entityName": "supplier", "rowCode": "ABSENT", "srvDateUTC": null, "reason": "NotFound" },
    ]);
    assert_eq!((&answer.json()["updatedRow"], &answer.json()["rejectedRows"]), (&json!(2), &expected));
    let left = weavy.get("Data/DEMO/supplier?serverExport=1").await.json();
    assert_eq!((left.as_array().unwrap().len(), &left[0]["supplier_ID"]), (1, &json!("F002")));
    assert_eq!(
        weavy.record("supplier", "F001").await["srvDateUTC"],
        "2026-03-02T08:00:00",
        "the date does not move"
    );

    assert_eq!(weavy.delete("Data/DEMO/supplier/F003").await.status, 200);
    let date = weavy.record("supplier", "F003").await["srvDateUTC"].clone();
    let deleted = json!([{ "entityName": "supplier", "srvExport": 0, "rows": [{ "rowCode": "F003", "srvDateUTC": date }] },
        { "entityName": "symptom", "srvExport": 0, "rows": [{ "rowCode": "X", "srvDateUTC": "2026-01-01" }] }]);
    let answer = weavy.post("Data/DEMO/ServerExports", deleted).await.json();
    assert_eq!(
        (&answer["updatedRow"], &answer["rejectedRows"][0]["entityName"]),
        (&json!(1), &json!("symptom"))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn one_stale_row_refuses_all_in_the_strict_mode() {
    let settings = "servers: { weavy: { settings: { strict_export_validation: true } } }";
    let app = App::scenario(&format!("{FROZEN}\n{settings}")).await;
    let weavy = Weavy::of(&app).await;
    let rows = fetched_then_modified(&weavy).await;
    let before = weavy.everything().await;
    let body = json!({ "entityName": "supplier", "srvExport": 0, "rows": rows });
    let answer = weavy.put("Data/DEMO/ServerExport", body).await;
    assert_eq!((answer.status.as_u16(), &answer.json()["updatedRow"]), (409, &json!(0)));
    assert_eq!(answer.json()["rejectedRows"][0]["rowCode"], "F002");
    assert_eq!(weavy.everything().await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn shapes_that_are_refused() {
    let app = App::start().await;
    let weavy = Weavy::of(&app).await;
    let row = json!({ "rowCode": "F001", "srvDateUTC": "2026-01-01T00:00:00" });
    for (body, status) in [
        (json!({ "srvExport": 0, "rows": [row] }), 400),
        (json!({ "entityName": "supplier", "rows": [row] }), 400),
        (json!({ "entityName": "supplier", "srvExport": 0 }), 400),
        (json!({ "entityName": "supplier", "srvExport": 0, "rows": [] }), 400),
        (json!({ "entityName": "supplier", "srvExport": 7, "rows": [row] }), 400),
        (json!({ "entityName": "supplier", "srvExport": 0, "rows": [{ "rowCode": "F001" }] }), 400),
        (json!({ "entityName": "supplier", "srvExport": 0, "rows": [{ "srvDateUTC": "2026-01-01" }] }), 400),
        (
            json!({ "entityName": "supplier", "srvExport": 0, "rows": [{ "rowCode": "F001", "srvDateUTC": "soon" }] }),
            400,
        ),
        (json!({ "entityName": "nope", "srvExport": 0, "rows": [row] }), 404),
        (json!("x"), 400),
    ] {
        let answer = weavy.put("Data/DEMO/ServerExport", body.clone()).await;
        assert_eq!(refusal(&answer).0, status, "{body}: {}", answer.body);
    }
}
