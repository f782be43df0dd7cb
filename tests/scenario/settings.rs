//! The switches of the servers.

use erpsatz::{Config, load_library, load_simulators};
use reqwest::Method;
use serde_json::{Value, json};
use simhost::scenario::schema;

use crate::support::{App, send};

/// Every number that a setting holds, also in a list or an object, has a least and a greatest value in the schema, and
/// what lies outside is refused wherever settings are given.
#[tokio::test(flavor = "multi_thread")]
async fn numbers_of_settings_have_bounds() {
    let app = App::start().await;
    let loaded = load_simulators(&Config::default()).unwrap();
    let schema = schema::scenario(&loaded, &load_library(&Config::default()).unwrap());
    let mut checked = 0;
    for sim in erpsatz::registry::ALL {
        let settings = &schema["properties"]["servers"]["properties"][sim.slug]["properties"]["settings"];
        for (name, setting) in settings["properties"].as_object().expect("settings") {
            let (held, wrap): (_, fn(Value) -> Value) = match setting["type"].as_str() {
                Some("array") => (&setting["items"], |value| json!([value])),
                Some("object") => (&setting["additionalProperties"], |value| json!({ "1": value })),
                _ => (setting, |value| value),
            };
            let is_number = matches!(held["type"].as_str(), Some("integer" | "number"));
            if !is_number || setting["enum"].is_array() {
                continue;
            }
            let least = held["minimum"].as_i64().unwrap_or_else(|| panic!("{name} has no minimum"));
            let most = held["maximum"].as_i64().unwrap_or_else(|| panic!("{name} has no maximum"));
            checked += 1;
            for value in [json!(least - 1), json!(most + 1), json!(1e30), json!("x"), json!(null)] {
                let set = json!({ name: wrap(value) });
                let scenario = json!({ "name": "s", "servers": { sim.slug: { "settings": &set } } });
                let load = app.control(Method::PUT, "/sandboxes/default/scenario").json(&scenario);
                let step = json!({ "do": [{ "settings": { "server": sim.slug, "set": &set } }] });
                let step = app.control(Method::POST, "/sandboxes/default/steps").json(&step);
                for request in [load, step] {
                    let refused = send(request).await;
                    assert!(
                        refused.status == 400 && refused.body.contains(name.as_str()),
                        "{set}: {}",
                        refused.body
                    );
                }
            }
        }
    }
    assert!(checked >= 30, "{checked} settings");
}
