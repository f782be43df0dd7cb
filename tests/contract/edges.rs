//! What clients send that is almost right: byte order marks, compressed bodies, bytes that are no text, headers given
//! twice.

use std::io::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use erpsatz::registry;
use flate2::Compression;
use flate2::write::GzEncoder;
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use crate::support::samples::Client;
use crate::support::{Answer, App, send};

/// The sample write with its body made into something else.
async fn with_body(
    client: &Client<'_>,
    n: usize,
    body: impl FnOnce(&[u8]) -> Vec<u8>,
    encoding: &str,
) -> Answer {
    let mut request: RequestBuilder = client.write(n);
    let sample = request.try_clone().and_then(|request| request.build().ok()).expect("a request");
    let sent = body(sample.body().and_then(|body| body.as_bytes()).expect("a body"));
    if !encoding.is_empty() {
        request = request.header("content-encoding", encoding);
    }
    send(request.body(sent)).await
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).expect("memory");
    encoder.finish().expect("memory")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_byte_order_mark_is_skipped() {
    let app = App::start().await;
    for sim in registry::ALL {
        let client = Client::of(&app, sim.slug).await;
        let answer = with_body(&client, 1, |body| [b"\xef\xbb\xbf", body].concat(), "").await;
        assert!(answer.status.is_success(), "{}: {}", sim.slug, answer.body);
    }
    let clock = app.control(Method::PATCH, "/sandboxes/default/clock");
    assert_eq!(send(clock.body("\u{feff}{\"advance\":\"PT1M\"}")).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_compressed_body_is_refused_as_one_or_inflated() {
    let app = App::start().await;
    for sim in registry::ALL {
        let client = Client::of(&app, sim.slug).await;
        let answer = with_body(&client, 1, gzip, "gzip").await;
        if sim.inflates {
            assert!(answer.status.is_success(), "{}: {}", sim.slug, answer.body);
            let torn = with_body(&client, 2, |body| gzip(body)[..20].to_vec(), "gzip").await;
            assert_eq!(torn.status, 400, "{}: {}", sim.slug, torn.body);
        } else {
            assert_eq!(answer.status, 415, "{}: {}", sim.slug, answer.body);
        }
        assert_eq!(with_body(&client, 3, gzip, "br").await.status, 415, "{}", sim.slug);
        assert!(with_body(&client, 4, <[u8]>::to_vec, "identity").await.status.is_success(), "{}", sim.slug);
        let elsewhere = client.request(Method::POST, "/no/such/route", "{}".to_owned());
        let elsewhere = send(elsewhere.header("content-encoding", "gzip")).await;
        assert_eq!(elsewhere.status, 404, "{}: the path is looked at first", sim.slug);
    }
    let sandbox =
        app.control(Method::POST, "/sandboxes").header("content-encoding", "gzip").body(gzip(b"{}"));
    assert_eq!(send(sandbox).await.status, 415, "control");
}

#[tokio::test(flavor = "multi_thread")]
async fn bytes_that_are_no_text_are_kept() {
    let app = App::start().await;
    let latin = b"{\"Description\":\"\xc9querre\"}";
    let client = Client::of(&app, "onlineerp").await;
    with_body(&client, 1, |_| latin.to_vec(), "").await;
    let entry = app.journal("default").await.pop().expect("an entry");
    assert_eq!((&entry["body"], &entry["body_encoding"]), (&STANDARD.encode(latin).into(), &"base64".into()));
    assert_eq!(entry["response"].get("body_encoding"), None, "{entry}");
    let archive = send(app.control(Method::GET, "/sandboxes/default/journal.har")).await.json();
    let entries = archive["log"]["entries"].as_array().expect("entries");
    let post = &entries.last().expect("an entry")["request"]["postData"];
    assert_eq!((&post["text"], &post["encoding"]), (&STANDARD.encode(latin).into(), &"base64".into()));

    // The other way: a file that Clavus hands out, and a printed document, are no text.
    let xt = Client::of(&app, "comarch-xt").await;
    let invoices = send(xt.request(Method::GET, "/api2/public/invoices?$top=1", String::new())).await.json();
    let path = format!("/api2/public/invoices/{}/print", invoices[0]["Id"]);
    send(xt.request(Method::GET, &path, String::new())).await;
    let entry = app.journal("default").await.pop().expect("an entry");
    assert_eq!(entry["path"], path);
    if entry["response"]["body_encoding"] == "base64" {
        let bytes = STANDARD.decode(entry["response"]["body"].as_str().expect("a text")).expect("Base64");
        assert!(bytes.starts_with(b"%PDF"), "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_is_masked_whatever_the_bytes_are() {
    let app = App::start().await;
    let canary = "C4n4ry-5ecret";
    let body = [b"{\"x\":\"\xc9\",\"password\":\"", canary.as_bytes(), b"\"}"].concat();
    for sim in registry::ALL {
        let client = Client::of(&app, sim.slug).await;
        with_body(&client, 1, |_| body.clone(), "").await;
        with_body(&client, 2, |_| gzip(&body), "gzip").await;
    }
    for entry in app.journal("default").await.iter().filter(|entry| entry["body_encoding"] == "base64") {
        let bytes = STANDARD.decode(entry["body"].as_str().expect("a text")).expect("Base64");
        assert!(!bytes.windows(canary.len()).any(|window| window == canary.as_bytes()), "{entry}");
        assert!(!bytes.starts_with(&[0x1f, 0x8b]), "what hides in a gzip is shown, masked: {entry}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_sandboxes_at_once_are_none() {
    let app = App::start().await;
    for sim in registry::ALL {
        let client = Client::of(&app, sim.slug).await;
        let twice = client.read().header("erpsatz-sandbox", "one").header("erpsatz-sandbox", "two");
        let answer = send(twice).await;
        assert_eq!(answer.status, 400, "{}: {}", sim.slug, answer.body);
        let other = send(client.bare(Method::GET, "/no/such/route")).await;
        let keys =
            |answer: &Answer| answer.json().as_object().map(|it| it.keys().cloned().collect::<Vec<_>>());
        if sim.slug != "clavus" {
            assert!(
                keys(&other).expect("an object").iter().any(|key| keys(&answer).unwrap().contains(key)),
                "{}",
                answer.body
            );
        }
        let same = client.read().header("erpsatz-sandbox", "default").header("erpsatz-sandbox", "default");
        assert_eq!(send(same).await.status, 200, "{}", sim.slug);
    }
    let sandboxes = send(app.control(Method::GET, "/sandboxes")).await.json();
    assert_eq!(sandboxes["total"], 1, "neither was made: {sandboxes}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_given_twice_is_a_violation() {
    let app = App::start().await;
    let violations = async |path: &str, client: &Client<'_>| -> Vec<Value> {
        send(client.request(Method::GET, path, String::new())).await;
        let entry = app.journal("default").await.pop().expect("an entry");
        entry["violations"].as_array().expect("a list").clone()
    };
    for (slug, path) in [
        ("onlineerp", "/api/Entity/Product?$top=3&$top=2"),
        ("comarch-xt", "/api2/public/products?$top=3&$top=2"),
    ] {
        let client = Client::of(&app, slug).await;
        let found = violations(path, &client).await;
        assert_eq!(
            (&found[0]["rule"], &found[0]["position"]),
            (&"parameter".into(), &"$top".into()),
            "{found:?}"
        );
        let rows = send(client.request(Method::GET, path, String::new())).await.json();
        assert_eq!(rows.as_array().map(Vec::len), Some(2), "the last counts");
    }
    let client = Client::of(&app, "onlineerp").await;
    let twice = client.read().header("COMPANY_ID", "0").header("COMPANY_ID", "1");
    send(twice).await;
    let entry = app.journal("default").await.pop().expect("an entry");
    assert!(entry["violations"].as_array().unwrap().iter().any(|found| found["rule"] == "header"), "{entry}");
    app.load("default", &json!({ "strict": true }).to_string()).await;
    let refused = send(client.request(Method::GET, "/api/Entity/Product?$top=3&$top=2", String::new())).await;
    assert_eq!(refused.status, 400, "{}", refused.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fault_with_429_looks_like_the_vendors_own() {
    let app = App::start().await;
    for sim in registry::ALL {
        let client = Client::of(&app, sim.slug).await;
        let mut seen = Vec::new();
        for then in [json!({ "rate_limit": { "limit": 0, "per": "PT1S" } }), json!({ "status": 429 })] {
            let rule = app.fault(json!({ "server": sim.slug, "when": {}, "then": then })).await;
            let answer = send(client.read()).await;
            seen.push((answer.status, answer.header("retry-after").to_owned(), answer.body));
            let path = format!("/sandboxes/default/faults/{}", rule["id"].as_str().expect("an id"));
            assert_eq!(send(app.control(Method::DELETE, &path)).await.status, 204);
        }
        assert_eq!(seen[0], seen[1], "{}", sim.slug);
        assert_eq!((seen[0].0.as_u16(), seen[0].1.as_str()), (429, "1"), "{}", sim.slug);
    }
}

/// The 401 of a fault asks for credentials as the vendor's own does.
#[tokio::test(flavor = "multi_thread")]
async fn a_fault_with_401_has_the_vendors_challenge() {
    let app = App::start().await;
    for sim in registry::ALL {
        let client = Client::of(&app, sim.slug).await;
        let path = client.read().build().expect("a request").url().path().to_owned();
        let own = send(app.request(sim.slug, Method::GET, &path)).await;
        assert_eq!(own.status, 401, "{}", sim.slug);
        app.fault(json!({ "server": sim.slug, "when": {}, "then": { "status": 401 } })).await;
        let answer = send(client.read()).await;
        let seen = (answer.status.as_u16(), answer.header("www-authenticate"), answer.header("content-type"));
        assert_eq!(seen, (401, own.header("www-authenticate"), own.header("content-type")), "{}", sim.slug);
    }
}

/// Quantities and prices have bounds; what lies beyond is refused in the vendor's words, and nothing is written.
#[tokio::test(flavor = "multi_thread")]
async fn amounts_have_bounds() {
    let app = App::start().await;
    for (slug, entity, path, body) in [
        ("onlineerp", "Product", "/api/Entity/Product", r#"{"NoProduit":"BIG","PrixVente":AMOUNT}"#),
        (
            "onlineerp",
            "CustomerInvoice",
            "/api/Entity/CustomerInvoice",
            r#"{"InfoClientFacturerA":{"NoClient":"C0187"},"LigneFacture":[{"strNoProduit":"BOLT-M8","QteFacture":AMOUNT}]}"#,
        ),
        ("8sens", "devis", "/v1/devis", r#"{"cliID":30,"lignes":[{"artID":1001,"quantite":AMOUNT}]}"#),
        (
            "comarch-xt",
            "products",
            "/api2/public/products",
            r#"{"Name":"Big","UnitOfMeasurment":"Stk.","Rate":9,"SaleNetPrice":AMOUNT}"#,
        ),
        (
            "comarch-xt",
            "invoices",
            "/api2/public/invoices",
            r#"{"PaymentStatus":0,"PurchasingPartyId":529801,"PaymentTypeId":10260102,"SalesDate":"2026-03-02","IssueDate":"2026-03-02","Items":[{"ProductId":10906701,"Quantity":AMOUNT,"ProductCurrencyNetPrice":40.00}]}"#,
        ),
    ] {
        let client = Client::of(&app, slug).await;
        let before = app.records(slug, entity).await.len();
        for amount in ["1000000000000", "1e13", "1e28", "7.9e28", "-1e28", "99999999999999999999"] {
            let body = body.replace("AMOUNT", amount);
            let refused = send(client.request(Method::POST, path, body)).await;
            let is_refused = refused.status.is_client_error();
            assert!(is_refused, "{slug}: {entity}: {amount}: {} {}", refused.status, refused.body);
        }
        assert_eq!(app.records(slug, entity).await.len(), before, "{slug}: {entity}");
    }
}
