//! Fields that a profile takes away: nobody sees them, the contract does not know them, and the server goes on working.

use super::{Client, Method, corrected, get, json, send};
use crate::support::samples;

/// The fields of each entity of a server that a profile may take away.
fn removable(slug: &str) -> Vec<(String, Vec<String>)> {
    let sim = erpsatz::registry::find(slug).unwrap();
    let loaded = simcore::Loaded::new(sim, None).unwrap();
    let profile = &loaded.model.profile;
    let of_all = profile.common.as_ref().map(|common| common.fields.len()).unwrap_or_default();
    let entities = profile.entities.iter().map(|(name, entity)| {
        let is_kept = |field: &&String| {
            entity.keys.contains(*field) || entity.unique.iter().any(|unique| unique.contains(*field))
        };
        // What all entities have comes first.
        let of_all = if entity.back_office { 0 } else { of_all };
        let own = entity.fields.keys().skip(of_all).filter(|field| !is_kept(field));
        (name.clone(), own.cloned().collect())
    });
    entities.collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_entity_works_without_its_fields() {
    for sample in samples::ALL {
        let taken: serde_json::Map<_, _> = removable(sample.slug)
            .into_iter()
            .map(|(entity, fields)| {
                let gone: serde_json::Map<_, _> =
                    fields.into_iter().map(|field| (field, json!(null))).collect();
                (entity, json!({ "fields": gone }))
            })
            .collect();
        let app = corrected(sample.slug, &json!({ "entities": taken }).to_string()).await;
        let client = Client::of(&app, sample.slug).await;
        for (method, path, body) in sample.calls {
            let answer = send(client.request(method.clone(), path, (*body).to_owned())).await;
            assert!(answer.status.as_u16() < 500, "{} {method} {path}: {}", sample.slug, answer.body);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_field_that_is_gone_is_nowhere_and_still_counts_inside() {
    let text = "entities: { prospect: { fields: { supprime: null, pecTel: null } } }";
    let app = corrected("8sens", text).await;
    let client = Client::of(&app, "8sens").await;
    let listed = get(&client, "/v1/prospect").await;
    assert_eq!(listed.status, 200, "{}", listed.body);
    assert!(listed.json()["total"].as_u64().unwrap() > 0, "{}", listed.body);
    assert!(!listed.body.contains("supprime") && !listed.body.contains("pecTel"), "{}", listed.body);
    let (_, contract) = Client::contract(&app, "8sens").await;
    assert!(!contract.contains("pecTel"), "in the contract");
    let body = json!({ "pecType": "SOCIETE", "pecRaisonSociale": "Forges" }).to_string();
    let made = send(client.request(Method::POST, "/v1/prospect", body)).await;
    assert_eq!(made.status, 201, "{}", made.body);
    let id = made.json()["pecID"].clone();
    let read = get(&client, &format!("/v1/prospect/{id}")).await;
    assert_eq!(read.status, 200, "what has no value says what it usually says: {}", read.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_without_a_code_has_no_member_for_it() {
    let app = corrected("comarch-xt", "errors: { INVALID_CLIENT: { code: null } }").await;
    let client = Client::of(&app, "comarch-xt").await;
    let form = client.bare(Method::POST, "/api2/public/token").body("grant_type=client_credentials");
    let refused = send(form.header("content-type", "application/x-www-form-urlencoded")).await;
    let body = refused.json();
    assert!(body.get("Code").is_none() && body.get("error").is_none(), "{body}");
    let template = "settings: { error_template: { default: { code: '{code}', text: '{message}' } } }";
    let app = corrected("onlineerp", template).await;
    let body = get(&Client::of(&app, "onlineerp").await, "/api/Entity/Product/NIX").await.json();
    assert!(body.get("code").is_none() && body["text"].is_string(), "{body}");
}

#[tokio::test(flavor = "multi_thread")]
async fn where_the_api_begins_and_the_first_call_follow_the_profile() {
    for (slug, routes, base, call) in [
        ("clavus", "{ '/api/external/graphql': /graphql }", "/graphql", "{url}/graphql -d"),
        ("8sens", "{ '/v1/login/user': /v1/session }", "/v1", "{url}/v1/session"),
        ("comarch-xt", "{ '/api2/public/token': /oauth/token }", "/api2/public", "{url}/oauth/token"),
        (
            "onlineerp",
            "{ '/api/Entity/Product': /erp/produits }",
            "/api/Entity/{Entity}",
            "{url}/erp/produits?",
        ),
    ] {
        let app = corrected(slug, &format!("routes: {routes}")).await;
        let servers = send(app.control(Method::GET, "/servers")).await.json();
        let items = servers["items"].as_array().unwrap();
        let server = items.iter().find(|item| item["slug"] == slug).unwrap();
        assert_eq!(server["base_path"], base);
        assert!(server["first_call"].as_str().unwrap().contains(call), "{}", server["first_call"]);
        if slug == "8sens" || slug == "comarch-xt" {
            let postman = format!("/servers/{slug}/contract?format=postman");
            let collection = send(app.control(Method::GET, &postman)).await.body;
            let path = call.trim_start_matches("{url}");
            assert!(collection.contains(path), "{slug}: the collection signs in elsewhere");
        }
    }
}
