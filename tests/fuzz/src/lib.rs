//! Fuzz targets: functions that take any bytes at all and panic when they find a defect. `fuzz/` feeds them with what
//! libFuzzer thinks of, `tests/replay.rs` with the kept corpus and with mutations of it.

mod host;

use axum::http::Method;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::json;

use crate::host::Host;

/// Takes any bytes, and panics when they find a defect.
pub type Target = fn(&[u8]);

/// Every target, by the name of its corpus.
pub const TARGETS: &[(&str, Target)] = &[
    ("odata", odata),
    ("scenario", scenario),
    ("search", search),
    ("weavy_dataset", weavy_dataset),
    ("graphql", graphql),
];

/// `$filter`, `$orderby` and `$select`, a line each: parsed, and then asked of OnlineERP, which turns them into SQL.
pub fn odata(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let mut lines = text.splitn(3, '\n');
    let mut query = Vec::new();
    for name in ["$filter", "$orderby", "$select"] {
        let Some(line) = lines.next().filter(|line| !line.is_empty()) else { continue };
        if name == "$filter"
            && let Ok(filter) = odata::Expr::parse(line)
        {
            let again = odata::Expr::parse(&filter.to_string());
            assert!(again.is_ok(), "`{line}` is written as `{filter}`, which cannot be read");
        }
        let value = utf8_percent_encode(line, NON_ALPHANUMERIC);
        query.push(format!("{}={value}", name.replace('$', "%24")));
    }
    let query = query.join("&");
    // What does not fit into a URL is the HTTP library's to refuse.
    if query.len() > 60_000 {
        return;
    }
    for entity in ["Product", "CustomerInvoice"] {
        Host::lock().ask("onlineerp", Method::GET, &format!("/api/Entity/{entity}?{query}"), Vec::new());
    }
}

/// The text of a scenario, as YAML or JSON: read, checked, and its databases built.
pub fn scenario(data: &[u8]) {
    if let Ok(text) = std::str::from_utf8(data) {
        Host::lock().prepare(text);
    }
}

/// What is typed into Clavus's search.
pub fn search(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let query = "query Q($q: String) { erpEnrAPI { getFolders(page: 1, itemParPage: 5, search: $q) \
                 { totalCount results { id } } } }";
    post_graphql(&json!({ "query": query, "variables": { "q": text } }));
}

/// The body of weavy's data sets and bulk imports; its first byte says which of them.
pub fn weavy_dataset(data: &[u8]) {
    let Some((which, body)) = data.split_first() else { return };
    let (method, path) = match which % 4 {
        0 => (Method::POST, "/v1/Data/DEMO/DataSet?deleteMode=2&serverExport=0"),
        1 => (Method::POST, "/v1/Data/DEMO/BulkImport"),
        2 => (Method::PUT, "/v1/Data/DEMO/customer/mergeData"),
        _ => (Method::POST, "/v1/Data/DEMO/RelationalDataSet"),
    };
    Host::lock().ask("weavy", method, path, body.to_vec());
}

/// A document for Clavus's GraphQL endpoint; what follows a NUL are its variables.
pub fn graphql(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let (query, variables) = text.split_once('\0').unwrap_or((&text, "null"));
    let variables: serde_json::Value = serde_json::from_str(variables).unwrap_or_default();
    post_graphql(&json!({ "query": query, "variables": variables }));
}

fn post_graphql(body: &serde_json::Value) {
    Host::lock().ask("clavus", Method::POST, "/api/external/graphql", body.to_string().into_bytes());
}
