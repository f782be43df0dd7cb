//! What a profile says of answers that succeed: their status, and the order of rows.

use reqwest::Method;
use serde_json::Value;

use super::{corrected, get};
use crate::support::samples::Client;
use crate::support::{App, send};

/// A call that succeeds: server, verb, path, body, its key in `routes`, the status that it gets.
const CALLS: &[(&str, &str, &str, &str, &str, u16)] = &[
    (
        "onlineerp",
        "POST",
        "/api/Entity/Product",
        r#"{"NoProduit":"N-1","Description":"Vis"}"#,
        "POST /api/Entity/Product",
        200,
    ),
    ("8sens", "POST", "/v1/client", r#"{"cliRaisonSociale":"Ferme"}"#, "POST /v1/client", 202),
    ("comarch-xt", "GET", "/api2/public/products", "", "GET /api2/public/products", 203),
    (
        "weavy",
        "POST",
        "/v1/Data/DEMO/product",
        r#"{"product_ID":"N1","description":"Vis"}"#,
        "POST /v1/Data/{project}/{entity}",
        204,
    ),
    (
        "clavus",
        "POST",
        "/api/external/graphql",
        r#"{"query":"{ erpEnrAPI { getTeams { id } } }"}"#,
        "POST /api/external/graphql",
        201,
    ),
];

#[tokio::test(flavor = "multi_thread")]
async fn a_call_succeeds_with_the_status_of_the_profile() {
    for (slug, method, path, body, call, status) in CALLS {
        let app = corrected(slug, &format!("routes: {{ '{call}': {{ status: {status} }} }}")).await;
        let client = Client::of(&app, slug).await;
        let answer = send(client.request(method.parse().unwrap(), path, (*body).to_owned())).await;
        assert_eq!(answer.status, *status, "{slug}: {}", answer.body);
        assert_eq!(answer.body.is_empty(), *status == 204, "{slug}: {}", answer.body);
        let entry = app.journal("default").await.pop().unwrap();
        assert_eq!(entry["status"], *status, "{slug}: {entry}");
        let refused = get(&client, "/nix").await;
        assert_eq!(refused.status, 404, "{slug}: {}", refused.body);
        if *slug != "clavus" {
            let contract = send(app.control(Method::GET, &format!("/servers/{slug}/contract"))).await.json();
            let template = call.split_once(' ').unwrap().1;
            let mut documented = contract["paths"].as_object().unwrap().iter();
            let known = |operation: &Value| operation["responses"].get(status.to_string()).is_some();
            let is_it = |path: &str| path == template || path == "/v1/Data/{project}/product";
            assert!(
                documented.any(|(path, of)| is_it(path) && known(&of[method.to_lowercase()])),
                "{slug}: {status}"
            );
        }
    }
}

/// Server, entity, order, the path of its list, the field to look at, and what the first row has there.
const LISTS: &[(&str, &str, &str, &str, &str)] = &[
    ("onlineerp", "Product", "PrixVente desc, NoProduit", "/api/Entity/Product", "PrixVente"),
    ("8sens", "article", "artID desc", "/v1/article", "artID"),
    ("comarch-xt", "products", "Id desc", "/api2/public/products", "Id"),
    ("weavy", "product", "product_ID desc", "/v1/Data/DEMO/product", "product_ID"),
    ("clavus", "teams", "name desc", "/api/external/graphql", "name"),
    ("clavus", "users", "firstName desc", "/api/external/graphql", "firstName"),
    ("clavus", "folders", "id desc", "/api/external/graphql", "id"),
];

/// The values of a field in the rows of a list, as texts without case or as numbers.
async fn column(app: &App, slug: &'static str, (entity, path, field): (&str, &str, &str)) -> Vec<Value> {
    let client = Client::of(app, slug).await;
    let query = match entity {
        "teams" => "getTeams { id name }",
        "users" => "getUsers { id firstName }",
        _ => "getFolders(page: 1, itemParPage: 50) { results { id } }",
    };
    let answer = match slug {
        "clavus" => {
            let body = serde_json::json!({ "query": format!("{{ erpEnrAPI {{ {query} }} }}") });
            send(client.request(Method::POST, path, body.to_string())).await
        }
        _ => get(&client, path).await,
    };
    assert_eq!(answer.status, 200, "{slug}: {}", answer.body);
    let body = answer.json();
    let mut rows = &body;
    while !rows.is_array() {
        let mut members = rows.as_object().unwrap().values();
        rows = members.find(|member| member.is_array() || member.is_object()).unwrap();
    }
    rows.as_array().unwrap().iter().map(|row| row[field].clone()).collect()
}

fn falls(values: &[Value]) -> bool {
    let number = |value: &Value| value.to_string().parse::<f64>().ok();
    let text = |value: &Value| value.to_string().to_lowercase();
    values.windows(2).all(|pair| match (number(&pair[0]), number(&pair[1])) {
        (Some(one), Some(other)) => one >= other,
        _ => text(&pair[0]) >= text(&pair[1]),
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_come_in_the_order_of_the_profile() {
    let usual = App::start().await;
    for (slug, entity, order, path, field) in LISTS {
        let before = column(&usual, slug, (entity, path, field)).await;
        assert!(before.len() > 1 && !falls(&before), "{slug} {entity}: it would show nothing: {before:?}");
        let app = corrected(slug, &format!("entities: {{ {entity}: {{ order: '{order}' }} }}")).await;
        let ordered = column(&app, slug, (entity, path, field)).await;
        assert!(falls(&ordered) && ordered.len() == before.len(), "{slug} {entity}: {ordered:?}");
        let contract = send(app.control(Method::GET, &format!("/servers/{slug}/contract"))).await.body;
        assert!(contract.contains(&format!("ordered by `{order}`")), "{slug} {entity}");
    }
}

/// An order that is asked for is the server's own work; pages of the usual one are parts of one list.
#[tokio::test(flavor = "multi_thread")]
async fn an_order_of_the_profile_is_for_those_who_ask_for_none() {
    let app = corrected("onlineerp", "entities: { Product: { order: NoProduit desc } }").await;
    let of = |path| column(&app, "onlineerp", ("Product", path, "NoProduit"));
    let mut asked = of("/api/Entity/Product?$orderby=NoProduit").await;
    let whole = of("/api/Entity/Product").await;
    asked.reverse();
    assert_eq!(asked, whole);
    let mut pages = of("/api/Entity/Product?$top=2").await;
    pages.extend(of("/api/Entity/Product?$top=100&$skip=2").await);
    assert_eq!(pages, whole);
}

/// Whatever is refused with 405 says which verbs the path takes: server, refusal, verb, path and body of what is refused.
const REFUSED: &[(&str, &str, &str, &str, &str)] = &[
    ("onlineerp", "RECORD_NOT_FOUND", "GET", "/api/Entity/Product/NIX", ""),
    ("8sens", "NOT_FOUND", "GET", "/v1/client/99999", ""),
    ("comarch-xt", "RECORD_NOT_FOUND", "GET", "/api2/public/products/1", ""),
    ("weavy", "RECORD_UNKNOWN", "GET", "/v1/Data/DEMO/product/NIX", ""),
    ("clavus", "QUERY_MISSING", "POST", "/api/external/graphql", r#"{"operationName":"x"}"#),
];

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_that_gets_405_has_the_verbs_of_its_path() {
    for (slug, name, method, path, body) in REFUSED {
        let app = corrected(slug, &format!("errors: {{ {name}: {{ status: 405 }} }}")).await;
        let client = Client::of(&app, slug).await;
        let ask = || client.request(method.parse().unwrap(), path, (*body).to_owned());
        let of_profile = send(ask()).await;
        app.fault(serde_json::json!({ "server": slug, "when": {}, "then": { "status": 405 } })).await;
        for answer in [of_profile, send(ask()).await] {
            assert_eq!(answer.status, 405, "{slug}: {}", answer.body);
            let verbs: Vec<&str> = answer.header("allow").split(", ").collect();
            assert!(verbs.contains(method), "{slug}: {verbs:?}");
        }
    }
}
