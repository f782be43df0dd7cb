//! What is due, by age: it follows from documents and the clock.

use std::collections::HashMap;

use reqwest::Method;
use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::{get, post};
use crate::support::App;

const FROZEN: &str = "name: x\nclock: { start: 2026-03-02T15:00:00Z, frozen: true }\n";

fn amount(value: &Value) -> Decimal {
    value.to_string().parse().unwrap_or_default()
}

async fn cycles(app: &App, client: &str) -> Vec<Decimal> {
    let customer = get(app, &format!("Customer/{client}")).await.json();
    customer["InfoAgeDesComptes"].as_object().expect("cycles").values().map(amount).collect()
}

async fn invoice(app: &App, kind: &str, date: &str) -> Value {
    let body = json!({ "TypeDoc": kind, "DateFacture": date, "InfoClientFacturerA": { "NoClient": "C0187" },
        "LigneFacture": [{ "DescriptionLigne": "Divers", "QteFacture": 1, "PrixFinal": 100 }] });
    let created = post(app, "CustomerInvoice", body).await;
    assert_eq!(created.status, 201, "{}", created.body);
    created.json()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_clock_moves_a_balance_through_the_five_cycles() {
    let app = App::scenario(FROZEN).await;
    let start = cycles(&app, "C0187").await;
    let made = invoice(&app, "FACTURES", "2026-02-25").await;
    assert_eq!(amount(&made["Solde"]).to_string(), "114.98");
    let due = amount(&made["Solde"]);
    let total: Decimal = start.iter().sum::<Decimal>() + due;
    let now = cycles(&app, "C0187").await;
    assert_eq!((now[0], now[1..].to_vec()), (start[0] + due, start[1..].to_vec()));
    // Day 30 after 25 February is still the first cycle.
    for (days, cycle) in [(25, 0), (1, 1), (29, 1), (1, 2), (30, 3), (30, 4), (400, 4)] {
        app.advance(&format!("P{days}D")).await;
        let now = cycles(&app, "C0187").await;
        assert_eq!(now.iter().sum::<Decimal>(), total, "nothing comes or goes");
        assert!(now[cycle] >= due, "after {days} days more: {now:?}");
        assert!(now[..cycle].iter().all(Decimal::is_zero) || cycle == 0, "{now:?}");
    }
    let filter = "Customer?$filter=InfoAgeDesComptes.MontantDu_Cycle5 gt 100 and NoClient eq 'C0187'";
    assert_eq!(
        get(&app, filter).await.json().as_array().map(Vec::len),
        Some(1),
        "filters see today's cycles"
    );
}

/// The control API and expectations show what the vendor's API would, also when nobody has asked that since.
#[tokio::test(flavor = "multi_thread")]
async fn the_control_api_shows_the_cycles_of_today() {
    let app = App::scenario(FROZEN).await;
    let made = invoice(&app, "FACTURES", "2026-02-25").await;
    let due = amount(&made["Solde"]);
    let before = cycles(&app, "C0187").await;
    let clock = app.control(Method::PATCH, "/sandboxes/default/clock").json(&json!({ "advance": "P28D" }));
    assert_eq!(crate::support::send(clock).await.status, 200);
    let expected = json!({ "record": { "server": "onlineerp", "entity": "Customer", "where": { "NoClient": "C0187",
        "InfoAgeDesComptes.MontantDu_Cycle1_Courant": simcore::base::decimal::to_json(before[0] - due) }, "times": { "exactly": 1 } } });
    let verify = app.control(Method::POST, "/sandboxes/default/verify").json(&expected);
    let met = crate::support::send(verify).await.json();
    assert_eq!(met["met"], true, "{met}");
    let clock = app.control(Method::PATCH, "/sandboxes/default/clock").json(&json!({ "advance": "P28D" }));
    assert_eq!(crate::support::send(clock).await.status, 200);
    let customers = app.records("onlineerp", "Customer").await;
    let shown = customers.iter().find(|customer| customer["NoClient"] == "C0187").expect("it is there");
    let shown: Vec<Decimal> =
        shown["InfoAgeDesComptes"].as_object().expect("cycles").values().map(amount).collect();
    assert_eq!(shown, cycles(&app, "C0187").await);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_customer_owes_what_its_invoices_say() {
    let app = App::scenario(&format!(
        "{FROZEN}servers: {{ onlineerp: {{ generate: {{ Customer: 20, CustomerInvoice: 60 }} }} }}"
    ))
    .await;
    let mut due: HashMap<String, Decimal> = HashMap::new();
    for invoice in get(&app, "CustomerInvoice").await.json().as_array().unwrap() {
        if invoice["TypeDoc"] == "FACTURES" {
            let client = invoice["InfoClientFacturerA"]["NoClient"].as_str().unwrap().to_owned();
            *due.entry(client).or_default() += amount(&invoice["Solde"]);
        } else {
            assert_eq!(invoice["Solde"], Value::Null, "{invoice}");
        }
    }
    for customer in get(&app, "Customer").await.json().as_array().unwrap() {
        let client = customer["NoClient"].as_str().unwrap();
        let cycles = customer["InfoAgeDesComptes"].as_object().unwrap().values();
        assert_eq!(
            cycles.map(amount).sum::<Decimal>(),
            due.get(client).copied().unwrap_or_default(),
            "{client}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn quotes_and_orders_owe_nothing_and_have_numbers_of_their_own() {
    let app = App::scenario(FROZEN).await;
    let before = cycles(&app, "C0187").await;
    for (kind, from) in
        [("COMMANDES", 60_000), ("SOUMISSIONS", 70_000), ("ACHATS", 80_000), ("FACTURES", 10_000)]
    {
        let (first, second) =
            (invoice(&app, kind, "2026-03-02").await, invoice(&app, kind, "2026-03-02").await);
        let number = |made: &Value| made["NoFacture"].as_str().unwrap().parse::<i64>().unwrap();
        assert_eq!(number(&second), number(&first) + 1, "{kind}");
        assert!((from + 1..from + 10_000).contains(&number(&first)), "{kind}: {first}");
        assert_eq!(first["Solde"].is_null(), kind != "FACTURES", "{first}");
        if kind != "FACTURES" {
            assert_eq!(cycles(&app, "C0187").await, before, "{kind}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_days_of_the_cycles_and_what_suppliers_do_are_settings() {
    let app = App::scenario(&format!(
        "{FROZEN}servers: {{ onlineerp: {{ settings: {{ ageing_days: [1, 2, 3, 4], supplier_effects: false }} }} }}"
    ))
    .await;
    let before = cycles(&app, "C0187").await;
    invoice(&app, "FACTURES", "2026-02-27").await;
    let after = cycles(&app, "C0187").await;
    assert_eq!(after[2] - before[2], "114.98".parse().unwrap(), "three days");
    let stock = amount(&get(&app, "Product/TOLE-4X8").await.json()["QteEnMain"]);
    let bought = json!({ "NoFournisseur": "F-220", "NoFacture": "S-1", "DateFacture": "2026-03-02",
        "LigneFacture": [{ "strNoProduit": "TOLE-4X8", "QteFacture": 4, "PrixFinal": 10 }] });
    let made = post(&app, "SupplierInvoice", bought.clone()).await.json();
    assert_eq!(
        (made["MontantTaxes"].to_string(), made["MontantTotal"].to_string()),
        ("0.00".into(), "40.00".into())
    );
    assert_eq!(amount(&get(&app, "Product/TOLE-4X8").await.json()["QteEnMain"]), stock);

    app.load("default", FROZEN).await;
    let made = super::call(&app, "0", Method::POST, "SupplierInvoice", Some(bought)).await.json();
    assert_eq!(made["MontantTotal"].to_string(), "45.99");
    assert_eq!(amount(&get(&app, "Product/TOLE-4X8").await.json()["QteEnMain"]), stock + Decimal::from(4));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_inactive_or_of_no_group_is_refused_unless_a_setting_says_otherwise() {
    let records = "records: { Customer: [ { NoClient: FINI, NomClient: Fermé, EstActif: false } ], \
                   Product: [ { NoProduit: FINI, Description: Fini, EstActif: false } ] }";
    let scenario = |settings: &str| format!("{FROZEN}servers: {{ onlineerp: {{ {settings}{records} }} }}");
    let line = |number: &str| json!([{ "strNoProduit": number, "QteFacture": 1, "PrixFinal": 1 }]);
    let bodies = [
        (
            "CustomerInvoice",
            json!({ "InfoClientFacturerA": { "NoClient": "FINI" }, "LigneFacture": line("BOLT-M12") }),
        ),
        (
            "CustomerInvoice",
            json!({ "InfoClientFacturerA": { "NoClient": "C0187" }, "LigneFacture": line("FINI") }),
        ),
        (
            "CustomerInvoice",
            json!({ "InfoClientFacturerA": { "NoClient": "C0187" }, "LigneFacture": [{ "strNoGroupeProduit": "NUL" }] }),
        ),
        (
            "SupplierInvoice",
            json!({ "NoFournisseur": "F-220", "NoFacture": "X", "DateFacture": "2026-03-02", "LigneFacture": line("FINI") }),
        ),
        (
            "SupplierOrder",
            json!({ "NoFournisseur": "F-220", "LigneCommande": [{ "strNoProduit": "FINI", "QteCommande": 1 }] }),
        ),
        (
            "Product",
            json!({ "NoProduit": "NEW", "Description": "Neuf", "GroupeProduit": { "CodeGroupe": "NUL" } }),
        ),
    ];
    let app = App::scenario(&scenario("")).await;
    for (entity, body) in &bodies {
        let refused = post(&app, entity, body.clone()).await;
        assert_eq!(refused.status, 422, "{entity} {body}: {}", refused.body);
    }
    let changed = json!({ "GroupeProduit": { "CodeGroupe": "NUL" } });
    assert_eq!(super::put(&app, "Product/BOLT-M12", changed).await.status, 422);
    app.load("default", &scenario("settings: { check_references: false }, ")).await;
    for (entity, body) in &bodies {
        let taken = post(&app, entity, body.clone()).await;
        assert_eq!(taken.status, 201, "{entity} {body}: {}", taken.body);
    }
}
