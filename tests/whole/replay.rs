//! Runs kept as capsules and played again: equal to the byte, without a secret, and the first difference where there is one.

use std::io::{Read as _, Write as _};

use erpsatz::replay::{Replayed, replay};
use erpsatz::{Config, Profiles};
use flate2::Compression;
use flate2::read::MultiGzDecoder;
use flate2::write::GzEncoder;
use reqwest::Method;
use serde_json::json;
use simhost::server::opened::Opened;

use super::{Draws, operations, steps};
use crate::support::samples::Client;
use crate::support::{App, basic, send, try_send};

/// The capsule of a sandbox.
pub(super) async fn saved(app: &App, sandbox: &str) -> Vec<u8> {
    let request = app.control(Method::GET, &format!("/sandboxes/{sandbox}/capsule"));
    let answer = request.send().await.expect("an answer");
    assert_eq!(answer.status(), 200);
    answer.bytes().await.expect("a file").to_vec()
}

pub(super) async fn played(bytes: &[u8]) -> Replayed {
    let capsule = Opened::read(bytes).expect("a capsule");
    replay(&capsule, &Profiles::default(), None).await.expect("it can be played again")
}

pub(super) fn unpacked(bytes: &[u8]) -> String {
    let mut text = String::new();
    MultiGzDecoder::new(bytes).read_to_string(&mut text).expect("text");
    text
}

pub(super) fn packed(text: &str) -> Vec<u8> {
    let mut packer = GzEncoder::new(Vec::new(), Compression::fast());
    packer.write_all(text.as_bytes()).expect("it is packed");
    packer.finish().expect("a file")
}

pub(super) async fn control(app: &App, method: Method, path: &str, body: &str) {
    let answer = send(app.control(method, path).body(body.to_owned())).await;
    assert!(answer.status.is_success(), "{path}: {}", answer.body);
}

