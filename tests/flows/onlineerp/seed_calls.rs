//! The four calls of the vendor's overview, with and without the trailing slash, with good and bad credentials.

use reqwest::Method;
use serde_json::json;

use super::{call, get, post, put};
use crate::support::{App, basic, send};

#[tokio::test(flavor = "multi_thread")]
async fn get_post_put_delete_on_product() {
    let app = App::start().await;
    for slash in ["", "/"] {
        let path = format!("Product{slash}");
        let list = get(&app, &path).await;
        assert_eq!(list.status, 200);
        assert_eq!(list.header("content-type"), "application/json; charset=utf-8");
        assert!(list.json().as_array().is_some_and(|products| products.len() >= 60));

        let number = format!("VIS{}", slash.len());
        let created =
            post(&app, &path, json!({ "NoProduit": number, "Description": "Vis", "PrixVente": 0.25 })).await;
        assert_eq!(created.status, 201, "{}", created.body);
        let record = created.json();
        let key = record["NoUniqueSystemeSource"].as_str().expect("a key").to_owned();
        assert_eq!(created.header("location"), format!("/api/Entity/Product/{key}"));
        assert_eq!(record["EstActif"], true);
        assert_eq!(record["QteEnMain"], 0);

        let changed = put(&app, &path, json!({ "NoProduit": number, "PrixVente": 0.3 })).await;
        assert_eq!(changed.status, 200, "{}", changed.body);
        assert_eq!(changed.json()["Description"], "Vis", "what is not sent stays");
        assert_eq!(get(&app, &format!("Product/{key}")).await.json()["PrixVente"], json!(0.3));
        assert_eq!(get(&app, &format!("Product/{number}")).await.json()["NoUniqueSystemeSource"], key);

        let deleted = call(&app, "0", Method::DELETE, &path, None).await;
        assert_eq!(deleted.status, 405);
        assert_eq!(deleted.header("allow"), "GET, POST, PUT");
        assert!(deleted.json()["Message"].as_str().is_some_and(|message| message.contains("Acomba")));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn credentials_come_before_everything() {
    let app = App::start().await;
    let good = basic("DEMO-LICENCE", "demo-secret");
    let bad = [
        String::new(),
        basic("DEMO-LICENCE", "wrong"),
        basic("OTHER", "demo-secret"),
        basic("demo-licence", "demo-secret"),
        "Basic ???".to_owned(),
        good.replace("Basic", "Bearer"),
    ];
    for authorization in bad {
        for (method, path) in [
            (Method::GET, "/api/Entity/Product/"),
            (Method::POST, "/api/Entity/Product/"),
            (Method::DELETE, "/api/Entity/Product/"),
            (Method::GET, "/api/Entity/Nothing"),
            (Method::GET, "/nowhere"),
        ] {
            let request = app.request("onlineerp", method, path);
            let request = if authorization.is_empty() {
                request
            } else {
                request.header("authorization", &authorization)
            };
            let refused = send(request).await;
            assert_eq!(refused.status, 401, "{authorization} {path}");
            assert_eq!(refused.header("www-authenticate"), "Basic realm=\"OnlineERP\"");
            assert!(refused.json()["Message"].is_string());
        }
    }
    let lower = app
        .request("onlineerp", Method::GET, "/API/entity/PRODUCT")
        .header("authorization", good.replace("Basic", "basic"));
    assert_eq!(send(lower).await.status, 200, "routes and scheme ignore case, no COMPANY_ID is company 0");
}

#[tokio::test(flavor = "multi_thread")]
async fn locations_keep_the_sandbox_prefix() {
    let app = App::start().await;
    let request = app.request("onlineerp", Method::POST, "/~t42/api/Entity/Product");
    let request = request.basic_auth("DEMO-LICENCE", Some("demo-secret"));
    let created = send(request.json(&json!({ "NoProduit": "X", "Description": "x" }))).await;
    let location = created.header("location").to_owned();
    assert!(location.starts_with("/~t42/api/Entity/Product/"), "{location}");
    let followed =
        app.request("onlineerp", Method::GET, &location).basic_auth("DEMO-LICENCE", Some("demo-secret"));
    assert_eq!(send(followed).await.json()["NoProduit"], "X");
    assert_eq!(get(&app, "Product/X").await.status, 404, "the default sandbox knows nothing of it");
}

#[tokio::test(flavor = "multi_thread")]
async fn options_and_head() {
    let app = App::start().await;
    let options = send(app.request("onlineerp", Method::OPTIONS, "/api/Entity/Product")).await;
    assert_eq!((options.status.as_u16(), options.header("allow")), (204, "GET, POST, PUT, HEAD, OPTIONS"));
    let head = call(&app, "0", Method::HEAD, "Product", None).await;
    assert_eq!(head.status, 200);
    assert!(
        head.body.is_empty()
            && head.header("content-length").parse::<usize>().is_ok_and(|length| length > 100)
    );
}

/// Licence, secret and company of the overview: what is omitted is company 0, and each company is itself.
#[tokio::test(flavor = "multi_thread")]
async fn the_company_of_the_overview() {
    let app = App::start().await;
    let asked = async |company: Option<&str>| {
        let request = app.request("onlineerp", Method::GET, "/api/Entity/Product/?$top=1");
        let request = request.basic_auth("DEMO-LICENCE", Some("demo-secret"));
        let request = match company {
            Some(company) => request.header("COMPANY_ID", company),
            None => request,
        };
        send(request).await
    };
    let first = asked(None).await;
    assert_eq!((first.status.as_u16(), &first.body), (200, &asked(Some("0")).await.body));
    assert_ne!(first.body, asked(Some("1")).await.body, "another company of the licence, on another ERP");
    assert_eq!(asked(Some("99")).await.status, 404);
}

/// Customers can be listed, created and changed, as the overview says of them.
#[tokio::test(flavor = "multi_thread")]
async fn customers_of_the_overview() {
    let app = App::start().await;
    let created =
        post(&app, "Customer", json!({ "NoClient": "C9001", "NomClient": "Atelier du Fjord inc." })).await;
    assert_eq!(created.status, 201, "{}", created.body);
    let list = get(&app, "Customer?$select=NoClient,NomClient&$filter=NoClient eq 'C9001'").await.json();
    assert_eq!(list, json!([{ "NoClient": "C9001", "NomClient": "Atelier du Fjord inc." }]));
    let changed =
        put(&app, "Customer", json!({ "NoClient": "C9001", "Courriel": "compta@fjord.example" })).await;
    assert_eq!(
        (changed.status.as_u16(), &changed.json()["NomClient"]),
        (200, &json!("Atelier du Fjord inc."))
    );
    assert_eq!(get(&app, "Customer/C9001").await.json()["Courriel"], "compta@fjord.example");
}
