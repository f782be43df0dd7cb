//! Every switch of the simulator, and profiles that users correct.

use std::io::Write as _;

use erpsatz::Config;
use reqwest::Method;
use serde_json::json;

use super::{call, get, post, put};
use crate::support::App;

async fn with(settings: &str) -> App {
    App::scenario(&format!("servers: {{ onlineerp: {{ settings: {settings} }} }}")).await
}

#[tokio::test(flavor = "multi_thread")]
async fn deletion_can_be_enabled() {
    let app = with("{ delete_enabled: [Product] }").await;
    let allowed = call(&app, "0", Method::DELETE, "Product/BOLT-M8", None).await;
    assert_eq!((allowed.status.as_u16(), allowed.body.as_str()), (204, ""));
    assert_eq!(get(&app, "Product/BOLT-M8").await.status, 404);
    assert_eq!(call(&app, "0", Method::DELETE, "Product/BOLT-M8", None).await.status, 404);
    assert_eq!(
        call(&app, "0", Method::DELETE, "Product/", Some(json!({ "NoProduit": "RONDELLE" }))).await.status,
        204
    );
    assert_eq!(call(&app, "0", Method::DELETE, "Product/", None).await.status, 400);
    assert_eq!(call(&app, "0", Method::DELETE, "Customer/C0187", None).await.status, 405);
}

#[tokio::test(flavor = "multi_thread")]
async fn statuses_and_shapes_can_be_corrected() {
    let app = with("{ unsupported_verb_status: 501, unknown_company_status: 403, refused_status: 400, locked_status: 409, list_wrapper: value, top_cap: 3, error_template: { error: { text: '{message}', code: '{status}' } } }").await;
    assert_eq!(call(&app, "0", Method::DELETE, "Product", None).await.status, 501);
    assert_eq!(call(&app, "9", Method::GET, "Product", None).await.status, 403);
    assert_eq!(
        post(&app, "ProductTrail", json!({ "NoProduit": "NOTHING", "Quantitee": 1 })).await.status,
        400
    );
    app.act("onlineerp", "lock-record", json!({ "entity": "Product", "id": "BOLT-M8" })).await;
    let locked = put(&app, "Product/BOLT-M8", json!({ "Description": "x" })).await;
    assert_eq!(locked.status, 409);
    assert_eq!(locked.json()["error"]["code"], "409");
    assert_eq!(get(&app, "Product").await.json()["value"].as_array().map(Vec::len), Some(3));
    assert_eq!(get(&app, "Product?$top=2").await.json()["value"].as_array().map(Vec::len), Some(2));
}

#[tokio::test(flavor = "multi_thread")]
async fn references_and_effects_can_be_switched_off() {
    let app = with("{ check_references: false, post_effects: false }").await;
    let invoice = json!({ "InfoClientFacturerA": { "NoClient": "NOBODY" },
        "LigneFacture": [{ "strNoProduit": "BOLT-M8", "QteFacture": 2 }, { "strNoProduit": "NOTHING", "PrixFinal": 2 }] });
    let created = post(&app, "CustomerInvoice", invoice).await;
    assert_eq!(created.status, 201, "{}", created.body);
    assert_eq!(get(&app, "Product/BOLT-M8").await.json()["QteEnMain"].to_string(), "240");
}

