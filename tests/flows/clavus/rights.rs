//! A key with denied columns sees no trace of them (9), not even by what it finds.

use reqwest::Method;
use serde_json::{Value, json};

use super::{PATH, refusal};
use crate::support::{Answer, App, send};

async fn restricted(app: &App, query: &str) -> Answer {
    let request = app.request("clavus", Method::POST, PATH).header("authorization", "Bearer restricted");
    send(request.json(&json!({ "query": query }))).await
}

/// Two folders with a public note, and secrets that only differ between two such servers.
async fn server(secrets: [&str; 2]) -> App {
    let folder = |id: &str, note: &str, secret: &str| {
        format!(
            "{{ id: {id}, name: Dossier {id}, values: {{ note: {note}, secret: {secret}, piece: file-{id} }} }}"
        )
    };
    App::scenario(&format!(
        "name: r
clock: {{ start: 2026-03-02T08:00:00Z, frozen: true }}
seed: 1
servers:
  clavus:
    data: none
    records:
      columns: [ {{ id: c1, name: note, label: Note }}, {{ id: c2, name: secret, label: Marge }}, {{ id: c3, name: piece, label: Pièce, type: file }} ]
      keys: [ {{ key: demo-key }}, {{ key: restricted, _denied_columns: [Marge, piece] }} ]
      folders: [ {}, {} ]
      files: [ {{ id: file-a, content: un }}, {{ id: file-b, content: deux }} ]
",
        folder("a", "toiture sud", secrets[0]),
        folder("b", "toiture nord", secrets[1]),
    ))
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn no_answer_differs_between_databases_that_differ_in_a_denied_column() {
    let one = server(["42", "chaudiere"]).await;
    let other = server(["'toiture, sud'", "null"]).await;
    let folders = |arguments: &str| {
        format!(
            "{{ erpEnrAPI {{ getFolders(page: 1, itemParPage: 9{arguments}) {{ totalCount results {{ id columns {{ id name value }} }} }} }} }}"
        )
    };
    let mut queries = vec![
        folders(""),
        folders(", columns: [\"Marge\", \"note\", \"c2\"]"),
        "{ erpEnrAPI { getColumns(page: 1, itemParPage: 9) { id label } } }".to_owned(),
        "{ erpEnrAPI { getValuesByIds(ids: [\"a\", \"b\"]) { id values { id name label value } } } }"
            .to_owned(),
    ];
    for search in
        ["toiture", "\"toiture sud\"", "chaudiere", "chaudiee", "chaud", "42", "toiture sud", "sud toiture"]
    {
        queries.push(folders(&format!(", search: {}", Value::from(search))));
    }
    for column in ["secret", "c2", "Marge", "marge", "piece"] {
        queries.push(folders(&format!(", sortBy: [{{column: \"{column}\"}}]")));
        for operator in ["=", "<", "CONTAINS", "IN"] {
            queries.push(folders(&format!(
                ", filterColumns: [{{column: \"{column}\", operator: \"{operator}\", value: \"42\"}}]"
            )));
        }
    }
    for query in &queries {
        let (left, right) = (restricted(&one, query).await, restricted(&other, query).await);
        assert_eq!((left.status, &left.body), (right.status, &right.body), "{query}");
        assert!(!left.body.contains("Marge") || query.contains("Marge"), "{}", left.body);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_denied_column_is_as_unknown_as_one_that_is_not_there() {
    let app = server(["42", "43"]).await;
    for column in ["secret", "c2", "Marge", "nowhere"] {
        let query = format!(
            "{{ erpEnrAPI {{ getFolders(page: 1, itemParPage: 9, sortBy: [{{column: \"{column}\"}}]) {{ totalCount }} }} }}"
        );
        let expected = (format!("Unknown column \"{column}\""), "BAD_USER_INPUT".to_owned());
        assert_eq!(refusal(&restricted(&app, &query).await), expected);
    }
    // The other key sees it.
    let query = "{ erpEnrAPI { getFolders(page: 1, itemParPage: 9, search: \"43\", columns: [\"secret\"]) { results { id columns { value } } } } }";
    let found = super::data(&app, query).await;
    assert_eq!(
        found["erpEnrAPI"]["getFolders"]["results"],
        json!([{ "id": "b", "columns": [{ "value": "43" }] }])
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_of_a_denied_column_is_not_there() {
    let app = server(["1", "2"]).await;
    for (key, status) in [("restricted", 404), ("demo-key", 200)] {
        let request = app.request("clavus", Method::POST, "/api/downloadFile");
        let request =
            request.header("authorization", format!("Bearer {key}")).json(&json!({ "fileId": "file-a" }));
        assert_eq!(send(request).await.status, status, "{key}");
    }
}
