//! Select: every operator, groups, sort, chosen fields (fact sheet 7).

use serde_json::{Value, json};

use super::{Weavy, codes, refusal};
use crate::support::App;

/// Five records that tell the operators apart; the last has nulls.
async fn filled(weavy: &Weavy<'_>) {
    let rows = json!([
        { "equipment_ID": "a1", "description": "Alpha", "serialNumber": "1", "location": "Roof" },
        { "equipment_ID": "b2", "description": "alpine", "serialNumber": "2", "location": "roof" },
        { "equipment_ID": "c3", "description": "ÉTÉ beta", "serialNumber": "3", "equipmentkind_ID": "CLIM" },
        { "equipment_ID": "d4", "description": "100% _wild", "serialNumber": "4" },
        { "equipment_ID": "e5" },
    ]);
    let import = json!({ "entityName": "equipment", "companyCode": "C02", "rows": rows });
    for code in weavy.select(json!({ "entityName": "equipment", "companyCode": "C02" })).await {
        let path = format!("Data/DEMO/equipment/{}?companyCode=C02", code["equipment_ID"].as_str().unwrap());
        assert_eq!(weavy.delete(&path).await.status, 200);
    }
    assert_eq!(weavy.post("Data/DEMO/BulkImport", import).await.status, 200);
}

async fn found(weavy: &Weavy<'_>, rest: Value) -> String {
    let mut body = json!({ "entityName": "equipment", "companyCode": "C02" });
    body.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
    codes(&weavy.select(body).await, "equipment_ID").join(" ")
}

