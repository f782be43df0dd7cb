//! The examples of the contracts work in the default data: every call that is documented is answered with a documented
//! success, and is no violation.

use reqwest::header::{AUTHORIZATION, CONTENT_TYPE};
use reqwest::{Method, RequestBuilder};
use serde_json::Value;

use super::violations::of_last;
use crate::support::{App, basic, send};

/// The contract of a running server.
async fn contract(app: &App, slug: &str) -> Value {
    send(app.control(Method::GET, &format!("/servers/{slug}/contract"))).await.json()
}

/// Every operation in its order: verb, path, and what the document says of it.
fn operations(contract: &Value) -> impl Iterator<Item = (&str, &str, &Value)> {
    let paths = contract["paths"].as_object().expect("paths").iter();
    paths.flat_map(|(path, verbs)| {
        let verbs = verbs.as_object().expect("verbs").iter();
        verbs.map(move |(verb, operation)| (verb.as_str(), path.as_str(), operation))
    })
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// The request that the examples of an operation make, with its required parameters.
fn request(app: &App, slug: &str, verb: &str, path: &str, operation: &Value) -> RequestBuilder {
    let parameters = operation["parameters"].as_array().map_or(&[] as &[Value], Vec::as_slice);
    let of = |place: &'static str| parameters.iter().filter(move |parameter| parameter["in"] == place);
    let path = of("path").fold(path.to_owned(), |path, parameter| {
        path.replace(&format!("{{{}}}", text(&parameter["name"])), &text(&parameter["example"]))
    });
    let query = of("query").filter(|parameter| !parameter["example"].is_null());
    let query: Vec<String> = query
        .filter(|parameter| parameter["required"] == true)
        .map(|parameter| format!("{}={}", text(&parameter["name"]), text(&parameter["example"])))
        .collect();
    let target = if query.is_empty() { path } else { format!("{path}?{}", query.join("&")) };
    let method: Method = verb.to_uppercase().parse().expect("a verb");
    let request = app.request(slug, method, &target);
    let Some((media, content)) =
        operation["requestBody"]["content"].as_object().and_then(|media| media.iter().next())
    else {
        return request;
    };
    let example = &content["example"];
    let body = if media.ends_with("urlencoded") {
        let pairs = example.as_object().expect("a form").iter();
        pairs.map(|(name, value)| format!("{name}={}", text(value))).collect::<Vec<_>>().join("&")
    } else {
        example.to_string()
    };
    request.header(CONTENT_TYPE, media).body(body)
}

/// Sends every operation's example; deletions come last, and of them the end of the session.
async fn all_work(app: &App, slug: &str, sign: impl Fn(RequestBuilder) -> RequestBuilder) {
    let contract = contract(app, slug).await;
    let mut all: Vec<_> = operations(&contract).collect();
    assert!(!all.is_empty(), "{slug} documents nothing");
    all.sort_by_key(|(verb, _, operation)| (*verb == "delete", operation["tags"][0] == "session"));
    for (verb, path, operation) in all {
        let request = sign(request(app, slug, verb, path, operation));
        let answer = send(request).await;
        let status = answer.status.as_str().to_owned();
        let documented = answer.status.is_success() && operation["responses"].get(&status).is_some();
        assert!(documented, "{slug} {verb} {path}: {status} {}", answer.body);
        assert_eq!(of_last(app).await, [""; 0], "{slug} {verb} {path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn comarch_xt() {
    let app = App::start().await;
    let credentials = basic("demo-client", "demo-secret");
    let asked = app
        .request("comarch-xt", Method::POST, "/api2/public/token")
        .header(AUTHORIZATION, &credentials)
        .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body("grant_type=client_credentials");
    let token = send(asked).await.json()["access_token"].as_str().expect("a token").to_owned();
    let token = format!("Bearer {token}");
    all_work(&app, "comarch-xt", |request| {
        let is_token = request.try_clone().and_then(|request| request.build().ok());
        let is_token = is_token.is_some_and(|request| request.url().path().ends_with("/token"));
        request.header(AUTHORIZATION, if is_token { &credentials } else { &token })
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn eightsens() {
    let app = App::start().await;
    let asked = app
        .request("8sens", Method::POST, "/v1/login/user")
        .header("api_key", "ZghY887665YhGH")
        .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body("login=CLIENTREST&password=clientrest");
    let token = send(asked).await.json()["access_token"].as_str().expect("a token").to_owned();
    let token = format!("Bearer {token}");
    all_work(&app, "8sens", |request| {
        request.header("api_key", "ZghY887665YhGH").header(AUTHORIZATION, &token)
    })
    .await;
}
