//! Import Dataset (fact sheet 9 and DECISIONS).

use serde_json::{Value, json};

use super::{FROZEN, Weavy, refusal};
use crate::support::App;

/// An intervention of a customer with two parts and one piece of equipment.
fn document() -> Value {
    json!({ "customer": { "customer_ID": "DS", "name": "Dataset", "intervention": [
        { "intervention_ID": "DS-1", "title": "one", "startDate": "2024-05-02 08:30:00",
          "interventionpart": [{ "interventionpart_ID": "DS-1-A" }, { "interventionpart_ID": "DS-1-B", "intervention_ID": "WRONG" }],
          "interventionequipment": [{ "interventionequipment_ID": "DS-1-E", "equipment_ID": "E00001" }] },
        { "intervention_ID": "DS-2", "title": "two" },
    ] } })
}

fn counts(answer: &crate::support::Answer) -> [i64; 3] {
    assert_eq!(answer.status, 200, "{}", answer.body);
    let body = answer.json();
    ["addedRow", "updatedRow", "deletedRow"].map(|name| body[name].as_i64().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_document_is_imported_differentially() {
    let app = App::scenario(FROZEN).await;
    let weavy = Weavy::of(&app).await;
    let path = "Data/DEMO/DataSet?deleteMode=2&serverExport=0";
    assert_eq!(counts(&weavy.post(path, document()).await), [6, 0, 0]);
    let part = weavy.record("interventionpart", "DS-1-B").await;
    assert_eq!(
        (&part["intervention_ID"], &part["srvExport"]),
        (&json!("DS-1"), &json!(0)),
        "the nesting wins"
    );
    assert_eq!(
        weavy.record("intervention", "DS-2").await["customer_ID"],
        "DS",
        "the parent's code is filled in"
    );

    app.advance("PT1H").await;
    let before = weavy.everything().await;
    let second = weavy.post("Data/DEMO/DataSet?deleteMode=2&serverExport=1", document()).await;
    assert_eq!(counts(&second), [0, 0, 0]);
    assert_eq!(second.json()["statistics"]["queryCount"], 16);
    assert_eq!(weavy.everything().await, before, "no date and no export status moved");

    let mut changed = document();
    changed["customer"]["intervention"][1]["title"] = "changed".into();
    assert_eq!(counts(&weavy.post("Data/DEMO/DataSet?deleteMode=0&srvExport=1", changed).await), [0, 1, 0]);
    let row = weavy.record("intervention", "DS-2").await;
    assert_eq!((&row["srvExport"], &row["srvDateUTC"]), (&json!(1), &json!("2026-03-02T09:00:00")));
}

#[tokio::test(flavor = "multi_thread")]
async fn only_cited_children_of_listed_parents_go() {
    let app = App::start().await;
    let weavy = Weavy::of(&app).await;
    let path = |mode: &str| format!("Data/DEMO/DataSet?deleteMode={mode}&serverExport=0");
    assert_eq!(counts(&weavy.post(&path("0"), document()).await), [6, 0, 0]);
    let extra = json!({ "interventionpart_ID": "DS-2-X", "intervention_ID": "DS-2" });
    assert_eq!(weavy.post("Data/DEMO/interventionpart", extra).await.status, 200);
    let all = weavy.get("Data/DEMO/interventionpart").await.json().as_array().unwrap().len();

    let mut shorter = document();
    shorter["customer"]["intervention"][0]["interventionpart"].as_array_mut().unwrap().pop();
    shorter["customer"]["intervention"][0].as_object_mut().unwrap().remove("interventionequipment");
    for mode in ["0", "1", "None", "logical"] {
        assert_eq!(
            counts(&weavy.post(&path(mode), shorter.clone()).await),
            [0, 0, 0],
            "{mode} deletes nothing"
        );
    }
    // DS-2 is a record of the document and parts are cited below DS-1, so its part goes as well; equipment is not
    // cited any more, so it stays.
    assert_eq!(counts(&weavy.post(&path("2"), shorter.clone()).await), [0, 0, 2]);
    assert_eq!(weavy.get("Data/DEMO/interventionpart/DS-1-B").await.status, 404);
    assert_eq!(weavy.get("Data/DEMO/interventionpart/DS-2-X").await.status, 404);
    assert_eq!(weavy.get("Data/DEMO/interventionequipment/DS-1-E").await.status, 200);
    let left = weavy.get("Data/DEMO/interventionpart").await.json().as_array().unwrap().len();
    assert_eq!(left, all - 2, "parts of other interventions stay");

    shorter["customer"]["intervention"][0]["interventionequipment"] = json!([]);
    assert_eq!(
        counts(&weavy.post(&path("Physical"), shorter).await),
        [0, 0, 1],
        "an empty list cites the entity"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_still_referred_to_cancels_everything() {
    let app = App::start().await;
    let weavy = Weavy::of(&app).await;
    let before = weavy.everything().await;
    // Interventions of the customer are cited and none is listed; their parts, which are not cited, refer to them.
    let body = json!({ "customer": { "customer_ID": "C0000001", "name": "changed", "intervention": [] } });
    let answer = weavy.post("Data/DEMO/DataSet?deleteMode=2&serverExport=0", body).await;
    assert_eq!(refusal(&answer).0, 409, "{}", answer.body);
    assert_eq!(weavy.everything().await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_bad_key_among_5000_cancels_everything() {
    let app = App::start().await;
    let weavy = Weavy::of(&app).await;
    let before = weavy.everything().await;
    let mut contacts: Vec<Value> = (0..5000)
        .map(|n| json!({ "customercontact_ID": format!("MASS{n}"), "lastName": "Mass", "generictype_ID_civility": "CIVILITY-M" }))
        .collect();
    contacts[3777]["generictype_ID_civility"] = "CIVILITY-NOPE".into();
    let body = json!({ "customer": { "customer_ID": "MASS", "name": "Mass", "customercontact": contacts } });
    let answer = weavy.post("Data/DEMO/DataSet?deleteMode=2&serverExport=1", body).await;
    assert_eq!(refusal(&answer).0, 400);
    let detail = &answer.json()["details"][0];
    assert_eq!(
        (&detail["rowCode"], &detail["fieldName"]),
        (&json!("MASS3777"), &json!("generictype_ID_civility"))
    );
    assert_eq!(weavy.everything().await, before, "every entity as it was, byte for byte");
}

#[tokio::test(flavor = "multi_thread")]
async fn shapes_that_are_refused() {
    let app = App::start().await;
    let weavy = Weavy::of(&app).await;
    let good = json!({ "symptom": { "symptom_ID": "S1" } });
    for query in [
        "",
        "deleteMode=0",
        "serverExport=0",
        "deleteMode=3&serverExport=0",
        "deleteMode=0&serverExport=5",
        "deleteMode=0&serverExport=0&companyCode=C99",
    ] {
        let answer = weavy.post(&format!("Data/DEMO/DataSet?{query}"), good.clone()).await;
        assert_eq!(refusal(&answer).0, 400, "{query}");
    }
    for (body, status) in [
        (json!([]), 400),
        (json!({}), 400),
        (json!({ "symptom": [{ "symptom_ID": "S1" }, { "symptom_ID": "S2" }] }), 400),
        (json!({ "symptom": { "symptom_ID": "S1" }, "supplier": { "supplier_ID": "X" } }), 400),
        (json!({ "nope": { "nope_ID": "S1" } }), 404),
        (json!({ "symptom": { "label": "no code" } }), 400),
        (json!({ "symptom": { "symptom_ID": "S1", "nope": 1 } }), 400),
        (json!({ "symptom": { "symptom_ID": "S1", "nope": [] } }), 404),
        (json!({ "symptom": { "symptom_ID": "S1", "supplier": [] } }), 400),
        (
            json!({ "customer": { "customer_ID": "Z", "deal": [{ "deal_ID": "Z", "dealelement": [{}] }] } }),
            400,
        ),
        (json!({ "contract": { "contract_ID": "Z", "contract": [{ "contract_ID": "Y" }] } }), 400),
        (
            json!({ "customer": { "customer_ID": "Z", "deal": [{ "deal_ID": "Z" }, { "deal_ID": "Z" }] } }),
            400,
        ),
    ] {
        let answer = weavy.post("Data/DEMO/DataSet?deleteMode=0&serverExport=0", body.clone()).await;
        assert_eq!(refusal(&answer).0, status, "{body}: {}", answer.body);
    }
    assert_eq!(weavy.get("Data/DEMO/symptom/S1").await.status, 404, "nothing of all that was kept");
    let one = json!({ "symptom": [{ "symptom_ID": "S1" }] });
    assert_eq!(counts(&weavy.post("Data/DEMO/DataSet?deleteMode=0&serverExport=0", one).await), [1, 0, 0]);
    assert_eq!(weavy.delete("Data/DEMO/symptom/S1").await.status, 200);
    let again = weavy.post("Data/DEMO/DataSet?deleteMode=0&serverExport=0", good).await;
    assert_eq!(counts(&again), [1, 0, 0], "a deleted code is a new record");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_child_keeps_the_role_that_names_its_parent() {
    let app = App::start().await;
    let weavy = Weavy::of(&app).await;
    let path = "Data/DEMO/DataSet?deleteMode=0&serverExport=0";
    let document = json!({ "generictype": { "generictype_ID": "COUNTRY-DS", "label": "Pays", "customer": [
        { "customer_ID": "L1", "name": "In its role", "generictype_ID_country": "COUNTRY-DS" },
        { "customer_ID": "L2", "name": "In the first that is free" },
    ] } });
    assert_eq!(counts(&weavy.post(path, document).await), [3, 0, 0]);
    let named = weavy.record("customer", "L1").await;
    assert_eq!(named["generictype_ID_country"], "COUNTRY-DS");
    assert_eq!(named["generictype_ID_customerType"], Value::Null, "no role that nobody named");
    assert_eq!(weavy.record("customer", "L2").await["generictype_ID_customerType"], "COUNTRY-DS");
    let document = json!({ "customer": { "customer_ID": "L3", "deal": [
        { "deal_ID": "LD", "dealelement": [{ "dealelement_ID": "LE", "label": "x" }] },
    ] } });
    assert_eq!(counts(&weavy.post(path, document).await), [3, 0, 0]);
    assert_eq!(weavy.record("deal", "LD").await["customer_ID"], "L3");
    assert_eq!(weavy.record("dealelement", "LE").await["deal_ID"], "LD");
}
