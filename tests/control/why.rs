//! `GET …/journal/{id}/why`: twenty typical mistakes and more, each with the line that it leads to.

use erpsatz::Config;
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use simhost::sandbox::sandboxes::Options;

use super::get;
use crate::support::samples::Client;
use crate::support::{App, basic, send, try_send};

const XT: &str = "comarch-xt";
const FORM: &str = "application/x-www-form-urlencoded";

/// What is told of the last request.
async fn why(app: &App) -> Value {
    let id = app.last().await["id"].as_u64().expect("an id");
    get(app, &format!("/sandboxes/default/journal/{id}/why")).await
}

/// Sends a request; what is told of it must have this line, `check result -> nearest`, and this cause.
async fn leads_to(app: &App, request: RequestBuilder, line: &str, cause: &str) -> Value {
    let _ = try_send(request).await;
    let told = why(app).await;
    let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
    let steps = told["steps"].as_array().expect("steps");
    let show = |step: &Value| {
        format!("{} {} -> {}", text(&step["check"]), text(&step["result"]), text(&step["nearest"]))
    };
    let lines: Vec<String> = steps.iter().map(show).collect();
    assert!(lines.iter().any(|told| told == line), "wanted {line}: {told:#}");
    assert_eq!(text(&told["cause"]), cause, "{told:#}");
    let wrong = steps.iter().filter(|step| step["result"] == "refused");
    for step in
        wrong.filter(|step| !["fault", "transport"].contains(&step["check"].as_str().expect("a name")))
    {
        assert!(step["fact"].is_string() && step["evidence"].is_string(), "{step:#}");
        assert_eq!(step, steps.last().expect("a step"), "what refused is the last check");
    }
    told
}

fn onlineerp(app: &App, method: Method, path: &str) -> RequestBuilder {
    let request = app.request("onlineerp", method, &format!("/api/Entity/{path}"));
    request.header(AUTHORIZATION, basic("DEMO-LICENCE", "demo-secret"))
}

#[tokio::test(flavor = "multi_thread")]
async fn mistakes_at_onlineerp() {
    let app = App::start().await;
    let get = |path: &str| onlineerp(&app, Method::GET, path).header("COMPANY_ID", "0");
    let post = |body: Value| {
        let product = onlineerp(&app, Method::POST, "Product").header("COMPANY_ID", "0");
        let mut record = json!({ "NoProduit": "V-1", "Description": "Vis" });
        record.as_object_mut().expect("one").extend(body.as_object().expect("one").clone());
        product.json(&record)
    };
    let unsigned = app.request("onlineerp", Method::GET, "/api/Entity/Product");
    leads_to(&app, unsigned, "credentials refused -> Authorization", "client").await;
    let wrong = app.request("onlineerp", Method::GET, "/api/Entity/Product");
    let wrong = wrong.header(AUTHORIZATION, basic("DEMO-LICENCE", "wr0ng-secret"));
    let told = leads_to(&app, wrong, "credentials refused -> Authorization", "client").await;
    assert!(!told.to_string().contains("wr0ng"), "{told}");
    let bare = |path: &str| onlineerp(&app, Method::GET, path);
    leads_to(&app, bare("Product"), "headers noted -> COMPANY_ID: 0", "client").await;
    let slip = bare("Product").header("company-id", "0");
    leads_to(&app, slip, "headers noted -> COMPANY_ID", "client").await;
    leads_to(&app, get("Product?$topp=1"), "query noted -> $top", "client").await;
    leads_to(&app, get("Product?$top=many"), "query refused -> integer", "client").await;
    let open = leads_to(
        &app,
        get("Product?$filter=(NoProduit eq 'A'"),
        "query refused -> (NoProduit eq 'A')",
        "client",
    )
    .await;
    assert!(open["steps"].to_string().contains("parameter GET /api/Entity/Product ?$filter"), "{open}");
    leads_to(&app, get("Producs"), "route refused -> GET /api/Entity/Product", "client").await;
    let change = onlineerp(&app, Method::PUT, "CustomerInvoice/5001").json(&json!({}));
    leads_to(&app, change, "method refused -> GET /api/Entity/CustomerInvoice/{id}", "client").await;
    leads_to(&app, post(json!({ "PrixVente": "viel" })), "body refused -> decimal", "client").await;
    let text = onlineerp(&app, Method::POST, "Product").header(CONTENT_TYPE, "text/plain").body("{}");
    leads_to(&app, text, "headers refused -> application/json", "client").await;
    let broken = onlineerp(&app, Method::POST, "Product").header(CONTENT_TYPE, "application/json").body("{");
    leads_to(&app, broken, "body refused -> -", "client").await;
    leads_to(&app, get("Product/10011"), "state refused -> 1001", "client").await;
    let nobody = onlineerp(&app, Method::GET, "Product").header("COMPANY_ID", "77");
    leads_to(&app, nobody, "headers refused -> COMPANY_ID: 0, 1, 2, 3, 4, 5", "client").await;
}

