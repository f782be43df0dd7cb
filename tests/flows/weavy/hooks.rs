//! Event subscription and delivery (fact sheet 19).

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use serde_json::{Value, json};

use super::{Weavy, refusal};
use crate::support::App;

const SUBSCRIBE: &str = "entrypoints/DEMO/process/?c=EPT_WebhookSubscribe";

/// A receiver of hooks: its URL, and the bodies that come.
fn receiver(host: &str) -> (String, Receiver<Value>) {
    answering(host, "200 OK\r\n")
}

/// One that answers so, on all addresses of this machine.
fn answering(host: &str, status_and_headers: &str) -> (String, Receiver<Value>) {
    let answer = format!("HTTP/1.1 {status_and_headers}content-length: 0\r\n\r\n");
    let listener = TcpListener::bind("[::]:0").unwrap();
    let url = format!("http://{host}:{}/hook", listener.local_addr().unwrap().port());
    let (sender, bodies) = channel();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut read = Vec::new();
            let mut piece = [0; 4096];
            let body = loop {
                let count = stream.read(&mut piece).unwrap();
                read.extend_from_slice(&piece[..count]);
                let text = String::from_utf8_lossy(&read).into_owned();
                if let Some((_, body)) = text.split_once("\r\n\r\n")
                    && let Ok(body) = serde_json::from_str(body)
                {
                    break body;
                }
            };
            stream.write_all(answer.as_bytes()).unwrap();
            if sender.send(body).is_err() {
                break;
            }
        }
    });
    (url, bodies)
}

