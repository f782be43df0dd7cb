//! What an attacker would look for: words of the recording, planted wherever something of it could be told.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use super::{compared, kinds, recorded, told};

/// A word that nobody has but the tenant: a name in small letters, so that nothing but where it stands gives it away.
const WORD: &str = "zebrafinch";

/// An exchange of the tenant's with OnlineERP.
fn exchange(method: &str, target: &str, sent: &str, status: u16, answer: &Value) -> Value {
    let json = [("Content-Type", "application/json; charset=utf-8")];
    let headers: Value = json.iter().map(|(name, value)| json!({ "name": name, "value": value })).collect();
    json!({
        "startedDateTime": "2026-03-03T08:00:00Z",
        "request": {
            "method": method,
            "url": format!("https://acme.onlineerp.solution.quebec{target}"),
            "headers": [{ "name": "COMPANY_ID", "value": "0" }, { "name": "Content-Type", "value": "application/json" }],
            "postData": { "text": sent },
        },
        "response": { "status": status, "headers": headers, "content": { "text": answer.to_string() } },
    })
}

fn with(mut exchange: Value, place: &str, name: &str, value: &str) -> Value {
    let headers = exchange[place]["headers"].as_array_mut().unwrap();
    headers.retain(|header| !header["name"].as_str().unwrap().eq_ignore_ascii_case(name));
    headers.push(json!({ "name": name, "value": value }));
    exchange
}

const PRODUCT: &str = "/api/Entity/Product";
const NIX: &str = "/api/Entity/Product/NIX";

/// A refusal with another status, and this sentence.
fn missing(method: &str, target: &str, sent: &str, text: &str) -> Value {
    exchange(method, target, sent, 410, &json!({ "Message": text }))
}

/// What a sentence may repeat: each place, and an exchange with the word there that differs.
fn in_sentences() -> Vec<(&'static str, Value)> {
    let product = PRODUCT;
    let token = URL_SAFE_NO_PAD.encode(json!({ "name": "Lac zebrafinch" }).to_string());
    let sentence = "Nothing of zebrafinch here";
    let multipart = "--b\r\nContent-Disposition: form-data; name=\"n\"\r\n\r\nLac zebrafinch\r\n--b--\r\n";
    let inner = json!({ "variables": json!({ "n": "x\nzebrafinch" }).to_string() }).to_string();
    vec![
        (
            "a query",
            missing("GET", &format!("{product}?$filter=Description%20eq%20'Lac%20{WORD}'"), "", sentence),
        ),
        ("a path", missing("GET", &format!("{product}/{WORD}"), "", sentence)),
        ("a form", missing("POST", product, &format!("nom=Lac%20{WORD}"), sentence)),
        ("parts of a body", missing("POST", product, multipart, sentence)),
        ("texts in texts", missing("POST", product, &inner, sentence)),
        ("a record", missing("POST", product, &json!({ "Description": WORD }).to_string(), sentence)),
        ("a sentence", missing("GET", "/api/Entity/Product/NIX", "", "Nothing of ZEBRAFINCH here")),
        ("a code", missing("GET", "/api/Entity/Product/NIX", "", "Nothing of zebrafinch17 here")),
        (
            "a user",
            with(
                missing("GET", "/api/Entity/Product/NIX", "", sentence),
                "request",
                "Authorization",
                &format!("Basic {}", STANDARD.encode("zebrafinch:x")),
            ),
        ),
        (
            "a token",
            with(
                missing("GET", "/api/Entity/Product/NIX", "", sentence),
                "request",
                "Authorization",
                &format!("Bearer e30.{token}.x"),
            ),
        ),
    ]
}

/// The same in headers of an answer.
fn in_headers() -> Vec<(&'static str, Value)> {
    let nix = missing("GET", NIX, "", "Article gone");
    vec![
        ("a name of a header", with(nix.clone(), "response", "X-RateLimit-Zebrafinch", "1")),
        ("a type", with(nix.clone(), "response", "Content-Type", "application/vnd.zebrafinch+json")),
        ("a realm", with(nix.clone(), "response", "WWW-Authenticate", "Zebrafinch realm=\"zebrafinch\"")),
        ("a place", with(nix.clone(), "response", "Location", "https://zebrafinch.example/zebrafinch/1")),
        ("a link", with(nix.clone(), "response", "Link", "<https://zebrafinch.example>; rel=\"zebrafinch\"")),
        ("a limit", with(nix, "response", "X-Rate-Limit-Limit", "zebrafinch")),
    ]
}

