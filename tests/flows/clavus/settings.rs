//! Switches that no other file shows, and what makes runs repeat.

use serde_json::json;

use super::{ask, data, found};
use crate::support::App;

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