async fn next(bodies: &Receiver<Value>) -> Option<Value> {
    for _ in 0..100 {
        if let Ok(body) = bodies.try_recv() {
            return Some(body);
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    None
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hook_tells_of_a_record_that_stands() {
    let app = App::start().await;
    let weavy = Weavy::of(&app).await;
    let (url, bodies) = receiver("127.0.0.1");
    let answer = weavy.post(SUBSCRIBE, json!({ "event": "NewCustomer", "hookUrl": url })).await.json();
    let code = answer["result"]["codeWebhookSubscription"].clone();
    assert!(code.is_string(), "{answer}");
    let (other, opportunities) = receiver("localhost");
    assert_eq!(
        weavy.post(SUBSCRIBE, json!({ "event": "NewOpportunity", "hookUrl": other })).await.status,
        200
    );

    let undone = json!({ "data": { "customer": [{ "customer_ID": "H0" }], "deal": [{ "deal_ID": "H", "customer_ID": "NOPE" }] } });
    assert_eq!(weavy.post("Data/DEMO/RelationalDataSet", undone).await.status, 400);
    let prospect = json!({ "customer_ID": "H1", "generictype_ID_customerType": "CUSTOMER_TYPE-PROSPECT" });
    assert_eq!(weavy.post("Data/DEMO/customer", prospect).await.status, 200);
    assert_eq!(
        weavy
            .post("Data/DEMO/customer", json!({ "customer_ID": "H2", "name": "Hook", "city": "Lyon" }))
            .await
            .status,
        200
    );
    let told = next(&bodies).await.expect("the hook is called");
    assert_eq!((&told["result"]["codecustomer"], &told["result"]["city"]), (&json!("H2"), &json!("Lyon")));
    assert_eq!(told["result"]["faxNumber"], "", "neither what was undone nor another event was told before");

    let deal = json!({ "deal_ID": "D-H", "customer_ID": "H2", "creationDate": "2026-01-02" });
    assert_eq!(weavy.post("Data/DEMO/deal", deal).await.status, 200);
    let told = next(&opportunities).await.expect("the hook is called by name");
    assert_eq!(
        (&told["result"]["codedeal"], &told["result"]["customerName"]),
        (&json!("D-H"), &json!("Hook"))
    );
    assert_eq!(told["result"]["creationDate"], "2026-01-02 00:00:00");

    let leave = "EntryPoints/DEMO/process?c=ept_webhookunsubscribe";
    assert_eq!(weavy.post(leave, json!({ "codeWebhookSubscription": code })).await.status, 200);
    assert_eq!(refusal(&weavy.post(leave, json!({ "codeWebhookSubscription": code })).await).0, 404);
    assert_eq!(weavy.post("Data/DEMO/customer", json!({ "customer_ID": "H3" })).await.status, 200);
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert!(bodies.try_recv().is_err(), "nobody listens any more");
}

/// Addresses that are not loopback's and lead to this machine all the same: what would go out, would arrive.
#[tokio::test(flavor = "multi_thread")]
async fn a_hook_leaves_this_machine_on_no_detour() {
    let app = App::start().await;
    let weavy = Weavy::of(&app).await;
    let mut elsewhere = Vec::new();
    for host in
        ["0.0.0.0", "0", "0x0", "00000000000", "[::]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "localhost."]
    {
        elsewhere.push((host, receiver(host)));
    }
    let (target, redirected) = receiver("127.0.0.1");
    let (redirecting, first) = answering("127.0.0.1", &format!("307 Elsewhere\r\nlocation: {target}\r\n"));
    // Subscribed last and told last: once it has heard, nothing is on its way any more.
    let (good, heard) = receiver("127.0.0.1");
    let urls = elsewhere.iter().map(|(_, (url, _))| url.clone()).chain([redirecting, good]);
    for url in urls {
        let answer = weavy.post(SUBSCRIBE, json!({ "event": "NewCustomer", "hookUrl": url })).await;
        assert_eq!(answer.status, 200, "{url}: {}", answer.body);
    }
    assert_eq!(weavy.post("Data/DEMO/customer", json!({ "customer_ID": "H1" })).await.status, 200);
    next(&heard).await.expect("the last one is told");
    assert!(first.try_recv().is_ok() && redirected.try_recv().is_err(), "a redirect is not followed");
    for (host, (_, bodies)) in elsewhere {
        assert!(bodies.try_recv().is_err(), "{host}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn samples_look_like_what_hooks_send() {
    let app = App::start().await;
    let weavy = Weavy::of(&app).await;
    let path = "entrypoints/DEMO/process/?c=EPT_WebhookPerformList";
    for event in ["NewCustomer", "NewProspect", "NewSuspect"] {
        let sample = weavy.post(path, json!({ "event": event })).await.json();
        assert_ne!(sample["result"]["codecustomer"], "", "{event}");
    }
    let sample = weavy.post(path, json!({ "event": "NewOpportunity" })).await.json();
    let keys: Vec<&String> = sample["result"].as_object().unwrap().keys().collect();
    assert_eq!(
        keys,
        ["codedeal", "customerName", "label", "type", "dealNumber", "status", "creationDate", "url"]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn entry_points_refuse() {
    let app = App::start().await;
    let weavy = Weavy::of(&app).await;
    for (body, status) in [
        (json!({ "event": "NewMoon", "hookUrl": "http://127.0.0.1/" }), 400),
        (json!({ "event": "NewCustomer" }), 400),
        (json!({ "event": "NewCustomer", "hookUrl": "file:///etc/hosts" }), 400),
        (json!({ "event": "NewCustomer", "hookUrl": "https://hooks.example/x" }), 200),
        (json!([]), 400),
    ] {
        assert_eq!(weavy.post(SUBSCRIBE, body.clone()).await.status, status, "{body}");
    }
    // The last but one leads elsewhere: the customer is created, nothing leaves this machine.
    assert_eq!(weavy.post("Data/DEMO/customer", json!({ "customer_ID": "H9" })).await.status, 200);
    for (path, status) in [
        ("entrypoints/DEMO/process/?c=EPT_Nope", 404),
        ("entrypoints/DEMO/process/", 400),
        ("entrypoints/OTHER/process/?c=EPT_WebhookSubscribe", 403),
        ("entrypoints/C01/process/?c=EPT_Nope", 404),
        ("entrypoints/DEMO/webhook/?c=WHK_Nothing", 404),
        ("entrypoints/DEMO/webhook/?c=SPEWHK_Own", 404),
        ("entrypoints/DEMO/webhook/", 400),
        ("entrypoints/DEMO/webhook/?c=WHK_Customer", 400),
        ("entrypoints/OTHER/webhook/?c=WHK_Customer", 404),
    ] {
        assert_eq!(refusal(&weavy.post(path, json!({})).await).0, status, "{path}");
    }
    let stranger = app.request("weavy", reqwest::Method::POST, &format!("/v1/{SUBSCRIBE}")).json(&json!({}));
    assert_eq!(crate::support::send(stranger).await.status, 401, "processes need a token");
}

#[tokio::test(flavor = "multi_thread")]
async fn which_event_a_type_of_customer_raises_is_a_setting() {
    let app = App::scenario(
        "servers: { weavy: { settings: { customer_type_events: { CUSTOMER_TYPE-SUSPECT: NewProspect } } } }",
    )
    .await;
    let weavy = Weavy::of(&app).await;
    let (url, bodies) = receiver("127.0.0.1");
    assert_eq!(weavy.post(SUBSCRIBE, json!({ "event": "NewProspect", "hookUrl": url })).await.status, 200);
    for (code, kind) in [("T1", "CUSTOMER_TYPE-PROSPECT"), ("T2", "CUSTOMER_TYPE-SUSPECT")] {
        let customer = json!({ "customer_ID": code, "generictype_ID_customerType": kind });
        assert_eq!(weavy.post("Data/DEMO/customer", customer).await.status, 200);
    }
    let told = next(&bodies).await.expect("the hook is called");
    assert_eq!(told["result"]["codecustomer"], "T2", "{told}");
}
