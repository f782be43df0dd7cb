//! Secrets in every place that a run has, each a canary: none sings in journal, archive, `why`, report or capsule, and the
//! capsule is played again to the byte.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use erpsatz::Config;
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use super::replay::{control, played, saved, unpacked};
use crate::support::{App, basic, send, try_send};

const FORM: &str = "application/x-www-form-urlencoded";

const SCENARIO: &str = "name: canaries
clock: { start: 2026-03-02T08:00:00Z, frozen: true }
servers:
  onlineerp: { settings: { licences: [ { code: L1, secret: canary-of-scenario, companies: { '0': acomba } } ] } }
faults:
  - { server: weavy, when: { header: { authorization: canary-of-fault }, times: 1 }, then: { status: 503 } }
";

const PROFILE: &str = "settings: { api_key: { default: canary-of-profile } }";

/// One request that holds a secret.
struct Place {
    canary: &'static str,
    request: fn(&App) -> RequestBuilder,
}

fn erp(app: &App, method: Method, path: &str) -> RequestBuilder {
    let request = app.request("onlineerp", method, &format!("/api/Entity/{path}"));
    request.header("authorization", basic("L1", "canary-of-scenario"))
}

fn graphql(app: &App, body: &Value) -> RequestBuilder {
    app.request("clavus", Method::POST, "/api/external/graphql").bearer_auth("demo-key").json(body)
}

/// Every place, in the order in which requests come: what a name told is known from there on.
const PLACES: &[Place] = &[
    Place {
        canary: "canary-of-basic",
        request: |app| {
            let request = app.request("onlineerp", Method::GET, "/api/Entity/Product");
            request.header("authorization", basic("L1", "canary-of-basic"))
        },
    },
    Place {
        canary: "canary-of-bearer",
        request: |app| {
            app.request("comarch-xt", Method::GET, "/api2/public/products").bearer_auth("canary-of-bearer")
        },
    },
    Place {
        canary: "canary-of-header",
        request: |app| app.request("8sens", Method::GET, "/v1/client").header("api_key", "canary-of-header"),
    },
    Place {
        canary: "canary-of-cookie",
        request: |app| erp(app, Method::GET, "Product").header("cookie", "sid=canary-of-cookie"),
    },
    Place {
        canary: "canary-of-query",
        request: |app| erp(app, Method::GET, "Product?$top=1&access_token=canary-of-query"),
    },
    Place {
        canary: "canary-of-body",
        request: |app| {
            let login = json!({ "projectCode": "DEMO", "userName": "api", "password": "canary-of-body" });
            app.request("weavy", Method::POST, "/v1/Authenticate").json(&login)
        },
    },
    Place {
        canary: "canary-of-form",
        request: |app| {
            let login = app.request("8sens", Method::POST, "/v1/login/user").header("content-type", FORM);
            login.header("api_key", "canary-of-profile").body("login=X&password=canary-of-form")
        },
    },
    Place {
        canary: "canary-of-variables",
        request: |app| {
            let query = "query($v: String!) { login(password: $v) { id } }";
            graphql(app, &json!({ "query": query, "variables": { "v": "canary-of-variables" } }))
        },
    },
    Place {
        canary: "canary-of-literal",
        request: |app| graphql(app, &json!({ "query": "{ login(password: \"canary-of-literal\") { id } }" })),
    },
    Place {
        canary: "canary-of-hook",
        request: |app| {
            let hook = json!({ "event": "NewCustomer", "hookUrl": "http://127.0.0.1:9/canary-of-hook" });
            app.request("weavy", Method::POST, "/v1/Webhook/DEMO/Subscriptions").json(&hook)
        },
    },
    // What is a secret elsewhere, as a part of a path: said by the same request, by one before, by scenario and profile,
    // encoded, and inside another word.
    Place {
        canary: "canary-of-path",
        request: |app| {
            let request = app.request("comarch-xt", Method::GET, "/api2/public/canary-of-path/items");
            request.bearer_auth("canary-of-path")
        },
    },
    Place {
        canary: "canary-of-bearer",
        request: |app| app.request("8sens", Method::GET, "/v1/hooks/canary-of-bearer/x"),
    },
    Place { canary: "canary-of-scenario", request: |app| erp(app, Method::GET, "canary-of-scenario/5") },
    Place {
        canary: "canary-of-scenario",
        request: |app| erp(app, Method::GET, "Product?$top=1&note=xcanary-of-scenariox"),
    },
    Place {
        canary: "canary-of-profile",
        request: |app| app.request("8sens", Method::GET, "/v1/canary-of-profile"),
    },
    Place {
        canary: "canary-of-control",
        request: |app| app.request("weavy", Method::GET, "/v1/canary-of-control"),
    },
    Place {
        canary: "canary/of+signs=",
        request: |app| {
            let path = "/v1/canary%2Fof%2Bsigns%3D/x";
            app.request("weavy", Method::GET, path).bearer_auth("canary/of+signs=")
        },
    },
    // What a filter compares a secret field with.
    Place {
        canary: "canary-of-filter",
        request: |app| erp(app, Method::GET, "Product?$filter=password eq 'canary-of-filter'"),
    },
    Place {
        canary: "canary-of-plus",
        request: |app| erp(app, Method::GET, "Product?$filter=password+eq+'canary-of-plus'+or+Id+eq+5"),
    },
    Place {
        canary: "canary-of-encoded",
        request: |app| erp(app, Method::GET, "Product?%24filter=clientSecret%20ne%20%27canary-of-encoded%27"),
    },
    Place {
        canary: "8462846284628462",
        request: |app| erp(app, Method::GET, "Product?$filter=password eq 8462846284628462"),
    },
    Place {
        canary: "canary-of-turned",
        request: |app| erp(app, Method::GET, "Product?$filter='canary-of-turned' eq password"),
    },
    Place {
        canary: "canary-of-function",
        request: |app| erp(app, Method::GET, "Product?$filter=contains(password,'canary-of-function')"),
    },
    Place {
        canary: "canary-of-list",
        request: |app| erp(app, Method::GET, "Product?$filter=password in ('a','canary-of-list')"),
    },
    Place {
        canary: "canary-of-post",
        request: |app| {
            let post = erp(app, Method::POST, "Product/$query").header("content-type", "text/plain");
            post.body("$filter=password eq 'it''s canary-of-post'&$top=1")
        },
    },
    Place {
        canary: "canary-of-select",
        request: |app| {
            let filter = json!({ "$filter": "tolower(password) eq 'canary-of-select'" });
            app.request("weavy", Method::POST, "/v1/Data/DEMO/Select").json(&filter)
        },
    },
];

