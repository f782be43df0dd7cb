//! The control API's own contract.

use std::sync::LazyLock;

use axum::Json;
use axum::extract::State;
use serde_json::{Value, json};
use simhost::scenario::schema;

use crate::App;

/// Calls and answers as they are written down, with the schemas of scenario files from their types.
static DOCUMENT: LazyLock<Value> = LazyLock::new(|| {
    let mut document: Value = serde_saphyr::from_str(include_str!("../openapi.yaml")).unwrap_or_default();
    document["info"]["version"] = env!("CARGO_PKG_VERSION").into();
    for (name, schema) in schema::parts("/components/schemas") {
        // What is written down has the last word on a name.
        if document["components"]["schemas"].get(&name).is_none() {
            document["components"]["schemas"][name] = schema;
        }
    }
    document
});

/// The control API as an OpenAPI 3.1 document, for a server at `url`.
pub fn document(url: &str) -> Value {
    let mut document = DOCUMENT.clone();
    document["servers"] = json!([{ "url": url }]);
    document
}

/// For a server at the root of where the document came from.
pub(crate) async fn show(State(_): State<App>) -> Json<Value> {
    Json(document("/"))
}
