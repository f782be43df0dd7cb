//! Documents: lines that the ERP fills in, taxes, ageing, balanced entries (fact sheet 6).

use reqwest::Method;
use serde_json::{Value, json};

use super::{call, get, post};
use crate::support::{App, send};

const SHEET_SAMPLE: &str = r#"{ "Facture": { "TypeDoc": "FACTURES", "Référence": "WEB-2207", // référence du client
    "Description": "Commande boutique", /* libre */ "DateFacture": "2026-02-03",
    "InfoClientFacturerA": { "NoClient": "C0187" },
    "LigneFacture": [ { "strNoProduit": "BOLT-M8", "QteFacture": 12 },
                      { "DescriptionLigne": "Livraison au quai 2" }, { "DescriptionLigne": "" },
                      { "strNoProduit": "RONDELLE", "DescriptionLigne": "Rondelles, lot 7", "QteFacture": 3, "PrixFinal": 0.40 } ] },
    "ListeModePaiements": [ { "ModePaiement": "3", "date_DatePaiement": "2026-02-03", "dbl_MontantPaiement": 10 } ] }"#;

async fn number(app: &App, path: &str, field: &str) -> rust_decimal::Decimal {
    let record = get(app, path).await.json();
    let value = field.split('.').fold(&record, |value, name| &value[name]);
    value.to_string().parse().unwrap_or_else(|_| panic!("{path} {field}: {value}"))
}

fn decimal(text: &str) -> rust_decimal::Decimal {
    text.parse().unwrap()
}

