//! The whole support matrix: every verb on every entity on every ERP (fact sheet 4).

use reqwest::Method;
use serde_json::{Value, json};

use super::call;
use crate::support::App;

const ERPS: [&str; 6] = ["Acomba", "QuickBooks Online", "Avantage", "Sage 50", "Servex", "Servicentre"];

/// The cells of the sheet, as it writes them.
const MATRIX: [(&str, [&str; 6]); 9] = [
    ("Product", ["GET POST PUT", "GET", "", "", "", ""]),
    ("ProductTrail", ["POST", "", "", "", "", ""]),
    ("CustomerInvoice", ["GET POST", "GET POST", "GET", "", "", ""]),
    ("SupplierInvoice", ["GET POST", "GET POST", "GET POST", "GET POST", "", ""]),
    ("SupplierOrder", ["GET POST", "", "GET", "", "", ""]),
    ("GLJournalEntry", ["POST", "", "GET", "GET POST", "", ""]),
    ("WorkOrder", ["", "", "", "", "GET POST", "GET"]),
    ("Customer", ["GET POST PUT", "GET POST", "GET", "GET", "GET", "GET"]),
    ("Supplier", ["GET", "", "", "", "", ""]),
];

/// A body that the entity accepts.
fn body(entity: &str) -> Value {
    match entity {
        "Product" => json!({ "NoProduit": "MATRICE", "Description": "x" }),
        "ProductTrail" => json!({ "NoProduit": "BOLT-M8", "Quantitee": 1 }),
        "CustomerInvoice" => json!({ "InfoClientFacturerA": { "NoClient": "C0187" },
            "LigneFacture": [{ "strNoProduit": "BOLT-M8", "QteFacture": 1 }] }),
        "SupplierInvoice" => {
            json!({ "NoFournisseur": "F-220", "NoFacture": "MATRICE", "DateFacture": "2026-01-20",
            "LigneFacture": [{ "NoCompteGL": "5100", "PrixFinal": 1 }] })
        }
        "SupplierOrder" => json!({ "NoFournisseur": "F-220",
            "LigneCommande": [{ "strNoProduit": "TOLE-4X8", "QteCommande": 1 }] }),
        "GLJournalEntry" => json!({ "DateEcriture": "2026-01-31", "Description": "x", "LigneEcriture": [
            { "NoCompteGL": "6150", "Montant": 1, "Direction": "DEBIT" },
            { "NoCompteGL": "1590", "Montant": 1, "Direction": "CREDIT" }] }),
        "WorkOrder" => json!({ "CustomerNumber": "C0187", "Description": "x" }),
        _ => json!({ "NoClient": "MATRICE", "NomClient": "x" }),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_cell_of_the_matrix() {
    let app = App::start().await;
    for (entity, cells) in MATRIX {
        for (company, cell) in cells.iter().enumerate() {
            let supported: Vec<&str> = cell.split_whitespace().collect();
            for verb in ["GET", "POST", "PUT", "DELETE"] {
                let method: Method = verb.parse().unwrap();
                let content = (verb != "GET" && verb != "DELETE").then(|| body(entity));
                let answer = call(&app, &company.to_string(), method, entity, content).await;
                let what = format!("{verb} {entity} on {}: {}", ERPS[company], answer.body);
                if supported.contains(&verb) {
                    assert_eq!(answer.status.as_u16(), if verb == "POST" { 201 } else { 200 }, "{what}");
                } else {
                    assert_eq!(answer.status, 405, "{what}");
                    assert_eq!(answer.header("allow"), supported.join(", "), "{what}");
                    let message = answer.json()["Message"].as_str().unwrap_or_default().to_owned();
                    assert!(message.contains(entity) && message.contains(ERPS[company]), "{what}");
                }
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn single_records_where_they_are_documented() {
    let app = App::start().await;
    for (entity, company, id) in [
        ("Product", "0", "BOLT-M8"),
        ("CustomerInvoice", "0", "10001"),
        ("SupplierInvoice", "0", "7001"),
        ("SupplierOrder", "0", "20001"),
        ("GLJournalEntry", "3", "30001"),
        ("Customer", "5", "C0187"),
    ] {
        let found = call(&app, company, Method::GET, &format!("{entity}/{id}"), None).await;
        assert_eq!(found.status, 200, "{entity}: {}", found.body);
        let missing = call(&app, company, Method::GET, &format!("{entity}/nothing"), None).await;
        assert_eq!(missing.status, 404, "{entity}");
        let posted = call(&app, company, Method::POST, &format!("{entity}/{id}"), Some(json!({}))).await;
        assert_eq!(posted.status, 405, "{entity}");
    }
    for (entity, company, id) in [("WorkOrder", "4", "5101"), ("ProductTrail", "0", "1")] {
        let answer = call(&app, company, Method::GET, &format!("{entity}/{id}"), None).await;
        assert_eq!(answer.status, 404, "{entity} documents no single record");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_issued_invoice_can_never_be_changed() {
    let app = App::start().await;
    for company in ["0", "1", "2"] {
        for path in ["CustomerInvoice", "CustomerInvoice/10001"] {
            let answer = call(&app, company, Method::PUT, path, Some(json!({ "NoFacture": "10001" }))).await;
            assert_eq!(answer.status, 405, "{company} {path}");
        }
    }
}