fn token_request(app: &App) -> RequestBuilder {
    let request = app.request(XT, Method::POST, "/api2/public/token");
    request.header(AUTHORIZATION, basic("demo-client", "demo-secret"))
}

async fn xt(app: &App) -> impl Fn(&App, &str, &str, Value) -> RequestBuilder {
    let form = token_request(app).header(CONTENT_TYPE, FORM).body("grant_type=client_credentials");
    let token = send(form).await.json()["access_token"].as_str().expect("a token").to_owned();
    move |app, method, path, body| {
        let path = format!("/api2/public/{path}");
        let request = app.request(XT, method.parse().expect("a verb"), &path).bearer_auth(&token);
        if body.is_null() { request } else { request.json(&body) }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn mistakes_at_comarch_xt() {
    let app = App::start().await;
    let ask = xt(&app).await;
    let product = json!({ "Id": 12, "Name": "Maus" });
    let told = leads_to(
        &app,
        ask(&app, "PUT", "products/12", product),
        "method refused -> PUT /api2/public/products",
        "client",
    )
    .await;
    assert!(told["steps"].to_string().contains("operation PUT /api2/public/products"), "{told}");
    let nameless = json!({ "UnitOfMeasurment": "Stk.", "Rate": 9, "SaleNetPrice": 20.0 });
    leads_to(&app, ask(&app, "POST", "products", nameless), "body refused -> Name", "client").await;
    let form = token_request(&app).json(&json!({ "grant_type": "client_credentials" }));
    leads_to(&app, form, &format!("headers refused -> {FORM}"), "client").await;
    let scheme = app.request(XT, Method::GET, "/api2/public/products").header(AUTHORIZATION, "Token abc");
    leads_to(&app, scheme, "credentials refused -> Authorization: Bearer …", "client").await;
    let unknown = app.request(XT, Method::GET, "/api2/public/products").bearer_auth("unknown");
    leads_to(&app, unknown, "credentials refused -> Authorization", "client").await;
    app.advance("P1D").await;
    let expired = ask(&app, "GET", "products", Value::Null);
    let line = "credentials refused -> a new token: POST /api2/public/token";
    leads_to(&app, expired, line, "clock").await;
}

fn eightsens_login(app: &App, header: &'static str) -> RequestBuilder {
    let login = app.request("8sens", Method::POST, "/v1/login/user").header(header, "ZghY887665YhGH");
    login.header(CONTENT_TYPE, FORM).body("login=CLIENTREST&password=clientrest")
}

#[tokio::test(flavor = "multi_thread")]
async fn mistakes_at_the_others() {
    let app = App::start().await;
    let login = |header: &'static str| eightsens_login(&app, header);
    leads_to(&app, login("x-api-key"), "credentials refused -> api_key", "client").await;
    let token = send(login("api_key")).await.json()["access_token"].as_str().expect("one").to_owned();
    let sens = |method: Method, path: &str| {
        app.request("8sens", method, path).header("api_key", "ZghY887665YhGH").bearer_auth(&token)
    };
    leads_to(&app, sens(Method::GET, "/v1/client?limit=all"), "query refused -> integer", "client").await;
    let misspelt = sens(Method::POST, "/v1/client").json(&json!({ "cliRaisonSocial": "Ferme" }));
    leads_to(&app, misspelt, "body refused -> cliRaisonSociale", "client").await;
    app.advance("PT12H").await;
    let expired = sens(Method::GET, "/v1/client");
    leads_to(&app, expired, "credentials refused -> a new token: POST /v1/login/user", "clock").await;

    let login = json!({ "scope": "API", "projectCode": "DEMO", "userName": "api", "password": "api" });
    let login = send(app.request("weavy", Method::POST, "/v1/Authenticate").json(&login)).await.json();
    let token = login["authToken"].as_str().expect("a token");
    let select = |body: Value| {
        app.request("weavy", Method::POST, "/v1/Data/DEMO/Select").bearer_auth(token).json(&body)
    };
    let filter = json!({ "fieldName": "description", "operator": "Equals", "filterValues": ["x"] });
    let wrong = select(json!({ "entityName": "product", "filterFields": [filter] }));
    leads_to(&app, wrong, "body refused -> Equal", "client").await;
    leads_to(&app, select(json!({ "entityName": "produkt" })), "body refused -> product", "client").await;

    let ask = |query: &str| {
        let request = app.request("clavus", Method::POST, "/api/external/graphql").bearer_auth("demo-key");
        request.json(&json!({ "query": query }))
    };
    let misspelt = ask("{ erpEnrAPI { getColums(page: 1, itemParPage: 5) { id } } }");
    leads_to(&app, misspelt, "body refused -> getColumns", "client").await;
    let argument = ask("{ erpEnrAPI { getColumns(page: 1, itemsPerPage: 5) { id } } }");
    leads_to(&app, argument, "body refused -> itemParPage", "client").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn it_says_who_did_it() {
    let app = App::scenario(
        "name: causes
servers: { clavus: { settings: { rate_limit_per_minute: 1 } } }
steps:
  - name: gone
    on: { request: { server: onlineerp, path: /api/Entity/Customer }, count: 1 }
    do: [ { delete: { server: onlineerp, entity: Product, key: '1001' } } ]
",
    )
    .await;
    let get = |path: &str| onlineerp(&app, Method::GET, path).header("COMPANY_ID", "0");
    let rule =
        json!({ "id": "down", "server": "onlineerp", "when": { "times": 1 }, "then": { "status": 503 } });
    app.fault(rule).await;
    let told = leads_to(&app, get("Product"), "fault refused -> -", "fault").await;
    assert_eq!(told["steps"].as_array().and_then(|steps| steps.last()).expect("one")["received"], "down");
    let rule = json!({ "server": "onlineerp", "when": { "times": 1 }, "then": { "lose_response": true } });
    app.fault(rule).await;
    leads_to(&app, get("Product"), "fault damaged -> -", "fault").await;
    let ask = || {
        let request = app.request("clavus", Method::POST, "/api/external/graphql").bearer_auth("demo-key");
        request.json(&json!({ "query": "{ erpEnrAPI { getTeams { id } } }" }))
    };
    send(ask()).await;
    let _ = try_send(ask()).await;
    let told = why(&app).await;
    assert_eq!(told["cause"], "quota", "{told:#}");
    send(get("Customer")).await;
    leads_to(&app, get("Product/1001"), "state refused -> -", "scenario").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_that_surprise_are_explained() {
    let app = App::start().await;
    let get = |path: &str| onlineerp(&app, Method::GET, path).header("COMPANY_ID", "0");
    send(get("Product?$top=1")).await;
    assert_eq!(why(&app).await["cause"], Value::Null, "a page of the size that was asked for");
    let settings = app.control(Method::PATCH, "/sandboxes/default/settings/8sens");
    assert_eq!(send(settings.json(&json!({ "page_size": 2 }))).await.status, 200);
    let token = send(eightsens_login(&app, "api_key")).await.json();
    let token = token["access_token"].as_str().expect("a token").to_owned();
    let sens = |path: &str| {
        app.request("8sens", Method::GET, path).header("api_key", "ZghY887665YhGH").bearer_auth(&token)
    };
    leads_to(&app, sens("/v1/client"), "page noted -> page=2", "client").await;
    let nature = json!({ "natureID": 3, "natureLib": "Facture", "natureType": "CDE" });
    let added = send(app.control(Method::POST, "/sandboxes/default/data/8sens/nature").json(&nature)).await;
    assert_eq!(added.status, 201, "{}", added.body);
    leads_to(&app, sens("/v1/nature"), "rights noted -> -", "client").await;
    leads_to(&app, sens("/v1/nature/3"), "rights refused -> -", "client").await;
    let filter = get("Product?$filter=NoProduit eq 'bolt-m12'");
    let told = leads_to(&app, filter, "filter noted -> BOLT-M12", "client").await;
    assert!(told["steps"].to_string().contains("NoProduit"), "{told}");
    let chosen = get("Product?$select=NoProduct,Description&$top=1");
    let told = leads_to(&app, chosen, "query noted -> NoProduit", "client").await;
    assert!(told["steps"].to_string().contains("Product has no field NoProduct"), "{told}");
    let good = send(get("Product")).await;
    assert_eq!(good.status, 200);
    let told = why(&app).await;
    assert_eq!(told["cause"], Value::Null, "{told:#}");
}

/// What was received is named as the client knows it: the header, the body, the refusal under a 200.
#[tokio::test(flavor = "multi_thread")]
async fn what_was_wrong_is_named() {
    let app = App::start().await;
    let refused = |told: &Value| {
        let steps = told["steps"].as_array().expect("steps");
        steps.iter().find(|step| step["result"] == "refused").expect("a refusal").clone()
    };
    let company = onlineerp(&app, Method::GET, "Product").header("COMPANY_ID", "77");
    let told = leads_to(&app, company, "headers refused -> COMPANY_ID: 0, 1, 2, 3, 4, 5", "client").await;
    assert_eq!(refused(&told)["received"], "company_id: 77");

    let key = app.request("8sens", Method::GET, "/v1/client").header("api_key", "nobody");
    let told = leads_to(&app, key, "credentials refused -> api_key", "client").await;
    assert_eq!(refused(&told)["received"], "api_key is there and not good");

    let login = json!({ "projectCode": "DEMO", "userName": "api", "password": "no" });
    let login = app.request("weavy", Method::POST, "/v1/Authenticate").json(&login);
    let _ = try_send(login).await;
    let step = refused(&why(&app).await);
    assert_eq!(step["received"], "projectCode, userName, password in the body are not good", "{step:#}");

    let ask = |query: &str| {
        let request = app.request("clavus", Method::POST, "/api/external/graphql").bearer_auth("demo-key");
        request.json(&json!({ "query": query }))
    };
    let negative = ask("{ erpEnrAPI { getFolders(page: -1, itemParPage: 5) { totalCount } } }");
    let told = leads_to(&app, negative, "rule refused -> -", "client").await;
    assert_eq!(refused(&told)["fact"], "refusal PAGE_NOT_POSITIVE", "{told:#}");
    assert!(told["answer"]["message"].as_str().expect("words").contains("positive"), "{told:#}");
    let top = ask("{ getFolders(page: 1, itemParPage: 5) { totalCount } }");
    leads_to(&app, top, "body refused -> erpEnrAPI { getFolders }", "client").await;
    let zero = ask("{ erpEnrAPI { getFolders(page: 0, itemParPage: 5) { totalCount } } }");
    let told = leads_to(&app, zero, "page noted -> page=1", "client").await;
    assert!(told["steps"].to_string().contains("the page that was asked for has no rows"), "{told:#}");
    let post = |body: Value| onlineerp(&app, Method::POST, "Product").header("COMPANY_ID", "0").json(&body);
    let told = leads_to(&app, post(json!([1])), "body refused -> an object", "client").await;
    assert_eq!(refused(&told)["message"], "the body must be an object");
    assert_eq!(refused(&told)["received"], "the body");
    // What is missing under its name was sent under nearly that name.
    let slip = post(json!({ "NoProduct": "V-2" }));
    leads_to(&app, slip, "body noted -> NoProduit", "client").await;
    let login = json!({ "scope": "API", "projectCode": "DEMO", "userName": "api", "password": "api" });
    let login = send(app.request("weavy", Method::POST, "/v1/Authenticate").json(&login)).await.json();
    let other = app.request("weavy", Method::GET, "/v1/Data/OTHER/product");
    let other = other.bearer_auth(login["authToken"].as_str().expect("a token"));
    let told = leads_to(&app, other, "rights refused -> -", "client").await;
    assert_eq!(refused(&told)["received"], "GET /v1/Data/OTHER/product");
    let name = ask("{ erpEnrAPI { getTeams { id nam } } }");
    let told = leads_to(&app, name, "body refused -> name", "client").await;
    assert_eq!(refused(&told)["fact"], "field Team.name");
    let filter = r#"filterColumns: [{ column: "statut", operator: "=", value: "devis envoyé" }]"#;
    let filter =
        ask(&format!("{{ erpEnrAPI {{ getFolders(page: 1, itemParPage: 5, {filter}) {{ totalCount }} }} }}"));
    leads_to(&app, filter, "filter noted -> Devis envoyé", "client").await;
    let path = app.request("clavus", Method::POST, "/graphql").bearer_auth("demo-key").json(&json!({}));
    leads_to(&app, path, "route refused -> POST /api/external/graphql", "client").await;
}

/// Of a body that could not be read nothing is said but that, in whole words.
#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_is_too_large_is_not_said_to_be_missing() {
    let options = Options { max_body: 2000, ..Options::default() };
    let app = App::with(Config { options, ..Config::default() }).await;
    let large = "x".repeat(3000);
    for (slug, path) in [
        ("onlineerp", "/api/Entity/Product"),
        ("8sens", "/v1/client"),
        (XT, "/api2/public/products"),
        ("weavy", "/v1/Data/DEMO/product"),
        ("clavus", "/api/external/graphql"),
    ] {
        let client = Client::of(&app, slug).await;
        let answer = send(client.request(Method::POST, path, large.clone())).await;
        assert!(matches!(answer.status.as_u16(), 400 | 413), "{slug}: {}", answer.body);
        let told = why(&app).await;
        let step = told["steps"].as_array().expect("steps").last().expect("one");
        let said = (&step["check"], &step["result"], &step["received"], &step["nearest"]);
        let wanted =
            (&json!("body"), &json!("refused"), &json!("more than 2000 bytes"), &json!("at most 2000 bytes"));
        assert_eq!(said, wanted, "{slug}: {told:#}");
        assert!(!told.to_string().contains("missing"), "{slug}: {told:#}");
        assert_eq!(app.last().await["violations"], json!([]), "{slug}");
        let empty = send(client.request(Method::POST, path, String::new())).await;
        assert!(empty.status.is_client_error(), "{slug}: {}", empty.body);
        let told = why(&app).await.to_string();
        assert!(!told.contains("body body"), "{slug}: {told}");
    }
}