/// The sample of the sheet, with the comments that clients paste: wrapped, with payments beside the document.
#[tokio::test(flavor = "multi_thread")]
async fn the_sample_invoice_is_completed_and_posted() {
    let app = App::scenario("name: x\nclock: { start: 2026-02-10T12:00:00Z, frozen: true }").await;
    let ageing = "InfoAgeDesComptes.MontantDu_Cycle1_Courant";
    let (due, bolts) =
        (number(&app, "Customer/C0187", ageing).await, number(&app, "Product/BOLT-M8", "QteEnMain").await);
    let request = app.request("onlineerp", Method::POST, "/api/Entity/CustomerInvoice");
    let request =
        request.basic_auth("DEMO-LICENCE", Some("demo-secret")).header("content-type", "application/json");
    let created = send(request.body(SHEET_SAMPLE)).await;
    assert_eq!(created.status, 201, "{}", created.body);
    assert!(created.body.contains("\"Référence\":\"WEB-2207\""), "accents are not escaped");
    let invoice = created.json();
    assert!(invoice.get("Facture").is_none(), "the answer is bare");
    assert_eq!(
        invoice["InfoClientFacturerA"],
        json!({ "NoClient": "C0187", "NomClient": "Atelier du Fjord inc." })
    );
    let lines = invoice["LigneFacture"].as_array().expect("lines");
    assert_eq!(lines[0]["PrixFinal"], json!(1.35));
    assert!(lines[0]["DescriptionLigne"].as_str().is_some_and(|text| text.contains("M8")), "{}", lines[0]);
    assert_eq!(lines[1], json!({ "DescriptionLigne": "Livraison au quai 2" }), "a comment stays a comment");
    assert_eq!(lines[3]["DescriptionLigne"], "Rondelles, lot 7");
    // 12 × 1.35 + 3 × 0.40 = 17.40; GST 0.87, QST 1.73565 → 1.74
    for (field, amount) in [
        ("MontantSousTotal", "17.40"),
        ("MontantTaxes", "2.61"),
        ("MontantTotal", "20.01"),
        ("Solde", "10.01"),
    ] {
        assert_eq!(invoice[field].to_string(), amount, "{field}");
    }
    assert_eq!(number(&app, "Customer/C0187", ageing).await, due + decimal("10.01"));
    assert_eq!(number(&app, "Product/BOLT-M8", "QteEnMain").await, bolts - decimal("12"));
    let next = post(
        &app,
        "CustomerInvoice",
        json!({ "InfoClientFacturerA": { "NoClient": "C0187" },
        "LigneFacture": [{ "strNoProduit": "BOLT-M8" }] }),
    )
    .await
    .json();
    let number = |invoice: &Value| invoice["NoFacture"].as_str().unwrap().parse::<u64>().unwrap();
    assert_eq!(number(&next), number(&invoice) + 1);
    assert_eq!(next["TypeDoc"], "FACTURES");
    assert_eq!(next["LigneFacture"][0]["QteFacture"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn orders_and_quotes_move_nothing_and_credits_bring_back() {
    let app = App::start().await;
    let stock = number(&app, "Product/BOLT-M8", "QteEnMain").await;
    for kind in ["COMMANDES", "SOUMISSIONS", "ACHATS"] {
        let document = json!({ "TypeDoc": kind, "InfoClientFacturerA": { "NoClient": "C0187" },
            "LigneFacture": [{ "strNoProduit": "BOLT-M8", "QteFacture": 5 }] });
        assert_eq!(post(&app, "CustomerInvoice", document).await.status, 201, "{kind}");
    }
    assert_eq!(number(&app, "Product/BOLT-M8", "QteEnMain").await, stock);
    let credit = post(
        &app,
        "CustomerInvoice",
        json!({ "InfoClientFacturerA": { "NoClient": "C0187" },
        "LigneFacture": [{ "strNoProduit": "BOLT-M8", "QteFacture": -5, "PrixFinal": 1.1 }] }),
    )
    .await
    .json();
    assert_eq!(
        credit["MontantTotal"].to_string(),
        "-6.33",
        "-5.50, GST -0.275 → -0.28, QST -0.548625 → -0.55"
    );
    assert_eq!(number(&app, "Product/BOLT-M8", "QteEnMain").await, stock + decimal("5"));
}

#[tokio::test(flavor = "multi_thread")]
async fn supplier_documents() {
    let app = App::start().await;
    let invoice = json!({ "NoFournisseur": "F-220", "NoFacture": "A-90417", "DateFacture": "2026-01-20",
        "LigneFacture": [ { "NoCompteGL": "5100", "DescriptionLigne": "Feuilles 4x8", "QteFacture": 10, "PrixFinal": 62.5 },
                          { "strNoProduit": "TOLE-4X8", "Montant": 12.345 }, { "DescriptionLigne": "merci" } ] });
    for company in ["0", "1", "2", "3"] {
        let created = call(&app, company, Method::POST, "SupplierInvoice", Some(invoice.clone())).await;
        assert_eq!(created.status, 201, "{company}: {}", created.body);
        // GST 31.87, QST 63.58.
        for (field, amount) in
            [("MontantSousTotal", "637.35"), ("MontantTaxes", "95.45"), ("MontantTotal", "732.80")]
        {
            assert_eq!(created.json()[field].to_string(), amount, "{company} {field}");
        }
    }
    let by_key = json!({ "NoFournisseur_NoUniqueSystemeSource": "3001", "NoFacture": "K-1", "DateFacture": "2026-01-20",
        "LigneFacture": [{ "NoCompteGL": "5100", "PrixFinal": 1 }] });
    assert_eq!(post(&app, "SupplierInvoice", by_key).await.json()["NoFournisseur"], "F-105");
    let order = post(
        &app,
        "SupplierOrder",
        json!({ "NoFournisseur": "F-220", "DateCommande": "2026-01-08",
        "LigneCommande": [{ "strNoProduit": "TOLE-4X8", "QteCommande": 20, "PrixCoutant": 58.9 }] }),
    )
    .await;
    assert_eq!(order.status, 201, "{}", order.body);
    assert!(order.json()["NoCommande"].is_string());
}

#[tokio::test(flavor = "multi_thread")]
async fn journal_entries_balance() {
    let app = App::start().await;
    let entry =
        |lines: Value| json!({ "DateEcriture": "2026-01-31", "Description": "x", "LigneEcriture": lines });
    let line = |amount: Value, direction: &str| json!({ "NoCompteGL": "6150", "Montant": amount, "Direction": direction });
    let count = app.records("onlineerp", "GLJournalEntry").await.len();
    for (lines, status) in [
        (json!([line(json!(410.00), "DEBIT"), line(json!(410.00), "CREDIT")]), 201),
        (json!([line(json!(0.1), "DEBIT"), line(json!(0.2), "DEBIT"), line(json!(0.3), "CREDIT")]), 201),
        (json!([line(json!(410.00), "DEBIT"), line(json!(409.99), "CREDIT")]), 400),
        (json!([line(json!(1), "DEBIT")]), 400),
        (json!([]), 400),
        (json!([line(json!(0), "DEBIT"), line(json!(0), "CREDIT")]), 400),
        (json!([line(json!(-1), "DEBIT"), line(json!(-1), "CREDIT")]), 400),
        (json!([line(json!(1), "debit"), line(json!(1), "CREDIT")]), 400),
    ] {
        let answer = post(&app, "GLJournalEntry", entry(lines.clone())).await;
        assert_eq!(answer.status.as_u16(), status, "{lines}: {}", answer.body);
    }
    assert_eq!(app.records("onlineerp", "GLJournalEntry").await.len(), count + 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn work_orders_are_numbered() {
    let app = App::start().await;
    let created = call(
        &app,
        "4",
        Method::POST,
        "WorkOrder",
        Some(json!({ "CustomerNumber": "C0187", "Description": "x" })),
    )
    .await;
    assert_eq!(created.status, 201, "{}", created.body);
    assert_eq!(created.header("location"), "", "work orders have no URL of their own");
    let order = created.json();
    let id = order["Id"].as_u64().expect("a number");
    assert_eq!(order["WorkOrderNumber"], format!("BT-{id:06}"));
    assert_eq!(order["Status"], "Open");
    assert!(order["LastModifiedDate"].as_str().is_some_and(|at| at.len() == 19));
}
