//! What people do inside the ERP, and what it does to the answers.

use reqwest::Method;
use serde_json::{Value, json};

use super::{ask, data, found, refusal};
use crate::support::{App, send};

#[tokio::test(flavor = "multi_thread")]
async fn a_converted_prospect_becomes_a_folder() {
    let app = App::scenario("name: c\nclock: { start: 2026-03-02T08:00:00Z, frozen: true }").await;
    let made = "mutation { upsertProspect(firstName: \"Zoé\", lastName: \"Quincampoix\", email: \"zoe@courriel.example\", puissanceKc: 6) { id } }";
    let made = data(&app, made).await;
    let id = made["upsertProspect"]["id"].as_str().expect("an id");
    assert!(found(&app, "\"zoe quincampoix\"").await.is_empty());
    let done = app.act("clavus", "convert-prospect", json!({ "id": id })).await;
    assert_eq!((&done["prospect"], &done["converted"]), (&json!(id), &json!(true)));
    let folder = done["folder"]["id"].as_str().expect("an id");
    assert_eq!(found(&app, "\"zoe quincampoix\"").await, [folder]);
    let query =
        format!("{{ erpEnrAPI {{ getValuesByIds(ids: [\"{folder}\"]) {{ values {{ name value }} }} }} }}");
    let values = json!([
        { "name": "client.nom", "value": "Zoé Quincampoix" }, { "name": "date.creation", "value": "2026-03-02" },
        { "name": "client.email", "value": "zoe@courriel.example" }, { "name": "installation.puissance", "value": "6" } ]);
    assert_eq!(data(&app, &query).await["erpEnrAPI"]["getValuesByIds"][0]["values"], values);
    let answer =
        ask(&app, &format!("mutation {{ upsertProspect(id: \"{id}\", firstName: \"X\") {{ id }} }}")).await;
    assert_eq!(refusal(&answer).1, "FORBIDDEN");
    let act = |with: Value| {
        app.control(Method::POST, "/sandboxes/default/actions/clavus/convert-prospect").json(&with)
    };
    assert_eq!(send(act(json!({ "id": id }))).await.status, 409);
    assert_eq!(send(act(json!({ "id": "nobody" }))).await.status, 404);
    assert_eq!(send(act(json!({}))).await.status, 400);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edited_value_is_found_filtered_and_shown() {
    let app = App::start().await;
    app.act("clavus", "set-value", json!({ "folder": "abc123", "column": "Ville", "value": "Quimperlé" }))
        .await;
    app.act(
        "clavus",
        "set-value",
        json!({ "folder": "abc123", "column": "installation.puissance", "value": 12.50 }),
    )
    .await;
    assert_eq!(found(&app, "quimperle").await, ["abc123"]);
    let query = "{ erpEnrAPI { getFolders(page: 1, itemParPage: 9, columns: [\"installation.puissance\"], filterColumns: [{column: \"client.ville\", operator: \"=\", value: \"Quimperlé\"}]) { results { id columns { value } } } } }";
    let results = data(&app, query).await["erpEnrAPI"]["getFolders"]["results"].clone();
    assert_eq!(results, json!([{ "id": "abc123", "columns": [{ "value": "12.5" }] }]));
    app.act("clavus", "set-value", json!({ "folder": "abc123", "column": "Ville" })).await;
    assert!(found(&app, "quimperle").await.is_empty());
    for (with, status) in [
        (json!({ "folder": "nobody", "column": "Ville", "value": "x" }), 404),
        (json!({ "folder": "abc123", "column": "nowhere", "value": "x" }), 404),
        (json!({ "folder": "abc123", "column": "installation.puissance", "value": "beaucoup" }), 400),
    ] {
        let request = app.control(Method::POST, "/sandboxes/default/actions/clavus/set-value").json(&with);
        assert_eq!(send(request).await.status, status, "{with}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_added_column_is_the_last_of_all() {
    let app = App::start().await;
    let column = app.act("clavus", "add-column", json!({ "label": "Délai d'accès", "type": "number" })).await;
    assert_eq!((&column["name"], &column["type"]), (&json!("delai_d_acces"), &json!("number")));
    app.act("clavus", "set-value", json!({ "folder": "def456", "column": "delai_d_acces", "value": "45" }))
        .await;
    let query = "{ erpEnrAPI { getColumns(page: 21, itemParPage: 1) { label } getFolders(page: 1, itemParPage: 9, columns: [\"Délai d'accès\"], filterColumns: [{column: \"delai_d_acces\", operator: \">\", value: 5}]) { results { id columns { value } } } } }";
    let expected = json!({ "erpEnrAPI": { "getColumns": [{ "label": "Délai d'accès" }],
        "getFolders": { "results": [{ "id": "def456", "columns": [{ "value": "45" }] }] } } });
    assert_eq!(data(&app, query).await, expected);
    for (with, status) in
        [(json!({ "label": "X", "name": "statut" }), 409), (json!({ "label": "X", "type": "colour" }), 400)]
    {
        let request = app.control(Method::POST, "/sandboxes/default/actions/clavus/add-column").json(&with);
        assert_eq!(send(request).await.status, status, "{with}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn records_written_past_the_api_are_indexed_too() {
    let app = App::start().await;
    let control = async |method: Method, path: &str, body: Value| {
        let path = format!("/sandboxes/default/data/clavus/{path}");
        send(app.control(method, &path).json(&body)).await
    };
    let folder = json!({ "id": "new", "name": "Ploërmel", "values": { "Ville": "Vannes", "col3": "user5" } });
    let made = control(Method::POST, "folders", folder).await;
    assert_eq!(made.status, 201, "{}", made.body);
    assert_eq!(made.json()["values"], json!({ "client.ville": "Vannes", "commercial": "user5" }));
    assert_eq!(found(&app, "ploermel").await, ["new"]);
    assert_eq!(found(&app, "\"marvin\" \"vannes\"").await, ["new"]);
    // A user's new name, a changed folder, a column that goes, a folder that goes.
    control(Method::PUT, "users/user5", json!({ "firstName": "Mirabelle" })).await;
    assert_eq!(found(&app, "\"mirabelle\" \"vannes\"").await, ["new"]);
    assert!(found(&app, "\"marvin\" \"vannes\"").await.is_empty());
    control(Method::PUT, "folders/new", json!({ "name": "Josselin" })).await;
    assert!(found(&app, "ploermel ").await.is_empty());
    assert_eq!(found(&app, "josselin").await, ["new"]);
    control(Method::DELETE, "columns/client.ville", json!({})).await;
    assert!(found(&app, "vannes").await.is_empty());
    control(Method::DELETE, "folders/new", json!({})).await;
    assert!(found(&app, "josselin").await.is_empty());
    let unknown = control(Method::POST, "folders", json!({ "values": { "vile": 1 } })).await;
    assert_eq!(unknown.status, 400, "{}", unknown.body);
}