async fn told(app: &App, path: &str) -> String {
    let answer = send(app.control(Method::GET, path)).await;
    assert_eq!(answer.status, 200, "{path}: {}", answer.body);
    answer.body
}

#[tokio::test(flavor = "multi_thread")]
async fn no_canary_of_any_place_sings() {
    let file = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(file.path(), PROFILE).expect("a file");
    let profiles = [("8sens".to_owned(), file.path().to_owned())].into_iter().collect();
    let app = App::with(Config { profiles, ..Config::default() }).await;
    app.load("default", SCENARIO).await;
    let rule = json!({ "server": "onlineerp", "when": { "header": { "authorization": "canary-of-control" } },
        "then": { "status": 503 } });
    control(&app, Method::POST, "/sandboxes/default/faults", &rule.to_string()).await;
    for place in PLACES {
        let _ = try_send((place.request)(&app)).await;
    }
    let entries = app.journal("default").await;
    assert_eq!(entries.len(), PLACES.len());
    let mut told_of = Vec::new();
    for (place, entry) in PLACES.iter().zip(&entries) {
        let id = &entry["id"];
        let why = told(&app, &format!("/sandboxes/default/journal/{id}/why")).await;
        told_of.push((format!("why of {}", place.canary), why));
        told_of.push((
            format!("entry of {}", place.canary),
            told(&app, &format!("/sandboxes/default/journal/{id}")).await,
        ));
    }
    for path in ["journal", "journal?bodies=true", "journal.har", "report"] {
        told_of.push((path.to_owned(), told(&app, &format!("/sandboxes/default/{path}")).await));
    }
    let bytes = saved(&app, "default").await;
    told_of.push(("capsule".to_owned(), unpacked(&bytes)));
    for (what, text) in &told_of {
        for place in PLACES {
            let encoded = STANDARD.encode(format!("L1:{}", place.canary));
            let in_path = place.canary.replace('/', "%2F").replace('+', "%2B").replace('=', "%3D");
            for secret in [place.canary, &encoded, &in_path] {
                assert!(!text.contains(secret), "{secret} in {what}: {text}");
            }
        }
    }
    let replayed = played(&bytes).await;
    assert!(replayed.difference.is_none(), "{:?}", replayed.difference);
}
