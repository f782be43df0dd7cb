//! Clavus, line by line of its fact sheet.

mod access;
mod back_office;
mod download;
mod errors;
mod filters;
mod hostile;
mod paging;
mod prospects;
mod ranking;
mod rights;
mod schema;
mod search;
mod seed_document;
mod settings;
mod transport;

use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use crate::support::{Answer, App, send};

/// The endpoint.
const PATH: &str = "/api/external/graphql";

/// A request with the demo key.
fn signed(app: &App, method: Method, path: &str) -> RequestBuilder {
    app.request("clavus", method, path).header("authorization", "Bearer demo-key")
}

/// What the server makes of a document.
async fn ask(app: &App, query: &str) -> Answer {
    ask_with(app, query, json!({})).await
}

/// What the server makes of a document with variables.
async fn ask_with(app: &App, query: &str, variables: Value) -> Answer {
    send(signed(app, Method::POST, PATH).json(&json!({ "query": query, "variables": variables }))).await
}

/// `data` of an answer without errors.
async fn data(app: &App, query: &str) -> Value {
    let answer = ask(app, query).await;
    let body = answer.json();
    assert_eq!(answer.status, 200, "{query}: {body}");
    assert!(body.get("errors").is_none(), "{query}: {body}");
    body["data"].clone()
}

/// The ids that `getFolders` answers with these further arguments, and `totalCount`.
async fn folders(app: &App, arguments: &str) -> (Vec<String>, u64) {
    let query = format!(
        "{{ erpEnrAPI {{ getFolders(page: 1, itemParPage: 1000{arguments}) {{ totalCount results {{ id }} }} }} }}"
    );
    let data = data(app, &query).await;
    let list = &data["erpEnrAPI"]["getFolders"];
    let results = list["results"].as_array().expect("results");
    let ids = results.iter().map(|folder| folder["id"].as_str().expect("an id").to_owned());
    (ids.collect(), list["totalCount"].as_u64().expect("a count"))
}

/// A text as a GraphQL literal.
fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}

/// The ids a search finds, in order.
async fn found(app: &App, search: &str) -> Vec<String> {
    let (ids, count) = folders(app, &format!(", search: {}", quoted(search))).await;
    assert_eq!(ids.len() as u64, count, "{search}");
    ids
}

/// A server whose only folders are these: id, name, and the values of column `note` (text) and others given as YAML.
async fn with_folders(settings: &str, columns: &str, folders: &str) -> App {
    App::scenario(&format!(
        "name: folders
servers:
  clavus:
    data: none
    settings: {{ {settings} }}
    records:
      keys: [ {{ key: demo-key }} ]
      columns: [ {columns} ]
      folders: [ {folders} ]
"
    ))
    .await
}

/// The message and code of the first error.
fn refusal(answer: &Answer) -> (String, String) {
    let body = answer.json();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    (text(&body["errors"][0]["message"]), text(&body["errors"][0]["extensions"]["code"]))
}