/// The same in names: of members, verbs and paths.
fn in_names() -> Vec<(&'static str, Value)> {
    let product = PRODUCT;
    let row = |more: Value| {
        let mut row = json!({ "NoProduit": "BOLT-M8", "Description": "Boulon" });
        row.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        exchange("GET", "/api/Entity/Product/BOLT-M8", "", 200, &row)
    };
    vec![
        ("a key that a row has as a value", row(json!({ "ZEBRAFINCH": 1, "Famille": "Zebrafinch" }))),
        ("a key with a number", row(json!({ "zebrafinch471182": 1 }))),
        ("a key that is a sentence", row(json!({ "Lac zebrafinch": { "zebra.finch": true } }))),
        (
            "a key inside",
            row(json!({ "Soldes": { "zebrafinch@x.example": 1, "lieux": [{ "zebra-finch": 1 }] } })),
        ),
        ("a verb", exchange("ZEBRAFINCH", product, "", 200, &json!([]))),
        (
            "a key of a path that nobody has",
            exchange("GET", "/api/v9/entrepots/zebrafinch", "", 200, &json!({ "ville": "x" })),
        ),
        (
            "a word of a row in such a path",
            exchange("GET", "/api/v9/zebrafinch/lots", "", 200, &json!([{ "ville": "Lac zebrafinch" }])),
        ),
        (
            "a form of refusals",
            exchange(
                "GET",
                "/api/Entity/Product/NIX",
                "",
                404,
                &json!({ "erreur": { "zebrafinch-1": "gone" } }),
            ),
        ),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn no_word_of_the_recording_comes_out() {
    let slug = "onlineerp";
    let whole = recorded(slug, None).await;
    for (place, exchange) in in_sentences().into_iter().chain(in_headers()).chain(in_names()) {
        let mut archive: Value = serde_json::from_slice(&whole).unwrap();
        let entries = archive["log"]["entries"].as_array_mut().unwrap();
        entries.truncate(6);
        entries.push(exchange);
        let found = compared(slug, archive.to_string().as_bytes(), None).await;
        assert!(!kinds(&found).is_empty(), "{place}: it would show nothing");
        let issues: String = found.rest.iter().map(|item| item.issue("1")).collect();
        let learned: String = found.learned.values().cloned().collect();
        let text = format!("{}{}{issues}{learned}", told(&found), found.to_json());
        let plain = text.to_lowercase().replace('-', "");
        assert!(!plain.contains(WORD), "{place}: {text}");
    }
}

/// Values of fields that take only some are told where they are words or numbers, and no more of anybody's than that.
#[tokio::test(flavor = "multi_thread")]
async fn a_value_of_a_list_that_is_somebodys_is_not_told() {
    let whole = recorded("8sens", None).await;
    for (value, is_told) in [("PROSPECT", true), ("zebrafinch@x.example", false), ("06 12 34 56 7890", false)]
    {
        let mut archive: Value = serde_json::from_slice(&whole).unwrap();
        for entry in archive["log"]["entries"].as_array_mut().unwrap() {
            let is_list = entry["request"]["url"].as_str().unwrap().ends_with("/v1/client");
            if is_list && entry["request"]["method"] == "GET" && entry["response"]["status"] == 200 {
                let content = &mut entry["response"]["content"];
                let mut body: Value = serde_json::from_str(content["text"].as_str().unwrap()).unwrap();
                body["data"][0]["cliType"] = value.into();
                content["text"] = body.to_string().into();
            }
        }
        let found = compared("8sens", archive.to_string().as_bytes(), None).await;
        assert!(kinds(&found).contains("enum"), "{value}: {}", told(&found));
        let learned: String = found.learned.values().cloned().collect();
        let text = format!("{}{}{learned}", told(&found), found.to_json());
        assert_eq!(text.contains(value), is_told, "{value}: {text}");
    }
}