#[tokio::test(flavor = "multi_thread")]
async fn every_operator() {
    let app = App::start().await;
    let weavy = Weavy::of(&app).await;
    filled(&weavy).await;
    for (field, operator, values, expected) in [
        ("description", "Equal", json!(["ALPHA"]), "a1"),
        ("description", "equal", json!(["ALPHA", "été BETA"]), "a1 c3"),
        ("description", "NotEqual", json!(["alpha"]), "b2 c3 d4 e5"),
        ("description", "NotEqual", json!(["alpha", "alpine"]), "c3 d4 e5"),
        ("description", "StartWith", json!(["al"]), "a1 b2"),
        ("description", "StartsWith", json!(["été"]), "c3"),
        ("description", "EndWith", json!(["BETA"]), "c3"),
        ("description", "EndsWith", json!(["longer than any of them"]), ""),
        ("description", "Contain", json!(["P"]), "a1 b2"),
        ("description", "Contains", json!(["%"]), "d4"),
        ("description", "Contain", json!(["_"]), "d4"),
        ("description", "NotContain", json!(["al"]), "c3 d4 e5"),
        ("description", "GreaterThan", json!(["ALPHA"]), "b2 c3"),
        ("description", "GreaterThanOrEqual", json!(["ALPHA"]), "a1 b2 c3"),
        ("description", "LessThan", json!(["Alpine"]), "a1 d4"),
        ("description", "LessThanOrEqual", json!(["Alpine"]), "a1 b2 d4"),
        ("description", "In", json!(["alpha", "nothing"]), "a1"),
        ("description", "NotIn", json!(["alpha", "nothing"]), "b2 c3 d4 e5"),
        ("description", "Between", json!(["alpha", "ALPINE"]), "a1 b2"),
        ("description", "IsNull", json!([]), "e5"),
        ("description", "IsNotNull", Value::Null, "a1 b2 c3 d4"),
        ("equipmentkind_ID", "Equal", json!(["CLIM"]), "c3"),
        ("srvDateUTC", "GreaterThan", json!(["2020-01-01 00:00:00"]), "a1 b2 c3 d4 e5"),
        ("srvDate", "LessThan", json!(["2020-01-01T00:00:00Z"]), ""),
        ("srvExport", "Equal", json!(["1"]), "a1 b2 c3 d4 e5"),
    ] {
        let filter = json!([{ "fieldName": field, "operator": operator, "filterValues": values }]);
        let rows = found(&weavy, json!({ "filterFields": filter })).await;
        assert_eq!(rows, expected, "{field} {operator} {values}");
    }
    for (operator, stand_in, values, expected) in [
        ("Equal", "alpha", json!(["ALPHA"]), "a1 e5"),
        ("NotEqual", "alpha", json!(["ALPHA"]), "b2 c3 d4"),
        ("StartWith", "alps", json!(["al"]), "a1 b2 e5"),
        ("IsNull", "x", json!([]), ""),
    ] {
        let filter = json!([{ "fieldName": "description", "operator": operator, "ifNullValue": stand_in, "filterValues": values }]);
        assert_eq!(found(&weavy, json!({ "filterFields": filter })).await, expected, "{operator} {stand_in}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn numbers_compare_as_numbers() {
    let app = App::start().await;
    let weavy = Weavy::of(&app).await;
    let rows = json!([
        { "contract_ID": "n9", "amount": 9 }, { "contract_ID": "n10", "amount": "10.50" },
        { "contract_ID": "n100", "amount": 100.0 }, { "contract_ID": "none" },
    ]);
    let import = json!({ "entityName": "contract", "rows": rows });
    assert_eq!(weavy.post("Data/DEMO/BulkImport", import).await.status, 200);
    for (operator, values, expected) in [
        ("GreaterThan", json!([9]), "n10 n100"),
        ("Between", json!(["9.0", 10.5]), "n9 n10"),
        ("Equal", json!([10.5, 100]), "n10 n100"),
    ] {
        let body = json!({ "entityName": "contract", "filterFields": [
            { "fieldName": "contract_ID", "operator": "StartWith", "filterValues": ["n"] },
            { "fieldName": "amount", "operator": operator, "filterValues": values },
        ] });
        assert_eq!(codes(&weavy.select(body).await, "contract_ID").join(" "), expected, "{operator}");
    }
    assert_eq!(
        weavy.record("contract", "n10").await["amount"].to_string(),
        "10.50",
        "decimals stay as written"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn groups_join_conditions() {
    let app = App::start().await;
    let weavy = Weavy::of(&app).await;
    filled(&weavy).await;
    let filter = |key: &str, operator: &str, value: &str| json!({ "filterKey": key, "fieldName": "description", "operator": operator, "filterValues": [value] });
    let filters = json!([
        filter("al", "StartWith", "al"),
        filter("beta", "EndWith", "beta"),
        filter("two", "Contain", "a"),
        filter("two", "NotContain", "h"),
    ]);
    for (groups, expected) in [
        (json!([]), ""),
        (json!([{ "groupLogicalOperator": "OR", "filterKeys": ["al", "beta", "two"] }]), "a1 b2 c3"),
        // One key means all conditions that carry it; what no group names holds besides.
        (json!([{ "groupLogicalOperator": "or", "filterKeys": ["al", "beta"] }]), "b2 c3"),
        (
            json!([{ "filterKeys": ["al", "two"] }, { "groupLogicalOperator": "OR", "filterKeys": ["beta", "al"] }]),
            "b2",
        ),
        (
            json!([
                { "groupLogicalOperator": "AND", "filterKeys": ["two"], "groupKeys": ["inner"] },
                { "groupKey": "inner", "groupLogicalOperator": "OR", "filterKeys": ["al", "beta"] },
            ]),
            "b2 c3",
        ),
        // A group that none names holds at the top as well.
        (
            json!([{ "groupKey": "alone", "groupLogicalOperator": "OR", "filterKeys": ["al", "beta", "two"] }]),
            "a1 b2 c3",
        ),
    ] {
        let rows = found(&weavy, json!({ "filterFields": filters, "filterGroups": groups })).await;
        assert_eq!(rows, expected, "{groups}");
    }
    for groups in [
        json!([{ "filterKeys": ["nobody"] }]),
        json!([{ "groupKeys": ["nobody"] }]),
        json!([{ "groupLogicalOperator": "XOR", "filterKeys": ["al"] }]),
        json!([{ "groupKey": "a", "groupKeys": ["b"] }, { "groupKey": "b", "groupKeys": ["a"] }]),
        json!([{ "groupKey": "a", "groupKeys": ["a"] }]),
        json!([{ "groupKey": "a" }, { "groupKey": "a" }]),
    ] {
        let body = json!({ "entityName": "equipment", "filterFields": filters, "filterGroups": groups });
        assert_eq!(refusal(&weavy.post("Data/DEMO/Select", body).await).0, 400, "{groups}");
    }
    // Groups that double at each level must not double the work.
    let doubling: Vec<Value> = (0..40)
        .map(|n| {
            json!({ "groupKey": format!("g{n}"), "filterKeys": ["al"], "groupKeys": if n < 39 {
            json!([format!("g{}", n + 1), format!("g{}", n + 1)]) } else { json!([]) } })
        })
        .collect();
    let body = json!({ "entityName": "equipment", "filterFields": filters, "filterGroups": doubling });
    assert_eq!(refusal(&weavy.post("Data/DEMO/Select", body).await).0, 400);
}

#[tokio::test(flavor = "multi_thread")]
async fn fields_are_chosen_and_renamed() {
    let app = App::start().await;
    let weavy = Weavy::of(&app).await;
    let body = json!({ "ENTITYNAME": "Product", "Limit": "1", "offset": 1, "returnFields": [
        { "fieldName": "Description", "aliasName": "label" }, { "fieldName": "product_ID", "aliasName": "code" },
        { "fieldName": "srvDate" }, { "fieldName": "srvExport" }, { "fieldName": "saleMultiple" },
    ] });
    let rows = weavy.select(body).await;
    let keys: Vec<&String> = rows[0].as_object().unwrap().keys().collect();
    let expected =
        ["srvExport", "srvDateUTC", "srvAttrib", "product_ID", "label", "code", "srvDate", "saleMultiple"];
    assert_eq!(keys, expected);
    assert_eq!((&rows[0]["code"], rows.len()), (&json!("P00002"), 1));
    assert_eq!(rows[0]["srvDate"], rows[0]["srvDateUTC"]);
    let whole = weavy.select(json!({ "entityName": "product", "limit": 1, "returnFields": [] })).await;
    assert_eq!(whole[0], weavy.record("product", "P00001").await);
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_are_sorted() {
    let app = App::start().await;
    let weavy = Weavy::of(&app).await;
    filled(&weavy).await;
    for (sort, expected) in [
        (json!([]), "a1 b2 c3 d4 e5"),
        (json!([{ "fieldName": "description" }]), "e5 d4 a1 b2 c3"),
        (json!([{ "fieldName": "description", "sortOrder": "descending" }]), "c3 b2 a1 d4 e5"),
        (
            json!([{ "fieldName": "location", "sortOrder": "Descending" }, { "fieldName": "serialNumber", "sortOrder": "Descending" }]),
            "b2 a1 d4 c3 e5",
        ),
    ] {
        assert_eq!(found(&weavy, json!({ "sortFields": sort })).await, expected, "{sort}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_requests_say_so() {
    let app = App::start().await;
    let weavy = Weavy::of(&app).await;
    let filter = |field: &str, operator: &str, values: Value| json!({ "entityName": "product", "filterFields": [{ "fieldName": field, "operator": operator, "filterValues": values }] });
    for (body, status) in [
        (json!([]), 400),
        (json!({}), 400),
        (json!({ "entityName": "nope" }), 404),
        (json!({ "entityName": "product", "limit": 0 }), 400),
        (json!({ "entityName": "product", "offset": -1 }), 400),
        (json!({ "entityName": "product", "companyCode": "C99" }), 400),
        (json!({ "entityName": "product", "returnFields": [{ "fieldName": "nope" }] }), 400),
        (json!({ "entityName": "product", "returnFields": "description" }), 400),
        (
            json!({ "entityName": "product", "returnFields": [{ "fieldName": "weight", "aliasName": "srvAttrib" }] }),
            400,
        ),
        (
            json!({ "entityName": "product", "sortFields": [{ "fieldName": "weight", "sortOrder": "up" }] }),
            400,
        ),
        (json!({ "entityName": "baseoutbox", "sortFields": [{ "fieldName": "_attachments" }] }), 400),
        (filter("nope", "Equal", json!(["x"])), 400),
        (filter("description", "Like", json!(["x"])), 400),
        (filter("description", "Equal", json!([])), 400),
        (filter("description", "Equal", json!([null])), 400),
        (filter("description", "Between", json!(["x"])), 400),
        (filter("weight", "Equal", json!(["heavy"])), 400),
        (filter("weight", "StartWith", json!([1])), 400),
        (filter("srvDateUTC", "Equal", json!(["yesterday"])), 400),
        (filter("blocked", "Equal", json!(["perhaps"])), 400),
    ] {
        let answer = weavy.post("Data/DEMO/Select", body.clone()).await;
        assert_eq!(refusal(&answer).0, status, "{body}: {}", answer.body);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_company_in_a_filter_filters() {
    let app = App::start().await;
    let weavy = Weavy::of(&app).await;
    let select = async |company: &str, filter: Value| {
        weavy
            .select(
                json!({ "entityName": "customercontact", "companyCode": company, "filterFields": [filter] }),
            )
            .await
    };
    let code = weavy.select(json!({ "entityName": "customercontact", "companyCode": "C01" })).await[0]["customer_ID"].clone();
    let filter = |company: &str, operator: &str| json!({ "companyCode": company, "fieldName": "customer_ID", "operator": operator, "filterValues": [code] });
    let found = select("C01", filter("C01", "Equal")).await;
    assert!(!found.is_empty() && found.iter().all(|row| row["customer_ID"] == code));
    assert_eq!(select("C01", filter("C02", "Equal")).await, Vec::<Value>::new());
    assert_eq!(select("C01", filter("C02", "NotEqual")).await, Vec::<Value>::new());
    assert!(!select("C01", filter("C01", "NotEqual")).await.is_empty());
}
