//! The life of a prospect (8).

use reqwest::Method;
use serde_json::{Value, json};

use super::{ask, ask_with, data, refusal};
use crate::support::{App, send};

async fn prospect(app: &App, id: &str) -> Value {
    let path = format!("/sandboxes/default/data/clavus/prospects/{id}");
    send(app.control(Method::GET, &path)).await.json()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_absent_argument_stays_and_null_empties() {
    let app = App::start().await;
    let made = data(&app, "mutation { upsertProspect { id firstName gps type puissanceKc } }").await;
    let made = &made["upsertProspect"];
    assert_eq!(made["firstName"], Value::Null);
    let id = made["id"].as_str().expect("an id");
    let change = "mutation($id: ID, $name: String, $gps: [String!], $power: Float) { upsertProspect(id: $id, firstName: $name, gps: $gps, puissanceKc: $power) { firstName gps puissanceKc } }";
    for (variables, expected) in [
        (
            json!({ "name": "Ada", "gps": ["1.0", "2.0"], "power": 300.50 }),
            json!({ "firstName": "Ada", "gps": ["1.0", "2.0"], "puissanceKc": 300.5 }),
        ),
        (json!({ "power": 300.0 }), json!({ "firstName": "Ada", "gps": ["1.0", "2.0"], "puissanceKc": 300 })),
        (
            json!({ "name": null, "gps": "3.0" }),
            json!({ "firstName": null, "gps": ["3.0"], "puissanceKc": 300 }),
        ),
        (json!({ "gps": [], "power": null }), json!({ "firstName": null, "gps": [], "puissanceKc": null })),
    ] {
        let mut variables = variables;
        variables["id"] = id.into();
        let answer = ask_with(&app, change, variables).await;
        assert_eq!(answer.json()["data"]["upsertProspect"].to_string(), expected.to_string());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whole_floats_have_no_decimals_and_amounts_stay_as_written() {
    let app = App::start().await;
    for (power, shown) in
        [("300", "300"), ("300.0", "300"), ("3e2", "300"), ("300.50", "300.5"), ("0.1", "0.1"), ("-0.0", "0")]
    {
        let query = format!(
            "mutation {{ upsertProspect(puissanceKc: {power}, prixHT: \"023.00\") {{ puissanceKc prixHT }} }}"
        );
        let expected =
            format!(r#"{{"data":{{"upsertProspect":{{"puissanceKc":{shown},"prixHT":"023.00"}}}}}}"#);
        assert_eq!(ask(&app, &query).await.body, expected);
    }
    let answer = ask(&app, "mutation { upsertProspect(puissanceKc: 1e300) { id } }").await;
    assert_eq!((answer.status.as_u16(), refusal(&answer).1.as_str()), (200, "BAD_USER_INPUT"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_converted_prospect_is_refused_and_nothing_of_it_changes() {
    let app = App::start().await;
    let converted =
        app.records("clavus", "prospects").await.into_iter().find(|record| record["_converted"] == true);
    let converted = converted.expect("a converted prospect");
    let id = converted["id"].as_str().expect("an id");
    let query =
        format!("mutation {{ upsertProspect(id: \"{id}\", firstName: \"X\", email: null) {{ id }} }}");
    let answer = ask(&app, &query).await;
    assert_eq!(answer.status, 200);
    let expected = json!({ "errors": [{ "message": "Prospect already converted", "locations": [{ "line": 1, "column": 12 }],
        "path": ["upsertProspect"], "extensions": { "code": "FORBIDDEN" } }], "data": { "upsertProspect": null } });
    assert_eq!(answer.json(), expected);
    assert_eq!(prospect(&app, id).await, converted);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_id_is_refused_or_created_by_a_setting() {
    let query = "mutation { upsertProspect(id: \"nobody\", firstName: \"X\") { id firstName } }";
    let app = App::start().await;
    let answer = ask(&app, query).await;
    assert_eq!(refusal(&answer), ("Prospect not found".to_owned(), "NOT_FOUND".to_owned()));
    assert_eq!(answer.json()["data"], json!({ "upsertProspect": null }));
    assert_eq!(app.records("clavus", "prospects").await.len(), 40);
    let app =
        App::scenario("name: u\nservers: { clavus: { settings: { upsert_creates_unknown_id: true } } }")
            .await;
    assert_eq!(data(&app, query).await["upsertProspect"], json!({ "id": "nobody", "firstName": "X" }));
}

#[tokio::test(flavor = "multi_thread")]
async fn fields_of_a_mutation_run_one_after_the_other_each_for_itself() {
    let app = App::scenario("name: s\nservers: { clavus: { data: none, records: { keys: [{ key: demo-key }], prospects: [{ id: p }, { id: done, _converted: true }] } } }").await;
    let query = "mutation {
        a: upsertProspect(id: \"p\", firstName: \"1\", lastName: \"x\") { firstName }
        no: upsertProspect(id: \"done\", firstName: \"2\") { id }
        b: upsertProspect(id: \"p\", firstName: \"3\") { firstName lastName }
        never: upsertProspect(id: \"p\", firstName: \"4\") @skip(if: true) { id } }";
    let answer = ask(&app, query).await.json();
    let expected =
        json!({ "a": { "firstName": "1" }, "no": null, "b": { "firstName": "3", "lastName": "x" } });
    assert_eq!(answer["data"].to_string(), expected.to_string());
    assert_eq!(answer["errors"].as_array().map(Vec::len), Some(1));
    assert_eq!(answer["errors"][0]["path"], json!(["no"]));
    assert_eq!(prospect(&app, "p").await["firstName"], "3");
}