/// Random sessions over all servers, faults and control's changes among them, on a clock that runs. The long form plays a
/// thousand of them.
#[tokio::test(flavor = "multi_thread")]
async fn random_sessions_are_played_again_to_the_byte() {
    let app = App::start().await;
    let sessions = std::env::var("ERPSATZ_TEST_SESSIONS").map_or(3, |text| text.parse().expect("a number"));
    let mut draws = Draws::new(77);
    for session in 0..sessions {
        control(&app, Method::POST, "/sandboxes/default/reset", "").await;
        let clients = operations::sign_in(&app).await;
        operations::run(&app, &clients, &mut draws, steps(40)).await;
        let replayed = played(&saved(&app, "default").await).await;
        assert!(replayed.requests > 20, "{}", replayed.requests);
        let difference =
            replayed.difference.map(|difference| (difference.request.to_string(), difference.what));
        assert_eq!(difference, None, "session {session}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn snapshots_lead_back_behind_a_reset() {
    let app = App::start().await;
    let client = Client::of(&app, "onlineerp").await;
    send(client.write(1)).await;
    control(&app, Method::PUT, "/sandboxes/default/snapshots/first", "").await;
    send(client.write(2)).await;
    control(&app, Method::POST, "/sandboxes/default/reset", "").await;
    send(client.write(3)).await;
    control(&app, Method::POST, "/sandboxes/default/snapshots/first/restore", "").await;
    control(&app, Method::PATCH, "/sandboxes/default/clock", r#"{"frozen":true,"advance":"PT5M"}"#).await;
    send(client.read()).await;
    let bytes = saved(&app, "default").await;
    let replayed = played(&bytes).await;
    assert_eq!(replayed.requests, 5, "with the one that made the sandbox");
    for length in (0..bytes.len()).step_by(61) {
        assert!(Opened::read(&bytes[..length]).is_err(), "torn after {length} bytes");
        let mut broken = bytes.clone();
        broken[length] ^= 0x10;
        // Whatever comes of it, it is said.
        let _ = Opened::read(&broken);
    }
    assert!(replayed.difference.is_none(), "{:?}", replayed.difference);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_changed_sentence_is_the_first_difference() {
    let app = App::start().await;
    let ask = |path: &str| {
        let request = app.request("onlineerp", Method::GET, &format!("/~t1/api/Entity/{path}"));
        request.header("authorization", basic("DEMO-LICENCE", "demo-secret")).header("COMPANY_ID", "0")
    };
    for path in ["Product", "Product/999999", "Customer"] {
        send(ask(path)).await;
    }
    let capsule = Opened::read(&saved(&app, "t1").await).expect("a capsule");
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("ours.yaml");
    let overlay = "errors: { RECORD_NOT_FOUND: { status: 404, message: 'Rien de tel : {entity} {id}.' } }";
    std::fs::write(&file, overlay).expect("a file");
    let profiles = [("onlineerp".to_owned(), file)].into_iter().collect();
    let replayed = replay(&capsule, &profiles, None).await.expect("it can be played again");
    let difference = replayed.difference.expect("a difference");
    assert_eq!(difference.request["path"], "/api/Entity/Product/999999");
    assert!(
        difference.what.contains("introuvable") && difference.what.contains("Rien de tel"),
        "{}",
        difference.what
    );
}

/// Secrets of the scenario, of requests, answers and control's calls: none is in the file, which works all the same.
#[tokio::test(flavor = "multi_thread")]
async fn a_capsule_holds_no_secret() {
    let scenario = "name: secrets
clock: { start: 2026-03-02T08:00:00Z, frozen: true }
servers:
  onlineerp: { settings: { licences: [ { code: L1, secret: canary-scenario-1, companies: { '0': acomba } } ] } }
";
    let app = App::scenario(scenario).await;
    let ask = |secret: &str| {
        let request = app.request("onlineerp", Method::GET, "/api/Entity/Product?$top=1");
        request.header("authorization", basic("L1", secret))
    };
    assert_eq!(send(ask("canary-scenario-1")).await.status, 200);
    assert_eq!(send(ask("canary-guessed-2")).await.status, 401);
    let token = app.request("comarch-xt", Method::POST, "/api2/public/token");
    let token = token.header("authorization", basic("demo-client", "demo-secret"));
    let token = token.header("content-type", "application/x-www-form-urlencoded");
    let token = send(token.body("grant_type=client_credentials")).await.json();
    let token = token["access_token"].as_str().expect("a token").to_owned();
    let products = app.request("comarch-xt", Method::GET, "/api2/public/products?$top=1");
    assert_eq!(send(products.bearer_auth(&token)).await.status, 200);
    let login = json!({ "scope": "API", "projectCode": "DEMO", "userName": "api", "password": "api" });
    let login = send(app.request("weavy", Method::POST, "/v1/Authenticate").json(&login)).await.json();
    let jwt = login["authToken"].as_str().expect("a token").to_owned();
    let list = app.request("weavy", Method::GET, "/v1/Data/DEMO/customer?limit=1");
    assert_eq!(send(list.bearer_auth(&jwt)).await.status, 200);
    let rule = json!({ "server": "onlineerp", "when": { "header": { "authorization": "canary-control-3" } },
        "then": { "status": 503 } });
    app.fault(rule).await;
    let bytes = saved(&app, "default").await;
    let text = unpacked(&bytes);
    let basic_of = |secret: &str| basic("L1", secret)["Basic ".len()..].to_owned();
    for secret in [
        "canary-scenario-1",
        "canary-guessed-2",
        "canary-control-3",
        &basic_of("canary-scenario-1"),
        &basic_of("canary-guessed-2"),
        &token,
        &jwt,
        "demo-secret",
    ] {
        assert!(!text.contains(secret), "{secret}");
    }
    let replayed = played(&bytes).await;
    assert!(replayed.difference.is_none(), "{:?}", replayed.difference);
}

/// What is dropped is said; a reset begins what is whole again.
#[tokio::test(flavor = "multi_thread")]
async fn a_capsule_begins_with_the_oldest_whole_world() {
    let mut config = Config::default();
    config.options.journal.entries = 4;
    let app = App::with(config).await;
    let client = Client::of(&app, "onlineerp").await;
    for _ in 0..6 {
        let _ = try_send(client.read()).await;
    }
    let capsule = Opened::read(&saved(&app, "default").await).expect("a capsule");
    assert_eq!((&capsule.head["whole"], &capsule.head["dropped"]), (&json!(false), &json!(3)));
    let why = replay(&capsule, &Profiles::default(), None).await.expect_err("it lacks its beginning");
    assert!(why.contains("dropped"), "{why}");
    control(&app, Method::POST, "/sandboxes/default/reset", "").await;
    send(client.read()).await;
    let replayed = played(&saved(&app, "default").await).await;
    assert_eq!((replayed.requests, replayed.difference.is_none()), (1, true));
}
