//! Dictionary and simple fetch (fact sheet 4 to 6).

use serde_json::{Value, json};

use super::{Weavy, codes, refusal};
use crate::support::App;

#[tokio::test(flavor = "multi_thread")]
async fn the_dictionary_describes_every_entity() {
    let app = App::start().await;
    let weavy = Weavy::of(&app).await;
    let customer = weavy.get("Dictionary/DEMO/CUSTOMER").await.json();
    assert_eq!(customer["entityName"], "customer");
    let labels = |value: &Value| {
        value
            .as_array()
            .unwrap()
            .iter()
            .map(|label| label["text"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(labels(&customer["translations"]), ["Kunde", "Customer", "Client"]);
    let field = |name: &str| {
        let fields = customer["fields"].as_array().unwrap();
        fields.iter().find(|field| field["fieldName"] == name).cloned().unwrap_or_default()
    };
    assert_eq!(
        (&field("CodeCustomer")["fieldType"], &field("CodeCustomer")["fieldLength"]),
        (&json!("text"), &json!(255))
    );
    let key = field("baseuser_ID");
    assert_eq!((&key["fieldType"], &key["fieldLength"]), (&json!("text(foreignkey)"), &Value::Null));
    assert_eq!(
        (&field("blocked")["fieldType"], &field("blocked")["fieldLength"]),
        (&json!("bool"), &Value::Null)
    );
    assert_eq!(field("comment")["fieldLength"], 65535);
    assert_eq!(field("srvExport"), Value::Null, "system fields are no business fields");

    let all = weavy.get("Dictionary/DEMO").await.json();
    let all = all.as_array().unwrap();
    let names: Vec<&str> = all.iter().map(|entity| entity["entityName"].as_str().unwrap()).collect();
    assert!(names.is_sorted() && names.len() == 45, "{names:?}");
    assert!(!names.contains(&"account"), "the back office is not on the wire");
    for entity in all {
        for field in entity["fields"].as_array().unwrap() {
            let languages = field["translations"].as_array().unwrap().len();
            assert_eq!(languages, 3, "{} {}", entity["entityName"], field["fieldName"]);
            let types = ["text", "text(foreignkey)", "int", "double", "bool", "datetime", "blob"];
            assert!(types.contains(&field["fieldType"].as_str().unwrap()), "{field}");
        }
    }
    assert_eq!(refusal(&weavy.get("Dictionary/DEMO/quota").await).0, 404);
    assert_eq!(refusal(&weavy.get("Dictionary/OTHER/customer").await).0, 403);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_shows_all_its_fields_in_order() {
    let app = App::start().await;
    let weavy = Weavy::of(&app).await;
    let answer = weavy.get("Data/DEMO/interventiontype?limit=1").await;
    assert_eq!(answer.header("content-type"), "application/json; charset=utf-8");
    let rows = answer.json();
    let keys: Vec<&String> = rows[0].as_object().unwrap().keys().collect();
    let expected = [
        "srvExport",
        "srvDateUTC",
        "srvAttrib",
        "interventiontype_ID",
        "label",
        "translationKey",
        "printTimes",
        "printProducts",
        "defaultDuration",
        "isBreakFix",
        "color",
    ];
    assert_eq!(keys, expected);
    assert_eq!(rows[0]["translationKey"], Value::Null);
    assert_eq!(weavy.get("Data/DEMO/planning").await.body, "[]");
}

#[tokio::test(flavor = "multi_thread")]
async fn packets_page_through_everything_once() {
    let app = App::start().await;
    let weavy = Weavy::of(&app).await;
    let rows: Vec<Value> = (0..1205).map(|n| json!({ "marketinginbound_ID": format!("L{n:04}") })).collect();
    let import = json!({ "entityName": "marketinginbound", "serverExport": 0, "rows": rows });
    assert_eq!(weavy.post("Data/DEMO/BulkImport", import).await.status, 200);
    for (options, first, count) in [
        ("", "L0000", 1000),
        ("?limit=5000", "L0000", 1000),
        ("?limit=99999999999999999999", "L0000", 1000),
        ("?limit=3&offset=7", "L0007", 3),
        ("?OFFSET=1000", "L1000", 205),
    ] {
        let rows = weavy.get(&format!("Data/DEMO/marketinginbound{options}")).await.json();
        let rows = rows.as_array().unwrap();
        assert_eq!((rows.len(), &rows[0]["marketinginbound_ID"]), (count, &json!(first)), "{options}");
    }
    assert_eq!(weavy.get("Data/DEMO/marketinginbound?offset=1205").await.body, "[]");
    for options in
        ["limit=0", "limit=-1", "limit=x", "offset=-1", "offset=1.5", "srvAttrib=x", "serverExport=x"]
    {
        let answer = weavy.get(&format!("Data/DEMO/marketinginbound?{options}")).await;
        assert_eq!(refusal(&answer).0, 400, "{options}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn system_fields_filter() {
    let app = App::start().await;
    let weavy = Weavy::of(&app).await;
    let rows = async |options: &str| {
        let rows = weavy.get(&format!("Data/DEMO/supplier{options}")).await.json();
        codes(rows.as_array().unwrap(), "supplier_ID")
    };
    assert_eq!(rows("?serverExport=1").await, ["F001"]);
    assert_eq!(rows("?srvExport=0").await, ["F002", "F003"], "its name in older versions of the page");
    assert_eq!(weavy.delete("Data/DEMO/supplier/F003").await.status, 200);
    assert_eq!(rows("").await, ["F001", "F002"]);
    assert_eq!(rows("?srvAttrib=1").await, ["F003"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn companies_are_apart() {
    let app = App::scenario(
        "servers: { weavy: { settings: { companies: [C01, C02, C03], accounts: [
           { userName: api, password: api, companyCode: C02, companies: [C01] } ] } } }",
    )
    .await;
    let weavy = Weavy::of(&app).await;
    for (company, status) in [("C01", 200), ("C02", 200), ("C03", 403), ("C99", 400)] {
        let answer = weavy.get(&format!("Data/DEMO/customer?companyCode={company}")).await;
        assert_eq!(answer.status, status, "{company}");
    }
    let own = weavy.get("Data/DEMO/customer").await.body;
    assert_eq!(
        own,
        weavy.get("Data/DEMO/customer?companyCode=C02").await.body,
        "the user's company by default"
    );
    let in_first = json!({ "customer_ID": "TWICE", "name": "first" });
    assert_eq!(weavy.post("Data/DEMO/customer?companyCode=C01", in_first).await.status, 200);
    let in_own = json!({ "customer_ID": "TWICE", "name": "own" });
    assert_eq!(weavy.post("Data/DEMO/customer", in_own).await.status, 200, "a code is unique per company");
    assert_eq!(weavy.record("customer", "TWICE").await["name"], "own");
}

/// Pages that follow each other begin where the one before ended, whatever is asked for between them; what is written
/// meanwhile moves rows, as it does in the real service.
#[tokio::test(flavor = "multi_thread")]
async fn pages_follow_each_other() {
    let app = App::start().await;
    let weavy = Weavy::of(&app).await;
    let page = async |offset: usize| {
        let path = format!("Data/DEMO/customer?limit=3&offset={offset}");
        codes(weavy.get(&path).await.json().as_array().unwrap(), "customer_ID")
    };
    let all = codes(weavy.get("Data/DEMO/customer").await.json().as_array().unwrap(), "customer_ID");
    assert!(all.len() > 12, "{all:?}");
    for offset in [0, 3, 6, 6, 9, 3, 6, 0, 9] {
        assert_eq!(page(offset).await, all[offset..offset + 3], "at {offset}");
    }
    assert_eq!(page(3).await, all[3..6]);
    let marked = weavy.get("Data/DEMO/customer?limit=3&offset=6&srvAttrib=1").await.json();
    assert!(codes(marked.as_array().unwrap(), "customer_ID").iter().all(|code| !all.contains(code)));
    assert_eq!(weavy.delete(&format!("Data/DEMO/customer/{}", all[0])).await.status, 200);
    assert_eq!(page(6).await, all[7..10], "one row is gone");
}
