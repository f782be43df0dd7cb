//! Switches that no other file shows, and what makes runs repeat.

use reqwest::Method;
use serde_json::json;

use super::{ask, data, found, signed};
use crate::support::{App, send};

#[tokio::test(flavor = "multi_thread")]
async fn columns_are_called_by_label_or_slug() {
    for (setting, name) in [("label", "Nom du client"), ("slug", "client.nom")] {
        let app = App::scenario(&format!(
            "name: n\nservers: {{ clavus: {{ settings: {{ folder_column_name: {setting} }} }} }}"
        ))
        .await;
        let query = "{ erpEnrAPI { getFolders(page: 1, itemParPage: 1, columns: [\"col1\"]) { results { columns { name } } } } }";
        let expected = json!([{ "columns": [{ "name": name }] }]);
        assert_eq!(data(&app, query).await["erpEnrAPI"]["getFolders"]["results"], expected);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_index_follows_separators_that_a_step_changes() {
    let app = App::scenario(
        "name: s
clock: { start: 2026-03-02T08:00:00Z, frozen: true }
servers: { clavus: { data: none, records: { keys: [{ key: demo-key }], folders: [{ id: a, name: 'jean, dupont' }] } } }
steps:
  - at: PT1M
    do: [ { settings: { server: clavus, set: { separators: meili_1_2 } } } ]",
    )
    .await;
    assert_eq!(found(&app, "\"jean dupont\"").await, ["a"]);
    app.advance("PT1M").await;
    assert!(found(&app, "\"jean dupont\"").await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn ids_are_cuids_that_repeat_with_the_seed() {
    let scenario = "name: i\nseed: 7\nclock: { start: 2026-03-02T08:00:00Z, frozen: true }";
    let mut runs = Vec::new();
    for _ in 0..2 {
        let app = App::scenario(scenario).await;
        let query = "mutation { a: upsertProspect { id } b: upsertProspect { id } }";
        runs.push(ask(&app, query).await.body);
    }
    assert_eq!(runs[0], runs[1]);
    let ids: serde_json::Value = serde_json::from_str(&runs[0]).expect("JSON");
    let (a, b) =
        (ids["data"]["a"]["id"].as_str().expect("an id"), ids["data"]["b"]["id"].as_str().expect("an id"));
    assert_ne!(a, b);
    assert!(a.starts_with("cmm8w2680") && a.len() == 25, "the time is in it: {a}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_conversion_fills_and_how_long_links_live_are_settings() {
    let app = App::scenario(
        "name: s\nclock: { start: 2026-03-02T08:00:00Z, frozen: true }\nservers: { clavus: { settings: \
        { conversion_columns: { client.email: fullName }, s3_link_seconds: 30 } } }",
    )
    .await;
    let made = data(
        &app,
        "mutation { upsertProspect(firstName: \"Zoé\", lastName: \"Quai\", email: \"z@q.example\") { id } }",
    )
    .await;
    let id = made["upsertProspect"]["id"].as_str().expect("an id");
    let done = app.act("clavus", "convert-prospect", json!({ "id": id })).await;
    let folder = done["folder"]["id"].as_str().expect("an id");
    let query =
        format!("{{ erpEnrAPI {{ getValuesByIds(ids: [\"{folder}\"]) {{ values {{ name value }} }} }} }}");
    let values = data(&app, &query).await["erpEnrAPI"]["getValuesByIds"][0]["values"].clone();
    assert!(values.to_string().contains(r#"{"name":"client.email","value":"Zoé Quai"}"#), "{values}");

    let link =
        send(signed(&app, Method::POST, "/api/downloadFile").json(&json!({ "fileId": "devis-001" }))).await;
    let url = link.json()["data"]["s3Url"].as_str().expect("a link").to_owned();
    assert!(url.contains("X-Amz-Expires=30"), "{url}");
    let path = url.strip_prefix(&app.url("clavus")).expect("a URL of the server itself").to_owned();
    assert_eq!(send(app.request("clavus", Method::GET, &path)).await.status, 200);
    app.advance("31s").await;
    assert_eq!(send(app.request("clavus", Method::GET, &path)).await.status, 403);
}
