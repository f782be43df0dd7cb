//! One planted difference of each kind.

use serde_json::{Value, json};

use super::{compared, kinds, recorded, told};

/// A server, the address of the entry, what is planted in its answer, and the kind that it is.
type Plant = (&'static str, &'static str, fn(&mut Value, &mut Value), &'static str);

/// The list in a body.
fn list(body: &mut Value) -> &mut Vec<Value> {
    let list = if body.is_array() { body } else { &mut body["data"] };
    list.as_array_mut().expect("a list")
}

fn set_header(answer: &mut Value, name: &str, value: &str) {
    let headers = answer["headers"].as_array_mut().expect("headers");
    headers.retain(|header| !header["name"].as_str().unwrap().eq_ignore_ascii_case(name));
    headers.push(json!({ "name": name, "value": value }));
}

const PLANTS: &[Plant] = &[
    ("onlineerp", "/api/Entity/Product", |_, body| list(body).reverse(), "order"),
    (
        "onlineerp",
        "/api/Entity/Product?$top=4&$orderby=NoProduit%20desc",
        |_, body| list(body).reverse(),
        "order",
    ),
    ("onlineerp", "/api/Entity/Product", |_, body| list(body).truncate(3), "limit"),
    (
        "onlineerp",
        "/api/Entity/Customer",
        |_, body| list(body).iter_mut().for_each(|row| row["EstActif"] = json!("oui")),
        "type",
    ),
    (
        "onlineerp",
        "/api/Entity/Customer",
        |_, body| list(body)[0]["Ean"] = json!("CANARY-2"),
        "field_missing",
    ),
    (
        "onlineerp",
        "/api/Entity/Customer",
        |_, body| list(body).iter_mut().for_each(|row| drop(row.as_object_mut().unwrap().remove("Ville"))),
        "field_extra",
    ),
    (
        "onlineerp",
        "/api/Entity/Product",
        |answer, _| set_header(answer, "Content-Type", "text/xml"),
        "header",
    ),
    (
        "onlineerp",
        "/api/Entity/Product",
        |answer, _| set_header(answer, "X-Rate-Limit-Limit", "60"),
        "header",
    ),
    ("onlineerp", "/api/Entity/Product/NIX", |answer, _| answer["status"] = json!(410), "status"),
    (
        "onlineerp",
        "/api/Entity/Product/NIX",
        |_, body| *body = json!({ "error": { "text": "Nothing like that here" } }),
        "error",
    ),
    ("8sens", "/v1/client", |_, body| list(body)[0]["cliType"] = json!("PLANTED"), "enum"),
    (
        "8sens",
        "/v1/prospect",
        |answer, body| (answer["status"], *body) = (json!(404), json!({ "code": "X" })),
        "path",
    ),
    ("weavy", "/v1/Data/DEMO/supplier", |_, body| list(body)[0]["planted"] = json!(true), "field_missing"),
    ("comarch-xt", "/api2/public/products/1", |answer, _| answer["status"] = json!(400), "status"),
];

fn planted(archive: &[u8], (_, path, plant, _): &Plant) -> Vec<u8> {
    let mut archive: Value = serde_json::from_slice(archive).unwrap();
    let entries = archive["log"]["entries"].as_array_mut().unwrap();
    let entry = entries
        .iter_mut()
        .find(|entry| {
            let url = entry["request"]["url"].as_str().unwrap();
            url.split_once("//").and_then(|(_, rest)| rest.find('/').map(|at| &rest[at..])) == Some(*path)
        })
        .unwrap_or_else(|| panic!("{path}"));
    let answer = &mut entry["response"];
    let mut body: Value = serde_json::from_str(answer["content"]["text"].as_str().unwrap()).unwrap();
    plant(answer, &mut body);
    answer["content"]["text"] = body.to_string().into();
    archive.to_string().into_bytes()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_kind_is_found_and_nothing_else() {
    for slug in ["onlineerp", "8sens", "weavy", "comarch-xt"] {
        let archive = recorded(slug, None).await;
        for plant in PLANTS.iter().filter(|(of, ..)| *of == slug) {
            let found = compared(slug, &planted(&archive, plant), None).await;
            assert!(kinds(&found).into_iter().eq([plant.3]), "{} {}: {}", plant.1, plant.3, told(&found));
            assert!(!told(&found).contains("CANARY"), "{}", told(&found));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_path_that_nobody_has_is_told_without_its_keys() {
    let archive = recorded("onlineerp", None).await;
    let mut archive: Value = serde_json::from_slice(&archive).unwrap();
    let entries = archive["log"]["entries"].as_array_mut().unwrap();
    // The first is no success: a newcomer's look at the root.
    let mut other = entries[1].clone();
    other["request"]["url"] = json!("http://127.0.0.1/api/v9/Entrepots/CANARY-7");
    entries.push(other);
    let found = compared("onlineerp", archive.to_string().as_bytes(), None).await;
    assert!(kinds(&found).into_iter().eq(["path"]), "{}", told(&found));
    assert!(told(&found).contains("GET /api/v9/Entrepots/{…}"), "{}", told(&found));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_is_elsewhere_is_known_by_what_it_shows() {
    let archive = recorded("onlineerp", None).await;
    let text =
        String::from_utf8(archive).unwrap().replace("/api/Entity/Supplier\"", "/api/v2/Fournisseurs\"");
    let found = compared("onlineerp", text.as_bytes(), None).await;
    assert!(kinds(&found).into_iter().eq(["path"]), "{}", told(&found));
    let overlay = simcore::entity::overlay::tree(&found.learned["onlineerp"]).unwrap();
    let route = &overlay["routes"]["GET /api/Entity/Supplier"];
    assert_eq!(*route, json!({ "path": "/api/v2/Fournisseurs", "evidence": "recorded" }));
    assert_eq!(told(&compared("onlineerp", text.as_bytes(), Some(&overlay)).await), "");
}

/// One path takes all documents: it is known by them.
#[tokio::test(flavor = "multi_thread")]
async fn a_path_of_documents_is_known_elsewhere() {
    let archive = String::from_utf8(recorded("clavus", None).await).unwrap();
    let archive = archive.replace("/api/external/graphql\"", "/graphql\"");
    let found = compared("clavus", archive.as_bytes(), None).await;
    assert!(kinds(&found).contains("path"), "{}", told(&found));
    let overlay = simcore::entity::overlay::tree(&found.learned["clavus"]).unwrap();
    let route = &overlay["routes"]["POST /api/external/graphql"];
    assert_eq!(*route, json!({ "path": "/graphql", "evidence": "recorded" }));
    assert_eq!(overlay["routes"]["GET /api/external/graphql"], *route, "the path is one, whatever the verb");
    let left = compared("clavus", archive.as_bytes(), Some(&overlay)).await;
    assert_eq!(told(&left), "");
    let found = compared("clavus", by_get(archive.as_bytes()).as_bytes(), None).await;
    assert!(kinds(&found).contains("path"), "{}", told(&found));
    let overlay = simcore::entity::overlay::tree(&found.learned["clavus"]).unwrap();
    assert_eq!(overlay["routes"]["GET /api/external/graphql"]["path"], "/graphql");
}

/// The archive's queries as they are asked in an address.
fn by_get(archive: &[u8]) -> String {
    let mut archive: Value = serde_json::from_slice(archive).unwrap();
    let entries = archive["log"]["entries"].as_array_mut().unwrap();
    entries.retain_mut(|entry| {
        let request = entry["request"].as_object_mut().unwrap();
        let body = request.remove("postData").and_then(|body| body["text"].as_str().map(str::to_owned));
        let body: Value = body.and_then(|body| serde_json::from_str(&body).ok()).unwrap_or_default();
        let Some(query) = body["query"].as_str().filter(|query| !query.starts_with("mutation")) else {
            return false;
        };
        let mut url = reqwest::Url::parse(request["url"].as_str().unwrap()).unwrap();
        url.query_pairs_mut().append_pair("query", query);
        request["url"] = url.as_str().into();
        request["method"] = "GET".into();
        request["queryString"] = json!([{ "name": "query", "value": query }]);
        true
    });
    archive.to_string()
}

/// Headers are no part of a profile: what a recording has and ours lacks is a text for an issue, without its value.
#[tokio::test(flavor = "multi_thread")]
async fn a_header_that_ours_lacks_is_a_text_for_an_issue() {
    let archive = recorded("onlineerp", None).await;
    for (name, value) in [("Link", "</api/CANARY-9>; rel=\"next\""), ("X-Rate-Limit-Limit", "60")] {
        let mut archive: Value = serde_json::from_slice(&archive).unwrap();
        let entries = archive["log"]["entries"].as_array_mut().unwrap();
        let is_list =
            |entry: &&mut Value| entry["request"]["url"].as_str().unwrap().ends_with("/Entity/Product");
        let answer = &mut entries.iter_mut().find(is_list).expect("the list")["response"];
        set_header(answer, name, value);
        let found = compared("onlineerp", archive.to_string().as_bytes(), None).await;
        assert_eq!(found.items.len(), 1, "{}", told(&found));
        assert!(!found.items[0].is_learnable() && found.learned.is_empty(), "{}", told(&found));
        let issues: Vec<String> = found.rest.iter().map(|item| item.issue("1")).collect();
        let [issue] = &issues[..] else { panic!("{issues:?}") };
        let name = name.to_lowercase();
        assert!(issue.to_lowercase().contains(&name) && issue.contains("GET /api/Entity/Product"), "{issue}");
        assert!(!issue.contains("CANARY"), "{issue}");
    }
}

/// Refusals that share a status and a code are told apart by what is wrong.
#[tokio::test(flavor = "multi_thread")]
async fn two_refusals_of_one_code_are_learned_apart() {
    let errors = json!({
        "COLUMN_UNKNOWN": { "message": "Nobody has the column {column}" },
        "PAGE_NOT_POSITIVE": { "message": "Pages begin at one" },
    });
    let archive = recorded("clavus", Some(&json!({ "errors": errors }))).await;
    let found = compared("clavus", &archive, None).await;
    assert_eq!(kinds(&found).into_iter().collect::<Vec<_>>(), ["error"], "{}", told(&found));
    assert_eq!(found.items.len(), 2, "{}", told(&found));
    let overlay = simcore::entity::overlay::tree(&found.learned["clavus"]).unwrap();
    for (name, error) in errors.as_object().unwrap() {
        assert_eq!(overlay["errors"][name]["message"], error["message"], "{overlay}");
    }
    assert_eq!(overlay["errors"].as_object().map(serde_json::Map::len), Some(2), "{overlay}");
    assert_eq!(told(&compared("clavus", &archive, Some(&overlay)).await), "");
}
