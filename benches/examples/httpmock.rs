//! What the crate httpmock needs for the requests of the benchmark: three mocks, answered from memory.

use std::io::Write as _;

use httpmock::MockServer;
use httpmock::prelude::{GET, POST};
use serde_json::{Value, json};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let all: Vec<Value> = serde_json::from_str(include_str!("../../seed-data/onlineerp/small/Product.json"))?;
    let products: Vec<Value> = all.into_iter().filter(|one| one["_company"] == "0").take(20).collect();
    let one = products.first().cloned().unwrap_or_default();
    let server = MockServer::start();
    let path = "/api/Entity/Product";
    server.mock(|when, then| {
        when.method(GET).path(path);
        then.status(200).json_body(json!(products));
    });
    server.mock(|when, then| {
        when.method(GET).path(format!("{path}/1007"));
        then.status(200).json_body(one.clone());
    });
    server.mock(|when, then| {
        when.method(POST).path(path);
        then.status(201).json_body(one);
    });
    let ready = json!({ "servers": { "onlineerp": { "url": server.base_url() } } });
    writeln!(std::io::stdout(), "{ready}")?;
    loop {
        std::thread::park();
    }
}