#[tokio::test(flavor = "multi_thread")]
async fn strict_refuses_what_is_not_documented() {
    let setting = with("{ filter_mode: strict }").await;
    let mode = App::scenario("strict: true").await;
    for app in [&setting, &mode] {
        for (filter, status) in [
            ("EstActif%20eq%20true%20and%20GroupeProduit.CodeGroupe%20eq%20'QUINC'", 200),
            ("PrixVente%20gt%201%20and%20PrixVente%20in%20(1,2)", 200),
            ("NoProduit%20ne%20'x'", 400),
            ("NoProduit%20eq%20'x'%20or%20NoProduit%20eq%20'y'", 400),
            ("not%20EstActif%20eq%20true", 400),
            ("Description%20eq%20null", 400),
            ("contains(NoProduit,'x')", 400),
        ] {
            assert_eq!(
                get(app, &format!("Product?$filter={filter}")).await.status.as_u16(),
                status,
                "{filter}"
            );
        }
    }
    let order = |app| call(app, "4", Method::GET, "WorkOrder?$orderby=Id", None);
    assert_eq!(order(&mode).await.status, 400);
    assert_eq!(order(&App::start().await).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn licences_share_nothing() {
    let app = with("{ licences: [ { code: A, secret: a, companies: { '0': acomba } }, { code: B, secret: b, companies: { '0': servex } } ] }").await;
    let get = |code: &'static str, entity: &'static str| {
        let request = app.request("onlineerp", Method::GET, &format!("/api/Entity/{entity}"));
        crate::support::send(request.basic_auth(code, Some(code.to_lowercase())))
    };
    assert!(get("A", "Product").await.json().as_array().is_some_and(|products| !products.is_empty()));
    assert_eq!(get("B", "Product").await.status, 405);
    assert_eq!(get("B", "Customer").await.body, "[]");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_profile_adds_entities_and_corrects_fields() {
    let mut profile = tempfile::NamedTempFile::new().unwrap();
    write!(
        profile,
        "entities:
  Employee:
    about: Employés
    evidence: client
    keys: [NoUniqueSystemeSource, NoEmploye]
    unique: [[NoUniqueSystemeSource], [NoEmploye]]
    access: {{ acomba: [GET, POST, PUT] }}
    fields:
      NoUniqueSystemeSource: {{ kind: text, write: never, evidence: client }}
      NoEmploye: {{ kind: text, required: true, write: create, evidence: client }}
      Nom: {{ kind: text, max_length: 5, evidence: client }}
  Product:
    access: {{ sage50: [GET] }}
    fields:
      PrixVente: {{ required: true }}
      Poids: {{ kind: decimal, evidence: client }}
settings:
  filter_mode: {{ default: strict }}
"
    )
    .unwrap();
    let profiles = [("onlineerp".to_owned(), profile.path().to_owned())].into_iter().collect();
    let app = App::with(Config { profiles, ..Config::default() }).await;
    let created = post(&app, "Employee", json!({ "NoEmploye": "E1", "Nom": "Roy" })).await;
    assert_eq!(created.status, 201, "{}", created.body);
    assert_eq!(post(&app, "Employee", json!({ "NoEmploye": "E2", "Nom": "Tremblay" })).await.status, 400);
    assert_eq!(post(&app, "Employee", json!({ "NoEmploye": "E1" })).await.status, 409);
    assert_eq!(get(&app, "Employee/E1").await.json()["Nom"], "Roy");
    assert_eq!(post(&app, "Product", json!({ "NoProduit": "P", "Description": "x" })).await.status, 400);
    assert!(get(&app, "Product/BOLT-M8").await.json()["Poids"].is_null());
    assert_eq!(call(&app, "3", Method::GET, "Product", None).await.status, 200);
    assert_eq!(get(&app, "Product?$filter=NoProduit%20ne%20'x'").await.status, 400);
}

#[tokio::test(flavor = "multi_thread")]
async fn taxes_and_the_zone_of_dates_are_settings() {
    let scenario = "clock: { start: 2026-03-02T03:00:00Z, frozen: true }\nservers: { onlineerp: { settings: \
        { gst_percent: 10, qst_percent: 20, time_zone: Europe/Paris } } }";
    let app = App::scenario(scenario).await;
    let invoice = json!({ "InfoClientFacturerA": { "NoClient": "C0101" },
        "LigneFacture": [{ "DescriptionLigne": "Pose", "QteFacture": 2, "PrixFinal": 50 }] });
    let made = post(&app, "CustomerInvoice", invoice).await.json();
    assert_eq!(made["MontantTaxes"].to_string().parse::<f64>(), Ok(30.0), "{made}");
    assert_eq!(made["DateFacture"], "2026-03-02", "in Paris it is the next day already");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_customer_is_changed_and_one_supplier_read_by_key() {
    let app = App::start().await;
    let changed = put(&app, "Customer/2001", json!({ "Ville": "Rimouski" })).await;
    assert_eq!((changed.status.as_u16(), &changed.json()["Ville"]), (200, &json!("Rimouski")));
    assert_eq!(get(&app, "Supplier/3001").await.json()["NoFournisseur"], "F-105");
}
