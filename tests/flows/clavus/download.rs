//! The REST companion (2.4).

use reqwest::Method;
use serde_json::json;

use super::{data, signed};
use crate::support::{Answer, App, send};

const LINK: &str = "/api/downloadFile";

async fn link(app: &App, prefix: &str) -> Answer {
    let request = signed(app, Method::POST, &format!("{prefix}{LINK}"));
    send(request.json(&json!({ "fileId": "devis-001" }))).await
}

/// The path and query of an absolute URL of the server.
fn path(app: &App, url: &str) -> String {
    url.strip_prefix(&app.url("clavus")).expect("a URL of the server itself").to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_serves_the_bytes_until_it_expires() {
    let app = App::scenario("name: d\nclock: { start: 2026-03-02T08:00:00Z, frozen: true }").await;
    let answer = link(&app, "").await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let body = answer.json();
    let url = body["data"]["s3Url"].as_str().expect("a link");
    assert_eq!(body, json!({ "status": "success", "data": { "s3Url": url } }));
    assert!(url.contains("/__s3/devis%2D001?X-Amz-Expires=900&"), "{url}");
    let path = path(&app, url);
    let get = async |path: &str| send(app.request("clavus", Method::GET, path)).await;
    app.advance("PT899S").await;
    let file = get(&path).await;
    assert_eq!((file.status.as_u16(), file.header("content-type")), (200, "application/pdf"));
    assert!(file.body.starts_with("%PDF-1.4") && file.body.contains("Devis 1 "), "{}", file.body);
    for wrong in [
        path.replace("devis%2D001", "devis%2D002"),
        path.replace("Signature=", "Signature=0"),
        "/__s3/devis-001".to_owned(),
    ] {
        assert_eq!(get(&wrong).await.status, 403, "{wrong}");
    }
    app.advance("PT1S").await;
    let expired = get(&path).await;
    assert_eq!(expired.status, 403);
    assert!(expired.body.contains("<Message>Request has expired</Message>"));
}

#[tokio::test(flavor = "multi_thread")]
async fn links_keep_the_sandbox_of_the_request() {
    let app = App::start().await;
    let answer = link(&app, "/~other").await.json();
    let url = answer["data"]["s3Url"].as_str().expect("a link");
    assert!(url.starts_with(&format!("{}/~other/__s3/", app.url("clavus"))), "{url}");
    assert_eq!(send(app.request("clavus", Method::GET, &path(&app, url))).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn links_follow_the_scheme_and_host_of_the_request() {
    let app = App::start().await;
    for (headers, begins) in [
        (&[("host", "files.example:8443")][..], "http://files.example:8443/__s3/"),
        (&[("x-forwarded-proto", "https")], "https://127.0.0.1:"),
        (
            &[("x-forwarded-proto", "https"), ("x-forwarded-host", "erp.ci.example")],
            "https://erp.ci.example/__s3/",
        ),
    ] {
        let request = signed(&app, Method::POST, LINK).json(&json!({ "fileId": "devis-001" }));
        let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        let answer = send(request).await.json();
        let url = answer["data"]["s3Url"].as_str().expect("a link");
        assert!(url.starts_with(begins), "{headers:?}: {url}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn refusals_have_the_companions_shape() {
    let app = App::start().await;
    for (key, body, status) in [
        ("Bearer nobody", r#"{"fileId":"devis-001"}"#, 401),
        ("", "nonsense", 401),
        ("Bearer demo-key", "nonsense", 400),
        ("Bearer demo-key", "", 400),
        ("Bearer demo-key", "[]", 400),
        ("Bearer demo-key", "{}", 400),
        ("Bearer demo-key", r#"{"fileId":""}"#, 400),
        ("Bearer demo-key", r#"{"fileId":7}"#, 400),
        ("Bearer demo-key", r#"{"fileId":"nothing"}"#, 404),
    ] {
        let request = app.request("clavus", Method::POST, LINK).header("authorization", key);
        let answer = send(request.body(body)).await;
        assert_eq!(answer.status, status, "{body}");
        let said = answer.json();
        assert!(said["message"].is_string(), "{said}");
        assert_eq!(said, json!({ "status": "error", "message": said["message"] }));
    }
    for method in [Method::GET, Method::PUT, Method::DELETE] {
        let answer = send(app.request("clavus", method, LINK)).await;
        assert_eq!((answer.status.as_u16(), answer.header("allow")), (405, "POST"));
        assert_eq!(answer.json()["status"], "error");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn file_columns_show_ids_only_when_told_to() {
    let query = "{ erpEnrAPI { getFolders(page: 1, itemParPage: 1, columns: [\"pdf\"]) { results { columns { value } } } getValuesByIds(ids: [\"a\"]) { values { value } } } }";
    for (setting, folder, values) in
        [("false", json!(null), json!([])), ("true", json!("f1"), json!([{ "value": "f1" }]))]
    {
        let app = App::scenario(&format!(
            "name: f\nservers: {{ clavus: {{ data: none, settings: {{ expose_file_ids: {setting} }}, records: {{ keys: [{{ key: demo-key }}], columns: [{{ name: pdf, label: PDF, type: file }}], files: [{{ id: f1, content: x }}], folders: [{{ id: a, values: {{ pdf: f1 }} }}] }} }} }}"
        ))
        .await;
        let answer = data(&app, query).await;
        assert_eq!(answer["erpEnrAPI"]["getFolders"]["results"][0]["columns"], json!([{ "value": folder }]));
        assert_eq!(answer["erpEnrAPI"]["getValuesByIds"][0]["values"], values);
    }
}
